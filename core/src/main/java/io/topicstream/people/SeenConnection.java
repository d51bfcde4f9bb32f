package io.topicstream.people;

import io.topicstream.log.TopicName;
import java.util.HashSet;
import java.util.Set;

/// A connection that is seen in topics. Owned by the thread of the presence.
final class SeenConnection {
    final String member;
    final Set<TopicName> topics = HashSet.newHashSet(2);

    SeenConnection(String member) {
        this.member = member;
    }
}
