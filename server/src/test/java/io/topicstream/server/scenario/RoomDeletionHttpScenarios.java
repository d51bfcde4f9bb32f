package io.topicstream.server.scenario;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.topicstream.access.ApiKey;
import io.topicstream.access.Grant;
import io.topicstream.access.Permission;
import io.topicstream.server.TestClient;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import org.junit.jupiter.api.Test;

/// Rooms are deleted over HTTP.
public interface RoomDeletionHttpScenarios {
    Deployment deployment();

    private HttpResponse<String> call(String key, String method, String room) {
        HttpRequest request = HttpRequest.newBuilder(deployment().http().resolve("/rooms/" + room))
                .header("x-api-key", key)
                .method(method, HttpRequest.BodyPublishers.ofString(method.equals("PUT") ? "{}" : ""))
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

    private int status(String key, String method, String room) {
        return call(key, method, room).statusCode();
    }

    /// Where the store did not answer in time, once more, which ends what was begun.
    private void delete(String key, String room) {
        await().atMost(Duration.ofSeconds(40)).untilAsserted(() -> {
            HttpResponse<String> done = call(key, "DELETE", room);
            assertThat(done.statusCode()).as(done.body()).isEqualTo(200);
            assertThat(done.body()).isEqualTo("{\"topic\":\"room:" + room + "\",\"deleted\":true}");
        });
    }

    private String keyWith(String user, Permission permission) {
        ApiKey.Created made = deployment()
                .apiKeys()
                .create(user, List.of(new Grant("*", EnumSet.of(permission))))
                .toCompletableFuture()
                .join();
        return made.secret();
    }

    @Test
    default void aRoomIsDeletedOverHttpByItsOwnerOrAnAdministrator() {
        String room = deployment().topic();
        TestClient bob = deployment().client(1);
        bob.send("{\"action\":\"subscribe\",\"id\":\"s\",\"topic\":\"room:" + room + "\"}");
        bob.await("\"id\":\"s\"");
        assertThat(status(deployment().key(0), "PUT", room)).isEqualTo(200);

        assertThat(status(deployment().key(1), "DELETE", room)).isEqualTo(403);
        delete(deployment().key(0), room);
        assertThat(bob.within(Duration.ofSeconds(40), "\"type\":\"room_deleted\""))
                .hasValue("{\"type\":\"room_deleted\",\"topic\":\"room:" + room + "\"}");
        assertThat(status(deployment().key(0), "DELETE", room)).isEqualTo(404);
        assertThat(status(deployment().key(1), "DELETE", room)).isEqualTo(404);
        assertThat(status(deployment().key(0), "DELETE", "a%20b")).isEqualTo(400);

        assertThat(status(deployment().key(0), "PUT", room)).isEqualTo(200);
        delete(keyWith("eve", Permission.ADMIN), room);
        bob.close();
    }

    @Test
    default void whoMayNotReadARoomIsNotToldWhetherThereIsOne() {
        String room = deployment().topic();
        String publisher = keyWith("eve", Permission.PUBLISH);
        assertThat(status(deployment().key(0), "PUT", room)).isEqualTo(200);

        String there = call(publisher, "DELETE", room).body();
        String nowhere = call(publisher, "DELETE", room + ".none").body();

        assertThat(there).contains("\"code\":\"forbidden\"").isEqualTo(nowhere.replace(room + ".none", room));
    }
}
