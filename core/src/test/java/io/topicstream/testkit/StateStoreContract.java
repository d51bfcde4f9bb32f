package io.topicstream.testkit;

import static io.topicstream.state.StateStore.ABSENT;
import static io.topicstream.state.StateStore.ANY_VERSION;
import static io.topicstream.state.StateStore.NEVER;
import static io.topicstream.testkit.LogContractFixture.failureOf;
import static io.topicstream.testkit.LogContractFixture.get;
import static io.topicstream.testkit.LogContractFixture.together;
import static org.assertj.core.api.Assertions.assertThat;

import io.topicstream.log.LogUnavailableException;
import io.topicstream.state.StateRecord;
import io.topicstream.state.StateStore;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// What every [StateStore] promises, one sentence a test. An engine's own test extends this and says
/// how the engine is opened.
@Timeout(120)
public abstract class StateStoreContract extends StateNumberContract {
    // ---- one record

    @Test
    void aRecordThatWasNeverPutIsNull() {
        assertThat(read("p", "k")).isNull();
    }

    @Test
    void aRecordIsReadAsItWasPut() {
        long version = put("p", "k", "value", ABSENT);

        assertThat(version).isNotZero();
        assertThat(read("p", "k")).isEqualTo(new StateRecord("k", bytes("value"), version, NEVER));
    }

    @Test
    void aValueMayBeEmptyOrLarge() {
        byte[] large = new byte[256 * 1024];
        new java.util.Random(1).nextBytes(large);

        long empty = get(store().put("p", "empty", new byte[0], ABSENT, NEVER));
        long full = get(store().put("p", "large", large.clone(), ABSENT, NEVER));

        assertThat(read("p", "empty")).isEqualTo(new StateRecord("empty", new byte[0], empty, NEVER));
        assertThat(read("p", "large")).isEqualTo(new StateRecord("large", large, full, NEVER));
    }

    @Test
    void whoReadAValueOwnsIt() {
        put("p", "k", "value", ABSENT);

        java.util.Arrays.fill(read("p", "k").value(), (byte) 'x');
        java.util.Arrays.fill(
                get(store().scan("p", "", "", 10)).records().getFirst().value(), (byte) 'x');

        assertThat(text(read("p", "k"))).isEqualTo("value");
    }

    // ---- versions

    @Test
    void versionsRiseWithEachChange() {
        long first = put("p", "k", "1", ABSENT);
        long second = put("p", "k", "2", first);
        long third = put("p", "k", "2", ANY_VERSION);

        assertThat(first).isPositive();
        assertThat(second).isGreaterThan(first);
        assertThat(third).as("even where the value is the same").isGreaterThan(second);
        assertThat(read("p", "k").version()).isEqualTo(third);
    }

    @Test
    void aPutThatExpectsNothingFailsWhereARecordIs() {
        long version = put("p", "k", "1", ABSENT);

        assertThat(put("p", "k", "2", ABSENT)).isZero();

        assertThat(read("p", "k")).isEqualTo(new StateRecord("k", bytes("1"), version, NEVER));
    }

    @Test
    void aPutThatExpectsAnotherVersionChangesNothing() {
        long first = put("p", "k", "1", ABSENT);
        long second = put("p", "k", "2", first);

        assertThat(put("p", "k", "3", first)).isZero();
        assertThat(put("p", "k", "3", second + 1)).isZero();
        assertThat(put("p", "none", "3", second)).isZero();

        assertThat(text(read("p", "k"))).isEqualTo("2");
        assertThat(read("p", "none")).isNull();
    }

    @Test
    void aPutThatExpectsNothingInParticularAlwaysHolds() {
        assertThat(put("p", "k", "1", ANY_VERSION)).isNotZero();
        assertThat(put("p", "k", "2", ANY_VERSION)).isNotZero();

        assertThat(text(read("p", "k"))).isEqualTo("2");
    }

    @Test
    void aDeletedRecordIsGone() {
        long version = put("p", "k", "1", ABSENT);

        assertThat(delete("p", "k", version)).isTrue();

        assertThat(read("p", "k")).isNull();
        assertThat(get(store().scan("p", "", "", 10)).records()).isEmpty();
    }

    @Test
    void aDeleteThatDoesNotHoldChangesNothing() {
        long first = put("p", "k", "1", ABSENT);
        long second = put("p", "k", "2", first);

        assertThat(delete("p", "k", first)).isFalse();
        assertThat(delete("p", "k", second + 1)).isFalse();
        assertThat(delete("p", "none", ANY_VERSION)).isFalse();
        assertThat(delete("p", "none", second)).isFalse();

        assertThat(text(read("p", "k"))).isEqualTo("2");
        assertThat(delete("p", "k", ANY_VERSION)).isTrue();
        assertThat(delete("p", "k", ANY_VERSION)).isFalse();
    }

