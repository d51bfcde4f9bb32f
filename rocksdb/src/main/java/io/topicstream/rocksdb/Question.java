package io.topicstream.rocksdb;

/// What the writer wants to know from the store. It never reads itself: a reader answers.
///
/// Asked when all that was decided before is written. Nothing in it changes.
sealed interface Question permits TopicQuestion, StateQuestion {
    /// Reads the answer; a failure is one too. Runs on a reader.
    Found answer();
}
