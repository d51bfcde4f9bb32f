package io.topicstream.testkit;

import static io.topicstream.state.StateStore.ABSENT;
import static io.topicstream.state.StateStore.ANY_VERSION;
import static io.topicstream.state.StateStore.NEVER;
import static io.topicstream.testkit.LogContractFixture.failureOf;
import static io.topicstream.testkit.LogContractFixture.get;
import static io.topicstream.testkit.LogContractFixture.together;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.topicstream.state.NotANumberException;
import io.topicstream.state.StateNumber;
import io.topicstream.state.StateRecord;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.Test;

/// Part of [StateStoreContract]: numbers that only rise.
abstract class StateNumberContract extends StateScanContract {
    @Test
    void aNumberIsRaisedAndNeverLowered() {
        assertThat(advance("p", "k", 5)).isEqualTo(5);
        long version = read("p", "k").version();
        assertThat(advance("p", "k", 4)).isEqualTo(5);
        assertThat(advance("p", "k", 5)).isEqualTo(5);
        assertThat(read("p", "k")).isEqualTo(new StateRecord("k", StateNumber.bytes(5), version, NEVER));

        assertThat(advance("p", "k", Long.MAX_VALUE)).isEqualTo(Long.MAX_VALUE);
        assertThat(advance("p", "k", 6)).isEqualTo(Long.MAX_VALUE);
        assertThat(read("p", "k").version()).isGreaterThan(version);
        assertThat(StateNumber.of(read("p", "k").value())).isEqualTo(Long.MAX_VALUE);
    }

    @Test
    void zeroIsHigherThanNothing() {
        assertThat(advance("p", "k", 0)).isZero();

        assertThat(StateNumber.of(read("p", "k").value())).isZero();
        assertThat(advance("p", "k", 1)).isEqualTo(1);
        assertThat(advance("q", "k", 0)).as("another partition").isZero();
    }

    @Test
    void aNumberBelowZeroIsNoNumber() {
        assertThatIllegalArgumentException().isThrownBy(() -> store().advance("p", "k", -1));

        assertThat(read("p", "k")).isNull();
    }

    @Test
    void aNumberIsInEightBytesTheHighestFirst() {
        advance("p", "k", 0x0102030405060708L);
        put("p", "by hand", "\u0000\u0000\u0000\u0000\u0000\u0000\u0001\u0000", ABSENT);

        assertThat(read("p", "k").value()).containsExactly(1, 2, 3, 4, 5, 6, 7, 8);
        assertThat(advance("p", "by hand", 255)).isEqualTo(256);
        assertThat(advance("p", "by hand", 257)).isEqualTo(257);
    }

    @Test
    void whatIsNoNumberIsNotAdvanced() {
        byte[] negative = new byte[8];
        negative[0] = -1;
        List<byte[]> others = List.of(new byte[0], new byte[7], new byte[9], negative, bytes("text"));
        for (int i = 0; i < others.size(); i++) {
            String key = "k" + i;
            long version = get(store().put("p", key, others.get(i).clone(), ABSENT, NEVER));

            assertThat(failureOf(store().advance("p", key, 1)))
                    .isInstanceOf(NotANumberException.class)
                    .hasMessageContaining(key);

            assertThat(read("p", key)).isEqualTo(new StateRecord(key, others.get(i), version, NEVER));
        }
    }

    @Test
    void aNumberCanBePutLowerAndDeletedAndGoesOnFromThere() {
        advance("p", "k", 100);
        long version = read("p", "k").version();
        assertThat(get(store().put("p", "k", StateNumber.bytes(7), version, NEVER)))
                .isGreaterThan(version);

        assertThat(advance("p", "k", 6)).isEqualTo(7);
        assertThat(advance("p", "k", 8)).isEqualTo(8);
        assertThat(delete("p", "k", version)).as("a version of before").isFalse();
        assertThat(delete("p", "k", ANY_VERSION)).isTrue();
        assertThat(advance("p", "k", 1)).isEqualTo(1);
        assertThat(read("p", "k").version()).as("made again").isGreaterThan(version);
    }

    @Test
    void aNumberKeepsItsExpiryAndCountsAsNothingWhenItHasExpired() {
        long expiresAtMs = nowMs() + 1_000;
        get(store().put("p", "k", StateNumber.bytes(50), ABSENT, expiresAtMs));

        assertThat(advance("p", "k", 51)).isEqualTo(51);
        assertThat(read("p", "k").expiresAtMs()).isEqualTo(expiresAtMs);
        engine.clock().advance(Duration.ofSeconds(1));

        assertThat(read("p", "k")).isNull();
        assertThat(advance("p", "k", 3)).isEqualTo(3);
        assertThat(read("p", "k").expiresAtMs()).isEqualTo(NEVER);
    }

    @Test
    void whatIsNoNumberCountsAsNothingWhenItHasExpired() {
        get(store().put("p", "k", bytes("text"), ABSENT, nowMs() + 1_000));
        engine.clock().advance(Duration.ofSeconds(1));

        assertThat(advance("p", "k", 3)).isEqualTo(3);
    }

    @Test
    void ofManyWhoAdvanceTheHighestWins() throws Exception {
        int writers = 8;
        int each = 100;
        List<Integer> numbers = new ArrayList<>();
        for (int i = 1; i <= writers * each; i++) {
            numbers.add(i);
        }
        Collections.shuffle(numbers, Seeds.random("who advances"));
        List<Callable<Void>> tasks = new ArrayList<>();
        for (int i = 0; i < writers; i++) {
            List<Integer> mine = numbers.subList(i * each, (i + 1) * each);
            tasks.add(() -> {
                long before = 0;
                for (int number : mine) {
                    long now = advance("p", "k", number);
                    assertThat(now).isGreaterThanOrEqualTo(Math.max(before, number));
                    assertThat(StateNumber.of(read("p", "k").value())).isGreaterThanOrEqualTo(now);
                    before = now;
                }
                return null;
            });
        }

        together(tasks);

        assertThat(StateNumber.of(read("p", "k").value())).isEqualTo(numbers.size());
    }

    @Test
    void changesOfANumberThatDoNotWaitForEachOtherHappenInTheirOrder() {
        advance("p", "k", 10);
        long version = read("p", "k").version();

        List<CompletionStage<Long>> stages = List.of(
                store().advance("p", "k", 12),
                store().advance("p", "k", 11),
                store().advance("p", "k", 13),
                store().put("p", "k", StateNumber.bytes(1), version, NEVER),
                store().advance("p", "k", 14),
                store().put("p", "k", StateNumber.bytes(2), ANY_VERSION, NEVER),
                store().advance("p", "k", 3),
                store().advance("p", "k", 2),
                store().delete("p", "k", ANY_VERSION).thenApply(deleted -> deleted ? -1L : -2L),
                store().advance("p", "k", 0),
                store().advance("p", "k", 1));
        List<Long> answers = stages.stream().map(LogContractFixture::get).toList();

        assertThat(answers).startsWith(12L, 12L, 13L, 0L, 14L);
        assertThat(answers.get(5)).as("a version").isGreaterThan(version);
        assertThat(answers).endsWith(3L, 3L, -1L, 0L, 1L);
        assertThat(read("p", "k").version()).isGreaterThan(answers.get(5));
        assertThat(StateNumber.of(read("p", "k").value())).isEqualTo(1);
    }
}
