package io.topicstream.transport;

import io.netty.channel.Channel;
import java.net.InetAddress;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/// The connections of one event loop, and what of them is in the counts of all loops. Used on that loop only.
///
/// There are no timers per connection. A walk goes on through the list from where the last one ended, so that each
/// connection is looked at once per sweep and pings spread by themselves.
final class ConnectionList {
    private final LoopClock clock;
    private final ConnectionCounts counts;
    private final ArrayList<Connection> connections = new ArrayList<>();
    /// Those past the limits, which may only ask how the server is, oldest first.
    private final ArrayDeque<HttpConnection> probes = new ArrayDeque<>();
    private int cursor;

    ConnectionList(LoopClock clock, ConnectionCounts counts) {
        this.clock = clock;
        this.counts = counts;
    }

    int size() {
        return connections.size();
    }

    void add(Connection connection) {
        connection.slot = connections.size();
        connections.add(connection);
    }

    /// Takes `connection`, whose channel is closed, off the list and out of the counts.
    void remove(Connection connection, Channel channel) {
        int slot = connection.slot;
        if (slot < 0) {
            return;
        }
        Connection last = connections.removeLast();
        if (last != connection) {
            connections.set(slot, last);
            last.slot = slot;
        }
        connection.slot = -1;
        if (connection instanceof HttpConnection http && http.isProbe()) {
            // One that gave its place to another is in the list no more.
            if (probes.remove(http)) {
                counts.removeProbe();
            }
            Peer peer = Peer.of(channel);
            InetAddress counted = peer == null ? null : peer.counted();
            if (counted != null) {
                counts.removeAddress(counted);
            }
        } else {
            counts.remove(Peer.countedAddress(channel));
        }
    }

    /// Puts `to` in the place of `from`: the socket is the same.
    void replace(Connection from, Connection to) {
        to.slot = from.slot;
        connections.set(to.slot, to);
        from.slot = -1;
    }

    /// Takes in a connection past the limit, which may only ask how the server is. Where there are too many of
    /// that kind the oldest of this loop goes.
    ///
    /// @return whether there is a place for it
    boolean admitsProbe() {
        if (counts.addProbe()) {
            return true;
        }
        HttpConnection oldest = probes.poll();
        if (oldest == null) {
            return false;
        }
        oldest.onAbort();
        return true;
    }

    void addProbe(HttpConnection probe) {
        probes.add(probe);
        add(probe);
    }

    /// Counts a connection that a trusted proxy made by the address of the client for whom alone it will be from now
    /// on.
    ///
    /// @throws Refusal if the client has too many
    void countClient(Channel channel, RequestSource client) {
        Peer peer = Peer.of(channel);
        if (peer != null && peer.counted() == null && client.isProxied()) {
            if (!counts.addAddress(client.address())) {
                throw new Refusal(429, ConnectionCounts.TOO_MANY, Map.of("Retry-After", "1"));
            }
            peer.countAs(client.address());
        }
    }

    /// Moves the clock and looks at the next part of the connections.
    ///
    /// @param parts how many walks make a sweep
    void walk(int parts) {
        visit((connections.size() + parts - 1) / parts);
    }

    /// Moves the clock and looks at all connections.
    void sweep() {
        cursor = 0;
        visit(connections.size());
    }

    private void visit(int visits) {
        clock.tick();
        for (int i = 0; i < visits && !connections.isEmpty(); i++) {
            if (cursor >= connections.size()) {
                cursor = 0;
            }
            Connection connection = connections.get(cursor);
            try {
                connection.onTick(clock.nowMs());
            } catch (RuntimeException e) {
                // One connection's fault must not stop the clock of all others.
                LoopFaults.onFault("closing a connection whose deadlines could not be looked at", e);
                connection.onAbort();
            }
            if (connection.slot == cursor) {
                cursor++;
            }
        }
    }

    /// Does something with each connection that is there now. It may change the list; those that are gone when their
    /// turn comes are left out.
    void forEach(Consumer<Connection> action) {
        for (Connection connection : List.copyOf(connections)) {
            if (connection.slot >= 0) {
                action.accept(connection);
            }
        }
    }

    /// Closes up to `most` of the connections that are not closing yet.
    void stop(int most, int closeCode) {
        clock.tick();
        int left = most;
        for (Connection connection : List.copyOf(connections)) {
            if (left > 0 && connection.slot >= 0 && connection.onStop(closeCode)) {
                left--;
            }
        }
    }
}
