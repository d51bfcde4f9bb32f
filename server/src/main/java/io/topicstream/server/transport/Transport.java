package io.topicstream.server.transport;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollChannelOption;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.ServerSocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.EventExecutor;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongSupplier;

/// The event loops, the ports bound on them, and their end. Native epoll where it exists, else NIO. The methods may
/// be called from any thread.
///
/// Ports share the loops, and acceptors sit on the loops they feed. A connection stays on its loop for life.
@SuppressWarnings("FutureReturnValueIgnored") // of what is closed or scheduled on the way down
public final class Transport {
    private static final int BACKLOG = 4096;
    private static final int KERNEL_UNSENT_BYTES = 128 * 1024;

    private final MultiThreadIoEventLoopGroup group;
    private final boolean epoll;
    private final IdentityHashMap<EventExecutor, TransportLoop> loops = new IdentityHashMap<>();
    private final List<EventLoop> eventLoops = new ArrayList<>();
    private final ConnectionCounts counts;
    private final List<Channel> ports = new ArrayList<>();
    private boolean stopping;

    /// Starts the loops.
    ///
    /// @param loopCount threads that own the connections; at least 1
    /// @param nanoClock a monotonic clock for deadlines, as `System::nanoTime`
    /// @param wallClock the time of day for the `Date` field
    public Transport(int loopCount, TransportLimits limits, LongSupplier nanoClock, InstantSource wallClock) {
        TransportLimits.requirePositive("loopCount", loopCount);
        this.counts = new ConnectionCounts(limits);
        this.epoll = Epoll.isAvailable();
        IoHandlerFactory io = epoll ? EpollIoHandler.newFactory() : NioIoHandler.newFactory();
        this.group = new MultiThreadIoEventLoopGroup(loopCount, new DefaultThreadFactory("loop"), io);
        long periodNs = Math.max(1_000_000, limits.sweep().toNanos() / TransportLoop.TICKS_PER_SWEEP);
        for (EventExecutor executor : group) {
            EventLoop eventLoop = (EventLoop) executor;
            TransportLoop loop = new TransportLoop(eventLoop, limits, nanoClock, wallClock, counts);
            loops.put(eventLoop, loop);
            eventLoops.add(eventLoop);
            eventLoop.scheduleWithFixedDelay(loop::onTick, periodNs, periodNs, TimeUnit.NANOSECONDS);
        }
    }

    /// Starts loops by the machine's clocks.
    public static Transport start(int loopCount, TransportLimits limits) {
        return new Transport(loopCount, limits, System::nanoTime, InstantSource.system());
    }

    /// Serves `endpoint` on `address`; port 0 takes a free one. Answers the address that was bound.
    ///
    /// @throws IOException if the address cannot be bound; the message names it
    public InetSocketAddress bind(InetSocketAddress address, Endpoint endpoint) throws IOException {
        InetSocketAddress bound = reserve(address, endpoint);
        open();
        return bound;
    }

    /// The same, but whoever connects waits, in the kernel, until [#open]: for what needs to know the port before
    /// anybody is answered on it.
    ///
    /// @throws IOException if the address cannot be bound; the message names it
    public InetSocketAddress reserve(InetSocketAddress address, Endpoint endpoint) throws IOException {
        ServerBootstrap bootstrap = new ServerBootstrap()
                .group(group)
                .channel(epoll ? EpollServerSocketChannel.class : NioServerSocketChannel.class)
                .option(ChannelOption.SO_BACKLOG, BACKLOG)
                .option(ChannelOption.SO_REUSEADDR, true)
                .option(ChannelOption.AUTO_READ, false)
                .childOption(ChannelOption.TCP_NODELAY, true)
                .childHandler(new ConnectionInitializer(this::loopOf, counts, endpoint));
        if (epoll) {
            // Else a stalled socket takes megabytes into the kernel before it counts as full.
            bootstrap.childOption(EpollChannelOption.TCP_NOTSENT_LOWAT, (long) KERNEL_UNSENT_BYTES);
        }
        synchronized (this) {
            if (stopping) {
                throw new IOException("the transport is stopping");
            }
            ChannelFuture bound = bootstrap.bind(address).awaitUninterruptibly();
            if (!bound.isSuccess()) {
                throw new IOException("cannot listen on " + address, bound.cause());
            }
            ports.add(bound.channel());
            return ((ServerSocketChannel) bound.channel()).localAddress();
        }
    }

