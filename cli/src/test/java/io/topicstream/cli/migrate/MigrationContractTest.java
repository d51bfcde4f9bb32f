package io.topicstream.cli.migrate;

import io.topicstream.aws.dynamo.DynamoOptions;
import io.topicstream.aws.s3.LocalS3;
import io.topicstream.aws.s3.Objects;
import io.topicstream.testkit.ManualClock;
import io.topicstream.testkit.MigrationContract;
import io.topicstream.testkit.MovableStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.io.TempDir;

/// The contract of the test kit, out of each durable engine and into each.
class MigrationContractTest {
    @TempDir
    static Path directory;

    private static MovableStore directory(ManualClock clock) throws IOException {
        return new MovableDirectory(Files.createTempDirectory(directory, "store"), clock);
    }

    private static MovableStore table(ManualClock clock) {
        return new MovableTable(DynamoOptions.DEFAULTS.withClock(clock));
    }

    private static MovableStore tableWithBucket(ManualClock clock) {
        Objects bucket = LocalS3.get().objects();
        return new MovableTable(
                DynamoOptions.DEFAULTS.withClock(clock).withLarge(bucket).withArchive(bucket));
    }

    @Nested
    class FromDirectoryToDirectory extends MigrationContract {
        @Override
        protected MovableStore from(ManualClock clock) throws IOException {
            return directory(clock);
        }

        @Override
        protected MovableStore to(ManualClock clock) throws IOException {
            return directory(clock);
        }
    }

    @Nested
    class FromDirectoryToTable extends MigrationContract {
        @Override
        protected MovableStore from(ManualClock clock) throws IOException {
            return directory(clock);
        }

        @Override
        protected MovableStore to(ManualClock clock) {
            return table(clock);
        }
    }

    @Nested
    class FromDirectoryToTableAndBucket extends MigrationContract {
        @Override
        protected MovableStore from(ManualClock clock) throws IOException {
            return directory(clock);
        }

        @Override
        protected MovableStore to(ManualClock clock) {
            return tableWithBucket(clock);
        }
    }

    @Nested
    class FromTableToDirectory extends MigrationContract {
        @Override
        protected MovableStore from(ManualClock clock) {
            return table(clock);
        }

        @Override
        protected MovableStore to(ManualClock clock) throws IOException {
            return directory(clock);
        }
    }

    @Nested
    class FromTableAndBucketToDirectory extends MigrationContract {
        @Override
        protected MovableStore from(ManualClock clock) {
            return tableWithBucket(clock);
        }

        @Override
        protected MovableStore to(ManualClock clock) throws IOException {
            return directory(clock);
        }
    }
}
