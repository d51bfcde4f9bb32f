package io.topicstream.server.config.section;

import io.topicstream.people.NodePresence;
import io.topicstream.settings.Kind;
import io.topicstream.settings.Rows;
import io.topicstream.settings.Setting;
import io.topicstream.settings.Values;
import java.time.Duration;

/// Who is there.
///
/// @param grace how long a user who has gone may come back unnoticed
public record PresenceSection(Duration grace) {
    public static final Rows ROWS = new Rows();

    private static final Setting<Duration> GRACE = ROWS.add(
            "presence.grace",
            Kind.time(Duration.ZERO, Duration.ofMinutes(5)),
            NodePresence.GRACE,
            "How long a user whose last connection has ended may come back before others hear that he left");

    /// What the settings say.
    public static PresenceSection of(Values values) {
        return new PresenceSection(values.get(GRACE));
    }
}
