package io.topicstream.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.topicstream.server.config.ServerConfig;
import org.junit.jupiter.api.Test;

/// Limits that the system does not grant are lowered, with one line each.
class GrantedTest {
    private static final long MIB = 1 << 20;

    @Test
    void whatFitsIsAsConfigured() {
        ServerConfig config = TestServers.config();

        Granted granted = Granted.of(config, 1_000_000, 40, 2048 * MIB);

        assertThat(granted.notes()).isEmpty();
        assertThat(granted.limits().total()).isEqualTo(100_000);
        assertThat(granted.limits().answerBytes()).isEqualTo(64 * MIB);
    }

    @Test
    void connectionsLeaveDescriptorsForTheStoreAndForProbes() {
        Granted granted = Granted.of(TestServers.config(), 1024, 45, 2048 * MIB);

        assertThat(granted.limits().total()).isEqualTo(1024 - 45 - 256 - 64);
        assertThat(granted.notes())
                .singleElement()
                .asString()
                .contains("limits.connections.total", "100000", "ulimit -n", "1024", "659");
    }

    @Test
    void aLimitThatIsLowerThanWhatFitsStays() {
        Granted granted = Granted.of(TestServers.config("limits.connections.total", "10"), 1024, 45, 2048 * MIB);

        assertThat(granted.limits().total()).isEqualTo(10);
        assertThat(granted.notes()).isEmpty();
    }

    @Test
    void budgetsFitTogetherInASmallHeap() {
        Granted granted = Granted.of(TestServers.config(), 1_000_000, 40, 256 * MIB);

        assertThat(granted.limits().outboundBytes()
                        + granted.limits().incompleteBytes()
                        + granted.limits().answerBytes()
                        + 64 * MIB)
                .isLessThanOrEqualTo(192 * MIB);
        assertThat(granted.notes()).singleElement().asString().contains("256 MiB", "answer_bytes");
    }
}
