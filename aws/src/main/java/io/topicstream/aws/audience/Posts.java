package io.topicstream.aws.audience;

import io.topicstream.aws.audience.Callbacks.Answer;
import io.topicstream.log.Backoff;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/// Posts to connections, again with growing waits while the gateway is busy. Blocks; thread-safe.
public final class Posts {
    private static final int MOST_ATTEMPTS = 12;
    /// Where others wait for the same turn.
    private static final int FEW_ATTEMPTS = 3;

    private final Callbacks callbacks;

    public Posts(Callbacks callbacks) {
        this.callbacks = callbacks;
    }

    /// Posts; [Answer#BUSY] where it was so to the last.
    public Answer post(String connectionId, byte[] text) {
        return post(connectionId, text, MOST_ATTEMPTS);
    }

    /// Posts, and gives up soon.
    Answer postSoon(String connectionId, byte[] text) {
        return post(connectionId, text, FEW_ATTEMPTS);
    }

    private Answer post(String connectionId, byte[] text, int attempts) {
        for (int attempt = 1; ; attempt++) {
            Answer answer = callbacks.post(connectionId, text);
            if (answer != Answer.BUSY || attempt == attempts) {
                return answer;
            }
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(Backoff.delayMs(attempt, ThreadLocalRandom.current())));
        }
    }
}
