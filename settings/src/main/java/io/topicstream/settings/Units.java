package io.topicstream.settings;

import java.time.Duration;

/// Units and bounds of the rows.
public final class Units {
    public static final long KIB = 1 << 10;
    public static final long MIB = 1 << 20;
    public static final long GIB = 1 << 30;
    public static final Duration MS = Duration.ofMillis(1);
    public static final Duration WEEK = Duration.ofDays(7);
    /// More than anybody has of anything that is counted.
    public static final int MANY = 100_000_000;

    private Units() {}
}
