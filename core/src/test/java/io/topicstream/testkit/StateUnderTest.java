package io.topicstream.testkit;

import io.topicstream.state.StateStore;

/// An engine as [StateStoreContract] sees it. Each test gets one of its own, empty, and closes it.
public interface StateUnderTest extends AutoCloseable {
    /// The store; another one after [#reopen].
    StateStore store();

    /// The clock by which records expire.
    ManualClock clock();

    /// Whether what was answered is there after [#reopen].
    boolean survivesReopen();

    /// Closes the engine in good order without opening it again; [#store] then fails every call.
    void shutDown() throws Exception;

    /// Closes the engine in good order (unless it is shut down already) and opens it over the same data.
    void reopen() throws Exception;

    /// Ends the engine, if it still runs, and deletes what it kept.
    @Override
    void close();
}
