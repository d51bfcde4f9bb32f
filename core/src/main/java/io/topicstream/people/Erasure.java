package io.topicstream.people;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/// How far the erasure of a user is: a record that survives the server.
///
/// | bytes | what |
/// | --- | --- |
/// | 1 | version, 1 |
/// | 1 | state: 0 running, 1 done |
/// | 8 | when it was begun, epoch milliseconds |
/// | 8 | when it was done, epoch milliseconds; 0 before |
/// | 8 | how many topics were walked through |
/// | 8 | how many messages were taken back |
/// | rest | the last topic that was walked through, ASCII; nothing before the first |
///
/// @param after the last topic that was walked through; empty before the first, and when it is done
public record Erasure(boolean isDone, long begunAtMs, long doneAtMs, long topics, long messages, String after) {
    private static final byte VERSION = 1;
    private static final int FRONT = 2 + 4 * Long.BYTES;

    /// One that begins now.
    static Erasure begun(long nowMs) {
        return new Erasure(false, nowMs, 0, 0, 0, "");
    }

    /// The same, with a topic more behind it.
    Erasure through(String topic) {
        return new Erasure(false, begunAtMs, 0, topics + 1, messages, topic);
    }

    /// The same, with so many messages more.
    Erasure tookBack(int more) {
        return new Erasure(false, begunAtMs, 0, topics, messages + more, after);
    }

    Erasure done(long nowMs) {
        return new Erasure(true, begunAtMs, nowMs, topics, messages, "");
    }

    byte[] encode() {
        byte[] name = after.getBytes(StandardCharsets.US_ASCII);
        return ByteBuffer.allocate(FRONT + name.length)
                .put(VERSION)
                .put((byte) (isDone ? 1 : 0))
                .putLong(begunAtMs)
                .putLong(doneAtMs)
                .putLong(topics)
                .putLong(messages)
                .put(name)
                .array();
    }

    /// @throws IllegalArgumentException if this version cannot read it
    static Erasure decode(byte[] value) {
        try {
            ByteBuffer in = ByteBuffer.wrap(value);
            byte version = in.get();
            if (version != VERSION) {
                throw new IllegalArgumentException("an erasure of version " + version);
            }
            boolean isDone = in.get() == 1;
            return new Erasure(
                    isDone,
                    in.getLong(),
                    in.getLong(),
                    in.getLong(),
                    in.getLong(),
                    new String(value, FRONT, value.length - FRONT, StandardCharsets.US_ASCII));
        } catch (BufferUnderflowException e) {
            throw new IllegalArgumentException("an erasure that is cut off", e);
        }
    }
}
