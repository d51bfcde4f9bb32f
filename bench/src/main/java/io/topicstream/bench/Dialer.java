package io.topicstream.bench;

import io.netty.channel.IoEventLoop;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.function.LongSupplier;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/// Brings a run's connections about, at the speed it is told, and knows which of them are there, which failed, and
/// what was said about it first. Owned by the run's thread.
final class Dialer {
    /// Small, so that it is the server that has to hold what a stalled subscriber does not read.
    private static final int STALLED_BUFFER_BYTES = 4 << 10;

    private final LoadOptions options;
    private final LongSupplier clock;
    private final IoEventLoop loop;
    private final Transport transport;
    private final InetSocketAddress target;
    private final @Nullable TlsClient tls;
    private final List<Connection> connections;
    private final Histogram handshakeLatency = Tally.histogram();

    private int opened;
    private int handshaking;
    private int ready;
    private int failed;
    private int dropped;
    private long refused;
    private String firstComplaint = "";

    Dialer(
            LoadOptions options,
            LongSupplier clock,
            IoEventLoop loop,
            Transport transport,
            List<Connection> connections) {
        this.options = options;
        this.clock = clock;
        this.loop = loop;
        this.transport = transport;
        this.connections = connections;
        target = options.address(LoadOptions.command(new LoadOptions()));
        tls = options.tls ? new TlsClient() : null;
    }

    /// Opens the connections that are due at `now`.
    ///
    /// @return nanoseconds until the next may be due
    long openDue(long now) {
        double intervalNs = options.connectRate > 0 ? 1e9 / options.connectRate : 0;
        while (opened < connections.size() && handshaking < options.handshakesInFlight && opened * intervalNs <= now) {
            open(connections.get(opened++));
        }
        if (opened < connections.size() && handshaking < options.handshakesInFlight) {
            return Math.max(0, (long) (opened * intervalNs) - now);
        }
        return Pacer.IDLE_WAIT_NS;
    }

    private void open(Connection connection) {
        connection.openedNs = clock.getAsLong();
        handshaking++;
        connection.state = Connection.State.CONNECTING;
        try {
            LoadSocket socket = LoadSocket.open(loop, transport, connection);
            if (tls != null) {
                socket = tls.over(socket);
            }
            if (connection.subscriber && connection.index < options.stalled) {
                socket.receiveBuffer(STALLED_BUFFER_BYTES);
            }
            connection.attach(socket);
            InetSocketAddress source =
                    options.sources > 0 ? new InetSocketAddress("127.0.0." + (2 + opened % options.sources), 0) : null;
            if (socket.connect(target, source)) {
                onConnected(connection);
            } else {
                socket.want(false, true);
            }
        } catch (IOException e) {
            drop(connection, "connecting failed: " + e.getMessage());
        }
    }

    /// The socket has news of its connecting.
    void onConnecting(Connection connection) {
        try {
            if (connection.socket().finishConnect()) {
                onConnected(connection);
            }
        } catch (IOException e) {
            drop(connection, "connecting failed: " + e.getMessage());
        }
    }

    private void onConnected(Connection connection) {
        connection.state = Connection.State.HANDSHAKE;
        connection.socket().want(true, false);
        connection.wire.onConnected(connection);
    }

    /// The server has accepted the connection.
    void onHandshake(Connection connection) {
        Tally.record(handshakeLatency, clock.getAsLong() - connection.openedNs);
        handshaking--;
    }

    /// The connection is where the load can begin.
    void onReady(Connection connection) {
        connection.state = Connection.State.READY;
        ready++;
        if (connection.subscriber && connection.index < options.stalled) {
            connection.stall(true);
        }
    }

    /// The server said no.
    void onRefusal(Connection connection, String what) {
        complain(what);
        if (connection.state == Connection.State.READY) {
            refused++;
        } else {
            drop(connection, what);
        }
    }

    /// Gives a connection up.
    void drop(Connection connection, String why) {
        if (connection.state == Connection.State.DEAD) {
            return;
        }
        complain(why);
        if (connection.state == Connection.State.READY) {
            dropped++;
        } else {
            failed++;
            if (connection.state.compareTo(Connection.State.SUBSCRIBING) < 0) {
                handshaking--;
            }
        }
        close(connection);
    }

    private void complain(String what) {
        if (firstComplaint.isEmpty()) {
            firstComplaint = what;
        }
    }

    /// Closes what is still open, which is nobody's fault.
    void closeAll() {
        for (Connection connection : connections) {
            if (connection.state != Connection.State.DEAD) {
                close(connection);
            }
        }
    }

    private static void close(Connection connection) {
        connection.state = Connection.State.DEAD;
        if (connection.hasSocket()) {
            connection.socket().shut();
        }
    }

    /// Whether each connection is ready or has failed.
    boolean isDone() {
        return ready + failed >= connections.size();
    }

    int ready() {
        return ready;
    }

    /// Connections that ended after they had been ready.
    int dropped() {
        return dropped;
    }

    /// Messages, or requests, that were answered by an error.
    long refused() {
        return refused;
    }

    /// The first thing that went wrong in words, or nothing.
    String firstComplaint() {
        return firstComplaint;
    }

    LoadResult.Percentiles handshakeLatency() {
        return LoadResult.Percentiles.of(handshakeLatency);
    }
}
