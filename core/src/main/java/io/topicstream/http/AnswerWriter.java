package io.topicstream.http;

import static io.topicstream.json.JsonWriter.ascii;

import io.topicstream.command.Refusal;
import io.topicstream.http.Readiness.Condition;
import io.topicstream.json.JsonWriter;
import io.topicstream.log.Extent;
import io.topicstream.protocol.ErrorCode;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// Where the answers of one thread are written, one after the other: header lines and a JSON body, sent and then
/// used again. Belongs to its thread.
public final class AnswerWriter {
    static final String ALLOWED_METHODS = "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS";
    static final String ALLOWED_HEADERS =
            "Content-Type, Content-Encoding, Authorization, x-api-key, Idempotency-Key, Last-Event-ID, Accept, "
                    + "X-Requested-With, traceparent, tracestate, baggage";
    static final String EXPOSED_HEADERS =
            "Topic-First-Offset, Topic-Next-Offset, Topic-Epoch, Topic-Durability, Topic-Error, Topic-Ignored, Retry-After";

    private static final byte[] PRIVATE_FIELDS =
            ascii("X-Content-Type-Options: nosniff\r\nCache-Control: no-store\r\n");
    private static final byte[] OPEN_FIELDS = ascii("X-Content-Type-Options: nosniff\r\nCache-Control: no-store\r\n"
            + "Access-Control-Allow-Origin: *\r\nAccess-Control-Expose-Headers: " + EXPOSED_HEADERS + "\r\n");
    private static final byte[] FIRST_OFFSET = ascii("Topic-First-Offset: ");
    private static final byte[] NEXT_OFFSET = ascii("Topic-Next-Offset: ");
    private static final byte[] EPOCH = ascii("Topic-Epoch: ");
    private static final byte[] ERROR_FIELD = ascii("Topic-Error: ");
    private static final byte[] CHALLENGE = ascii("WWW-Authenticate: Bearer\r\n");
    private static final byte[] RETRY_SOON = ascii("Retry-After: 1\r\n");
    private static final byte[] RETRY_IN_A_MINUTE = ascii("Retry-After: 60\r\n");
    private static final byte[] DESCRIBED_BY = ascii("Link: </openapi.yaml>; rel=\"service-desc\"\r\n");
    private static final byte[] TAKEN_TYPES =
            ascii("Accept-Post: application/json, application/x-www-form-urlencoded\r\n");
    private static final byte[] CRLF = ascii("\r\n");
    private static final byte[] ERROR_MEMBER = ascii("{\"error\":");
    private static final byte[] MESSAGE_MEMBER = ascii("{\"message\":");
    private static final byte[] CODE_MEMBER = ascii(",\"code\":");
    private static final byte[] NEXT_OFFSET_MEMBER = ascii(",\"next_offset\":");

    private static final byte[] UNMET_MEMBER = ascii(",\"unmet\":[");
    private static final byte[] LIST_END = ascii("]}");

    private final JsonWriter fields = new JsonWriter(1024);
    private final JsonWriter body = new JsonWriter(4096);
    private final Consumer<ErrorCode> errors;

    /// @param errors told the code of every error
    AnswerWriter(Consumer<ErrorCode> errors) {
        this.errors = errors;
    }

    /// Begins an answer that a page of any origin may read.
    public AnswerWriter begin() {
        return begin(OPEN_FIELDS);
    }

    /// Begins an answer that no page of another origin may read.
    public AnswerWriter beginPrivate() {
        return begin(PRIVATE_FIELDS);
    }

    private AnswerWriter begin(byte[] common) {
        fields.reset();
        fields.raw(common);
        body.reset();
        return this;
    }

    /// Adds an encoded header line with its CRLF.
    AnswerWriter line(byte[] encoded) {
        fields.raw(encoded);
        return this;
    }

    /// Adds the three fields that say where the topic stands.
    AnswerWriter extent(long epoch, long firstOffset, long nextOffset) {
        fields.raw(FIRST_OFFSET).number(firstOffset).raw(CRLF);
        fields.raw(NEXT_OFFSET).number(nextOffset).raw(CRLF);
        fields.raw(EPOCH).number(epoch).raw(CRLF);
        return this;
    }

    /// Adds the three fields that say where the topic stands.
    AnswerWriter extent(Extent extent) {
        return extent(extent.epoch(), extent.firstOffset(), extent.nextOffset());
    }

    /// The body, empty after a `begin`.
    public JsonWriter body() {
        return body;
    }

    /// Sends what was written since `begin`.
    public void send(Exchange exchange, int status) {
        exchange.answerJson(status, fields.array(), fields.length(), body.array(), body.length());
    }

    /// Answers with an error that a page of any origin may read.
    public void refuse(Exchange exchange, ErrorCode code, String reason) {
        begin();
        errorFields(code);
        error(exchange, code, reason, null);
    }

