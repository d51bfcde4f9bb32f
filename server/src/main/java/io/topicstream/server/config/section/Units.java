package io.topicstream.server.config.section;

import java.time.Duration;

/// Units and bounds of the rows.
final class Units {
    static final long KIB = 1 << 10;
    static final long MIB = 1 << 20;
    static final long GIB = 1 << 30;
    static final Duration MS = Duration.ofMillis(1);
    static final Duration WEEK = Duration.ofDays(7);
    /// More than anybody has of anything that is counted.
    static final int MANY = 100_000_000;

    private Units() {}
}
