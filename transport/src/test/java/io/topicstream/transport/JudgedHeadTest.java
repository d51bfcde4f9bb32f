package io.topicstream.transport;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// A request is judged by its head before its body is read, where the body does not come with it.
class JudgedHeadTest {
    private static final String HOST = "Host: localhost\r\n";

    private final List<HttpExchange> undecided = new CopyOnWriteArrayList<>();
    private EchoServer server;
    private int port;

    /// Those that were handled, and keep back what comes behind them until the test lets it come.
    private final List<HttpExchange> holding = new CopyOnWriteArrayList<>();

    /// `/echo` takes any body, `/little` ten bytes, `/named` ten and says itself that there are more, `/later` waits
    /// for the test, `/hold` holds, all else is refused.
    private final class Judge implements HttpHandler {
        @Override
        public void handle(HttpExchange exchange) {
            if (exchange.head().path().equals("/hold")) {
                exchange.hold();
                holding.add(exchange);
                return;
            }
            exchange.respond(200, "text/plain", Map.of(), exchange.body());
        }

        @Override
        public void accept(HttpExchange exchange) {
            switch (exchange.head().path()) {
                case "/echo" -> exchange.takeBody(Integer.MAX_VALUE);
                case "/little", "/named" -> exchange.takeBody(10);
                case "/later" -> undecided.add(exchange);
                default -> exchange.respondError(401, "unauthenticated", "who are you?", Map.of());
            }
        }

        @Override
        public boolean answersTooLong(HttpExchange exchange) {
            boolean isNamed = exchange.head().path().equals("/named");
            if (isNamed) {
                exchange.respond(413, null, Map.of("X-Type", "TooLong"), new byte[0]);
            }
            return isNamed;
        }
    }

