package io.topicstream.aws.dynamo;

import io.topicstream.state.StateStore;

/// The engine as a composition takes it: the log and the states of one table, which end together.
///
/// Thread-safe. Many may be open on one table, in many processes.
public final class DynamoEngine implements AutoCloseable {
    private final DynamoTable table;
    private final DynamoOptions options;
    private final DynamoLog log;
    private final Calls calls = new Calls();
    private final DynamoStateStore state;
    private final DynamoStateStore stateOfNodes;

    private DynamoEngine(DynamoTable table, DynamoOptions options, DynamoLog log) {
        this.table = table;
        this.options = options;
        this.log = log;
        this.state = DynamoStateStore.durable(table, options.clock(), calls);
        this.stateOfNodes = DynamoStateStore.ofNodes(table, options.clock(), calls);
    }

    /// Opens it; blocks. See [DynamoLog#open].
    public static DynamoEngine open(DynamoTable table, DynamoOptions options) {
        return new DynamoEngine(table, options, DynamoLog.open(table, options));
    }

    /// Begins a new epoch and opens it, as after a restore; blocks. See [DynamoLog#openInNewEpoch].
    public static DynamoEngine openInNewEpoch(DynamoTable table, DynamoOptions options) {
        return new DynamoEngine(table, options, DynamoLog.openInNewEpoch(table, options));
    }

    public DynamoLog log() {
        return log;
    }

    /// What is kept.
    public StateStore state() {
        return state;
    }

    /// What dies with a node. It has rows of its own, and is as durable: what is put there has an end.
    public StateStore stateOfNodes() {
        return stateOfNodes;
    }

    /// What archives the log, where the options name a bucket for it. It may be used after [#close].
    public Archiver archiver(ArchiveOptions archiving) {
        return new Archiver(table, options, archiving);
    }

    /// Takes no more, and waits for nothing; see [DynamoLog]. The client of the table stays open.
    @Override
    public void close() {
        log.close();
        state.close();
        stateOfNodes.close();
        calls.close();
    }
}
