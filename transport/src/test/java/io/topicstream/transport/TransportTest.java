package io.topicstream.transport;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// What the transport does for clients that behave.
class TransportTest {
    private EchoServer server;

    @BeforeEach
    void start() throws IOException {
        server = new EchoServer(TransportLimits.defaults());
    }

    @AfterEach
    void stop() {
        server.close();
    }

    @Test
    void aRequestIsAnsweredAndTheConnectionKept() throws IOException {
        try (RawClient client = new RawClient(server.port())) {
            client.send("GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n");
            RawClient.Answer first = client.answer();
            client.send("POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\n\r\nhello");
            RawClient.Answer second = client.answer();

            assertThat(first.status()).isEqualTo(200);
            assertThat(first.text()).isEqualTo("{\"status\":\"ok\"}");
            assertThat(first.header("Date")).endsWith("GMT");
            assertThat(second.text()).isEqualTo("hello");
        }
    }

    @Test
    void aChunkedBodyArrivesWhole() throws IOException {
        try (RawClient client = new RawClient(server.port())) {
            client.send("POST /echo HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n");
            client.send("5\r\nhello\r\n6;a=b\r\n world\r\n0\r\n\r\n");

            assertThat(client.answer().text()).isEqualTo("hello world");
        }
    }

    @Test
    void answersLeaveInTheOrderOfTheRequestsFromWhateverThreadTheyCome() throws IOException {
        try (RawClient client = new RawClient(server.port())) {
            String later = "GET /later HTTP/1.1\r\nHost: localhost\r\n\r\n";
            client.send(later + later + later.replace("/later", "/health"));
            await().until(() -> server.later.size() == 2);
            server.later.get(1).respond(200, null, Map.of(), "second".getBytes(UTF_8));
            server.later.get(0).respond(200, null, Map.of(), "first".getBytes(UTF_8));

            assertThat(client.answer().text()).isEqualTo("first");
            assertThat(client.answer().text()).isEqualTo("second");
            assertThat(client.answer().text()).contains("ok");
            assertThatThrownBy(() -> server.later.get(0).respond(200, null, Map.of(), new byte[0]))
                    .isInstanceOf(IllegalStateException.class);
        }
    }

    @Test
    void aHandlerHearsThatItsClientWentAway() throws IOException {
        CompletableFuture<String> gone = new CompletableFuture<>();
        try (RawClient client = new RawClient(server.port())) {
            client.send("GET /later HTTP/1.1\r\nHost: localhost\r\n\r\n");
            await().until(() -> server.later.size() == 1);
            HttpExchange exchange = server.later.get(0);
            exchange.eventLoop().execute(() -> exchange.onClosed(() -> gone.complete("gone")));
        }

        assertThat(gone.orTimeout(5, TimeUnit.SECONDS).join()).isEqualTo("gone");
    }

    @Test
    void aLargeTextIsCompressedForWhoAcceptsIt() throws IOException {
        try (RawClient client = new RawClient(server.port())) {
            client.send("GET /json HTTP/1.1\r\nHost: localhost\r\nAccept-Encoding: br, gzip;q=0.5\r\n\r\n");
            RawClient.Answer small = client.answer();
            client.send("GET /json HTTP/1.1\r\nHost: localhost\r\nAccept-Encoding: gzip;q=0\r\n\r\n");
            RawClient.Answer large = client.answer();

            assertThat(small.header("Content-Encoding")).isEqualTo("gzip");
            assertThat(small.header("Vary")).isEqualTo("Accept-Encoding");
            assertThat(small.body().length).isLessThan(2000);
            assertThat(new GZIPInputStream(new ByteArrayInputStream(small.body())).readAllBytes())
                    .isEqualTo(large.body());
        }
    }

