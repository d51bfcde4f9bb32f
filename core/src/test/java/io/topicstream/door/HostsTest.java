package io.topicstream.door;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HostsTest {
    private static Hosts on(String bind, String... listed) {
        return new Hosts(InetAddress.ofLiteral(bind), List.of(listed));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"localhost", "LocalHost:8080", "127.0.0.1", "127.0.0.1:8080", "127.9.8.7", "[::1]", "[::1]:8080"
            })
    void aLoopbackServerAnswersToLoopbackNames(String host) {
        assertThat(on("127.0.0.1").permits(host)).isTrue();
        assertThat(on("::1").permits(host)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "evil.example",
                "evil.example:8080",
                "localhost.evil.example",
                "127.0.0.1.evil.example",
                "127.evil.example",
                "192.168.0.5",
                "0.0.0.0",
                "localhost.",
                "a.localhost",
                "2130706433",
                "0x7f.1",
                "127.1",
                "127.0.0.256",
                "127.0.0.01",
                "localhost:99999",
                "localhost:",
                "localhost:x",
                "user@localhost",
                "localhost/x",
                "localhost,evil.example",
                "",
                " localhost",
                "[::1",
                "[::ffff:127.0.0.1]"
            })
    void aLoopbackServerAnswersToNothingElse(String host) {
        assertThat(on("127.0.0.1").permits(host)).isFalse();
        assertThat(on("127.0.0.1").permits(null)).isFalse();
    }

    @Test
    void aListedNameIsAnsweredOnItsPortOrOnAny() {
        Hosts hosts = on("127.0.0.1", "chat.example", "api.example:8443");

        assertThat(hosts.permits("chat.example")).isTrue();
        assertThat(hosts.permits("Chat.Example:1234")).isTrue();
        assertThat(hosts.permits("api.example:8443")).isTrue();
        assertThat(hosts.permits("api.example")).isFalse();
        assertThat(hosts.permits("www.chat.example")).isFalse();
    }

    @Test
    void aPrivateServerAnswersToAddressesAndNotToNames() {
        for (String bind : List.of("192.168.0.5", "10.1.2.3", "172.16.0.1", "fd00::5", "fe80::1")) {
            Hosts hosts = on(bind, "chat.example");

            assertThat(hosts.permits("192.168.0.5:8080")).isTrue();
            assertThat(hosts.permits("[fd00::5]:8080")).isTrue();
            assertThat(hosts.permits("localhost")).isTrue();
            assertThat(hosts.permits("chat.example")).isTrue();
            assertThat(hosts.permits("evil.example")).isFalse();
        }
    }

    @Test
    void aPublicServerAnswersToAllUnlessSomeAreListed() {
        assertThat(on("0.0.0.0").permits("chat.example")).isTrue();
        assertThat(on("203.0.113.5").permits("chat.example")).isTrue();
        assertThat(on("::").permits("bad host")).isFalse();
        assertThat(on("0.0.0.0", "chat.example").permits("other.example")).isFalse();
        assertThat(on("0.0.0.0", "chat.example").permits("chat.example:8080")).isTrue();
        assertThat(on("0.0.0.0", "chat.example").permits("127.0.0.1:8080")).isTrue();
    }
}
