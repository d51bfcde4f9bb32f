package io.topicstream.server.transport;

import io.netty.channel.ChannelInboundHandlerAdapter;

/// One socket in one of its two lives, HTTP or WebSocket: the last handler of its pipeline, and an entry in its
/// loop's list, where its deadlines are looked at. Belongs to its event loop.
abstract sealed class Connection extends ChannelInboundHandlerAdapter permits HttpConnection, WebSocketHandler {
    final TransportLoop loop;

    /// Where this stands in the loop's list; negative when it does not.
    int slot = -1;

    Connection(TransportLoop loop) {
        this.loop = loop;
    }

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
