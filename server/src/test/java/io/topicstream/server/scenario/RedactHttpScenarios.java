package io.topicstream.server.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import io.topicstream.server.TestClient;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/// What was said is taken back over HTTP, by the users of the keys.
public interface RedactHttpScenarios {
    Deployment deployment();

    private HttpResponse<String> call(int who, String method, String path) {
        HttpRequest request = HttpRequest.newBuilder(deployment().http().resolve(path))
                .header("x-api-key", deployment().key(who))
                .method(method, HttpRequest.BodyPublishers.noBody())
                .build();
        try (HttpClient http = HttpClient.newHttpClient()) {
            return http.send(request, HttpResponse.BodyHandlers.ofString());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }

    @Test
    default void itIsTakenBackOverHttp() {
        String topic = deployment().topic();
        TestClient ann = deployment().client(0);
        TestClient bob = deployment().client(1);
        RedactScenarios.asked(bob, "\"action\":\"subscribe\",\"topic\":\"" + topic + "\"");
        RedactScenarios.publish(ann, topic, "\"one\"");
        RedactScenarios.publish(ann, topic, "\"a slip\"");

        String path = "/topics/" + topic + "/messages/";
        assertThat(call(1, "DELETE", path + 2).statusCode()).isEqualTo(403);
        HttpResponse<String> done = call(0, "DELETE", path + 2);
        assertThat(done.statusCode()).as(done.body()).isEqualTo(200);
        assertThat(done.body()).isEqualTo("{\"topic\":\"" + topic + "\",\"offset\":2}");

        assertThat(call(1, "GET", "/topics/" + topic + "/consume").body().replaceAll("\"timestamp\":\\d+", "\"t\":0"))
                .isEqualTo("{\"messages\":[{\"offset\":1,\"payload\":\"one\",\"t\":0},"
                        + "{\"offset\":2,\"payload\":null,\"t\":0,\"redacted\":true}],\"next_offset\":3}");
        assertThat(call(0, "DELETE", path + "0").statusCode()).isEqualTo(400);
        assertThat(call(0, "DELETE", path + "two").statusCode()).isEqualTo(400);
        if (!deployment().signalsAreLost()) {
            assertThat(bob.within(Duration.ofSeconds(20), "\"type\":\"redacted\""))
                    .isPresent();
        }
        ann.close();
        bob.close();
    }
}
