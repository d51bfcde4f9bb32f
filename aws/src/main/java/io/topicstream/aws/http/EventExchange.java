package io.topicstream.aws.http;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.topicstream.access.Credentials;
import io.topicstream.access.Identity;
import io.topicstream.door.RequestCredentials;
import io.topicstream.http.Exchange;
import io.topicstream.http.HttpLane;
import io.topicstream.http.StreamedAnswer;
import io.topicstream.protocol.ErrorCode;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// An event as the table of routes takes it. Belongs to the thread of its run.
final class EventExchange extends Exchange {
    private final HttpEvent event;
    private final EventTarget target;
    private final Executor thread;
    private final Consumer<Exchange> onBody;
    private byte[] body = {};
    private @Nullable HttpAnswer answer;
    private @Nullable GatheredPieces pieces;

    /// @param thread runs a task on the thread of the run
    /// @param onBody goes on with it when its body was judged by its head
    EventExchange(HttpLane lane, HttpEvent event, EventTarget target, Executor thread, Consumer<Exchange> onBody) {
        super(lane);
        this.event = event;
        this.target = target;
        this.thread = thread;
        this.onBody = onBody;
    }

    HttpEvent event() {
        return event;
    }

    /// Gives it the body, without a content coding.
    void complete(byte[] whole) {
        body = whole;
    }

    /// What was answered; null while nothing is.
    @Nullable
    HttpAnswer answered() {
        return answer;
    }

    /// Ends an answer in pieces, which is not whole and has no time left.
    void cutOff() {
        if (pieces != null) {
            pieces.cutOff();
        }
    }

    /// Answers with an error that the table of routes does not know of.
    void refuse(int status, ErrorCode code, String why, Map<String, String> more) {
        take(HttpAnswer.refusal(status, code, why, more));
    }

    // ---- what is asked

    @Override
    public String method() {
        return event.method();
    }

    @Override
    public List<String> segments() {
        return target.segments();
    }

    @Override
    public @Nullable String query(String name) {
        @Nullable List<String> values = target.query().get(name);
        return values == null ? null : values.getFirst();
    }

    @Override
    public Map<String, List<String>> query() {
        return target.query();
    }

    @Override
    public @Nullable String header(String name) {
        return event.header(name);
    }

    @Override
    public List<String> headers(String name) {
        return event.headers(name);
    }

    @Override
    public @Nullable String host() {
        return event.header("host");
    }

    @Override
    public byte[] body() {
        return body;
    }

    @Override
    public boolean isBodyUtf8() {
        try {
            UTF_8.newDecoder().decode(ByteBuffer.wrap(body));
            return true;
        } catch (CharacterCodingException e) {
            return false;
        }
    }

    @Override
    public Credentials credentials() {
        return RequestCredentials.of(
                event.asked(target.query()), address(), address().isLoopbackAddress());
    }

    @Override
    public InetAddress address() {
        return event.address();
    }

    @Override
    protected void onCaller(Identity caller) {
        // Nobody watches this door.
    }

    // ---- how it goes on

    @Override
    public void takeBody(int mostBytes) {
        if (body.length > mostBytes) {
            refuse(413, ErrorCode.TOO_LARGE, "the body is larger than " + mostBytes + " bytes", Map.of());
        } else {
            onBody.accept(this);
        }
    }

    @Override
    public void hold() {
        // Nothing comes behind an event.
    }

    @Override
    public void release() {
        // Nothing was held.
    }

    /// A run has one answer, and a function the memory for it.
    @Override
    public int reserve(int bytes, int least) {
        return bytes;
    }

    // ---- the answer

    @Override
    public boolean isAnswered() {
        return answer != null || pieces != null;
    }

    /// Whether the answer is there to its end.
    boolean isAnswerWhole() {
        return answer != null;
    }

    private void take(HttpAnswer given) {
        if (isAnswered()) {
            throw new IllegalStateException("the request is already answered");
        }
        answer = given;
    }

    @Override
    public void answerJson(int status, byte[] fields, int fieldsLength, byte[] json, int jsonLength) {
        take(HttpAnswer.json(status, fields, fieldsLength, Arrays.copyOf(json, jsonLength)));
    }

    @Override
    public void answer(int status, @Nullable String contentType, Map<String, String> fields, byte[] content) {
        take(new HttpAnswer(status, contentType, fields, content));
    }

    @Override
    public void answerStream(int status, String contentType, Map<String, String> fields, StreamedAnswer streamed) {
        if (isAnswered()) {
            throw new IllegalStateException("the request is already answered");
        }
        GatheredPieces gathered = new GatheredPieces(streamed, thread, whole -> {
            pieces = null;
            if (whole == null) {
                refuse(
                        503,
                        ErrorCode.UNAVAILABLE,
                        "the answer is larger than a function can give, or takes too long",
                        Map.of());
            } else {
                answer(status, contentType, fields, whole);
            }
        });
        pieces = gathered;
        gathered.open();
    }
}
