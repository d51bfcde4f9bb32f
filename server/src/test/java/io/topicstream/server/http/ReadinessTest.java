package io.topicstream.server.http;

import static io.topicstream.server.http.StreamContractTest.field;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.topicstream.http.Readiness;
import io.topicstream.http.Readiness.Condition;
import java.net.http.HttpResponse;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// What `/health/ready` says, and when.
class ReadinessTest {
    private final HttpServer server = HttpServer.open();

    @AfterEach
    void stop() {
        server.close();
    }

    @Test
    void aServerThatIsNotReadyNamesEveryReason() {
        server.writable.set(false);

        assertThat(server.get("/health/ready").body())
                .isEqualTo("{\"error\":\"not ready: the store takes no writes\",\"code\":\"unavailable\","
                        + "\"unmet\":[\"store_takes_writes\"]}");
        server.ready.set(false);
        HttpResponse<String> answer = server.get("/health/ready");
        assertThat(answer.statusCode()).isEqualTo(503);
        assertThat(field(answer, "Topic-Error")).isEqualTo("unavailable");
        assertThat(field(answer, "Retry-After")).isEqualTo("1");
        assertThat(answer.body())
                .isEqualTo("{\"error\":\"not ready: the server is stopping; the store takes no writes\","
                        + "\"code\":\"unavailable\",\"unmet\":[\"running\",\"store_takes_writes\"]}");

        server.ready.set(true);
        server.writable.set(true);
        assertThat(server.get("/health/ready").body()).isEqualTo("{\"status\":\"ok\"}");
    }

    @Test
    void livenessIsNotReadiness() {
        server.writable.set(false);

        for (String path : List.of("/health", "/healthz", "/health/live")) {
            assertThat(server.get(path).statusCode()).isEqualTo(200);
        }
    }

    @Test
    void headIsAnsweredWithoutABody() {
        assertThat(server.send("HEAD", "/health/ready", null).statusCode()).isEqualTo(200);
        server.writable.set(false);

        HttpResponse<String> head = server.send("HEAD", "/health/ready", null);

        assertThat(head.statusCode()).isEqualTo(503);
        assertThat(head.body()).isEmpty();
    }

    @Test
    void aConditionThatCannotBeAskedDoesNotHold() {
        Condition broken = new Condition("broken", "it is broken", () -> {
            throw new IllegalStateException("planted");
        });
        Condition well = new Condition("well", "it is not well", () -> true);

        assertThat(new Readiness(List.of(broken, well)).unmet()).containsExactly(broken);
    }

    @Test
    void theNameOfAConditionIsALabel() {
        assertThatThrownBy(() -> new Condition("not a label", "", () -> true))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
