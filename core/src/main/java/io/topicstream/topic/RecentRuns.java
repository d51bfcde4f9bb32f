package io.topicstream.topic;

import io.topicstream.protocol.WireFormat;
import java.util.ArrayDeque;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// The last runs that a lane delivered, still encoded, up to a number of bytes in all: a hiccup of
/// ten thousand sockets is then not ten thousand reads of the log. Owned by the lane's thread.
///
/// The oldest run of the lane goes first; since a topic's runs are in the order in which they came,
/// that is the oldest one of its topic as well.
final class RecentRuns {
    /// One delivered run.
    static final class Run {
        final LaneTopic topic;
        final long first;
        final long next;
        final int messages;
        private final @Nullable Encoded[] byFormat;
        private final long bytes;

        Run(LaneTopic topic, long first, long next, int messages, @Nullable Encoded[] byFormat) {
            this.topic = topic;
            this.first = first;
            this.next = next;
            this.messages = messages;
            this.byFormat = byFormat;
            long sum = 64;
            for (Encoded encoded : byFormat) {
                sum += encoded == null ? 0 : encoded.bytes();
            }
            this.bytes = sum;
        }

        @Nullable
        Encoded in(WireFormat format) {
            return byFormat[format.index()];
        }

        private void release() {
            for (Encoded encoded : byFormat) {
                if (encoded != null) {
                    encoded.release();
                }
            }
        }
    }

    /// The recent runs of one topic, by position.
    static final class OfTopic {
        private @Nullable Run[] ring = new @Nullable Run[1];
        private int head;
        private int count;

        /// The run that begins at the offset, or null.
        @Nullable
        Run startingAt(long offset) {
            int low = 0;
            int high = count - 1;
            while (low <= high) {
                int middle = (low + high) >>> 1;
                Run run = at(middle);
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

        private Run at(int index) {
            return Objects.requireNonNull(ring[(head + index) & (ring.length - 1)], "the ring has no gaps");
        }

        private void addLast(Run run) {
            if (count == ring.length) {
                @Nullable Run[] larger = new @Nullable Run[count * 2];
                for (int i = 0; i < count; i++) {
                    larger[i] = at(i);
                }
                ring = larger;
                head = 0;
            }
            ring[(head + count) & (ring.length - 1)] = run;
            count++;
        }

        /// A topic that was left and followed anew has forgotten its older runs.
        private void removeFirst(Run run) {
            if (count > 0 && at(0) == run) {
                ring[head] = null;
                head = (head + 1) & (ring.length - 1);
                count--;
            }
        }
    }

    private final long capBytes;
    private final ArrayDeque<Run> runs = new ArrayDeque<>();
    private long bytes;

    RecentRuns(long capBytes) {
        this.capBytes = capBytes;
    }

    /// Keeps the run, and lets go of the oldest ones that no longer fit.
    void add(Run run) {
        runs.add(run);
        run.topic.recent.addLast(run);
        bytes += run.bytes;
        while (bytes > capBytes) {
            drop(runs.removeFirst());
        }
    }

    /// Lets go of everything.
    void clear() {
        while (!runs.isEmpty()) {
            drop(runs.removeFirst());
        }
    }

    private void drop(Run run) {
        bytes -= run.bytes;
        run.topic.recent.removeFirst(run);
        run.release();
    }
}
