package io.topicstream.rocksdb;

import io.topicstream.log.Append;

/// What waits for a reader's answer about its topic, in order: an append, or a command about the topic.
sealed interface Parked permits Parked.Publish, Command.OfTopic {
    /// An append. Only one that must wait gets this object around it.
    record Publish(Append append) implements Parked {}
}
