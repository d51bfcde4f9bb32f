package io.topicstream.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TopicPatternTest {
    @ParameterizedTest
    @CsvSource({
        "*, a, true",
        "*, sys:a, true",
        "a, a, true",
        "a, ab, false",
        "a, A, false",
        "a*, a, true",
        "a*, ab, true",
        "a*, ba, false",
        "ab*, a, false",
        "chat:*, chat:1, true",
        "chat:*, chat, false"
    })
    void itMeansATopicOrAllThatBeginSo(String pattern, String topic, boolean isMeant) {
        assertThat(new TopicPattern(pattern).matches(new TopicName(topic))).isEqualTo(isMeant);
        assertThat(TopicPattern.matches(pattern, new TopicName(topic))).isEqualTo(isMeant);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "**", "a**", "a*b", "*a", "a b", ".a*", " *"})
    void whatIsNoBeginningOfANameIsNoPattern(String text) {
        assertThat(TopicPattern.isValid(text)).isFalse();
        assertThatIllegalArgumentException().isThrownBy(() -> new TopicPattern(text));
    }

    @Test
    void aListHasCommasAndNoWrongOne() {
        assertThat(TopicPattern.listOrNull(" lobby, orders* ,*"))
                .containsExactly(new TopicPattern("lobby"), new TopicPattern("orders*"), new TopicPattern("*"));
        for (String wrong : new String[] {"", "lobby,", "lobby,,orders", "a*b", "../etc,lobby"}) {
            assertThat(TopicPattern.listOrNull(wrong)).as(wrong).isNull();
        }
    }
}