    @BeforeEach
    void start() throws IOException {
        server = new EchoServer(TransportLimits.defaults());
        port = server.transport
                .bind(
                        new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                        new Endpoint(
                                new Judge(),
                                (request, decision) -> decision.refuse(404, "not_found", "no", Map.of()),
                                host -> true))
                .getPort();
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private static String post(String path, String fields) {
        return "POST " + path + " HTTP/1.1\r\n" + HOST + fields + "\r\n";
    }

    @Test
    void whoIsRefusedIsAnsweredBeforeTheBodyComes() throws IOException {
        try (RawClient client = new RawClient(port).send(post("/no", "Content-Length: 2000000\r\n"))) {
            RawClient.Answer answer = client.answer();

            assertThat(answer.status()).isEqualTo(401);
            assertThat(answer.header("Connection")).isEqualTo("close");
            assertThat(client.ended()).isTrue();
        }
        assertThat(server.transport.incompleteBytes()).isZero();
    }

    @Test
    void afterALittleBodyThatNobodyWantedTheConnectionGoesOn() throws IOException {
        try (RawClient client = new RawClient(port).send(post("/no", "Content-Length: 10\r\n") + "12345")) {
            assertThat(client.answer().status()).isEqualTo(401);

            client.send("67890" + post("/echo", "Content-Length: 2\r\n") + "ok");

            assertThat(client.answer().text()).isEqualTo("ok");
        }
    }

    @Test
    void aBodyThatComesWithItsHeadIsHandledAtOnce() throws IOException {
        try (RawClient client = new RawClient(port).send(post("/no", "Content-Length: 2\r\n") + "ok")) {
            assertThat(client.answer().status()).isEqualTo(200);
        }
    }

    @Test
    void whoExpectsToBeToldIsToldToGoOnOrNot() throws IOException {
        String expecting = "Expect: 100-continue\r\nContent-Length: 2\r\n";
        try (RawClient wanted = new RawClient(port).send(post("/echo", expecting));
                RawClient refused = new RawClient(port).send(post("/no", expecting));
                RawClient tooLong =
                        new RawClient(port).send(post("/little", "Expect: 100-continue\r\nContent-Length: 11\r\n"))) {
            assertThat(wanted.answer().status()).isEqualTo(100);
            assertThat(wanted.send("ok").answer().text()).isEqualTo("ok");
            assertThat(refused.answer().status()).isEqualTo(401);
            assertThat(refused.ended()).isTrue();
            assertThat(tooLong.answer().status()).isEqualTo(413);
        }
    }

    @Test
    void whoTookABodyInChunksSaysThatItIsTooLong() throws IOException {
        // Who is told to go on has been judged by the head.
        String chunked = "Expect: 100-continue\r\nTransfer-Encoding: chunked\r\n";
        try (RawClient named = new RawClient(port).send(post("/named", chunked));
                RawClient other = new RawClient(port).send(post("/little", chunked))) {
            assertThat(named.answer().status()).isEqualTo(100);
            assertThat(other.answer().status()).isEqualTo(100);
            RawClient.Answer answer = named.send("8\r\n12345678\r\n")
                    .send("3\r\n901\r\n0\r\n\r\n")
                    .answer();
            assertThat(answer.status()).isEqualTo(413);
            assertThat(answer.header("X-Type")).isEqualTo("TooLong");
            assertThat(answer.text()).isEmpty();
            assertThat(named.ended()).isTrue();

            assertThat(other.send("B\r\n12345678901\r\n0\r\n\r\n").answer().text())
                    .contains("larger than 10 bytes");
            assertThat(other.ended()).isTrue();
        }
        await().untilAsserted(
                        () -> assertThat(server.transport.incompleteBytes()).isZero());
    }

    @Test
    void tenBytesInChunksAreTaken() throws IOException {
        try (RawClient client =
                new RawClient(port).send(post("/named", "Expect: 100-continue\r\nTransfer-Encoding: chunked\r\n"))) {
            assertThat(client.answer().status()).isEqualTo(100);
            assertThat(client.send("8\r\n12345678\r\n")
                            .send("2\r\n90\r\n0\r\n\r\n")
                            .answer()
                            .text())
                    .isEqualTo("1234567890");
        }
    }

    @Test
    void aDecisionMayComeLaterAndTheAnswersKeepTheirOrder() throws IOException {
        try (RawClient client = new RawClient(port)) {
            client.send(post("/echo", "Content-Length: 5\r\n") + "first"
                    + post("/later", "Expect: 100-continue\r\nContent-Length: 6\r\n"));
            assertThat(client.answer().text()).isEqualTo("first");
            await().until(() -> undecided.size() == 1);

            undecided.getFirst().takeBody(10);

            assertThat(client.answer().status()).isEqualTo(100);
            client.send("second" + post("/echo", "Content-Length: 5\r\n") + "third");
            assertThat(client.answer().text()).isEqualTo("second");
            assertThat(client.answer().text()).isEqualTo("third");
        }
    }

    @Test
    void whoLeavesBeforeTheDecisionLeavesNothingBehind() throws IOException {
        try (RawClient client = new RawClient(port)) {
            client.send(post("/later", "Content-Length: 100000\r\n") + "x".repeat(10_000));
            await().until(() -> undecided.size() == 1);
        }
        await().until(() -> server.transport.connections() == 0);

        undecided.getFirst().takeBody(10);
        undecided.getFirst().respond(200, null, Map.of(), "late".getBytes(UTF_8));

        await().until(() -> server.transport.incompleteBytes() == 0 && server.transport.answerBytes() == 0);
    }

    @Test
    void aBodyInChunksMayNotBeLongerThanTheDecisionSays() throws IOException {
        try (RawClient client = new RawClient(port)) {
            client.send(post("/little", "Expect: 100-continue\r\nTransfer-Encoding: chunked\r\n"));
            assertThat(client.answer().status()).isEqualTo(100);
            client.send("5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n");

            assertThat(client.answer().status()).isEqualTo(413);
        }
    }

    @Test
    void whatIsNotCompleteIsCountedUntilItIsAnswered() throws IOException {
        try (RawClient client = new RawClient(port)) {
            client.send(post("/echo", "Content-Length: 100000\r\n") + "x".repeat(99_999));
            await().until(() -> server.transport.incompleteBytes() >= 99_999);

            assertThat(client.send("x").answer().body()).hasSize(100_000);
            await().until(() -> server.transport.incompleteBytes() == 0);
            await().until(() -> server.transport.answerBytes() == 0);
        }
    }

    @Test
    void whatComesBehindARequestThatHoldsWaitsForItsRelease() throws IOException {
        String held = post("/hold", "Content-Length: 2\r\n") + "ok";
        try (RawClient client = new RawClient(port).send(held + held);
                RawClient other = new RawClient(port)) {
            await().until(() -> holding.size() == 1);

            assertThat(other.send(post("/echo", "Content-Length: 2\r\n") + "hi")
                            .answer()
                            .text())
                    .isEqualTo("hi");
            HttpExchange first = holding.getFirst();
            onLoop(first, () -> first.respond(200, "text/plain", Map.of(), "first".getBytes(UTF_8)));
            assertThat(client.answer().text()).isEqualTo("first");
            assertThat(holding).hasSize(1);

            onLoop(first, first::release);

            await().until(() -> holding.size() == 2);
            HttpExchange second = holding.getLast();
            onLoop(second, second::release);
            onLoop(second, () -> second.respond(200, "text/plain", Map.of(), "second".getBytes(UTF_8)));
            assertThat(client.answer().text()).isEqualTo("second");
        }
    }

    @Test
    void aReleaseAfterTheClientHasGoneDoesNothing() throws IOException {
        try (RawClient client = new RawClient(port)) {
            client.send(post("/hold", "Content-Length: 2\r\n") + "ok" + post("/echo", "Content-Length: 0\r\n"));
            await().until(() -> holding.size() == 1);
        }
        await().until(() -> server.transport.connections() == 0);

        onLoop(holding.getFirst(), holding.getFirst()::release);

        assertThat(holding).hasSize(1);
    }

    private static void onLoop(HttpExchange exchange, Runnable task) {
        exchange.eventLoop().submit(task).syncUninterruptibly();
    }
}
