package io.topicstream.server;

import io.topicstream.log.TopicFeed;
import io.topicstream.log.TopicLog;
import io.topicstream.state.StateStore;

/// A storage engine, as a server uses it: its three ports, and its end. Several servers may share one
/// (then none of them closes it).
///
/// @param close run when the server that owns the engine has stopped
public record Engine(TopicLog log, TopicFeed feed, StateStore state, Runnable close) {
    /// The same engine for a further server, which leaves it open.
    public Engine shared() {
        return new Engine(log, feed, state, () -> {});
    }
}
