package io.topicstream.rocksdb;

import static org.assertj.core.api.Assertions.assertThat;

import io.topicstream.log.RetentionRules;
import io.topicstream.log.TopicFeed;
import io.topicstream.log.TopicLog;
import io.topicstream.state.StateStore;
import io.topicstream.testkit.LogUnderTest;
import io.topicstream.testkit.ManualClock;
import io.topicstream.testkit.StateUnderTest;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

/// A store in a directory of its own, as the contracts see it; asks at each end whether every handle was closed.
final class StoreUnderTest implements LogUnderTest, StateUnderTest {
    private final ManualClock clock = new ManualClock();
    private final Path directory;
    private RocksOptions options;
    private RocksLog log;

    StoreUnderTest(UnaryOperator<RocksOptions> changes) throws IOException, StoreException {
        directory = Files.createTempDirectory("topicstream-store");
        options = changes.apply(small().withClock(clock));
        log = RocksLog.open(directory, options);
    }

    /// Options with little memory, for tests.
    static RocksOptions small() {
        return RocksOptions.DEFAULTS.withMemory(4 << 20, 4 << 20, 64);
    }

    @Override
    public TopicLog log() {
        return log;
    }

    @Override
    public TopicFeed feed() {
        return log;
    }

    @Override
    public StateStore store() {
        return log.state();
    }

    @Override
    public ManualClock clock() {
        return clock;
    }

    @Override
    public boolean survivesReopen() {
        return true;
    }

    @Override
    public void shutDown() {
        log.close();
        assertThat(log.openHandles()).as("open handles of RocksDB").isZero();
    }

    @Override
    public void reopen() {
        open(false);
    }

    @Override
    public void reopenKeeping(RetentionRules rules) {
        options = options.withRetention(rules);
        open(false);
    }

    @Override
    public void beginEpoch() {
        open(true);
    }

    private void open(boolean newEpoch) {
        shutDown();
        try {
            log = RocksLog.open(directory, options, StoreCalls.DIRECT, newEpoch);
        } catch (StoreException e) {
            throw new AssertionError(e);
        }
    }

    @Override
    public void close() {
        shutDown();
        delete(directory);
    }

    static void delete(Path directory) {
        try (Stream<Path> files = Files.walk(directory)) {
            files.sorted(Comparator.reverseOrder()).forEach(file -> {
                try {
                    Files.delete(file);
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            });
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
