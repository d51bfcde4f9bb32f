package io.topicstream.bench;

import io.netty.channel.IoEventLoop;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/// A non-blocking TCP socket on the run's event loop, without channel, pipeline or buffers of its
/// own, so that the tool costs little more than the system calls it makes.
///
/// Netty's event loop and native sockets carry it; a channel per connection would double the
/// tool's user time. Used by the loop's thread alone.
abstract sealed class LoadSocket permits EpollLoadSocket, NioLoadSocket, TlsLoadSocket {
    /// What a socket tells its owner, on the loop's thread.
    interface Listener {
        /// The socket has data, an end, an error, or has finished connecting.
        void onReadable();

        /// The socket takes bytes again, or has finished connecting.
        void onWritable();
    }

    /// Opens a socket and registers it; nothing is connected yet.
    static LoadSocket open(IoEventLoop loop, Transport transport, Listener listener) throws IOException {
        return switch (transport) {
            case EPOLL -> new EpollLoadSocket(loop, listener);
            case NIO -> new NioLoadSocket(loop, listener);
        };
    }

    /// Sets the kernel's receive buffer, before connecting.
    abstract void receiveBuffer(int bytes) throws IOException;

    /// Starts connecting, from `source` if one is given.
    ///
    /// @return whether it is connected at once; else [Listener] hears of it, and then
    /// [#finishConnect()] is to be called
    abstract boolean connect(InetSocketAddress target, @Nullable InetSocketAddress source) throws IOException;

    /// Goes on with connecting.
    ///
    /// @return whether it is connected; else [Listener] hears of it again
    /// @throws IOException if the peer refused
    abstract boolean finishConnect() throws IOException;

    /// Reads into `[from, to)` of a direct buffer.
    ///
    /// @return bytes read, 0 if there are none now, -1 at the end of the stream
    abstract int receive(ByteBuffer into, int from, int to) throws IOException;

    /// Writes `[from, to)` of a direct buffer.
    ///
    /// @return bytes written, perhaps fewer
    abstract int send(ByteBuffer bytes, int from, int to) throws IOException;

    /// Says which events are wanted from now on.
    abstract void want(boolean readable, boolean writable);

    /// Closes the socket; an error while closing is of no interest.
    abstract void shut();
}
