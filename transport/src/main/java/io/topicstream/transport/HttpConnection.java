package io.topicstream.transport;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// A connection while it speaks HTTP: what it is at, and until when. [RequestReader] makes requests of its bytes,
/// [RequestGuard] judges them, [AnswerQueue] sends what is answered.
///
/// At most a pipeline's depth of requests is handled at a time. While there is no room for more nothing is read, from
/// the socket nor out of what came from it, so a client can make the server hold one read's worth of bytes and a
/// watermark's worth of answers, not more.
///
/// A request that the transport refuses is the last of its connection: after a doubt about where requests begin
/// and end nothing further on the same socket can be trusted. What was asked before is answered first, then comes
/// the refusal, then the end of the output; input is thrown away for a moment, because closing at once would reset
/// the connection and lose the answer.
@SuppressWarnings("FutureReturnValueIgnored") // a write that fails closes the connection, in exceptionCaught
final class HttpConnection extends Connection {
    private static final byte[] CONTINUE = "HTTP/1.1 100 Continue\r\n\r\n".getBytes(US_ASCII);
    private static final int LINGER_MS = 2000;

    private enum Phase {
        IDLE,
        HEAD,
        BODY,
        UPGRADING,
        REFUSED,
        LINGERING,
        CLOSED
    }

    /// How long a connection past the limits may take for its request.
    private static final int PROBE_DEADLINE_MS = 1000;
    /// Under pressure a socket that takes nothing is closed after this.
    private static final int PRESSED_STALL_MS = 10_000;
    /// What is thrown away of a body that is not wanted, so that the connection can be kept.
    private static final int MOST_DISCARDED_BYTES = 64 * 1024;
    /// How many times its size a compressed body may become before it is known how many: deflate's own bound is 1,032,
    /// and most that is sent with good reason becomes ten times as large.
    private static final int SWELLING = 1032;

    private final Endpoint endpoint;
    /// Why this may only ask how the server is: the status of all other answers; 0 for a connection within the
    /// limits.
    private final int overLimit;
    private final HttpLimits limits;
    private final RequestReader reader;
    private final Runnable flush = this::onFlushDue;
    private @Nullable ChannelHandlerContext context;
    private @Nullable AnswerQueue answers;
    /// Made for the first request: only then it is known what a proxy said.
    private @Nullable Arrival arrival;

    private Phase phase = Phase.HEAD;
    private int sinceMs;
    private boolean headBegun;
    private boolean burst;
    private boolean pumping;
    private boolean pumpAgain;
    private boolean flushQueued;

    // The request whose body is being read, or that wants to be a WebSocket.
    private @Nullable RequestHead head;
    private boolean gzipped;
    /// Whether the body is there, and waits for this connection's turn.
    private boolean bodyWaits;
    private boolean keepAlive;
    private boolean continueDue;

    /// The request whose head was judged, or is, while its body is read, or thrown away.
    private @Nullable HttpExchange judged;

    private boolean bodyTaken;
    private boolean discarding;

    /// The request to become a WebSocket, until it is decided.
    private @Nullable Upgrade upgrade;
    private @Nullable Refusal refusal;

    HttpConnection(TransportLoop loop, Endpoint endpoint, int overLimit) {
        super(loop);
        this.endpoint = endpoint;
        this.overLimit = overLimit;
        this.limits = loop.limits.http();
        this.reader = new RequestReader(limits, loop.memory);
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        context = ctx;
        answers = new AnswerQueue(this, ctx);
        sinceMs = loop.clock.nowMs();
    }

    ChannelHandlerContext context() {
        ChannelHandlerContext ctx = context;
        if (ctx == null) {
            throw new IllegalStateException("not yet in a pipeline");
        }
        return ctx;
    }

    private AnswerQueue answers() {
        AnswerQueue queue = answers;
        if (queue == null) {
            throw new IllegalStateException("not yet in a pipeline");
        }
        return queue;
    }

    HttpOutput output() {
        return answers().output;
    }

    /// Whether this is past the limits, and may only ask how the server is.
    boolean isProbe() {
        return overLimit != 0;
    }

    // ---- in ----

