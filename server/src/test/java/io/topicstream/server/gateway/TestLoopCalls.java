package io.topicstream.server.gateway;

import io.netty.channel.EventLoop;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.topicstream.gateway.http.CallBounds;
import io.topicstream.gateway.http.HttpCalls;
import java.util.ArrayList;
import java.util.List;

/// Calls on two event loops that last as long as the tests do.
final class TestLoopCalls {
    private static final MultiThreadIoEventLoopGroup LOOPS =
            new MultiThreadIoEventLoopGroup(2, new DefaultThreadFactory("loop", true), NioIoHandler.newFactory());

    private TestLoopCalls() {}

    static List<EventLoop> loops() {
        List<EventLoop> loops = new ArrayList<>();
        LOOPS.forEach(loop -> loops.add((EventLoop) loop));
        return loops;
    }

    /// There is nobody for servers over TLS.
    static HttpCalls within(CallBounds bounds) {
        return new LoopCalls(loops(), bounds, new NoCalls());
    }
}
