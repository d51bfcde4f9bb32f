package io.topicstream.bench;

import java.io.IOException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/// One connection of a run: its socket, what it is for, what it still has to send, what it could
/// not parse yet, and the times of what it waits to see acknowledged. Owned by the run's thread.
final class Connection implements LoadSocket.Listener {
    /// How far a connection is.
    enum State {
        NEW,
        CONNECTING,
        HANDSHAKE,
        SUBSCRIBING,
        READY,
        DEAD
    }

    final int index;
    final boolean subscriber;
    final boolean publisher;
    /// The topic published to, and the first one subscribed to.
    final int group;
    final Wire wire;

    State state = State.NEW;
    boolean stalled;
    boolean wasStalled;
    boolean dirty;
    long openedNs;
    /// Messages or pages sent.
    long sent;
    /// Messages below this number are no longer waited for.
    long waivedBefore;
    /// Subscriptions confirmed.
    int confirmed;
    /// How many are in the topic, as presence said last.
    long members;

    private final LoadRun run;
    private final Dialer dialer;
    private final Buffers buffers;
    private @Nullable LoadSocket socket;
    private boolean wantsWritable;
    private final Leftover leftover = new Leftover();
    private @Nullable ByteBuffer out;
    private int outFrom;
    private int outTo;
    private long[] awaited = {};
    private int awaitedHead;
    private int awaitedCount;

    Connection(
            LoadRun run,
            Dialer dialer,
            Buffers buffers,
            int index,
            boolean subscriber,
            boolean publisher,
            int group,
            Wire wire) {
        this.run = run;
        this.dialer = dialer;
        this.buffers = buffers;
        this.index = index;
        this.subscriber = subscriber;
        this.publisher = publisher;
        this.group = group;
        this.wire = wire;
    }

    void attach(LoadSocket opened) {
        socket = opened;
    }

    LoadSocket socket() {
        LoadSocket opened = socket;
        if (opened == null) {
            throw new IllegalStateException("connection " + index + " has no socket");
        }
        return opened;
    }

    boolean hasSocket() {
        return socket != null;
    }

    @Override
    public void onReadable() {
        if (state == State.DEAD) {
            return;
        }
        if (state == State.CONNECTING) {
            dialer.onConnecting(this);
        } else if (stalled) {
            // Nobody asked, so it can only be the end.
            dialer.drop(this, "closed by the server while it was not read");
        } else {
            run.onReadable(this);
        }
    }

    @Override
    public void onWritable() {
        if (state == State.CONNECTING) {
            dialer.onConnecting(this);
        } else if (state != State.DEAD) {
            flush();
        }
    }

    /// Stops or resumes reading.
    void stall(boolean stop) {
        stalled = stop;
        wasStalled |= stop;
        socket().want(!stop, wantsWritable);
    }

    // ---- receiving

    /// Puts what was left over at the start of the buffer.
    ///
    /// @return how many bytes that is
    int restore(ByteBuffer into) {
        return leftover.restore(into);
    }

    /// Keeps `[from, to)` until more comes.
    void keep(ByteBuffer in, int from, int to) {
        leftover.keep(in, from, to);
    }

    // ---- sending

    int unsentBytes() {
        return outTo - outFrom;
    }

    /// Makes room for `bytes` more and gives the buffer; the caller writes at [#end()] by absolute
    /// positions and then calls [#advance(int)].
    ByteBuffer reserve(int bytes) {
        ByteBuffer current = out;
        if (current == null) {
            current = buffers.take(bytes);
            outFrom = 0;
            outTo = 0;
        } else if (outTo + bytes > current.capacity()) {
            current = moveToStart(current, bytes);
        }
        out = current;
        return current;
    }

    /// Makes room by moving what is unsent to the start, of a larger buffer if it must be.
    private ByteBuffer moveToStart(ByteBuffer full, int bytes) {
        int pending = outTo - outFrom;
        ByteBuffer source = full.duplicate().limit(outTo).position(outFrom);
        outFrom = 0;
        outTo = pending;
        if (pending + bytes <= full.capacity()) {
            full.clear().put(source).clear();
            return full;
        }
        ByteBuffer larger = buffers.take(2 * (pending + bytes));
        larger.clear().put(source).clear();
        buffers.give(full);
        return larger;
    }

    int end() {
        return outTo;
    }

    void advance(int bytes) {
        outTo += bytes;
    }

    /// Appends bytes as they are.
    void write(byte[] bytes, int count) {
        reserve(count).put(outTo, bytes, 0, count);
        advance(count);
    }

    /// Sends what can be sent now; the rest goes when the socket is writable.
    void flush() {
        ByteBuffer pending = out;
        if (pending == null) {
            return;
        }
        try {
            while (outFrom < outTo) {
                int written = socket().send(pending, outFrom, outTo);
                if (written <= 0) {
                    if (!wantsWritable) {
                        wantsWritable = true;
                        socket().want(!stalled, true);
                    }
                    return;
                }
                outFrom += written;
            }
        } catch (IOException e) {
            dialer.drop(this, "write failed: " + e.getMessage());
            return;
        }
        buffers.give(pending);
        out = null;
        outFrom = 0;
        outTo = 0;
        if (wantsWritable) {
            wantsWritable = false;
            socket().want(!stalled, false);
        }
    }

    boolean isBlocked() {
        return wantsWritable;
    }

    // ---- acknowledgements, which come in the order of sending

    int awaited() {
        return awaitedCount;
    }

    void await(long intendedNs) {
        if (awaitedCount == awaited.length) {
            long[] larger = new long[Math.max(64, awaited.length * 2)];
            for (int i = 0; i < awaitedCount; i++) {
                larger[i] = awaited[(awaitedHead + i) & (awaited.length - 1)];
            }
            awaited = larger;
            awaitedHead = 0;
        }
        awaited[(awaitedHead + awaitedCount++) & (awaited.length - 1)] = intendedNs;
    }

    /// Takes the oldest time awaited, or -1 if nothing is.
    long acknowledged() {
        if (awaitedCount == 0) {
            return -1;
        }
        long intendedNs = awaited[awaitedHead];
        awaitedHead = (awaitedHead + 1) & (awaited.length - 1);
        awaitedCount--;
        return intendedNs;
    }
}
