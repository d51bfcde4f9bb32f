package io.topicstream.testkit;

import io.topicstream.log.RetentionRules;
import io.topicstream.log.TopicFeed;
import io.topicstream.log.TopicLog;

/// An engine as the log contracts see it: its ports, its clock, and the ways to end and begin it.
///
/// Each test gets one of its own, empty, and closes it.
public interface LogUnderTest extends AutoCloseable {
    /// The log; another one after [#reopen] or [#beginEpoch].
    TopicLog log();

    /// The feed of the same engine. Engines without live nodes run only [TopicLogContract] and throw.
    TopicFeed feed();

    /// The clock by which the engine sets timestamps and forgets message ids.
    ManualClock clock();

    /// Whether what was acknowledged is there after [#reopen].
    boolean survivesReopen();

    /// Closes the engine in good order without opening it again; [#log] then refuses. Does not wait for answers:
    /// those that are owed arrive by themselves.
    void shutDown() throws Exception;

    /// Closes the engine in good order (unless it is shut down already) and opens it over the same data.
    void reopen() throws Exception;

    /// The same, with other rules of what is kept. Until then everything is.
    void reopenKeeping(RetentionRules rules) throws Exception;

    /// Leaves everything in place and begins a new epoch, as after a restore; opens the engine again where it must.
    void beginEpoch() throws Exception;

    /// Ends the engine, if it still runs, and deletes what it kept.
    @Override
    void close();
}
