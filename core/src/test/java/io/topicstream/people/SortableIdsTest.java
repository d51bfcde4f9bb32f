package io.topicstream.people;

import static org.assertj.core.api.Assertions.assertThat;

import io.topicstream.log.TopicName;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class SortableIdsTest {
    private static final TopicName LOBBY = new TopicName("room:lobby");
    private static final long MS = 1_795_261_682_147L;

    @Test
    void anIdIsThatOfItsMessageForEver() {
        assertThat(SortableIds.of(LOBBY, 1, MS))
                .isEqualTo("3MPohQmeOQUVnjF2xj6rTG8GdAd")
                .hasSize(SortableIds.LENGTH);
        assertThat(SortableIds.of(LOBBY, 1, MS)).isEqualTo(SortableIds.of(LOBBY, 1, MS));
        assertThat(SortableIds.of(LOBBY, 2, MS)).isNotEqualTo(SortableIds.of(LOBBY, 1, MS));
        assertThat(SortableIds.of(LOBBY, 1, MS + 1)).isNotEqualTo(SortableIds.of(LOBBY, 1, MS));
        assertThat(SortableIds.of(new TopicName("room:x"), 1, MS)).isNotEqualTo(SortableIds.of(LOBBY, 1, MS));
    }

    @Test
    void laterMessagesHaveGreaterIds() {
        List<String> ids = new ArrayList<>();
        for (int i = 0; i < 1_000; i++) {
            ids.add(SortableIds.of(LOBBY, 1 + i, MS + i / 3 * 100L));
        }

        assertThat(ids).isSorted().allSatisfy(id -> assertThat(id).matches("[0-9A-Za-z]{27}"));
        assertThat(new TreeSet<>(ids)).hasSize(1_000);
        assertThat(SortableIds.of(LOBBY, Long.MAX_VALUE, (1_400_000_000L + 0xFFFF_FFFFL) * 1_000))
                .matches("[0-9A-Za-z]{27}");
        assertThat(SortableIds.of(LOBBY, 1, 1_400_000_000_000L)).startsWith("000000");
    }
}
