package io.topicstream.dialect;

import io.topicstream.protocol.WireFormat;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/// All dialects that are spoken: under which stage, in which wire formats, and one of each. Not thread-safe, as they
/// are not: front doors make one per thread.
public final class Dialects {
    /// A path under which a dialect is spoken.
    public enum Stage {
        /// The native dialect.
        NATIVE("v1", WireFormat.NATIVE, WireFormat.NATIVE_ARRAYS),
        /// The topics dialect.
        LIVE("live", WireFormat.TOPICS, WireFormat.TOPICS);

        private final String path;
        private final WireFormat bare;
        private final WireFormat inArrays;

        Stage(String path, WireFormat bare, WireFormat inArrays) {
            this.path = path;
            this.bare = bare;
            this.inArrays = inArrays;
        }

        /// Its path, without the slash: the name that callers are known to come by.
        public String path() {
            return path;
        }

        /// The stage whose path is this one segment, or null if there is none.
        public static @Nullable Stage named(String segment) {
            return switch (segment) {
                case "", "v1" -> NATIVE;
                case "live" -> LIVE;
                default -> null;
            };
        }

        /// In what form a connection of this stage is told messages.
        ///
        /// @param takesArrays whether its client does
        public WireFormat format(boolean takesArrays) {
            return takesArrays ? inArrays : bare;
        }
    }

    private final Dialect nativeDialect;
    private final Dialect topicsDialect;

    /// @param maxPayloadBytes the largest payload of a `publish`
    /// @param random gives an id of its own to every error frame of those dialects whose errors have one
    public Dialects(int maxPayloadBytes, RandomGenerator random) {
        nativeDialect = new NativeDialect(maxPayloadBytes);
        topicsDialect = new TopicsDialect(maxPayloadBytes, random);
    }

    /// The dialect of a format; the same one whenever it is asked for.
    public Dialect of(WireFormat format) {
        return switch (format) {
            case NATIVE, NATIVE_ARRAYS -> nativeDialect;
            case TOPICS -> topicsDialect;
        };
    }
}
