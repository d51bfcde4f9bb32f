package io.topicstream.server.scenario;

import static io.topicstream.server.JsonTexts.number;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/// Replies, edits and reactions over HTTP.
public interface AboutHttpScenarios {
    Deployment deployment();

    private HttpResponse<String> call(@Nullable Integer who, String method, String path, String body) {
        HttpRequest.Builder request = HttpRequest.newBuilder(deployment().http().resolve(path))
                .header("Content-Type", "application/json")
                .method(method, HttpRequest.BodyPublishers.ofString(body));
        if (who != null) {
            request.header("x-api-key", deployment().key(who));
        }
        try (HttpClient http = HttpClient.newHttpClient()) {
            return http.send(request.build(), HttpResponse.BodyHandlers.ofString());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }

    private HttpResponse<String> produce(@Nullable Integer who, String topic, String body) {
        return call(who, "POST", "/topics/" + topic + "/produce", body);
    }

    @Test
    default void whatIsProducedMayBeAboutAMessageAndIsFoldedWhenConsumed() {
        String topic = deployment().topic();
        produce(0, topic, "{\"payload\":\"helo\"}");
        produce(0, topic, "{\"payload\":\"hello\",\"about\":{\"offset\":1,\"as\":\"edit\"}}");
        produce(1, topic, "{\"about\":{\"offset\":1,\"as\":\"reaction\",\"value\":\"+1\"}}");
        HttpResponse<String> reply = produce(1, topic, "{\"payload\":4,\"about\":{\"offset\":1,\"as\":\"reply\"}}");
        assertThat(reply.statusCode()).isEqualTo(200);
        assertThat(number(reply.body(), "offset")).isEqualTo(4);

        String folded =
                call(1, "GET", "/topics/" + topic + "/consume?fold=true", "").body();
        assertThat(folded)
                .startsWith("{\"messages\":[{\"offset\":1,\"payload\":\"hello\",\"timestamp\":")
                .contains(
                        "\"from\":\"ann\",\"edited\":{\"offset\":2,",
                        "\"reactions\":[{\"value\":\"+1\",\"count\":1,\"users\":[\"bob\"],\"mine\":true}],"
                                + "\"replies\":{\"count\":1,\"last_offset\":4}},{\"offset\":4,\"payload\":4,")
                .endsWith("\"from\":\"bob\",\"about\":{\"offset\":1,\"as\":\"reply\"}}],\"next_offset\":5}");
        String one = call(1, "GET", "/topics/" + topic + "/consume?fold=true&limit=1", "")
                .body();
        assertThat(one).contains("\"payload\":\"hello\"").endsWith("}],\"next_offset\":4}");
        assertThat(call(1, "GET", "/topics/" + topic + "/consume?fold=true&offset=5", "")
                        .body())
                .isEqualTo("{\"messages\":[],\"next_offset\":5}");
        assertThat(call(1, "GET", "/topics/" + topic + "/consume?fold=true&offset=9", "")
                        .body())
                .isEqualTo("{\"messages\":[],\"next_offset\":9}");
        String plain =
                call(1, "GET", "/topics/" + topic + "/consume?fold=false", "").body();
        assertThat(plain)
                .as("the older contract's members, and no others")
                .doesNotContain("about", "from")
                .contains("{\"offset\":1,\"payload\":\"helo\",", "{\"offset\":3,\"payload\":null,");
        assertThat(call(1, "GET", "/topics/" + topic + "/consume?fold=yes", "").statusCode())
                .isEqualTo(400);
    }

    @Test
    default void whatCannotBeSaidAboutAMessageIsRefusedOverHttp() {
        String topic = deployment().topic();
        produce(0, topic, "{\"payload\":1}");

        assertThat(produce(1, topic, "{\"payload\":2,\"about\":{\"offset\":1,\"as\":\"edit\"}}")
                        .statusCode())
                .isEqualTo(403);
        assertThat(produce(null, topic, "{\"about\":{\"offset\":1,\"as\":\"reaction\",\"value\":\"x\"}}")
                        .statusCode())
                .isEqualTo(403);
        assertThat(produce(0, topic, "{\"payload\":2,\"about\":{\"offset\":2,\"as\":\"edit\"}}")
                        .statusCode())
                .isEqualTo(404);
        HttpResponse<String> bad = produce(0, topic, "{\"payload\":2,\"about\":{\"offset\":1}}");
        assertThat(bad.statusCode()).isEqualTo(400);
        assertThat(bad.body()).contains("\\\"about\\\" has \\\"as\\\"");
        assertThat(produce(0, topic, "{\"about\":{\"offset\":1,\"as\":\"reply\"}}")
                        .statusCode())
                .as("a reply has a payload")
                .isEqualTo(400);
        assertThat(call(0, "POST", "/users/bob/messages", "{\"message\":1,\"about\":{\"offset\":0,\"as\":\"reply\"}}")
                        .statusCode())
                .isEqualTo(400);
        HttpResponse<String> sent = call(0, "POST", "/users/bob/messages", "{\"message\":1}");
        HttpResponse<String> answer = call(
                1,
                "POST",
                "/users/ann/messages",
                "{\"about\":{\"offset\":" + number(sent.body(), "offset") + ",\"as\":\"reaction\",\"value\":\"x\"}}");
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(produce(0, topic, "{\"payload\":2}").body()).contains("\"offset\":2");
    }
}
