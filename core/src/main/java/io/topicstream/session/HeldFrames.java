package io.topicstream.session;

import io.topicstream.protocol.ClientFrame;
import java.util.ArrayDeque;
import java.util.Iterator;

/// The frames of one session that have to wait, oldest first. What they take is counted among that of all
/// connections. Owned by the session's thread.
final class HeldFrames implements Iterable<ClientFrame> {
    /// From so many on nothing more is read from the client.
    static final int MOST_FRAMES = 64;
    /// From so many bytes on nothing more is read from the client.
    static final int MOST_BYTES = 128 * 1024;
    /// What a frame counts for beside its payload, in bytes.
    private static final int FRAME_BYTES = 256;
    /// So many bytes may wait without being counted among those of all connections.
    private static final int UNCOUNTED_BYTES = 16 * 1024;

    private final Outbound outbound;
    private final ArrayDeque<ClientFrame> frames = new ArrayDeque<>();
    private int bytes;

    HeldFrames(Outbound outbound) {
        this.outbound = outbound;
    }

    boolean isEmpty() {
        return frames.isEmpty();
    }

    /// Whether nothing more is to be read until some have run.
    boolean isFull() {
        return frames.size() >= MOST_FRAMES || bytes >= MOST_BYTES;
    }

    /// Adds a frame at the end.
    ///
    /// @return false if so much waits on all connections that there is no room for it
    boolean add(ClientFrame frame) {
        int counted = counted();
        int weight = weight(frame);
        bytes += weight;
        if (counted() > counted && !outbound.hold(counted() - counted)) {
            bytes -= weight;
            return false;
        }
        frames.addLast(frame);
        return true;
    }

    /// Takes the oldest out to be run. It is counted until [#ran], or is put back.
    ClientFrame take() {
        return frames.removeFirst();
    }

    /// Puts the frame of the last [#take] back.
    void putBack(ClientFrame frame) {
        frames.addFirst(frame);
    }

    /// The frame of the last [#take] has run.
    void ran(ClientFrame frame) {
        countLess(weight(frame));
    }

    /// They are counted no more. Those that are there can still be gone through.
    void release() {
        countLess(bytes);
    }

    @Override
    public Iterator<ClientFrame> iterator() {
        return frames.iterator();
    }

    /// How much of them is counted among that of all connections.
    private int counted() {
        return Math.max(0, bytes - UNCOUNTED_BYTES);
    }

    private void countLess(int fewer) {
        int counted = counted();
        bytes -= fewer;
        if (counted() < counted) {
            outbound.release(counted - counted());
        }
    }

    private static int weight(ClientFrame frame) {
        return FRAME_BYTES + frame.payloadBytes();
    }
}
