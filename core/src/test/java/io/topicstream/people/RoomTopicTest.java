package io.topicstream.people;

import static org.assertj.core.api.Assertions.assertThat;

import io.topicstream.log.TopicName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RoomTopicTest {
    @ParameterizedTest
    @CsvSource(ignoreLeadingAndTrailingWhitespace = false, textBlock = """
            general,room:general
            a:b.c_d@e+f-9,room:a:b.c_d@e+f-9
            ~,room:~7E
            José,room:Jos~C3~A9
            a b,room:a~20b
            .,room:.
            👋,room:~F0~9F~91~8B
            """)
    void everyRoomHasATopicAndTheTopicHasTheRoom(String room, String topic) {
        assertThat(RoomTopic.of(room)).isEqualTo(new TopicName(topic));
        assertThat(RoomTopic.roomOf(new TopicName(topic))).isEqualTo(room);
        assertThat(RoomTopic.isRoom(new TopicName(topic))).isTrue();
    }

    @Test
    void theTopicIsNoLongerThanANameMayBe() {
        assertThat(RoomTopic.of("x".repeat(195))).isNotNull();
        assertThat(RoomTopic.of("x".repeat(196))).isNull();
        assertThat(RoomTopic.of("é".repeat(32) + "xxx")).isNotNull();
        assertThat(RoomTopic.of("é".repeat(32) + "xxxx")).isNull();
        assertThat(RoomTopic.of("")).isNull();
        assertThat(RoomTopic.of("é".repeat(10_000_000))).isNull();
    }

    @ParameterizedTest
    @ValueSource(strings = {"a~", "a~2", "a~zz", "~7e", "~41", "~FF", "~C3~28", "a~b"})
    void aTopicThatNoRoomWouldHaveIsShownAsItIs(String name) {
        assertThat(RoomTopic.roomOf(new TopicName("room:" + name))).isEqualTo(name);
    }

    @Test
    void otherTopicsAreNoRooms() {
        assertThat(RoomTopic.isRoom(new TopicName("rooms:a"))).isFalse();
        assertThat(RoomTopic.isRoom(new TopicName("dm:a~b"))).isFalse();
    }
}
