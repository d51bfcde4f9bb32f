package io.topicstream.dialect;

import io.topicstream.protocol.WireFormat;
import java.util.random.RandomGenerator;

/// All dialects that are spoken: their names, their wire formats, and one of each. Not thread-safe, as they are not:
/// front doors make one per thread.
public final class Dialects {
    /// A dialect, as a stage names it.
    public enum Name {
        /// The native dialect.
        NATIVE("native", WireFormat.NATIVE, WireFormat.NATIVE_ARRAYS),
        /// The topics dialect.
        TOPICS("topics", WireFormat.TOPICS, WireFormat.TOPICS);

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

        /// In what form a connection is told messages.
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
