package io.topicstream.settings.section;

import io.topicstream.settings.Kind;
import io.topicstream.settings.Rows;
import io.topicstream.settings.Setting;
import io.topicstream.settings.Values;
import java.net.InetAddress;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;

/// Where administrators may put sinks, beside what is public.
///
/// @param hosts names whose addresses may be any; in lower case
/// @param networks addresses that are allowed though they are not public
public record DestinationSection(Set<String> hosts, Networks networks) {
    public static final Rows ROWS = new Rows();

    private static final Setting<List<String>> PRIVATE = ROWS.add(
            "events.private_destinations",
            Kind.list("an address, a network such as 10.0.0.0/8, or a host name", DestinationSection::isDestination),
            List.of(),
            "Where administrators may put sinks though it is not public; on a loopback bind this machine is one");

    private static boolean isDestination(String text) {
        return Networks.isEntry(text) || text.matches("(?=.*[A-Za-z])[A-Za-z0-9-]{1,63}(\\.[A-Za-z0-9-]{1,63}){0,9}");
    }

    /// What the settings say.
    public static DestinationSection of(Values values) {
        List<String> destinations = values.get(PRIVATE);
        return new DestinationSection(
                destinations.stream()
                        .filter(text -> !Networks.isEntry(text))
                        .map(text -> text.toLowerCase(Locale.ROOT))
                        .collect(Collectors.toUnmodifiableSet()),
                Networks.of(destinations));
    }

    /// Whether a sink of an administrator may be at an address that is not public.
    ///
    /// @param isLoopbackOnly whether the server is reached from this machine alone
    public boolean mayBeAt(InetAddress address, boolean isLoopbackOnly) {
        return networks.contains(address) || (isLoopbackOnly && address.isLoopbackAddress());
    }
}
