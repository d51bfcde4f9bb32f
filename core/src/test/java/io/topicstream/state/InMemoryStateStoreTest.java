package io.topicstream.state;

import io.topicstream.testkit.ManualClock;
import io.topicstream.testkit.StateStoreContract;
import io.topicstream.testkit.StateUnderTest;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/// The memory engine keeps the promises of [StateStore].
final class InMemoryStateStoreTest extends StateStoreContract {
    @Override
    protected StateUnderTest open() {
        return new MemoryStateUnderTest();
    }

    private static final class MemoryStateUnderTest implements StateUnderTest {
        private final ManualClock clock = new ManualClock();
        private final ExecutorService executor = Executors.newSingleThreadExecutor(
                Thread.ofPlatform().name("memory-state").factory());
        private InMemoryStateStore store = new InMemoryStateStore(clock, executor);

        @Override
        public StateStore store() {
            return store;
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
            store.close();
        }

        @Override
        public void reopen() {
            store.close();
            store = new InMemoryStateStore(clock, executor);
        }

        @Override
        public void close() {
            store.close();
            executor.close();
        }
    }
}