    private boolean takesHttp() {
        return phase == Phase.IDLE || phase == Phase.HEAD || phase == Phase.BODY;
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object msg) {
        ByteBuf in = (ByteBuf) msg;
        int bytes = in.readableBytes();
        burst = true;
        try {
            // What comes after a request to become a WebSocket is its first frames.
            if (takesHttp() || phase == Phase.UPGRADING) {
                reader.add(in);
                pump();
            }
        } finally {
            reader.settle();
            in.release();
        }
        handled(bytes);
        account();
        if (isResting()) {
            applyReading();
        }
    }

    /// Counts what this keeps of requests against the budget of all connections.
    private void account() {
        hold(
                takesHttp() || phase == Phase.UPGRADING
                        ? reader.keptBytes() + answers().requestBytes()
                        : 0);
        if (starving) {
            if (!isIncomplete()) {
                // It waits for answers, not for bytes.
                starving = false;
            } else if (loop.incomplete.isFarAbove()) {
                onStarved();
            } else {
                applyReading();
            }
        }
    }

    /// Whether a request has begun to come and is not complete.
    private boolean isIncomplete() {
        return phase == Phase.BODY || (phase == Phase.HEAD && headBegun);
    }

    @Override
    void onFed() {
        applyReading();
    }

    @Override
    void onStarved() {
        starving = false;
        refuse(Refusal.overloaded("too many requests are not complete"));
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
        rested();
        burst = false;
        output().flush();
        answers().account();
    }

    /// Makes requests of the bytes that are there, and hands them over, while there is room; whether none is left of
    /// them to be made.
    private boolean readRequests() {
        try {
            while (takesHttp() && (bodyWaits || reader.hasBytes())) {
                if (!hasRoom()) {
                    return false;
                }
                if (isUndecided()) {
                    return true;
                }
                if (phase != Phase.BODY) {
                    if (reader.hasHeadBytes()) {
                        onHeadBytes();
                    }
                    if (!reader.readHead()) {
                        return true;
                    }
                    onHead();
                }
                if (!bodyWaits && !readBody()) {
                    judge();
                    return true;
                }
                bodyWaits = !discarding && !mayHandle(weight());
                if (bodyWaits) {
                    return false;
                }
                if (discarding) {
                    onDiscarded();
                } else {
                    onRequest();
                }
            }
        } catch (Refusal refused) {
            onRefusal(refused);
        }
        return true;
    }

    /// Reads on in the body; whether it is whole. One that is too long may be answered by who took it.
    private boolean readBody() {
        try {
            return reader.readBody();
        } catch (Refusal refused) {
            HttpExchange taken = bodyTaken && !discarding ? judged : null;
            if (refused.status != 413 || taken == null || !endpoint.http().answersTooLong(taken)) {
                throw refused;
            }
            return false;
        }
    }

    private void onHeadBytes() {
        if (phase == Phase.IDLE) {
            phase = Phase.HEAD;
            sinceMs = loop.clock.nowMs();
        }
        headBegun = true;
    }

    private void onHead() {
        RequestHead checked = RequestGuard.check(reader, loop.targets, arrival(), endpoint);
        head = checked;
        keepAlive = !loop.isLeaving() && RequestGuard.wantsKeepAlive(checked);
        if (isProbe()) {
            if (!endpoint.http().isProbe(checked)) {
                throw Refusal.overLimit(overLimit);
            }
            keepAlive = false;
        }
        if (RequestGuard.wantsWebSocket(checked)) {
            upgrade = Upgrade.of(this, context().channel(), endpoint, checked);
        }
        gzipped = RequestGuard.isGzipped(checked);
        if (checked.bodyLength() > limits.bodyBytes() && !endpoint.http().judgesLongBodies(checked)) {
            throw new Refusal(413, "the body is larger than " + limits.bodyBytes() + " bytes");
        }
        if (RequestGuard.expectsContinue(checked)) {
            continueDue = !checked.isHttp10();
        }
        reader.beginBody(checked.bodyLength());
        phase = Phase.BODY;
        sinceMs = loop.clock.nowMs();
    }

    private Arrival arrival() {
        Arrival known = arrival;
        if (known == null) {
            Channel channel = context().channel();
            known = new Arrival(
                    channel.remoteAddress(),
                    Peer.of(channel),
                    endpoint.ingress().tls() != null,
                    endpoint.ingress());
            arrival = known;
        }
        return known;
    }

