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

/// Who is there while one of two servers dies without a word, or is away.
class PresenceOutageTest {
    private static final Duration PATIENCE = Duration.ofSeconds(20);

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
        client.send("{\"action\":\"subscribe\",\"id\":\"s\",\"topic\":\"room:1\"}");
        client.await("\"id\":\"s\"");
        return client;
    }

    private static void awaitMembers(TestClient client, int count) {
        await().atMost(PATIENCE).untilAsserted(() -> {
            client.send("{\"action\":\"members\",\"id\":\"m\",\"topic\":\"room:1\"}");
            assertThat(client.await("\"id\":\"m\"")).contains("\"count\":" + count + "}");
        });
    }

    @Test
    void theMembersOfAServerThatDiesHaveLeftWithinFiveSecondsAndComeBackWithIt() {
        TestClient bob = client(0, "bob");
        TestClient ann = client(1, "ann");
        awaitMembers(bob, 2);
        awaitMembers(ann, 2);

        long diedNs = System.nanoTime();
        servers.network(1).cutOff();
        assertThat(bob.await("\"event\":\"leave\"")).contains("\"user\":\"guest.ann\"", "\"count\":1}");
        long tookMs = (System.nanoTime() - diedNs) / 1_000_000;

        System.out.println("the members of a server that died had left after " + tookMs + " ms");
        assertThat(tookMs).isBetween(1_500L, 5_500L);
        servers.network(1).heal();
        assertThat(bob.await("\"event\":\"join\"")).contains("\"user\":\"guest.ann\"", "\"count\":2}");
        awaitMembers(ann, 2);
        bob.close();
        ann.close();
    }

    @Test
    void whoCameAndWentWhileAServerWasAwayIsToldThereAfterwards() {
        TestClient bob = client(0, "bob");
        TestClient ann = client(1, "ann");
        awaitMembers(ann, 2);

        servers.network(1).hold();
        TestClient cy = client(0, "cy");
        bob.await("\"event\":\"join\",\"user\":\"guest.cy\"");
        servers.network(1).heal();

        ann.await("\"event\":\"join\",\"user\":\"guest.cy\"");
        awaitMembers(ann, 3);
        cy.close();
        bob.close();
        ann.close();
    }
}
