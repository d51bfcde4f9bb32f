package io.topicstream.migration;

/// Is told how far a migration is, by any thread and often.
public interface MigrationProgress {
    /// What is being done.
    enum Step {
        COPYING_TOPICS,
        COPYING_STATE,
        COMPARING
    }

    /// Is told.
    ///
    /// @param topics that are done with in this step of this run
    /// @param messages of theirs
    /// @param records of state
    void at(Step step, long topics, long messages, long records);
}
