package io.topicstream.server.crash;

import java.net.URI;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;

/// A client of the stage `/live`, which gets bare messages through its user's durable subscriptions and may publish
/// without being told what became of it: it goes on when it hears its own message.
final class LiveClient {
    private static final int MANY = 1_000_000;
    private static final int WINDOW = 32;

    private final Oracle oracle;
    private final String name;
    private final FrameSocket socket;
    private final Semaphore free = new Semaphore(WINDOW);
    /// What the ids of its own messages begin with.
    private final String own;

    /// Connects.
    ///
    /// @param name of this connection, which nobody else has
    LiveClient(Oracle oracle, URI base, String key, String name) {
        this.oracle = oracle;
        this.name = name;
        this.own = name + "-";
        this.socket = FrameSocket.open(base, "/live", key, false, this::onFrame);
        socket.whenClosed(_ -> free.release(MANY));
    }

    private void onFrame(String frame) {
        if (!frame.startsWith("{\"topic\":\"")) {
            oracle.complain("live: " + name + " got " + frame);
            return;
        }
        String text = Texts.between(frame, ",\"message\":\"");
        oracle.heard(name, Texts.between(frame, "{\"topic\":\""), text);
        if (text.startsWith(own)) {
            free.release();
        }
    }

    void subscribe(List<String> topics) {
        topics.forEach(topic -> socket.send("{\"topic\":\"" + topic + "\",\"action\":\"subscribe\"}"));
    }

    /// Publishes, at most a window ahead of what it hears.
    ///
    /// @return completed when all was heard, or the connection has ended
    CompletableFuture<Integer> publish(List<String> topics, int count) {
        Publishing.Work work = new Publishing.Work(oracle, name, topics, count);
        CompletableFuture<Integer> ended = new CompletableFuture<>();
        socket.whenClosed(ended::complete);
        Thread.ofVirtual().name(name).start(() -> {
            for (int i = 0; i < count; i++) {
                free.acquireUninterruptibly();
                if (socket.closed().isDone()) {
                    return;
                }
                String id = work.id(i);
                oracle.sent(id, work.topic(i), false);
                socket.send("{\"topic\":\"" + work.topic(i) + "\",\"message\":\"" + Texts.of(id)
                        + "\",\"action\":\"publish\"}");
            }
            free.acquireUninterruptibly(WINDOW);
            ended.complete(0);
        });
        return ended;
    }

    CompletableFuture<Integer> closed() {
        return socket.closed();
    }

    void probe() {
        socket.probe();
    }

    void abort() {
        socket.abort();
    }
}
