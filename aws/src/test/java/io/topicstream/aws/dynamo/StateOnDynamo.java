package io.topicstream.aws.dynamo;

import static org.assertj.core.api.Assertions.assertThat;

import io.topicstream.state.StateStore;
import io.topicstream.testkit.ManualClock;
import io.topicstream.testkit.StateUnderTest;

/// A state store on a table of its own, as the contract sees it; asks at each end whether nothing is left behind.
final class StateOnDynamo implements StateUnderTest {
    /// How a store is made.
    interface Kind {
        DynamoStateStore store(DynamoTable table, ManualClock clock, Calls calls);
    }

    private final ManualClock clock = new ManualClock();
    private final Kind kind;
    private final DynamoTable table;
    private Calls calls = new Calls();
    private DynamoStateStore store;

    StateOnDynamo(Kind kind, DynamoTable table) {
        this.kind = kind;
        this.table = table;
        this.store = kind.store(table, clock, calls);
    }

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
        return true;
    }

    @Override
    public void shutDown() {
        store.close();
        calls.close();
    }

    @Override
    public void reopen() {
        shutDown();
        calls = new Calls();
        store = kind.store(table, clock, calls);
    }

    @Override
    public void close() {
        shutDown();
        assertThat(store.changing()).as("records that are being changed").isZero();
        assertThat(store.waitingBytes()).as("bytes that wait").isZero();
    }
}
