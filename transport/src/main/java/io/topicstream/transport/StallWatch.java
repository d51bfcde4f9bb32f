package io.topicstream.transport;

import io.netty.channel.ChannelOutboundBuffer;

/// Watches a socket for which bytes wait: for how long it has taken none of them. Exists only while some wait, and is
/// looked at once a sweep. Belongs to its connection's loop.
final class StallWatch {
    private int mark;
    private int sinceMs;

    StallWatch(ChannelOutboundBuffer unsent, int nowMs) {
        this.mark = mark(unsent);
        this.sinceMs = nowMs;
    }

    /// How long the socket has taken nothing, in milliseconds; 0 if it has since the last look.
    int stalledMs(ChannelOutboundBuffer unsent, int nowMs) {
        int seen = mark(unsent);
        if (seen != mark) {
            mark = seen;
            sinceMs = nowMs;
        }
        return nowMs - sinceMs;
    }

    /// Changes with each byte that is taken.
    private static int mark(ChannelOutboundBuffer unsent) {
        return System.identityHashCode(unsent.current()) * 31 + Long.hashCode(unsent.currentProgress());
    }
}
