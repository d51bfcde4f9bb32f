package io.topicstream.testkit;

import static io.topicstream.testkit.LogContractFixture.ALL;
import static io.topicstream.testkit.LogContractFixture.OTHER;
import static io.topicstream.testkit.LogContractFixture.TOPIC;
import static io.topicstream.testkit.LogContractFixture.get;
import static org.assertj.core.api.Assertions.assertThat;

import io.topicstream.log.Extent;
import io.topicstream.log.Page;
import io.topicstream.log.TopicExtent;
import io.topicstream.log.TopicName;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/// Topics by their names: those that do not exist, and the list of those that do. A part of [TopicLogContract].
interface NamesContract extends ShortWays {
    @Test
    default void askingAboutATopicStoresNothing() {
        Extent extent = extent(TOPIC);

        assertThat(extent.firstOffset()).isEqualTo(1);
        assertThat(extent.nextOffset()).isEqualTo(1);
        assertThat(forward(TOPIC, 1, ALL)).isEqualTo(new Page(extent, List.of()));
        assertThat(backward(TOPIC, 10, ALL)).isEqualTo(new Page(extent, List.of()));
        assertThat(get(log().offsetAt(TOPIC, 0))).isEqualTo(1);
        assertThat(get(log().lastOffsetIn(TOPIC, extent.epoch()))).isZero();
        assertThat(get(log().trim(TOPIC, 5))).isEqualTo(extent);
        assertThat(topics()).isEmpty();
        assertThat(stored(RecordingAppend.to(TOPIC).message("1").on(lane())).firstOffset())
                .isEqualTo(1);
    }

    @Test
    default void topicsAreListedByTheBytesOfTheirNames() {
        List<String> names = List.of("a", "a:b", "a:b:c", "aB", "ab", "Z", "z", "~", "0", "a-b", "a+b", "a@b", "a_b");
        for (String name : names) {
            store(new TopicName(name), "1");
        }

        List<String> listed =
                topics().stream().map(topic -> topic.topic().value()).toList();

        assertThat(listed)
                .isEqualTo(names.stream()
                        .sorted((a, b) -> java.util.Arrays.compareUnsigned(
                                a.getBytes(StandardCharsets.US_ASCII), b.getBytes(StandardCharsets.US_ASCII)))
                        .toList());
    }

    @Test
    default void topicsAreListedWithTheirExtents() {
        storeNumbers(TOPIC, 5);
        storeNumbers(OTHER, 2);
        get(log().trim(TOPIC, 3));

        assertThat(topics())
                .containsExactly(new TopicExtent(TOPIC, extent(TOPIC)), new TopicExtent(OTHER, extent(OTHER)));
        assertThat(extent(TOPIC).firstOffset()).isEqualTo(3);
    }

    @Test
    default void topicsAreListedPageByPage() {
        Set<String> names = new HashSet<>();
        for (int i = 0; i < 25; i++) {
            names.add("page:" + i);
            store(new TopicName("page:" + i), "1");
        }

        List<String> listed = new ArrayList<>();
        String after = "";
        while (true) {
            List<TopicExtent> page = get(log().topics("", after, 7));
            assertThat(page).hasSizeLessThanOrEqualTo(7);
            if (page.isEmpty()) {
                break;
            }
            page.forEach(topic -> listed.add(topic.topic().value()));
            after = listed.getLast();
        }

        assertThat(listed).doesNotHaveDuplicates().hasSize(25).isSorted();
        assertThat(new HashSet<>(listed)).isEqualTo(names);
    }

    @Test
    default void topicsAreListedByPrefix() {
        for (String name : List.of("a", "ab", "ab:1", "ab:2", "ab:3", "ac", "b")) {
            store(new TopicName(name), "1");
        }

        assertThat(names("ab", "", ALL)).containsExactly("ab", "ab:1", "ab:2", "ab:3");
        assertThat(names("ab:", "ab:1", ALL)).containsExactly("ab:2", "ab:3");
        assertThat(names("ab:", "ab:1", 1)).containsExactly("ab:2");
        assertThat(names("ab:", "a", ALL)).containsExactly("ab:1", "ab:2", "ab:3");
        assertThat(names("ab:", "b", ALL)).isEmpty();
        assertThat(names("", "ab:", ALL)).containsExactly("ab:1", "ab:2", "ab:3", "ac", "b");
        assertThat(names("x", "", ALL)).isEmpty();
    }

    private List<String> names(String prefix, String after, int limit) {
        return get(log().topics(prefix, after, limit)).stream()
                .map(topic -> topic.topic().value())
                .toList();
    }
}
