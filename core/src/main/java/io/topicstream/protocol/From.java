package io.topicstream.protocol;

/// Where a subscription begins.
public sealed interface From {
    /// With what is published after this.
    From NEW = new New();

    /// With what is published after this.
    record New() implements From {}

    /// With the first message that is kept.
    record Earliest() implements From {}

    /// At an offset, inclusive; 0 or below what is kept means the first kept.
    record Offset(long offset) implements From {
        public Offset {
            if (offset < 0) {
                throw new IllegalArgumentException("an offset is not negative");
            }
        }
    }

    /// With the last `count` messages.
    record Last(long count) implements From {
        public Last {
            if (count < 0) {
                throw new IllegalArgumentException("a count is not negative");
            }
        }
    }

    /// With the first message at or after a time, in epoch milliseconds.
    record Time(long timestamp) implements From {
        public Time {
            if (timestamp < 0) {
                throw new IllegalArgumentException("a time is not negative");
            }
        }
    }

    /// After the last offset that the client saw, in the epoch in which it saw it.
    record Resume(long epoch, long offset) implements From {
        public Resume {
            if (epoch < 0 || offset < 0) {
                throw new IllegalArgumentException("an epoch and an offset are not negative");
            }
        }
    }
}
