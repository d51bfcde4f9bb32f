package io.topicstream.server.crash;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.topicstream.testkit.EvidenceCollector;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/// Ends a loaded server with SIGTERM: nothing is lost, nobody is left in doubt, and it ends in time.
class TerminationTest {
    private static final List<String> TOPICS = List.of("term.a", "term.b");
    private static final int EXIT_SECONDS = 10;
    /// How a JVM exits that SIGTERM ended in order.
    private static final int TERMINATED = 143;

    @RegisterExtension
    final EvidenceCollector evidence = new EvidenceCollector();

    @TempDir
    private Path directory;

    private long slowestEndMs;

    @Test
    @Timeout(300)
    void onSigtermEachPublishIsAnsweredOrNotStoredAndEveryoneIsToldToComeBack() throws Exception {
        terminateUnderLoad(2);
    }

    @Test
    @Tag("slow")
    @Timeout(1800)
    void andSoTwentyTimes() throws Exception {
        terminateUnderLoad(20);
    }

    private void terminateUnderLoad(int times) throws Exception {
        Oracle oracle = new Oracle(directory);
        evidence.keep(directory);
        evidence.keep(
                "complaints.txt", () -> String.join("\n", oracle.complaints()).getBytes(UTF_8));
        try (Load load = new Load(oracle, TOPICS)) {
            for (int i = 0; i < times; i++) {
                try (ServerProcess server = ServerProcess.start(directory, List.of())) {
                    if (i == 0) {
                        load.prepare(server.uri(), server::createKey);
                    } else {
                        read(oracle, server.uri());
                    }
                    terminate(oracle, load, server, "t" + i + ".");
                }
                assertThat(oracle.complaints()).isEmpty();
            }
            try (ServerProcess server = ServerProcess.start(directory, List.of())) {
                read(oracle, server.uri());
            }
            System.out.println("SIGTERM " + times + " times: " + oracle + ", never answered and not stored "
                    + oracle.unansweredNow() + "; slowest end " + slowestEndMs + " ms");
            assertThat(oracle.complaints()).isEmpty();
        }
    }

    private void terminate(Oracle oracle, Load load, ServerProcess server, String name) throws Exception {
        List<URI> servers = List.of(server.uri());
        assertThat(isReady(server.uri())).isTrue();
        load.listen(servers, name);
        long before = oracle.acked();
        load.publish(servers, name, Publishing.UNTIL_THE_END);
        Awaitility.await("under load").atMost(60, TimeUnit.SECONDS).until(() -> oracle.acked() > before + 500);

        long beginNs = System.nanoTime();
        server.terminate();

        Awaitility.await("not ready any more")
                .atMost(EXIT_SECONDS, TimeUnit.SECONDS)
                .pollInterval(Duration.ofMillis(5))
                .until(() -> !isReady(server.uri()));
        assertThat(server.isAlive()).as("it says so before it ends").isTrue();
        Map<String, Integer> codes = load.awaitListeners();
        codes.putAll(load.awaitPublishers());
        int exit = server.await(EXIT_SECONDS);
        long endMs = Duration.ofNanos(System.nanoTime() - beginNs).toMillis();
        slowestEndMs = Math.max(slowestEndMs, endMs);
        evidence.note(name + " ended after " + endMs + " ms, " + oracle.unansweredNow() + " unanswered, close codes "
                + codes);

        assertThat(endMs).isLessThan(EXIT_SECONDS * 1000L);
        assertThat(exit).isEqualTo(TERMINATED);
        assertThat(server.lastWords()).containsExactly("stopped");
        // Producers over HTTP have no close code: theirs is 0.
        codes.keySet().removeIf(who -> who.startsWith(name + "http"));
        // Who was between two connections found nobody there any more.
        assertThat(codes.remove("restless")).isIn(1012, FrameSocket.CUT);
        assertThat(codes.values()).containsOnly(1012);
    }

    private static void read(Oracle oracle, URI server) throws IOException {
        for (String topic : TOPICS) {
            HttpReader.Page page = HttpReader.toTheEnd(server, topic, 1);
            oracle.read(topic, page.epoch(), 1, page.messages());
        }
        oracle.requireNothingStoredUnanswered();
    }

    private static boolean isReady(URI server) throws InterruptedException {
        try {
            return FrameSocket.HTTP
                            .send(
                                    HttpRequest.newBuilder(server.resolve("/health/ready"))
                                            .build(),
                                    HttpResponse.BodyHandlers.ofString())
                            .statusCode()
                    == 200;
        } catch (IOException e) {
            // Nobody listens there.
            return false;
        }
    }
}
