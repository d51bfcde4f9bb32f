package io.topicstream.server;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// Very many WebSocket clients on one thread: bare sockets, a selector and the few frames that are
/// needed. It decides itself when a socket is read, which a library does not let one do, and keeps
/// nothing of what has come but the beginning of an unfinished frame.
///
/// What a [Reader] is told it is told on the swarm's thread; all other methods may be called on any.
public final class SocketSwarm implements Closeable {
    /// As large as the largest frame that is read, and a head.
    private static final int READ_BYTES = 256 * 1024;

    private static final byte[] MASK = {0x37, (byte) 0xFA, 0x21, 0x3D};
    private static final long PATIENCE_SECONDS = 60;

    private final InetSocketAddress server;
    private final Selector selector;
    private final Queue<Runnable> tasks = new ConcurrentLinkedQueue<>();
    private final ByteBuffer input = ByteBuffer.allocate(READ_BYTES);
    private final Thread thread;
    private volatile boolean closed;
    private volatile @Nullable Throwable failure;

    /// Hears what comes on one socket.
    @FunctionalInterface
    public interface Reader {
        /// A text message: the bytes from `from` to before `to`, which are there during the call only.
        void onText(Socket socket, byte[] buffer, int from, int to);

        /// The connection has ended.
        ///
        /// @param code of the close frame, or 1006
        default void onClosed(Socket socket, int code) {}
    }

