package io.topicstream.aws.audience;

import io.topicstream.aws.audience.Connection.Phase;
import io.topicstream.session.SessionRecord;
import org.jspecify.annotations.Nullable;

/// What the change of a connection's row says: that it was opened, or that it has ended. So who reads the changes of
/// the table knows of connections, and the front door writes nothing for it.
///
/// @param isOpened whether it was opened; else it has ended
public record ConnectionChange(boolean isOpened, SessionRecord session) {
    /// What the change of a record says; null where that is nothing, or it is no connection's.
    ///
    /// @param before null where there was none
    /// @param after null where there is none: one whose end was told to nobody goes when its time is over
    /// @throws IllegalStateException where a row cannot be read
    public static @Nullable ConnectionChange of(
            String partition, String key, byte @Nullable [] before, byte @Nullable [] after) {
        if (!ConnectionRows.isRecord(partition, key)) {
            return null;
        }
        Connection was = open(before);
        Connection is = open(after);
        if (was == null && is != null) {
            return new ConnectionChange(true, is.session());
        }
        return was != null && is == null ? new ConnectionChange(false, was.session()) : null;
    }

    private static @Nullable Connection open(byte @Nullable [] value) {
        if (value == null) {
            return null;
        }
        Connection connection = Connection.decode(value);
        return connection.phase() == Phase.ENDED ? null : connection;
    }
}
