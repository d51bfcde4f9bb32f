package io.topicstream.server.gateway;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.topicstream.connection.Connections.Outcome;
import io.topicstream.gateway.exchange.GatewayEvent;
import io.topicstream.gateway.integration.Answer;
import io.topicstream.transport.RawClient;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/// What becomes of a socket of the gateway: frames, time, and how it ends. The numbers are those of the
/// specification's statements.
class GatewayConnectionTest {
    private static final int TEXT = 1;
    private static final int BINARY = 2;
    private static final int CLOSE = 8;
    private static final int PING = 9;
    private static final int PONG = 10;
    private static final int FIN = 0x80;

    private GatewayNodes nodes;
    private GatewaySocket client;

    @BeforeEach
    void start() throws Exception {
        nodes = new GatewayNodes();
        client = nodes.first().open();
        assertThat(nodes.backEnd.next()).isEqualTo("CONNECT");
    }

    @AfterEach
    void stop() throws IOException {
        client.close();
        nodes.close();
    }

    private String id() {
        return nodes.backEnd.connectionId;
    }

    private Outcome post(byte[] message) {
        return nodes.first()
                .connections()
                .post(id(), message)
                .toCompletableFuture()
                .join()
                .outcome();
    }

    private String closing() throws IOException {
        RawClient.Frame frame = client.next();
        while (frame.opcode() != CLOSE) {
            frame = client.next();
        }
        return frame.closing();
    }

    @Test
    @DisplayName("96: a binary frame closes with 1003, and no route runs")
    void binaryIsNotTaken() throws Exception {
        client.frame(FIN | BINARY, new byte[] {1, 2});

        assertThat(closing()).startsWith("1003");
        assertThat(nodes.backEnd.next()).startsWith("DISCONNECT 1003");
    }

    @Test
    @DisplayName("97: a frame of 32,768 bytes is taken, one of 32,769 closes with 1009")
    void framesAreBounded() throws Exception {
        client.text("x".repeat(32_768));
        assertThat(nodes.backEnd.next()).hasSize("MESSAGE ".length() + 32_768);

        client.text("x".repeat(32_769));

        assertThat(closing()).startsWith("1009");
        assertThat(nodes.backEnd.next()).startsWith("DISCONNECT 1009");
    }

    @Test
    @DisplayName("98: five fragments of 32,000 bytes close with 1009")
    void messagesAreBounded() throws Exception {
        fragments(5, 32_000);

        assertThat(closing()).startsWith("1009");
        assertThat(nodes.backEnd.next()).startsWith("DISCONNECT 1009");
    }

    @Test
    @DisplayName("98: 131,072 bytes are taken, 131,073 close with 1009")
    void theLargestMessage() throws Exception {
        fragments(4, 32_768);
        assertThat(nodes.backEnd.next()).hasSize("MESSAGE ".length() + 131_072);

        client.frame(TEXT, new byte[1]);
        for (int i = 0; i < 4; i++) {
            client.frame((i == 3 ? FIN : 0), "y".repeat(32_768).getBytes(UTF_8));
        }

        assertThat(closing()).startsWith("1009");
    }

    @Test
    @DisplayName("99: four such fragments are one event of 128,000 bytes")
    void fragmentsAreOneMessage() throws Exception {
        fragments(4, 32_000);

        assertThat(nodes.backEnd.next()).isEqualTo("MESSAGE " + "x".repeat(128_000));
        assertThat(nodes.backEnd.isQuiet()).isTrue();
    }

    private void fragments(int count, int bytes) throws IOException {
        byte[] part = "x".repeat(bytes).getBytes(UTF_8);
        for (int i = 0; i < count; i++) {
            try {
                client.frame((i == 0 ? TEXT : 0) | (i == count - 1 ? FIN : 0), part);
            } catch (IOException e) {
                // The server had enough.
                return;
            }
        }
    }

    @Test
    @DisplayName("100, 108: after 10 minutes without messages the server closes with 1001, and $disconnect hears it")
    void idleConnectionsEnd() throws Exception {
        nodes.passAndBeSeen(Duration.ofMinutes(10).minusMillis(1));
        assertThat(client.hears(50)).as("an early close").isFalse();

        nodes.pass(Duration.ofMillis(1));

        assertThat(closing()).isEqualTo("1001 Going away");
        assertThat(nodes.backEnd.next()).isEqualTo("DISCONNECT 1001 Going away");
    }

    @Test
    @DisplayName("101: with constant traffic the server closes after two hours")
    void oldConnectionsEnd() throws Exception {
        for (int i = 0; i < 23; i++) {
            nodes.pass(Duration.ofMinutes(5));
            client.text("again");
            assertThat(nodes.backEnd.next()).isEqualTo("MESSAGE again");
        }
        nodes.passAndBeSeen(Duration.ofMinutes(5).minusMillis(1));
        assertThat(post("still there?".getBytes(UTF_8))).isEqualTo(Outcome.DONE);

        nodes.pass(Duration.ofMillis(1));

        assertThat(closing()).isEqualTo("1001 Going away");
    }

    @Test
    @DisplayName("102: a post every 9 minutes keeps a connection open")
    void postsKeepItOpen() throws Exception {
        for (int i = 0; i < 4; i++) {
            nodes.passAndBeSeen(Duration.ofMinutes(9));
            assertThat(post("tick".getBytes(UTF_8))).isEqualTo(Outcome.DONE);
            assertThat(client.next().text()).isEqualTo("tick");
        }
    }

