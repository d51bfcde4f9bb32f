package io.topicstream.server.crash;

import static io.topicstream.server.JsonTexts.number;

import java.net.URI;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;

/// A subscriber on the native stage that resumes by epoch and offset wherever its last connection ended. A restless
/// one ends its connection itself every so many messages.
final class NativeSubscriber {
    /// The patience of one that is not restless.
    static final int NEVER = Integer.MAX_VALUE;

    private final Oracle oracle;
    private final String name;
    private final String key;
    private final List<String> topics;
    private final boolean arrays;
    /// Messages after which it cuts its own connection.
    private final int patience;
    private final Map<String, Long> epochs = new HashMap<>();
    // Guarded by this.
    private @Nullable URI base;
    private @Nullable FrameSocket socket;
    private int heard;
    private CompletableFuture<Integer> closed = new CompletableFuture<>();

    NativeSubscriber(Oracle oracle, String name, String key, List<String> topics, boolean arrays, int patience) {
        this.oracle = oracle;
        this.name = name;
        this.key = key;
        this.topics = topics;
        this.arrays = arrays;
        this.patience = patience;
    }

    String name() {
        return name;
    }

    /// Connects, and goes on where it was.
    void connect(URI to) {
        CompletableFuture<Integer> ends = new CompletableFuture<>();
        synchronized (this) {
            base = to;
            closed = ends;
        }
        open(to, ends);
    }

    /// Not inside the lock: the first frame may come before the connection does.
    private void open(URI to, CompletableFuture<Integer> ends) {
        FrameSocket opened;
        try {
            opened = FrameSocket.open(to, "/v1?durable=manual", key, arrays, this::onFrame);
        } catch (CompletionException e) {
            if (patience == NEVER) {
                ends.completeExceptionally(e);
            } else {
                // The server died between two connections of a restless one.
                ends.complete(FrameSocket.CUT);
            }
            return;
        }
        synchronized (this) {
            if (base == null) {
                opened.abort();
                return;
            }
            socket = opened;
            heard = 0;
        }
        opened.whenClosed(code -> {
            if (isCurrent(opened)) {
                ends.complete(code);
            }
        });
        for (String topic : topics) {
            opened.send("{\"action\":\"subscribe\",\"id\":\"s\",\"topic\":\"" + topic + "\",\"from\":" + position(topic)
                    + "}");
        }
    }

    private synchronized String position(String topic) {
        long next = oracle.nextOf(name, topic);
        return next == 1
                ? "\"earliest\""
                : "{\"resume\":{\"epoch\":" + epochs.get(topic) + ",\"offset\":" + (next - 1) + "}}";
    }

    private synchronized boolean isCurrent(FrameSocket one) {
        return socket == one;
    }

    private synchronized void onFrame(String frame) {
        if (frame.startsWith("{\"type\":\"message\"")) {
            String topic = Texts.between(frame, "\"topic\":\"");
            Place place = new Place(topic, epochs.getOrDefault(topic, -1L), number(frame, "offset"));
            oracle.seen(name, place, Texts.between(frame, ",\"message\":\""));
            FrameSocket current = socket;
            URI to = base;
            if (++heard == patience && current != null && to != null) {
                CompletableFuture<Integer> ends = closed;
                socket = null;
                current.abort();
                Thread.ofVirtual().start(() -> open(to, ends));
            }
        } else if (frame.startsWith("{\"type\":\"reply\"")) {
            epochs.put(Texts.between(frame, "\"topic\":\""), number(frame, "epoch"));
            if (!frame.contains("\"recovered\":true")) {
                oracle.complain("P6: " + name + " was not resumed: " + frame);
            }
        } else if (!frame.startsWith("{\"type\":\"welcome\"") && !frame.startsWith("{\"type\":\"draining\"")) {
            oracle.complain("P6: " + name + " got " + frame);
        }
    }

    /// Completes with the close code when the server has ended the connection.
    synchronized CompletableFuture<Integer> closed() {
        return closed;
    }

    void probe() {
        FrameSocket current;
        synchronized (this) {
            current = socket;
        }
        if (current != null) {
            current.probe();
        }
    }

    synchronized void end() {
        base = null;
        FrameSocket current = socket;
        socket = null;
        closed.complete(FrameSocket.CUT);
        if (current != null) {
            current.abort();
        }
    }
}
