package io.topicstream.transport.client;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.util.concurrent.Future;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// One call until its end. Belongs to its loop.
final class ClientCall {
    /// A body that is this short or shorter goes into one buffer with the head, in bytes.
    static final int SHORT_BODY_BYTES = 16 * 1024;

    private static final int FIELD_BYTES = 4;
    private static final byte[] HTTP_11_HOST = " HTTP/1.1\r\nHost: ".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] CONTENT_LENGTH = "Content-Length: ".getBytes(StandardCharsets.US_ASCII);

    final ClientRequest request;
    private final AnswerListener listener;
    private boolean over;

    /// Ends the call when it takes too long.
    @Nullable
    Future<?> deadline;

    /// On which it is, or which is made for it.
    @Nullable
    ClientConnection connection;

    /// Whether it was on a connection that was of no use any more.
    boolean repeated;

    ClientCall(ClientRequest request, AnswerListener listener) {
        this.request = request;
        this.listener = listener;
    }

    /// Whether the listener has heard of the end.
    boolean isOver() {
        return over;
    }

    void answer(int status, Map<String, List<String>> fields, byte[] body) {
        if (end()) {
            listener.onAnswer(status, fields, body);
        }
    }

    void fail(Exception why) {
        if (end()) {
            listener.onFailure(why);
        }
    }

    private boolean end() {
        if (over) {
            return false;
        }
        over = true;
        connection = null;
        Future<?> waiting = deadline;
        if (waiting != null) {
            deadline = null;
            waiting.cancel(false);
        }
        return true;
    }

    /// The head, with the body behind it where that is short. The caller owns the buffer.
    ByteBuf encode(ByteBufAllocator allocator) {
        byte[] body = request.body();
        boolean together = body.length <= SHORT_BODY_BYTES;
        ByteBuf out = allocator.ioBuffer(headBytes() + (together ? body.length : 0));
        text(out, request.method());
        out.writeByte(' ');
        text(out, request.target());
        out.writeBytes(HTTP_11_HOST);
        text(out, request.authority());
        line(out);
        request.fields().forEach((name, values) -> {
            for (String value : values) {
                text(out, name);
                out.writeByte(':').writeByte(' ');
                text(out, value);
                line(out);
            }
        });
        if (body.length > 0 || request.tellsNoBody()) {
            out.writeBytes(CONTENT_LENGTH);
            text(out, Integer.toString(body.length));
            line(out);
        }
        line(out);
        if (together) {
            out.writeBytes(body);
        }
        return out;
    }

    private int headBytes() {
        int[] bytes = {
            request.method().length()
                    + request.target().length()
                    + request.host().length()
                    + HTTP_11_HOST.length
                    + CONTENT_LENGTH.length
                    + 32
        };
        request.fields().forEach((name, values) -> {
            for (String value : values) {
                bytes[0] += name.length() + value.length() + FIELD_BYTES;
            }
        });
        return bytes[0];
    }

    private static void text(ByteBuf out, String text) {
        out.writeCharSequence(text, ISO_8859_1);
    }

    private static void line(ByteBuf out) {
        out.writeByte('\r').writeByte('\n');
    }
}