    @Test
    void aRecordThatIsMadeAgainGetsAVersionItNeverHad() {
        Set<Long> versions = new HashSet<>();
        for (int life = 0; life < 5; life++) {
            long made = put("p", "k", "1", ABSENT);
            long changed = put("p", "k", "2", made);
            assertThat(versions.add(made)).isTrue();
            assertThat(versions.add(changed)).isTrue();
            assertThat(delete("p", "k", changed)).isTrue();
        }
        put("p", "k", "now", ABSENT);

        for (long stale : versions) {
            assertThat(put("p", "k", "stale", stale)).isZero();
            assertThat(delete("p", "k", stale)).isFalse();
        }
        assertThat(text(read("p", "k"))).isEqualTo("now");
    }

    @Test
    void ofManyPutsWithOneVersionOneWins() throws Exception {
        long before = put("p", "k", "before", ABSENT);
        ConcurrentLinkedQueue<String> winners = new ConcurrentLinkedQueue<>();
        List<Callable<Void>> tasks = new ArrayList<>();
        for (int i = 0; i < 16; i++) {
            String mine = "writer-" + i;
            tasks.add(() -> {
                if (put("p", "k", mine, before) != 0) {
                    winners.add(mine);
                }
                return null;
            });
        }

        together(tasks);

        assertThat(winners).hasSize(1);
        assertThat(text(read("p", "k"))).isEqualTo(winners.peek());
    }

    @Test
    void ofManyPutsThatExpectNothingOneWins() throws Exception {
        ConcurrentLinkedQueue<Long> won = new ConcurrentLinkedQueue<>();
        List<Callable<Void>> tasks = new ArrayList<>();
        for (int i = 0; i < 16; i++) {
            tasks.add(() -> {
                long version = put("p", "k", "mine", ABSENT);
                if (version != 0) {
                    won.add(version);
                }
                return null;
            });
        }

        together(tasks);

        assertThat(won).containsExactly(read("p", "k").version());
    }

    @Test
    void countingWithVersionsLosesNothing() throws Exception {
        put("p", "count", "0", ABSENT);
        List<Callable<Void>> tasks = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            tasks.add(() -> {
                for (int done = 0; done < 25; ) {
                    StateRecord record = read("p", "count");
                    String more = Integer.toString(Integer.parseInt(text(record)) + 1);
                    if (put("p", "count", more, record.version()) != 0) {
                        done++;
                    }
                }
                return null;
            });
        }

        together(tasks);

