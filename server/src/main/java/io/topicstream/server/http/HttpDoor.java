package io.topicstream.server.http;

import io.netty.channel.EventLoop;
import io.netty.util.concurrent.FastThreadLocal;
import io.topicstream.command.Quota;
import io.topicstream.door.Doorman;
import io.topicstream.http.HttpLane;
import io.topicstream.http.Routes;
import io.topicstream.log.Deadlines;
import io.topicstream.log.Lane;
import io.topicstream.log.TopicLog;
import io.topicstream.protocol.ErrorCode;
import io.topicstream.server.door.HeadCredentials;
import io.topicstream.transport.HttpExchange;
import io.topicstream.transport.HttpHandler;
import io.topicstream.transport.LoopFaults;
import io.topicstream.transport.RequestHead;
import java.time.InstantSource;
import java.util.Map;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// The HTTP API at the network: hands what is asked on an event loop to the table of routes.
///
/// May be shared by all loops; what a request needs is its loop's.
public final class HttpDoor implements HttpHandler {
    private static final System.Logger LOG = System.getLogger(HttpDoor.class.getName());

    private final Routes routes;
    private final Doorman doorman;
    private final Function<EventLoop, Lane> lanes;
    private final TopicLog log;
    private final Quota quota;
    private final InstantSource clock;
    private final Consumer<ErrorCode> errors;
    private final FastThreadLocal<@Nullable HttpLane> own = new FastThreadLocal<>();

    /// @param doorman says which pages may see why they were refused
    /// @param lanes the lane that runs on an event loop; asked once for each loop, on that loop
    /// @param log asked where topics begin
    /// @param quota what bounds how much callers may ask for
    /// @param clock the time of day
    /// @param errors told the code of every error that is answered
    public HttpDoor(
            Routes routes,
            Doorman doorman,
            Function<EventLoop, Lane> lanes,
            TopicLog log,
            Quota quota,
            InstantSource clock,
            Consumer<ErrorCode> errors) {
        this.routes = routes;
        this.doorman = doorman;
        this.lanes = lanes;
        this.log = log;
        this.quota = quota;
        this.clock = clock;
        this.errors = errors;
    }

    @Override
    public void handle(HttpExchange exchange) {
        routes.handle(new NettyExchange(lane(exchange.eventLoop()), exchange));
    }

    @Override
    public void accept(HttpExchange exchange) {
        routes.accept(new NettyExchange(lane(exchange.eventLoop()), exchange));
    }

    @Override
    public boolean isProbe(RequestHead head) {
        return routes.isProbe(head.method(), head.segments());
    }

    /// The header fields that let a page see an error with which the transport refused its request. The same pages as
    /// may call, and the same fields as on every other answer of the API.
    public Map<String, String> refusalFields(RequestHead head) {
        boolean isWelcome = head.header("Origin") != null
                && doorman.turnsAway(head.headers("Origin"), head.host(), HeadCredentials.of(head)) == null;
        return isWelcome ? routes.refusalFields(head.segments()) : Map.of();
    }

    private HttpLane lane(EventLoop eventLoop) {
        HttpLane lane = own.get();
        if (lane == null) {
            Deadlines deadlines = new Deadlines(
                    (task, delayMs) -> {
                        var _ = eventLoop.schedule(task, delayMs, TimeUnit.MILLISECONDS);
                    },
                    task -> onLoop(eventLoop, task));
            lane = new HttpLane(lanes.apply(eventLoop), deadlines, log, quota, clock, errors, LoopFaults::onFault);
            own.set(lane);
        }
        return lane;
    }

    private static void onLoop(EventLoop eventLoop, Runnable task) {
        try {
            eventLoop.execute(task);
        } catch (RejectedExecutionException e) {
            // The loop has ended, and with it the connection that would have been answered.
            LOG.log(System.Logger.Level.DEBUG, "an answer came after the end of its event loop", e);
        }
    }
}
