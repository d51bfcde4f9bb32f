package io.topicstream.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.topicstream.cli.Typed.Command;
import java.util.List;
import org.junit.jupiter.api.Test;

class TypedTest {
    @Test
    void aLineIsATextOrACommand() {
        assertThat(Typed.of(" hello /join ")).isEqualTo(new Typed(null, "hello /join"));
        assertThat(Typed.of("")).isEqualTo(new Typed(null, ""));
        assertThat(Typed.of("//etc")).isEqualTo(new Typed(null, "/etc"));
        assertThat(Typed.of("/join  tea room ")).isEqualTo(new Typed(Command.JOIN, "tea room"));
        assertThat(Typed.of("/QUIT")).isEqualTo(new Typed(Command.QUIT, ""));
        assertThat(Typed.of("/chat /rooms")).isEqualTo(new Typed(Command.CHAT, "/rooms"));
        for (String line : List.of("/", "/jion tea", "/ join", "/joint")) {
            assertThatThrownBy(() -> Typed.of(line)).isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    void theRestIsAUserAndAText() {
        assertThat(Typed.of("/private ada  hi  there").firstAndRest()).containsExactly("ada", "hi  there");
        assertThat(Typed.of("/private ada").firstAndRest()).containsExactly("ada", "");
        assertThat(Typed.of("/private").firstAndRest()).containsExactly("", "");
    }
}
