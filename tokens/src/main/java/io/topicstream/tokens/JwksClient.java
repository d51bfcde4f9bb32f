package io.topicstream.tokens;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/// Fetches sets of keys over HTTP: no other address than the one that it is given, no redirects, no cookies,
/// and a bound for time and bytes. Its calls block, so they are made on threads of their own. Thread-safe.
final class JwksClient implements AutoCloseable {
    /// How long all of a fetch may take.
    static final Duration DEADLINE = Duration.ofSeconds(5);
    /// The largest answer, in bytes.
    static final int MAX_BYTES = 1 << 20;

    private final Duration deadline;
    /// Made for the first fetch: it has a thread. Guarded by this.
    private @Nullable HttpClient client;
    /// Guarded by this.
    private boolean closed;

    JwksClient(Duration deadline) {
        this.deadline = deadline;
    }

    /// What the URL answers.
    ///
    /// @throws IOException with a sentence, if that is no set of keys, too much or too late
    byte[] get(URI url) throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(url)
                .header("Accept", "application/jwk-set+json, application/json")
                .timeout(deadline)
                .build();
        CompletableFuture<HttpResponse<byte[]>> asked =
                client().sendAsync(request, BodyHandlers.limiting(BodyHandlers.ofByteArray(), MAX_BYTES));
        try {
            // The request's own deadline is for the head of the answer, this one for all of it.
            HttpResponse<byte[]> answer = asked.get(deadline.toNanos(), TimeUnit.NANOSECONDS);
            if (answer.statusCode() != 200) {
                throw new IOException("the answer has the status " + answer.statusCode());
            }
            return answer.body();
        } catch (TimeoutException e) {
            throw new IOException("no answer within " + deadline.toMillis() + " ms", e);
        } catch (ExecutionException e) {
            throw new IOException("no answer: " + e.getCause(), e);
        } finally {
            asked.cancel(true);
        }
    }

    private synchronized HttpClient client() throws IOException {
        if (closed) {
            throw new IOException("the server stops");
        }
        HttpClient made = client;
        if (made == null) {
            made = HttpClient.newBuilder()
                    .version(HttpClient.Version.HTTP_1_1)
                    .followRedirects(HttpClient.Redirect.NEVER)
                    .connectTimeout(deadline)
                    .executor(
                            task -> Thread.ofVirtual().name("topicstream-jwks").start(task))
                    .build();
            client = made;
        }
        return made;
    }

    @Override
    public synchronized void close() {
        closed = true;
        if (client != null) {
            client.shutdownNow();
        }
    }
}
