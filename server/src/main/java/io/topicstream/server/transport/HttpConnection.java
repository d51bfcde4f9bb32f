package io.topicstream.server.transport;

import static java.lang.System.Logger.Level.WARNING;
import static java.nio.charset.StandardCharsets.US_ASCII;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.socket.DuplexChannel;
import io.netty.handler.codec.DecoderResult;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.handler.codec.http.TooLongHttpLineException;
import io.netty.util.ReferenceCountUtil;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// A connection while it speaks HTTP: checks each request, collects its body, hands it over, and sends the
/// answers in the order of the requests.
///
/// Requests wait in two queues: those being handled, at most a pipeline's depth of them, and those that were read
/// in the same burst and wait their turn. While there is no room nothing is read, so a client can make the server
/// hold one read's worth of requests and a watermark's worth of answers, not more.
///
/// A request that the transport refuses is the last of its connection: after a doubt about where requests begin
/// and end nothing further on the same socket can be trusted. What was asked before is answered first, then comes
/// the refusal, then the end of the output; input is thrown away for a moment, because closing at once would reset
/// the connection and lose the answer.
@SuppressWarnings("FutureReturnValueIgnored") // a write that fails closes the connection, in exceptionCaught
final class HttpConnection extends Connection {
    private static final System.Logger LOG = System.getLogger(HttpConnection.class.getName());
    private static final byte[] NO_BYTES = {};
    private static final String WEBSOCKET_GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
    private static final int LINGER_MS = 2000;
    private static final int LARGEST_GZIP_BYTES = 4 * 1024 * 1024;

    private enum Phase {
        IDLE,
        HEAD,
        BODY,
        UPGRADING,
        REFUSED,
        LINGERING,
        CLOSED
    }

    private final Endpoint endpoint;
    private final HttpLimits limits;
    private final ArrayDeque<HttpExchange> handled = new ArrayDeque<>(4);
    private final ArrayDeque<HttpExchange> waiting = new ArrayDeque<>(4);
    private @Nullable ChannelHandlerContext context;

    private Phase phase = Phase.HEAD;
    private int sinceMs;
    private boolean headBegun;
    private boolean burst;
    private boolean pumping;
    private boolean pumpAgain;
    private boolean unflushed;
    private boolean flushQueued;
    private int heldAnswerBytes;

    // The request whose body is being read.
    private @Nullable RequestHead head;
    private byte[] body = NO_BYTES;
    private int bodyBytes;
    private boolean gzipped;
    private boolean keepAlive;
    private boolean http10;
    private boolean continueDue;

    private @Nullable UpgradeDecision upgrade;
    private boolean upgradeAsked;
    private @Nullable Refusal refusal;

    private boolean stalling;
    private int stallMark;
    private int stallSinceMs;

    HttpConnection(TransportLoop loop, Endpoint endpoint) {
        super(loop);
        this.endpoint = endpoint;
        this.limits = loop.limits.http();
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        context = ctx;
        sinceMs = loop.nowMs();
    }

    private ChannelHandlerContext context() {
        ChannelHandlerContext ctx = context;
        if (ctx == null) {
            throw new IllegalStateException("not yet in a pipeline");
        }
        return ctx;
    }

    // ---- what the decoder asks ----

    boolean takesHttp() {
        return phase == Phase.IDLE || phase == Phase.HEAD || phase == Phase.BODY;
    }

    boolean isUpgrading() {
        return phase == Phase.UPGRADING;
    }

    /// Bytes of a head are there.
    void onHeadBytes() {
        if (phase == Phase.IDLE) {
            phase = Phase.HEAD;
            sinceMs = loop.nowMs();
        }
        headBegun = true;
    }

