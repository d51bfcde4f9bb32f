package io.topicstream.rocksdb;

import io.topicstream.log.Durability;
import io.topicstream.testkit.LocalFeedContract;
import io.topicstream.testkit.LogUnderTest;
import io.topicstream.testkit.StateStoreContract;
import io.topicstream.testkit.StateUnderTest;
import io.topicstream.testkit.TopicLogContract;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Nested;

/// The contracts of the test kit, on a store on disk in each of its modes.
class RocksLogContractTest {
    @Nested
    class OnDisk extends TopicLogContract {
        @Override
        protected LogUnderTest open() throws Exception {
            return new StoreUnderTest(UnaryOperator.identity());
        }
    }

    @Nested
    class InTheOperatingSystem extends TopicLogContract {
        @Override
        protected LogUnderTest open() throws Exception {
            return new StoreUnderTest(options -> options.withDurability(Durability.OS));
        }
    }

    @Nested
    class InMemory extends TopicLogContract {
        @Override
        protected LogUnderTest open() throws Exception {
            return new StoreUnderTest(options -> options.withDurability(Durability.MEMORY));
        }
    }

    /// As little in memory as there can be, so that nearly everything is read from the store again.
    @Nested
    class WithAlmostNothingInMemory extends TopicLogContract {
        @Override
        protected LogUnderTest open() throws Exception {
            return new StoreUnderTest(options -> options.withMemory(1 << 20, 1 << 20, 16)
                    .withQueue(1 << 14, 1 << 16)
                    .withReaderThreads(1));
        }
    }

    @Nested
    class TheFeed extends LocalFeedContract {
        @Override
        protected LogUnderTest open() throws Exception {
            return new StoreUnderTest(UnaryOperator.identity());
        }
    }

    @Nested
    class TheState extends StateStoreContract {
        @Override
        protected StateUnderTest open() throws Exception {
            return new StoreUnderTest(UnaryOperator.identity());
        }
    }
}
