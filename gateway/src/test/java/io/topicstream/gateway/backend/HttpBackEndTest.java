package io.topicstream.gateway.backend;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.Headers;
import io.topicstream.gateway.exchange.GatewayEvent;
import io.topicstream.gateway.http.CallBounds;
import io.topicstream.gateway.http.HttpCallLimits;
import io.topicstream.gateway.http.HttpCaller;
import io.topicstream.gateway.http.HttpCalls;
import io.topicstream.gateway.integration.Answer;
import io.topicstream.gateway.integration.Answer.Failure;
import io.topicstream.gateway.integration.Events;
import io.topicstream.gateway.model.Integration;
import io.topicstream.gateway.model.Integration.ContentHandling;
import io.topicstream.gateway.model.Integration.Passthrough;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

public class HttpBackEndTest {
    private static final int CALLS = 4;
    private static final int ANSWER_BYTES = 100_000;
    private static final int ALL_BYTES = 150_000;

    private final Servers servers = new Servers();
    private final CallBounds bounds = new CallBounds(new HttpCallLimits(CALLS, ANSWER_BYTES, ALL_BYTES));
    private HttpCalls calls;
    private HttpBackEnd backEnd;

    private final AtomicReference<Seen> seen = new AtomicReference<>();

    /// A request that a server got.
    private record Seen(String method, String uri, Headers headers, byte[] body) {
        String text() {
            return new String(body, UTF_8);
        }

        String header(String name) {
            return headers.getFirst(name);
        }
    }

    /// Who calls.
    protected HttpCalls calls(CallBounds within) {
        return new HttpCaller(within);
    }

    @BeforeEach
    final void open() {
        calls = calls(bounds);
        backEnd = new HttpBackEnd(calls, Integrations.MAPPINGS, BackEndSettings.DEFAULTS);
    }

    @AfterEach
    void close() {
        calls.close();
        servers.close();
    }

    /// A server that answers the same to all, and what it got last.
    private String server(int status, String answer) {
        return servers.http((exchange, body) -> {
            seen.set(new Seen(
                    exchange.getRequestMethod(),
                    exchange.getRequestURI().toString(),
                    exchange.getRequestHeaders(),
                    body));
            exchange.getResponseHeaders().set("Content-Type", "text/plain");
            Servers.answer(exchange, status, answer);
        });
    }

    private Answer call(GatewayEvent event, Integration integration) {
        return Integrations.call(backEnd, event, integration);
    }

    @ParameterizedTest
    @ValueSource(strings = {"POST", "PUT", "PATCH", "DELETE"})
    @DisplayName("80: HTTP_PROXY gets exactly the bytes of the message, by the method of the integration")
    void exactBytes(String method) {
        String text = " {\"action\" : \"chat\",\n\t\"é\": \"😀\"} ";
        String url = server(200, "answer ü");

        Answer answer = call(
                Events.message("chat", text),
                Integrations.of(Integration.Type.HTTP_PROXY, url + "/in?x=1")
                        .method(method)
                        .made());

        assertThat(seen.get().method()).isEqualTo(method);
        assertThat(seen.get().uri()).isEqualTo("/in?x=1");
        assertThat(seen.get().body()).isEqualTo(text.getBytes(UTF_8));
        assertThat(Integrations.body(answer)).isEqualTo("answer ü");
        assertThat(((Answer.Given) answer).status()).isEqualTo(200);
        assertThat(((Answer.Given) answer).contentType()).isEqualTo("text/plain");
    }

    @Test
    @DisplayName("80: $connect and $disconnect have no body")
    void noBody() {
        String url = server(200, "");

        for (GatewayEvent event : List.of(
                Events.connect(Events.HEADERS, Map.of()),
                Events.disconnect(1000, "", Events.peer(null, Map.of(), Map.of())))) {
            Answer answer = call(
                    event, Integrations.of(Integration.Type.HTTP_PROXY, url).made());

            assertThat(seen.get().body()).isEmpty();
            assertThat(seen.get().header("Content-Length")).isEqualTo("0");
            assertThat(((Answer.Given) answer).body()).isNull();
        }
    }

    @Test
    @DisplayName("81: without a mapping nothing of the connection is sent")
    void nothingUnasked() {
        call(
                Events.message("chat", "{}"),
                Integrations.of(Integration.Type.HTTP_PROXY, server(200, "")).made());

        assertThat(seen.get().headers().keySet())
                .containsExactlyInAnyOrder(
                        "Accept", "Content-length", "Content-type", "Host", "User-agent", "X-amzn-apigateway-api-id");
        assertThat(seen.get().header("User-Agent")).isEqualTo("AmazonAPIGateway_abc123");
        assertThat(seen.get().header("x-amzn-apigateway-api-id")).isEqualTo("abc123");
        assertThat(seen.get().header("Content-Type")).isEqualTo("application/json");
    }

