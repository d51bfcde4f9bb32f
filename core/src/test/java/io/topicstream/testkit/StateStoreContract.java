package io.topicstream.testkit;

import static io.topicstream.state.StateStore.ABSENT;
import static io.topicstream.state.StateStore.ANY_VERSION;
import static io.topicstream.state.StateStore.NEVER;
import static io.topicstream.testkit.LogContractFixture.failureOf;
import static io.topicstream.testkit.LogContractFixture.get;
import static io.topicstream.testkit.LogContractFixture.together;
import static org.assertj.core.api.Assertions.assertThat;

import io.topicstream.log.LogUnavailableException;
import io.topicstream.state.StatePage;
import io.topicstream.state.StateRecord;
import io.topicstream.state.StateStore;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// What every [StateStore] promises, one sentence a test. An engine's own test extends this and says
/// how the engine is opened.
@Timeout(120)
public abstract class StateStoreContract {
    private StateUnderTest engine;

    /// Opens an engine with nothing in it.
    protected abstract StateUnderTest open() throws Exception;

    @BeforeEach
    protected void openTheEngine() throws Exception {
        engine = open();
    }

    @AfterEach
    protected void closeTheEngine() throws Exception {
        engine.close();
    }

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
        java.util.Arrays.fill(get(store().scan("p", "", "", 10)).records().getFirst().value(), (byte) 'x');

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

    // ---- scans

    @Test
    void aScanIsInTheOrderOfTheKeysBytes() {
        // U+FFFD and U+1F600: by UTF-16 units they stand the other way round.
        List<String> keys =
                List.of("b", "a", "B", "ab", "a/b", "a b", "é", "\uFFFD", "\uD83D\uDE00", "~", "0", "\u0001");
        for (String key : keys) {
            put("p", key, key, ABSENT);
        }

        List<String> sorted = keys.stream()
                .sorted((a, b) -> java.util.Arrays.compareUnsigned(bytes(a), bytes(b)))
                .toList();
        assertThat(keys("p", "", "", 100)).isEqualTo(sorted);
        assertThat(get(store().scan("p", "", "", 100)).records().stream()
                        .map(StateStoreContract::text)
                        .toList())
                .isEqualTo(sorted);
        for (int i = 0; i < sorted.size(); i++) {
            assertThat(keys("p", "", sorted.get(i), 100)).isEqualTo(sorted.subList(i + 1, sorted.size()));
        }
    }

    @Test
    void aScanGoesPageByPage() {
        for (int i = 0; i < 25; i++) {
            put("p", "k-%02d".formatted(i), "1", ABSENT);
        }

        List<String> scanned = new ArrayList<>();
        List<Integer> sizes = new ArrayList<>();
        for (StatePage page = get(store().scan("p", "", "", 7)); ; page = get(store().scan("p", "", page.after(), 7))) {
            page.records().forEach(record -> scanned.add(record.key()));
            sizes.add(page.records().size());
            if (page.isLast()) {
                break;
            }
        }

        assertThat(scanned).hasSize(25).isSorted().doesNotHaveDuplicates();
        assertThat(sizes).containsExactly(7, 7, 7, 4);
    }

    @Test
    void aScanKeepsToItsPrefix() {
        for (String key : List.of("a", "ab", "ab:1", "ab:2", "ac", "b", "é1", "é2")) {
            put("p", key, "1", ABSENT);
        }

        assertThat(keys("p", "ab", "", 100)).containsExactly("ab", "ab:1", "ab:2");
        assertThat(keys("p", "ab", "ab", 100)).containsExactly("ab:1", "ab:2");
        assertThat(keys("p", "ab", "a", 100)).containsExactly("ab", "ab:1", "ab:2");
        assertThat(keys("p", "ab", "b", 100)).isEmpty();
        assertThat(keys("p", "ab", "", 1)).containsExactly("ab");
        assertThat(keys("p", "é", "", 100)).containsExactly("é1", "é2");
        assertThat(keys("p", "x", "", 100)).isEmpty();
    }

