package io.topicstream.topic;

import java.util.concurrent.atomic.AtomicLong;

/// The cap over all sockets of a process on the bytes of log pages that have been asked for and have
/// not left yet. Thread-safe; shared by all lanes.
///
/// Past the cap pages are small and only for sockets that have sent everything: a thousand stalled
/// clients that hold the whole budget then slow down the others' catching up, but cannot stop it.
public final class OutboundBudget {
    /// The page that is read while there is room, in bytes.
    static final int PAGE_BYTES = 64 * 1024;
    /// The page that is read past the cap.
    static final int SMALL_PAGE_BYTES = 4 * 1024;

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

    /// Takes room for a page.
    ///
    /// @return the size of the page to read, or 0: not now
    int acquire(boolean drained) {
        if (usedBytes.addAndGet(PAGE_BYTES) <= capBytes) {
            return PAGE_BYTES;
        }
        usedBytes.addAndGet(-PAGE_BYTES);
        if (!drained) {
            return 0;
        }
        usedBytes.addAndGet(SMALL_PAGE_BYTES);
        return SMALL_PAGE_BYTES;
    }

    void release(int bytes) {
        long left = usedBytes.addAndGet(-bytes);
        if (left < 0) {
            throw new IllegalStateException("more was given back than taken");
        }
    }
}
