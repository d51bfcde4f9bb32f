package io.topicstream.aws.audience;

import java.time.Duration;

/// Calls that nobody waits for: a [Task] is done by another call of a function, now or after a while, at least once.
/// Thread-safe.
public interface Later {
    /// Has it done.
    ///
    /// @param after how long to wait before; at most [#LONGEST]
    void call(Task task, Duration after);

    /// The longest that a task can be put off.
    Duration LONGEST = Duration.ofSeconds(20);
}
