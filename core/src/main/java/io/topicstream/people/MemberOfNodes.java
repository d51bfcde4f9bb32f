package io.topicstream.people;

import io.topicstream.protocol.Query;
import org.jspecify.annotations.Nullable;

/// One member of a topic, put together from what the nodes have of it.
final class MemberOfNodes {
    private final String key;
    private @Nullable String name;
    private int connections;
    private long since = Long.MAX_VALUE;

    /// @param key by which the member is known
    MemberOfNodes(String key) {
        this.key = key;
    }

    String key() {
        return key;
    }

    /// Adds what a node has, if it has something.
    void add(@Nullable PresenceEntry entry) {
        if (entry != null) {
            name = name == null ? entry.name() : name;
            connections += entry.connections();
            since = Math.min(since, entry.since());
        }
    }

    Query.Member member() {
        return new Query.Member(PresenceRecords.user(key), name, connections, since);
    }
}
