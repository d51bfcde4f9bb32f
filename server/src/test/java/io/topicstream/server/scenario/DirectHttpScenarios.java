package io.topicstream.server.scenario;

import static io.topicstream.server.JsonTexts.number;
import static org.assertj.core.api.Assertions.assertThat;

import io.topicstream.server.TestClient;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/// Messages between two users and their receipts, over HTTP. The three users of a deployment have one chat each with
/// the others, so a story asks how things differ from before.
public interface DirectHttpScenarios {
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

    @Test
    default void aBackEndSendsToAUserWhoHearsIt() {
        TestClient bob = deployment().client(1);
        String id = deployment().topic();

        HttpResponse<String> answer =
                call(0, "POST", "/users/bob/messages", "{\"message\":{\"n\":1},\"message_id\":\"" + id + "\"}");

        assertThat(answer.body())
                .startsWith("{\"topic\":\"dm:ann~bob\",\"epoch\":")
                .contains("\"online\":");
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.headers().firstValue("Topic-Durability")).isPresent();
        long offset = number(answer.body(), "offset");
        assertThat(bob.await("\"offset\":" + offset + ","))
                .contains("\"topic\":\"dm:ann~bob\"", "\"from\":\"ann\"", "\"message\":{\"n\":1}");
        HttpResponse<String> again =
                call(0, "POST", "/users/bob/messages", "{\"message\":{\"n\":1},\"message_id\":\"" + id + "\"}");
        assertThat(number(again.body(), "offset")).isEqualTo(offset);
        HttpResponse<String> other =
                call(0, "POST", "/users/bob/messages", "{\"message\":{\"n\":2},\"message_id\":\"" + id + "\"}");
        assertThat(other.statusCode()).isEqualTo(409);
        assertThat(other.body()).contains("\"code\":\"id_conflict\"");
        bob.close();
    }

    @Test
    default void whatCannotBeSentOverHttpIsRefused() {
        for (String body : List.of(
                "", "[]", "{}", "{\"mesage\":1}", "{\"message\":1,\"message_id\":\"\"}", "{\"message\":1,\"key\":1}")) {
            HttpResponse<String> answer = call(0, "POST", "/users/bob/messages", body);
            assertThat(answer.statusCode()).as(body).isEqualTo(400);
            assertThat(answer.body()).as(body).contains("\"code\":\"bad_frame\"");
        }
        assertThat(call(0, "POST", "/users/a~b/messages", "{\"message\":1}").statusCode())
                .isEqualTo(400);
        HttpResponse<String> large =
                call(0, "POST", "/users/bob/messages", "{\"message\":1,\"message_id\":\"" + "x".repeat(129) + "\"}");
        assertThat(large.statusCode()).isEqualTo(413);
        HttpResponse<String> nameless = call(null, "POST", "/users/bob/messages", "{\"message\":1}");
        assertThat(nameless.statusCode()).isEqualTo(403);
        assertThat(nameless.body()).contains("say who you are");
        assertThat(call(0, "GET", "/users/bob/messages", "").statusCode()).isEqualTo(405);
    }

    @Test
    default void aThirdUserIsRefusedOverHttp() {
        assertThat(call(0, "POST", "/users/bob/messages", "{\"message\":1}").statusCode())
                .isEqualTo(200);
        String topic = "/topics/dm:ann~bob";

        for (Integer who : new Integer[] {2, null}) {
            assertThat(call(who, "POST", topic + "/produce", "{\"payload\":1}").statusCode())
                    .isEqualTo(403);
            assertThat(call(who, "GET", topic + "/consume", "").statusCode()).isEqualTo(403);
            assertThat(call(who, "GET", topic + "/receipts?not_received=1", "").statusCode())
                    .isEqualTo(403);
            assertThat(call(who, "GET", "/users/ann/cursors", "").statusCode()).isEqualTo(403);
            assertThat(call(who, "GET", "/topics?prefix=dm:ann~bob", "").body()).isEqualTo("{\"topics\":[]}");
        }
        HttpResponse<String> named = call(2, "GET", "/users/cy/cursors?topic=dm:ann~bob", "");
        assertThat(named.statusCode()).isEqualTo(403);
        for (int who : new int[] {0, 1}) {
            assertThat(call(who, "POST", topic + "/produce", "{\"payload\":1}").statusCode())
                    .isEqualTo(200);
            assertThat(call(who, "GET", topic + "/consume", "").body()).contains("\"offset\":1,");
            assertThat(call(who, "GET", "/topics?prefix=dm:ann~bob", "").body())
                    .startsWith("{\"topics\":[{\"topic\":\"dm:ann~bob\",");
        }
    }

    @Test
    default void cursorsAndWhoHasNotReceivedAreAskedOverHttp() {
        HttpResponse<String> sent = call(0, "POST", "/users/cy/messages", "{\"message\":1}");
        long offset = number(sent.body(), "offset");
        TestClient cy = deployment().client(2);
        String ack = "{\"action\":\"ack\",\"id\":\"ack\",\"topic\":\"dm:ann~cy\",";

        String unread = call(2, "GET", "/users/cy/cursors?topic=dm:ann~cy", "").body();
        assertThat(unread)
                .startsWith("{\"user\":\"cy\",\"cursors\":[{\"topic\":\"dm:ann~cy\",\"delivered\":")
                .doesNotContain("\"unread\":0}");
        String before = call(0, "GET", "/topics/dm:ann~cy/receipts?not_received=" + offset, "")
                .body();
        assertThat(before)
                .startsWith("{\"topic\":\"dm:ann~cy\",\"not_received\":" + offset + ",\"users\":[")
                .contains("{\"user\":\"cy\",\"delivered\":");
        cy.send(ack + "\"delivered\":" + offset + "}");
        assertThat(cy.await("\"id\":\"ack\"")).contains("\"type\":\"reply\"");

        assertThat(call(0, "GET", "/topics/dm:ann~cy/receipts?not_received=" + offset, "")
                        .body())
                .doesNotContain("\"cy\",\"delivered\"");
        assertThat(call(2, "GET", "/users/cy/cursors?topic=dm:ann~cy", "").body())
                .contains("\"delivered\":" + offset + ",");
        cy.send(ack + "\"read\":" + offset + "}");
        cy.await("\"id\":\"ack\"");
        assertThat(call(2, "GET", "/users/cy/cursors?topic=dm:ann~cy", "").body())
                .endsWith("\"read\":" + offset + ",\"next_offset\":" + (offset + 1) + ",\"unread\":0}]}");
        for (String wrong :
                List.of("?limit=0", "?limit=1001", "?limit=x", "?topic=a%20b", "?start_after=%2F", "?x=1")) {
            assertThat(call(2, "GET", "/users/cy/cursors" + wrong, "").statusCode())
                    .as(wrong)
                    .isEqualTo(400);
        }
        for (String wrong : List.of(
                "", "?not_received=0", "?not_received=x", "?not_received=1&start_after=x", "?not_received=1&y=1")) {
            assertThat(call(0, "GET", "/topics/dm:ann~cy/receipts" + wrong, "").statusCode())
                    .as(wrong)
                    .isEqualTo(400);
        }
        cy.close();
    }
}
