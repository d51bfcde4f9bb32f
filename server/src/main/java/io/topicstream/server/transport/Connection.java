package io.topicstream.server.transport;

import io.netty.channel.Channel;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.DuplexChannel;
import io.netty.handler.codec.DecoderException;
import io.netty.handler.ssl.SslHandler;
import java.io.IOException;

/// One socket in one of its two lives, HTTP or WebSocket: the last handler of its pipeline, and an entry in its
/// loop's list, where its deadlines are looked at. Belongs to its event loop.
@SuppressWarnings("FutureReturnValueIgnored") // of what is closed
abstract sealed class Connection extends ChannelInboundHandlerAdapter permits HttpConnection, WebSocketHandler {
    private static final int UNCOUNTED_BYTES = 4 * 1024;

    final TransportLoop loop;

    /// Where this stands in the loop's list; negative when it does not.
    int slot = -1;

    /// Whether this waits for room in the budget of what is not complete, and is not read meanwhile.
    boolean starving;

    private int heldBytes;

    Connection(TransportLoop loop) {
        this.loop = loop;
    }

    /// Ends this side of the connection when all that was written has left: by TLS its goodbye comes first, or the
    /// other side could not tell the end from a cut.
    static void endOutput(Channel channel) {
        SslHandler tls = channel.pipeline().get(SslHandler.class);
        if (tls == null) {
            shutdownOutput(channel);
        } else {
            tls.closeOutbound().addListener(done -> shutdownOutput(channel));
        }
    }

    private static void shutdownOutput(Channel channel) {
        if (channel instanceof DuplexChannel duplex) {
            duplex.shutdownOutput();
        } else {
            channel.close();
        }
    }

    /// Whether a failure is the doing of the peer or of the network: a reset, or broken TLS.
    static boolean isOfThePeer(Throwable failure) {
        return failure instanceof IOException
                || (failure instanceof DecoderException && failure.getCause() instanceof IOException);
    }

    /// Counts what this keeps of what is not complete against the budget of all connections, and stops reading
    /// where there is no room for it.
    ///
    /// @param bytes that it keeps now; few are not counted
    final void hold(int bytes) {
        int counted = bytes < UNCOUNTED_BYTES ? 0 : bytes;
        if (counted != heldBytes) {
            loop.incomplete.add(counted - heldBytes);
            boolean grows = counted > heldBytes;
            heldBytes = counted;
            if (grows && !starving && loop.incomplete.isFull()) {
                starving = true;
                loop.onStarving(this);
            }
        }
    }

    /// There is room again: read on.
    abstract void onFed();

    /// There was no room for too long: refuse what is not complete.
    abstract void onStarved();

    /// Looks at the deadlines. `nowMs` is the loop's clock in milliseconds that wrap around: compare by
    /// difference only.
    abstract void onTick(int nowMs);

    /// The transport stops: no new work, and an end within `withinMs`.
    abstract void onDraining(int withinMs);

    /// The transport stops now: say goodbye with `closeCode` where the protocol has one. False if this connection
    /// is ending already, or is still owed an answer that may come before the last moment.
    abstract boolean onStop(int closeCode);

    /// The last moment: close the socket without a word.
    abstract void onAbort();
}
