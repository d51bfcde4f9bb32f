package io.topicstream.server.http;

import io.topicstream.access.Authentication;
import io.topicstream.transport.HttpExchange;
import java.net.SocketAddress;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// Keeps the requests of one connection in their order while it is found out who sends them.
///
/// A key that is not in the cache is looked up in the store, and meanwhile the next requests of the same pipeline
/// come; by then the cache may know the key and would let them pass. They wait instead, at most a pipeline's depth of
/// them, so that messages of one connection get their offsets in the order in which they were sent. Connections do not
/// wait for each other. Belongs to its loop.
final class CallersInOrder {
    private final HttpLoop loop;
    /// By the connection's other end, which no two open connections share.
    private final Map<SocketAddress, ArrayDeque<Asking>> waiting = new HashMap<>();

    CallersInOrder(HttpLoop loop) {
        this.loop = loop;
    }

    /// Asks, when the connection's earlier requests have been answered who sends them, and goes on with the answer;
    /// at once, where that is known at once.
    ///
    /// @param then told null where it could not be found out
    void find(
            HttpExchange exchange,
            Supplier<CompletionStage<Authentication>> question,
            Consumer<@Nullable Authentication> then) {
        SocketAddress peer = exchange.head().remoteAddress();
        Asking asking = new Asking(exchange, question, then);
        ArrayDeque<Asking> others = waiting.isEmpty() ? null : waiting.get(peer);
        if (others == null) {
            ask(peer, asking);
        } else {
            others.add(asking);
        }
    }

    /// @return whether the answer is still to come
    private boolean ask(SocketAddress peer, Asking asking) {
        CompletionStage<Authentication> answer = asking.question.get();
        if (answer.toCompletableFuture().isDone()) {
            loop.whenComplete(asking.exchange, answer, (found, failure) -> asking.then.accept(found));
            return false;
        }
        waiting.computeIfAbsent(peer, any -> new ArrayDeque<>());
        loop.whenComplete(asking.exchange, answer, (found, failure) -> {
            try {
                asking.then.accept(found);
            } finally {
                onAnswered(peer);
            }
        });
        return true;
    }

    private void onAnswered(SocketAddress peer) {
        ArrayDeque<Asking> others = waiting.get(peer);
        Asking next = others == null ? null : others.poll();
        while (others != null && next != null) {
            Asking asking = next;
            boolean[] open = new boolean[1];
            loop.guarded(asking.exchange, () -> open[0] = ask(peer, asking));
            if (open[0]) {
                return;
            }
            next = others.poll();
        }
        waiting.remove(peer);
    }

    private record Asking(
            HttpExchange exchange,
            Supplier<CompletionStage<Authentication>> question,
            Consumer<@Nullable Authentication> then) {}
}
