package io.topicstream.server.load;

import io.topicstream.server.JsonTexts;
import io.topicstream.server.SocketSwarm;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// One connection that publishes, and measures how long it takes until it is answered.
final class Publisher {
    private static final long PATIENCE_SECONDS = 60;

    private final SocketSwarm.Socket socket;
    private final String topic;
    private final String padding;
    private final BlockingQueue<String> replies = new LinkedBlockingQueue<>();

    /// @param payloadBytes about as many
    Publisher(SocketSwarm swarm, String topic, int payloadBytes) {
        this.topic = topic;
        this.padding = "x".repeat(payloadBytes);
        this.socket = swarm.open("/v1", (_, buffer, from, to) -> {
            String text = new String(buffer, from, to - from, StandardCharsets.UTF_8);
            if (!text.contains("\"type\":\"welcome\"")) {
                replies.add(text);
            }
        });
    }

    /// Publishes one and waits for its answer.
    ///
    /// @return its offset
    long publish() {
        send();
        return awaitReply();
    }

    private void send() {
        socket.send("{\"action\":\"publish\",\"id\":1,\"topic\":\"" + topic + "\",\"message\":\"" + padding + "\"}");
    }

    private long awaitReply() {
        try {
            @Nullable String reply = replies.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
            if (reply == null || !reply.contains("\"type\":\"reply\"")) {
                throw new AssertionError("not published: " + reply);
            }
            return JsonTexts.number(reply, "offset");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted", e);
        }
    }

    /// Publishes many with several on their way at once.
    ///
    /// @return the last offset
    long publish(int count, int inFlight) {
        Semaphore room = new Semaphore(inFlight);
        long last = 0;
        int sent = 0;
        for (int answered = 0; answered < count; answered++) {
            while (sent < count && room.tryAcquire()) {
                send();
                sent++;
            }
            last = awaitReply();
            room.release();
        }
        return last;
    }

    /// Times of `count` publishes, one after the other.
    Times measure(int count) {
        long[] ns = new long[count];
        for (int i = 0; i < count; i++) {
            long start = System.nanoTime();
            publish();
            ns[i] = System.nanoTime() - start;
        }
        Arrays.sort(ns);
        return new Times(ns[count / 2], ns[count * 9 / 10], ns[count * 99 / 100]);
    }

    /// Percentiles, in nanoseconds.
    record Times(long p50, long p90, long p99) {
        /// This one as a multiple of another.
        String over(Times other) {
            return "p50 × %.2f, p90 × %.2f, p99 × %.2f"
                    .formatted((double) p50 / other.p50, (double) p90 / other.p90, (double) p99 / other.p99);
        }
    }
}
