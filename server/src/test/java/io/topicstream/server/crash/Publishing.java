package io.topicstream.server.crash;

import static io.topicstream.server.JsonTexts.number;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import java.util.function.BooleanSupplier;

/// The publishers of the load: a virtual thread each, which ends with its connection or when it has sent what it
/// should.
final class Publishing {
    private static final int MANY = 1_000_000;

    private Publishing() {}

    /// What is published: `count` messages, named after their publisher, to the topics in turn.
    record Work(Oracle oracle, String name, List<String> topics, int count) {
        String id(int i) {
            return name + "-" + i;
        }

        String topic(int i) {
            return topics.get(i % topics.size());
        }
    }

    static final int UNTIL_THE_END = Integer.MAX_VALUE;

    /// Publishes on a native connection, up to `window` messages before the first is answered.
    ///
    /// @return completed with the close code when the connection is closed, which the caller does unless the server
    ///     dies first; with 0 when all was sent and answered
    static CompletableFuture<Integer> natively(URI base, String key, Work work, int window) {
        Semaphore free = new Semaphore(window);
        Queue<String> inFlight = new ArrayDeque<>();
        FrameSocket socket = FrameSocket.open(base, "/v1", key, false, frame -> {
            if (frame.startsWith("{\"type\":\"reply\"") || frame.startsWith("{\"type\":\"error\"")) {
                String id = Texts.between(frame, "\"id\":\"");
                String expected;
                synchronized (inFlight) {
                    expected = inFlight.poll();
                }
                if (!id.equals(expected)) {
                    work.oracle.complain("P10: " + work.name + " was answered about " + id + " before " + expected);
                }
                if (frame.startsWith("{\"type\":\"error\"")) {
                    work.oracle.refused(id);
                } else {
                    work.oracle.acked(work.name, id, place(frame));
                }
                free.release();
            }
        });
        CompletableFuture<Integer> ended = new CompletableFuture<>();
        socket.whenClosed(code -> {
            ended.complete(code);
            free.release(MANY);
        });
        Thread.ofVirtual().name(work.name).start(() -> {
            for (int i = 0; i < work.count; i++) {
                free.acquireUninterruptibly();
                if (socket.closed().isDone()) {
                    return;
                }
                String id = work.id(i);
                work.oracle.sent(id, work.topic(i), true);
                synchronized (inFlight) {
                    inFlight.add(id);
                }
                socket.send("{\"action\":\"publish\",\"id\":\"" + id + "\",\"topic\":\"" + work.topic(i)
                        + "\",\"message\":\"" + Texts.of(id) + "\",\"message_id\":\"" + id + "\"}");
            }
            free.acquireUninterruptibly(window);
            ended.complete(0);
            socket.abort();
        });
        return ended;
    }

    private static Place place(String reply) {
        return new Place(Texts.between(reply, "\"topic\":\""), number(reply, "epoch"), number(reply, "offset"));
    }

    /// Produces over HTTP, one request after the other.
    ///
    /// @return completed when all was sent or the server is gone
    static CompletableFuture<Integer> overHttp(URI base, String key, Work work, BooleanSupplier more) {
        CompletableFuture<Integer> ended = new CompletableFuture<>();
        Thread.ofVirtual().name(work.name).start(() -> {
            for (int i = 0; i < work.count && more.getAsBoolean(); i++) {
                String id = work.id(i);
                work.oracle.sent(id, work.topic(i), true);
                try {
                    HttpResponse<String> answer = produce(base, key, id, work.topic(i));
                    if (answer.statusCode() == 200) {
                        work.oracle.acked(work.name, id, place(answer, work.topic(i)));
                    } else {
                        work.oracle.refused(id);
                    }
                } catch (IOException e) {
                    break;
                }
            }
            ended.complete(0);
        });
        return ended;
    }

    /// One produce with an `Idempotency-Key`.
    static HttpResponse<String> produce(URI base, String key, String id, String topic) throws IOException {
        HttpRequest request = HttpRequest.newBuilder(base.resolve("/topics/" + topic + "/produce"))
                .timeout(Duration.ofSeconds(30))
                .header("x-api-key", key)
                .header("Content-Type", "application/json")
                .header("Idempotency-Key", id)
                .POST(HttpRequest.BodyPublishers.ofString("{\"payload\":\"" + Texts.of(id) + "\"}"))
                .build();
        try {
            return FrameSocket.HTTP.send(request, HttpResponse.BodyHandlers.ofString());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException(e);
        }
    }

    static Place place(HttpResponse<String> produced, String topic) {
        long epoch = Long.parseLong(produced.headers().firstValue("Topic-Epoch").orElseThrow());
        return new Place(topic, epoch, number(produced.body(), "offset"));
    }

    /// Sends again what a kill left without an answer and some of what has one, in turn on a pipelined native
    /// connection and over HTTP, and waits for all answers.
    static void again(Oracle oracle, URI base, String key, List<Oracle.Resend> messages) throws IOException {
        Semaphore answered = new Semaphore(0);
        FrameSocket socket = FrameSocket.open(base, "/v1", key, false, frame -> {
            if (frame.startsWith("{\"type\":\"reply\"")) {
                oracle.repeated(Texts.between(frame, "\"id\":\""), place(frame));
                answered.release();
            } else if (frame.startsWith("{\"type\":\"error\"")) {
                oracle.complain("P11: a repeat was refused: " + frame);
                answered.release();
            }
        });
        socket.whenClosed(_ -> answered.release(MANY));
        int wanted = 0;
        for (int i = 0; i < messages.size(); i++) {
            String id = messages.get(i).id();
            String topic = messages.get(i).topic();
            if (i % 8 == 0) {
                HttpResponse<String> answer = produce(base, key, id, topic);
                if (answer.statusCode() == 200) {
                    oracle.repeated(id, place(answer, topic));
                } else {
                    oracle.complain("P11: a repeat was refused: " + answer.body());
                }
            } else {
                wanted++;
                socket.send("{\"action\":\"publish\",\"id\":\"" + id + "\",\"topic\":\"" + topic + "\",\"message\":\""
                        + Texts.of(id) + "\",\"message_id\":\"" + id + "\"}");
            }
        }
        answered.acquireUninterruptibly(wanted);
        if (socket.closed().isDone()) {
            oracle.complain("P11: the connection was closed over repeats");
        }
        socket.abort();
    }
}
