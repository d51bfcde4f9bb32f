package io.topicstream.testkit;

import static io.topicstream.state.StateStore.ABSENT;
import static io.topicstream.state.StateStore.ANY_VERSION;
import static io.topicstream.state.StateStore.NEVER;
import static io.topicstream.testkit.LogContractFixture.get;
import static org.assertj.core.api.Assertions.assertThat;

import io.topicstream.state.StatePage;
import io.topicstream.state.StateRecord;
import io.topicstream.state.StateStore;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/// Part of [StateStoreContract]: what a scan finds, and where its pages end.
abstract class StateScanContract extends StateContractFixture {
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
        assertThat(page("k", "", 100))
                .as("l has another prefix")
                .isEqualTo(new Page(List.of("k0", "k1", "k2", "k3"), true));
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
}
