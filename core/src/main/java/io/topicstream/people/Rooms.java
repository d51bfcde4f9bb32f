package io.topicstream.people;

import io.topicstream.log.LogUnavailableException;
import io.topicstream.log.Signals;
import io.topicstream.log.TopicName;
import io.topicstream.policy.PresencePolicy;
import io.topicstream.signal.Signal;
import io.topicstream.signal.SystemTopics;
import io.topicstream.state.StatePage;
import io.topicstream.state.StateRecord;
import io.topicstream.state.StateStore;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// The rooms that somebody has made: whose each is, and what it is called. Thread-safe.
///
/// | partition | key | value |
/// | --- | --- | --- |
/// | `rooms` | topic | [RoomRecord] |
/// | `rooms-of/` + owner | topic | one byte, 0 |
///
/// Nothing spans two records. The second is written first, and may stand there alone: the first one is the
/// truth.
///
/// When what a room's owner has said of its policy has changed, a signal on `sys:rooms` tells all nodes to
/// look it up again.
public final class Rooms {
    /// How many rooms one user may own. Two made at the same moment may pass it by one: nothing spans two
    /// records.
    public static final int MAX_PER_OWNER = 1_000;

    private static final String PARTITION = "rooms";
    private static final CompletionStage<@Nullable Void> NOTHING = CompletableFuture.completedStage(null);
    /// Each time somebody else's change came first.
    private static final int MAX_TRIES = 20;

    private final StateStore store;
    private final Signals signals;
    private final InstantSource clock;

    /// What became of a change.
    public sealed interface Outcome {
        /// It is kept as this.
        record Put(RoomRecord room) implements Outcome {}

        /// Nothing was changed.
        enum Not implements Outcome {
            /// It is somebody else's.
            OWNED,
            /// The user owns [#MAX_PER_OWNER] already.
            TOO_MANY,
            /// Too many changed it at once.
            CONTENDED
        }
    }

    /// A page of what was made, by name.
    ///
    /// @param next after which the list goes on, or null at the end
    public record Page(List<Made> rooms, @Nullable String next) {}

    /// A room that was made.
    public record Made(TopicName topic, RoomRecord room) {}

    /// What is to be changed of a room, or is to be of one that is made.
    ///
    /// @param title null where it stays as it is; empty where it shall have none
    /// @param changesPolicy whether its policy is another one from now on
    /// @param presence the policy; null where what is configured shall hold
    public record Change(
            @Nullable String title,
            boolean changesPolicy,
            @Nullable PresencePolicy presence) {
        /// Of the title alone.
        public static Change of(@Nullable String title) {
            return new Change(title, false, null);
        }

        private RoomRecord madeBy(String user, long nowMs) {
            return new RoomRecord(user, nowMs, title == null || title.isEmpty() ? null : title, presence);
        }

        private RoomRecord of(RoomRecord before) {
            String now = title == null ? before.title() : title.isEmpty() ? null : title;
            return new RoomRecord(before.owner(), before.created(), now, changesPolicy ? presence : before.presence());
        }
    }

    /// @param store the durable one
    /// @param signals by which nodes are told
    public Rooms(StateStore store, Signals signals, InstantSource clock) {
        this.store = store;
        this.signals = signals;
        this.clock = clock;
    }

    /// Whether a topic can be a room.
    public static boolean isRoom(TopicName topic) {
        return topic.value().startsWith(RoomTopic.PREFIX) && topic.value().length() > RoomTopic.PREFIX.length();
    }

    /// Makes a room or changes it; answers when that is durable.
    ///
    /// @param isAdministrator whether the user may change what is others'
    public CompletionStage<Outcome> put(TopicName topic, String user, Change change, boolean isAdministrator) {
        return put(topic, user, change, isAdministrator, MAX_TRIES);
    }

    private CompletionStage<Outcome> put(
            TopicName topic, String user, Change change, boolean isAdministrator, int tries) {
        if (tries == 0) {
            return CompletableFuture.completedFuture(Outcome.Not.CONTENDED);
        }
        return store.get(PARTITION, topic.value()).thenCompose(record -> {
            RoomRecord before = record == null ? null : RoomRecord.decode(record.value());
            if (before != null && !before.owner().equals(user) && !isAdministrator) {
                return CompletableFuture.completedFuture(Outcome.Not.OWNED);
            }
            CompletionStage<Outcome> stored = record == null || before == null
                    ? make(topic, change.madeBy(user, clock.millis()))
                    : store(topic, change.of(before), record.version());
            PresencePolicy held = before == null ? null : before.presence();
            return stored.thenCompose(outcome -> {
                if (Outcome.Not.CONTENDED.equals(outcome)) {
                    return put(topic, user, change, isAdministrator, tries - 1);
                }
                if (outcome instanceof Outcome.Put(RoomRecord now) && now.presence() != held) {
                    var _ = signals.signal(SystemTopics.ROOMS, new Signal.RoomChanged(topic).encode());
                }
                return CompletableFuture.completedFuture(outcome);
            });
        });
    }

    private CompletionStage<Outcome> make(TopicName topic, RoomRecord room) {
        String index = index(room.owner());
        return store.scan(index, "", "", MAX_PER_OWNER).thenCompose(owned -> {
            if (owned.records().size() == MAX_PER_OWNER) {
                return CompletableFuture.completedFuture(Outcome.Not.TOO_MANY);
            }
            return store.put(index, topic.value(), new byte[1], StateStore.ANY_VERSION, StateStore.NEVER)
                    .thenCompose(_ -> store(topic, room, StateStore.ABSENT));
        });
    }

