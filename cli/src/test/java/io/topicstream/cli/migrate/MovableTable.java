package io.topicstream.cli.migrate;

import io.topicstream.aws.dynamo.DynamoEngine;
import io.topicstream.aws.dynamo.DynamoExport;
import io.topicstream.aws.dynamo.DynamoImport;
import io.topicstream.aws.dynamo.DynamoOptions;
import io.topicstream.aws.dynamo.DynamoTable;
import io.topicstream.aws.dynamo.Dynoxide;
import io.topicstream.log.TopicLog;
import io.topicstream.migration.StoreExport;
import io.topicstream.migration.StoreImport;
import io.topicstream.state.StateStore;
import io.topicstream.testkit.MovableStore;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// A table of its own.
final class MovableTable implements MovableStore {
    private final DynamoTable table = Dynoxide.get().table();
    private final DynamoOptions options;
    private @Nullable DynamoEngine engine;

    MovableTable(DynamoOptions options) {
        this.options = options;
    }

    @Override
    public void open() {
        engine = DynamoEngine.open(table, options);
    }

    @Override
    public void openInNewEpoch() {
        engine = DynamoEngine.openInNewEpoch(table, options);
    }

    @Override
    public TopicLog log() {
        return Objects.requireNonNull(engine).log();
    }

    @Override
    public StateStore state() {
        return Objects.requireNonNull(engine).state();
    }

    @Override
    public void shutDown() {
        if (engine != null) {
            engine.close();
            engine = null;
        }
    }

    @Override
    public StoreExport export() {
        return DynamoExport.open(table, options);
    }

    @Override
    public StoreImport fill() {
        return new DynamoImport(table, options);
    }

    @Override
    public void close() {
        shutDown();
        table.client().deleteTable(delete -> delete.tableName(table.name()));
    }
}
