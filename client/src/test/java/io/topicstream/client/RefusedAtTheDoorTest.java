package io.topicstream.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.URI;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// A client that the real server does not let in ends, and says why.
@Timeout(120)
class RefusedAtTheDoorTest {
    @TempDir
    private Path directory;

    private LocalServer server;

    @BeforeEach
    void start() throws Exception {
        server = new LocalServer(directory);
    }

    @AfterEach
    void stop() {
        server.close();
    }

    @Test
    void aWrongTokenEndsTheClient() {
        try (TopicStreamClient client =
                TopicStreamClient.builder(server.address()).token("wrong").build()) {
            assertThatThrownBy(() -> client.connect().join())
                    .cause()
                    .isInstanceOfSatisfying(TopicStreamException.Ended.class, ended -> {
                        assertThat(ended.code()).isEqualTo(4001);
                        assertThat(ended).hasMessageContaining("the credential is not valid");
                    });
        }
    }

    @Test
    void aPathWithoutAWebSocketEndsTheClient() {
        URI nowhere = URI.create("ws://127.0.0.1:" + server.port() + "/nowhere");
        try (TopicStreamClient client = TopicStreamClient.builder(nowhere).build()) {
            assertThatThrownBy(() -> client.connect().join())
                    .cause()
                    .isInstanceOfSatisfying(
                            TopicStreamException.Ended.class,
                            ended -> assertThat(ended.code()).isEqualTo(4004));
        }
    }
}
