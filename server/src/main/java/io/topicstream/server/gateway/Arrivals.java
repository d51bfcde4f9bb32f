package io.topicstream.server.gateway;

import io.topicstream.transport.RequestHead;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/// The handshakes of the gateway that are on their way, by the ids of the connections that they may become.
/// Thread-safe;
/// each of them is its event loop's.
final class Arrivals {
    private final ConcurrentHashMap<String, Arrival> underWay = new ConcurrentHashMap<>();

    /// A handshake has come.
    Arrival begin(String connectionId, RequestHead request, List<String> offered) {
        Arrival arrival = new Arrival(request, offered);
        underWay.put(connectionId, arrival);
        return arrival;
    }

    /// It is on its way no more.
    void end(String connectionId) {
        underWay.remove(connectionId);
    }

    /// That of a connection, if it is on its way.
    @Nullable
    Arrival find(String connectionId) {
        return underWay.get(connectionId);
    }
}
