package io.topicstream.dialect;

import io.topicstream.protocol.WireFormat;
import java.time.InstantSource;
import java.util.function.Function;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/// All dialects that are spoken: their names, their wire formats, and one of each. Not thread-safe, as they are not:
/// front doors make one per thread.
public final class Dialects {
    /// A dialect, as a stage names it.
    public enum Name {
        /// The native dialect.
        NATIVE("native", WireFormat.NATIVE, WireFormat.NATIVE_ARRAYS),
        /// The topics dialect.
        TOPICS("topics", WireFormat.TOPICS, WireFormat.TOPICS),
        /// The chat dialect.
        CHAT("chat", WireFormat.CHAT, WireFormat.CHAT),
        /// The rooms dialect.
        ROOMS("rooms", WireFormat.ROOMS, WireFormat.ROOMS);

        private final String wireName;
        private final WireFormat bare;
        private final WireFormat inArrays;

        Name(String wireName, WireFormat bare, WireFormat inArrays) {
            this.wireName = wireName;
            this.bare = bare;
            this.inArrays = inArrays;
        }

        /// The name in a configuration.
        public String wireName() {
            return wireName;
        }

        /// How a connection begins.
        ///
        /// @param parameters those of its address by their names, decoded
        public Entrance entrance(Function<String, @Nullable String> parameters) {
            return switch (this) {
                case NATIVE, TOPICS -> Entrance.Named.of(parameters);
                case CHAT -> Entrance.Chat.of(parameters);
                case ROOMS -> Entrance.Rooms.of(parameters);
            };
        }

        /// In what form a connection is told messages.
        ///
        /// @param takesArrays whether its client does
        public WireFormat format(boolean takesArrays) {
            return takesArrays ? inArrays : bare;
        }
    }

    private final Dialect nativeDialect;
    private final Dialect topicsDialect;
    private final Dialect chatDialect = new ChatDialect(false);
    private final Dialect receivedChatDialect = new ChatDialect(true);
    private final Dialect roomsDialect;

    /// @param maxPayloadBytes the largest payload of a message
    /// @param random gives an id of its own to every error frame of those dialects whose errors have one
    /// @param clock of those dialects whose answers have a time
    public Dialects(int maxPayloadBytes, RandomGenerator random, InstantSource clock) {
        nativeDialect = new NativeDialect(maxPayloadBytes);
        topicsDialect = new TopicsDialect(maxPayloadBytes, random);
        roomsDialect = new RoomsDialect(maxPayloadBytes, random, clock);
    }

    /// The dialect of a format; the same one whenever it is asked for.
    public Dialect of(WireFormat format) {
        return switch (format) {
            case NATIVE, NATIVE_ARRAYS -> nativeDialect;
            case TOPICS -> topicsDialect;
            case CHAT -> chatDialect;
            case CHAT_RECEIVED -> receivedChatDialect;
            case ROOMS -> roomsDialect;
        };
    }
}
