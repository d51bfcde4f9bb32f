package io.topicstream.gateway.http;

import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.security.KeyStore;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/// Sends requests to HTTP servers and takes their answers in. Thread-safe; does not block.
///
/// Connections are kept and used again. Redirects are not followed, cookies are not kept, and what may change
/// something is not sent twice. A call has one deadline for all of it, from connecting to the last byte of the body:
/// where it passes, the connection is closed. Calls to one target are bounded in number, so that a slow one has no
/// effect on others.
public final class HttpCaller implements AutoCloseable {
    private final HttpCallLimits limits;
    private final AtomicLong bytesLeft;
    private final AtomicInteger callsUnderWay = new AtomicInteger();
    private final ConcurrentHashMap<String, Integer> underWay = new ConcurrentHashMap<>();
    private final ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor();
    private final Lookups lookups = new Lookups();
    private final HttpClient client;

    /// Clients for servers whose certificates are to show another name than that of their address.
    private final ConcurrentHashMap<String, HttpClient> byName = new ConcurrentHashMap<>();

    private final @Nullable KeyStore authorities;

    /// One that trusts the servers that Java trusts.
    ///
    /// @param limits what calls may cost
    public HttpCaller(HttpCallLimits limits) {
        this(limits, null);
    }

    /// @param limits what calls may cost
    /// @param authorities who may have signed certificates of servers, or null for those that Java trusts
    public HttpCaller(HttpCallLimits limits, @Nullable KeyStore authorities) {
        this.limits = limits;
        this.authorities = authorities;
        this.bytesLeft = new AtomicLong(limits.answersBytes());
        this.client = builder(ServerNameTrust.context(null, authorities)).build();
    }

    private HttpClient.Builder builder(SSLContext trust) {
        return HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .followRedirects(HttpClient.Redirect.NEVER)
                .sslContext(trust)
                .executor(executor);
    }

    /// Sends a request.
    ///
    /// @param target for whom the call counts: a server, or one of several things that it serves
    /// @param serverName whose certificate the server must show, or null for that of its address
    /// @param within how long all of it may take
    /// @return completes on any thread; fails with a [java.util.concurrent.TimeoutException] when it took too
    ///     long, with a [TooManyCallsException] or an [AnswerTooLargeException] where bounds are met, and with
    ///     another [IOException] where the server was not reached or answered no HTTP
    public CompletableFuture<HttpAnswer> send(
            HttpRequest request, String target, @Nullable String serverName, Duration within) {
        if (callsUnderWay.incrementAndGet() > limits.calls()) {
            callsUnderWay.decrementAndGet();
            return CompletableFuture.failedFuture(new TooManyCallsException("all back ends", limits.calls()));
        }
        if (!begin(target)) {
            callsUnderWay.decrementAndGet();
            return CompletableFuture.failedFuture(new TooManyCallsException(target, limits.callsPerTarget()));
        }
        return new Call(target).start(request, serverName, within);
    }

    /// How many calls to a target are under way.
    public int underWay(String target) {
        return underWay.getOrDefault(target, 0);
    }

    /// How many bytes the answers under way may still take.
    public long bytesLeft() {
        return bytesLeft.get();
    }

    private boolean begin(String target) {
        boolean[] begun = {false};
        underWay.compute(target, (_, calls) -> {
            int now = calls == null ? 0 : calls;
            begun[0] = now < limits.callsPerTarget();
            return begun[0] ? Integer.valueOf(now + 1) : calls;
        });
        return begun[0];
    }

    private void end(String target) {
        callsUnderWay.decrementAndGet();
        underWay.computeIfPresent(target, (_, calls) -> calls == 1 ? null : calls - 1);
    }

    private HttpClient client(@Nullable String serverName) {
        return serverName == null ? client : byName.computeIfAbsent(serverName, this::named);
    }

    private HttpClient named(String serverName) {
        return builder(ServerNameTrust.context(serverName, authorities))
                .sslParameters(ServerNameTrust.parameters(serverName))
                .build();
    }

    /// Closes all connections. Calls that are under way fail.
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

        CompletableFuture<HttpAnswer> start(HttpRequest request, @Nullable String serverName, Duration within) {
            String host = request.uri().getHost();
            CompletableFuture<Void> lookup = lookups.of(host == null ? "" : host);
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
                CompletableFuture<Void> lookup, HttpRequest request, @Nullable String serverName) {
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
            BoundedBody taking = new BoundedBody(limits.answerBytes(), bytesLeft, announced);
            if (info.headers().allValues("content-length").stream().distinct().count() > 1) {
                // RFC 9112, 6.3: what follows could be taken for another answer.
                taking.fail(new IOException("The answer has several lengths."));
            }
            body = taking;
            return taking;
        }

        private void ended() {
            end(target);
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
