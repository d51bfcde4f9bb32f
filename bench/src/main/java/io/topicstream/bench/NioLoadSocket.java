package io.topicstream.bench;

import io.netty.channel.IoEventLoop;
import io.netty.channel.IoRegistration;
import io.netty.channel.nio.NioIoOps;
import io.netty.channel.nio.NioSelectableChannelIoHandle;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import org.jspecify.annotations.Nullable;

/// A socket on the JDK's selector, where there is no native epoll.
final class NioLoadSocket extends LoadSocket {
    private final SocketChannel channel;
    private final IoRegistration registration;
    private boolean connecting;

    NioLoadSocket(IoEventLoop loop, Listener listener) throws IOException {
        channel = SocketChannel.open();
        channel.configureBlocking(false);
        channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
        registration = loop.register(new NioSelectableChannelIoHandle<>(channel) {
                    @Override
                    protected void handle(SocketChannel ready, SelectionKey key) {
                        int ops = key.isValid() ? key.readyOps() : SelectionKey.OP_READ;
                        if ((ops & SelectionKey.OP_READ) != 0) {
                            listener.onReadable();
                        }
                        if ((ops & (SelectionKey.OP_WRITE | SelectionKey.OP_CONNECT)) != 0) {
                            listener.onWritable();
                        }
                    }

                    @Override
                    public void close() throws IOException {
                        selectableChannel().close();
                    }
                })
                .syncUninterruptibly()
                .getNow();
    }

    @Override
    void receiveBuffer(int bytes) throws IOException {
        channel.setOption(StandardSocketOptions.SO_RCVBUF, bytes);
    }

    @Override
    boolean connect(InetSocketAddress target, @Nullable InetSocketAddress source) throws IOException {
        if (source != null) {
            channel.bind(source);
        }
        connecting = !channel.connect(target);
        return !connecting;
    }

    @Override
    boolean finishConnect() throws IOException {
        connecting = !channel.finishConnect();
        return !connecting;
    }

    @Override
    int receive(ByteBuffer into, int from, int to) throws IOException {
        return channel.read(into.limit(to).position(from));
    }

    @Override
    int send(ByteBuffer bytes, int from, int to) throws IOException {
        int written = channel.write(bytes.limit(to).position(from));
        // The owner writes behind the end of what was sent.
        bytes.clear();
        return written;
    }

    @Override
    void want(boolean readable, boolean writable) {
        NioIoOps ops = NioIoOps.NONE;
        if (connecting) {
            ops = NioIoOps.CONNECT;
        } else {
            if (readable) {
                ops = ops.with(NioIoOps.READ);
            }
            if (writable) {
                ops = ops.with(NioIoOps.WRITE);
            }
        }
        registration.submit(ops);
    }

    @Override
    void shut() {
        registration.cancel();
        try {
            channel.close();
        } catch (IOException e) {
            // The peer may have been quicker; the descriptor is free either way.
        }
    }
}
