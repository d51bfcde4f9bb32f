package io.topicstream.topic;

import java.util.concurrent.atomic.AtomicLong;

/// The cap over all sockets of a process on the bytes that have been asked for or made for them and have
/// not left yet: pages of the log, replies, and frames that wait because of those. Thread-safe; shared by all
/// lanes.
///
/// Past the cap pages are small and only for sockets that have sent everything: a thousand stalled
/// clients that hold the whole budget then slow down the others' catching up, but cannot stop it.
public final class OutboundBudget {
    /// The page that a lane reads while there is room, in bytes.
    static final int PAGE_BYTES = 64 * 1024;
    /// The page that is read past the cap. So much may wait for a socket without being counted.
    public static final int SMALL_PAGE_BYTES = 4 * 1024;

    private final long capBytes;
    private final AtomicLong usedBytes = new AtomicLong();

    /// @param capBytes for all sockets together, at least one page
    public OutboundBudget(long capBytes) {
        if (capBytes < PAGE_BYTES) {
            throw new IllegalArgumentException("the cap is at least " + PAGE_BYTES + " bytes");
        }
        this.capBytes = capBytes;
    }

    /// How many bytes are asked for or under way.
    public long usedBytes() {
        return usedBytes.get();
    }

    /// Whether nothing more is to be made for a socket that has not sent what it has.
    public boolean isFull() {
        return usedBytes.get() >= capBytes;
    }

    /// Takes room for a page.
    ///
    /// @param bytes wanted
    /// @param drained whether the socket has sent everything, and no other page is on its way to it
    /// @return the size of the page to read, or 0: not now
    public int acquire(int bytes, boolean drained) {
        if (usedBytes.addAndGet(bytes) <= capBytes) {
            return bytes;
        }
        usedBytes.addAndGet(-bytes);
        if (!drained) {
            return 0;
        }
        int small = Math.min(bytes, SMALL_PAGE_BYTES);
        usedBytes.addAndGet(small);
        return small;
    }

    /// Takes room for what a client has said and what cannot be done yet.
    ///
    /// @return false, and nothing is taken, if that would be more than twice the cap
    public boolean hold(int bytes) {
        if (usedBytes.addAndGet(bytes) <= 2 * capBytes) {
            return true;
        }
        usedBytes.addAndGet(-bytes);
        return false;
    }

    /// Takes room for what is there already, past the cap if need be.
    public void take(int bytes) {
        usedBytes.addAndGet(bytes);
    }

    /// Gives room back.
    public void release(int bytes) {
        long left = usedBytes.addAndGet(-bytes);
        if (left < 0) {
            throw new IllegalStateException("more was given back than taken");
        }
    }
}
