package io.topicstream.server.scenario;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.topicstream.server.Engine;
import io.topicstream.server.TestClient;
import io.topicstream.server.TestServers;
import java.time.Duration;
import java.time.InstantSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// Display names while one of two servers dies without a word, or is away.
class NamesOutageTest {
    private Engine engine;
    private LossyServers servers;

    @BeforeEach
    void start() {
        engine = Engine.inMemory(InstantSource.system());
        servers = new LossyServers(engine);
    }

    @AfterEach
    void stop() {
        servers.close();
        engine.close().run();
    }

    private TestClient client(int server, String user) {
        TestClient client = TestClient.to(TestServers.uri(servers.servers().get(server)), "/v1?user=" + user)
                .open();
        client.await("\"type\":\"welcome\"");
        return client;
    }

    private static String claim(TestClient client, String name) {
        client.send("{\"action\":\"name\",\"id\":\"n\",\"name\":\"" + name + "\"}");
        return client.await("\"id\":\"n\"");
    }

    private static String publish(TestClient client) {
        client.send("{\"action\":\"publish\",\"id\":\"p\",\"topic\":\"t\",\"message\":1}");
        return client.await("\"id\":\"p\"");
    }

    @Test
    void aNameOnAServerThatDiesIsFreeSoonAndWhoHadItIsToldWhereTheServerComesBack() {
        TestClient bob = client(0, "bob");
        TestClient ann = client(1, "ann");
        assertThat(claim(ann, "Tea")).contains("\"name\":\"Tea\"");
        assertThat(claim(bob, "tea")).contains("\"code\":\"conflict\"");

        servers.network(1).cutOff();
        // Not the half minute after which a node's tag is free.
        await().atMost(Duration.ofSeconds(20)).until(() -> claim(bob, "tea").contains("\"name\":\"tea\""));
        servers.network(1).heal();

        assertThat(ann.await("\"type\":\"error\""))
                .contains("\"code\":\"conflict\"", "\\\"Tea\\\"")
                .doesNotContain("\"id\"");
        bob.send("{\"action\":\"subscribe\",\"id\":\"s\",\"topic\":\"t\"}");
        bob.await("\"id\":\"s\"");
        publish(ann);
        assertThat(bob.await("\"type\":\"message\""))
                .contains("\"from\":\"guest.ann\"")
                .doesNotContain("\"name\"");
        assertThat(claim(ann, "Tea")).contains("\"code\":\"conflict\"");
        assertThat(claim(ann, "Coffee")).contains("\"name\":\"Coffee\"");
        bob.close();
        ann.close();
    }
}