    @Test
    void partitionsDoNotTouch() {
        put("a", "bc", "1", ABSENT);
        put("ab", "c", "2", ABSENT);
        put("a", "b", "3", ABSENT);
        put("A", "bc", "4", ABSENT);
        put("abc", "d", "5", ABSENT);

        assertThat(keys("a", "", "", 100)).containsExactly("b", "bc");
        assertThat(keys("ab", "", "", 100)).containsExactly("c");
        assertThat(keys("A", "", "", 100)).containsExactly("bc");
        assertThat(text(read("a", "bc"))).isEqualTo("1");
        assertThat(read("abc", "bc")).isNull();
        assertThat(delete("ab", "bc", ANY_VERSION)).isFalse();
    }

    @Test
    void namesOfFiveHundredAndTwelveBytesAreTaken() {
        String longest = "é".repeat(256);

        put(longest, longest, "1", ABSENT);
        put(longest, "é".repeat(255) + "ee", "2", ABSENT);

        assertThat(text(read(longest, longest))).isEqualTo("1");
        assertThat(keys(longest, "é".repeat(255), "", 10)).containsExactly("é".repeat(255) + "ee", longest);
    }

    @Test
    void aPageThatIsExactlyFullHasAllThatFitsAndKnowsWhatIsBehind() {
        // Four of them count for just as much as a page may.
        for (int i = 0; i < 4; i++) {
            putOfSize("k" + i, StateStore.PAGE_BYTES / 4);
        }

        assertThat(page("", "", 100)).isEqualTo(new Page(List.of("k0", "k1", "k2", "k3"), true));
        put("p", "l", "small", ABSENT);
        assertThat(page("", "", 100)).isEqualTo(new Page(List.of("k0", "k1", "k2", "k3"), false));
        assertThat(page("k", "", 100)).as("l has another prefix").isEqualTo(new Page(List.of("k0", "k1", "k2", "k3"), true));
        assertThat(page("", "k3", 100)).isEqualTo(new Page(List.of("l"), true));
    }

    @Test
    void aRecordThatIsAByteTooLargeForAPageBeginsTheNextOne() {
        for (int i = 0; i < 3; i++) {
            putOfSize("k" + i, StateStore.PAGE_BYTES / 4);
        }
        putOfSize("k3", StateStore.PAGE_BYTES / 4 + 1);
        put("p", "k4", "small", ABSENT);

        assertThat(page("", "", 100)).isEqualTo(new Page(List.of("k0", "k1", "k2"), false));
        assertThat(page("", "k2", 100)).isEqualTo(new Page(List.of("k3", "k4"), true));
    }

    @Test
    void theLargestRecordIsInAPageOfItsOwnWhereTheLimitIsOne() {
        String longest = "k".repeat(511);
        get(store().put("p", longest + "1", new byte[256 * 1024], ABSENT, NEVER));
        get(store().put("p", longest + "2", new byte[256 * 1024], ABSENT, NEVER));

        assertThat(page("", "", 1)).isEqualTo(new Page(List.of(longest + "1"), false));
        assertThat(page("", longest + "1", 1)).isEqualTo(new Page(List.of(longest + "2"), true));
    }

    @Test
    void aPageAtItsLimitKnowsWhatIsBehind() {
        for (String key : List.of("a1", "a2", "a3", "b1")) {
            put("p", key, "1", ABSENT);
        }
        put("q", "a4", "1", ABSENT);

        assertThat(page("", "", 3)).isEqualTo(new Page(List.of("a1", "a2", "a3"), false));
        assertThat(page("", "", 4)).isEqualTo(new Page(List.of("a1", "a2", "a3", "b1"), true));
        assertThat(page("a", "", 2)).isEqualTo(new Page(List.of("a1", "a2"), false));
        assertThat(page("a", "", 3)).isEqualTo(new Page(List.of("a1", "a2", "a3"), true));
        assertThat(page("a", "a3", 3)).isEqualTo(new Page(List.of(), true));
        assertThat(page("c", "", 3)).isEqualTo(new Page(List.of(), true));
        assertThat(page("", "b1", 1)).isEqualTo(new Page(List.of(), true));
    }

