package io.topicstream.server.config.section;

import io.topicstream.events.SinkDefinition;
import io.topicstream.server.sink.EventWish;
import io.topicstream.settings.Kind;
import io.topicstream.settings.Rows;
import io.topicstream.settings.Setting;
import io.topicstream.settings.Values;
import io.topicstream.settings.section.DestinationSection;
import java.util.List;
import java.util.Locale;

/// What happens, told to others.
///
/// @param sinks webhooks that get events
/// @param destinations where administrators may put sinks
/// @param log when connections and presence are written down
/// @param withAddresses whether events of connections name their addresses
public record EventsSection(
        List<SinkDefinition> sinks, DestinationSection destinations, EventWish log, boolean withAddresses) {
    public static final Rows ROWS = new Rows();

    private static final Setting<List<SinkDefinition>> SINKS = ROWS.add(
            "events.sinks", new SinksKind(), List.of(), "Webhooks that get events; docs/events.md describes them");

    private static final Setting<EventWish> LOG = ROWS.add(
            "events.log",
            Kind.oneOf(List.of(EventWish.values()), wish -> wish.name().toLowerCase(Locale.ROOT)),
            EventWish.AUTO,
            "When connections and presence are written down in sys:events: on, off, or auto (as a sink wants them)");
    private static final Setting<Boolean> ADDRESSES = ROWS.add(
            "events.addresses", Kind.truth(), false, "Whether events of connections name the addresses they came from");

    /// What the settings say.
    public static EventsSection of(Values values) {
        return new EventsSection(
                values.get(SINKS), DestinationSection.of(values), values.get(LOG), values.get(ADDRESSES));
    }
}
