package io.topicstream.cli.migrate;

import io.topicstream.aws.account.Services;
import io.topicstream.aws.dynamo.DynamoExport;
import io.topicstream.aws.dynamo.DynamoImport;
import io.topicstream.aws.dynamo.DynamoOptions;
import io.topicstream.aws.dynamo.DynamoTable;
import io.topicstream.aws.s3.Objects;
import io.topicstream.migration.Migration;
import io.topicstream.migration.MigrationException;
import io.topicstream.migration.MigrationProgress;
import io.topicstream.migration.MigrationReport;
import io.topicstream.migration.StoreExport;
import io.topicstream.migration.StoreImport;
import io.topicstream.rocksdb.RocksExport;
import io.topicstream.rocksdb.RocksImport;
import io.topicstream.rocksdb.RocksOptions;
import java.io.IOException;
import java.net.URI;
import java.time.InstantSource;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Everything that a store keeps, from one place to another.
///
/// @param bucket beside the table; null without one
/// @param dynamo where DynamoDB is; null: in the account
/// @param s3 where S3 is; null: in the account
public record Move(
        Place from,
        Place to,
        @Nullable String bucket,
        @Nullable URI dynamo,
        @Nullable URI s3) {

    /// Does it; blocks.
    ///
    /// @param remarks is told what the owner should know before
    /// @throws MigrationException with one plain sentence, where it cannot be done
    public MigrationReport run(Consumer<String> remarks, MigrationProgress progress) {
        try (Services services = new Services(dynamo, s3);
                StoreExport export = export(services);
                StoreImport fill = fill(services)) {
            export.remarks().forEach(remarks);
            return Migration.run(export, fill, InstantSource.system(), progress);
        } catch (IOException e) {
            throw new MigrationException(String.valueOf(e.getMessage()), e);
        }
    }

    private StoreExport export(Services services) throws IOException {
        return switch (from) {
            case Place.Directory directory -> RocksExport.open(directory.path());
            case Place.Table table -> {
                DynamoTable found = services.table(table.name(), false);
                yield DynamoExport.open(found, options(services, false));
            }
        };
    }

    private StoreImport fill(Services services) throws IOException {
        return switch (to) {
            case Place.Directory directory -> new RocksImport(directory.path(), RocksOptions.DEFAULTS);
            case Place.Table table -> {
                DynamoTable found = services.table(table.name(), true);
                yield new DynamoImport(found, options(services, true));
            }
        };
    }

    private DynamoOptions options(Services services, boolean mayBeMade) throws IOException {
        if (bucket == null) {
            return DynamoOptions.DEFAULTS;
        }
        Objects objects = services.bucket(bucket, mayBeMade);
        return DynamoOptions.DEFAULTS.withLarge(objects).withArchive(objects);
    }
}
