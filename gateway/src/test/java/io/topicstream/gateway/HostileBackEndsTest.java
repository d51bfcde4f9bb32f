package io.topicstream.gateway;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.topicstream.gateway.backend.BackEndSettings;
import io.topicstream.gateway.backend.HttpBackEnd;
import io.topicstream.gateway.backend.Integrations;
import io.topicstream.gateway.backend.Servers;
import io.topicstream.gateway.exchange.Opening;
import io.topicstream.gateway.exchange.Peer;
import io.topicstream.gateway.http.CallBounds;
import io.topicstream.gateway.http.HttpCallLimits;
import io.topicstream.gateway.http.HttpCaller;
import io.topicstream.gateway.http.HttpCalls;
import io.topicstream.gateway.model.Api;
import io.topicstream.gateway.model.Authorization;
import io.topicstream.gateway.model.Integration;
import io.topicstream.gateway.model.Route;
import java.io.OutputStream;
import java.net.Socket;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/// Back ends at real sockets that do what they should not: each harms the messages that are for it, and no others.
public class HostileBackEndsTest {
    private static final int ANSWER_BYTES = 100_000;
    private static final int ALL_BYTES = 1_000_000;
    /// For the slow one, which is to be waited for in vain; the others answer in time on a busy machine too.
    private static final int SLOW_MS = 500;

    private static final int TIMEOUT_MS = 20_000;
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    /// Calls of each server, of which half go to each bad one here.
    private static final int CALLS = 8;

    private final Servers servers = new Servers();
    private final CallBounds bounds = new CallBounds(new HttpCallLimits(CALLS, ANSWER_BYTES, ALL_BYTES));
    private HttpCalls calls;
    private final List<String> sent = new CopyOnWriteArrayList<>();

    /// Who calls.
    protected HttpCalls calls(CallBounds within) {
        return new HttpCaller(within);
    }

    @BeforeEach
    final void open() {
        calls = calls(bounds);
    }

    @AfterEach
    void close() {
        calls.close();
        servers.close();
    }

    private GatewayStage stage(Map<String, String> urls) {
        TestApi api = new TestApi().without(Api.CONNECT);
        urls.forEach((key, url) -> api.route(new Route(
                key,
                Integrations.of(Integration.Type.HTTP_PROXY, url)
                        .timeoutMs(key.equals("slow") ? SLOW_MS : TIMEOUT_MS)
                        .made(),
                new Authorization.Open(),
                false,
                null,
                Map.of(),
                Map.of(),
                true)));
        Gateway gateway = new Gateway(
                api.definition(),
                GatewaySettings.DEFAULTS,
                new Gateway.Ports(
                        new HttpBackEnd(calls, Integrations.MAPPINGS, BackEndSettings.DEFAULTS),
                        TestGateway.NO_FUNCTIONS,
                        null,
                        InstantSource.system(),
                        new RequestIds(1),
                        (id, message) -> sent.add(id + " " + new String(message, UTF_8)),
                        GatewayLog.ofSystem()));
        GatewayStage stage = gateway.stageAt("localhost", List.of("dev"));
        assertThat(stage).isNotNull();
        return stage;
    }

    private static Peer peer(GatewayStage stage, String id) {
        Opening opening = stage.connect(id, TestGateway.handshake(Map.of()))
                .toCompletableFuture()
                .join();
        return ((Opening.Accepted) opening).peer();
    }

    private static void write(Socket socket, String text) throws Exception {
        socket.getOutputStream().write(text.getBytes(US_ASCII));
    }

    private String never() {
        return servers.raw(socket -> {
            while (socket.getInputStream().read() >= 0) {
                // Reads until the caller hangs up.
            }
        });
    }

    private String huge() {
        return servers.raw(socket -> {
            OutputStream out = socket.getOutputStream();
            out.write("HTTP/1.1 200 OK\r\n\r\n".getBytes(US_ASCII));
            byte[] some = new byte[8192];
            while (true) {
                out.write(some);
            }
        });
    }

    @Test
    @DisplayName("H100: back ends that are slow, dead, huge, lying or hostile harm their own messages alone")
    void othersAreWell() {
        Map<String, String> urls = Map.of(
                "good", servers.http((exchange, body) -> Servers.answer(exchange, 200, "well")),
                "slow", never(),
                "dead", Servers.nobody(),
                "huge", huge(),
                "lying", servers.raw(socket -> write(socket, "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf")),
                "noise", servers.raw(socket -> write(socket, "\u0000\u0001\u0002 this is no HTTP\r\n\r\n")),
                "hostile",
                        servers.raw(socket -> write(
                                socket,
                                "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n" + "Content-Length: 7\r\n\r\nforgery")));
        GatewayStage stage = stage(urls);
        List<String> bad =
                urls.keySet().stream().filter(key -> !key.equals("good")).toList();

        for (String key : bad) {
            Peer peer = peer(stage, key);
            for (int i = 0; i < CALLS / 2; i++) {
                var _ = stage.message(peer, "{\"action\":\"" + key + "\"}");
            }
        }
        Peer well = peer(stage, "well");
        var _ = stage.message(well, "{\"action\":\"good\"}");

        // It is answered while the slow ones are not.
        await().atMost(PATIENCE).until(() -> sent.contains("well well"));
        await().atMost(PATIENCE).until(() -> sent.size() == 1 + bad.size() * CALLS / 2);
        for (String key : bad) {
            assertThat(sent.stream().filter(frame -> frame.startsWith(key + " ")))
                    .hasSize(CALLS / 2)
                    .allMatch(frame -> frame.contains(
                            key.equals("slow") ? "\"Endpoint request timed out\"" : "\"Internal server error\""));
        }
        // Nothing is held any more: not a call, not a byte.
        await().atMost(PATIENCE).until(() -> bounds.bytesLeft() == ALL_BYTES);
        for (String url : urls.values()) {
            await().atMost(PATIENCE).until(() -> bounds.underWay(url) == 0);
        }
        // The connection of one that was harmed goes on.
        CompletableFuture<Void> after =
                stage.message(peer(stage, "after"), "{\"action\":\"good\"}").toCompletableFuture();
        after.join();
        await().atMost(PATIENCE).until(() -> sent.contains("after well"));
    }
}
