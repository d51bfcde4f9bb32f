package io.topicstream.server.access;

import static org.assertj.core.api.Assertions.assertThat;

import io.topicstream.server.Engine;
import io.topicstream.server.TestClient;
import io.topicstream.server.TestServers;
import io.topicstream.server.TopicStreamServer;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What anonymous callers claim to be called.
class ClaimedNamesTest {
    private final TopicStreamServer server =
            TestServers.start(Engine.inMemory(InstantSource.system()), TestServers.config());
    private final URI uri = TestServers.uri(server);

    @AfterEach
    void stop() {
        server.close();
    }

    private static String path(String user, String name) {
        return "/v1?user=" + user + "&name=" + URLEncoder.encode(name, StandardCharsets.UTF_8);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\u0639\u0644\u06CC\u200C\u0631\u0636\u0627",
                "\u0D05\u0D28\u0D3F\u0D35\u0D30\u0D4D\u200D",
                "\uD83D\uDC69\u200D\uD83D\uDE80",
                "\uD83D\uDE00\uD83D\uDE00\uD83D\uDE00"
            })
    void aNameOfAnyScriptIsSaidBackAsItIs(String name) {
        TestClient client = TestClient.to(uri, path("n".repeat(88), name)).open();

        assertThat(client.next()).contains("\"name\":\"" + name + "\"");
        client.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"\u200D", "a\u202E", "a\u0000"})
    void aNameOfNothingThatIsSeenIsRefused(String name) {
        assertThat(TestClient.to(uri, path("n", name)).refusedWith()).isEqualTo(400);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 89, 96})
    void anIdThatIsTooLongToShareATopicIsRefused(int length) {
        assertThat(TestClient.to(uri, path("n".repeat(length), "n")).refusedWith())
                .isEqualTo(400);
    }
}
