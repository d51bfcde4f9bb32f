package io.topicstream.aws.http;

import java.time.Duration;

/// What commands have begun beside their answers, such as telling who listens. A function stands still as soon as it
/// has answered, so a run waits for it first.
@FunctionalInterface
public interface Begun {
    /// Where nothing is begun.
    Begun NOTHING = most -> {};

    /// Waits until what was begun so far has been done. Called by many threads at once.
    ///
    /// @param most how long at most; what is not done then is left as it is
    void await(Duration most) throws InterruptedException;
}
