package io.topicstream.aws.runtime;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.topicstream.aws.runtime.StubAws.Outcome;
import io.topicstream.aws.runtime.StubAws.Posted;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/// The WebSocket function, out of its archive. Times are printed, and none is asserted.
class WebSocketArchiveTest extends ArchivedFunction {
    /// How often each frame is sent for its figure.
    private static final int FRAMES = Integer.getInteger("topicstream.frames", 20);

    WebSocketArchiveTest() {
        super("websocket", WebSocketHandler.class);
    }

    private FunctionProcess restored() throws IOException {
        return restored(Map.of());
    }

    private static byte[] connect(String connection, String token) {
        return Rehearsal.event("CONNECT", StubAws.STAGE, connection, Map.of(Rehearsal.KEY_HEADER, token), "");
    }

    private static byte[] frame(String connection, String text) {
        return Rehearsal.event("MESSAGE", StubAws.STAGE, connection, Map.of(), text);
    }

    /// Waits for the next thing that a connection is sent.
    private String heard(FunctionProcess function, String connection) throws InterruptedException {
        for (long untilNs = System.nanoTime() + PATIENCE.toNanos(); System.nanoTime() < untilNs; ) {
            Posted posted = aws.posted.poll(1, TimeUnit.SECONDS);
            if (posted != null && posted.connectionId().equals(connection)) {
                return posted.text();
            }
        }
        throw new AssertionError(connection + " hears nothing: " + function.said());
    }

    /// A client connects and is greeted.
    private void join(FunctionProcess function, String connection) throws InterruptedException {
        assertThat(function.call(aws, connect(connection, key))).isEqualTo("{\"statusCode\":200}");
        aws.open.add(connection);
        assertThat(heard(function, connection)).startsWith("{\"type\":\"welcome\",\"connection_id\":\"" + connection);
    }

    private void send(FunctionProcess function, String connection, String text) {
        assertThat(function.call(aws, frame(connection, text))).isEqualTo("{\"statusCode\":200}");
    }

    // ---- what must be right

    @Test
    void clientsConnectAndHearEachOther() throws Exception {
        FunctionProcess function = start();
        join(function, "a");
        join(function, "b");

        send(function, "a", "{\"action\":\"ping\",\"id\":1}");
        assertThat(heard(function, "a")).startsWith("{\"type\":\"pong\",\"id\":1");
        send(function, "b", "{\"action\":\"subscribe\",\"id\":2,\"topic\":\"chat\"}");
        assertThat(heard(function, "b")).startsWith("{\"type\":\"reply\",\"id\":2,\"topic\":\"chat\"");
        send(function, "a", "{\"action\":\"publish\",\"id\":3,\"topic\":\"chat\",\"message\":{\"text\":\"hello\"}}");
        assertThat(heard(function, "a"))
                .startsWith("{\"type\":\"reply\",\"id\":3")
                .contains("\"offset\":1");
        assertThat(heard(function, "b"))
                .startsWith("{\"type\":\"message\",\"topic\":\"chat\",\"offset\":1")
                .contains("\"from\":\"ada\"")
                .endsWith("\"message\":{\"text\":\"hello\"}}");
        assertThat(function.call(aws, Rehearsal.event("DISCONNECT", StubAws.STAGE, "b", Map.of(), "")))
                .isEqualTo("{\"statusCode\":200}");
        assertThat(logged("chat")).containsExactly("{\"text\":\"hello\"}");
    }

    @Test
    void whoShowsNoKeyOrAWrongOneIsRefused() throws Exception {
        FunctionProcess function = start();

        assertThat(function.call(aws, connect("a", "ts_" + "1".repeat(40)))).startsWith("{\"statusCode\":401,");
        assertThat(function.call(aws, Rehearsal.event("CONNECT", StubAws.STAGE, "b", Map.of(), "")))
                .startsWith("{\"statusCode\":401,");
    }

    @Test
    void whatIsNoEventFailsAndTheFunctionGoesOn() throws Exception {
        FunctionProcess function = start();

        Outcome outcome = function.await(aws.call("{\"what\":1}".getBytes(UTF_8)));

        assertThat(outcome.failed()).isTrue();
        assertThat(outcome.text())
                .contains("java.lang.IllegalArgumentException")
                .contains("requestContext");
        join(function, "a");
    }

    @Test
    void aVariableThatIsMissingIsNamedAtTheStart() throws Exception {
        FunctionProcess function =
                start(FunctionProcess.PLAIN, Map.of("TOPICSTREAM_TABLE", "", "TOPICSTREAM_GUESTS", "perhaps"));

        String error = function.await(aws.initError);

        assertThat(error)
                .contains("The function needs TOPICSTREAM_TABLE in its environment."
                        + " TOPICSTREAM_GUESTS is \\\"perhaps\\\"; it has to be true or false.");
    }

    @Test
    void aRestoredFunctionIsRightAtOnceAndItsRehearsalLeftNothing() throws Exception {
        int rows = rows();
        FunctionProcess function = restored();
        assertThat(function.said()).doesNotContain("rehearsed");
        assertThat(aws.posted).isEmpty();
        assertThat(rows()).isEqualTo(rows);

        aws.restored.complete(null);
        join(function, "a");
        send(function, "a", "{\"action\":\"publish\",\"id\":3,\"topic\":\"chat\",\"message\":1}");

        assertThat(heard(function, "a"))
                .startsWith("{\"type\":\"reply\",\"id\":3")
                .contains("\"offset\":1");
        assertThat(logged("chat")).containsExactly("1");
    }

