package io.topicstream.people;

import static org.assertj.core.api.Assertions.assertThat;

import io.topicstream.log.TopicName;
import io.topicstream.people.PresenceRecords.Change;
import io.topicstream.people.PresenceRecords.Index;
import io.topicstream.signal.SystemTopics;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.NullSource;
import org.junit.jupiter.params.provider.ValueSource;

class PresenceRecordsTest {
    @ParameterizedTest
    @NullSource
    @ValueSource(strings = {"Ann", "Ünal Çağ", "\uD83D\uDE00"})
    void anEntryComesBack(@Nullable String name) {
        PresenceEntry entry = new PresenceEntry(name, 3, 1_795_261_682_147L);

        assertThat(PresenceEntry.decode(entry.encode())).isEqualTo(entry);
    }

    @Test
    void anEntryIsTheseBytes() {
        assertThat(new PresenceEntry("é", 2, 0x0102030405060708L).encode())
                .isEqualTo(HexFormat.of().parseHex("01" + "00000002" + "0102030405060708" + "c3a9"));
        assertThat(PresenceEntry.decode(new byte[] {2, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0}))
                .as("of a later version")
                .isNull();
        assertThat(PresenceEntry.decode(new byte[12])).isNull();
    }

    @Test
    void anIndexComesBack() {
        Index index = new Index(100_000, 200_000, Long.MAX_VALUE);

        assertThat(Index.decode(index.encode())).isEqualTo(index);
        assertThat(Index.decode(new byte[0])).isNull();
        assertThat(Index.decode(new byte[17])).isNull();
    }

    @Test
    void changesComeBackAndNothingElseDoes() {
        List<Change> changes = List.of(
                new Change("ann", new PresenceEntry("Ann", 1, 7)),
                new Change("bob", null),
                new Change("~hash", new PresenceEntry(null, 2, 8)));
        byte[] bytes = PresenceRecords.encode(changes);

        assertThat(PresenceRecords.decode(bytes)).isEqualTo(changes);
        assertThat(PresenceRecords.decode(new byte[0])).isEmpty();
        Random random = new Random(3);
        for (int i = 0; i < 1_000; i++) {
            byte[] broken = Arrays.copyOf(bytes, random.nextInt(bytes.length + 1));
            if (broken.length > 0) {
                broken[random.nextInt(broken.length)] = (byte) random.nextInt(256);
            }
            var _ = PresenceRecords.decode(broken);
        }
    }

    @Test
    void keysAreInTheOrderOfWhatStandsInFront() {
        String node = PresenceRecords.node(-1);

        assertThat(node).isEqualTo("ffffffffffffffff");
        assertThat(PresenceRecords.number(node)).isEqualTo(-1);
        for (List<String> two : List.of(List.of("ann", "ann-b"), List.of("ann", "ann.b"), List.of("zoe", "~a"))) {
            String lower = PresenceRecords.key(two.getFirst(), node);
            String higher = PresenceRecords.key(two.getLast(), node);
            assertThat(lower).isLessThan(higher);
            assertThat(PresenceRecords.behind(two.getFirst()))
                    .isGreaterThan(lower)
                    .isLessThan(higher);
            assertThat(PresenceRecords.front(higher)).isEqualTo(two.getLast());
            assertThat(PresenceRecords.node(higher)).isEqualTo(node);
        }
    }

    @Test
    void anAnonymousConnectionIsAMemberOfItsOwnWithoutItsId() {
        String member = PresenceRecords.member(new Presence.Present("the-id", null, null, false));

        assertThat(member).startsWith("~").doesNotContain("the-id").hasSize(17);
        assertThat(PresenceRecords.user(member)).isNull();
        assertThat(member).isNotEqualTo(PresenceRecords.member(new Presence.Present("other", null, null, false)));
        assertThat(PresenceRecords.member(new Presence.Present("the-id", "ann", null, false)))
                .isEqualTo("ann");
    }

    @Test
    void theLongestTopicHasATopicForItsChanges() {
        TopicName longest = new TopicName("t".repeat(TopicName.MAX_LENGTH));

        assertThat(SystemTopics.ofPresence(longest).value())
                .startsWith("sys:presence:")
                .hasSizeLessThan(60);
        assertThat(SystemTopics.ofPresence(longest)).isNotEqualTo(SystemTopics.ofPresence(new TopicName("t")));
    }
}