    @Test
    void whatHasExpiredBehindAPageIsNotBehindIt() {
        for (int i = 0; i < 1000; i++) {
            get(store().put("p", "k%03d".formatted(i), bytes("1"), ABSENT, i < 500 ? NEVER : nowMs() + 1000));
        }
        assertThat(get(store().scan("p", "", "", 500)).isLast()).isFalse();
        engine.clock().advance(Duration.ofMinutes(1));

        StatePage page = get(store().scan("p", "", "", 500));

        assertThat(page.records()).hasSize(500);
        assertThat(page.isLast()).isTrue();
        assertThat(get(store().scan("p", "", "", 499)).isLast()).isFalse();
    }

    @Test
    void whatHasExpiredHoldsNothingBack() {
        for (int i = 0; i < 1000; i++) {
            get(store().put("p", "k" + i, bytes("1"), ABSENT, i % 2 == 0 ? NEVER : nowMs() + 1000));
        }
        engine.clock().advance(Duration.ofMinutes(1));

        StatePage page = get(store().scan("p", "", "", 501));

        assertThat(page.records()).hasSize(500);
        assertThat(page.isLast()).isTrue();
    }

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
        assertThat(failureOf(closed.scan("p", "", "", 1))).isInstanceOf(LogUnavailableException.class);
    }

    @Test
    void anotherLifeKeepsAllOrNothing() throws Exception {
        long first = put("p", "k", "1", ABSENT);
        long second = put("p", "k", "2", first);
        put("p", "gone", "1", ABSENT);
        delete("p", "gone", ANY_VERSION);
        get(store().put("q", "lease", bytes("3"), ABSENT, nowMs() + 60_000));

        engine.reopen();

        if (engine.survivesReopen()) {
            assertThat(read("p", "k")).isEqualTo(new StateRecord("k", bytes("2"), second, NEVER));
            assertThat(read("p", "gone")).isNull();
            assertThat(text(read("q", "lease"))).isEqualTo("3");
            assertThat(put("p", "k", "3", second)).isGreaterThan(second);
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

    // ----

    private StateStore store() {
        return engine.store();
    }

    private long nowMs() {
        return engine.clock().millis();
    }

    private long put(String partition, String key, String value, long ifVersion) {
        return get(store().put(partition, key, bytes(value), ifVersion, NEVER));
    }

    private boolean delete(String partition, String key, long ifVersion) {
        return get(store().delete(partition, key, ifVersion));
    }

    private @Nullable StateRecord read(String partition, String key) {
        return get(store().get(partition, key));
    }

    /// The keys of a page of the partition `p`, and whether it is the last one.
    private record Page(List<String> keys, boolean isLast) {}

    private Page page(String prefix, String after, int limit) {
        StatePage page = get(store().scan("p", prefix, after, limit));
        int bytes = page.records().stream().mapToInt(StateRecord::sizeBytes).sum();
        assertThat(bytes).isLessThanOrEqualTo(StateStore.PAGE_BYTES);
        return new Page(page.records().stream().map(StateRecord::key).toList(), page.isLast());
    }

    /// Puts a record into the partition `p` that counts for so many bytes in a page.
    private void putOfSize(String key, int bytes) {
        int besideTheValue = new StateRecord(key, new byte[0], 1, NEVER).sizeBytes();
        get(store().put("p", key, new byte[bytes - besideTheValue], ABSENT, NEVER));
    }

    private List<String> keys(String partition, String prefix, String after, int limit) {
        return get(store().scan(partition, prefix, after, limit)).records().stream()
                .map(StateRecord::key)
                .toList();
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static String text(StateRecord record) {
        return new String(record.value(), StandardCharsets.UTF_8);
    }
}
