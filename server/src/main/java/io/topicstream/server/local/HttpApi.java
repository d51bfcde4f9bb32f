package io.topicstream.server.local;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.topicstream.door.Hosts;
import io.topicstream.transport.AnswerObserver;
import io.topicstream.transport.Endpoint;
import io.topicstream.transport.HttpExchange;
import io.topicstream.transport.HttpHandler;
import io.topicstream.transport.HttpLimits;
import io.topicstream.transport.RequestHead;
import io.topicstream.transport.TransportLimits;
import java.net.InetAddress;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// An HTTP API of API Gateway on this machine, whose only route leads to one function: its events, its limits, and its
/// own answers where the function has none. Thread-safe; the function is called by many threads at once.
public final class HttpApi implements HttpHandler, AutoCloseable {
    /// How long the gateway waits for a function.
    public static final Duration PATIENCE = Duration.ofSeconds(30);
    /// The largest body of a request, in bytes.
    public static final int BODY_BYTES = 10 << 20;
    /// What Lambda takes as an event, and as an answer, in bytes.
    public static final int INVOCATION_BYTES = 6 << 20;

    private static final System.Logger LOGGER = System.getLogger(HttpApi.class.getName());

    private static final String TOO_LARGE = "Request Entity Too Large";
    private static final String UNAVAILABLE = "Service Unavailable";
    private static final String FAILED = "Internal Server Error";

    private final Function<byte[], byte[]> function;
    private final Duration patience;
    private final InstantSource clock;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();

    /// @param function takes an event and returns an answer, or throws; it may block
    public HttpApi(Function<byte[], byte[]> function) {
        this(function, PATIENCE, InstantSource.system());
    }

    HttpApi(Function<byte[], byte[]> function, Duration patience, InstantSource clock) {
        this.function = function;
        this.patience = patience;
        this.clock = clock;
    }

    /// What is served behind a port of this machine: the API and nothing else.
    public Endpoint endpoint() {
        Hosts hosts = new Hosts(InetAddress.getLoopbackAddress(), List.of());
        return new Endpoint(
                this,
                (_, decision) -> decision.refuse(404, "not_found", "no WebSocket is served here", Map.of()),
                hosts::permits,
                _ -> Map.of(),
                AnswerObserver.NONE);
    }

    /// What a transport takes for it: the defaults, but for the size of bodies.
    public static TransportLimits limits() {
        TransportLimits usual = TransportLimits.defaults();
        HttpLimits http = usual.http();
        return new TransportLimits(
                new HttpLimits(
                        http.requestLineBytes(),
                        http.headerBytes(),
                        http.headerCount(),
                        BODY_BYTES,
                        BODY_BYTES,
                        http.headDeadline(),
                        http.bodyGrace(),
                        http.bodyBytesPerSecond(),
                        http.keepAliveIdle(),
                        http.pipelineDepth(),
                        http.gzipFromBytes()),
                usual.webSocket(),
                usual.connections(),
                usual.connectionsPerAddress(),
                usual.capLoopback(),
                usual.highWatermarkBytes(),
                usual.lowWatermarkBytes(),
                usual.incompleteBytes(),
                usual.answerBytes(),
                usual.stall(),
                usual.sweep());
    }

    @Override
    public boolean judgesLongBodies(RequestHead head) {
        return isTooLong(head);
    }

    @Override
    public void accept(HttpExchange exchange) {
        if (isTooLong(exchange.head())) {
            answer(exchange, 413, TOO_LARGE);
        } else {
            exchange.takeBody(BODY_BYTES);
        }
    }

    @Override
    public boolean answersTooLong(HttpExchange exchange) {
        answer(exchange, 413, TOO_LARGE);
        return true;
    }

    private static boolean isTooLong(RequestHead head) {
        @Nullable String length = head.header("Content-Length");
        return length != null && Long.parseLong(length) > BODY_BYTES;
    }

    @Override
    public void handle(HttpExchange exchange) {
        AtomicBoolean answered = new AtomicBoolean();
        try {
            threads.execute(() -> call(exchange, answered));
        } catch (RejectedExecutionException e) {
            LOGGER.log(System.Logger.Level.DEBUG, "a request came after the end", e);
            answer(exchange, 503, UNAVAILABLE);
            return;
        }
        var _ = exchange.eventLoop()
                .schedule(
                        () -> {
                            if (answered.compareAndSet(false, true)) {
                                answer(exchange, 503, UNAVAILABLE);
                            }
                        },
                        patience.toMillis(),
                        TimeUnit.MILLISECONDS);
    }

    private void call(HttpExchange exchange, AtomicBoolean answered) {
        byte[] event = ProxyRequest.of(
                exchange.head(), exchange.body(), UUID.randomUUID().toString(), clock.instant());
        @Nullable ProxyResponse response = null;
        if (event.length <= INVOCATION_BYTES) {
            response = invoke(event);
        }
        if (!answered.compareAndSet(false, true)) {
            return;
        }
        if (event.length > INVOCATION_BYTES) {
            answer(exchange, 413, TOO_LARGE);
        } else if (response == null) {
            answer(exchange, 500, FAILED);
        } else {
            answer(exchange, response);
        }
    }

    /// What the function answers, or null where it has failed.
    private @Nullable ProxyResponse invoke(byte[] event) {
        try {
            byte[] answer = function.apply(event);
            if (answer.length <= INVOCATION_BYTES) {
                return ProxyResponse.read(answer);
            }
            LOGGER.log(System.Logger.Level.WARNING, "a function''s answer is larger than Lambda takes");
        } catch (RuntimeException e) {
            LOGGER.log(System.Logger.Level.WARNING, "a function has failed", e);
        }
        return null;
    }

    private static void answer(HttpExchange exchange, ProxyResponse response) {
        try {
            exchange.respond(response.status(), response.contentType(), response.headers(), response.body());
        } catch (IllegalArgumentException e) {
            LOGGER.log(System.Logger.Level.WARNING, "a function''s answer cannot be sent", e);
            answer(exchange, 500, FAILED);
        }
    }

    /// Answers as the gateway does by itself.
    private static void answer(HttpExchange exchange, int status, String message) {
        exchange.respond(status, "application/json", Map.of(), ("{\"message\":\"" + message + "\"}").getBytes(UTF_8));
    }

    /// Takes no more requests, and waits for those that were taken.
    @Override
    public void close() {
        threads.close();
    }
}
