package io.topicstream.aws.s3;

import io.topicstream.aws.s3.Segments.Named;
import io.topicstream.log.Direction;
import io.topicstream.log.Extent;
import io.topicstream.log.Message;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;

/// What a read has taken so far, and what it wants next. It goes on in stretches, for each of which names
/// are listed: so a read without a bound does not list a whole topic before it takes the first message.
///
/// Owned by one read.
final class Taken {
    private static final int STRETCH = Segment.MAX_MESSAGES;

    private final Extent kept;
    private final boolean isForward;
    private final int maxMessages;
    private final int maxBytes;
    private final ArrayDeque<Message> messages = new ArrayDeque<>();
    private long bytes;
    private long at;
    private boolean isFull;

    Taken(Extent kept, long from, Direction direction, int maxMessages, int maxBytes) {
        this.kept = kept;
        this.isForward = direction == Direction.FORWARD;
        this.maxMessages = maxMessages;
        this.maxBytes = maxBytes;
        this.at = isForward ? Math.max(from, kept.firstOffset()) : Math.min(from, kept.nextOffset() - 1);
        this.isFull = maxMessages < 1;
    }

    /// Whether there is more to take.
    boolean isOpen() {
        return !isFull && isKept(at);
    }

    private boolean isKept(long offset) {
        return offset >= kept.firstOffset() && offset < kept.nextOffset();
    }

    /// The offset that is wanted next.
    long at() {
        return at;
    }

    /// The lowest offset of the stretch that begins now.
    long low() {
        return isForward ? at : Math.max(kept.firstOffset(), at - stretch() + 1);
    }

    /// The offset after the highest of the stretch that begins now.
    long end() {
        return isForward ? Math.min(kept.nextOffset(), at + stretch()) : at + 1;
    }

    /// The offset that is wanted when the stretch is done that begins now.
    long stretchEnd() {
        return isForward ? end() : low() - 1;
    }

    private int stretch() {
        return Math.min(STRETCH, maxMessages - messages.size());
    }

    /// Which of the names, in the order of the read, is that of the segment that holds [#at]; -1 where none
    /// is.
    int firstOf(List<Named> names) {
        int first = names.isEmpty() ? -1 : 0;
        if (isForward) {
            first = -1;
            while (first + 1 < names.size() && names.get(first + 1).first() <= at) {
                first++;
            }
        }
        return first;
    }

    /// The segments to get together, one at least: no more of them and of their bytes than there is room
    /// for.
    List<Named> nextOf(List<Named> names, int from) {
        List<Named> some = new ArrayList<>();
        long sum = 0;
        for (int i = from; i < names.size() && some.size() < Objects.GETS_AT_ONCE; i++) {
            sum += names.get(i).bytes();
            if (!some.isEmpty() && sum > maxBytes - bytes) {
                break;
            }
            some.add(names.get(i));
        }
        return some;
    }

    /// Takes what the segment, which holds [#at], has of the stretch, as far as there is room.
    void takeFrom(Segment segment, long stretchEnd) {
        List<Message> all = segment.messages().toList();
        while (!isFull && at != stretchEnd && segment.holds(at)) {
            take(all.get((int) (at - segment.firstOffset())));
        }
    }

    private void take(Message message) {
        long size = message.sizeBytes();
        if (!messages.isEmpty() && bytes + size > maxBytes) {
            isFull = true;
            return;
        }
        bytes += size;
        if (isForward) {
            messages.addLast(message);
            at++;
        } else {
            messages.addFirst(message);
            at--;
        }
        isFull = messages.size() == maxMessages;
    }

    /// Ascending.
    List<Message> messages() {
        return List.copyOf(messages);
    }
}