    private CompletionStage<Outcome> store(TopicName topic, RoomRecord room, long ifVersion) {
        return store.put(PARTITION, topic.value(), room.encode(), ifVersion, StateStore.NEVER)
                .thenApply(version -> version == 0 ? Outcome.Not.CONTENDED : new Outcome.Put(room));
    }

    /// What is kept of one room; null where nobody made it.
    public CompletionStage<@Nullable RoomRecord> find(TopicName topic) {
        return store.get(PARTITION, topic.value())
                .thenApply(record -> record == null ? null : RoomRecord.decode(record.value()));
    }

    /// The rooms that were made, by name.
    ///
    /// @param prefix that the names start with
    /// @param after names come strictly after this one; empty to begin at the front
    public CompletionStage<Page> list(String prefix, String after, int limit) {
        return store.scan(PARTITION, prefix, after, limit).thenApply(page -> {
            List<Made> rooms = new ArrayList<>(page.records().size());
            for (StateRecord record : page.records()) {
                rooms.add(new Made(new TopicName(record.key()), RoomRecord.decode(record.value())));
            }
            return new Page(rooms, page.isLast() ? null : page.after());
        });
    }

    /// The rooms of one owner, by name; parameters as in [#list].
    public CompletionStage<Page> listOf(String owner, String prefix, String after, int limit) {
        return store.scan(index(owner), prefix, after, limit).thenCompose(page -> {
            CompletionStage<List<Made>> rooms = CompletableFuture.completedFuture(new ArrayList<>());
            for (StateRecord entry : page.records()) {
                TopicName topic = new TopicName(entry.key());
                rooms = rooms.thenCombine(find(topic), (found, room) -> {
                    if (room != null && room.owner().equals(owner)) {
                        found.add(new Made(topic, room));
                    }
                    return found;
                });
            }
            return rooms.thenApply(found -> new Page(found, next(page)));
        });
    }

    /// Does something with each room of an owner, by name, one after the other.
    CompletionStage<@Nullable Void> eachOf(String owner, Function<Made, CompletionStage<@Nullable Void>> then) {
        return StateWalk.over(store, index(owner), entry -> {
            TopicName topic = new TopicName(entry.key());
            return find(topic)
                    .thenCompose(room -> room != null && room.owner().equals(owner)
                            ? then.apply(new Made(topic, room))
                            : CompletableFuture.<@Nullable Void>completedFuture(null));
        });
    }

    /// Forgets what is kept of the rooms of an owner, who then has none; answers when that is durable. Their
    /// messages stay, and anybody may make them anew.
    public CompletionStage<@Nullable Void> forgetAllOf(String owner) {
        return StateWalk.over(store, index(owner), entry -> {
            TopicName topic = new TopicName(entry.key());
            return store.get(PARTITION, entry.key())
                    .thenCompose(record -> record != null
                                    && RoomRecord.decode(record.value()).owner().equals(owner)
                            ? store.delete(PARTITION, entry.key(), record.version())
                            : CompletableFuture.completedFuture(false))
                    .thenCompose(deleted -> {
                        if (deleted) {
                            var _ = signals.signal(SystemTopics.ROOMS, new Signal.RoomChanged(topic).encode());
                        }
                        return store.delete(index(owner), entry.key(), StateStore.ANY_VERSION);
                    });
        });
    }

    /// Forgets what is kept of a room, which anybody may then make anew; answers when that is durable. The record goes
    /// last: as long as it is there, this was not done.
    ///
    /// @param room as it was found; one that somebody has made since stays
    CompletionStage<@Nullable Void> forget(TopicName topic, RoomRecord room) {
        return forget(topic, room, MAX_TRIES);
    }

    private CompletionStage<@Nullable Void> forget(TopicName topic, RoomRecord room, int tries) {
        return store.delete(index(room.owner()), topic.value(), StateStore.ANY_VERSION)
                .thenCompose(_ -> store.get(PARTITION, topic.value()))
                .thenCompose(record -> {
                    if (record == null) {
                        return NOTHING;
                    }
                    RoomRecord now = RoomRecord.decode(record.value());
                    if (tries == 0
                            || now.created() != room.created()
                            || !now.owner().equals(room.owner())) {
                        return keep(topic, now, tries > 0);
                    }
                    return store.delete(PARTITION, topic.value(), record.version())
                            .thenCompose(deleted -> {
                                if (!deleted) {
                                    return forget(topic, room, tries - 1);
                                }
                                var _ = signals.signal(SystemTopics.ROOMS, new Signal.RoomChanged(topic).encode());
                                return NOTHING;
                            });
                });
    }

    /// Puts back what stands beside the record of a room that stays.
    private CompletionStage<@Nullable Void> keep(TopicName topic, RoomRecord room, boolean isAnother) {
        return store.put(index(room.owner()), topic.value(), new byte[1], StateStore.ANY_VERSION, StateStore.NEVER)
                .thenCompose(_ -> isAnother
                        ? NOTHING
                        : CompletableFuture.failedFuture(
                                new LogUnavailableException("too many change this room at once")));
    }

    private static @Nullable String next(StatePage page) {
        return page.isLast() ? null : page.after();
    }

    private static String index(String owner) {
        return "rooms-of/" + owner;
    }
}