    /// @param base of the server, an `http:` URL
    public SocketSwarm(URI base) {
        server = new InetSocketAddress(base.getHost(), base.getPort());
        try {
            selector = Selector.open();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        thread = Thread.ofPlatform().daemon().name("socket swarm").start(this::run);
    }

    /// Connects and asks for the upgrade; [Socket#awaitOpen] waits for it.
    ///
    /// @param fields of the request, each with its line's end
    /// @param receiveBufferBytes of the socket, or 0 for the usual
    public Socket connect(String path, String fields, int receiveBufferBytes, Reader reader) {
        try {
            SocketChannel channel = SocketChannel.open();
            if (receiveBufferBytes > 0) {
                channel.setOption(StandardSocketOptions.SO_RCVBUF, receiveBufferBytes);
            }
            channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
            channel.connect(server);
            channel.configureBlocking(false);
            Socket socket = new Socket(channel, reader);
            execute(socket::register);
            socket.sendBytes(("GET " + path
                            + " HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                            + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n" + fields
                            + "\r\n")
                    .getBytes(ISO_8859_1));
            return socket;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// The same, open.
    public Socket open(String path, Reader reader) {
        return connect(path, "", 0, reader).awaitOpen();
    }

    /// What a reader threw, if one did.
    public void assertUnharmed() {
        Throwable thrown = failure;
        if (thrown != null) {
            throw new AssertionError("a reader failed", thrown);
        }
    }

    private void execute(Runnable task) {
        tasks.add(task);
        selector.wakeup();
    }

    private void run() {
        try {
            while (!closed) {
                selector.select(this::onReady);
                for (Runnable task = tasks.poll(); task != null; task = tasks.poll()) {
                    task.run();
                }
            }
        } catch (IOException | RuntimeException | AssertionError e) {
            failure = e;
        } finally {
            selector.keys().forEach(key -> ((Socket) key.attachment()).end(1006));
        }
    }

    private void onReady(SelectionKey key) {
        Socket socket = (Socket) key.attachment();
        if (key.isValid() && key.isWritable()) {
            socket.onWritable();
        }
        if (key.isValid() && key.isReadable()) {
            socket.onReadable();
        }
    }

    /// Ends all of its connections.
    @Override
    public void close() {
        closed = true;
        selector.wakeup();
        try {
            thread.join(TimeUnit.SECONDS.toMillis(PATIENCE_SECONDS));
            selector.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        assertUnharmed();
    }

    /// One of the clients.
    public final class Socket {
        private final SocketChannel channel;
        private final Reader reader;
        private final CountDownLatch opened = new CountDownLatch(1);
        private final CountDownLatch ended = new CountDownLatch(1);
        private final Queue<ByteBuffer> output = new ArrayDeque<>();
        private volatile int status;
        private volatile int closeCode;
        private @Nullable SelectionKey key;
        private boolean reading = true;
        private byte[] rest = {};

        private Socket(SocketChannel channel, Reader reader) {
            this.channel = channel;
            this.reader = reader;
        }

        private void register() {
            try {
                key = channel.register(selector, SelectionKey.OP_READ, this);
                onWritable();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        /// Waits for the answer to the upgrade.
        public Socket awaitOpen() {
            await(opened, "answered");
            if (status != 101) {
                throw new AssertionError("not upgraded but " + status);
            }
            return this;
        }

        /// The status that the upgrade was answered with; 0 where the connection ended without one.
        public int awaitStatus() {
            await(opened, "answered");
            return status;
        }

        /// The code with which it was closed, when it is.
        public int awaitEnd() {
            await(ended, "ended");
            return closeCode;
        }

        /// Whether it has ended.
        public boolean isEnded() {
            return ended.getCount() == 0;
        }

        private void await(CountDownLatch latch, String what) {
            try {
                if (!latch.await(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
                    throw new AssertionError("not " + what + " in " + PATIENCE_SECONDS + " s");
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new AssertionError("interrupted", e);
            }
            assertUnharmed();
        }

        /// Sends a text message.
        public Socket send(String text) {
            return sendBytes(frame(0x81, text.getBytes(UTF_8)));
        }

        /// Sends bytes as they are.
        public Socket sendBytes(byte[] bytes) {
            execute(() -> {
                if (channel.isOpen()) {
                    output.add(ByteBuffer.wrap(bytes));
                    onWritable();
                }
            });
            return this;
        }

        /// Reads no more, until told to.
        public Socket stall() {
            execute(() -> setReading(false));
            return this;
        }

        /// Reads again, through a receive buffer of this many bytes.
        public Socket drain(int receiveBufferBytes) {
            execute(() -> {
                try {
                    if (channel.isOpen()) {
                        channel.setOption(StandardSocketOptions.SO_RCVBUF, receiveBufferBytes);
                        setReading(true);
                    }
                } catch (IOException e) {
                    end(1006);
                }
            });
            return this;
        }

        /// Closes with 1000.
        public void sendClose() {
            sendBytes(frame(0x88, new byte[] {3, (byte) 0xE8}));
        }

        /// Vanishes with a reset.
        public void reset() {
            execute(() -> {
                try {
                    if (channel.isOpen()) {
                        channel.setOption(StandardSocketOptions.SO_LINGER, 0);
                    }
                } catch (IOException e) {
                    // It ended first.
                }
                end(1006);
            });
        }

        private void setReading(boolean wanted) {
            reading = wanted;
            setInterest();
        }

        private void setInterest() {
            SelectionKey registered = key;
            if (registered != null && registered.isValid()) {
                registered.interestOps(
                        (reading ? SelectionKey.OP_READ : 0) | (output.isEmpty() ? 0 : SelectionKey.OP_WRITE));
            }
        }

        private void onWritable() {
            if (key == null) {
                return;
            }
            try {
                for (ByteBuffer next = output.peek(); next != null; next = output.peek()) {
                    channel.write(next);
                    if (next.hasRemaining()) {
                        break;
                    }
                    output.remove();
                }
                setInterest();
            } catch (IOException e) {
                end(1006);
            }
        }

        private void onReadable() {
            input.clear().put(rest);
            int read;
            try {
                read = channel.read(input);
            } catch (IOException e) {
                read = -1;
            }
            if (read < 0) {
                end(1006);
                return;
            }
            int at = 0;
            int end = input.position();
            while (at < end) {
                int next = status == 0 ? takeHead(at, end) : take(at, end);
                if (next == at) {
                    break;
                }
                at = next;
            }
            rest = Arrays.copyOfRange(input.array(), Math.min(at, end), end);
        }

        private int takeHead(int at, int end) {
            String text = new String(input.array(), at, end - at, ISO_8859_1);
            int length = text.indexOf("\r\n\r\n");
            if (length < 0) {
                return at;
            }
            status = Integer.parseInt(text.substring(9, 12));
            opened.countDown();
            return status == 101 ? at + length + 4 : end;
        }

        /// Takes one frame. The server never cuts its messages into several.
        private int take(int at, int end) {
            byte[] buffer = input.array();
            if (end - at < 2) {
                return at;
            }
            int payload = at + 2;
            int length = buffer[at + 1] & 0x7F;
            if (length == 126 && end - at >= 4) {
                length = ((buffer[at + 2] & 0xFF) << 8) | (buffer[at + 3] & 0xFF);
                payload = at + 4;
            } else if (length == 127 && end - at >= 10) {
                length = (int) ByteBuffer.wrap(buffer, at + 2, 8).getLong();
                payload = at + 10;
            } else if (length >= 126) {
                return at;
            }
            if (end - payload < length) {
                return at;
            }
            switch (buffer[at] & 0xFF) {
                case 0x81 -> reader.onText(this, buffer, payload, payload + length);
                case 0x88 -> {
                    closeCode = length < 2 ? 1005 : ((buffer[payload] & 0xFF) << 8) | (buffer[payload + 1] & 0xFF);
                    output.add(ByteBuffer.wrap(
                            frame(0x88, Arrays.copyOfRange(buffer, payload, payload + Math.min(length, 2)))));
                    onWritable();
                    end(closeCode);
                    return end;
                }
                case 0x89 -> {
                    output.add(ByteBuffer.wrap(frame(0x8A, Arrays.copyOfRange(buffer, payload, payload + length))));
                    onWritable();
                }
                default -> throw new AssertionError("a frame beginning with " + (buffer[at] & 0xFF));
            }
            return payload + length;
        }

        private void end(int code) {
            if (ended.getCount() == 0) {
                return;
            }
            closeCode = code;
            try {
                channel.close();
            } catch (IOException e) {
                // There is nothing more to close.
            }
            ended.countDown();
            opened.countDown();
            reader.onClosed(this, code);
        }
    }

    /// A masked frame with a minimal length.
    public static byte[] frame(int firstByte, byte[] payload) {
        ByteBuffer frame = ByteBuffer.allocate(payload.length + 14).put((byte) firstByte);
        if (payload.length <= 125) {
            frame.put((byte) (0x80 | payload.length));
        } else if (payload.length <= 0xFFFF) {
            frame.put((byte) 0xFE).putShort((short) payload.length);
        } else {
            frame.put((byte) 0xFF).putLong(payload.length);
        }
        frame.put(MASK);
        for (int i = 0; i < payload.length; i++) {
            frame.put((byte) (payload[i] ^ MASK[i & 3]));
        }
        return Arrays.copyOf(frame.array(), frame.position());
    }
}
