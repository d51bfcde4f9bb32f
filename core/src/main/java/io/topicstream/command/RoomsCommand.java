package io.topicstream.command;

import io.topicstream.access.Identity;
import io.topicstream.access.Permission;
import io.topicstream.log.TopicName;
import io.topicstream.people.Presence;
import io.topicstream.people.RoomRecord;
import io.topicstream.people.RoomTopic;
import io.topicstream.people.Rooms;
import io.topicstream.protocol.ErrorCode;
import io.topicstream.protocol.Query;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/// Lists rooms, by name: those that somebody has made, and those in which somebody is. Only what the caller may
/// read. Thread-safe.
public final class RoomsCommand {
    /// The longest list.
    public static final int MAX_LIMIT = 1_000;
    /// How many are asked for at once: a caller with a long list takes turns with the others.
    private static final int PORTION = 250;
    /// The same, where each is looked up for itself.
    private static final int PORTION_OF_OWNER = 50;
    /// What a room counts for in a list beside its texts, in bytes: names of members and numbers. A title may
    /// be longer on the wire than it is in characters.
    private static final int ROOM_BYTES = 120;

    private static final int POLICY_BYTES = 40;
    private static final int TITLE_BYTES = 6;
    /// After so many that the caller may not read the list is cut, even if nothing is in it.
    private static final int MOST_LOOKED_AT = 5_000;

    private final Rooms rooms;
    private final Presence presence;

    RoomsCommand(Rooms rooms, Presence presence) {
        this.rooms = rooms;
        this.presence = presence;
    }

    /// The rooms whose names start with the prefix, after `startAfter`.
    ///
    /// @param maxBytes about how long the list may become on the wire; it has at least one room all the same, if
    ///     there is one
    CompletionStage<Result<Query.RoomList>> run(Caller caller, Query.Rooms query, int maxBytes) {
        String owner = query.owner();
        if (owner != null && !Identity.isValidId(owner)) {
            return Result.refused(new Refusal(ErrorCode.BAD_FRAME, "owner is a user's id", null));
        }
        String prefix = query.prefix();
        if (RoomTopic.PREFIX.startsWith(prefix)) {
            prefix = RoomTopic.PREFIX;
        } else if (!prefix.startsWith(RoomTopic.PREFIX)) {
            return Result.success(new Query.RoomList(query.id(), List.of(), null));
        }
        return Result.of(new Walk(caller.identity(), query, prefix, maxBytes).onward(), null);
    }

    /// What is known of a room from two sides.
    ///
    /// @param members how many users are in it
    private record Known(TopicName topic, @Nullable RoomRecord made, long members) {
        Query.Room shown() {
            return made == null
                    ? new Query.Room(topic, null, null, null, members, null)
                    : new Query.Room(
                            topic, made.title(), made.owner(), made.created(), members, PutRoomCommand.presence(made));
        }

        int sizeBytes() {
            String title = made == null ? null : made.title();
            return ROOM_BYTES
                    + topic.value().length()
                    + (made == null ? 0 : made.owner().length())
                    + (made == null || made.presence() == null ? 0 : POLICY_BYTES)
                    + (title == null ? 0 : TITLE_BYTES * title.length());
        }
    }

    /// Some of the rooms, by name.
    ///
    /// @param next after which they go on, or null at the end
    private record Portion(List<Known> rooms, @Nullable String next) {}

    /// One list in the making. Of one thread at a time.
    private final class Walk {
        private final Identity who;
        private final Query.Rooms query;
        private final String prefix;
        private final int limit;
        private final int maxBytes;
        private final List<Query.Room> found = new ArrayList<>();
        private String after;
        private long bytes;
        private int lookedAt;

        Walk(Identity who, Query.Rooms query, String prefix, int maxBytes) {
            this.who = who;
            this.query = query;
            this.prefix = prefix;
            this.limit = Math.clamp(query.limit(), 1, MAX_LIMIT);
            this.maxBytes = maxBytes;
            this.after = query.startAfter();
        }

        CompletionStage<Query.RoomList> onward() {
            String owner = query.owner();
            int wanted = limit - found.size();
            CompletionStage<Portion> portion = owner == null
                    ? all(Math.clamp(wanted, PORTION_OF_OWNER, PORTION))
                    : ofOwner(owner, Math.min(PORTION_OF_OWNER, wanted));
            return portion.thenCompose(this::take);
        }

        private CompletionStage<Query.RoomList> take(Portion portion) {
            for (Known room : portion.rooms()) {
                if (who.may(Permission.READ, room.topic())) {
                    bytes += room.sizeBytes();
                    if (!found.isEmpty() && bytes > maxBytes) {
                        return list(after);
                    }
                    found.add(room.shown());
                }
                after = room.topic().value();
                if (found.size() == limit) {
                    return list(after);
                }
            }
            if (portion.next() == null) {
                return list(null);
            }
            after = portion.next();
            lookedAt += portion.rooms().size();
            return lookedAt < MOST_LOOKED_AT ? onward() : list(after);
        }

        private CompletionStage<Query.RoomList> list(@Nullable String next) {
            return CompletableFuture.completedFuture(new Query.RoomList(query.id(), found, next));
        }

        /// Those that were made and those in which somebody is, as far as both sides have told.
        private CompletionStage<Portion> all(int wanted) {
            return rooms.list(prefix, after, wanted)
                    .thenCombine(presence.crowds(prefix, after, wanted), (made, crowds) -> {
                        String end = earlier(made.next(), crowds.next());
                        TreeMap<String, Known> byName = new TreeMap<>();
                        for (Rooms.Made room : made.rooms()) {
                            byName.put(room.topic().value(), new Known(room.topic(), room.room(), 0));
                        }
                        for (Presence.Crowd crowd : crowds.crowds()) {
                            Known known = byName.get(crowd.topic().value());
                            byName.put(
                                    crowd.topic().value(),
                                    new Known(crowd.topic(), known == null ? null : known.made(), crowd.users()));
                        }
                        return new Portion(
                                List.copyOf((end == null ? byName : byName.headMap(end, true)).values()), end);
                    });
        }

        private static @Nullable String earlier(@Nullable String one, @Nullable String other) {
            if (one == null || other == null) {
                return one == null ? other : one;
            }
            return one.compareTo(other) <= 0 ? one : other;
        }

        private CompletionStage<Portion> ofOwner(String owner, int wanted) {
            return rooms.listOf(owner, prefix, after, wanted).thenCompose(page -> {
                CompletionStage<List<Known>> all = CompletableFuture.completedFuture(new ArrayList<>());
                for (Rooms.Made room : page.rooms()) {
                    all = all.thenCombine(membersOf(room.topic()), (known, members) -> {
                        known.add(new Known(room.topic(), room.room(), members));
                        return known;
                    });
                }
                return all.thenApply(known -> new Portion(known, page.next()));
            });
        }

        private CompletionStage<Long> membersOf(TopicName topic) {
            return presence.crowd(topic).thenApply(Presence.Crowd::users);
        }
    }
}
