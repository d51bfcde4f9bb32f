package io.topicstream.testkit;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.atomic.AtomicLong;

/// A clock that stands still until a test moves it, forward or back. May be moved and read on any
/// thread.
public final class ManualClock implements InstantSource {
    private final AtomicLong nowMs;

    /// A clock that shows a day in 2026, whatever the day is.
    public ManualClock() {
        this(Instant.parse("2026-03-01T12:00:00Z"));
    }

    public ManualClock(Instant start) {
        nowMs = new AtomicLong(start.toEpochMilli());
    }

    /// Moves the clock by the duration, which may be negative: clocks do jump back.
    public void advance(Duration by) {
        nowMs.addAndGet(by.toMillis());
    }

    /// Moves the clock to the instant.
    public void set(Instant now) {
        nowMs.set(now.toEpochMilli());
    }

    @Override
    public Instant instant() {
        return Instant.ofEpochMilli(nowMs.get());
    }

    @Override
    public long millis() {
        return nowMs.get();
    }
}
