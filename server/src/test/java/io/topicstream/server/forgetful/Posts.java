package io.topicstream.server.forgetful;

import io.topicstream.log.Backoff;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/// Posts to connections, again with growing waits while the gateway is busy. Blocks; thread-safe.
final class Posts {
    private static final int MOST_ATTEMPTS = 12;

    private final Gateway gateway;
    private final Random random = new Random();
    private final AtomicInteger repeated = new AtomicInteger();

    Posts(Gateway gateway) {
        this.gateway = gateway;
    }

    /// Posts; [Gateway.Answer#BUSY] where it was so to the last.
    Gateway.Answer post(String connectionId, byte[] text) {
        for (int attempt = 1; ; attempt++) {
            Gateway.Answer answer = gateway.post(connectionId, text);
            if (answer != Gateway.Answer.BUSY || attempt == MOST_ATTEMPTS) {
                return answer;
            }
            repeated.incrementAndGet();
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(Backoff.delayMs(attempt, random)));
        }
    }

    /// How often something was posted again.
    int repeated() {
        return repeated.get();
    }
}
