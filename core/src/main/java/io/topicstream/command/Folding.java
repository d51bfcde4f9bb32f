package io.topicstream.command;

import io.topicstream.log.Direction;
import io.topicstream.log.Message;
import io.topicstream.log.Page;
import io.topicstream.log.Reference;
import io.topicstream.log.TopicLog;
import io.topicstream.log.TopicName;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/// The folding of one page: asks the index what is about its messages, some of them at a time, and reads
/// that, one request to the log at a time. Ends early where a page would need more than [#MOST_READ] of
/// them.
///
/// Goes on on whichever thread the log answers, one at a time, in a loop and not deeper and deeper.
final class Folding {
    /// How many messages of a page the index is asked about at once.
    static final int ASKED_AT_ONCE = 16;
    /// The most edits, replies and reactions that count for one message: the last ones of each.
    static final int MOST_OF_A_GROUP = 1_000;
    /// So many messages are read for a page, and no further message begun then.
    static final int MOST_READ = 2_000;

    /// Of the log at once: what lies closer together is read in one piece.
    private static final int MAX_PIECE = 64;

    private static final int MAX_GAP = 8;
    private static final int PIECE_BYTES = 64 * 1024;

    private final TopicLog log;
    private final TopicName topic;
    private final List<Message> wanted;
    private final List<Fold> done = new ArrayList<>();
    private final CompletableFuture<List<Fold>> result = new CompletableFuture<>();

    /// Those that are being folded, and what is still to be read about them.
    private final Map<Long, Fold> underWay = new HashMap<>();

    private final TreeSet<Long> toRead = new TreeSet<>();
    private int asked;
    private int read;
    private boolean isFull;

    /// @param wanted in the order in which they count, so that what is left out is at the end
    Folding(TopicLog log, TopicName topic, List<Message> wanted) {
        this.log = log;
        this.topic = topic;
        this.wanted = wanted;
    }

    /// Folds as many as it may, at least one where there is one.
    CompletionStage<List<Fold>> run() {
        goOn();
        return result;
    }

    /// Takes steps as long as their answers are there at once.
    private void goOn() {
        while (true) {
            CompletableFuture<?> step;
            try {
                step = next();
            } catch (RuntimeException e) {
                result.completeExceptionally(e);
                return;
            }
            if (step == null) {
                result.complete(done);
                return;
            }
            if (!step.isDone()) {
                var _ = step.whenComplete((_, failure) -> {
                    if (failure == null) {
                        goOn();
                    } else {
                        result.completeExceptionally(failure);
                    }
                });
                return;
            }
            if (step.isCompletedExceptionally()) {
                result.completeExceptionally(step.exceptionNow());
                return;
            }
        }
    }

    /// The next step, or null where none is left.
    private @Nullable CompletableFuture<?> next() {
        if (!toRead.isEmpty()) {
            return readPiece();
        }
        if (isFull || asked == wanted.size()) {
            return null;
        }
        List<Message> some = wanted.subList(asked, Math.min(wanted.size(), asked + ASKED_AT_ONCE));
        asked += some.size();
        long lowest = Math.min(some.getFirst().offset(), some.getLast().offset());
        long highest = Math.max(some.getFirst().offset(), some.getLast().offset());
        return log.references(topic, lowest, highest + 1, MOST_OF_A_GROUP)
                .thenAccept(references -> begin(some, references))
                .toCompletableFuture();
    }

    private void begin(List<Message> some, List<Reference> references) {
        Map<Long, List<Long>> byTarget = new HashMap<>();
        for (Reference reference : references) {
            byTarget.computeIfAbsent(reference.target(), any -> new ArrayList<>())
                    .add(reference.offset());
        }
        underWay.clear();
        for (Message message : some) {
            List<Long> about = byTarget.getOrDefault(message.offset(), List.of());
            if (!done.isEmpty() && read + about.size() > MOST_READ) {
                isFull = true;
                return;
            }
            read += about.size();
            Fold fold = new Fold(message);
            done.add(fold);
            underWay.put(message.offset(), fold);
            toRead.addAll(about);
        }
    }

    /// Reads the lowest of those that are to be read, and others that are close.
    private CompletableFuture<?> readPiece() {
        long first = toRead.first();
        ArrayDeque<Long> piece = new ArrayDeque<>();
        for (long offset : toRead) {
            if (!piece.isEmpty() && (offset - piece.getLast() > MAX_GAP || offset - first >= MAX_PIECE)) {
                break;
            }
            piece.addLast(offset);
        }
        int count = (int) (piece.getLast() - first + 1);
        return log.read(topic, first, Direction.FORWARD, count, PIECE_BYTES)
                .thenAccept(page -> take(page, first, piece.getLast()))
                .toCompletableFuture();
    }

    private void take(Page page, long first, long last) {
        List<Message> messages = page.messages();
        // What a trim took since is not to come any more.
        long upTo = messages.isEmpty() || messages.getFirst().offset() > last
                ? last
                : Math.max(first, messages.getLast().offset());
        for (Message message : messages) {
            if (message.offset() <= last && toRead.contains(message.offset()) && message.about() != null) {
                Fold fold = underWay.get(message.about().offset());
                if (fold != null) {
                    fold.add(message);
                }
            }
        }
        toRead.headSet(upTo, true).clear();
    }
}
