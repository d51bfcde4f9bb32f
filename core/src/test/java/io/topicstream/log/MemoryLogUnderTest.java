package io.topicstream.log;

import io.topicstream.testkit.LogUnderTest;
import io.topicstream.testkit.ManualClock;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;

/// The memory engine for the contracts, on a thread of its own. A reopened one is a new one, with
/// nothing in it and a higher epoch.
final class MemoryLogUnderTest implements LogUnderTest {
    private final ManualClock clock = new ManualClock();
    private final ExecutorService executor = Executors.newSingleThreadExecutor(
            Thread.ofPlatform().name("memory-log").factory());
    private long epoch = 100;
    private @Nullable RetentionRules rules;
    private InMemoryLog log = new InMemoryLog(clock, executor, epoch);

    @Override
    public TopicLog log() {
        return log;
    }

    @Override
    public TopicFeed feed() {
        return log;
    }

    @Override
    public ManualClock clock() {
        return clock;
    }

    @Override
    public boolean survivesReopen() {
        return false;
    }

    @Override
    public void shutDown() {
        log.close();
    }

    @Override
    public void reopen() {
        log.close();
        log = new InMemoryLog(clock, executor, InMemoryLog.Settings.startingIn(++epoch), rules);
    }

    @Override
    public void reopenKeeping(RetentionRules other) {
        rules = other;
        reopen();
    }

    @Override
    public void beginEpoch() {
        log.beginEpoch(++epoch, Map.of()).toCompletableFuture().join();
    }

    @Override
    public void close() {
        log.close();
        executor.close();
    }
}