    /// Has the head judged of a request whose body is still to come.
    private void judge() {
        RequestHead complete = head;
        if (judged != null || complete == null || upgrade != null || phase != Phase.BODY) {
            return;
        }
        HttpExchange exchange = new HttpExchange(answers(), complete, keepAlive);
        exchange.sinceNs = endpoint.watchedNs();
        judged = exchange;
        bodyTaken = false;
        answers().add(exchange);
        try {
            endpoint.http().accept(exchange);
        } catch (RuntimeException e) {
            onHandlerFailure(exchange, e);
        }
    }

    /// Whether the head of the request that comes is with the handler, to be judged.
    private boolean isUndecided() {
        return judged != null && !bodyTaken && !discarding;
    }

    /// The handler wants the body.
    void onTakeBody(HttpExchange exchange, int mostBytes) {
        if (exchange != judged || phase != Phase.BODY || discarding || bodyTaken) {
            return;
        }
        bodyTaken = true;
        sinceMs = loop.clock.nowMs();
        try {
            reader.limitBody(mostBytes);
        } catch (Refusal refused) {
            refuse(refused);
            return;
        }
        pump();
    }

    /// A request is answered whose body is not there: it is thrown away, or is the last of its connection.
    void onAnswering(HttpExchange exchange) {
        if (exchange != judged || phase != Phase.BODY) {
            return;
        }
        if (continueDue || reader.bodyBytesLeft() > MOST_DISCARDED_BYTES) {
            exchange.keepAlive = false;
        }
        continueDue = false;
        discarding = true;
        reader.discardBody();
    }

    /// A body that nobody wanted has come to its end.
    private void onDiscarded() {
        discarding = false;
        judged = null;
        head = null;
        headBegun = false;
        phase = Phase.IDLE;
        sinceMs = loop.clock.nowMs();
    }

    /// Tells a client that waits for it to send the body of which nothing is there.
    private void sendContinue() {
        if (continueDue && phase == Phase.BODY && bodyTaken && answers().isAlone(judged)) {
            continueDue = false;
            if (reader.bodyBytes() == 0) {
                output().room(CONTINUE.length).writeBytes(CONTINUE);
            }
        }
    }

    private void onRequest() {
        RequestHead complete = head;
        if (complete == null) {
            return;
        }
        continueDue = false;
        byte[] body = reader.takeWholeBody();
        if (gzipped && body.length > 0) {
            body = HttpResponses.gunzip(body, limits.inflatedBodyBytes());
            handled(body.length);
        }
        headBegun = false;
        sinceMs = loop.clock.nowMs();
        if (upgrade != null) {
            phase = Phase.UPGRADING;
            return;
        }
        phase = Phase.IDLE;
        head = null;
        HttpExchange exchange = judged;
        judged = null;
        if (exchange == null) {
            exchange = new HttpExchange(answers(), complete, keepAlive);
            answers().add(exchange);
        }
        exchange.complete(body);
        exchange.sinceNs = endpoint.watchedNs();
        answers().onComplete(exchange, complete.fields().length() + body.length);
        handOver(exchange);
    }

    /// The transport's own answer, and the last one.
    private void refuse(Refusal refused) {
        if (takesHttp() || phase == Phase.UPGRADING) {
            onRefusal(refused);
            pump();
        }
    }

    private void onRefusal(Refusal refused) {
        if (refused.head == null) {
            refused.head = head;
        }
        head = null;
        upgrade = null;
        reader.drop();
        HttpExchange unfinished = judged;
        judged = null;
        // A request that is answered already gets no second answer.
        refusal = discarding ? new Refusal(0, "") : refused;
        if (unfinished != null && !discarding) {
            answers().withdraw(unfinished);
        }
        discarding = false;
        phase = Phase.REFUSED;
    }

    // ---- through ----

    /// Sends what is ready and hands over what may be handled, until neither is possible.
    void pump() {
        if (pumping) {
            pumpAgain = true;
            return;
        }
        pumping = true;
        try {
            do {
                pumpAgain = false;
                answers().sendReady();
                if (readRequests() && answers().isEmpty()) {
                    onDrained();
                }
                sendContinue();
            } while (pumpAgain);
        } finally {
            pumping = false;
        }
        account();
        answers().account();
        applyReading();
        if (!burst && !flushQueued && output().isUnflushed()) {
            flushQueued = true;
            loop.eventLoop.execute(flush);
        }
    }

