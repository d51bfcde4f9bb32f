package io.topicstream.door;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class OriginsTest {
    private static final String HOST = "127.0.0.1:8080";
    private final Origins byDefault = new Origins(List.of("loopback"));
    private final Origins good = new Origins(List.of("https://good", "http://chat.example:8000"));

    private static boolean permits(Origins origins, String origin) {
        return origins.permits(List.of(origin), HOST, false);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "http://localhost",
                "http://localhost:5173",
                "https://localhost",
                "http://127.0.0.1:3000",
                "http://127.1.2.3",
                "http://[::1]:3000"
            })
    void pagesFromThisMachineMayCallByDefault(String origin) {
        assertThat(permits(byDefault, origin)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "https://evil.example",
                "null",
                "",
                "*",
                "loopback",
                "http://localhost.evil.example",
                "http://evil-localhost",
                "http://127.0.0.1.evil.example",
                "http://127.evil.example",
                "http://127.0.0.1@evil.example",
                "http://localhost/",
                "http://localhost:80",
                "HTTP://LOCALHOST",
                "http://LOCALHOST",
                "http://localhost:99999",
                "http://localhost, https://evil.example",
                "http://localhost https://evil.example",
                "http://0x7f.1",
                "http://2130706433",
                "http://127.1",
                "http://[::ffff:127.0.0.1]",
                "file://localhost",
                "javascript:alert(1)",
                "http://localhost.",
                "http://localhost\n"
            })
    void foreignPagesAndWhatNoBrowserWritesMayNotWithoutACredential(String origin) {
        assertThat(permits(byDefault, origin)).isFalse();
        assertThat(byDefault.permits(List.of(origin), HOST, true)).isTrue();
    }

    @Test
    void aListedPageMayCallAndItsLikenessesMayNot() {
        assertThat(permits(good, "https://good")).isTrue();
        assertThat(permits(good, "http://chat.example:8000")).isTrue();
        for (String other : List.of(
                "http://good",
                "https://good:8443",
                "https://good:443",
                "https://good.evil",
                "https://evil/good",
                "https://good@evil",
                "https://evil.good",
                "https://GOOD",
                "HTTPS://good",
                "https://good/",
                "https://good.",
                "https://goodx",
                "http://chat.example",
                "null",
                "http://localhost")) {
            assertThat(permits(good, other)).as(other).isFalse();
        }
    }

    @Test
    void twoOriginsAreNone() {
        assertThat(good.permits(List.of("https://good", "https://good"), HOST, false))
                .isFalse();
        assertThat(good.permits(List.of("https://good", "https://evil"), HOST, false))
                .isFalse();
    }

    @Test
    void whoeverIsNoPageIsNotHeldUp() {
        assertThat(good.permits(List.of(), HOST, false)).isTrue();
        assertThat(good.permits(List.of(), null, false)).isTrue();
    }

    @ParameterizedTest
    @CsvSource({
        "http://chat.example, chat.example, true",
        "https://chat.example, chat.example, true",
        "https://chat.example, chat.example:443, true",
        "http://chat.example:8080, chat.example:8080, true",
        "http://chat.example:8080, CHAT.example:8080, true",
        "http://[2001:db8::1]:8080, [2001:db8::1]:8080, true",
        "http://chat.example:8080, chat.example, false",
        "http://chat.example, chat.example:8080, false",
        "http://chat.example, other.example, false",
        "http://chat.example, evil@chat.example, false",
        "null, null, false",
    })
    void aPageOfTheServersOwnHostIsNotForeign(String origin, String host, boolean permitted) {
        assertThat(new Origins(List.of()).permits(List.of(origin), host, false)).isEqualTo(permitted);
    }

    @Test
    void aStarLetsEveryPageIn() {
        Origins open = new Origins(List.of("*"));

        assertThat(permits(open, "https://evil.example")).isTrue();
        assertThat(permits(open, "null")).isTrue();
    }

    @Test
    void pagesWithoutAnOriginMayCallOnlyIfListed() {
        assertThat(permits(new Origins(List.of("null")), "null")).isTrue();
        assertThat(permits(new Origins(List.of("null")), "https://evil.example"))
                .isFalse();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"good", "https://Good", "https://good/", "https://good:443", "ftp://good", "https://*.good", ""})
    void whatCannotMatchAnyPageCannotBeListed(String entry) {
        assertThat(Origins.isEntry(entry)).isFalse();
    }
}
