package io.topicstream.server;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;

/// What a server's `/metrics` say at one moment, by series.
public record Metrics(Map<String, Double> values) {
    private static final HttpClient HTTP = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(Duration.ofSeconds(20))
            .build();

    /// Asks the server, on a connection that may count among its own.
    public static Metrics of(URI server) {
        Map<String, Double> values = new LinkedHashMap<>();
        get(server, "/metrics")
                .body()
                .lines()
                .filter(line -> !line.startsWith("#"))
                .forEach(line -> {
                    int space = line.lastIndexOf(' ');
                    values.put(
                            line.substring("topicstream_".length(), space), Double.valueOf(line.substring(space + 1)));
                });
        return new Metrics(values);
    }

    /// Whether the server says that it is well.
    public static boolean isHealthy(URI server) {
        return get(server, "/health").body().equals("{\"status\":\"ok\"}");
    }

    private static HttpResponse<String> get(URI server, String path) {
        try {
            return HTTP.send(
                    HttpRequest.newBuilder(server.resolve(path))
                            .timeout(Duration.ofSeconds(30))
                            .build(),
                    HttpResponse.BodyHandlers.ofString());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted", e);
        }
    }

    /// The value of a series, named without the common beginning.
    public long of(String series) {
        Double value = values.get(series);
        if (value == null) {
            throw new AssertionError("no " + series + " among " + values.keySet());
        }
        return value.longValue();
    }

    public long connections() {
        return of("connections");
    }

    public long live() {
        return of("subscriptions{state=\"live\"}");
    }

    public long catchingUp() {
        return of("subscriptions{state=\"catching_up\"}");
    }

    public long queueBytes() {
        return of("queue_bytes");
    }
}