    /// Answers that were given in one task of the loop, as those of one commit are, leave in one write.
    private void onFlushDue() {
        flushQueued = false;
        output().flush();
        answers().account();
    }

    /// Whether nothing more is sent: the connection ends, or is not HTTP's any more.
    boolean isOver() {
        return phase == Phase.CLOSED || phase == Phase.LINGERING;
    }

    /// Whether the socket is closed, or is not HTTP's any more.
    boolean isGone() {
        return phase == Phase.CLOSED;
    }

    /// What handling the request that is there may cost, in bytes.
    private int weight() {
        RequestHead complete = head;
        int bytes = reader.bodyBytes();
        if (gzipped) {
            bytes = (int) Math.min(limits.inflatedBodyBytes(), (long) bytes * SWELLING);
        }
        return bytes + (complete == null ? 0 : complete.fields().length());
    }

    @Override
    void onTurn() {
        if (takesHttp()) {
            pump();
        } else {
            applyReading();
        }
    }

    private boolean hasRoom() {
        return !isOver() && !isResting() && answers().hasRoom(phase == Phase.BODY && judged != null ? 1 : 0);
    }

    private void handOver(HttpExchange exchange) {
        try {
            endpoint.http().handle(exchange);
        } catch (RuntimeException e) {
            onHandlerFailure(exchange, e);
        }
    }

    private static void onHandlerFailure(HttpExchange exchange, RuntimeException failure) {
        LoopFaults.onFault("the handler of a request failed", failure);
        if (!exchange.isAnswered()) {
            exchange.respondError(500, "internal", "internal error", Map.of());
        }
    }

    void observe(HttpExchange exchange) {
        long ns = endpoint.watchedNs() - exchange.sinceNs;
        endpoint.observer().onAnswered(exchange.head(), exchange.user, exchange.status, exchange.bytes, ns);
    }

    /// An answer is queued whole. From here on the connection is idle, unless the next request has begun.
    void onAnswered(boolean isLast) {
        if (phase == Phase.IDLE) {
            sinceMs = loop.clock.nowMs();
        }
        if (isLast) {
            linger();
        }
    }

    /// Everything that was asked is answered.
    private void onDrained() {
        Refusal refused = refusal;
        Upgrade asking = upgrade;
        if (phase == Phase.REFUSED && refused != null) {
            refusal = null;
            sendRefusal(refused);
        } else if (phase == Phase.UPGRADING && asking != null && !asking.isAsked()) {
            sinceMs = loop.clock.nowMs();
            asking.ask();
        } else if (phase == Phase.IDLE && loop.isDraining()) {
            linger();
        }
    }

    private void sendRefusal(Refusal refused) {
        if (refused.status == 0) {
            context().close();
            return;
        }
        int bytes = sendLast(refused.status, refused.code, refused.text(), refused.fields(endpoint));
        refused.tell(endpoint.observer(), context().channel().remoteAddress(), bytes);
    }

    /// Answers with an error, and ends with it.
    ///
    /// @return how many bytes the answer has
    int sendLast(int status, String code, String text, Map<String, String> headers) {
        Map<String, String> all = new LinkedHashMap<>(headers);
        all.put("Topic-Error", code);
        return sendLast(status, "application/json", HttpResponses.errorBody(code, text), all);
    }

    /// Answers, and ends with it.
    ///
    /// @return how many bytes the answer has
    int sendLast(int status, @Nullable String contentType, byte[] body, Map<String, String> headers) {
        ByteBuf out = output().room(2 * HttpAnswers.HEAD_BYTES + body.length);
        int before = out.writerIndex();
        loop.answers.writeLast(out, status, contentType, body, headers);
        int bytes = out.writerIndex() - before;
        linger();
        return bytes;
    }

    /// Ends the output and waits a moment for the peer to end its own.
    private void linger() {
        phase = Phase.LINGERING;
        sinceMs = loop.clock.nowMs();
        starving = false;
        head = null;
        judged = null;
        upgrade = null;
        answers().abandon();
        reader.drop();
        hold(0);
        applyReading();
        output().flush();
        ChannelHandlerContext ctx = context();
        ctx.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(done -> {
            sinceMs = loop.clock.nowMs();
            if (done.isSuccess()) {
                endOutput(ctx.channel());
            } else {
                ctx.close();
            }
        });
    }

