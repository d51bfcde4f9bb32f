package io.topicstream.transport;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.netty.buffer.ByteBuf;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

/// A small application on the product's own transport: `/health`, `/echo` (the body back), `/json` (64 KiB of text),
/// `/later` (whose exchanges stay in [#later]), `/stream` (three pieces), `/source`, `/fails`; and WebSocket echo on
/// every path but `/no` (403), `/undecided` (decided by [#undecided]) and `/counted` (only counted).
final class EchoServer implements AutoCloseable {
    final Transport transport;
    final InetSocketAddress address;
    final AtomicInteger handled = new AtomicInteger();
    final List<HttpExchange> later = new CopyOnWriteArrayList<>();
    final List<UpgradeDecision> undecided = new CopyOnWriteArrayList<>();
    final List<Echo> sockets = new CopyOnWriteArrayList<>();
    volatile Runnable onHandling = () -> {};

    EchoServer(TransportLimits limits) throws IOException {
        this(limits, new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
    }

    EchoServer(TransportLimits limits, InetSocketAddress on) throws IOException {
        this(limits, on, Ingress.DIRECT);
    }

    EchoServer(TransportLimits limits, Ingress ingress) throws IOException {
        this(limits, new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), ingress);
    }

    private EchoServer(TransportLimits limits, InetSocketAddress on, Ingress ingress) throws IOException {
        transport = Transport.start(1, limits);
        address = transport.bind(
                on,
                new Endpoint(
                        this::handle,
                        this::onUpgrade,
                        LoopbackHosts::isLoopback,
                        host -> {},
                        head -> Map.of(),
                        path -> false,
                        AnswerObserver.NONE,
                        ingress));
    }

    int port() {
        return address.getPort();
    }

    private void handle(HttpExchange exchange) {
        handled.incrementAndGet();
        onHandling.run();
        switch (exchange.head().path()) {
            case "/health" ->
                exchange.respond(200, "application/json", Map.of(), "{\"status\":\"ok\"}".getBytes(UTF_8));
            case "/echo" -> exchange.respond(200, "application/octet-stream", Map.of(), exchange.body());
            case "/json" ->
                exchange.respond(200, "application/json", Map.of(), ("\"" + "x".repeat(65534) + "\"").getBytes(UTF_8));
            case "/source" ->
                exchange.respond(
                        200,
                        "text/plain",
                        Map.of(),
                        exchange.head().source().toString().getBytes(UTF_8));
            case "/later" -> later.add(exchange);
            case "/stream" -> exchange.respondStream(200, "application/x-ndjson", Map.of(), new ThreePieces());
            case "/fails" -> throw new IllegalStateException("secret");
            default ->
                exchange.respondError(
                        404, "not_found", "nothing at " + exchange.head().path(), Map.of());
        }
    }

    private void onUpgrade(RequestHead request, UpgradeDecision decision) {
        if (decision.offeredSubprotocols().contains("words")) {
            decision.refuseByClosing("words", code -> code.equals("unavailable") ? 1013 : 4003);
        }
        switch (request.path()) {
            case "/no" -> decision.refuse(403, "forbidden", "not for you", Map.of());
            case "/undecided" -> undecided.add(decision);
            default -> {
                Echo echo = new Echo(request.path().equals("/counted"));
                sockets.add(echo);
                decision.accept(decision.offeredSubprotocols().contains("echo") ? "echo" : null, echo);
            }
        }
    }

    @Override
    public void close() {
        transport.stop(Duration.ZERO, 1001).join();
    }

    private static final class ThreePieces implements HttpStreamListener {
        @Override
        public void onOpen(HttpStream stream) {
            for (String piece : List.of("1\n", "2\n", "3\n")) {
                stream.write(io.netty.buffer.Unpooled.copiedBuffer(piece, UTF_8));
            }
            stream.end();
        }

        @Override
        public void onClosed() {}
    }

    /// Sends every message back, or only counts them.
    static final class Echo implements WebSocketListener {
        volatile WebSocketConnection connection;
        volatile int closedWith;
        volatile String closedFor = "nobody closed it";
        final AtomicInteger closings = new AtomicInteger();
        final AtomicInteger messages = new AtomicInteger();
        final AtomicInteger drainings = new AtomicInteger();
        /// With which message it stops reading.
        volatile int pausesWith = -1;
        private final boolean onlyCounts;

        Echo() {
            this(false);
        }

        Echo(boolean onlyCounts) {
            this.onlyCounts = onlyCounts;
        }

        @Override
        public void onOpen(WebSocketConnection opened) {
            connection = opened;
        }

        @Override
        public void onText(byte[] buffer, int from, int to) {
            if (messages.incrementAndGet() == pausesWith) {
                connection.pauseReading();
            }
            if (onlyCounts) {
                return;
            }
            ByteBuf out = connection.channel().alloc().ioBuffer(WebSocketFrames.MAX_HEADER_BYTES + to - from);
            WebSocketFrames.writeTextHeader(out, to - from);
            connection.write(out.writeBytes(buffer, from, to - from));
        }

        @Override
        public void onBinary(byte[] buffer, int from, int to) {
            messages.incrementAndGet();
            ByteBuf out = connection.channel().alloc().ioBuffer(WebSocketFrames.MAX_HEADER_BYTES + to - from);
            WebSocketFrames.writeBinaryHeader(out, to - from);
            connection.write(out.writeBytes(buffer, from, to - from));
        }

        @Override
        public void onDraining(int withinMs) {
            drainings.incrementAndGet();
        }

        @Override
        public void onClosed(int code, String reason) {
            closedWith = code;
            closedFor = reason;
            closings.incrementAndGet();
        }
    }
}
