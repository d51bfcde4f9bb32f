package io.topicstream.aws.dynamo;

import io.topicstream.testkit.LogUnderTest;
import io.topicstream.testkit.TopicLogContract;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Nested;

/// The contract of the test kit, on the log in a table.
class DynamoLogContractTest {
    @Nested
    class InRows extends TopicLogContract {
        @Override
        protected LogUnderTest open() {
            return new DynamoLogUnderTest(UnaryOperator.identity());
        }
    }
}
