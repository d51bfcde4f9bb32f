package io.topicstream.server.scenario;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.topicstream.access.ApiKey;
import io.topicstream.access.Identity;
import io.topicstream.server.TestClient;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/// Rights that end, over HTTP and at the stages of all dialects of the server's own.
public interface RightsHttpScenarios {
    Deployment deployment();

    private static HttpResponse<String> produce(HttpClient http, URI server, String topic, String secret) {
        try {
            return http.send(
                    HttpRequest.newBuilder(server.resolve("/topics/" + topic + "/produce"))
                            .header("Content-Type", "application/json")
                            .header("x-api-key", secret)
                            .POST(HttpRequest.BodyPublishers.ofString("{\"payload\":1}"))
                            .build(),
                    HttpResponse.BodyHandlers.ofString());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }

    private ApiKey.Created key(String user, long expiresAtMs) {
        return deployment()
                .apiKeys()
                .create(user, null, expiresAtMs)
                .toCompletableFuture()
                .join();
    }

    private List<TestClient> atEveryStage(ApiKey.Created key) {
        List<TestClient> clients = new ArrayList<>();
        for (String path : List.of(
                "/v1", "/live", "/dev", "/staging?roomId=" + deployment().guest())) {
            clients.add(TestClient.to(deployment().server(), path)
                    .header("x-api-key", key.secret())
                    .open());
        }
        return clients;
    }

    private void awaitProduced(HttpClient http, ApiKey.Created key, int status, String code) {
        for (URI server : deployment().everyHttp()) {
            await().atMost(RightsScenarios.PATIENCE).untilAsserted(() -> {
                HttpResponse<String> answer = produce(http, server, deployment().topic(), key.secret());
                assertThat(answer.statusCode()).isEqualTo(status);
                if (status != 200) {
                    assertThat(answer.headers().firstValue("Topic-Error")).contains(code);
                }
            });
        }
    }

    @Test
    default void aBlockedUserIsForbiddenOverHttpAndAtEveryStage() {
        String eve = "u" + deployment().guest();
        ApiKey.Created key = key(eve, Identity.NEVER);
        List<TestClient> clients = atEveryStage(key);
        try (HttpClient http = HttpClient.newHttpClient()) {
            awaitProduced(http, key, 200, "");

            deployment()
                    .rights()
                    .block(eve, Identity.NEVER, null)
                    .toCompletableFuture()
                    .join();

            awaitProduced(http, key, 403, "forbidden");
            RightsScenarios.assertEnded(deployment(), clients, 4003, RightsScenarios.BLOCKED);
            deployment().rights().unblock(eve).toCompletableFuture().join();
            awaitProduced(http, key, 200, "");
        }
    }

    @Test
    default void aRevokedKeyIsUnknownOverHttpAndAtEveryStage() {
        ApiKey.Created key = key("u" + deployment().guest(), Identity.NEVER);
        List<TestClient> clients = atEveryStage(key);
        try (HttpClient http = HttpClient.newHttpClient()) {
            awaitProduced(http, key, 200, "");

            deployment().apiKeys().revoke(key.key().id()).toCompletableFuture().join();

            assertThat(clients)
                    .extracting(TestClient::awaitClose)
                    .containsOnly(deployment().closeCode(4001));
            awaitProduced(http, key, 401, "unauthenticated");
        }
    }

    @Test
    default void whoIsSignedOutGoesAtEveryStageAndMayComeAgain() {
        String eve = "u" + deployment().guest();
        ApiKey.Created key = key(eve, Identity.NEVER);
        List<TestClient> clients = atEveryStage(key);
        try (HttpClient http = HttpClient.newHttpClient()) {
            deployment().rights().signOut(eve).toCompletableFuture().join();

            RightsScenarios.assertEnded(deployment(), clients, 4001, "this user was signed out");
            awaitProduced(http, key, 200, "");
        }
    }

    @Test
    default void aKeysEndEndsItOverHttpAndAtEveryStage() {
        ApiKey.Created key = key("u" + deployment().guest(), System.currentTimeMillis() + 2_000);
        List<TestClient> clients = atEveryStage(key);
        try (HttpClient http = HttpClient.newHttpClient()) {
            if (!deployment().hasAClock()) {
                // It is seen when something comes.
                await().pollDelay(Duration.ofSeconds(2)).until(() -> true);
                clients.forEach(client -> client.send("{\"action\":\"ping\"}"));
            }
            assertThat(clients)
                    .extracting(TestClient::awaitClose)
                    .containsOnly(deployment().closeCode(4001));
            awaitProduced(http, key, 401, "unauthenticated");
        }
    }
}