    @Test
    @DisplayName("82: a mapped connection id arrives with each of the three events")
    void connectionId() {
        String url = server(200, "");
        Integration integration = Integrations.of(Integration.Type.HTTP_PROXY, url)
                .parameter("integration.request.header.ConnectionId", "context.connectionId")
                .made();

        for (GatewayEvent event : List.of(
                Events.connect(Events.HEADERS, Map.of()),
                Events.message("chat", "{}"),
                Events.disconnect(1000, "", Events.peer(null, Map.of(), Map.of())))) {
            call(event, integration);
            assertThat(seen.get().header("ConnectionId")).isEqualTo("gbgHN0-zjQAYKEjhgA==");
            seen.set(null);
        }
    }

    @Test
    @DisplayName("83: a parameter of the query of $connect arrives as a header field")
    void mappedQuery() {
        call(
                Events.connect(Events.HEADERS, Map.of("authToken", List.of("t 1"))),
                Integrations.of(Integration.Type.HTTP_PROXY, server(200, ""))
                        .parameter("integration.request.header.Auth", "route.request.querystring.authToken")
                        .made());

        assertThat(seen.get().header("Auth")).isEqualTo("t 1");
    }

    @Test
    @DisplayName("84: static values, stage variables, the body and the authorizer arrive in header, query and path")
    void mappedValues() {
        GatewayEvent event = Events.message(
                "chat",
                "{\"a\":{\"b\":\"../x?y&z\"}}",
                Map.of("x", "staged", "where", "rooms"),
                Events.peer(null, Map.of("k", "said"), Map.of()));

        call(
                event,
                Integrations.of(Integration.Type.HTTP_PROXY, server(200, "") + "/${stageVariables.where}/{room}?a=0")
                        .parameter("integration.request.header.One", "'static'")
                        .parameter("integration.request.header.Two", "stageVariables.x")
                        .parameter("integration.request.header.User-Agent", "'mine'")
                        .parameter("integration.request.querystring.k", "context.authorizer.k")
                        .parameter("integration.request.path.room", "route.request.body.a.b")
                        .made());

        assertThat(seen.get().uri()).isEqualTo("/rooms/..%2Fx%3Fy%26z?a=0&k=said");
        assertThat(seen.get().header("One")).isEqualTo("static");
        assertThat(seen.get().header("Two")).isEqualTo("staged");
        assertThat(seen.get().headers().get("User-Agent")).containsExactly("mine");
    }

    @Test
    @DisplayName("85: the status of the server selects the response, and its template")
    void statusSelects() {
        for (int status : new int[] {404, 200}) {
            Integration integration = Integrations.of(Integration.Type.HTTP, server(status, "b"))
                    .response("/4\\d\\d/", Map.of("$default", "four: $input.body"))
                    .response("$default", Map.of("$default", "all: $input.body"))
                    .made();

            assertThat(Integrations.body(call(Events.message("chat", "{}"), integration)))
                    .isEqualTo(status == 404 ? "four: b" : "all: b");
        }
    }

    @Test
    @DisplayName("86: an answer that no response matches is an internal error")
    void noResponse() {
        Integration integration = Integrations.of(Integration.Type.HTTP, server(200, "b"))
                .response("/4\\d\\d/", Map.of())
                .made();

        assertThat(Integrations.failure(call(Events.message("chat", "{}"), integration)))
                .isEqualTo(Failure.INTERNAL);
    }

    @Test
    @DisplayName("87, 88: the template that a message names, the default, or the body as it is")
    void requestTemplates() {
        String url = server(200, "");
        Integration integration = Integrations.of(Integration.Type.HTTP, url)
                .select("${request.body.kind}")
                .template("one", "first")
                .template("$default", "other")
                .response("$default", Map.of())
                .made();

        call(Events.message("chat", "{\"kind\":\"one\"}"), integration);
        assertThat(seen.get().text()).isEqualTo("first");
        call(Events.message("chat", "{\"kind\":\"two\"}"), integration);
        assertThat(seen.get().text()).isEqualTo("other");
        call(
                Events.message("chat", "{\"kind\":\"two\"}"),
                Integrations.of(Integration.Type.HTTP, url)
                        .response("$default", Map.of())
                        .made());
        assertThat(seen.get().text()).isEqualTo("{\"kind\":\"two\"}");
    }

