package io.topicstream.migration;

import org.jspecify.annotations.Nullable;

/// A walk over the batches of a topic. For one thread; closed by who asked for it.
public interface BatchReader extends AutoCloseable {
    /// The next batch, which begins where the one before it ended; null behind the last one.
    ///
    /// @throws MigrationException where something is missing or cannot be read
    @Nullable
    CopiedBatch next();

    @Override
    void close();
}
