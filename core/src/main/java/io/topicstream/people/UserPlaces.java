package io.topicstream.people;

import static io.topicstream.json.JsonWriter.ascii;

import io.topicstream.access.ApiKey;
import io.topicstream.access.ApiKeys;
import io.topicstream.access.DirectTopic;
import io.topicstream.access.GrantsInJson;
import io.topicstream.access.Identity;
import io.topicstream.json.JsonWriter;
import io.topicstream.log.TopicName;
import io.topicstream.state.StateNumber;
import io.topicstream.state.StateRecord;
import io.topicstream.state.StateStore;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// All places where something is kept of users, but for the log, through which [SaidWalk] goes. An
/// export shows them and an erasure empties them, both by this list: one that is added here is in both.
///
/// Not in it, on purpose: who is blocked and who was signed out, which must hold for one who is erased
/// too; and what lives no longer than a connection, but for claimed names.
public final class UserPlaces {
    private static final byte[] M_TOPIC = ascii(",\"topic\":");
    private static final byte[] M_WITH = ascii(",\"with\":");
    private static final byte[] M_ID = ascii(",\"id\":");
    private static final byte[] M_NAME = ascii(",\"name\":");
    private static final byte[] M_CREATED_AT = ascii(",\"created_at\":");
    private static final byte[] M_EXPIRES_AT = ascii(",\"expires_at\":");
    private static final byte[] M_LAST_USED_AT = ascii(",\"last_used_at\":");
    private static final byte[] M_SINCE = ascii(",\"since\":");
    private static final byte[] M_DELIVERED = ascii(",\"delivered\":");
    private static final byte[] M_READ = ascii(",\"read\":");
    private static final byte[] M_TITLE = ascii(",\"title\":");
    private static final byte[] M_PRESENCE = ascii(",\"presence\":");
    private static final byte[] M_CONNECTIONS = ascii(",\"connections\":");
    private static final byte[] M_AT = ascii(",\"at\":");

    private final UserPlace keys;
    private final List<UserPlace> others;

    /// @param store the durable one
    public UserPlaces(StateStore store, People people, ApiKeys keys) {
        this.keys = new Keys(keys);
        this.others = List.of(
                new OwnTopics(people.memberships()),
                new Cursors(people.receipts()),
                new OwnRooms(people.rooms()),
                new OwnNames(people.names()),
                new Seen(store));
    }

    /// What lets the user in. An erasure begins with it, so that nobody says more in this name.
    UserPlace entrance() {
        return keys;
    }

    /// Writes down everything.
    CompletionStage<?> show(String user, UserLines out) {
        return keys.show(user, out).thenCompose(_ -> each(0, place -> place.show(user, out)));
    }

    /// Empties all the others.
    CompletionStage<?> forgetOthers(String user) {
        return each(0, place -> place.forget(user));
    }

    private CompletionStage<?> each(int from, Function<UserPlace, CompletionStage<?>> then) {
        return from == others.size()
                ? CompletableFuture.completedFuture(true)
                : then.apply(others.get(from)).thenCompose(_ -> each(from + 1, then));
    }

    /// Writes a topic, and with whom it is where it is a chat.
    static JsonWriter topic(JsonWriter line, TopicName topic, String user) {
        line.raw(M_TOPIC).string(topic.value());
        DirectTopic chat = DirectTopic.isOf(topic, user) ? DirectTopic.orNull(topic) : null;
        return chat == null ? line : line.raw(M_WITH).string(chat.other(user));
    }

    // ---- the places

    /// Never the secret, its end or its hash. The id is how administrators name a key.
    private record Keys(ApiKeys keys) implements UserPlace {
        @Override
        public CompletionStage<?> show(String user, UserLines out) {
            return keys.listOf(user).thenCompose(found -> {
                for (ApiKey key : found) {
                    JsonWriter line = out.begin("key").raw(M_ID).string(key.id());
                    line.raw(M_NAME).string(key.name());
                    line.raw(M_CREATED_AT).number(key.createdAtMs());
                    if (key.expiresAtMs() != Identity.NEVER) {
                        line.raw(M_EXPIRES_AT).number(key.expiresAtMs());
                    }
                    if (key.lastUsedAtMs() != ApiKey.NOT_USED) {
                        line.raw(M_LAST_USED_AT).number(key.lastUsedAtMs());
                    }
                    GrantsInJson.write(key.grants(), line);
                    out.endOfLine();
                }
                return out.send();
            });
        }

        @Override
        public CompletionStage<?> forget(String user) {
            return keys.revokeAll(user);
        }
    }

    /// Rooms, topics and chats that are the user's.
    private record OwnTopics(Memberships memberships) implements UserPlace {
        @Override
        public CompletionStage<?> show(String user, UserLines out) {
            return memberships.each(user, (topic, membership) -> {
                topic(out.begin("membership"), topic, user).raw(M_SINCE).number(membership.sinceMs());
                return out.end();
            });
        }

        @Override
        public CompletionStage<?> forget(String user) {
            return memberships.forget(user);
        }
    }

    /// What has arrived and what was read.
    private record Cursors(Receipts receipts) implements UserPlace {
        @Override
        public CompletionStage<?> show(String user, UserLines out) {
            return receipts.each(user, (topic, progress) -> {
                topic(out.begin("cursor"), topic, user)
                        .raw(M_DELIVERED)
                        .number(progress.delivered())
                        .raw(M_READ)
                        .number(progress.read());
                return out.end();
            });
        }

        @Override
        public CompletionStage<?> forget(String user) {
            return receipts.forget(user);
        }
    }

    /// Rooms that the user owns, with the policies that are kept in their records.
    private record OwnRooms(Rooms rooms) implements UserPlace {
        @Override
        public CompletionStage<?> show(String user, UserLines out) {
            return rooms.eachOf(user, made -> {
                RoomRecord room = made.room();
                JsonWriter line =
                        out.begin("room").raw(M_TOPIC).string(made.topic().value());
                line.raw(M_CREATED_AT).number(room.created());
                if (room.title() != null) {
                    line.raw(M_TITLE).string(room.title());
                }
                if (room.presence() != null) {
                    line.raw(M_PRESENCE).string(room.presence().wireName());
                }
                return out.end();
            });
        }

        @Override
        public CompletionStage<?> forget(String user) {
            return rooms.forgetAllOf(user);
        }
    }

    private record OwnNames(Names names) implements UserPlace {
        @Override
        public CompletionStage<?> show(String user, UserLines out) {
            return names.each(user, held -> {
                out.begin("name")
                        .raw(M_NAME)
                        .string(held.name())
                        .raw(M_CONNECTIONS)
                        .number(held.connections());
                return out.end();
            });
        }

        @Override
        public CompletionStage<?> forget(String user) {
            return names.forget(user);
        }
    }

    /// When the user was last seen.
    private record Seen(StateStore store) implements UserPlace {
        @Override
        public CompletionStage<?> show(String user, UserLines out) {
            return store.get(PresenceRecords.LAST_SEEN, user).thenCompose(record -> line(record, out));
        }

        private static CompletionStage<@Nullable Void> line(@Nullable StateRecord record, UserLines out) {
            if (record != null) {
                out.begin("last_seen").raw(M_AT).number(StateNumber.of(record.value()));
                out.endOfLine();
            }
            return out.send();
        }

        @Override
        public CompletionStage<?> forget(String user) {
            return store.delete(PresenceRecords.LAST_SEEN, user, StateStore.ANY_VERSION);
        }
    }
}