    // ---- in ----

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object msg) {
        burst = true;
        try {
            if (msg instanceof Refusal refused) {
                refuse(refused);
            } else if (takesHttp()) {
                if (msg instanceof HttpRequest request) {
                    onHead(request);
                }
                if (msg instanceof HttpContent content) {
                    onContent(content);
                }
            }
        } catch (Refusal refused) {
            refuse(refused);
        } finally {
            ReferenceCountUtil.release(msg);
        }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
        burst = false;
        flushIfNeeded();
    }

    private void onHead(HttpRequest request) {
        requireDecoded(request.decoderResult(), true);
        RequestHead checked = RequestGuard.check(request, context().channel().remoteAddress(), endpoint.hostAllowed());
        http10 = request.protocolVersion().equals(HttpVersion.HTTP_1_0);
        keepAlive = !loop.isDraining()
                && (http10
                        ? RequestGuard.hasToken(request.headers(), HttpHeaderNames.CONNECTION, "keep-alive")
                        : !RequestGuard.hasToken(request.headers(), HttpHeaderNames.CONNECTION, "close"));
        if (RequestGuard.wantsWebSocket(request)) {
            String key = RequestGuard.upgrade(request);
            if (loop.isDraining()) {
                throw new Refusal(503, "the server stops", Map.of("Retry-After", "1"));
            }
            upgrade = new UpgradeDecision(this, RequestGuard.subprotocols(request), key);
        }
        gzipped = isGzipped(checked.headers("Content-Encoding"));
        String length = checked.header("Content-Length");
        if (length != null && Long.parseLong(length) > limits.bodyBytes()) {
            throw new Refusal(413, "the body is larger than " + limits.bodyBytes() + " bytes");
        }
        List<String> expectations = checked.headers("Expect");
        if (!expectations.isEmpty()) {
            if (expectations.size() > 1 || !expectations.get(0).equalsIgnoreCase("100-continue")) {
                throw new Refusal(417, "unknown expectation");
            }
            continueDue = !http10;
        }
        head = checked;
        phase = Phase.BODY;
        sinceMs = loop.nowMs();
        sendContinue();
    }

    private static boolean isGzipped(List<String> codings) {
        if (codings.isEmpty() || (codings.size() == 1 && codings.get(0).equalsIgnoreCase("identity"))) {
            return false;
        }
        if (codings.size() == 1
                && (codings.get(0).equalsIgnoreCase("gzip") || codings.get(0).equalsIgnoreCase("x-gzip"))) {
            return true;
        }
        throw new Refusal(415, "unknown content coding", Map.of("Accept-Encoding", "gzip"));
    }

    private void sendContinue() {
        if (continueDue && phase == Phase.BODY && handled.isEmpty() && waiting.isEmpty()) {
            continueDue = false;
            ByteBuf interim = context().alloc().ioBuffer(32);
            interim.writeCharSequence("HTTP/1.1 100 Continue\r\n\r\n", US_ASCII);
            write(interim);
        }
    }

    private void onContent(HttpContent content) {
        requireDecoded(content.decoderResult(), false);
        ByteBuf bytes = content.content();
        int more = bytes.readableBytes();
        if (more > limits.bodyBytes() - bodyBytes) {
            throw new Refusal(413, "the body is larger than " + limits.bodyBytes() + " bytes");
        }
        if (more > 0) {
            continueDue = false;
            if (bodyBytes + more > body.length) {
                body = Arrays.copyOf(body, Math.max(bodyBytes + more, Math.min(body.length * 2, limits.bodyBytes())));
            }
            bytes.readBytes(body, bodyBytes, more);
            bodyBytes += more;
        }
        if (content instanceof LastHttpContent) {
            onRequest();
        }
    }

    private void onRequest() {
        RequestHead complete = head;
        if (complete == null) {
            return;
        }
        continueDue = false;
        byte[] whole = bodyBytes == body.length ? body : Arrays.copyOf(body, bodyBytes);
        if (gzipped && whole.length > 0) {
            whole = HttpResponses.gunzip(whole, limits.inflatedBodyBytes());
        }
        body = NO_BYTES;
        bodyBytes = 0;
        headBegun = false;
        sinceMs = loop.nowMs();
        if (upgrade != null) {
            phase = Phase.UPGRADING;
        } else {
            phase = Phase.IDLE;
            head = null;
            waiting.add(new HttpExchange(this, complete, whole, keepAlive, http10));
        }
        pump();
    }

    private static void requireDecoded(DecoderResult result, boolean inHead) {
        if (result.isSuccess()) {
            return;
        }
        Throwable cause = result.cause();
        if (cause instanceof Refusal refused) {
            throw refused;
        }
        if (cause instanceof TooLongHttpHeaderException) {
            throw new Refusal(431, "header fields are too large or too many");
        }
        if (cause instanceof TooLongHttpLineException && inHead) {
            throw new Refusal(414, "the request line is too long");
        }
        throw new Refusal(400, inHead ? "malformed request head" : "malformed request body");
    }

    /// The transport's own answer, and the last one.
    private void refuse(Refusal refused) {
        if (!takesHttp() && phase != Phase.UPGRADING) {
            return;
        }
        head = null;
        upgrade = null;
        body = NO_BYTES;
        bodyBytes = 0;
        refusal = refused;
        phase = Phase.REFUSED;
        pump();
    }

    // ---- the queues ----

    /// Sends what is ready and hands over what may be handled, until neither is possible.
    private void pump() {
        if (pumping) {
            pumpAgain = true;
            return;
        }
        pumping = true;
        try {
            do {
                pumpAgain = false;
                sendReady();
                while (hasRoom() && !waiting.isEmpty()) {
                    handOver(waiting.remove());
                }
                if (handled.isEmpty() && waiting.isEmpty()) {
                    onDrained();
                }
            } while (pumpAgain);
        } finally {
            pumping = false;
        }
        applyReading();
        if (!burst && unflushed && !flushQueued) {
            flushQueued = true;
            loop.eventLoop.execute(this::onFlushDue);
        }
    }

    /// Answers that were given in one task of the loop, as those of one commit are, leave in one write.
    private void onFlushDue() {
        flushQueued = false;
        flushIfNeeded();
    }

    private boolean hasRoom() {
        return phase != Phase.CLOSED
                && phase != Phase.LINGERING
                && handled.size() < limits.pipelineDepth()
                && heldAnswerBytes < loop.limits.highWatermarkBytes()
                && context().channel().isWritable();
    }

    private void handOver(HttpExchange exchange) {
        handled.add(exchange);
        try {
            endpoint.http().handle(exchange);
        } catch (RuntimeException e) {
            LOG.log(WARNING, "the handler of a request failed", e);
            if (!exchange.isAnswered()) {
                exchange.respondError(500, "internal", "internal error", Map.of());
            }
        }
        pumpAgain = true;
    }

    private void sendReady() {
        HttpExchange first = handled.peek();
        while (first != null && phase != Phase.CLOSED && phase != Phase.LINGERING) {
            ByteBuf answer = first.answer;
            if (answer == null) {
                return;
            }
            first.answer = null;
            heldAnswerBytes -= answer.readableBytes();
            write(answer);
            HttpStreamListener listener = first.stream;
            if (listener != null) {
                first.streaming = true;
                HttpStream stream = new HttpStream(this, first);
                guarded(() -> listener.onOpen(stream));
                return;
            }
            finish(first);
            first = handled.peek();
        }
    }

    private void finish(HttpExchange exchange) {
        exchange.done = true;
        handled.remove();
        if (!exchange.keepAlive) {
            linger();
        }
    }

    /// Everything that was asked is answered.
    private void onDrained() {
        Refusal refused = refusal;
        UpgradeDecision asked = upgrade;
        RequestHead asking = head;
        if (phase == Phase.REFUSED && refused != null) {
            refusal = null;
            sendRefusal(refused);
        } else if (phase == Phase.UPGRADING && asked != null && asking != null && !upgradeAsked) {
            upgradeAsked = true;
            sinceMs = loop.nowMs();
            try {
                endpoint.upgrade().onUpgrade(asking, asked);
            } catch (RuntimeException e) {
                LOG.log(WARNING, "the decision on an upgrade failed", e);
                if (!asked.isDecided()) {
                    asked.refuse(500, "internal", "internal error", Map.of());
                }
            }
        } else if (phase == Phase.IDLE) {
            sinceMs = loop.nowMs();
            if (loop.isDraining()) {
                linger();
            }
        }
        sendContinue();
    }

    private void sendRefusal(Refusal refused) {
        if (refused.status == 0) {
            context().close();
            return;
        }
        String code = Refusal.code(refused.status);
        Map<String, String> headers = new LinkedHashMap<>(refused.headers);
        headers.put("Topic-Error", code);
        headers.put("X-Content-Type-Options", "nosniff");
        write(encode(
                refused.status,
                "application/json",
                headers,
                HttpResponses.errorBody(code, refused.text()),
                false,
                false,
                false));
        linger();
    }

    /// Ends the output and waits a moment for the peer to end its own.
    private void linger() {
        phase = Phase.LINGERING;
        sinceMs = loop.nowMs();
        abandonAll();
        applyReading();
        unflushed = false;
        ChannelHandlerContext ctx = context();
        ctx.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(done -> {
            sinceMs = loop.nowMs();
            if (done.isSuccess() && ctx.channel() instanceof DuplexChannel duplex) {
                duplex.shutdownOutput();
            } else {
                ctx.close();
            }
        });
    }

    private void abandonAll() {
        for (HttpExchange exchange = handled.poll(); exchange != null; exchange = handled.poll()) {
            guarded(exchange::onPeerGone);
        }
        waiting.clear();
        heldAnswerBytes = 0;
    }

    private static void guarded(Runnable callback) {
        try {
            callback.run();
        } catch (RuntimeException e) {
            LOG.log(WARNING, "a callback of an HTTP exchange failed", e);
        }
    }

    private void applyReading() {
        if (phase == Phase.CLOSED) {
            return;
        }
        boolean wanted = phase == Phase.LINGERING || (takesHttp() && waiting.isEmpty() && hasRoom());
        Channel channel = context().channel();
        if (channel.config().isAutoRead() != wanted) {
            channel.config().setAutoRead(wanted);
            if (wanted && phase != Phase.LINGERING) {
                sinceMs = loop.nowMs();
            }
        }
    }

    // ---- answers, on the loop ----

    void onAnswer(
            HttpExchange exchange,
            int status,
            @Nullable String contentType,
            Map<String, String> headers,
            byte[] content) {
        if (exchange.done || phase == Phase.CLOSED || phase == Phase.LINGERING) {
            return;
        }
        Map<String, String> all = headers;
        byte[] sent = content;
        if (sent.length >= limits.gzipFromBytes()
                && HttpResponses.isText(contentType)
                && !containsName(headers, "Content-Encoding")) {
            all = new LinkedHashMap<>(headers);
            all.merge("Vary", "Accept-Encoding", (own, added) -> own + ", " + added);
            if (sent.length <= LARGEST_GZIP_BYTES
                    && HttpResponses.acceptsGzip(exchange.head().header("Accept-Encoding"))) {
                sent = HttpResponses.gzip(sent);
                all.put("Content-Encoding", "gzip");
            }
        }
        boolean withoutBody = exchange.head().method().equals("HEAD");
        ByteBuf answer = encode(status, contentType, all, sent, withoutBody, exchange.keepAlive, exchange.http10);
        exchange.answer = answer;
        heldAnswerBytes += answer.readableBytes();
        pump();
    }

    void onJsonAnswer(HttpExchange exchange, int status, byte[] fields, int fieldsLength, byte[] json, int jsonLength) {
        if (exchange.done || phase == Phase.CLOSED || phase == Phase.LINGERING) {
            return;
        }
        boolean large = jsonLength >= limits.gzipFromBytes();
        boolean gzip = large
                && jsonLength <= LARGEST_GZIP_BYTES
                && HttpResponses.acceptsGzip(exchange.head().header("Accept-Encoding"));
        byte[] sent = gzip ? HttpResponses.gzip(Arrays.copyOf(json, jsonLength)) : json;
        int sentLength = gzip ? sent.length : jsonLength;
        ByteBuf answer = context().alloc().ioBuffer(256 + fieldsLength + sentLength);
        HttpResponses.writeJsonHead(answer, status, loop.date(), sentLength);
        answer.writeBytes(fields, 0, fieldsLength);
        if (large) {
            HttpResponses.writeField(answer, "Vary", "Accept-Encoding");
        }
        if (gzip) {
            HttpResponses.writeField(answer, "Content-Encoding", "gzip");
        }
        if (!exchange.keepAlive) {
            HttpResponses.writeField(answer, "Connection", "close");
        } else if (exchange.http10) {
            HttpResponses.writeField(answer, "Connection", "keep-alive");
        }
        HttpResponses.endHead(answer);
        if (!exchange.head().method().equals("HEAD")) {
            answer.writeBytes(sent, 0, sentLength);
        }
        exchange.answer = answer;
        heldAnswerBytes += answer.readableBytes();
        pump();
    }

    void onStreamAnswer(
            HttpExchange exchange,
            int status,
            String contentType,
            Map<String, String> headers,
            HttpStreamListener listener) {
        if (exchange.done || phase == Phase.CLOSED || phase == Phase.LINGERING) {
            listener.onClosed();
            return;
        }
        ByteBuf start = context().alloc().ioBuffer(256);
        HttpResponses.writeHead(start, status, loop.date(), headers);
        HttpResponses.writeField(start, "Content-Type", contentType);
        if (exchange.http10 || !exchange.keepAlive) {
            HttpResponses.writeField(start, "Connection", "close");
        }
        if (!exchange.http10) {
            HttpResponses.writeField(start, "Transfer-Encoding", "chunked");
        }
        HttpResponses.endHead(start);
        exchange.stream = listener;
        exchange.answer = start;
        heldAnswerBytes += start.readableBytes();
        pump();
    }

    private static boolean containsName(Map<String, String> headers, String name) {
        for (String key : headers.keySet()) {
            if (key.equalsIgnoreCase(name)) {
                return true;
            }
        }
        return false;
    }

    private ByteBuf encode(
            int status,
            @Nullable String contentType,
            Map<String, String> headers,
            byte[] content,
            boolean withoutBody,
            boolean keepOpen,
            boolean toHttp10) {
        boolean noContent = status == 204 || status == 304;
        ByteBuf out = context().alloc().ioBuffer(256 + (withoutBody || noContent ? 0 : content.length));
        HttpResponses.writeHead(out, status, loop.date(), headers);
        if (contentType != null) {
            HttpResponses.writeField(out, "Content-Type", contentType);
        }
        if (!noContent) {
            HttpResponses.writeField(out, "Content-Length", Integer.toString(content.length));
        }
        if (!keepOpen) {
            HttpResponses.writeField(out, "Connection", "close");
        } else if (toHttp10) {
            HttpResponses.writeField(out, "Connection", "keep-alive");
        }
        HttpResponses.endHead(out);
        if (!withoutBody && !noContent) {
            out.writeBytes(content);
        }
        return out;
    }

    private void write(ByteBuf bytes) {
        unflushed = true;
        ChannelHandlerContext ctx = context();
        ctx.write(bytes, ctx.voidPromise());
    }

    private void flushIfNeeded() {
        if (unflushed) {
            unflushed = false;
            context().flush();
        }
    }

    // ---- streams ----

    void onPiece(HttpExchange exchange, ByteBuf piece) {
        if (!exchange.streaming
                || !piece.isReadable()
                || exchange.head().method().equals("HEAD")) {
            piece.release();
            return;
        }
        if (exchange.http10) {
            write(piece);
            return;
        }
        ByteBuf size = context().alloc().ioBuffer(12);
        size.writeCharSequence(Integer.toHexString(piece.readableBytes()) + "\r\n", US_ASCII);
        write(size);
        write(piece);
        write(context().alloc().ioBuffer(2).writeShort('\r' << 8 | '\n'));
    }

    void onStreamFlush(HttpExchange exchange) {
        if (exchange.streaming) {
            flushIfNeeded();
        }
    }

    boolean isStreamWritable(HttpExchange exchange) {
        return exchange.streaming && context().channel().isWritable();
    }

    void onStreamEnd(HttpExchange exchange) {
        if (!exchange.streaming) {
            return;
        }
        exchange.streaming = false;
        HttpStreamListener listener = exchange.stream;
        exchange.stream = null;
        if (!exchange.http10 && !exchange.head().method().equals("HEAD")) {
            ByteBuf last = context().alloc().ioBuffer(8);
            last.writeCharSequence("0\r\n\r\n", US_ASCII);
            write(last);
        }
        exchange.done = true;
        handled.remove();
        if (listener != null) {
            guarded(listener::onClosed);
        }
        if (exchange.http10 || !exchange.keepAlive || loop.isDraining()) {
            linger();
        }
        pump();
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
        if (ctx.channel().isWritable()) {
            HttpExchange first = handled.peek();
            HttpStreamListener listener = first == null ? null : first.stream;
            if (first != null && first.streaming && listener != null) {
                guarded(listener::onWritable);
            }
            pump();
        } else {
            applyReading();
        }
    }

    // ---- upgrade ----

    void onAccepted(
            UpgradeDecision decision,
            @Nullable String subprotocol,
            WebSocketListener listener,
            WebSocketLimits webSocketLimits) {
        if (decision != upgrade
                || phase != Phase.UPGRADING
                || !context().channel().isActive()) {
            listener.onClosed(1006);
            return;
        }
        upgrade = null;
        head = null;
        phase = Phase.CLOSED;
        ChannelHandlerContext ctx = context();
        ByteBuf out = ctx.alloc().ioBuffer(192);
        Map<String, String> headers = new LinkedHashMap<>();
        headers.put("Upgrade", "websocket");
        headers.put("Connection", "Upgrade");
        headers.put("Sec-WebSocket-Accept", acceptKey(decision.key()));
        if (subprotocol != null) {
            headers.put("Sec-WebSocket-Protocol", subprotocol);
        }
        HttpResponses.writeHead(out, 101, "", headers);
        HttpResponses.endHead(out);
        ctx.write(out, ctx.voidPromise());
        WebSocketHandler handler = new WebSocketHandler(loop, listener, webSocketLimits);
        ctx.pipeline().addAfter(ctx.name(), ConnectionInitializer.WEBSOCKET, handler);
        loop.replace(this, handler);
        handler.open();
        ctx.pipeline().remove(this);
        // Gives what the client sent ahead to the next handler.
        ctx.pipeline().remove(ConnectionInitializer.DECODER);
        handler.onUpgraded();
    }

    void onRefused(UpgradeDecision decision, int status, String code, String text, Map<String, String> headers) {
        if (decision != upgrade || phase != Phase.UPGRADING) {
            return;
        }
        upgrade = null;
        head = null;
        Map<String, String> all = new LinkedHashMap<>(headers);
        all.put("Topic-Error", code);
        write(encode(status, "application/json", all, HttpResponses.errorBody(code, text), false, false, false));
        linger();
    }

    private static String acceptKey(String key) {
        try {
            byte[] hash = MessageDigest.getInstance("SHA-1").digest((key + WEBSOCKET_GUID).getBytes(US_ASCII));
            return Base64.getEncoder().encodeToString(hash);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-1", e);
        }
    }

    // ---- end ----

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        loop.remove(this, ctx.channel());
        phase = Phase.CLOSED;
        abandonAll();
        upgrade = null;
        body = NO_BYTES;
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        if (!(cause instanceof java.io.IOException)) {
            LOG.log(WARNING, "closing an HTTP connection after an error", cause);
        }
        ctx.close();
    }

    @Override
    void onTick(int nowMs) {
        ChannelHandlerContext ctx = context();
        ChannelOutboundBuffer unsent = ctx.channel().unsafe().outboundBuffer();
        if (unsent != null && unsent.totalPendingWriteBytes() > 0) {
            onUnsent(nowMs, unsent);
            return;
        }
        stalling = false;
        int elapsedMs = nowMs - sinceMs;
        switch (phase) {
            case IDLE -> {
                if (handled.isEmpty()
                        && waiting.isEmpty()
                        && elapsedMs >= limits.keepAliveIdle().toMillis()) {
                    ctx.close();
                }
            }
            case HEAD -> {
                if (ctx.channel().config().isAutoRead()
                        && elapsedMs >= limits.headDeadline().toMillis()) {
                    refuse(new Refusal(headBegun ? 408 : 0, "the request head took too long"));
                }
            }
            case BODY -> {
                long allowedMs = limits.bodyGrace().toMillis() + bodyBytes * 1000L / limits.bodyBytesPerSecond();
                if (ctx.channel().config().isAutoRead() && elapsedMs >= allowedMs) {
                    refuse(new Refusal(408, "the request body took too long"));
                }
            }
            case UPGRADING -> {
                if (upgradeAsked && elapsedMs >= limits.headDeadline().toMillis()) {
                    refuse(new Refusal(503, "no decision on the upgrade", Map.of("Retry-After", "1")));
                }
            }
            case LINGERING -> {
                if (elapsedMs >= LINGER_MS) {
                    ctx.close();
                }
            }
            case REFUSED, CLOSED -> {}
        }
        HttpExchange first = handled.peek();
        HttpStreamListener listener = first == null ? null : first.stream;
        if (first != null && first.streaming && listener != null) {
            guarded(() -> listener.onTick(loop.nowNs()));
        }
    }

    /// Bytes wait for the socket: has it taken any since the last look?
    private void onUnsent(int nowMs, ChannelOutboundBuffer unsent) {
        int mark = System.identityHashCode(unsent.current()) * 31 + Long.hashCode(unsent.currentProgress());
        if (!stalling || mark != stallMark) {
            stalling = true;
            stallMark = mark;
            stallSinceMs = nowMs;
        } else if (nowMs - stallSinceMs >= loop.limits.stall().toMillis()) {
            context().close();
        }
    }

    @Override
    void onDraining(int withinMs) {
        HttpExchange first = handled.peek();
        HttpStreamListener listener = first == null ? null : first.stream;
        if (first != null && first.streaming && listener != null) {
            guarded(() -> listener.onDraining(withinMs));
        }
        boolean idle = phase == Phase.IDLE && handled.isEmpty() && waiting.isEmpty();
        if (idle || (phase == Phase.HEAD && !headBegun)) {
            linger();
        }
    }

    @Override
    boolean onStop(int closeCode) {
        // A request that is being handled may finish; its answer ends the connection.
        return false;
    }

    @Override
    void onAbort() {
        context().close();
    }
}
