package io.topicstream.aws.dynamo;

import io.topicstream.aws.s3.LocalS3;
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

    /// As it is to be used: what is large stands in a bucket.
    @Nested
    class WithABucket extends TopicLogContract {
        @Override
        protected LogUnderTest open() {
            return new DynamoLogUnderTest(
                    options -> options.withLarge(LocalS3.get().objects()));
        }
    }

    /// Every batch stands in a bucket.
    @Nested
    class InABucketAlone extends TopicLogContract {
        @Override
        protected LogUnderTest open() {
            return new DynamoLogUnderTest(
                    options -> options.withLarge(LocalS3.get().objects()).withInlineBytes(1));
        }
    }

    /// All but the newest batch of each topic stands in segments, and rows are gone.
    @Nested
    class Archived extends TopicLogContract {
        @Override
        protected LogUnderTest open() {
            return new ArchivedLogUnderTest(1_000);
        }
    }

    /// The same, with many segments.
    @Nested
    class ArchivedInSmallSegments extends TopicLogContract {
        @Override
        protected LogUnderTest open() {
            return new ArchivedLogUnderTest(3);
        }
    }
}
