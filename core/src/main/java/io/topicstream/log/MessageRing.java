package io.topicstream.log;

import java.util.AbstractList;
import java.util.Objects;
import java.util.RandomAccess;
import org.jspecify.annotations.Nullable;

/// A list of messages that is cheap to shorten at both ends, and knows how many bytes it has.
///
/// Owned by one thread.
final class MessageRing extends AbstractList<Message> implements RandomAccess {
    private static final int LEAST = 16;

    private @Nullable Message[] slots = new Message[LEAST];
    private int head;
    private int size;
    private long bytes;

    /// Of all messages in it, by [Message#sizeBytes].
    long bytes() {
        return bytes;
    }

    @Override
    public int size() {
        return size;
    }

    @Override
    public Message get(int index) {
        return Objects.requireNonNull(slots[slot(index)], "a message is there");
    }

    @Override
    public Message set(int index, Message message) {
        int slot = slot(index);
        Message before = Objects.requireNonNull(slots[slot], "a message is there");
        slots[slot] = message;
        bytes += message.sizeBytes() - before.sizeBytes();
        return before;
    }

    @Override
    public boolean add(Message message) {
        if (size == slots.length) {
            resize(2 * size);
        }
        size++;
        slots[slot(size - 1)] = message;
        bytes += message.sizeBytes();
        return true;
    }

    /// Removes some at the front, or some at the end.
    @Override
    protected void removeRange(int from, int to) {
        if (from != 0 && to != size) {
            throw new UnsupportedOperationException("what is removed stands at an end");
        }
        for (int i = from; i < to; i++) {
            int slot = slot(i);
            bytes -= Objects.requireNonNull(slots[slot], "a message is there").sizeBytes();
            slots[slot] = null;
        }
        if (from == 0) {
            head = (head + to) & (slots.length - 1);
        }
        size -= to - from;
        if (slots.length > LEAST && size < slots.length / 4) {
            resize(slots.length / 2);
        }
    }

    private int slot(int index) {
        Objects.checkIndex(index, size);
        return (head + index) & (slots.length - 1);
    }

    private void resize(int length) {
        @Nullable Message[] next = new Message[Math.max(length, Integer.highestOneBit(Math.max(LEAST, size) * 2 - 1))];
        for (int i = 0; i < size; i++) {
            next[i] = slots[slot(i)];
        }
        slots = next;
        head = 0;
    }
}
