package io.topicstream.gateway.http;

import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.security.KeyStore;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/// Calls by Java's own HTTP client, on threads of its own: servers over TLS, and all servers where no event loops are.
/// Answers come on virtual threads, which may take their time.
public final class HttpCaller implements HttpCalls {
    private final CallBounds bounds;
    private final ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor();
    private final Lookups lookups = new Lookups();
    private final HttpClient client;

    /// Clients for servers whose certificates are to show another name than that of their address.
    private final ConcurrentHashMap<String, HttpClient> byName = new ConcurrentHashMap<>();

    private final @Nullable KeyStore authorities;

    /// One that trusts the servers that Java trusts.
    ///
    /// @param bounds of its calls, perhaps shared with others
    public HttpCaller(CallBounds bounds) {
        this(bounds, null);
    }

    /// @param bounds of its calls, perhaps shared with others
    /// @param authorities who may have signed certificates of servers, or null for those that Java trusts
    public HttpCaller(CallBounds bounds, @Nullable KeyStore authorities) {
        this.bounds = bounds;
        this.authorities = authorities;
        this.client = builder(ServerNameTrust.context(null, authorities)).build();
    }

    private HttpClient.Builder builder(SSLContext trust) {
        return HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .followRedirects(HttpClient.Redirect.NEVER)
                .sslContext(trust)
                .executor(executor);
    }

    @Override
    public Prepared prepare(HttpCall call, String target, @Nullable String serverName, Duration within) {
        return (fields, body) -> {
            HttpRequest request;
            try {
                request = made(call, fields, body);
            } catch (RuntimeException e) {
                return CompletableFuture.failedFuture(new IOException("The request cannot be sent.", e));
            }
            TooManyCallsException refusal = bounds.begin(target);
            if (refusal != null) {
                return CompletableFuture.failedFuture(refusal);
            }
            return new Call(target).start(call.uri().getHost(), request, serverName, within);
        };
    }

    private static HttpRequest made(HttpCall call, Map<String, List<String>> fields, byte[] body) {
        HttpRequest.Builder request = HttpRequest.newBuilder(call.uri())
                .method(
                        call.method(),
                        body.length == 0
                                ? HttpRequest.BodyPublishers.noBody()
                                : HttpRequest.BodyPublishers.ofByteArray(body));
        call.headers().forEach((name, values) -> values.forEach(value -> request.header(name, value)));
        fields.forEach((name, values) -> values.forEach(value -> request.header(name, value)));
        return request.build();
    }

    private HttpClient client(@Nullable String serverName) {
        return serverName == null ? client : byName.computeIfAbsent(serverName, this::named);
    }

    private HttpClient named(String serverName) {
        return builder(ServerNameTrust.context(serverName, authorities))
                .sslParameters(ServerNameTrust.parameters(serverName))
                .build();
    }

    @Override
    public void close() {
        client.shutdownNow();
        byName.values().forEach(HttpClient::shutdownNow);
        executor.shutdown();
        lookups.close();
    }

    /// One call, until its end.
    private final class Call {
        private final String target;
        private volatile @Nullable BoundedBody body;

        Call(String target) {
            this.target = target;
        }

        CompletableFuture<HttpAnswer> start(
                String host, HttpRequest request, @Nullable String serverName, Duration within) {
            CompletableFuture<?> lookup = lookups.of(host);
            CompletableFuture<HttpResponse<byte[]>> exchange =
                    lookup.isDone() ? send(request, serverName) : sendAfter(lookup, request, serverName);
            CompletableFuture<HttpAnswer> answer = new CompletableFuture<>();
            var _ = exchange.whenComplete((response, failure) -> {
                ended();
                if (failure != null) {
                    answer.completeExceptionally(cause(failure));
                } else {
                    answer.complete(new HttpAnswer(
                            response.statusCode(), response.headers().map(), response.body()));
                }
            });
            return answer.orTimeout(within.toNanos(), TimeUnit.NANOSECONDS).whenComplete((_, failure) -> {
                if (failure != null) {
                    // Closes the connection where the answer has not come to its end.
                    exchange.cancel(true);
                }
            });
        }

        private CompletableFuture<HttpResponse<byte[]>> send(HttpRequest request, @Nullable String serverName) {
            try {
                return client(serverName).sendAsync(request, this::bodyOf);
            } catch (RuntimeException e) {
                return CompletableFuture.failedFuture(new IOException("The request cannot be sent.", e));
            }
        }

        /// Sends it when its host is known, unless the time is over by then.
        private CompletableFuture<HttpResponse<byte[]>> sendAfter(
                CompletableFuture<?> lookup, HttpRequest request, @Nullable String serverName) {
            CompletableFuture<HttpResponse<byte[]>> exchange = new CompletableFuture<>();
            var _ = lookup.thenRun(() -> {
                if (exchange.isDone()) {
                    return;
                }
                CompletableFuture<HttpResponse<byte[]>> sent = send(request, serverName);
                var _ = sent.whenComplete((response, failure) -> {
                    if (failure == null) {
                        exchange.complete(response);
                    } else {
                        exchange.completeExceptionally(failure);
                    }
                });
                var _ = exchange.whenComplete((_, failure) -> {
                    if (failure != null) {
                        sent.cancel(true);
                    }
                });
            });
            return exchange;
        }

        private HttpResponse.BodySubscriber<byte[]> bodyOf(HttpResponse.ResponseInfo info) {
            long announced = info.headers().firstValueAsLong("content-length").orElse(-1);
            BoundedBody taking = new BoundedBody(bounds, announced);
            if (info.headers().allValues("content-length").stream().distinct().count() > 1) {
                // RFC 9112, 6.3: what follows could be taken for another answer.
                taking.fail(new IOException("The answer has several lengths."));
            }
            body = taking;
            return taking;
        }

        private void ended() {
            bounds.end(target);
            BoundedBody taken = body;
            if (taken != null) {
                taken.release();
            }
        }

        private static Throwable cause(Throwable failure) {
            return failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
        }
    }
}