    private void applyReading() {
        if (phase == Phase.CLOSED) {
            return;
        }
        boolean wanted =
                phase == Phase.LINGERING ? !isResting() : takesHttp() && hasRoom() && !starving && !isUndecided();
        Channel channel = context().channel();
        if (channel.config().isAutoRead() != wanted) {
            channel.config().setAutoRead(wanted);
            if (wanted && phase != Phase.LINGERING) {
                sinceMs = loop.clock.nowMs();
            }
        }
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
        answers().account();
        if (ctx.channel().isWritable()) {
            answers().onWritable();
            pump();
        } else {
            applyReading();
        }
    }

    // ---- upgrade ----

    /// Whether this is the upgrade whose decision is waited for.
    boolean awaits(Upgrade decided) {
        return decided == upgrade && phase == Phase.UPGRADING;
    }

    /// The socket is HTTP's no more. Only what is in the output is still sent.
    ///
    /// @return what the client sent ahead, in the other protocol
    byte[] leave() {
        upgrade = null;
        head = null;
        phase = Phase.CLOSED;
        hold(0);
        answers().forget();
        return reader.takeRest();
    }

    // ---- end ----

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        loop.connections.remove(this, ctx.channel());
        phase = Phase.CLOSED;
        starving = false;
        judged = null;
        answers().abandon();
        upgrade = null;
        reader.drop();
        hold(0);
        output().drop();
        answers().forget();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        if (!isOfThePeer(cause)) {
            LoopFaults.onFault("closing an HTTP connection after an error", cause);
        }
        ctx.close();
    }

    @Override
    void onTick(int nowMs) {
        ChannelHandlerContext ctx = context();
        answers().account();
        if (takesHttp() && hasRoom() && !ctx.channel().config().isAutoRead()) {
            // The budget of all connections has room again, or what waited here has left, and nobody says so.
            pump();
        }
        int stalledMs = stalledMs(ctx.channel(), nowMs);
        if (stalledMs >= 0) {
            if (stalledMs >= longestStallMs()) {
                ctx.close();
            }
            return;
        }
        int elapsedMs = nowMs - sinceMs;
        switch (phase) {
            case IDLE -> {
                if (answers().isEmpty() && elapsedMs >= limits.keepAliveIdle().toMillis()) {
                    ctx.close();
                }
            }
            case HEAD -> {
                if (isProbe() && elapsedMs >= PROBE_DEADLINE_MS) {
                    refuse(Refusal.overLimit(overLimit));
                } else if (ctx.channel().config().isAutoRead()
                        && elapsedMs >= limits.headDeadline().toMillis()) {
                    refuse(new Refusal(headBegun ? 408 : 0, "the request head took too long"));
                }
            }
            case BODY -> {
                // Bodies that come slowly keep no room from others that want it.
                long forBytesMs =
                        loop.incomplete.isPressed() ? 0 : reader.bodyBytes() * 1000L / limits.bodyBytesPerSecond();
                long allowedMs = limits.bodyGrace().toMillis() + forBytesMs;
                if (ctx.channel().config().isAutoRead() && elapsedMs >= allowedMs) {
                    refuse(new Refusal(408, "the request body took too long"));
                }
            }
            case UPGRADING -> {
                Upgrade undecided = upgrade;
                if (undecided != null) {
                    undecided.onWaited(elapsedMs);
                }
            }
            case LINGERING -> {
                if (elapsedMs >= LINGER_MS) {
                    ctx.close();
                }
            }
            case REFUSED, CLOSED -> {}
        }
        answers().onTick();
    }

    private long longestStallMs() {
        long allowedMs = loop.limits.stall().toMillis();
        return loop.unsentAnswers.isPressed() ? Math.min(PRESSED_STALL_MS, allowedMs) : allowedMs;
    }

    @Override
    void onDraining(int withinMs) {
        answers().onDraining(withinMs);
        boolean idle = phase == Phase.IDLE && answers().isEmpty() && !reader.hasBytes();
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
