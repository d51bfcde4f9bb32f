package io.topicstream.topic;

import java.util.ArrayDeque;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// The last runs that a lane delivered, still encoded, up to a number of bytes in all: a hiccup of
/// ten thousand sockets is then not ten thousand reads of the log. Owned by the lane's thread.
///
/// The oldest run of the lane goes first; since a topic's runs are in the order in which they came,
/// that is the oldest one of its topic as well. None is kept for longer than a minute: what was taken back is
/// dropped when that is heard, and it may not be heard.
final class RecentRuns {
    /// What one counts for beside its bytes.
    private static final int OVERHEAD_BYTES = 64;

    /// The recent runs of one topic in one encoding, by position.
    static final class OfTopic {
        private @Nullable Encoded[] ring = new @Nullable Encoded[1];
        private int head;
        private int count;

        /// The run that begins at the offset, or null.
        @Nullable
        Encoded startingAt(long offset) {
            int low = 0;
            int high = count - 1;
            while (low <= high) {
                int middle = (low + high) >>> 1;
                Encoded run = at(middle);
                if (run.first == offset) {
                    return run;
                }
                if (run.first < offset) {
                    low = middle + 1;
                } else {
                    high = middle - 1;
                }
            }
            return null;
        }

        private Encoded at(int index) {
            return Objects.requireNonNull(ring[(head + index) & (ring.length - 1)], "the ring has no gaps");
        }

        private void addLast(Encoded run) {
            if (count == ring.length) {
                @Nullable Encoded[] larger = new @Nullable Encoded[count * 2];
                for (int i = 0; i < count; i++) {
                    larger[i] = at(i);
                }
                ring = larger;
                head = 0;
            }
            ring[(head + count) & (ring.length - 1)] = run;
            count++;
        }

        private void removeFirst() {
            ring[head] = null;
            head = (head + 1) & (ring.length - 1);
            count--;
        }
    }

    private final long capBytes;
    /// How many were added since they were last aged.
    private int young;
    private final ArrayDeque<Encoded> runs = new ArrayDeque<>();
    private long bytes;

    RecentRuns(long capBytes) {
        this.capBytes = capBytes;
    }

    /// Keeps a run that was delivered, and lets go of the oldest ones that no longer fit.
    ///
    /// @param of the runs of its topic and encoding
    /// @param first the offset of its first message
    /// @param messages how many it has, with consecutive offsets
    void add(Encoded run, OfTopic of, long first, int messages) {
        run.recent = of;
        run.first = first;
        run.messageCount = messages;
        runs.add(run);
        young++;
        of.addLast(run);
        bytes += OVERHEAD_BYTES + run.bytes();
        while (bytes > capBytes) {
            drop(runs.removeFirst());
        }
    }

    /// Forgets those that were there already when this was called last.
    void age() {
        while (runs.size() > young) {
            drop(runs.removeFirst());
        }
        young = 0;
    }

    boolean isEmpty() {
        return runs.isEmpty();
    }

    /// Lets go of everything.
    void clear() {
        while (!runs.isEmpty()) {
            drop(runs.removeFirst());
        }
    }

    private void drop(Encoded run) {
        bytes -= OVERHEAD_BYTES + run.bytes();
        Objects.requireNonNull(run.recent, "it was added").removeFirst();
        run.recent = null;
        run.release();
    }
}