    /// After the publisher has heard that its message is stored, and before anybody else has heard of it.
    @Test
    void aFunctionKilledAfterAnAckLosesNothing() throws Exception {
        FunctionProcess function = start();
        join(function, "a");
        join(function, "b");
        send(function, "b", "{\"action\":\"subscribe\",\"id\":1,\"topic\":\"chat\"}");
        assertThat(heard(function, "b")).startsWith("{\"type\":\"reply\",\"id\":1");
        CompletableFuture<String> acked = new CompletableFuture<>();
        aws.onPost(posted -> {
            function.kill();
            acked.complete(posted.text());
        });

        var _ = aws.call(frame("a", "{\"action\":\"publish\",\"id\":2,\"topic\":\"chat\",\"message\":\"first\"}"));

        assertThat(acked.get(PATIENCE.toSeconds(), TimeUnit.SECONDS)).startsWith("{\"type\":\"reply\",\"id\":2");
        assertThat(logged("chat")).containsExactly("\"first\"");
        aws.onPost(_ -> {});
        aws.posted.clear();
        // The next one who publishes delivers what was left.
        FunctionProcess next = start();
        send(next, "a", "{\"action\":\"publish\",\"id\":3,\"topic\":\"chat\",\"message\":\"second\"}");
        assertThat(heardOf(next, "b", 2)).containsExactly("\"first\"}", "\"second\"}");
    }

    /// The ends of the next messages that a connection is sent.
    private List<String> heardOf(FunctionProcess function, String connection, int count) throws InterruptedException {
        List<String> ends = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            String text = heard(function, connection);
            ends.add(text.substring(text.indexOf("\"message\":") + "\"message\":".length()));
        }
        return ends;
    }

    private int rows() {
        return table.client().scan(scan -> scan.tableName(table.name())).count();
    }

    // ---- how long it takes

    @Test
    void howLongTheFirstCallTakes() throws Exception {
        List<Double> plain = new ArrayList<>();
        List<Double> firstPlain = new ArrayList<>();
        List<Double> first = new ArrayList<>();
        List<Double> second = new ArrayList<>();
        for (int i = 0; i < STARTS; i++) {
            renew();
            long startNs = System.nanoTime();
            try (FunctionProcess function = start()) {
                assertThat(function.call(aws, connect("plain" + i, key))).isEqualTo("{\"statusCode\":200}");
                plain.add(sinceMs(startNs));
                aws.open.add("plain" + i);
                heard(function, "plain" + i);
                long frameNs = System.nanoTime();
                publish(function, "plain" + i);
                firstPlain.add(sinceMs(frameNs));
            }
        }
        for (int i = 0; i < STARTS; i++) {
            renew();
            try (FunctionProcess function = restored()) {
                long restoreNs = System.nanoTime();
                aws.restored.complete(null);
                assertThat(function.call(aws, connect("snap" + i, key))).isEqualTo("{\"statusCode\":200}");
                first.add(sinceMs(restoreNs));
                aws.open.add("snap" + i);
                heard(function, "snap" + i);
                long frameNs = System.nanoTime();
                publish(function, "snap" + i);
                second.add(sinceMs(frameNs));
            }
        }

        print("without a snapshot, from the start of Java to the answer to a handshake", plain);
        print("without a snapshot, the first publish", firstPlain);
        print("after a restore, to the answer to a handshake", first);
        print("after a restore, the first publish", second);
    }

    private void publish(FunctionProcess function, String connection) {
        send(
                function,
                connection,
                "{\"action\":\"publish\",\"id\":3,\"topic\":\"chat\",\"message\":{\"text\":\"hello\"}}");
    }

    @Test
    void howLongEachKindOfFrameTakes() throws Exception {
        renew();
        FunctionProcess function = restored();
        aws.restored.complete(null);
        join(function, "a");
        Map<String, String> frames = Map.of(
                "ping", "{\"action\":\"ping\",\"id\":1}",
                "publish", "{\"action\":\"publish\",\"id\":2,\"topic\":\"chat\",\"message\":{\"text\":\"hello\"}}",
                "publish with an id",
                        "{\"action\":\"publish\",\"id\":3,\"topic\":\"chat\",\"message\":1,\"message_id\":\"m-%d\"}",
                "subscribe", "{\"action\":\"subscribe\",\"id\":4,\"topic\":\"t-%d\"}",
                "unsubscribe", "{\"action\":\"unsubscribe\",\"id\":5,\"topic\":\"t-%d\"}",
                "read of 10 messages", "{\"action\":\"read\",\"id\":6,\"topic\":\"chat\",\"limit\":10}");
        List<Double> connects = new ArrayList<>();
        for (int i = 0; i < FRAMES; i++) {
            long startNs = System.nanoTime();
            assertThat(function.call(aws, connect("c" + i, key))).isEqualTo("{\"statusCode\":200}");
            connects.add(sinceMs(startNs));
            aws.open.add("c" + i);
            heard(function, "c" + i);
        }
        print("connect", connects);
        for (String kind :
                List.of("ping", "publish", "publish with an id", "subscribe", "unsubscribe", "read of 10 messages")) {
            List<Double> times = new ArrayList<>();
            for (int i = 0; i < FRAMES; i++) {
                long startNs = System.nanoTime();
                send(function, "a", frames.get(kind).formatted(i));
                times.add(sinceMs(startNs));
                assertThat(heard(function, "a")).doesNotContain("\"type\":\"error\"");
            }
            print(kind, times);
        }
    }
}
