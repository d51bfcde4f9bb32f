package io.topicstream.transport.client;

import io.netty.channel.EventLoop;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;

/// Sends requests to HTTP/1.1 servers, without TLS, and takes their answers in. Thread-safe; does not block.
///
/// A call from one of the loops runs on it from its first byte to its answer, on a connection of that loop: no thread
/// hands anything to another. Calls from other threads are spread over the loops.
///
/// Connections are kept and used again. Nothing is sent twice, but for two cases: a request that changes nothing,
/// on a kept connection that was closed before a byte of the answer came; and any request of which no byte could be
/// written to a kept connection. Redirects are not followed, codings of bodies are left as they are.
public final class LoopHttpClient implements AutoCloseable {
    private final List<ClientLoop> loops;
    private final List<EventLoop> eventLoops;
    private final AtomicInteger next = new AtomicInteger();
    /// The number of the loop that runs on a thread. There are as many entries as loops.
    private final ConcurrentHashMap<Thread, Integer> byThread = new ConcurrentHashMap<>();

    /// @param eventLoops at least one
    public LoopHttpClient(List<EventLoop> eventLoops, ClientLimits limits, ClientNames names, AnswerRoom room) {
        if (eventLoops.isEmpty()) {
            throw new IllegalArgumentException("there are no loops");
        }
        this.eventLoops = List.copyOf(eventLoops);
        this.loops = this.eventLoops.stream()
                .map(loop -> new ClientLoop(loop, limits, names, room))
                .toList();
    }

    /// Sends a request.
    ///
    /// @param fields that go with this call, beside those of the request, and checked like them
    /// @param body the client's from then on; not to be changed
    /// @param withinNs how long all of it may take, from now to the last byte of the answer
    public void send(
            ClientRequest request,
            Map<String, List<String>> fields,
            byte[] body,
            long withinNs,
            AnswerListener listener) {
        ClientCall call = new ClientCall(request, fields, body, listener);
        int here = here();
        if (here >= 0) {
            loops.get(here).onCall(call, withinNs);
            return;
        }
        int there = Math.floorMod(next.getAndIncrement(), loops.size());
        long fromNs = System.nanoTime();
        try {
            eventLoops
                    .get(there)
                    .execute(() -> loops.get(there).onCall(call, Math.max(0, withinNs - (System.nanoTime() - fromNs))));
        } catch (RejectedExecutionException e) {
            call.fail(new IOException("The loops have ended.", e));
        }
    }

    /// The number of the loop that this thread runs, or -1.
    private int here() {
        Thread thread = Thread.currentThread();
        Integer known = byThread.get(thread);
        if (known != null) {
            return known;
        }
        for (int i = 0; i < eventLoops.size(); i++) {
            if (eventLoops.get(i).inEventLoop(thread)) {
                byThread.put(thread, i);
                return i;
            }
        }
        return -1;
    }

    /// Closes all connections, soon. Calls that are under way fail.
    @Override
    public void close() {
        for (int i = 0; i < loops.size(); i++) {
            ClientLoop loop = loops.get(i);
            try {
                eventLoops.get(i).execute(loop::onClose);
            } catch (RejectedExecutionException _) {
                // With the loop its connections have ended.
            }
        }
    }
}
