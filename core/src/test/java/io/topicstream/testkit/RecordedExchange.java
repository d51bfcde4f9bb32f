package io.topicstream.testkit;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import io.topicstream.access.Credentials;
import io.topicstream.access.Identity;
import io.topicstream.http.Exchange;
import io.topicstream.http.HttpLane;
import io.topicstream.http.StreamedAnswer;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/// An exchange without a network: what is asked is given by hand, what is answered is written down. Its connection is
/// its own.
public final class RecordedExchange extends Exchange {
    private final String method;
    private final List<String> segments;
    private final Map<String, List<String>> query = new LinkedHashMap<>();
    private final Map<String, List<String>> headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
    private byte[] body = {};
    private int status;
    private @Nullable String contentType;
    private final Map<String, String> fields = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
    private String answer = "";
    private int mostBodyBytes = -1;
    private int holds;

    /// @param target path and query, without escapes: `/topics/a/consume?offset=3`
    public RecordedExchange(HttpLane lane, String method, String target) {
        super(lane);
        this.method = method;
        int question = target.indexOf('?');
        String path = question < 0 ? target : target.substring(0, question);
        this.segments = List.of(path.substring(1).split("/", -1));
        if (question >= 0) {
            for (String pair : target.substring(question + 1).split("&", -1)) {
                int equals = pair.indexOf('=');
                query.computeIfAbsent(pair.substring(0, equals), any -> new ArrayList<>())
                        .add(pair.substring(equals + 1));
            }
        }
    }

    /// Adds a header field.
    public RecordedExchange with(String name, String value) {
        headers.computeIfAbsent(name, any -> new ArrayList<>()).add(value);
        return this;
    }

    /// Gives it a body of JSON.
    public RecordedExchange withJson(String json) {
        body = json.getBytes(UTF_8);
        return with("Content-Type", "application/json");
    }

    // ---- what was answered

    /// The status; 0 while there is no answer.
    public int status() {
        return status;
    }

    /// The type of the body.
    public @Nullable String contentType() {
        return contentType;
    }

    /// The value of a header field of the answer.
    public @Nullable String field(String name) {
        return fields.get(name);
    }

    /// The body of the answer.
    public String answer() {
        return answer;
    }

    /// How large a body is wanted; -1 while none is.
    public int mostBodyBytes() {
        return mostBodyBytes;
    }

    /// Whether what comes behind it is kept back.
    public boolean isHeld() {
        return holds > 0;
    }

    // ---- what is asked

    @Override
    public String method() {
        return method;
    }

    @Override
    public List<String> segments() {
        return segments;
    }

    @Override
    public @Nullable String query(String name) {
        List<String> values = query.get(name);
        return values == null ? null : values.getFirst();
    }

    @Override
    public Map<String, List<String>> query() {
        return query;
    }

    @Override
    public @Nullable String header(String name) {
        List<String> values = headers.get(name);
        return values == null ? null : values.getFirst();
    }

    @Override
    public List<String> headers(String name) {
        return headers.getOrDefault(name, List.of());
    }

    @Override
    public @Nullable String host() {
        return header("Host");
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
        return Credentials.none(InetAddress.getLoopbackAddress());
    }

    @Override
    protected void onCaller(Identity caller) {}

    @Override
    public void takeBody(int mostBytes) {
        mostBodyBytes = mostBytes;
    }

    @Override
    public void hold() {
        holds++;
    }

    @Override
    public void release() {
        holds--;
    }

    @Override
    public int reserve(int bytes, int least) {
        return bytes;
    }

    @Override
    public boolean isAnswered() {
        return status != 0;
    }

    @Override
    public void answerJson(int answered, byte[] lines, int linesLength, byte[] json, int jsonLength) {
        Map<String, String> all = new LinkedHashMap<>();
        for (String line : new String(lines, 0, linesLength, ISO_8859_1).lines().toList()) {
            int colon = line.indexOf(": ");
            all.put(line.substring(0, colon), line.substring(colon + 2));
        }
        answer(answered, "application/json", all, Arrays.copyOf(json, jsonLength));
    }

    @Override
    public void answer(int answered, @Nullable String type, Map<String, String> all, byte[] content) {
        if (status != 0) {
            throw new IllegalStateException("the request is already answered");
        }
        status = answered;
        contentType = type;
        fields.putAll(all);
        answer = new String(content, UTF_8);
    }

    /// Takes each piece at once.
    @Override
    public void answerStream(int answered, String type, Map<String, String> all, StreamedAnswer streamed) {
        answer(answered, type, all, new byte[0]);
        streamed.onOpen(new StreamedAnswer.Pieces() {
            @Override
            public CompletionStage<Boolean> write(byte[] piece) {
                answer += new String(piece, UTF_8);
                return CompletableFuture.completedFuture(true);
            }

            @Override
            public void end() {
                streamed.onClosed();
            }

            @Override
            public void abort() {
                streamed.onClosed();
            }
        });
    }
}
