package io.topicstream.transport.client;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// One call until its end. Belongs to its loop.
final class ClientCall {
    /// A body that is this short or shorter goes into one buffer with the head, in bytes.
    static final int SHORT_BODY_BYTES = 16 * 1024;

    private static final byte[] CONTENT_LENGTH = ascii("Content-Length: ");
    private static final byte[] END_OF_HEAD = ascii("\r\n\r\n");
    private static final byte[] NO_LENGTH = ascii("\r\n");
    private static final int MOST_DIGITS = 10;

    final ClientRequest request;
    final byte[] body;
    private final AnswerListener listener;
    private boolean over;

    /// Where it has its time; null before it is on its loop.
    @Nullable
    CallDeadlines deadlines;

    /// When it has taken too long, as the clock of the loop has it.
    long deadlineNs;
    /// Where it stands among those that have a deadline.
    int place;

    /// On which it is, or which is made for it.
    @Nullable
    ClientConnection connection;

    /// Whether it was on a connection that was of no use any more.
    boolean repeated;

    ClientCall(ClientRequest request, byte[] body, AnswerListener listener) {
        this.request = request;
        this.body = body;
        this.listener = listener;
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    /// Whether the listener has heard of the end.
    boolean isOver() {
        return over;
    }

    void answer(int status, Map<String, List<String>> fields, byte[] answerBody) {
        if (end()) {
            listener.onAnswer(status, fields, answerBody);
        }
    }

    void fail(Exception why) {
        if (end()) {
            listener.onFailure(why);
        }
    }

    /// The loop has ended, and all that belonged to it. On any thread.
    void lose(Exception why) {
        deadlines = null;
        fail(why);
    }

    private boolean end() {
        if (over) {
            return false;
        }
        over = true;
        connection = null;
        CallDeadlines waiting = deadlines;
        if (waiting != null) {
            deadlines = null;
            waiting.remove(this);
        }
        return true;
    }

    /// The head, with the body behind it where that is short. The caller owns the buffer.
    ByteBuf encode(ByteBufAllocator allocator) {
        byte[] head = request.head();
        boolean together = body.length <= SHORT_BODY_BYTES;
        ByteBuf out = allocator.ioBuffer(head.length
                + CONTENT_LENGTH.length
                + MOST_DIGITS
                + END_OF_HEAD.length
                + (together ? body.length : 0));
        out.writeBytes(head);
        if (body.length > 0 || request.tellsNoBody()) {
            out.writeBytes(CONTENT_LENGTH)
                    .writeBytes(ascii(Integer.toString(body.length)))
                    .writeBytes(END_OF_HEAD);
        } else {
            out.writeBytes(NO_LENGTH);
        }
        return together ? out.writeBytes(body) : out;
    }
}
