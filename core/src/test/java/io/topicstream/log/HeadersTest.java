package io.topicstream.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HeadersTest {
    @Test
    void headersStandInTheOrderOfTheirNames() {
        Headers headers = Headers.of(Map.of("b", "2", "a-1", "ü", "b.c", ""));

        assertThat(headers.count()).isEqualTo(3);
        assertThat(headers.name(0) + headers.name(1) + headers.name(2)).isEqualTo("a-1bb.c");
        assertThat(headers.value(0)).isEqualTo("ü");
        assertThat(headers.get("b")).isEqualTo("2");
        assertThat(headers.get("c")).isNull();
        assertThat(headers.toMap()).isEqualTo(Map.of("a-1", "ü", "b", "2", "b.c", ""));
        assertThat(headers)
                .isEqualTo(Headers.of(new TreeMap<>(headers.toMap())))
                .hasToString("{a-1=ü, b=2, b.c=}");
        assertThat(headers).isNotEqualTo(Headers.of(Map.of("b", "2", "a-1", "u", "b.c", "")));
    }

    @Test
    void noHeadersAreOneObject() {
        assertThat(Headers.of(Map.of())).isSameAs(Headers.NONE);
        assertThat(Headers.NONE.isEmpty()).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "A", "a b", "ä", "a:b", "a\n"})
    void aNameHasOnlyWhatEveryTransportKeeps(String name) {
        assertThatThrownBy(() -> Headers.of(Map.of(name, "")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("a header's name is 1 to 64 characters of a-z 0-9 . _ -");
    }

    @ParameterizedTest
    @ValueSource(strings = {"\n", "a\u0000", "\u007f", "\u0085", "\ud800", "\udc00\ud800"})
    void aValueIsTextWithoutControlCharacters(String value) {
        assertThatThrownBy(() -> Headers.of(Map.of("a", value)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("the header \"a\" has a control character or half a surrogate pair");
    }

    @ParameterizedTest
    @ValueSource(strings = {"_", "_name", "_x"})
    void aPublisherGivesNoneOfTheServers(String name) {
        assertThat(Headers.fault(Map.of("a", "", name, "")))
                .isEqualTo("a header's name does not begin with _: such names are the server's");
        assertThatThrownBy(() -> Headers.of(Map.of(name, "")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("the server's");
        assertThat(Headers.fault(Map.of("a_", ""))).isNull();
    }

    @Test
    void theServersStandBesideThePublishersAndDoNotCountForTheirLimits() {
        Map<String, String> most = new TreeMap<>();
        for (int i = 0; i < 16; i++) {
            most.put("h" + i, i == 0 ? "x".repeat(4096 - 6 * 3 - 10 * 2) : "");
        }
        Headers headers = Headers.of(most).with(Headers.NAME, "Änn").with(Headers.AS, "José");

        assertThat(headers.count()).isEqualTo(18);
        assertThat(headers.get("_name")).isEqualTo("Änn");
        assertThat(headers.get("_as")).isEqualTo("José");
        assertThat(headers).isEqualTo(Headers.kept(headers.toMap()));
        assertThat(headers.with(Headers.NAME, "Bo").get("_name")).isEqualTo("Bo");
        int servers = 0;
        for (int i = 0; i < headers.count(); i++) {
            assertThat(headers.isServers(i)).isEqualTo(headers.name(i).startsWith("_"));
            servers += headers.isServers(i) ? 1 : 0;
        }
        assertThat(servers).isEqualTo(2);
        assertThat(Headers.NONE.with(Headers.NAME, "a")).isEqualTo(Headers.kept(Map.of("_name", "a")));
        assertThatThrownBy(() -> headers.with("name", "a")).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Headers.NONE.with("_name", "a\n")).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Headers.NONE.with("_Name", "a")).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void whatIsKeptHasItsOwnLimit() {
        Map<String, String> most = new TreeMap<>();
        for (int i = 0; i < 24; i++) {
            most.put("_" + i, "");
        }
        assertThat(Headers.kept(most).count()).isEqualTo(24);
        most.put("a", "");
        assertThatThrownBy(() -> Headers.kept(most)).isInstanceOf(IllegalArgumentException.class);
        assertThat(Headers.kept(Map.of())).isSameAs(Headers.NONE);
    }

    @Test
    void theLimitsAreInclusive() {
        Map<String, String> many = new TreeMap<>();
        for (int i = 0; i < 16; i++) {
            many.put("h" + i, "");
        }
        assertThat(Headers.of(many).count()).isEqualTo(16);
        many.put("h", "");
        assertThatThrownBy(() -> Headers.of(many)).hasMessage("a message has at most 16 headers");

        assertThat(Headers.of(Map.of("n".repeat(64), "😀".repeat(1008))).count())
                .isEqualTo(1);
        assertThatThrownBy(() -> Headers.of(Map.of("n".repeat(64), "😀".repeat(1008) + "x")))
                .hasMessage("the headers of a message have at most 4096 bytes together");
        assertThatThrownBy(() -> Headers.of(Map.of("n".repeat(65), ""))).hasMessageContaining("1 to 64");
    }
}
