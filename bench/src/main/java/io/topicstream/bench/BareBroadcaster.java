package io.topicstream.bench;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.IoEventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.util.ReferenceCountUtil;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;

/// The least a WebSocket broadcaster on the JVM can do: the denominator of every ratio about
/// delivery.
///
/// One event loop, one handler a connection, no log, no JSON, no checks. A text frame to `/pub/{g}`
/// becomes one frame, encoded once, for every connection on `/sub/{g}`; a frame to `/echo` comes
/// back. Plainly, each delivery is one write straight to the socket; coalescing, the frames of one
/// turn of the loop are joined and share a write.
// Writes go with the void promise, and nobody waits for a close.
@SuppressWarnings("FutureReturnValueIgnored")
public final class BareBroadcaster implements AutoCloseable {
    private static final int MAX_BACKLOG_BYTES = 64 << 20;
    private static final int MAX_FRAME_BYTES = 1 << 20;
    private static final int JOINED_BYTES = 64 << 10;

    private final IoEventLoopGroup group;
    private final Channel server;
    private final boolean coalesce;
    private final Map<Integer, Room> rooms = new HashMap<>();
    private final List<Room> dirty = new ArrayList<>();

    private BareBroadcaster(int port, boolean coalesce, Faults faults) {
        this.coalesce = coalesce;
        Transport transport = Transport.best();
        group = new MultiThreadIoEventLoopGroup(1, transport.serverHandler());
        server = new ServerBootstrap()
                .group(group)
                .channel(
                        switch (transport) {
                            case EPOLL -> EpollServerSocketChannel.class;
                            case NIO -> NioServerSocketChannel.class;
                        })
                .option(ChannelOption.SO_BACKLOG, 4_096)
                .option(ChannelOption.SO_REUSEADDR, true)
                .childOption(ChannelOption.TCP_NODELAY, true)
                .childHandler(new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        channel.pipeline().addLast(new Peer(faults));
                    }
                })
                .bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port))
                .syncUninterruptibly()
                .channel();
    }

    /// Starts on a loopback port; 0 is any.
    public static BareBroadcaster start(int port, boolean coalesce) {
        return new BareBroadcaster(port, coalesce, Faults.NONE);
    }

    /// Starts one that does wrong on purpose, so that a tool can show that it notices.
    static BareBroadcaster faulty(Faults faults) {
        return new BareBroadcaster(0, false, faults);
    }

    /// The port it listens on.
    public int port() {
        return ((InetSocketAddress) server.localAddress()).getPort();
    }

    @Override
    public void close() {
        server.close().syncUninterruptibly();
        group.shutdownGracefully(0, 5, TimeUnit.SECONDS).syncUninterruptibly();
    }

    /// Runs one until the process ends: `BareBroadcaster PORT [--coalesce]`.
    public static void main(String[] arguments) throws InterruptedException {
        if (arguments.length < 1) {
            throw new CommandLine.ParameterException(new CommandLine(new Object()), "name a port");
        }
        boolean coalesce = List.of(arguments).contains("--coalesce");
        BareBroadcaster broadcaster = start(Integer.parseInt(arguments[0]), coalesce);
        System.out.println("listening on " + broadcaster.port());
        broadcaster.server.closeFuture().await();
    }

    /// What a test wants to go wrong with a frame on its way to a connection.
    interface Faults {
        Faults NONE = (room, frame) -> Fault.NONE;

        /// What befalls frame number `frame` of room `room`, counted from 0.
        Fault of(int room, long frame);
    }

    /// One way of going wrong.
    enum Fault {
        NONE,
        /// The frame goes to nobody.
        DROP,
        /// The frame goes twice.
        DUPLICATE,
        /// The frame goes after the one that follows.
        REORDER,
        /// The frame goes to the next room.
        MISROUTE
    }

    /// Those who listen to one number, in an array that is walked in order.
    private static final class Room {
        final int number;
        Peer[] peers = new Peer[4];
        int count;

        @Nullable
        ByteBuf joined;

        @Nullable
        ByteBuf held;

        long frames;

        Room(int number) {
            this.number = number;
        }

        void join(Peer peer) {
            if (count == peers.length) {
                peers = java.util.Arrays.copyOf(peers, count * 2);
            }
            peer.position = count;
            peers[count++] = peer;
        }

        void leave(Peer peer) {
            Peer last = peers[--count];
            peers[peer.position] = last;
            last.position = peer.position;
        }
    }

    private Room room(int number) {
        return rooms.computeIfAbsent(number, Room::new);
    }

    /// Takes a frame's ownership and gives it to a room, faults included.
    private void publish(Room room, ByteBuf frame, Faults faults) {
        switch (faults.of(room.number, room.frames++)) {
            case NONE -> broadcast(room, frame);
            case DROP -> frame.release();
            case DUPLICATE -> {
                broadcast(room, frame.retain());
                broadcast(room, frame);
            }
            case REORDER -> {
                room.held = frame;
                return;
            }
            case MISROUTE -> broadcast(room(room.number + 1), frame);
        }
        ByteBuf held = room.held;
        if (held != null) {
            room.held = null;
            broadcast(room, held);
        }
    }

    private void broadcast(Room room, ByteBuf frame) {
        for (int i = 0; i < room.count; i++) {
            room.peers[i].write(frame);
        }
        frame.release();
    }

    /// Joins a frame to what the room will get at the end of this turn.
    private void join(Room room, ByteBuf payload, ChannelHandlerContext context) {
        ByteBuf joined = room.joined;
        if (joined == null) {
            joined = context.alloc().directBuffer(JOINED_BYTES + 1_024);
            room.joined = joined;
            if (dirty.isEmpty()) {
                EventLoop loop = context.channel().eventLoop();
                loop.execute(this::flushRooms);
            }
            dirty.add(room);
        }
        writeHeader(joined, payload.readableBytes());
        joined.writeBytes(payload);
        if (joined.readableBytes() >= JOINED_BYTES) {
            room.joined = context.alloc().directBuffer(JOINED_BYTES + 1_024);
            broadcast(room, joined);
        }
    }

    private void flushRooms() {
        for (Room room : dirty) {
            ByteBuf joined = room.joined;
            room.joined = null;
            if (joined != null) {
                broadcast(room, joined);
            }
        }
        dirty.clear();
    }

    private static void writeHeader(ByteBuf frame, int length) {
        frame.writeByte(0x81);
        if (length < 126) {
            frame.writeByte(length);
        } else if (length < 65_536) {
            frame.writeByte(126).writeShort(length);
        } else {
            frame.writeByte(127).writeLong(length);
        }
    }

    private enum Kind {
        HANDSHAKE,
        SUBSCRIBER,
        PUBLISHER,
        ECHO
    }

    /// One connection; the only handler in its pipeline.
    private final class Peer extends ChannelInboundHandlerAdapter {
        private final Faults faults;
        private @Nullable ChannelHandlerContext context;
        private @Nullable EpollSocketChannel epoll;
        private @Nullable ByteBuf pending;
        private Kind kind = Kind.HANDSHAKE;
        private Room room = new Room(0);
        int position;

        Peer(Faults faults) {
            this.faults = faults;
        }

        @Override
        public void channelActive(ChannelHandlerContext active) {
            context = active;
            epoll = active.channel() instanceof EpollSocketChannel channel ? channel : null;
        }

        @Override
        public void channelInactive(ChannelHandlerContext gone) {
            if (kind == Kind.SUBSCRIBER) {
                room.leave(this);
            }
            ReferenceCountUtil.release(pending);
            pending = null;
        }

        /// Sends a frame that stays the caller's: straight to the socket if nothing waits there.
        void write(ByteBuf frame) {
            ChannelHandlerContext to = context;
            if (to == null) {
                return;
            }
            var queue = to.channel().unsafe().outboundBuffer();
            if (queue == null) {
                return;
            }
            int written = 0;
            int length = frame.readableBytes();
            if (epoll != null && queue.isEmpty() && frame.hasMemoryAddress()) {
                try {
                    written = epoll.fd()
                            .writeAddress(frame.memoryAddress(), frame.readerIndex(), frame.readerIndex() + length);
                } catch (IOException e) {
                    to.close();
                    return;
                }
                if (written == length) {
                    return;
                }
            } else if (queue.totalPendingWriteBytes() > MAX_BACKLOG_BYTES) {
                to.close();
                return;
            }
            to.writeAndFlush(frame.retainedSlice(frame.readerIndex() + written, length - written), to.voidPromise());
        }

        @Override
        public void channelRead(ChannelHandlerContext from, Object message) {
            ByteBuf in = (ByteBuf) message;
            ByteBuf before = pending;
            boolean owned = before != null;
            if (before != null) {
                before.writeBytes(in);
                in.release();
                in = before;
                pending = null;
            }
            if (kind == Kind.HANDSHAKE && !shake(from, in)) {
                if (in.readableBytes() > 8_192) {
                    from.close();
                }
            } else {
                while (readFrame(from, in)) {
                    // All that is whole.
                }
            }
            if (!in.isReadable() || !from.channel().isActive()) {
                in.release();
            } else if (owned) {
                pending = in.discardSomeReadBytes();
            } else {
                pending = Unpooled.buffer(in.readableBytes() + 512).writeBytes(in);
                in.release();
            }
        }

        private boolean shake(ChannelHandlerContext from, ByteBuf in) {
            String request = in.toString(StandardCharsets.ISO_8859_1);
            int end = request.indexOf("\r\n\r\n");
            if (end < 0) {
                return false;
            }
            in.skipBytes(end + 4);
            int key = request.toLowerCase(Locale.ROOT).indexOf("\nsec-websocket-key:");
            if (!request.startsWith("GET /") || key < 0 || key > end) {
                from.close();
                return true;
            }
            String[] path = request.substring(5, request.indexOf(' ', 5)).split("/", 2);
            kind = switch (path[0]) {
                case "pub" -> Kind.PUBLISHER;
                case "echo" -> Kind.ECHO;
                default -> Kind.SUBSCRIBER;
            };
            room = room(path.length > 1 ? Integer.parseInt(path[1]) : 0);
            if (kind == Kind.SUBSCRIBER) {
                room.join(this);
            }
            String value =
                    request.substring(key + 19, request.indexOf('\r', key)).trim();
            ByteBuf response = Unpooled.copiedBuffer(
                    "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                            + "Sec-WebSocket-Accept: " + accept(value) + "\r\n\r\n",
                    StandardCharsets.US_ASCII);
            from.writeAndFlush(response, from.voidPromise());
            return true;
        }

        private boolean readFrame(ChannelHandlerContext from, ByteBuf in) {
            int available = in.readableBytes();
            int at = in.readerIndex();
            if (available < 6) {
                return false;
            }
            int opcode = in.getByte(at) & 0x0F;
            int length = in.getByte(at + 1) & 0x7F;
            int header = 6;
            if (length == 126) {
                length = in.getUnsignedShort(at + 2);
                header = 8;
            } else if (length == 127) {
                if (available < 14) {
                    return false;
                }
                long size = in.getLong(at + 2);
                if (size < 0 || size > MAX_FRAME_BYTES) {
                    from.close();
                    in.skipBytes(available);
                    return false;
                }
                length = (int) size;
                header = 14;
            }
            if (available < header + length) {
                return false;
            }
            int mask = in.getInt(at + header - 4);
            in.skipBytes(header);
            unmask(in, in.readerIndex(), length, mask);
            ByteBuf payload = in.slice(in.readerIndex(), length);
            in.skipBytes(length);
            switch (opcode) {
                case 1, 2 -> onText(from, payload);
                case 8 -> from.close();
                case 9 -> {
                    ByteBuf pong = from.alloc().directBuffer(length + 2).writeByte(0x8A);
                    from.writeAndFlush(pong.writeByte(length).writeBytes(payload), from.voidPromise());
                }
                default -> {
                    // A pong, or something of no use here.
                }
            }
            return true;
        }

        private void onText(ChannelHandlerContext from, ByteBuf payload) {
            if (kind == Kind.PUBLISHER && coalesce) {
                join(room, payload, from);
                return;
            }
            int length = payload.readableBytes();
            ByteBuf frame = from.alloc().directBuffer(length + 10);
            writeHeader(frame, length);
            frame.writeBytes(payload);
            if (kind == Kind.PUBLISHER) {
                publish(room, frame, faults);
            } else {
                if (kind == Kind.ECHO) {
                    write(frame);
                }
                frame.release();
            }
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext from, Throwable cause) {
            from.close();
        }
    }

    private static void unmask(ByteBuf in, int from, int length, int mask) {
        long wide = (long) mask << 32 | (mask & 0xFFFF_FFFFL);
        int i = 0;
        for (; i + 8 <= length; i += 8) {
            in.setLong(from + i, in.getLong(from + i) ^ wide);
        }
        for (; i < length; i++) {
            in.setByte(from + i, in.getByte(from + i) ^ mask >>> (24 - 8 * (i & 3)));
        }
    }

    private static String accept(String key) {
        try {
            MessageDigest sha1 = MessageDigest.getInstance("SHA-1");
            byte[] digest =
                    sha1.digest((key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").getBytes(StandardCharsets.US_ASCII));
            return Base64.getEncoder().encodeToString(digest);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-1", e);
        }
    }
}