    /// Lets those in who wait, and will come, on all ports.
    public void open() {
        synchronized (this) {
            for (Channel port : ports) {
                port.config().setAutoRead(true);
            }
        }
    }

    private TransportLoop loopOf(Channel channel) {
        TransportLoop loop = loops.get(channel.eventLoop());
        if (loop == null) {
            throw new IllegalStateException("a channel of another transport");
        }
        return loop;
    }

    /// The loops, for work that belongs to one of them.
    public List<EventLoop> eventLoops() {
        return List.copyOf(eventLoops);
    }

    /// Whether the native transport is in use.
    public boolean isEpoll() {
        return epoll;
    }

    /// Connections that are open now, on all ports.
    public int connections() {
        return counts.all();
    }

    /// Stops in phases: no new connections; each listener hears that the end is near; over the course of `drain`
    /// the WebSockets are closed with `closeCode`, spread out so that the clients do not all come back at once;
    /// requests that are being handled may finish. Whatever is left `drain` plus a second later is closed hard.
    /// Completes when the loops have ended. A second call has no effect and answers at once.
    ///
    /// @param closeCode 1001 or 1012
    public CompletableFuture<Void> stop(Duration drain, int closeCode) {
        CompletableFuture<Void> ended = new CompletableFuture<>();
        List<Channel> closing;
        synchronized (this) {
            if (stopping) {
                ended.complete(null);
                return ended;
            }
            stopping = true;
            closing = List.copyOf(ports);
        }
        AtomicInteger open = new AtomicInteger(closing.size());
        if (closing.isEmpty()) {
            drainLoops(drain, closeCode, ended);
        }
        for (Channel port : closing) {
            port.close().addListener(done -> {
                if (open.decrementAndGet() == 0) {
                    drainLoops(drain, closeCode, ended);
                }
            });
        }
        return ended;
    }

    private void drainLoops(Duration drain, int closeCode, CompletableFuture<Void> ended) {
        int drainMs = (int) Math.min(Integer.MAX_VALUE - 1000, drain.toMillis());
        AtomicInteger open = new AtomicInteger(loops.size());
        for (TransportLoop loop : loops.values()) {
            loop.eventLoop.execute(() -> {
                loop.onDraining(drainMs);
                new Closing(loop, closeCode, drainMs, () -> {
                            if (open.decrementAndGet() == 0) {
                                group.shutdownGracefully(0, 1, TimeUnit.SECONDS).addListener(done -> {
                                    loops.values().forEach(TransportLoop::close);
                                    ended.complete(null);
                                });
                            }
                        })
                        .run();
            });
        }
    }

    /// Closes one loop's connections in ten steps, and ends as soon as none is left.
    private static final class Closing implements Runnable {
        private static final int STEPS = 10;
        private static final int LAST_WORD_MS = 1000;

        private final TransportLoop loop;
        private final int closeCode;
        private final int stepMs;
        private final int each;
        private final Runnable done;
        private int step;

        Closing(TransportLoop loop, int closeCode, int drainMs, Runnable done) {
            this.loop = loop;
            this.closeCode = closeCode;
            this.stepMs = drainMs / STEPS;
            this.each = loop.connections() / STEPS + 1;
            this.done = done;
        }

        @Override
        public void run() {
            if (loop.connections() == 0) {
                done.run();
            } else if (step < STEPS) {
                step++;
                loop.onStop(each, closeCode);
                loop.eventLoop.schedule(this, stepMs, TimeUnit.MILLISECONDS);
            } else if (step < 2 * STEPS) {
                step++;
                loop.eventLoop.schedule(this, LAST_WORD_MS / STEPS, TimeUnit.MILLISECONDS);
            } else {
                loop.onAbort();
                done.run();
            }
        }
    }
}