    @Test
    @DisplayName("89: NEVER and no template: the server is not called")
    void never() {
        Integration integration = Integrations.of(Integration.Type.HTTP, server(200, ""))
                .passthrough(Passthrough.NEVER)
                .response("$default", Map.of())
                .made();

        assertThat(Integrations.failure(call(Events.message("chat", "{}"), integration)))
                .isEqualTo(Failure.UNSUPPORTED_MEDIA_TYPE);
        assertThat(seen.get()).isNull();
    }

    @Test
    @DisplayName("92: CONVERT_TO_BINARY sends the bytes that base64 stands for")
    void binary() {
        call(
                Events.message("chat", "AP8Q"),
                Integrations.of(Integration.Type.HTTP_PROXY, server(200, ""))
                        .handling(ContentHandling.CONVERT_TO_BINARY)
                        .made());

        assertThat(seen.get().body()).containsExactly(0, -1, 16);
    }

    @Test
    @DisplayName("U: $connect forwards the client's fields and query, but none of its connection's")
    void forwarded() {
        List<Map.Entry<String, String>> headers = new ArrayList<>(Events.HEADERS);
        headers.add(Map.entry("Authorization", "Bearer 1"));
        headers.add(Map.entry("Sec-WebSocket-Protocol", "chat1"));
        headers.add(Map.entry("Accept-Encoding", "gzip"));
        headers.add(Map.entry("Transfer-Encoding", "chunked"));
        headers.add(Map.entry("TE", "trailers"));
        headers.add(Map.entry("Proxy-Authorization", "secret"));
        headers.set(1, Map.entry("Connection", "Upgrade, X-Private"));
        headers.add(Map.entry("X-Private", "1"));
        Integration integration = Integrations.of(Integration.Type.HTTP_PROXY, server(200, "") + "/c")
                .made();

        call(Events.connect(headers, Map.of("a", List.of("1 &", "2"))), integration);

        assertThat(seen.get().uri()).isEqualTo("/c?a=1%20%26&a=2");
        assertThat(seen.get().header("Authorization")).isEqualTo("Bearer 1");
        assertThat(seen.get().header("Sec-WebSocket-Protocol")).isEqualTo("chat1");
        assertThat(seen.get().header("X-Forwarded-For")).isEqualTo("192.0.2.1");
        assertThat(seen.get().header("Host")).startsWith("127.0.0.1:");
        for (String none :
                new String[] {"Accept-Encoding", "Transfer-Encoding", "TE", "Proxy-Authorization", "X-Private"}) {
            assertThat(seen.get().header(none)).as(none).isNull();
        }
        HttpBackEnd without =
                new HttpBackEnd(calls, Integrations.MAPPINGS, new BackEndSettings(false, true, true, true));
        Integrations.call(without, Events.connect(headers, Map.of("a", List.of("1"))), integration);
        assertThat(seen.get().uri()).isEqualTo("/c");
        assertThat(seen.get().header("Authorization")).isNull();
    }

    @Test
    @DisplayName("H98: a redirect is an answer, and is not followed")
    void redirect() {
        AtomicInteger inner = new AtomicInteger();
        String target = servers.http((exchange, _) -> {
            inner.incrementAndGet();
            Servers.answer(exchange, 200, "inner");
        });
        String url = servers.http((exchange, _) -> {
            exchange.getResponseHeaders().set("Location", target);
            Servers.answer(exchange, 302, "go");
        });

        Answer answer = call(
                Events.message("chat", "{}"),
                Integrations.of(Integration.Type.HTTP_PROXY, url).made());

        assertThat(((Answer.Given) answer).status()).isEqualTo(302);
        assertThat(inner).hasValue(0);
    }

    @Test
    void hopByHopFieldsOfTheServerAreNotPassedOn() {
        String url = servers.raw(socket -> socket.getOutputStream()
                .write(("HTTP/1.1 200 OK\r\nConnection: close, X-Mine\r\nX-Mine: 1\r\nKeep-Alive: timeout=5\r\n"
                                + "Sec-WebSocket-Protocol: chat1\r\nContent-Length: 2\r\n\r\nok")
                        .getBytes(US_ASCII)));

        Answer.Given answer = (Answer.Given) call(
                Events.connect(Events.HEADERS, Map.of()),
                Integrations.of(Integration.Type.HTTP_PROXY, url).made());

        assertThat(AnswerHeaders.first(answer.headers(), "sec-websocket-protocol"))
                .isEqualTo("chat1");
        assertThat(answer.headers()).hasSize(1);
    }

