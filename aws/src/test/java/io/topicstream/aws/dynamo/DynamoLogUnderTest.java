package io.topicstream.aws.dynamo;

import io.topicstream.log.RetentionRules;
import io.topicstream.log.TopicFeed;
import io.topicstream.log.TopicLog;
import io.topicstream.testkit.LogUnderTest;
import io.topicstream.testkit.ManualClock;
import java.util.function.UnaryOperator;

/// A log in a table of its own, as the contracts see it.
final class DynamoLogUnderTest implements LogUnderTest {
    private final ManualClock clock = new ManualClock();
    private final DynamoTable table;
    private DynamoOptions options;
    private DynamoLog log;

    DynamoLogUnderTest(UnaryOperator<DynamoOptions> changes) {
        this(Dynoxide.get().table(), changes);
    }

    DynamoLogUnderTest(DynamoTable table, UnaryOperator<DynamoOptions> changes) {
        this.table = table;
        options = changes.apply(DynamoOptions.DEFAULTS.withClock(clock));
        log = DynamoLog.open(table, options);
    }

    @Override
    public TopicLog log() {
        return log;
    }

    @Override
    public TopicFeed feed() {
        throw new UnsupportedOperationException("there are no live nodes");
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
        log.close();
    }

    @Override
    public void reopen() {
        log.close();
        log = DynamoLog.open(table, options);
    }

    @Override
    public void reopenKeeping(RetentionRules rules) {
        options = options.withRetention(rules);
        reopen();
    }

    @Override
    public void beginEpoch() {
        log.close();
        log = DynamoLog.openInNewEpoch(table, options);
    }

    @Override
    public void close() {
        log.close();
        table.client().deleteTable(delete -> delete.tableName(table.name()));
    }
}
