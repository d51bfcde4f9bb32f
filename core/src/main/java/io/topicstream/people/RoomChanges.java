package io.topicstream.people;

import io.topicstream.log.Backoff;
import io.topicstream.log.Deadlines;
import io.topicstream.log.TopicName;
import io.topicstream.policy.PresencePolicy;
import io.topicstream.signal.Following;
import io.topicstream.topic.Audience;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Predicate;

/// Lets those who are in a room on one lane be seen there, and hear of the others, as its owner has said since. Owned
/// by the lane's thread.
///
/// A change is a walk over all connections of the lane, so several are taken at once, four times a second. Each
/// room in which somebody is, is looked up once; after a loss of the feed that is all of them.
public final class RoomChanges implements RoomsEar.Hearer {
    private static final long EVERY_MS = 250;
    /// How many rooms are looked up at once.
    private static final int AT_ONCE = 32;

    private final PresencePolicies policies;
    private final Following.Source source;
    private final Deadlines deadlines;
    private final Audience audience;
    private final Consumer<Consumer<UserConnection>> all;
    private final RoomsEar ear;

    private final Set<TopicName> changed = new HashSet<>(0);
    private boolean mayBeAll;
    private boolean isScheduled;
    private final ArrayDeque<Concerned> waiting = new ArrayDeque<>(0);
    private int lookUps;
    private int failures;

    /// A room, and the connections that listened to it when it was noted.
    private record Concerned(TopicName room, List<UserConnection> connections) {}

    /// @param all hands every connection of the lane to what it is given
    public RoomChanges(
            PresencePolicies policies,
            Following.Source source,
            Deadlines deadlines,
            Audience audience,
            Consumer<Consumer<UserConnection>> all) {
        this.policies = policies;
        this.source = source;
        this.deadlines = deadlines;
        this.audience = audience;
        this.all = all;
        this.ear = new RoomsEar(source, this);
    }

    /// Begins to listen. Called once, on the lane's thread.
    public void begin() {
        ear.begin();
    }

    /// Ends it, when the lane's thread has ended.
    public void end() {
        ear.end();
    }

    /// A room was deleted: those who listen to it do so no longer, and are told.
    public void onDeleted(TopicName room) {
        List<UserConnection> concerned = new ArrayList<>();
        all.accept(connection -> {
            if (connection.listener().listensTo(room)) {
                concerned.add(connection);
            }
        });
        concerned.forEach(connection -> connection.onRoomDeleted(room));
    }

    @Override
    public void onRoomChanged(TopicName room) {
        if (!mayBeAll) {
            changed.add(room);
        }
        takeLater(EVERY_MS);
    }

    @Override
    public void onMissed() {
        mayBeAll = true;
        changed.clear();
        takeLater(EVERY_MS);
    }

    private void takeLater(long delayMs) {
        if (!isScheduled) {
            isScheduled = true;
            source.timers().schedule(this::take, delayMs);
        }
    }

    private void take() {
        isScheduled = false;
        Set<TopicName> noted = Set.copyOf(changed);
        Predicate<TopicName> isConcerned = mayBeAll ? Rooms::isRoom : noted::contains;
        changed.clear();
        mayBeAll = false;
        Map<TopicName, List<UserConnection>> rooms = new HashMap<>();
        all.accept(connection -> {
            for (TopicName topic : connection.listener().topics()) {
                if (isConcerned.test(topic)) {
                    rooms.computeIfAbsent(topic, _ -> new ArrayList<>(1)).add(connection);
                }
            }
        });
        rooms.forEach((room, connections) -> waiting.add(new Concerned(room, connections)));
        lookUpNext();
    }

    private void lookUpNext() {
        while (lookUps < AT_ONCE && !waiting.isEmpty()) {
            Concerned next = waiting.remove();
            lookUps++;
            deadlines.within(policies.of(next.room()), (policy, _) -> {
                lookUps--;
                if (policy == null) {
                    failures++;
                    changed.add(next.room());
                    takeLater(Backoff.delayMs(failures, source.random()));
                } else {
                    failures = 0;
                    next.connections().forEach(connection -> renew(connection, next.room(), policy));
                }
                lookUpNext();
            });
        }
    }

    private void renew(UserConnection connection, TopicName room, PresencePolicy policy) {
        audience.attend(
                connection.listener(),
                room,
                Attendances.of(
                        policy,
                        connection.identity(),
                        room,
                        connection.listener().presenceWish(room)));
    }
}
