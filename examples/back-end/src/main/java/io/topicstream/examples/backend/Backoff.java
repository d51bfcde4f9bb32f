package io.topicstream.examples.backend;

import java.time.Duration;

/// How often something is tried, and how long is waited in between: twice as long each time.
///
/// @param most how many tries there are at most
/// @param first the wait after the first one
public record Backoff(int most, Duration first) {
    /// Waits.
    ///
    /// @param tries how many there were, at least one
    public void sleepAfter(int tries) throws InterruptedException {
        Thread.sleep(first.multipliedBy(1L << (tries - 1)));
    }
}
