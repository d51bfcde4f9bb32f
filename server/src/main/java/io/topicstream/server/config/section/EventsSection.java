package io.topicstream.server.config.section;

import io.topicstream.events.SinkDefinition;
import io.topicstream.server.sink.EventWish;
import io.topicstream.settings.Kind;
import io.topicstream.settings.Rows;
import io.topicstream.settings.Setting;
import io.topicstream.settings.Values;
import java.net.InetAddress;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;

/// What happens, told to others.
///
/// @param sinks webhooks that get events
/// @param hosts names at which administrators may put sinks, whatever their addresses; in lower case
/// @param networks addresses at which they may, though they are not public
/// @param log when connections and presence are written down
/// @param withAddresses whether events of connections name their addresses
public record EventsSection(
        List<SinkDefinition> sinks, Set<String> hosts, Networks networks, EventWish log, boolean withAddresses) {
    public static final Rows ROWS = new Rows();

    private static final Setting<List<SinkDefinition>> SINKS = ROWS.add(
            "events.sinks", new SinksKind(), List.of(), "Webhooks that get events; docs/events.md describes them");
    private static final Setting<List<String>> PRIVATE = ROWS.add(
            "events.private_destinations",
            Kind.list("an address, a network such as 10.0.0.0/8, or a host name", EventsSection::isDestination),
            List.of(),
            "Where administrators may put sinks though it is not public; on a loopback bind this machine is one");

    private static final Setting<EventWish> LOG = ROWS.add(
            "events.log",
            Kind.oneOf(List.of(EventWish.values()), wish -> wish.name().toLowerCase(Locale.ROOT)),
            EventWish.AUTO,
            "When connections and presence are written down in sys:events: on, off, or auto (as a sink wants them)");
    private static final Setting<Boolean> ADDRESSES = ROWS.add(
            "events.addresses", Kind.truth(), false, "Whether events of connections name the addresses they came from");

    private static boolean isDestination(String text) {
        return Networks.isEntry(text) || text.matches("(?=.*[A-Za-z])[A-Za-z0-9-]{1,63}(\\.[A-Za-z0-9-]{1,63}){0,9}");
    }

    /// What the settings say.
    public static EventsSection of(Values values) {
        List<String> destinations = values.get(PRIVATE);
        return new EventsSection(
                values.get(SINKS),
                destinations.stream()
                        .filter(text -> !Networks.isEntry(text))
                        .map(text -> text.toLowerCase(Locale.ROOT))
                        .collect(Collectors.toUnmodifiableSet()),
                Networks.of(destinations),
                values.get(LOG),
                values.get(ADDRESSES));
    }

    /// Whether a sink of an administrator may be at an address that is not public.
    ///
    /// @param isLoopbackOnly whether the server is reached from this machine alone
    public boolean mayBeAt(InetAddress address, boolean isLoopbackOnly) {
        return networks.contains(address) || (isLoopbackOnly && address.isLoopbackAddress());
    }
}