        assertThat(text(read("p", "count"))).isEqualTo("100");
    }

    @Test
    void changesThatDoNotWaitForEachOtherHappenInTheirOrder() {
        var stages = new ArrayList<java.util.concurrent.CompletionStage<Long>>();
        for (int i = 0; i < 50; i++) {
            stages.add(store().put("p", "k", bytes(Integer.toString(i)), ANY_VERSION, NEVER));
        }
        List<Long> versions = stages.stream().map(LogContractFixture::get).toList();

        assertThat(versions).isSorted().doesNotHaveDuplicates();
        assertThat(text(read("p", "k"))).isEqualTo("49");
    }

    @Test
    void aReadAfterTheAnswerSeesTheChange() throws Exception {
        List<Callable<Void>> tasks = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            String key = "k-" + i;
            tasks.add(() -> {
                for (int n = 0; n < 50; n++) {
                    String value = Integer.toString(n);
                    long version = put("p", key, value, ANY_VERSION);
                    assertThat(read("p", key)).isEqualTo(new StateRecord(key, bytes(value), version, NEVER));
                    assertThat(get(store().scan("p", key, "", 10)).records())
                            .containsExactly(new StateRecord(key, bytes(value), version, NEVER));
                }
                return null;
            });
        }

        together(tasks);

        assertThat(keys("p", "", "", 10)).containsExactly("k-0", "k-1", "k-2", "k-3");
    }

    // ---- expiry

    @Test
    void anExpiredRecordIsNotShown() {
        long expiresAtMs = nowMs() + 1_000;
        long version = get(store().put("p", "k", bytes("1"), ABSENT, expiresAtMs));
        put("p", "stays", "2", ABSENT);

        engine.clock().advance(Duration.ofMillis(999));
        assertThat(read("p", "k")).isEqualTo(new StateRecord("k", bytes("1"), version, expiresAtMs));
        assertThat(keys("p", "", "", 10)).containsExactly("k", "stays");

        engine.clock().advance(Duration.ofMillis(2));
        assertThat(read("p", "k")).isNull();
        assertThat(keys("p", "", "", 10)).containsExactly("stays");
    }

    @Test
    void anExpiredRecordCountsAsAbsent() {
        long version = get(store().put("p", "k", bytes("1"), ABSENT, nowMs() + 1_000));
        engine.clock().advance(Duration.ofMillis(1_001));

        assertThat(put("p", "k", "stale", version)).isZero();
        assertThat(delete("p", "k", version)).isFalse();
        assertThat(delete("p", "k", ANY_VERSION)).isFalse();
        long again = put("p", "k", "2", ABSENT);

        assertThat(again).isGreaterThan(version);
        assertThat(put("p", "k", "stale", version)).isZero();
        assertThat(read("p", "k")).isEqualTo(new StateRecord("k", bytes("2"), again, NEVER));
    }

    @Test
    void anExpiredRecordIsNotCountedInAPage() {
        for (int i = 0; i < 30; i++) {
            long expiresAtMs = i % 3 == 0 ? NEVER : nowMs() + 1_000;
            get(store().put("p", "k-%02d".formatted(i), bytes("1"), ABSENT, expiresAtMs));
        }
        engine.clock().advance(Duration.ofMillis(1_001));

        assertThat(keys("p", "", "", 4)).containsExactly("k-00", "k-03", "k-06", "k-09");
        assertThat(keys("p", "", "k-09", 100)).containsExactly("k-12", "k-15", "k-18", "k-21", "k-24", "k-27");
    }

    @Test
    void aPutMovesTheExpiry() {
        long version = get(store().put("p", "lease", bytes("1"), ABSENT, nowMs() + 1_000));
        engine.clock().advance(Duration.ofMillis(900));
        long renewed = get(store().put("p", "lease", bytes("1"), version, nowMs() + 1_000));
        engine.clock().advance(Duration.ofMillis(900));

        assertThat(read("p", "lease").version()).isEqualTo(renewed);
        engine.clock().advance(Duration.ofMillis(200));
        assertThat(read("p", "lease")).isNull();
    }

    @Test
    void aRecordThatIsPutExpiredIsNotShown() {
        get(store().put("p", "k", bytes("1"), ANY_VERSION, nowMs() - 1));

        assertThat(read("p", "k")).isNull();
        assertThat(keys("p", "", "", 10)).isEmpty();
    }

    // ---- many at once

    @Test
    void manyScansAndChangesAtOnceAreAllAnswered() {
        List<CompletionStage<?>> stages = new ArrayList<>();
        for (int i = 0; i < 200; i++) {
            stages.add(store().put("p", "k" + i % 7, new byte[100_000], ANY_VERSION, NEVER));
            stages.add(store().scan("p", "", "", 100));
            stages.add(store().get("p", "k" + i % 7));
        }

        for (CompletionStage<?> stage : stages) {
            assertThat(stage.handle((answer, failure) -> failure == null
                            || failure.getCause() instanceof LogUnavailableException
                            || failure instanceof LogUnavailableException))
                    .succeedsWithin(Duration.ofSeconds(30))
                    .isEqualTo(true);
        }
    }

    // ---- the end, and the next life

    @Test
    void aStoreThatIsClosedSaysSo() throws Exception {
        put("p", "k", "1", ABSENT);
        StateStore closed = store();

        engine.shutDown();

        assertThat(failureOf(closed.get("p", "k"))).isInstanceOf(LogUnavailableException.class);
        assertThat(failureOf(closed.put("p", "k", bytes("2"), ANY_VERSION, NEVER)))
                .isInstanceOf(LogUnavailableException.class);
        assertThat(failureOf(closed.delete("p", "k", ANY_VERSION))).isInstanceOf(LogUnavailableException.class);
        assertThat(failureOf(closed.advance("p", "k", 1))).isInstanceOf(LogUnavailableException.class);
        assertThat(failureOf(closed.scan("p", "", "", 1))).isInstanceOf(LogUnavailableException.class);
    }

    @Test
    void anotherLifeKeepsAllOrNothing() throws Exception {
        long first = put("p", "k", "1", ABSENT);
        long second = put("p", "k", "2", first);
        put("p", "gone", "1", ABSENT);
        delete("p", "gone", ANY_VERSION);
        get(store().put("q", "lease", bytes("3"), ABSENT, nowMs() + 60_000));
        advance("p", "number", 7);

        engine.reopen();

        if (engine.survivesReopen()) {
            assertThat(read("p", "k")).isEqualTo(new StateRecord("k", bytes("2"), second, NEVER));
            assertThat(read("p", "gone")).isNull();
            assertThat(text(read("q", "lease"))).isEqualTo("3");
            assertThat(put("p", "k", "3", second)).isGreaterThan(second);
            assertThat(advance("p", "number", 6)).isEqualTo(7);
            assertThat(advance("p", "number", 8)).isEqualTo(8);
            assertThat(put("p", "gone", "2", ABSENT)).isNotZero();
            engine.clock().advance(Duration.ofMinutes(2));
            assertThat(read("q", "lease")).isNull();
        } else {
            assertThat(keys("p", "", "", 10)).isEmpty();
            assertThat(keys("q", "", "", 10)).isEmpty();
        }
    }

    @Test
    void aVersionIsNotUsedAgainInTheNextLife() throws Exception {
        long before = put("p", "k", "1", ABSENT);
        delete("p", "k", before);

        engine.reopen();
        long after = put("p", "k", "1", ABSENT);

        if (engine.survivesReopen()) {
            assertThat(after).isGreaterThan(before);
        } else {
            assertThat(after).isPositive();
        }
    }
}
