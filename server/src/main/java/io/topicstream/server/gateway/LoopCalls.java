package io.topicstream.server.gateway;

import io.netty.channel.EventLoop;
import io.topicstream.gateway.http.AnswerTooLargeException;
import io.topicstream.gateway.http.CallBounds;
import io.topicstream.gateway.http.HttpAnswer;
import io.topicstream.gateway.http.HttpCall;
import io.topicstream.gateway.http.HttpCalls;
import io.topicstream.gateway.http.Lookups;
import io.topicstream.gateway.http.TooManyCallsException;
import io.topicstream.transport.client.AnswerListener;
import io.topicstream.transport.client.AnswerRoom;
import io.topicstream.transport.client.ClientLimits;
import io.topicstream.transport.client.ClientRequest;
import io.topicstream.transport.client.LargeAnswerException;
import io.topicstream.transport.client.LoopHttpClient;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/// Calls of HTTP servers on the event loops: the call for a message stays on the loop of its connection, and its
/// answer completes there. Servers over TLS are called by another, on threads of its own. Thread-safe; does not block.
final class LoopCalls implements HttpCalls {
    private static final int PLAIN_PORT = 80;

    private final CallBounds bounds;
    private final HttpCalls overTls;
    private final Lookups lookups = new Lookups();
    private final LoopHttpClient client;

    /// @param loops those of the server; they outlive this
    /// @param bounds of all calls
    /// @param overTls calls servers of `https`; it stays the caller's
    LoopCalls(List<EventLoop> loops, CallBounds bounds, HttpCalls overTls) {
        this.bounds = bounds;
        this.overTls = overTls;
        // As many connections may wait as may be used at once.
        ClientLimits limits = new ClientLimits(
                bounds.limits().answerBytes(), Math.ceilDiv(bounds.limits().calls(), loops.size()));
        this.client = new LoopHttpClient(loops, limits, lookups::of, new Room(bounds));
    }

    private record Room(CallBounds bounds) implements AnswerRoom {
        @Override
        public boolean hold(int bytes) {
            return bounds.hold(bytes);
        }

        @Override
        public void giveBack(long bytes) {
            bounds.giveBack(bytes);
        }
    }

    @Override
    public Prepared prepare(HttpCall call, String target, @Nullable String serverName, Duration within) {
        URI uri = call.uri();
        if (!"http".equalsIgnoreCase(uri.getScheme())) {
            return overTls.prepare(call, target, serverName, within);
        }
        int port = uri.getPort();
        ClientRequest request = new ClientRequest(
                uri.getHost(), port < 0 ? PLAIN_PORT : port, call.method(), call.target(), call.headers());
        long withinNs = within.toNanos();
        return (fields, body) -> {
            TooManyCallsException refusal = bounds.begin(target);
            if (refusal != null) {
                return CompletableFuture.failedFuture(refusal);
            }
            UnderWay underWay = new UnderWay(bounds, target);
            client.send(request, fields, body, withinNs, underWay);
            return underWay;
        };
    }

    @Override
    public void close() {
        client.close();
        lookups.close();
    }

    /// One call, until its end.
    private static final class UnderWay extends CompletableFuture<HttpAnswer> implements AnswerListener {
        private final CallBounds bounds;
        private final String target;

        UnderWay(CallBounds bounds, String target) {
            this.bounds = bounds;
            this.target = target;
        }

        @Override
        public void onAnswer(int status, Map<String, List<String>> fields, byte[] body) {
            bounds.end(target);
            complete(new HttpAnswer(status, fields, body));
        }

        @Override
        public void onFailure(Exception why) {
            bounds.end(target);
            completeExceptionally(
                    why instanceof LargeAnswerException
                            ? new AnswerTooLargeException(String.valueOf(why.getMessage()))
                            : why);
        }
    }
}
