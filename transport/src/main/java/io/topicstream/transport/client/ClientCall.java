package io.topicstream.transport.client;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// One call until its end. Belongs to its loop.
final class ClientCall {
    /// A body that is this short or shorter goes into one buffer with the head, in bytes.
    static final int SHORT_BODY_BYTES = 16 * 1024;

    final ClientRequest request;
    private final Map<String, List<String>> fields;
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

    ClientCall(ClientRequest request, Map<String, List<String>> fields, byte[] body, AnswerListener listener) {
        this.request = request;
        this.fields = fields;
        this.body = body;
        this.listener = listener;
    }

    /// Whether the listener has heard of the end.
    boolean isOver() {
        return over;
    }

    void answer(int status, Map<String, List<String>> answerFields, byte[] answerBody) {
        if (end()) {
            listener.onAnswer(status, answerFields, answerBody);
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
        byte[] end = request.endOfHead(fields, body.length);
        boolean together = body.length <= SHORT_BODY_BYTES;
        ByteBuf out = allocator
                .ioBuffer(head.length + end.length + (together ? body.length : 0))
                .writeBytes(head)
                .writeBytes(end);
        return together ? out.writeBytes(body) : out;
    }
}
