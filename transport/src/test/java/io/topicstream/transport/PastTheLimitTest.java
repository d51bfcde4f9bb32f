package io.topicstream.transport;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Past the limits of connections one may still ask how the server is, and nothing else.
class PastTheLimitTest {
    private static final String HOST = "Host: localhost\r\n\r\n";

    private Transport transport;
    private int port;
    private final List<RawClient> within = new ArrayList<>();

    /// A server that takes two connections of three from one address, or the other way round, and has them all.
    private void start(int total, int perAddress) throws IOException {
        TransportLimits limits = TransportLimits.defaults();
        transport = Transport.start(
                1,
                new TransportLimits(
                        limits.http(),
                        limits.webSocket(),
                        total,
                        perAddress,
                        true,
                        limits.highWatermarkBytes(),
                        limits.lowWatermarkBytes(),
                        limits.incompleteBytes(),
                        limits.answerBytes(),
                        limits.stall(),
                        limits.sweep()));
        port = transport
                .bind(
                        new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                        new Endpoint(
                                new Health(),
                                (request, decision) -> decision.refuse(404, "", "", Map.of()),
                                h -> true,
                                head -> Map.of("Access-Control-Allow-Origin", "*"),
                                AnswerObserver.NONE))
                .getPort();
        for (int i = 0; i < Math.min(total, perAddress); i++) {
            within.add(new RawClient(port));
        }
        await().until(() -> transport.connections() == within.size());
    }

    private static final class Health implements HttpHandler {
        @Override
        public void handle(HttpExchange exchange) {
            exchange.respond(200, null, Map.of(), "well".getBytes(UTF_8));
        }

        @Override
        public boolean isProbe(RequestHead head) {
            return head.path().equals("/health");
        }
    }

    @AfterEach
    void stop() throws IOException {
        for (RawClient client : within) {
            client.close();
        }
        transport.stop(Duration.ZERO, 1001).join();
    }

    @ParameterizedTest
    @CsvSource({"2, 3, 503", "3, 2, 429"})
    void healthIsAnsweredAndAllElseRefused(int total, int perAddress, int status) throws IOException {
        start(total, perAddress);

        try (RawClient asking = new RawClient(port).send("GET /health HTTP/1.1\r\n" + HOST);
                RawClient other = new RawClient(port).send("GET /topics HTTP/1.1\r\n" + HOST);
                RawClient socket = new RawClient(port).send(RawClient.UPGRADE);
                RawClient silent = new RawClient(port)) {
            RawClient.Answer health = asking.answer();
            assertThat(health.status()).isEqualTo(200);
            assertThat(health.header("Connection")).isEqualTo("close");
            for (RawClient refused : List.of(other, socket, silent)) {
                RawClient.Answer answer = refused.answer();
                assertThat(answer.status()).isEqualTo(status);
                assertThat(answer.header("Retry-After")).isEqualTo("1");
                // A page may read it, unless it is answered before its request is there.
                assertThat(answer.header("Access-Control-Allow-Origin")).isEqualTo(refused == silent ? "" : "*");
                assertThat(refused.ended()).isTrue();
            }
        }
        assertThat(transport.connections()).isEqualTo(2);
    }

    @Test
    void theyDoNotCrowdOutEachOther() throws IOException {
        start(2, 3);
        List<RawClient> silent = new ArrayList<>();
        try {
            for (int i = 0; i < 2 * ConnectionCounts.MOST_PROBES; i++) {
                silent.add(new RawClient(port));
            }
            try (RawClient asking = new RawClient(port).send("GET /health HTTP/1.1\r\n" + HOST)) {
                assertThat(asking.answer().status()).isEqualTo(200);
            }
        } finally {
            for (RawClient client : silent) {
                client.close();
            }
        }

        within.removeFirst().close();
        await().until(() -> transport.connections() == 1);
        try (RawClient inside = new RawClient(port).send("GET /topics HTTP/1.1\r\n" + HOST)) {
            assertThat(inside.answer().status()).isEqualTo(200);
        }
    }
}