    @Test
    @DisplayName("77: a server that does not answer in time is a time-out, and its connection is closed")
    void neverAnswers() {
        CountDownLatch closed = new CountDownLatch(1);
        String url = servers.raw(socket -> {
            while (socket.getInputStream().read() >= 0) {
                // Reads until the caller hangs up.
            }
            closed.countDown();
        });

        assertThat(Integrations.failure(call(
                        Events.message("chat", ""),
                        Integrations.of(Integration.Type.HTTP_PROXY, url)
                                .timeoutMs(100)
                                .made())))
                .isEqualTo(Failure.TIMEOUT);
        await().until(() -> closed.getCount() == 0);
        await().until(() -> bounds.underWay(url) == 0);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"Content-Length: 1000000\r\n", "Content-Length: 50\r\n", "Transfer-Encoding: chunked\r\n", ""})
    @DisplayName("H100: a body that drips is cut at the deadline")
    void drips(String framing) {
        String url = servers.raw(socket -> {
            OutputStream out = socket.getOutputStream();
            out.write(("HTTP/1.1 200 OK\r\n" + framing + "\r\n").getBytes(US_ASCII));
            for (int i = 0; i < 3000; i++) {
                out.write((framing.startsWith("T") ? "1\r\nx\r\n" : "x").getBytes(US_ASCII));
                out.flush();
                Thread.sleep(10);
            }
        });

        Answer answer = call(
                Events.message("chat", "{}"),
                Integrations.of(Integration.Type.HTTP_PROXY, url).timeoutMs(200).made());

        assertThat(Integrations.failure(answer))
                .isEqualTo(framing.contains("1000000") ? Failure.INTERNAL : Failure.TIMEOUT);
        await().until(() -> bounds.bytesLeft() == ALL_BYTES);
    }

    @ParameterizedTest
    @CsvSource({"100000,true", "100001,false"})
    @DisplayName("H100: an answer may be as large as the limit, and no larger")
    void limit(int bytes, boolean fits) {
        String url = server(200, "x".repeat(bytes));
        String unannounced = servers.raw(socket -> {
            socket.getOutputStream().write("HTTP/1.1 200 OK\r\n\r\n".getBytes(US_ASCII));
            socket.getOutputStream().write("x".repeat(bytes).getBytes(US_ASCII));
        });

        for (String each : List.of(url, unannounced)) {
            Answer answer = call(
                    Events.message("chat", "{}"),
                    Integrations.of(Integration.Type.HTTP_PROXY, each).made());
            assertThat(answer instanceof Answer.Given).isEqualTo(fits);
            if (fits) {
                assertThat(Integrations.body(answer)).hasSize(bytes);
            } else {
                assertThat(((Answer.Failed) answer).detail()).contains("more than 100000 bytes");
            }
        }
        await().until(() -> bounds.bytesLeft() == ALL_BYTES);
    }

    @Test
    @DisplayName("H100: all answers together may hold so much, and no more")
    void limitOfAll() throws Exception {
        CountDownLatch go = new CountDownLatch(1);
        String url = servers.raw(socket -> {
            socket.getOutputStream().write("HTTP/1.1 200 OK\r\nContent-Length: 90001\r\n\r\n".getBytes(US_ASCII));
            socket.getOutputStream().write("x".repeat(90_000).getBytes(US_ASCII));
            go.await();
            socket.getOutputStream().write('x');
        });
        Integration integration =
                Integrations.of(Integration.Type.HTTP_PROXY, url).made();

        CompletionStage<Answer> first = backEnd.call(Events.message("chat", "{}"), integration);
        await().until(() -> bounds.bytesLeft() < ALL_BYTES - 90_000);
        Answer second = call(Events.message("chat", "{}"), integration);
        go.countDown();

        assertThat(((Answer.Failed) second).detail()).contains("larger than may be taken in");
        assertThat(Integrations.body(first.toCompletableFuture().get())).hasSize(90_001);
        await().until(() -> bounds.bytesLeft() == ALL_BYTES);
    }

    @Test
    @DisplayName("H100: half a body and a lie about its length are internal errors")
    void lies() {
        String half = servers.raw(socket ->
                socket.getOutputStream().write("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf".getBytes(US_ASCII)));
        String negative = servers.raw(socket ->
                socket.getOutputStream().write("HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\nx".getBytes(US_ASCII)));
        String noise = servers.raw(socket -> socket.getOutputStream().write("noise\r\n\r\n".getBytes(US_ASCII)));
        String nothing = servers.raw(_ -> {});
        String lengths = servers.raw(socket -> socket.getOutputStream()
                .write("HTTP/1.1 200 OK\r\nContent-Length: 0\r\nContent-Length: 2\r\n\r\nhi".getBytes(US_ASCII)));
        String chunks = servers.raw(socket -> socket.getOutputStream()
                .write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n".getBytes(US_ASCII)));

        for (String url : List.of(half, negative, noise, nothing, lengths, chunks, Servers.nobody())) {
            assertThat(Integrations.failure(call(
                            Events.message("chat", "{}"),
                            Integrations.of(Integration.Type.HTTP_PROXY, url)
                                    .timeoutMs(5_000)
                                    .made())))
                    .as(url)
                    .isEqualTo(Failure.INTERNAL);
        }
    }

    @Test
    @DisplayName("H100: a head without end is an internal error")
    void endlessHead() {
        String url = servers.raw(socket -> {
            socket.getOutputStream().write("HTTP/1.1 200 OK\r\n".getBytes(US_ASCII));
            byte[] field = ("X-More: " + "x".repeat(1000) + "\r\n").getBytes(US_ASCII);
            while (true) {
                socket.getOutputStream().write(field);
            }
        });

        assertThat(Integrations.failure(call(
                        Events.message("chat", "{}"),
                        Integrations.of(Integration.Type.HTTP_PROXY, url).made())))
                .isEqualTo(Failure.INTERNAL);
    }

    @Test
    @DisplayName("H100: a slow server has its bound of calls, and harms no other")
    void bulkhead() throws Exception {
        CountDownLatch go = new CountDownLatch(1);
        String slow = servers.http((exchange, _) -> {
            go.await();
            Servers.answer(exchange, 200, "late");
        });
        Integration integration =
                Integrations.of(Integration.Type.HTTP_PROXY, slow).made();
        List<CompletionStage<Answer>> waiting = new ArrayList<>();
        for (int i = 0; i < CALLS; i++) {
            waiting.add(backEnd.call(Events.message("chat", "{}"), integration));
        }

        Answer more = call(Events.message("chat", "{}"), integration);
        Answer other = call(
                Events.message("chat", "{}"),
                Integrations.of(Integration.Type.HTTP_PROXY, server(200, "quick"))
                        .made());
        go.countDown();

        assertThat(Integrations.failure(more)).isEqualTo(Failure.THROTTLED);
        assertThat(Integrations.body(other)).isEqualTo("quick");
        for (CompletionStage<Answer> each : waiting) {
            assertThat(Integrations.body(each.toCompletableFuture().get())).isEqualTo("late");
        }
        assertThat(Integrations.body(call(Events.message("chat", "{}"), integration)))
                .isEqualTo("late");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "file:///etc/passwd",
                "gopher://127.0.0.1/",
                "http://user@127.0.0.1/",
                "http:///x",
                "//127.0.0.1/",
                "x",
                "http://{room}/",
                "http://{room}.example/",
                "http://127.0.0.1/{other}",
                "http://127.0.0.1/${stageVariables.none}",
                "http://127.0.0.1/a b"
            })
    @DisplayName("H96, H97: what is no address of an HTTP server is not called, nor a host that a message names")
    void addresses(String uri) {
        Integration integration = Integrations.of(Integration.Type.HTTP_PROXY, uri)
                .parameter("integration.request.path.room", "route.request.body.a")
                .timeoutMs(2_000)
                .made();

        Answer answer = call(Events.message("chat", "{\"a\":\"127.0.0.1\"}"), integration);

        assertThat(((Answer.Failed) answer).detail()).startsWith("No request can be made to ");
    }

    @ParameterizedTest
    @ValueSource(strings = {"..", "."})
    @DisplayName("H99: a parameter does not leave its place in the path")
    void leavesThePath(String value) {
        Integration integration = Integrations.of(Integration.Type.HTTP_PROXY, server(200, "") + "/a/{room}")
                .parameter("integration.request.path.room", "route.request.body.a")
                .made();

        assertThat(Integrations.failure(call(Events.message("chat", "{\"a\":\"" + value + "\"}"), integration)))
                .isEqualTo(Failure.INTERNAL);
        assertThat(seen.get()).isNull();
    }

    @Test
    @DisplayName("H99: line breaks of a message make no header field")
    void lineBreaks() {
        Integration integration = Integrations.of(Integration.Type.HTTP_PROXY, server(200, ""))
                .parameter("integration.request.header.Name", "route.request.body.a")
                .made();

        assertThat(Integrations.failure(call(Events.message("chat", "{\"a\":\"x\\r\\nEvil: 1\"}"), integration)))
                .isEqualTo(Failure.INTERNAL);
        assertThat(seen.get()).isNull();
    }
}
