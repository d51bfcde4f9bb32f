package io.topicstream.server.config.section;

import static io.topicstream.settings.Units.MANY;

import io.topicstream.command.Rate;
import io.topicstream.settings.Kind;
import io.topicstream.settings.Rows;
import io.topicstream.settings.Setting;
import io.topicstream.settings.Values;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// How many requests callers may make.
///
/// @param connection one WebSocket; null: no limit
/// @param user one user, on all of its connections and over HTTP; null: no limit
public record RateSection(
        @Nullable Rate connection, @Nullable Rate user) {
    public static final Rows ROWS = new Rows();

    static final Kind<Integer> NUMBER = Kind.number(1, MANY);

    static final Setting<List<Integer>> CONNECTION = ROWS.add(
            "limits.rate.connection.rate",
            Kind.orNone(NUMBER),
            List.of(),
            "Requests a second of one WebSocket; further ones are refused (rate_limited). No limit where it is not set");
    static final Setting<List<Integer>> CONNECTION_BURST = ROWS.add(
            "limits.rate.connection.burst",
            Kind.orNone(NUMBER),
            List.of(),
            "Requests of one WebSocket at once; as many as in a second where it is not set");
    static final Setting<List<Integer>> USER = ROWS.add(
            "limits.rate.user.rate",
            Kind.orNone(NUMBER),
            List.of(),
            "Requests a second of one user, or of the guests at one address, by WebSocket and HTTP (429) together");
    static final Setting<List<Integer>> USER_BURST = ROWS.add(
            "limits.rate.user.burst",
            Kind.orNone(NUMBER),
            List.of(),
            "Requests of one user at once; as many as in a second where it is not set");

    /// What the settings say.
    public static RateSection of(Values values) {
        return new RateSection(
                rate(values.orNull(CONNECTION), values.orNull(CONNECTION_BURST)),
                rate(values.orNull(USER), values.orNull(USER_BURST)));
    }

    /// A rate and its burst, as they are written; null where no rate is.
    static @Nullable Rate rate(@Nullable Integer perSecond, @Nullable Integer burst) {
        return perSecond == null ? null : new Rate(perSecond, burst == null ? perSecond : burst);
    }
}
