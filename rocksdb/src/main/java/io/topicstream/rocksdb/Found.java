package io.topicstream.rocksdb;

/// What a reader found out for the writer: the answer to a [Question].
sealed interface Found permits TopicAnswer, StateAnswer {
    /// The life in which it was read.
    Life life();
}
