package io.topicstream.dialect;

import io.topicstream.access.Credentials;
import io.topicstream.access.Identity;
import io.topicstream.access.Speaker;
import io.topicstream.people.FriendlyNames;
import io.topicstream.people.RoomTopic;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// How a connection of a dialect begins: what its client says of itself in the parameters of the address. Immutable.
public sealed interface Entrance {
    /// Why a client with these parameters is refused, for its eyes; null where it is not.
    default @Nullable String problem() {
        return null;
    }

    /// The credentials with what an anonymous client claims for itself.
    Credentials claiming(Credentials credentials);

    /// Who it is on its connection.
    ///
    /// @param who as it was established
    default Identity identity(Identity who, String connectionId) {
        return who;
    }

    /// What is known of it from the start, by the names of [Speaker].
    ///
    /// @param who it is on its connection
    default Map<String, String> attributes(Identity who) {
        return Map.of();
    }

    /// Of the native dialect and the topics dialect: `user` and `name`.
    record Named(@Nullable String user, @Nullable String name) implements Entrance {
        static Entrance of(Function<String, @Nullable String> parameters) {
            return new Named(parameters.apply("user"), parameters.apply("name"));
        }

        @Override
        public Credentials claiming(Credentials credentials) {
            return credentials.claiming(user, name);
        }
    }

    /// Of the chat dialect: `clientId`, which the tabs of one browser have in common.
    record Chat(@Nullable String clientId) implements Entrance {
        /// The longest that stands in a tag as it is.
        private static final int LONGEST_PLAIN = 100;

        static Entrance of(Function<String, @Nullable String> parameters) {
            return new Chat(given(parameters.apply("clientId")));
        }

        @Override
        public Credentials claiming(Credentials credentials) {
            return credentials;
        }

        @Override
        public Identity identity(Identity who, String connectionId) {
            return who.named(FriendlyNames.of(connectionId));
        }

        @Override
        public Map<String, String> attributes(Identity who) {
            String id = clientId;
            return id == null
                    ? Map.of(Speaker.ROOM, RoomTopic.LOBBY)
                    : Map.of(
                            Speaker.ROOM,
                            RoomTopic.LOBBY,
                            Speaker.WITHHELD,
                            Speaker.CLIENT + (id.length() > LONGEST_PLAIN ? Identity.claimFor(id) : id));
        }
    }

    /// Of the rooms dialect: `userId`, `username` and `roomId`.
    record Rooms(String userId, @Nullable String username, String roomId) implements Entrance {
        /// The longest `userId`, in characters.
        static final int MAX_ID_LENGTH = 256;

        static Entrance of(Function<String, @Nullable String> parameters) {
            String userId = given(parameters.apply("userId"));
            String roomId = given(parameters.apply("roomId"));
            return new Rooms(
                    userId == null ? RoomsDialect.ANONYMOUS : userId,
                    given(parameters.apply("username")),
                    roomId == null ? RoomsDialect.GENERAL : roomId);
        }

        @Override
        public @Nullable String problem() {
            if (userId.length() > MAX_ID_LENGTH || userId.codePoints().anyMatch(Rooms::isNoCharacter)) {
                return "'userId' is at most " + MAX_ID_LENGTH + " characters, none of them a control character";
            }
            return RoomTopic.of(roomId) == null ? "'roomId' is too long" : null;
        }

        private static boolean isNoCharacter(int codePoint) {
            return Character.isISOControl(codePoint)
                    || (codePoint >= Character.MIN_SURROGATE && codePoint <= Character.MAX_SURROGATE);
        }

        @Override
        public Credentials claiming(Credentials credentials) {
            // An empty token is as good as none.
            return credentials
                    .without(Credentials.Place.QUERY, Set.of(""))
                    .claiming(Identity.claimFor(userId), displayName());
        }

        /// As much of the name as can be one, or null where nothing can.
        private @Nullable String displayName() {
            String name = username;
            if (name == null || Identity.isValidName(name)) {
                return name;
            }
            String shown = name.codePoints()
                    .filter(c -> Identity.isValidName(Character.toString(c)))
                    .limit(Identity.MAX_NAME_LENGTH)
                    .mapToObj(Character::toString)
                    .collect(Collectors.joining());
            return shown.isEmpty() ? null : shown;
        }

        @Override
        public Map<String, String> attributes(Identity who) {
            String user = who.user();
            String tag = "user:" + user;
            // One who showed who he is has his own id.
            return who.credential() == Identity.Credential.NONE
                    ? Map.of(Speaker.ROOM, roomId, Speaker.USER_ID, userId, Speaker.WITHHELD, tag)
                    : Map.of(Speaker.ROOM, roomId, Speaker.WITHHELD, tag);
        }
    }

    private static @Nullable String given(@Nullable String parameter) {
        return parameter == null || parameter.isEmpty() ? null : parameter;
    }
}
