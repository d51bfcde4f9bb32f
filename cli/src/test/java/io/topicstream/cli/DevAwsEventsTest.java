package io.topicstream.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.topicstream.aws.events.StubBus;
import io.topicstream.events.Receiver;
import io.topicstream.server.TestClient;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// `topicstream dev aws` as a process of its own that tells others what happens: sinks, and a bus.
class DevAwsEventsTest {
    private static final Duration PATIENCE = Duration.ofSeconds(DevAwsProcess.PATIENCE_SECONDS);

    private final HttpClient http = HttpClient.newHttpClient();

    @TempDir
    Path directory;

    private HttpResponse<String> send(URI uri, String method, String token, String body) throws Exception {
        return http.send(
                HttpRequest.newBuilder(uri)
                        .header("Content-Type", "application/json")
                        .header("Authorization", "Bearer " + token)
                        .method(method, HttpRequest.BodyPublishers.ofString(body))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
    }

    private void publish(URI uri, String key, int number) throws Exception {
        HttpResponse<String> produced =
                send(uri.resolve("/topics/news/produce"), "POST", key, "{\"payload\":" + number + "}");
        assertThat(produced.statusCode()).as(produced.body()).isEqualTo(200);
    }

    @Test
    void whatIsPublishedIsPostedToASinkAlsoAfterAKill() throws Exception {
        CompletableFuture<Void> isUnderWay = new CompletableFuture<>();
        CompletableFuture<Void> isKilled = new CompletableFuture<>();
        try (Receiver receiver = new Receiver();
                DevAwsProcess first = DevAwsProcess.start(directory, Map.of())) {
            URI sink = first.uri().resolve("/admin/sinks/hook");
            String definition = "{\"url\":\"" + receiver.url() + "\",\"topics\":[\"news\"]}";
            assertThat(send(sink, "PUT", first.said("key"), definition).statusCode())
                    .isEqualTo(401);
            HttpResponse<String> made = send(sink, "PUT", first.said("admin_token"), definition);
            assertThat(made.statusCode()).as(made.body()).isEqualTo(201);
            String secret = DevAwsProcess.member(made.body(), "secret");

            publish(first.uri(), first.said("key"), 1);
            await().atMost(PATIENCE).until(() -> receiver.taken("news").equals(List.of(1L)));
            Receiver.Post post = receiver.posts().getFirst();
            assertThat(post.signature()).isEqualTo(post.signatureBy(secret));
            assertThat(post.body()).contains("\"payload\":1");

            // It dies while the next one is posted, which is not taken.
            receiver.answer(_ -> {
                isUnderWay.complete(null);
                isKilled.join();
                return 0;
            });
            publish(first.uri(), first.said("key"), 2);
            isUnderWay.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
            first.kill();
            receiver.answer(_ -> 204);
            isKilled.complete(null);

            try (DevAwsProcess second = DevAwsProcess.start(directory, Map.of())) {
                assertThat(second.said("admin_token")).isEqualTo(first.said("admin_token"));
                await().atMost(PATIENCE).until(() -> receiver.taken("news").equals(List.of(1L, 2L)));
                Receiver.Post again = receiver.posts().getLast();
                assertThat(again.id()).isEqualTo(receiver.all().get(1).id());
                assertThat(again.signature()).isEqualTo(again.signatureBy(secret));

                publish(second.uri(), second.said("key"), 3);
                await().atMost(PATIENCE).until(() -> receiver.taken("news").equals(List.of(1L, 2L, 3L)));
                assertThat(administered(second, "sinks", "list").lines())
                        .singleElement()
                        .asString()
                        .startsWith("hook ");
                String key =
                        administered(second, "keys", "create", "meter").lines().getLast();
                publish(second.uri(), key, 4);
                assertThat(administered(second, "keys", "revoke", "meter").exitCode())
                        .isZero();
                assertThat(send(second.uri().resolve("/topics/news/produce"), "POST", key, "{\"payload\":5}")
                                .statusCode())
                        .isEqualTo(401);
                assertThat(send(second.uri().resolve("/cost"), "GET", "", "").body())
                        .contains("function of events", "posts to sinks");
                second.endInOrder();
            }
        }
    }

    /// What the administrator does by the command line.
    private Terminal.Run administered(DevAwsProcess process, String... command) {
        Terminal terminal = new Terminal(
                Map.of(
                        "TOPICSTREAM_ADMIN_TOKEN",
                        process.said("admin_token"),
                        "TOPICSTREAM_SERVER",
                        process.said("ready")),
                directory);
        return terminal.run(command);
    }

    @Test
    void whatHappensStandsOnABusThatRuns() throws Exception {
        String token = "a token of one's own";
        try (StubBus bus = new StubBus();
                DevAwsProcess process = DevAwsProcess.start(
                        directory,
                        Map.of(
                                "TOPICSTREAM_EVENT_BUS",
                                "ChatEventBus",
                                "TOPICSTREAM_EVENT_TOPICS",
                                "news",
                                "AWS_ENDPOINT_URL_EVENTBRIDGE",
                                bus.uri().toString(),
                                "TOPICSTREAM_ADMIN_TOKEN_SHA256",
                                sha256(token)))) {
            assertThat(process.said()).doesNotContain("admin_token");
            try (TestClient client = TestClient.connect(process.uri())) {
                client.send("{\"action\":\"publish\",\"id\":1,\"topic\":\"other\",\"message\":\"nobody's\"}");
                client.await("\"id\":1");
                client.send("{\"action\":\"publish\",\"id\":2,\"topic\":\"news\",\"message\":{\"text\":\"hello\"}}");
                client.await("\"id\":2");
                await().atMost(PATIENCE)
                        .untilAsserted(() -> assertThat(types(bus))
                                .containsExactlyInAnyOrder("CONNECTION_ESTABLISHED", "MESSAGE_SENT"));
            }
            await().atMost(PATIENCE)
                    .untilAsserted(() -> assertThat(types(bus))
                            .containsExactlyInAnyOrder("CONNECTION_ESTABLISHED", "MESSAGE_SENT", "CONNECTION_CLOSED"));

            assertThat(bus.taken())
                    .filteredOn(entry -> entry.type().equals("MESSAGE_SENT"))
                    .singleElement()
                    .satisfies(entry -> {
                        assertThat(entry.bus()).isEqualTo("ChatEventBus");
                        assertThat(entry.source()).isEqualTo("chat.service");
                        assertThat(entry.detail())
                                .contains("\"content\":\"hello\"", "\"topic\":\"news\"", "\"offset\":1");
                    });
            assertThat(send(process.uri().resolve("/admin/sinks"), "GET", token, "")
                            .statusCode())
                    .isEqualTo(200);
            assertThat(send(process.uri().resolve("/cost"), "GET", "", "").body())
                    .contains("time of events");
            process.endInOrder();
        }
    }

    private static List<String> types(StubBus bus) {
        return bus.taken().stream().map(StubBus.Entry::type).toList();
    }

    private static String sha256(String token) throws Exception {
        return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(token.getBytes(UTF_8)));
    }

    @Test
    void aBusThatNobodyRunsIsRefused() throws Exception {
        Process process = DevAwsProcess.launch(directory, Map.of("TOPICSTREAM_EVENT_BUS", "ChatEventBus"));

        assertThat(process.waitFor(DevAwsProcess.PATIENCE_SECONDS, TimeUnit.SECONDS))
                .isTrue();
        assertThat(process.exitValue()).isEqualTo(ExitCodes.CONFIGURATION);
        assertThat(said(process)).contains("TOPICSTREAM_EVENT_BUS: ", "AWS_ENDPOINT_URL_EVENTBRIDGE");
    }

    private static String said(Process process) throws IOException {
        return new String(process.getErrorStream().readAllBytes(), UTF_8);
    }
}
