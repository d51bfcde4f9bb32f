package io.topicstream.aws.dynamo;

import io.topicstream.aws.dynamo.DynamoFaults.Fault;
import io.topicstream.testkit.Seeds;
import io.topicstream.testkit.StateStoreContract;
import io.topicstream.testkit.StateUnderTest;
import java.util.EnumSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;

/// The contract of the test kit, on both stores, and on one whose service is in trouble.
class DynamoStateStoreTest {
    @Nested
    class Durable extends StateStoreContract {
        @Override
        protected StateUnderTest open() {
            return new StateOnDynamo(DynamoStateStore::durable, Dynoxide.get().table());
        }
    }

    @Nested
    class OfNodes extends StateStoreContract {
        @Override
        protected StateUnderTest open() {
            return new StateOnDynamo(DynamoStateStore::ofNodes, Dynoxide.get().table());
        }
    }

    /// All that leaves no doubt about what was done. What does is in [StateFaultsTest].
    @Nested
    class InTrouble extends StateStoreContract {
        private final DynamoTable table = Dynoxide.get()
                .table(DynamoFaults.random(
                        Seeds.next("state in trouble"),
                        0.1,
                        EnumSet.of(Fault.THROTTLED_TABLE, Fault.THROTTLED_ACCOUNT, Fault.DUPLICATED)));

        @Override
        protected StateUnderTest open() {
            return new StateOnDynamo(DynamoStateStore::durable, table);
        }

        @AfterEach
        void closeTheClient() {
            table.client().close();
        }
    }
}
