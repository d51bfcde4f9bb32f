package io.topicstream.testkit;

import io.topicstream.log.TopicLog;
import io.topicstream.migration.StoreExport;
import io.topicstream.migration.StoreImport;
import io.topicstream.state.StateStore;

/// A durable engine as [MigrationContract] sees it: a place, in which nothing is at first.
public interface MovableStore extends AutoCloseable {
    /// Opens the engine, as those who serve it do.
    void open() throws Exception;

    /// Opens it in a new epoch.
    void openInNewEpoch() throws Exception;

    /// Its log, while it is open.
    TopicLog log();

    /// Its durable state, while it is open.
    StateStore state();

    /// Closes the engine, if it is open, when all that it has taken is done.
    void shutDown();

    /// Reads what is there; the engine is not open.
    StoreExport export();

    /// Fills the place; the engine is not open.
    StoreImport fill();

    /// Ends it, and deletes what it kept.
    @Override
    void close();
}
