package io.topicstream.transport;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.RecvByteBufAllocator;
import io.netty.channel.ServerChannelRecvByteBufAllocator;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollChannelOption;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.ServerSocketChannel;
import io.netty.channel.socket.SocketProtocolFamily;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.EventExecutor;
import java.io.IOException;
import java.net.Inet4Address;
import java.net.InetSocketAddress;
import java.nio.channels.spi.SelectorProvider;
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
    /// How many new connections a loop lets in before it looks at its other sockets: so few of all loops together that
    /// those past the limits do not crowd each other out unheard ([ConnectionCounts#MOST_PROBES]).
    private static final int ACCEPTED_AT_ONCE = 16;
    private static final int ACCEPT_PAUSE_MS = 250;
    private static final int KERNEL_UNSENT_BYTES = 128 * 1024;

    static {
        NettyLog.install();
        LoopFaults.rehearse();
    }

    private final MultiThreadIoEventLoopGroup group;
    private final boolean epoll;
    private final IdentityHashMap<EventExecutor, TransportLoop> loops = new IdentityHashMap<>();
    private final List<EventLoop> eventLoops = new ArrayList<>();
    private final ConnectionCounts counts;
    private final ByteBudget incomplete;
    private final ByteBudget unsentAnswers;
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
        this.incomplete = new ByteBudget(limits.incompleteBytes());
        this.unsentAnswers = new ByteBudget(limits.answerBytes());
        this.epoll = Epoll.isAvailable();
        IoHandlerFactory io = epoll ? EpollIoHandler.newFactory() : NioIoHandler.newFactory();
        this.group = new MultiThreadIoEventLoopGroup(loopCount, new DefaultThreadFactory("loop"), io);
        long periodNs = Math.max(1_000_000, limits.sweep().toNanos() / TransportLoop.TICKS_PER_SWEEP);
        for (EventExecutor executor : group) {
            EventLoop eventLoop = (EventLoop) executor;
            TransportLoop loop =
                    new TransportLoop(eventLoop, limits, nanoClock, wallClock, counts, incomplete, unsentAnswers);
            loops.put(eventLoop, loop);
            eventLoops.add(eventLoop);
            eventLoop.scheduleWithFixedDelay(loop::onTick, periodNs, periodNs, TimeUnit.NANOSECONDS);
            eventLoop.terminationFuture().addListener(ended -> onLoopEnded());
        }
    }

    private void onLoopEnded() {
        synchronized (this) {
            if (stopping) {
                return;
            }
        }
        LoopFaults.cannotGoOn(new IllegalStateException("an event loop ended while the server was serving"));
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
        // Each family has sockets of its own, so that 0.0.0.0 is what it says and not the whole machine.
        SocketProtocolFamily family =
                address.getAddress() instanceof Inet4Address ? SocketProtocolFamily.INET : SocketProtocolFamily.INET6;
        ServerBootstrap bootstrap = new ServerBootstrap()
                .group(group)
                .channelFactory(() -> epoll
                        ? new EpollServerSocketChannel(family)
                        : new NioServerSocketChannel(SelectorProvider.provider(), family))
                .handler(new AcceptFailures())
                .option(ChannelOption.SO_BACKLOG, BACKLOG)
                .option(ChannelOption.SO_REUSEADDR, true)
                .option(ChannelOption.AUTO_READ, false)
                .option(ChannelOption.RECVBUF_ALLOCATOR, accepts())
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

    /// Netty takes the number of a new descriptor for a count of bytes, and with epoll would accept one
    /// connection each time that it looks at its sockets: behind two hundred others somebody new would wait for
    /// two hundred looks.
    private static RecvByteBufAllocator accepts() {
        return new ServerChannelRecvByteBufAllocator()
                .respectMaybeMoreData(false)
                .maxMessagesPerRead(ACCEPTED_AT_ONCE);
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

    /// How long the loop that answers worst has not come to its clock, in milliseconds: up to a tenth of a sweep
    /// while all is well.
    public long slowestLoopMs() {
        long slowestNs = 0;
        for (TransportLoop loop : loops.values()) {
            slowestNs = Math.max(slowestNs, loop.clock.sinceBeatNs());
        }
        return slowestNs / 1_000_000;
    }

    /// Whether the native transport is in use.
    public boolean isEpoll() {
        return epoll;
    }

    /// Connections that are open now, on all ports.
    public int connections() {
        return counts.all();
    }

    /// What all connections keep of requests and messages that are not complete.
    public long incompleteBytes() {
        return incomplete.usedBytes();
    }

    /// HTTP answers that are made or wait to be sent.
    public long answerBytes() {
        return unsentAnswers.usedBytes();
    }

    /// Stops in phases. For `delay` new connections are still let in, so that a load balancer can hear that
    /// this server is not ready any more; each answer says that it is the last one of its connection. Then no
    /// new connections, and each listener hears that the end is near. Over the course of `drain` the WebSockets
    /// are closed with `closeCode`, spread out so that the clients do not all come back at once; requests that
    /// are being handled may finish. Whatever is left `drain` plus a second later is closed hard. Completes
    /// when the loops have ended. A second call has no effect and answers at once.
    ///
    /// @param closeCode 1001 or 1012
    public CompletableFuture<Void> stop(Duration delay, Duration drain, int closeCode) {
        CompletableFuture<Void> ended = new CompletableFuture<>();
        synchronized (this) {
            if (stopping) {
                ended.complete(null);
                return ended;
            }
            stopping = true;
        }
        if (delay.isZero()) {
            closePorts(drain, closeCode, ended);
        } else {
            for (TransportLoop loop : loops.values()) {
                if (!loop.eventLoop.isShuttingDown()) {
                    loop.eventLoop.execute(loop::onLeaving);
                }
            }
            CompletableFuture.delayedExecutor(delay.toMillis(), TimeUnit.MILLISECONDS)
                    .execute(() -> closePorts(drain, closeCode, ended));
        }
        return ended;
    }

    /// The same without a delay.
    public CompletableFuture<Void> stop(Duration drain, int closeCode) {
        return stop(Duration.ZERO, drain, closeCode);
    }

    private void closePorts(Duration drain, int closeCode, CompletableFuture<Void> ended) {
        List<Channel> closing;
        synchronized (this) {
            closing = List.copyOf(ports);
        }
        AtomicInteger open = new AtomicInteger(closing.size() + 1);
        Runnable onClosed = () -> {
            if (open.decrementAndGet() == 0) {
                drainLoops(drain, closeCode, ended);
            }
        };
        for (Channel port : closing) {
            if (port.eventLoop().isShuttingDown()) {
                // A loop that died has closed it, and would not say so.
                onClosed.run();
            } else {
                port.close().addListener(done -> onClosed.run());
            }
        }
        onClosed.run();
    }

    private void drainLoops(Duration drain, int closeCode, CompletableFuture<Void> ended) {
        int drainMs = (int) Math.min(Integer.MAX_VALUE - 1000, drain.toMillis());
        AtomicInteger open = new AtomicInteger(loops.size());
        Runnable onDrained = () -> {
            if (open.decrementAndGet() == 0) {
                group.shutdownGracefully(0, 1, TimeUnit.SECONDS).addListener(done -> {
                    loops.values().forEach(loop -> loop.memory.close());
                    ended.complete(null);
                });
            }
        };
        for (TransportLoop loop : loops.values()) {
            if (loop.eventLoop.isShuttingDown()) {
                onDrained.run();
            } else {
                loop.eventLoop.execute(() -> {
                    loop.onDraining(drainMs);
                    new Closing(loop, closeCode, drainMs, onDrained).run();
                });
            }
        }
    }

    /// What goes wrong while a connection is accepted: mostly that there is no descriptor for it. Accepting then
    /// pauses; clients that connect meanwhile wait in the kernel. Stands before Netty's own handler of this,
    /// which is not told.
    private static final class AcceptFailures extends ChannelInboundHandlerAdapter {
        private boolean paused;

        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
            if (!(cause instanceof IOException)) {
                LoopFaults.onFault("a connection could not be accepted", cause);
                return;
            }
            LoopFaults.tell("accept", "cannot accept connections now, trying again: " + cause.getMessage(), null);
            if (!paused) {
                paused = true;
                ctx.channel().config().setAutoRead(false);
                ctx.executor().schedule(() -> resume(ctx.channel()), ACCEPT_PAUSE_MS, TimeUnit.MILLISECONDS);
            }
        }

        private void resume(Channel port) {
            paused = false;
            if (port.isActive()) {
                port.config().setAutoRead(true);
            }
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
            this.each = loop.connections.size() / STEPS + 1;
            this.done = done;
        }

        @Override
        public void run() {
            if (loop.connections.size() == 0) {
                done.run();
            } else if (step < STEPS) {
                step++;
                loop.connections.stop(each, closeCode);
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
