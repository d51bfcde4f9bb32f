package io.topicstream.cli;

import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;

/// How far a topic was shown, and who waits for that. Guarded by the chat's monitor.
final class Shown {
    private final NavigableMap<Long, CompletableFuture<Void>> waiting = new TreeMap<>();
    private long last;
    private boolean ended;

    /// The message of this offset was shown, or kept to be shown.
    void upTo(long offset) {
        last = Math.max(last, offset);
        NavigableMap<Long, CompletableFuture<Void>> due = waiting.headMap(offset, true);
        due.values().forEach(each -> each.complete(null));
        due.clear();
    }

    /// Completes when that has happened, or nothing more will be shown.
    CompletableFuture<Void> of(long offset) {
        return ended || offset <= last
                ? CompletableFuture.completedFuture(null)
                : waiting.computeIfAbsent(offset, _ -> new CompletableFuture<>());
    }

    void end() {
        ended = true;
        upTo(Long.MAX_VALUE);
    }
}
