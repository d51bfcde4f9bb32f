package io.topicstream.transport;

import io.netty.buffer.ByteBuf;
import io.netty.channel.EventLoop;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// One request and the place for its one answer. May be answered from any thread, exactly once.
public final class HttpExchange {
    private static final VarHandle ANSWERED;
    private static final byte[] NO_BYTES = {};

    static {
        try {
            ANSWERED = MethodHandles.lookup().findVarHandle(HttpExchange.class, "answered", boolean.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final AnswerQueue answers;
    private final RequestHead head;
    private byte[] body = NO_BYTES;

    @SuppressWarnings("unused") // through ANSWERED
    private volatile boolean answered;

    // Below: the connection's, on its loop.
    boolean keepAlive;
    final boolean http10;
    /// The question was HEAD.
    final boolean withoutBody;

    @Nullable
    ByteBuf answer;

    @Nullable
    HttpStreamListener stream;

    boolean streaming;
    boolean done;

    // For who watches.
    @Nullable
    String user;

    int status;
    long bytes;
    long sinceNs;
    /// What the request itself takes while it is handled, where that is much.
    int requestBytes;
    /// Room taken for an answer that is being made.
    int reservedBytes;
    private @Nullable Runnable closed;

    HttpExchange(AnswerQueue answers, RequestHead head, boolean keepAlive) {
        this.answers = answers;
        this.head = head;
        this.keepAlive = keepAlive;
        this.http10 = head.isHttp10();
        this.withoutBody = head.method().equals("HEAD");
    }

    /// What was asked.
    public RequestHead head() {
        return head;
    }

    void complete(byte[] whole) {
        body = whole;
    }

    /// Has the body read, which is then handled; of [HttpHandler#accept].
    ///
    /// @param mostBytes of it, as it comes; more are refused with 413
    public void takeBody(int mostBytes) {
        onLoop(() -> answers.onTakeBody(this, mostBytes));
    }

    /// Keeps the requests that come behind this one on its connection back: none of them is handled, nor judged, until
    /// [#release], as often as it was held. To be called before it is answered.
    public void hold() {
        answers.onHold();
    }

    /// Ends one [#hold]. To be called on the event loop.
    public void release() {
        answers.onRelease();
    }

    /// Takes room for a large answer, before it is made, in the budget of all answers. To be called on the
    /// event loop, at most once. The answer gives it back.
    ///
    /// @param least what will do where there is little room
    /// @return `bytes` or `least`: how large the answer may be; or 0: the answer must be a refusal
    public int reserve(int bytes, int least) {
        return answers.reserve(this, bytes, least);
    }

    /// The whole body, decompressed; empty if there is none. The array is the receiver's to keep.
    public byte[] body() {
        return body;
    }

    /// The loop of the connection, on which handlers are called.
    public EventLoop eventLoop() {
        return answers.loop.eventLoop;
    }

    /// Names what to do, on the event loop, if the peer goes away before the answer is complete. To be called
    /// within [HttpHandler#handle], at most once.
    public void onClosed(Runnable action) {
        closed = action;
    }

    /// Says as whom the caller is known, for who watches. To be called on the event loop, before the answer.
    public void calledBy(@Nullable String knownAs) {
        user = knownAs;
    }

    /// Answers with `body`, which must not change afterwards. `Content-Length`, `Date` and `Connection` are
    /// added; large text is compressed if the client accepts that and `headers` has no `Content-Encoding`.
    ///
    /// @throws IllegalStateException if there is an answer already
    /// @throws IllegalArgumentException if a header field holds more than printable ASCII
    public void respond(int status, @Nullable String contentType, Map<String, String> headers, byte[] body) {
        HttpResponses.requireFields(contentType, headers);
        takeAnswer();
        onLoop(() -> answers.onAnswer(this, status, contentType, headers, body));
    }

    /// Answers with JSON text, for answers that are made often: nothing is allocated but the buffer that is sent.
    /// To be called on the event loop; both arrays are copied before this returns.
    ///
    /// @param fields encoded header lines, each with the CRLF that ends it. The caller vouches for their form;
    ///     `Content-Type` and what [#respond] adds are not among them
    /// @throws IllegalStateException if there is an answer already
    public void respondJson(int status, byte[] fields, int fieldsLength, byte[] json, int jsonLength) {
        takeAnswer();
        answers.onJsonAnswer(this, status, fields, fieldsLength, json, jsonLength);
    }

    /// Answers with the one shape of all errors, `{"error":text,"code":code}`, and the header `Topic-Error`.
    public void respondError(int status, String code, String text, Map<String, String> headers) {
        Map<String, String> all = new LinkedHashMap<>(headers);
        all.put("Topic-Error", code);
        all.put("X-Content-Type-Options", "nosniff");
        respond(status, "application/json", all, HttpResponses.errorBody(code, text));
    }

    /// Answers piece by piece: `listener` is told when it is this answer's turn.
    public void respondStream(
            int status, String contentType, Map<String, String> headers, HttpStreamListener listener) {
        HttpResponses.requireFields(contentType, headers);
        takeAnswer();
        onLoop(() -> answers.onStreamAnswer(this, status, contentType, headers, listener));
    }

    /// Whether there is an answer already.
    public boolean isAnswered() {
        return answered;
    }

    private void takeAnswer() {
        if (!ANSWERED.compareAndSet(this, false, true)) {
            throw new IllegalStateException("the request is already answered");
        }
    }

    private void onLoop(Runnable task) {
        EventLoop loop = eventLoop();
        if (loop.inEventLoop()) {
            task.run();
        } else {
            loop.execute(task);
        }
    }

    /// The peer went away.
    void onPeerGone() {
        done = true;
        if (answer != null) {
            answer.release();
            answer = null;
        }
        if (stream != null) {
            HttpStreamListener listener = stream;
            stream = null;
            streaming = false;
            listener.onClosed();
        }
        if (closed != null) {
            Runnable action = closed;
            closed = null;
            action.run();
        }
    }
}
