package io.topicstream.events;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.URI;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// However an address of this machine or its network is written, a sink of an administrator's gets
/// nothing there. Names are looked up as they are in production.
class SpellingsOfThisMachineTest {
    private static String refusal(String host) {
        try (Destinations destinations = new Destinations(Set.of(), _ -> false, InetAddress::getAllByName)) {
            return destinations
                    .check(host)
                    .handle((found, failure) -> failure == null ? String.valueOf(found) : "failed: " + failure)
                    .toCompletableFuture()
                    .join();
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "localhost",
                "LOCALHOST",
                "localhost.",
                "127.1",
                "127.0.0.1",
                "127.0.0.1.",
                "2130706433",
                "0x7f.1",
                "0x7f000001",
                "017700000001",
                "0.0.0.0",
                "169.254.169.254",
                "[::1]",
                "[::]",
                "[::ffff:127.0.0.1]",
                "[::ffff:7f00:1]",
                "[::127.0.0.1]",
                "[64:ff9b::7f00:1]",
                "[fe80::1]",
                "[fd00::1]"
            })
    void isRefused(String host) {
        assertThat(refusal(host)).as(host).isNotEqualTo("null");
    }

    @Test
    void aUserBeforeTheHostIsNotTakenForIt() {
        assertThat(refusal(URI.create("http://1.1.1.1@127.0.0.1/").getHost())).contains("not public");
        assertThat(refusal("1.1.1.1")).isEqualTo("null");
    }
}