    /// Answers with an error that no page of another origin may read.
    public void refusePrivately(Exchange exchange, ErrorCode code, String reason) {
        beginPrivate();
        errorFields(code);
        error(exchange, code, reason, null);
    }

    /// The same with more header fields.
    ///
    /// @param lines encoded, each with its CRLF
    public void refusePrivately(Exchange exchange, ErrorCode code, String reason, byte[] lines) {
        beginPrivate();
        line(lines);
        errorFields(code);
        error(exchange, code, reason, null);
    }

    /// Answers with what a command refused.
    void refuse(Exchange exchange, Refusal refusal) {
        begin();
        error(exchange, refusal);
    }

    /// Answers with what the log refused: with where the topic stands.
    ///
    /// @param line one more header line
    void refuse(Exchange exchange, Refusal refusal, Extent extent, byte[] line) {
        begin();
        line(line);
        extent(extent);
        error(exchange, refusal);
    }

    /// Answers with one of the older contract's own errors: its body has the text alone. What else helps is in a
    /// header: which bodies a produce takes, or where the routes are described.
    public void refuseBare(Exchange exchange, ErrorCode code, String reason) {
        begin();
        errorFields(code);
        fields.raw(code == ErrorCode.NOT_FOUND ? DESCRIBED_BY : TAKEN_TYPES);
        body.raw(ERROR_MEMBER).string(reason).raw('}');
        send(exchange, code.httpStatus());
    }

    /// Answers with an error of a route that has its own: its body is a text as `message`.
    void refuseAsMessage(Exchange exchange, int status, ErrorCode code, String text) {
        begin();
        commandFields(code);
        body.raw(MESSAGE_MEMBER).string(text).raw('}');
        send(exchange, status);
    }

    /// Answers that the server is not ready, and why: in words, and as a list of names.
    void refuseUnready(Exchange exchange, List<Condition> unmet) {
        begin();
        errorFields(ErrorCode.UNAVAILABLE);
        String reasons = unmet.stream().map(Condition::otherwise).collect(Collectors.joining("; "));
        body.raw(ERROR_MEMBER).string("not ready: " + reasons);
        body.raw(CODE_MEMBER).string(ErrorCode.UNAVAILABLE.wireName()).raw(UNMET_MEMBER);
        for (int i = 0; i < unmet.size(); i++) {
            if (i > 0) {
                body.raw(',');
            }
            body.string(unmet.get(i).name());
        }
        body.raw(LIST_END);
        send(exchange, ErrorCode.UNAVAILABLE.httpStatus());
    }

    /// Answers that the path is there, but not for this method.
    ///
    /// @param fields what else the status calls for
    void refuseMethod(Exchange exchange, int status, String reason, Map<String, String> fields) {
        ErrorCode code = ErrorCode.UNKNOWN_ACTION;
        errors.accept(code);
        Map<String, String> all = new LinkedHashMap<>(fields);
        all.put("Topic-Error", code.wireName());
        all.put("X-Content-Type-Options", "nosniff");
        body.reset();
        body.raw(ERROR_MEMBER)
                .string(reason)
                .raw(CODE_MEMBER)
                .string(code.wireName())
                .raw('}');
        exchange.answer(status, "application/json", all, body.toByteArray());
    }

    private void error(Exchange exchange, Refusal refusal) {
        commandFields(refusal.code());
        error(exchange, refusal.code(), refusal.reason(), refusal.nextOffset());
    }

    private void error(Exchange exchange, ErrorCode code, String reason, @Nullable Long nextOffset) {
        body.raw(ERROR_MEMBER).string(reason).raw(CODE_MEMBER).string(code.wireName());
        if (nextOffset != null) {
            body.raw(NEXT_OFFSET_MEMBER).number(nextOffset.longValue());
        }
        body.raw('}');
        send(exchange, code.httpStatus());
    }

    /// The fields of what a door refused: who is told to come more seldom has shown too many wrong credentials, and
    /// these are counted by the minute.
    private void errorFields(ErrorCode code) {
        errorFields(code, RETRY_IN_A_MINUTE);
    }

    /// The fields of what a command refused: who is told to come more seldom may ask for one more thing a second at
    /// least.
    private void commandFields(ErrorCode code) {
        errorFields(code, RETRY_SOON);
    }

    private void errorFields(ErrorCode code, byte[] moreSeldom) {
        errors.accept(code);
        fields.raw(ERROR_FIELD).raw(ascii(code.wireName())).raw(CRLF);
        if (code == ErrorCode.UNAUTHENTICATED) {
            fields.raw(CHALLENGE);
        } else if (code == ErrorCode.RATE_LIMITED) {
            fields.raw(moreSeldom);
        } else if (code.httpStatus() == 503) {
            fields.raw(RETRY_SOON);
        }
    }
}
