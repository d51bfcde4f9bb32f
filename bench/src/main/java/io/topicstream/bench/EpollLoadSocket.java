package io.topicstream.bench;

import io.netty.channel.IoEvent;
import io.netty.channel.IoEventLoop;
import io.netty.channel.IoRegistration;
import io.netty.channel.epoll.EpollIoEvent;
import io.netty.channel.epoll.EpollIoHandle;
import io.netty.channel.epoll.EpollIoOps;
import io.netty.channel.unix.Buffer;
import io.netty.channel.unix.FileDescriptor;
import io.netty.channel.unix.Socket;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/// A socket on native epoll, level-triggered.
final class EpollLoadSocket extends LoadSocket implements EpollIoHandle {
    private static final EpollIoOps READ_WRITE = EpollIoOps.EPOLLIN.with(EpollIoOps.EPOLLOUT);
    private static final int IN_OR_OUT = READ_WRITE.value();

    private final Socket socket = Socket.newSocketStream();
    private final Listener listener;
    private final IoRegistration registration;

    EpollLoadSocket(IoEventLoop loop, Listener listener) throws IOException {
        this.listener = listener;
        socket.setTcpNoDelay(true);
        registration = loop.register(this).syncUninterruptibly().getNow();
    }

    @Override
    public FileDescriptor fd() {
        return socket;
    }

    @Override
    public void handle(IoRegistration from, IoEvent event) {
        int ops = ((EpollIoEvent) event).ops().value();
        if ((ops & EpollIoOps.EPOLLIN.value()) != 0 || (ops & IN_OR_OUT) == 0) {
            listener.onReadable();
        }
        if ((ops & EpollIoOps.EPOLLOUT.value()) != 0) {
            listener.onWritable();
        }
    }

    @Override
    void receiveBuffer(int bytes) throws IOException {
        socket.setReceiveBufferSize(bytes);
    }

    @Override
    boolean connect(InetSocketAddress target, @Nullable InetSocketAddress source) throws IOException {
        if (source != null) {
            socket.bind(source);
        }
        return socket.connect(target);
    }

    @Override
    boolean finishConnect() throws IOException {
        return socket.finishConnect();
    }

    @Override
    int receive(ByteBuffer into, int from, int to) throws IOException {
        return socket.recvAddress(Buffer.memoryAddress(into), from, to);
    }

    @Override
    int send(ByteBuffer bytes, int from, int to) throws IOException {
        return socket.sendAddress(Buffer.memoryAddress(bytes), from, to);
    }

    @Override
    void want(boolean readable, boolean writable) {
        registration.submit(
                // Errors are reported in any case; to want nothing at all would end the registration.
                readable
                        ? writable ? READ_WRITE : EpollIoOps.EPOLLIN
                        : writable ? EpollIoOps.EPOLLOUT : EpollIoOps.EPOLLERR);
    }

    @Override
    void shut() {
        registration.cancel();
        close();
    }

    @Override
    public void close() {
        try {
            socket.close();
        } catch (IOException e) {
            // The peer may have been quicker; the descriptor is free either way.
        }
    }
}
