package io.topicstream.transport;

import io.netty.channel.Channel;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.socket.DuplexChannel;
import io.netty.handler.codec.DecoderException;
import io.netty.handler.ssl.SslHandler;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/// One socket in one of its two lives, HTTP or WebSocket: the last handler of its pipeline, and an entry in its
/// loop's list, where its deadlines are looked at. Belongs to its event loop.
@SuppressWarnings("FutureReturnValueIgnored") // of what is closed
abstract sealed class Connection extends ChannelInboundHandlerAdapter permits HttpConnection, WebSocketHandler {
    private static final int UNCOUNTED_BYTES = 4 * 1024;

    /// What of a connection may be read and handled before the loop looks after its other sockets.
    private static final int TURN_BYTES = 64 * 1024;
    /// What is larger waits while others wait for their turn. What is not is handled at once: so those who ask for
    /// little hardly notice those who ask for much.
    private static final int SMALL_BYTES = 4 * 1024;
    /// What a frame or a request counts for beside its bytes.
    private static final int PIECE_BYTES = 64;

    final TransportLoop loop;

    /// Where this stands in the loop's list; negative when it does not.
    int slot = -1;

    /// Whether this waits for room in the budget of what is not complete, and is not read meanwhile.
    boolean starving;

    private int heldBytes;
    /// While bytes wait for the socket.
    private @Nullable StallWatch stall;

    /// Whether this waits for its turn, and is not read meanwhile.
    private boolean resting;
    /// Whether this is its turn.
    private boolean onTurn;
    /// Whether the peer has ended, so that what has come of it is all.
    private boolean last;
    /// What it has had handled since its turn began, or since the loop last looked at its sockets.
    private int handledBytes;

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

    /// Looks whether the socket takes what waits for it.
    ///
    /// @return how long it has taken none of that, in milliseconds; negative where nothing waits
    final int stalledMs(Channel channel, int nowMs) {
        ChannelOutboundBuffer unsent = channel.unsafe().outboundBuffer();
        if (unsent == null || unsent.totalPendingWriteBytes() == 0) {
            stall = null;
            return -1;
        }
        StallWatch watch = stall;
        if (watch == null) {
            stall = new StallWatch(unsent, nowMs);
            return 0;
        }
        return watch.stalledMs(unsent, nowMs);
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

    /// Whether so many bytes may be handled now. If not, then in a turn of this connection, which comes when the
    /// loop has looked after its sockets and all who wait have had theirs: a loop that handled all that one read
    /// brings would keep the others waiting, and with hundreds of such connections for seconds.
    final boolean mayHandle(int bytes) {
        if (last) {
            return true;
        }
        if (resting || !hasTurn(bytes)) {
            return false;
        }
        handledBytes += bytes + PIECE_BYTES;
        return true;
    }

    /// Counts bytes that were read, or work that turned out larger than it looked; no more is read for now where
    /// that was much.
    final void handled(int bytes) {
        handledBytes += bytes;
        if (!resting && !last) {
            var _ = hasTurn(handledBytes);
        }
    }

    private boolean hasTurn(int bytes) {
        if (handledBytes < TURN_BYTES && (bytes <= SMALL_BYTES || onTurn || !loop.isCrowded())) {
            return true;
        }
        rest();
        return false;
    }

    /// Waits for a turn, behind all who wait already. For the caller to stop reading.
    final void rest() {
        if (!resting && !last) {
            resting = true;
            loop.inTurn(this);
        }
    }

    /// The loop goes on to other sockets.
    final void rested() {
        handledBytes = 0;
    }

    /// Whether this waits for its turn.
    final boolean isResting() {
        return resting;
    }

    /// What has come is all, and is handled now.
    final void hurry() {
        last = true;
        resting = false;
    }

    /// Whether what has come is all.
    final boolean hurries() {
        return last;
    }

    /// Goes on where [#mayHandle] said no.
    final void takeTurn() {
        resting = false;
        onTurn = true;
        handledBytes = 0;
        try {
            onTurn();
        } finally {
            onTurn = false;
        }
    }

    /// It may go on now.
    abstract void onTurn();

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
