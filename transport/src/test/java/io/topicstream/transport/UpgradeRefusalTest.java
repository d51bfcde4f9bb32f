package io.topicstream.transport;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// How an upgrade is refused with an answer of somebody else's, how long its decision may take, and that a
/// connection has the limits that it was accepted with.
class UpgradeRefusalTest {
    private static final String WORDS = "Sec-WebSocket-Protocol: words\r\n";

    private final List<String> told = new CopyOnWriteArrayList<>();
    private volatile UpgradeHandler decider = (request, decision) -> {};
    private Transport transport;
    private int port;

    private final class Told implements AnswerObserver {
        @Override
        public void onUpgradeRefused(
                RequestHead head, int status, int closeCode, @Nullable String code, String text, long bytes, long ns) {
            told.add(status + " " + closeCode + " " + code + " " + text);
        }
    }

    @BeforeEach
    void start() throws IOException {
        TransportLimits limits = TransportLimits.defaults();
        transport = Transport.start(
                1,
                new TransportLimits(
                        limits.http(),
                        limits.webSocket(),
                        limits.connections(),
                        limits.connectionsPerAddress(),
                        limits.capLoopback(),
                        limits.highWatermarkBytes(),
                        limits.lowWatermarkBytes(),
                        limits.incompleteBytes(),
                        limits.answerBytes(),
                        limits.stall(),
                        Duration.ofMillis(20)));
        port = transport
                .bind(
                        new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                        new Endpoint(
                                exchange -> {},
                                (request, decision) -> decider.onUpgrade(request, decision),
                                host -> true,
                                head -> Map.of(),
                                new Told()))
                .getPort();
    }

    @AfterEach
    void stop() {
        transport.stop(Duration.ZERO, 1001).join();
    }

    private RawClient.Answer refused(int status, @Nullable String type, String body, Map<String, String> headers)
            throws IOException {
        decider = (request, decision) -> decision.refuse(status, type, body.getBytes(UTF_8), headers);
        try (RawClient client = new RawClient(port).send(RawClient.UPGRADE)) {
            RawClient.Answer answer = client.answer();
            assertThat(client.ended()).isTrue();
            return answer;
        }
    }

    @ParameterizedTest
    @CsvSource({"401", "403", "429", "500", "502", "504", "302", "200"})
    void anAnswerOfTheBackEndGoesAsItIs(int status) throws IOException {
        RawClient.Answer answer =
                refused(status, "application/json", "{\"message\":\"Forbidden ✓\"}", Map.of("x-amzn-RequestId", "r-1"));

        assertThat(answer.status()).isEqualTo(status);
        assertThat(answer.text()).isEqualTo("{\"message\":\"Forbidden ✓\"}");
        assertThat(answer.header("Content-Type")).isEqualTo("application/json");
        assertThat(answer.header("x-amzn-RequestId")).isEqualTo("r-1");
        assertThat(answer.header("Connection")).isEqualTo("close");
        assertThat(answer.headers()).containsKey("Date").doesNotContainKey("Topic-Error");
        await().untilAsserted(() -> assertThat(told).containsExactly(status + " 0 null "));
    }

    @Test
    void anAnswerMayBeEmptyOrLarge() throws IOException {
        RawClient.Answer empty = refused(403, null, "", Map.of());
        RawClient.Answer none = refused(204, null, "", Map.of());
        RawClient.Answer large = refused(403, "text/plain", "x".repeat(200_000), Map.of());

        assertThat(empty.headers()).containsEntry("Content-Length", "0").doesNotContainKey("Content-Type");
        assertThat(none.headers()).doesNotContainKey("Content-Length");
        assertThat(large.text()).hasSize(200_000);
    }

    @Test
    void itGoesOverHttpEvenIfRefusalsAreCloses() throws IOException {
        decider = (request, decision) -> {
            decision.refuseByClosing("words", code -> 4003);
            if (request.path().equals("/ours")) {
                decision.refuse(403, "forbidden", "not you", Map.of());
            } else {
                decision.refuse(403, "text/plain", "not you".getBytes(UTF_8), Map.of());
            }
        };
        String offering = RawClient.UPGRADE.replace("\r\n\r\n", "\r\n" + WORDS + "\r\n");
        try (RawClient theirs = new RawClient(port).send(offering);
                RawClient ours = new RawClient(port).send(offering.replace("GET / ", "GET /ours "))) {
            assertThat(theirs.answer().text()).isEqualTo("not you");
            assertThat(ours.answer().status()).isEqualTo(101);
            assertThat(ours.closeCode()).isEqualTo(4003);
        }
        await().untilAsserted(
                        () -> assertThat(told).containsExactlyInAnyOrder("403 0 null ", "403 4003 forbidden not you"));
    }

    @Test
    void whatWouldBreakTheAnswerIsRefusedAndTheDecisionIsStillOpen() throws IOException {
        decider = (request, decision) -> {
            byte[] some = {'x'};
            assertThatIllegalArgumentException().isThrownBy(() -> decision.refuse(101, null, some, Map.of()));
            assertThatIllegalArgumentException().isThrownBy(() -> decision.refuse(600, null, some, Map.of()));
            assertThatIllegalArgumentException().isThrownBy(() -> decision.refuse(204, null, some, Map.of()));
            assertThatIllegalArgumentException().isThrownBy(() -> decision.refuse(403, "a\r\nb: c", some, Map.of()));
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> decision.refuse(403, null, some, Map.of("content-length", "7")))
                    .withMessageContaining("Content-Length");
            decision.refuse(418, "text/plain", some, Map.of());
        };
        try (RawClient client = new RawClient(port).send(RawClient.UPGRADE)) {
            assertThat(client.answer().status()).isEqualTo(418);
        }
    }

    @Test
    void aDecisionHasTheTimeThatItsStageGivesIt() throws IOException {
        decider = (request, decision) -> {
            if (request.path().equals("/")) {
                decision.within(Duration.ofMillis(50));
            }
        };
        try (RawClient brief = new RawClient(port).send(RawClient.UPGRADE);
                RawClient usual = new RawClient(port).send(RawClient.UPGRADE.replace("GET / ", "GET /usual "))) {
            assertThat(brief.answer().status()).isEqualTo(503);
            usual.socket.setSoTimeout(300);
            assertThat(catchThrowable(usual::answer)).isInstanceOf(SocketTimeoutException.class);
        }
    }

    @Test
    void aConnectionHasTheLimitsThatItWasAcceptedWith() throws IOException {
        decider = (request, decision) -> {
            EchoServer.Echo echo = new EchoServer.Echo();
            if (request.path().equals("/small")) {
                decision.accept(null, echo, WebSocketLimits.defaults().withSizes(1024, 1024));
            } else {
                decision.accept(null, echo);
            }
        };
        try (RawClient small = new RawClient(port).send(RawClient.UPGRADE.replace("GET / ", "GET /small "));
                RawClient usual = new RawClient(port).send(RawClient.UPGRADE)) {
            assertThat(small.answer().status()).isEqualTo(101);
            assertThat(usual.answer().status()).isEqualTo(101);

            assertThat(small.send(RawClient.text("x".repeat(1024))).frame().text())
                    .hasSize(1024);
            assertThat(usual.send(RawClient.text("x".repeat(1025))).frame().text())
                    .hasSize(1025);
            assertThat(small.send(RawClient.text("x".repeat(1025))).closeCode()).isEqualTo(1009);
        }
    }
}
