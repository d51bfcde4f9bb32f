package io.topicstream.people;

import io.topicstream.log.TopicName;
import java.util.LinkedHashMap;
import java.util.Map;

/// Who joined and left a topic while it is being looked up whether anybody is told of that by name. Owned by the
/// thread of the presence.
///
/// Of a user, joining and leaving take turns, so the first of them and their number say all. The number is bounded:
/// who comes and goes more often than that is told of as often as the bound says, and the last is right.
final class HeldEvents {
    /// Up to so many are kept of one user; further ones take the place of the last two.
    private static final int MOST = 16;

    private final Map<String, Turns> users = new LinkedHashMap<>(0);

    private static final class Turns {
        private final boolean beginsByJoining;
        private int count;

        Turns(boolean beginsByJoining) {
            this.beginsByJoining = beginsByJoining;
        }
    }

    void add(String user, boolean hasJoined) {
        Turns turns = users.computeIfAbsent(user, _ -> new Turns(hasJoined));
        turns.count += turns.count < MOST ? 1 : -1;
    }

    /// Tells of all of them.
    void tell(TopicName topic, PresenceEvents events) {
        users.forEach((user, turns) -> {
            boolean joins = turns.beginsByJoining;
            for (int i = 0; i < turns.count; i++) {
                if (joins) {
                    events.joined(topic, user);
                } else {
                    events.left(topic, user);
                }
                joins = !joins;
            }
        });
    }
}
