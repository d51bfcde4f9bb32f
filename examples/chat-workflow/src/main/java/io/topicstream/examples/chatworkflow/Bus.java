package io.topicstream.examples.chatworkflow;

import io.topicstream.examples.backend.Backoff;
import io.topicstream.json.JsonWriter;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.UUID;

/// The topic on which events of the chat are written down, so that a sink posts them on. Thread-safe; waits for the
/// answer, some seconds at most.
final class Bus implements AutoCloseable {
    /// Of one try.
    private static final Duration PATIENCE = Duration.ofSeconds(2);

    private static final Backoff TRIES = new Backoff(3, Duration.ofMillis(100));
    private static final int TOO_MANY = 429;
    private static final int SERVER_ERROR = 500;

    private final HttpClient http = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(PATIENCE)
            .build();
    private final URI produce;
    private final String token;

    /// @param topic the URL of the topic
    /// @param token that lets its bearer publish there
    Bus(URI topic, String token) {
        this.produce = URI.create(topic + "/produce");
        this.token = token;
    }

    /// The event is not on the bus, or nobody knows whether it is.
    static final class BusException extends RuntimeException {
        private static final long serialVersionUID = 1;

        BusException(String message) {
            super(message);
        }
    }

    /// Writes an event down. It is tried again under one key, so that it stands there once however often it was sent.
    ///
    /// @throws BusException if it cannot be
    void publish(ChatEvent event) {
        HttpRequest request = HttpRequest.newBuilder(produce)
                .timeout(PATIENCE)
                .header("Authorization", "Bearer " + token)
                .header("Content-Type", "application/json")
                .header("Idempotency-Key", UUID.randomUUID().toString())
                .POST(HttpRequest.BodyPublishers.ofByteArray(new JsonWriter()
                        .raw(JsonWriter.ascii("{\"payload\":"))
                        .raw(event.toJson().getBytes(StandardCharsets.UTF_8))
                        .raw('}')
                        .toByteArray()))
                .build();
        String problem = "";
        for (int tries = 1; tries <= TRIES.most(); tries++) {
            try {
                if (tries > 1) {
                    TRIES.sleepAfter(tries - 1);
                }
                int status = http.send(request, HttpResponse.BodyHandlers.discarding())
                        .statusCode();
                if (status == 200) {
                    return;
                }
                problem = "status " + status;
                if (status != TOO_MANY && status < SERVER_ERROR) {
                    break;
                }
            } catch (IOException e) {
                problem = e.toString();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                problem = "the back end is ending";
                break;
            }
        }
        throw new BusException("an event is not on the bus: " + problem);
    }

    @Override
    public void close() {
        http.close();
    }
}