    @Test
    void aCompressedBodyIsInflated() throws IOException {
        ByteArrayOutputStream packed = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(packed)) {
            gzip.write("hello".repeat(1000).getBytes(UTF_8));
        }
        try (RawClient client = new RawClient(server.port())) {
            client.send("POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Encoding: gzip\r\nContent-Length: "
                            + packed.size() + "\r\n\r\n")
                    .send(packed.toByteArray());

            assertThat(client.answer().text()).isEqualTo("hello".repeat(1000));
        }
    }

    @Test
    void anExpectationIsAnsweredBeforeTheBody() throws IOException {
        try (RawClient client = new RawClient(server.port())) {
            client.send("POST /echo HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n");
            assertThat(client.answer().status()).isEqualTo(100);
            client.send("ok");

            assertThat(client.answer().text()).isEqualTo("ok");
        }
    }

    @Test
    void anAnswerCanComeInPieces() throws IOException {
        try (RawClient client = new RawClient(server.port())) {
            client.send(
                    "GET /stream HTTP/1.1\r\nHost: localhost\r\n\r\nGET /health HTTP/1.1\r\nHost: localhost\r\n\r\n");

            assertThat(client.answer().text()).isEqualTo("1\n2\n3\n");
            assertThat(client.answer().text()).contains("ok");
        }
    }

    @Test
    void aLastAnswerIsNotCutShortForASlowReader() throws IOException {
        int size = 2 * 1024 * 1024;
        try (RawClient client = new RawClient(server.port(), 4096)) {
            client.send("POST /echo HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: " + size
                    + "\r\n\r\n");
            client.send(new byte[size]);
            await().until(() -> server.handled.get() == 1);
            // Longer than a connection lingers that has nothing left to send.
            long until = System.nanoTime() + 3_500_000_000L;
            await().until(() -> System.nanoTime() > until);

            assertThat(client.answer().body()).hasSize(size);
            assertThat(client.ended()).isTrue();
        }
    }

    @Test
    void headIsAnsweredWithoutABody() throws IOException {
        try (RawClient client = new RawClient(server.port())) {
            client.send("HEAD /json HTTP/1.1\r\nHost: localhost\r\n\r\n");
            RawClient.Answer head = client.answer(false);
            client.send("GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n");

            assertThat(head.header("Content-Length")).isEqualTo("65536");
            assertThat(client.answer().text()).contains("ok");
        }
    }

    @Test
    void http10IsAnsweredAndClosed() throws IOException {
        try (RawClient client = new RawClient(server.port())) {
            client.send("GET /health HTTP/1.0\r\n\r\n");

            assertThat(client.answer().header("Connection")).isEqualTo("close");
            assertThat(client.ended()).isTrue();
        }
    }

    @Test
    void pathsAndQueriesAreDecodedOnce() throws IOException {
        try (RawClient client = new RawClient(server.port())) {
            client.send("GET /a%20b/%2525?x=1+2&y=%C3%A4 HTTP/1.1\r\nHost: localhost\r\n\r\n");

            assertThat(client.answer().text()).contains("nothing at /a b/%25");
        }
    }

    @Test
    void aHandlerThatFailsIsAnInternalErrorWithoutDetails() throws IOException {
        try (RawClient client = new RawClient(server.port())) {
            client.send("GET /fails HTTP/1.1\r\nHost: localhost\r\n\r\n");
            RawClient.Answer answer = client.answer();

            assertThat(answer.status()).isEqualTo(500);
            assertThat(answer.text()).isEqualTo("{\"error\":\"internal error\",\"code\":\"internal\"}");
            assertThat(answer.header("Topic-Error")).isEqualTo("internal");
        }
    }

    @Test
    void messagesOfEverySizeComeBack() throws IOException {
        try (RawClient client = RawClient.upgraded(server.port())) {
            for (int size : new int[] {0, 1, 7, 8, 125, 126, 65535, 65536, 128 * 1024}) {
                String text = "ä".repeat(size / 2) + "x".repeat(size % 2);
                client.send(RawClient.text(text));
                assertThat(client.frame().text()).isEqualTo(text);
                byte[] bytes = new byte[size];
                Arrays.fill(bytes, (byte) 0xFF);
                client.send(RawClient.frame(0x82, bytes));
                assertThat(client.frame().payload()).isEqualTo(bytes);
            }
        }
    }

    @Test
    void framesSentAheadOfTheAnswerComeAfterIt() throws IOException {
        try (RawClient client = new RawClient(server.port())) {
            client.send(RawClient.UPGRADE.getBytes(UTF_8)).send(RawClient.text("early"));

            assertThat(client.answer().status()).isEqualTo(101);
            assertThat(client.frame().text()).isEqualTo("early");
        }
    }

    @Test
    void anUpgradeMayBeDecidedLaterAndElsewhere() throws IOException {
        try (RawClient client = new RawClient(server.port())) {
            client.send(RawClient.UPGRADE.replace("GET / ", "GET /undecided ").getBytes(UTF_8))
                    .send(RawClient.text("early"));
            await().until(() -> server.undecided.size() == 1);
            server.undecided.get(0).accept(null, new EchoServer.Echo());

            RawClient.Answer answer = client.answer();
            assertThat(answer.status()).isEqualTo(101);
            assertThat(answer.header("Sec-WebSocket-Accept")).isEqualTo("s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
            assertThat(client.frame().text()).isEqualTo("early");
        }
    }

    @Test
    void aListenerAcceptedTooLateHearsThatItIsOver() throws IOException {
        EchoServer.Echo echo = new EchoServer.Echo();
        try (RawClient client = new RawClient(server.port())) {
            client.send(RawClient.UPGRADE.replace("GET / ", "GET /undecided "));
            await().until(() -> server.undecided.size() == 1);
            client.reset();
        }
        server.undecided.get(0).accept(null, echo);

        await().until(() -> echo.closings.get() == 1);
        assertThat(echo.closedWith).isEqualTo(1006);
    }

    @Test
    void anUpgradeMayBeRefused() throws IOException {
        try (RawClient client = new RawClient(server.port())) {
            client.send(RawClient.UPGRADE.replace("GET / ", "GET /no "));
            RawClient.Answer answer = client.answer();

            assertThat(answer.status()).isEqualTo(403);
            assertThat(answer.text()).isEqualTo("{\"error\":\"not for you\",\"code\":\"forbidden\"}");
            assertThat(client.ended()).isTrue();
        }
    }

    @Test
    void anUpgradeWaitsForTheAnswersBeforeIt() throws IOException {
        try (RawClient client = new RawClient(server.port())) {
            client.send("GET /later HTTP/1.1\r\nHost: localhost\r\n\r\n" + RawClient.UPGRADE);
            await().until(() -> server.later.size() == 1);
            server.later.get(0).respond(200, null, Map.of(), "first".getBytes(UTF_8));

            assertThat(client.answer().text()).isEqualTo("first");
            assertThat(client.answer().status()).isEqualTo(101);
        }
    }

    @Test
    void aListenerIsToldOnceHowItEnded() throws IOException {
        try (RawClient client = RawClient.upgraded(server.port())) {
            client.send(RawClient.closing(4242, "bye, ä"));
            assertThat(client.closeCode()).isEqualTo(4242);
            assertThat(client.ended()).isTrue();
        }
        try (RawClient client = RawClient.upgraded(server.port())) {
            client.reset();
        }

        await().until(() -> server.transport.connections() == 0);
        assertThat(server.sockets).extracting(echo -> echo.closedWith).containsExactly(4242, 1006);
        assertThat(server.sockets).extracting(echo -> echo.closedFor).containsExactly("bye, ä", "");
        assertThat(server.sockets).allMatch(echo -> echo.closings.get() == 1);
    }

    @Test
    void whatIsPausedIsReadLaterAndInOrder() throws IOException {
        try (RawClient client = RawClient.upgraded(server.port())) {
            await().until(() -> server.sockets.size() == 1 && server.sockets.get(0).connection != null);
            EchoServer.Echo echo = server.sockets.get(0);
            echo.connection
                    .channel()
                    .eventLoop()
                    .submit(echo.connection::pauseReading)
                    .syncUninterruptibly();
            for (int i = 0; i < 100; i++) {
                client.send(RawClient.text("message " + i));
            }
            assertThat(echo.messages.get()).isZero();
            echo.connection
                    .channel()
                    .eventLoop()
                    .submit(echo.connection::resumeReading)
                    .syncUninterruptibly();

            for (int i = 0; i < 100; i++) {
                assertThat(client.frame().text()).isEqualTo("message " + i);
            }
        }
    }

    @Test
    void aStopDrainsThenCloses() throws IOException {
        try (RawClient socket = RawClient.upgraded(server.port());
                RawClient idle = new RawClient(server.port());
                RawClient busy = new RawClient(server.port())) {
            idle.send("GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n").answer();
            busy.send("GET /later HTTP/1.1\r\nHost: localhost\r\n\r\n");
            await().until(() -> server.later.size() == 1);
            CompletableFuture<Void> stopped = server.transport.stop(Duration.ofMillis(500), 1012);
            await().until(() -> server.sockets.get(0).drainings.get() == 1);
            server.later.get(0).respond(200, null, Map.of(), "last".getBytes(UTF_8));

            assertThat(socket.closeCode()).isEqualTo(1012);
            assertThat(idle.ended()).isTrue();
            assertThat(busy.answer().text()).isEqualTo("last");
            assertThat(busy.ended()).isTrue();
            assertThat(stopped.orTimeout(5, TimeUnit.SECONDS)
                            .handle((done, error) -> error)
                            .join())
                    .isNull();
        }
        assertThatThrownBy(() -> new RawClient(server.port())).isInstanceOf(IOException.class);
    }

    @Test
    void whileAServerLeavesItStillAnswersAndSaysThatEachAnswerIsTheLast() throws IOException {
        try (RawClient idle = new RawClient(server.port())) {
            idle.send("GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n").answer();
            CompletableFuture<Void> stopped =
                    server.transport.stop(Duration.ofSeconds(3), Duration.ofMillis(100), 1012);

            // The loop hears of it a moment later, and may have read a request by then.
            await().until(() -> {
                RawClient.Answer answer = idle.send("GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n")
                        .answer();
                assertThat(answer.status()).isEqualTo(200);
                return "close".equals(answer.header("Connection"));
            });
            assertThat(idle.ended()).isTrue();
            try (RawClient late = new RawClient(server.port());
                    RawClient socket = new RawClient(server.port())) {
                assertThat(late.send("GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n")
                                .answer()
                                .header("Connection"))
                        .isEqualTo("close");
                assertThat(socket.send(RawClient.UPGRADE).answer().status()).isEqualTo(503);
            }
            assertThat(stopped.orTimeout(30, TimeUnit.SECONDS)
                            .handle((done, error) -> error)
                            .join())
                    .isNull();
        }
        assertThatThrownBy(() -> new RawClient(server.port())).isInstanceOf(IOException.class);
    }

    @Test
    void everyIPv4AddressIsNotEveryAddress() throws IOException {
        Endpoint endpoint = new Endpoint(
                exchange -> exchange.respond(200, null, Map.of(), new byte[0]),
                (request, decision) -> {},
                host -> true);
        int four = server.transport
                .bind(new InetSocketAddress(InetAddress.ofLiteral("0.0.0.0"), 0), endpoint)
                .getPort();
        InetSocketAddress both = server.transport.bind(new InetSocketAddress(InetAddress.ofLiteral("::"), 0), endpoint);

        assertThat(both.getAddress()).isInstanceOf(Inet6Address.class);
        assertThat(answers("127.0.0.1", four)).isTrue();
        assertThat(answers("::1", four)).isFalse();
        assertThat(answers("127.0.0.1", both.getPort())).isTrue();
        assertThat(answers("::1", both.getPort())).isTrue();
    }

    private static boolean answers(String address, int port) {
        try (Socket socket = new Socket(InetAddress.ofLiteral(address), port)) {
            return socket.isConnected();
        } catch (IOException e) {
            return false;
        }
    }

    @Test
    void whoComesBeforeAPortIsOpenIsAnsweredWhenItIs() throws IOException {
        InetSocketAddress reserved = server.transport.reserve(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                new Endpoint(
                        exchange -> exchange.respond(200, null, Map.of(), new byte[0]),
                        (request, decision) -> {},
                        host -> true));
        String ask = "GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n";
        try (RawClient early = new RawClient(reserved.getPort()).send(ask);
                RawClient elsewhere = new RawClient(server.port()).send(ask)) {
            // The one loop was at work meanwhile.
            assertThat(elsewhere.answer().status()).isEqualTo(200);
            assertThat(server.transport.connections()).isEqualTo(1);

            server.transport.open();
            assertThat(early.answer().status()).isEqualTo(200);
        }
    }

    @Test
    void aTakenPortIsAnErrorThatNamesIt() {
        InetSocketAddress taken = new InetSocketAddress(InetAddress.getLoopbackAddress(), server.port());

        assertThatThrownBy(() -> server.transport.bind(
                        taken, new Endpoint(exchange -> {}, (request, decision) -> {}, host -> true)))
                .isInstanceOf(IOException.class)
                .hasMessageContaining(Integer.toString(server.port()));
    }
}