    @Test
    @DisplayName("103: pings do not")
    void pingsDoNotKeepItOpen() throws Exception {
        nodes.pass(Duration.ofMinutes(9));
        client.frame(FIN | PING, new byte[0]);
        assertThat(client.next().opcode()).isEqualTo(PONG);

        nodes.pass(Duration.ofMinutes(1));

        assertThat(closing()).isEqualTo("1001 Going away");
    }

    @Test
    @DisplayName("104: a ping is answered by a pong with the same payload")
    void pingsAreAnswered() throws Exception {
        client.frame(FIN | PING, "hello".getBytes(UTF_8));

        RawClient.Frame frame = client.next();

        assertThat(frame.opcode()).isEqualTo(PONG);
        assertThat(frame.text()).isEqualTo("hello");
    }

    @Test
    @DisplayName("105, 107: a close is echoed, and $disconnect hears its code and reason")
    void closesAreEchoed() throws Exception {
        client.closing(4000, "bye");

        assertThat(closing()).isEqualTo("4000 bye");
        assertThat(nodes.backEnd.next()).isEqualTo("DISCONNECT 4000 bye");
        assertThat(nodes.backEnd.isQuiet()).isTrue();
    }

    @Test
    @DisplayName("106: a close without a code is 1005")
    void aCloseWithoutACode() throws Exception {
        client.closing(0, "");

        assertThat(closing()).isEqualTo("none");
        assertThat(nodes.backEnd.next()).isEqualTo("DISCONNECT 1005 Client-side close frame status not set");
    }

    @Test
    @DisplayName("109: what the callback API deletes ends with 1000")
    void deletedConnectionsEnd() throws Exception {
        var _ = nodes.first().connections().close(id(), GatewayConnection.DELETED, GatewayConnection.DELETED_TEXT);

        assertThat(closing()).isEqualTo("1000 Connection Closed Normally");
        assertThat(nodes.backEnd.next()).isEqualTo("DISCONNECT 1000 Connection Closed Normally");
    }

    @Test
    @DisplayName("110: a TCP reset is 1006")
    void aResetIsNoticed() throws Exception {
        client.reset();

        assertThat(nodes.backEnd.next()).startsWith("DISCONNECT 1006");
    }

    @Test
    @DisplayName("112: a $disconnect that fails changes nothing")
    void aFailedDisconnectIsNotSeen() throws Exception {
        nodes.backEnd.answer(
                _ -> CompletableFuture.completedFuture(new Answer.Failed(Answer.Failure.INTERNAL, "it threw")));
        client.closing(1000, "");
        assertThat(closing()).isEqualTo("1000 ");
        assertThat(nodes.backEnd.next()).startsWith("DISCONNECT 1000");
        nodes.backEnd.answer(_ -> ScriptedBackEnd.done(200, ""));

        try (GatewaySocket another = nodes.first().open()) {
            another.text("hello");
            assertThat(nodes.backEnd.next()).isEqualTo("CONNECT");
            assertThat(nodes.backEnd.next()).isEqualTo("MESSAGE hello");
        }
    }

    @Test
    @DisplayName("71: what a two-way route answers is one text frame")
    void repliesReachTheClient() throws Exception {
        nodes.backEnd.answer(_ -> ScriptedBackEnd.done(200, "réponse"));
        client.text("hello");

        RawClient.Frame frame = client.next();

        assertThat(frame.opcode()).isEqualTo(TEXT);
        assertThat(frame.text()).isEqualTo("réponse");
    }

    @Test
    void aClientWithTooManyMessagesUnderWayIsNotReadUntilOneIsDone() throws Exception {
        CompletableFuture<Answer> held = new CompletableFuture<>();
        nodes.backEnd.answer(
                event -> event.cause() instanceof GatewayEvent.Message ? held : ScriptedBackEnd.done(200, ""));
        for (int i = 0; i < 64; i++) {
            client.text("held");
        }
        for (int i = 0; i < 64; i++) {
            assertThat(nodes.backEnd.next()).isEqualTo("MESSAGE held");
        }
        // Some of these may be read with those before.
        for (int i = 0; i < 32; i++) {
            client.text("later");
        }
        assertThat(nodes.backEnd.isQuiet()).isTrue();

        held.complete(new Answer.Given(200, Map.of(), null, null));

        for (int i = 0; i < 32; i++) {
            assertThat(nodes.backEnd.next()).isEqualTo("MESSAGE later");
        }
    }

    @Test
    void aServerThatStopsIsGoingAway() throws Exception {
        CompletableFuture<Void> stopped = nodes.first().stop(Duration.ofMillis(200));

        assertThat(closing()).isEqualTo("1001 Going away");
        assertThat(nodes.backEnd.next()).isEqualTo("DISCONNECT 1001 Going away");
        client.close();
        stopped.join();
    }

    @Test
    @DisplayName("120: a connection that has ended is gone at once")
    void whatHasEndedIsGone() throws Exception {
        client.closing(1000, "");
        closing();

        await().untilAsserted(() -> assertThat(post("x".getBytes(UTF_8))).isEqualTo(Outcome.GONE));
    }
}
