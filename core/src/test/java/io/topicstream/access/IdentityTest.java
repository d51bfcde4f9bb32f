package io.topicstream.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.topicstream.log.TopicName;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class IdentityTest {
    private static final String EMOJI = "\uD83D\uDE00";

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Ada",
                "\u0639\u0644\u06CC\u200C\u0631\u0636\u0627",
                "\u0D05\u0D28\u0D3F\u0D35\u0D30\u0D4D\u200D",
                "\uD83D\uDC69\u200D\uD83D\uDE80",
                "Zo\u0308e",
                "\u2764\uFE0F",
                "a b"
            })
    void namesOfAllScriptsAreTaken(String name) {
        assertThat(Identity.isValidName(name)).isTrue();
        assertThat(Identity.anonymous("n", name, List.of()).name()).isEqualTo(name);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "\u200C",
                "\u200D\u200D",
                "a\u0000",
                "a\nb",
                "a\u202Eb",
                "a\u200B",
                "\uFEFFa",
                "a\u00AD",
                "a\u2028b",
                "\uD83D",
                "a\uDE00"
            })
    void whatIsInvisibleOrNoTextIsNotPartOfAName(String name) {
        assertThat(Identity.isValidName(name)).isFalse();
    }

    @Test
    void aNameIsAsLongAsItsCharactersAreMany() {
        assertThat(Identity.isValidName(EMOJI.repeat(64))).isTrue();
        assertThat(Identity.isValidName(EMOJI.repeat(65))).isFalse();
        assertThat(Identity.isValidName("x".repeat(64))).isTrue();
        assertThat(Identity.isValidName("x".repeat(65))).isFalse();
    }

    @Test
    void twoGuestsWithTheLongestIdsHaveATopic() {
        String longest = "g".repeat(Identity.MAX_CLAIMED_LENGTH);
        String guest = Identity.anonymous(longest, null, List.of()).user();
        String user = "u".repeat(Identity.MAX_USER_LENGTH);

        assertThat(TopicName.isValid("dm:" + guest + "~" + guest)).isTrue();
        assertThat(TopicName.isValid("dm:" + guest + "~" + user)).isTrue();
        assertThat(TopicName.isValid("dm:" + user + "~" + user)).isTrue();
        assertThat(Identity.isValidClaim(longest + "g")).isFalse();
        assertThatThrownBy(() -> Identity.anonymous(longest + "g", null, List.of()))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
