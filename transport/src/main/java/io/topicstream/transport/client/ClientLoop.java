package io.topicstream.transport.client;

import io.netty.channel.Channel;
import io.netty.channel.ChannelConfig;
import io.netty.channel.ChannelException;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.IoEventLoop;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.topicstream.transport.client.ClientConnection.Origin;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// The calls and the connections of one event loop. Used on that loop only.
@SuppressWarnings("FutureReturnValueIgnored") // of closes, and of what is scheduled
final class ClientLoop {
    private static final int SWEEPS_PER_IDLE = 4;
    private static final long LEAST_SWEEP_NS = 10_000_000;

    private final EventLoop eventLoop;
    private final ClientLimits limits;
    private final ClientNames names;
    private final AnswerRoom room;
    private final boolean epoll;
    private final long sweepNs;
    /// Where heads are read that come in one piece.
    private final byte[] scratch;

    /// Those that wait for a call, by server; who waits longest stands first.
    private final Map<Origin, ArrayDeque<ClientConnection>> kept = new HashMap<>();

    private final Set<ClientConnection> open = new HashSet<>();
    private final CallDeadlines calls;

    private int keptConnections;
    private boolean sweeping;
    private boolean closed;

    ClientLoop(EventLoop eventLoop, ClientLimits limits, ClientNames names, AnswerRoom room) {
        this.eventLoop = eventLoop;
        this.limits = limits;
        this.names = names;
        this.room = room;
        this.calls = new CallDeadlines(eventLoop, ClientLoop::cut);
        this.scratch = new byte[limits.headBytes()];
        this.sweepNs = Math.max(LEAST_SWEEP_NS, limits.idle().toNanos() / SWEEPS_PER_IDLE);
        this.epoll = eventLoop instanceof IoEventLoop io && io.isIoType(EpollIoHandler.class);
    }

    ClientLimits limits() {
        return limits;
    }

    AnswerRoom room() {
        return room;
    }

    byte[] scratch() {
        return scratch;
    }

    /// Begins a call.
    void onCall(ClientCall call, long withinNs) {
        if (closed) {
            call.fail(new IOException("The client is closed."));
            return;
        }
        calls.add(call, withinNs);
        ClientConnection ready = takeKept(call.request.origin);
        if (ready != null) {
            ready.begin(call);
        } else {
            connect(call);
        }
    }

    private static void cut(ClientCall call, Exception why) {
        ClientConnection connection = call.connection;
        // First, so that a connection that is still being made does not tell of its own end.
        call.fail(why);
        if (connection != null) {
            connection.close();
        }
    }

    // ---- connections ----

    /// Makes a new connection for a call.
    void connect(ClientCall call) {
        CompletableFuture<List<InetAddress>> asked = names.of(call.request.origin.host());
        if (asked.isDone()) {
            connect(call, known(asked), 0);
            return;
        }
        var _ = asked.whenComplete((_, _) -> {
            try {
                eventLoop.execute(() -> connect(call, known(asked), 0));
            } catch (RejectedExecutionException e) {
                call.lose(new IOException("The loops have ended.", e));
            }
        });
    }

    private static List<InetAddress> known(CompletableFuture<List<InetAddress>> asked) {
        return asked.isCompletedExceptionally() ? List.of() : asked.join();
    }

    /// Tries one address after the other.
    private void connect(ClientCall call, List<InetAddress> addresses, int index) {
        if (call.isOver()) {
            return;
        }
        Origin origin = call.request.origin;
        if (addresses.isEmpty()) {
            call.fail(new UnknownHostException(origin.host()));
            return;
        }
        Channel channel;
        try {
            channel = epoll ? new EpollSocketChannel() : new NioSocketChannel();
        } catch (ChannelException e) {
            call.fail(new IOException("There is no socket for the call.", e));
            return;
        }
        ClientConnection connection = new ClientConnection(this, origin, channel, System.nanoTime());
        configure(channel.config());
        channel.pipeline().addLast(connection);
        ChannelFuture registered = eventLoop.register(channel);
        if (registered.cause() != null) {
            call.fail(new IOException("There is no socket for the call.", registered.cause()));
            return;
        }
        open.add(connection);
        connection
                .connect(call, new InetSocketAddress(addresses.get(index), origin.port()))
                .addListener(done -> {
                    if (!done.isSuccess()) {
                        // Such a channel does not say that it has closed.
                        open.remove(connection);
                        connection.close();
                    }
                    if (call.isOver()) {
                        connection.close();
                    } else if (done.isSuccess()) {
                        connection.begin(call);
                    } else {
                        if (index + 1 < addresses.size()) {
                            connect(call, addresses, index + 1);
                        } else {
                            call.fail(refused(done.cause()));
                        }
                    }
                });
    }

    private static void configure(ChannelConfig config) {
        config.setOption(ChannelOption.TCP_NODELAY, true);
        // A call has its own deadline.
        config.setOption(ChannelOption.CONNECT_TIMEOUT_MILLIS, 0);
        // A server may answer before it has read all, and close: what it said is still to be read.
        config.setOption(ChannelOption.AUTO_CLOSE, false);
    }

    private static IOException refused(Throwable why) {
        ConnectException refused = new ConnectException(why.getMessage());
        refused.initCause(why);
        return refused;
    }

    // ---- kept connections ----

    private @Nullable ClientConnection takeKept(Origin origin) {
        ArrayDeque<ClientConnection> waiting = kept.get(origin);
        while (waiting != null && !waiting.isEmpty()) {
            ClientConnection last = waiting.removeLast();
            keptConnections--;
            if (last.isOpen() && System.nanoTime() - last.bornNs < limits.age().toNanos()) {
                return last;
            }
            last.close();
        }
        return null;
    }

    /// Keeps a connection whose call was answered.
    void keep(ClientConnection connection) {
        long nowNs = System.nanoTime();
        if (closed
                || keptConnections >= limits.keptConnections()
                || nowNs - connection.bornNs >= limits.age().toNanos()) {
            connection.close();
            return;
        }
        connection.idleNs = nowNs;
        kept.computeIfAbsent(connection.origin, _ -> new ArrayDeque<>()).addLast(connection);
        keptConnections++;
        if (!sweeping) {
            sweeping = true;
            eventLoop.schedule(this::sweep, sweepNs, TimeUnit.NANOSECONDS);
        }
    }

    private void sweep() {
        sweeping = false;
        long nowNs = System.nanoTime();
        for (ArrayDeque<ClientConnection> waiting : List.copyOf(kept.values())) {
            while (!waiting.isEmpty()
                    && nowNs - waiting.getFirst().idleNs >= limits.idle().toNanos()) {
                keptConnections--;
                waiting.removeFirst().close();
            }
        }
        kept.values().removeIf(ArrayDeque::isEmpty);
        if (!kept.isEmpty()) {
            sweeping = true;
            eventLoop.schedule(this::sweep, sweepNs, TimeUnit.NANOSECONDS);
        }
    }

    void onClosed(ClientConnection connection) {
        open.remove(connection);
        ArrayDeque<ClientConnection> waiting = kept.get(connection.origin);
        if (waiting != null && waiting.remove(connection)) {
            keptConnections--;
        }
    }

    /// Closes all connections. Calls that are under way fail.
    void onClose() {
        closed = true;
        IOException why = new IOException("The client was closed.");
        for (ClientCall call : calls.all()) {
            cut(call, why);
        }
        for (ClientConnection connection : List.copyOf(open)) {
            connection.close();
        }
        kept.clear();
        keptConnections = 0;
    }
}
