package io.topicstream.transport;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/// Bad requests and bad handshakes, each with its one right answer, over a raw socket. The server must be healthy
/// after each, and no application code may have seen the request.
class HttpAttackTest {
    /// The connection is dropped without an answer.
    private static final int DROP = 0;

    private static final String HOST = "Host: localhost\r\n";

    private static EchoServer server;

    @BeforeAll
    static void start() throws IOException {
        server = new EchoServer(quick());
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    /// The default limits with deadlines short enough for a test.
    static TransportLimits quick() {
        HttpLimits http = HttpLimits.defaults();
        WebSocketLimits socket = WebSocketLimits.defaults();
        return new TransportLimits(
                new HttpLimits(
                        http.requestLineBytes(),
                        http.headerBytes(),
                        http.headerCount(),
                        http.bodyBytes(),
                        http.inflatedBodyBytes(),
                        Duration.ofMillis(400),
                        Duration.ofMillis(400),
                        http.bodyBytesPerSecond(),
                        Duration.ofMillis(600),
                        http.pipelineDepth(),
                        http.gzipFromBytes()),
                new WebSocketLimits(
                        socket.messageBytes(),
                        socket.frameBytes(),
                        socket.fragments(),
                        Duration.ofMillis(400),
                        Duration.ofSeconds(60),
                        Duration.ofSeconds(60),
                        Duration.ofMillis(400),
                        socket.controlFramesPerSecond()),
                100_000,
                50,
                false,
                64 * 1024,
                16 * 1024,
                TransportLimits.BUDGET_BYTES,
                TransportLimits.BUDGET_BYTES,
                Duration.ofSeconds(20),
                Duration.ofMillis(50));
    }

    @AfterEach
    void theServerIsHealthy() throws IOException {
        assertHealthy(server);
    }

    static void assertHealthy(EchoServer server) throws IOException {
        try (RawClient client = new RawClient(server.port())) {
            assertThat(client.send("GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n")
                            .answer()
                            .status())
                    .isEqualTo(200);
        }
    }

    private static Arguments attack(String name, String request, Integer... answers) {
        return Arguments.of(name, request.getBytes(ISO_8859_1), List.of(answers));
    }

    private static String post(String fields, String body) {
        return "POST /echo HTTP/1.1\r\n" + HOST + fields + "\r\n" + body;
    }

    private static String get(String fields) {
        return "GET /health HTTP/1.1\r\n" + HOST + fields + "\r\n";
    }

    private static String upgrade(String without, String with) {
        return RawClient.UPGRADE.replace(without, with);
    }

    static Stream<Arguments> refusedRequests() {
        String long64 = "a".repeat(64 * 1024);
        String chunked = "Transfer-Encoding: chunked\r\n";
        String key = "Sec-WebSocket-Key: " + RawClient.KEY + "\r\n";
        String version = "Sec-WebSocket-Version: 13\r\n";
        return Stream.of(
                attack("1 path of 64 KiB", "GET /" + long64 + " HTTP/1.1\r\n" + HOST + "\r\n", 414),
                attack("2 line of 1 MiB without an end", "GET /" + long64.repeat(16), 414, DROP),
                attack("3 header field of 64 KiB", get("X: " + long64 + "\r\n"), 431),
                attack("4 2,000 header fields", get("X: a\r\n".repeat(2000)), 431),
                attack("5 header field without a colon", get("nocolon\r\n"), 400),
                attack("6 space before the colon", post("Transfer-Encoding : chunked\r\n", "0\r\n\r\n"), 400),
                attack("7 folded header field", get("X: a\r\n b\r\n"), 400),
                attack("7 folded header field with a tab", get("X: a\r\n\tb\r\n"), 400),
                attack("7 first header field folded", "GET /health HTTP/1.1\r\n " + HOST + "\r\n", 400),
                attack("8 NUL in a value", get("X: a\0b\r\n"), 400),
                attack("9 bare CR in a value", get("X: a\rb\r\n"), 400),
                attack("9 bare CR in the request line", "GET /health\rHTTP/1.1\r\n" + HOST + "\r\n", 400),
                attack("10 control bytes before the method", "\1\2GET /health HTTP/1.1\r\n" + HOST + "\r\n", 400, DROP),
                attack("10 two spaces in the request line", "GET  /health HTTP/1.1\r\n" + HOST + "\r\n", 400),
                attack("10 tab in the request line", "GET\t/health\tHTTP/1.1\r\n" + HOST + "\r\n", 400),
                attack("10 bytes above ASCII in the target", "GET /h\u00e4 HTTP/1.1\r\n" + HOST + "\r\n", 400),
                attack("10 fragment in the target", "GET /health#a HTTP/1.1\r\n" + HOST + "\r\n", 400),
                attack("10 target without a slash", "GET health HTTP/1.1\r\n" + HOST + "\r\n", 400),
                attack("10 no version", "GET /health\r\n" + HOST + "\r\n", 400),
                attack("10 LF-only lines", "GET /health HTTP/1.1\nHost: localhost\n\n", 400),
                attack("11 no Host", "GET /health HTTP/1.1\r\n\r\n", 400),
                attack("12 two Hosts", "GET /health HTTP/1.1\r\n" + HOST + HOST + "\r\n", 400),
                attack("12 Host that is none", "GET /health HTTP/1.1\r\nHost: a/b@c\r\n\r\n", 400),
                attack("13 foreign Host on loopback", "GET /health HTTP/1.1\r\nHost: evil.example\r\n\r\n", 421),
                attack("13 foreign Host for an upgrade", upgrade("Host: localhost", "Host: evil.example"), 421),
                attack(
                        "14 absolute target of another host",
                        "GET http://evil.example/ HTTP/1.1\r\n" + HOST + "\r\n",
                        421),
                attack("15 CONNECT", "CONNECT localhost:80 HTTP/1.1\r\n" + HOST + "\r\n", 405),
                attack("16 TRACE", "TRACE /health HTTP/1.1\r\n" + HOST + "\r\n", 405),
                attack("17 unknown method", "BREW /health HTTP/1.1\r\n" + HOST + "\r\n", 405, 501),
                attack("17 method in lower case", "get /health HTTP/1.1\r\n" + HOST + "\r\n", 405, 501),
                attack("18 HTTP/3.7", "GET /health HTTP/3.7\r\n" + HOST + "\r\n", 505),
                attack("18 HTTP/0.9", "GET /health HTTP/0.9\r\n" + HOST + "\r\n", 505),
                attack("19 preface of HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 400, 405, 505, DROP),
                attack("20 TLS hello", "\u0016\3\1\0\u00a5\1\0\0\u00a1\3\3" + "\u0007".repeat(160), DROP),
                attack("21 CL and TE", post("Content-Length: 3\r\n" + chunked, "0\r\n\r\n" + get("")), 400),
                attack(
                        "22 CL and TE in HTTP/1.0",
                        "POST /echo HTTP/1.0\r\n" + HOST + "Content-Length: 3\r\n" + chunked + "\r\n0\r\n\r\n",
                        400),
                attack("22 TE in HTTP/1.0", "POST /echo HTTP/1.0\r\n" + HOST + chunked + "\r\n0\r\n\r\n", 400),
                attack("23 two CLs", post("Content-Length: 3\r\nContent-Length: 4\r\n", "abcd"), 400),
                attack("23 two equal CLs", post("Content-Length: 3\r\nContent-Length: 3\r\n", "abc"), 400),
                attack("24 CL -1", post("Content-Length: -1\r\n", ""), 400),
                attack("24 CL +5", post("Content-Length: +5\r\n", "hello"), 400),
                attack("24 CL 0x5", post("Content-Length: 0x5\r\n", "hello"), 400),
                attack("24 CL list", post("Content-Length: 5, 6\r\n", "hello"), 400),
                attack("24 CL list of equals", post("Content-Length: 5, 5\r\n", "hello"), 400),
                attack("24 CL empty", post("Content-Length:\r\n", ""), 400),
                attack("24 CL over 2^64", post("Content-Length: 18446744073709551617\r\n", "a"), 400),
                attack("25 xchunked", post("Transfer-Encoding: xchunked\r\n", "0\r\n\r\n"), 400, 501),
                attack("25 chunked twice", post("Transfer-Encoding: chunked, chunked\r\n", "0\r\n\r\n"), 400, 501),
                attack("25 chunked in two fields", post(chunked + chunked, "0\r\n\r\n"), 400, 501),
                attack("25 vertical tab", post("Transfer-Encoding: \u000bchunked\r\n", "0\r\n\r\n"), 400, 501),
                attack("25 gzip, chunked", post("Transfer-Encoding: gzip, chunked\r\n", "0\r\n\r\n"), 400, 501),
                attack("25 identity", post("Transfer-Encoding: identity\r\n", ""), 400, 501),
                attack("26 chunk size zz", post(chunked, "zz\r\nab\r\n0\r\n\r\n"), 400),
                attack("26 chunk size -1", post(chunked, "-1\r\nab\r\n0\r\n\r\n"), 400),
                attack("26 chunk size over 2^64", post(chunked, "10000000000000001\r\na\r\n0\r\n\r\n"), 400),
                attack("26 chunk longer than its size", post(chunked, "2\r\nabc\r\n0\r\n\r\n"), 400),
                attack("27 chunk extension of 64 KiB", post(chunked, "1;a=" + long64 + "\r\na\r\n0\r\n\r\n"), 400),
                attack("27 bare LF in a chunk extension", post(chunked, "1;a\nb\r\na\r\n0\r\n\r\n"), 400),
                attack("28 LF-only chunk lines", post(chunked, "1\na\n0\n\n"), 400),
                attack("29 trailers of 64 KiB", post(chunked, "0\r\nX: " + long64 + "\r\n\r\n"), 431),
                attack("30 upgrade with a body", upgrade("\r\n\r\n", "\r\nContent-Length: 3\r\n\r\nabc"), 400),
                attack("30 upgrade with a chunked body", upgrade("\r\n\r\n", "\r\n" + chunked + "\r\n0\r\n\r\n"), 400),
                attack("30 upgrade of an old draft", get("Sec-WebSocket-Key1: 1 2\r\n") + "12345678", 400),
                attack("32 brotli body", post("Content-Encoding: br\r\nContent-Length: 1\r\n", "a"), 415),
                attack("32 zstd body", post("Content-Encoding: zstd\r\nContent-Length: 1\r\n", "a"), 415),
                attack("32 gzip twice", post("Content-Encoding: gzip, gzip\r\nContent-Length: 1\r\n", "a"), 415),
                attack(
                        "31 body that is no gzip",
                        post("Content-Encoding: gzip\r\nContent-Length: 5\r\n", "hello"),
                        400),
                attack(
                        "33 10 GB with Expect",
                        post("Expect: 100-continue\r\nContent-Length: 10000000000\r\n", ""),
                        413,
                        417),
                attack("33 unknown expectation", post("Expect: tea\r\nContent-Length: 1\r\n", ""), 417),
                attack("37 no key", upgrade(key, ""), 400),
                attack("37 3-byte key", upgrade(RawClient.KEY, "YWJj"), 400),
                attack("37 key that is not Base64", upgrade(RawClient.KEY, "!".repeat(24)), 400),
                attack("37 two keys", upgrade(key, key + key), 400),
                attack("37 version 8", upgrade("Version: 13", "Version: 8"), 426),
                attack("37 version 99", upgrade("Version: 13", "Version: 99"), 426),
                attack("37 two versions", upgrade(version, version + version), 426),
                attack("37 no version", upgrade(version, ""), 426),
                attack("37 POST", upgrade("GET", "POST"), 405),
                attack("37 HTTP/1.0", upgrade("HTTP/1.1", "HTTP/1.0"), 400),
                attack("37 Connection without upgrade", upgrade("Connection: Upgrade", "Connection: close"), 400),
                attack(
                        "38 extension of 32 KiB",
                        upgrade("\r\n\r\n", "\r\nSec-WebSocket-Extensions: " + "a".repeat(32 * 1024) + "\r\n\r\n"),
                        431),
                attack("92 encoded slash", "GET /a%2fb HTTP/1.1\r\n" + HOST + "\r\n", 400),
                attack("92 encoded NUL", "GET /a%00b HTTP/1.1\r\n" + HOST + "\r\n", 400),
                attack("92 path that is not UTF-8", "GET /%c0%ae HTTP/1.1\r\n" + HOST + "\r\n", 400),
                attack("92 cut escape", "GET /a%2 HTTP/1.1\r\n" + HOST + "\r\n", 400),
                attack("92 escape of no digits", "GET /a%zz HTTP/1.1\r\n" + HOST + "\r\n", 400),
                attack("92 query that is not UTF-8", "GET /health?a=%ff HTTP/1.1\r\n" + HOST + "\r\n", 400));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("refusedRequests")
    void aBadRequestIsRefusedAndTheConnectionEnded(String name, byte[] request, List<Integer> answers)
            throws IOException {
        int handledBefore = server.handled.get();
        int socketsBefore = server.sockets.size();
        try (RawClient client = new RawClient(server.port())) {
            // What follows must never be taken for a request of its own.
            byte[] hidden = ("GET /hidden HTTP/1.1\r\n" + HOST + "\r\n").getBytes(UTF_8);
            client.sendAnyway(request);
            if (!answers.contains(DROP)) {
                client.sendAnyway(hidden);
            }
            RawClient.Answer answer = client.answer();

            assertThat(answer.status()).as(answer.toString()).isIn(answers);
            if (answer.status() != DROP) {
                assertThat(answer.header("Topic-Error")).isNotEmpty();
                assertThat(answer.header("Connection")).isEqualTo("close");
                assertThat(answer.text())
                        .matches("\\{\"error\":\"[^\"]+\",\"code\":\"" + answer.header("Topic-Error") + "\"\\}");
            }
            if (answer.status() == 426) {
                assertThat(answer.header("Sec-WebSocket-Version")).isEqualTo("13");
            }
            assertThat(client.ended()).isTrue();
        }
        assertThat(server.handled.get()).isEqualTo(handledBefore);
        assertThat(server.sockets).hasSize(socketsBefore);
    }

    static Stream<Arguments> harmlessRequests() {
        String deflate = "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits=";
        return Stream.of(
                attack("absolute target of this host", "GET http://localhost/health HTTP/1.1\r\n" + HOST + "\r\n", 200),
                attack("loopback address as Host", "GET /health HTTP/1.1\r\nHost: 127.0.0.1:80\r\n\r\n", 200),
                attack("IPv6 loopback as Host", "GET /health HTTP/1.1\r\nHost: [::1]:80\r\n\r\n", 200),
                attack("empty lines before the request", "\r\n\r\n" + get(""), 200),
                attack(
                        "38 extension that cannot be parsed",
                        upgrade("\r\n\r\n", "\r\nSec-WebSocket-Extensions: ;;=\r\n\r\n"),
                        101),
                attack("39 window bits 7", upgrade("\r\n\r\n", "\r\n" + deflate + "7\r\n\r\n"), 101),
                attack("39 window bits -1", upgrade("\r\n\r\n", "\r\n" + deflate + "-1\r\n\r\n"), 101),
                attack("39 window bits abc", upgrade("\r\n\r\n", "\r\n" + deflate + "abc\r\n\r\n"), 101),
                attack(
                        "39 permessage-deflate",
                        upgrade("\r\n\r\n", "\r\nSec-WebSocket-Extensions: permessage-deflate\r\n\r\n"),
                        101),
                attack(
                        "40 subprotocol that is not supported",
                        upgrade("\r\n\r\n", "\r\nSec-WebSocket-Protocol: tea, coffee\r\n\r\n"),
                        101),
                attack(
                        "40 1,000 subprotocols",
                        upgrade("\r\n\r\n", "\r\nSec-WebSocket-Protocol: " + "p,".repeat(1000) + "q\r\n\r\n"),
                        101));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("harmlessRequests")
    void whatIsOnlyOddIsAnsweredWithoutAgreeingToIt(String name, byte[] request, List<Integer> answers)
            throws IOException {
        try (RawClient client = new RawClient(server.port())) {
            RawClient.Answer answer = client.send(request).answer();

            assertThat(answer.status()).isIn(answers);
            assertThat(answer.headers()).doesNotContainKeys("Sec-WebSocket-Extensions", "Sec-WebSocket-Protocol");
        }
    }

    @Test
    void anOfferedSubprotocolIsEchoedOnce() throws IOException {
        try (RawClient client = new RawClient(server.port())) {
            client.send(upgrade("\r\n\r\n", "\r\nSec-WebSocket-Protocol: tea, echo\r\n\r\n"));

            assertThat(client.answer().header("Sec-WebSocket-Protocol")).isEqualTo("echo");
        }
    }

    /// Item 31.
    @Test
    void aBombIsRefusedByItsInflatedSize() throws IOException {
        ByteArrayOutputStream bomb = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(bomb)) {
            byte[] zeros = new byte[1024 * 1024];
            for (int i = 0; i < 256; i++) {
                gzip.write(zeros);
            }
        }
        int before = server.handled.get();
        try (RawClient client = new RawClient(server.port())) {
            client.send(post("Content-Encoding: gzip\r\nContent-Length: " + bomb.size() + "\r\n", ""))
                    .sendAnyway(bomb.toByteArray());

            assertThat(client.answer().status()).isEqualTo(413);
        }
        assertThat(server.handled.get()).isEqualTo(before);
    }

    @Test
    void aChunkedBodyIsRefusedWhenItGrowsTooLarge() throws IOException {
        try (RawClient client = new RawClient(server.port())) {
            client.send(post("Transfer-Encoding: chunked\r\n", ""));
            byte[] chunk = ("10000\r\n" + "a".repeat(65536) + "\r\n").getBytes(UTF_8);
            for (int i = 0; i < 40; i++) {
                client.sendAnyway(chunk);
            }

            assertThat(client.answer().status()).isEqualTo(413);
        }
    }

    /// Item 34.
    @Test
    void pipelinedRequestsAreAllAnswered() throws IOException {
        try (RawClient client = new RawClient(server.port())) {
            client.send(get("").repeat(500));

            for (int i = 0; i < 500; i++) {
                assertThat(client.answer().status()).isEqualTo(200);
            }
        }
    }

    /// Item 34: a client that asks and never reads makes the server hold a bounded number of answers.
    @Test
    void aClientThatDoesNotReadItsAnswersIsNotReadEither() throws IOException {
        int before = server.handled.get();
        try (RawClient client = new RawClient(server.port(), 4096)) {
            client.socket.setSoTimeout(1);
            byte[] asks =
                    ("GET /json HTTP/1.1\r\n" + HOST + "\r\n").repeat(2000).getBytes(UTF_8);
            Thread sender = Thread.startVirtualThread(() -> client.sendAnyway(asks));
            await().during(Duration.ofMillis(500)).until(() -> server.handled.get() - before < 500);
            client.reset();
            await().until(() -> !sender.isAlive());
        }
    }

    /// Item 35.
    @Test
    void whatComesTooSlowlyIsEnded() throws IOException {
        try (RawClient silent = new RawClient(server.port());
                RawClient halfHead = new RawClient(server.port());
                RawClient dribbledHead = new RawClient(server.port());
                RawClient halfBody = new RawClient(server.port());
                RawClient dribbledBody = new RawClient(server.port());
                RawClient idle = new RawClient(server.port())) {
            halfHead.send("GET /health HT");
            halfBody.send(post("Content-Length: 10\r\n", "half"));
            idle.send(get("")).answer();
            byte[] dribble = get("X: " + "a".repeat(5000) + "\r\n").getBytes(UTF_8);
            dribbledBody.send(post("Content-Length: 5000\r\n", ""));
            Thread dribbler = Thread.startVirtualThread(() -> {
                for (byte one : dribble) {
                    dribbledHead.sendAnyway(new byte[] {one});
                    dribbledBody.sendAnyway(new byte[] {one});
                    LockSupport.parkNanos(20_000_000);
                    if (Thread.interrupted()) {
                        return;
                    }
                }
            });

            assertThat(silent.answer().status()).isZero();
            assertThat(halfHead.answer().status()).isEqualTo(408);
            assertThat(dribbledHead.answer().status()).isEqualTo(408);
            assertThat(halfBody.answer().status()).isEqualTo(408);
            assertThat(dribbledBody.answer().status()).isEqualTo(408);
            assertThat(idle.ended()).isTrue();
            dribbler.interrupt();
            await().until(() -> !dribbler.isAlive());
        }
    }

    @Test
    void anUpgradeThatNobodyDecidesIsRefused() throws IOException {
        try (RawClient client = new RawClient(server.port())) {
            client.send(upgrade("GET / ", "GET /undecided "));

            assertThat(client.answer().status()).isEqualTo(503);
            assertThat(client.ended()).isTrue();
        }
        EchoServer.Echo late = new EchoServer.Echo();
        server.undecided.getLast().accept(null, late);
        await().until(() -> late.closings.get() == 1);
    }

    @Test
    void anUpgradeThatIsRefusedInACloseFrameIsSoToo() throws IOException {
        String words = "Sec-WebSocket-Key: " + RawClient.KEY + "\r\nSec-WebSocket-Protocol: words, others";
        for (String path : List.of("/undecided", "/no")) {
            try (RawClient client = new RawClient(server.port())) {
                client.send(
                        upgrade("GET / ", "GET " + path + " ").replace("Sec-WebSocket-Key: " + RawClient.KEY, words));

                RawClient.Answer answer = client.answer();
                assertThat(answer.status()).isEqualTo(101);
                assertThat(answer.headers()).containsEntry("sec-websocket-protocol", "words");
                assertThat(client.closeCode()).isEqualTo(path.equals("/no") ? 4003 : 1013);
            }
        }
        assertHealthy(server);
    }

    /// Item 36.
    @Test
    void halfHandshakesDoNotKeepOthersOut() throws IOException {
        List<RawClient> held = new ArrayList<>();
        for (int i = 0; i < 300; i++) {
            held.add(new RawClient(server.port()).send("GET / HTTP/1.1\r\nHost: local"));
        }

        assertHealthy(server);
        for (RawClient client : held) {
            client.close();
        }
        await().until(() -> server.transport.connections() == 0);
    }

    @Test
    void whoWaitsForTheBudgetOfAnswersGoesOnWhenThereIsRoom() throws IOException {
        TransportLimits limits = quick();
        TransportLimits tight = new TransportLimits(
                HttpLimits.defaults(),
                limits.webSocket(),
                100,
                100,
                true,
                limits.highWatermarkBytes(),
                limits.lowWatermarkBytes(),
                limits.incompleteBytes(),
                10_000,
                limits.stall(),
                limits.sweep());
        int requests = 20_000;
        try (EchoServer small = new EchoServer(tight);
                RawClient client = new RawClient(small.port(), 4096)) {
            Thread sending = Thread.ofVirtual()
                    .start(() -> client.sendAnyway(get("").repeat(requests).getBytes(UTF_8)));
            await().until(() -> small.transport.answerBytes() >= 8 * 1024);

            for (int i = 0; i < requests; i++) {
                assertThat(client.answer().status()).isEqualTo(200);
            }

            await().until(() -> !sending.isAlive());
            await().until(() -> small.transport.answerBytes() == 0);
        }
    }

    @Test
    void connectionsFromOneAddressAreCapped() throws IOException {
        TransportLimits limits = quick();
        TransportLimits capped = new TransportLimits(
                HttpLimits.defaults(),
                limits.webSocket(),
                100,
                3,
                true,
                limits.highWatermarkBytes(),
                limits.lowWatermarkBytes(),
                limits.incompleteBytes(),
                limits.answerBytes(),
                limits.stall(),
                limits.sweep());
        try (EchoServer small = new EchoServer(capped);
                RawClient two = new RawClient(small.port());
                RawClient three = new RawClient(small.port())) {
            try (RawClient one = new RawClient(small.port())) {
                for (RawClient client : List.of(one, two, three)) {
                    assertThat(client.send(get("")).answer().status()).isEqualTo(200);
                }
                try (RawClient four = new RawClient(small.port())) {
                    assertThat(four.answer().status()).isEqualTo(429);
                }
            }
            await().until(() -> small.transport.connections() == 2);
            assertHealthy(small);
        }
    }

    /// Item 74.
    @Test
    void vanishingClientsLeaveNothingBehind() throws IOException {
        File[] before = descriptors();
        for (int i = 0; i < 500; i++) {
            new RawClient(server.port()).reset();
        }
        for (int i = 0; i < 300; i++) {
            RawClient client = new RawClient(server.port()).send(RawClient.UPGRADE);
            if (i % 2 == 0) {
                client.answer();
            }
            client.reset();
        }

        await().until(() -> server.transport.connections() == 0);
        await().untilAsserted(() ->
                assertThat(server.sockets).allMatch(echo -> echo.closings.get() == 1 || echo.connection == null));
        if (before.length > 0) {
            await().until(() -> descriptors().length <= before.length + 5);
        }
    }

    private static File[] descriptors() {
        File[] open = new File("/proc/self/fd").listFiles();
        return open == null ? new File[0] : open;
    }

    @Test
    void hostileBytesOfEveryKindGetAnAnswerOrAnEnd() throws IOException {
        byte[] base =
                post("Transfer-Encoding: chunked\r\n", "3\r\nabc\r\n0\r\n\r\n").getBytes(UTF_8);
        Random random = new Random(42);
        for (int round = 0; round < 200; round++) {
            byte[] bytes = base.clone();
            for (int i = 0; i < 3; i++) {
                bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
            }
            try (RawClient client = new RawClient(server.port())) {
                client.sendAnyway(bytes);
                client.socket.shutdownOutput();
                int status = client.answer().status();
                assertThat(status)
                        .as("round %d: %s", round, Arrays.toString(bytes))
                        .isBetween(0, 505);
                assertThat(status).isNotEqualTo(500);
                assertThat(client.ended()).isTrue();
            }
        }
    }
}
