package io.topicstream.aws.dynamo;

import static java.util.Objects.requireNonNull;

import io.topicstream.log.Append;
import io.topicstream.log.AppendResult;
import io.topicstream.log.AppendResult.Appended;
import io.topicstream.log.AppendResult.Conflict;
import io.topicstream.log.AppendResult.IdConflict;
import io.topicstream.log.AppendResult.Unavailable;
import io.topicstream.log.Draft;
import io.topicstream.log.HandOver;
import io.topicstream.log.Lane;
import io.topicstream.log.LogUnavailableException;
import io.topicstream.log.RepeatRule;
import io.topicstream.row.BadRowException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.core.exception.SdkException;

/// The appends to one topic: those that wait become a batch, and the batch claims the next slot. One batch of a topic
/// is under way at a time; others write to the topic elsewhere, and who loses a slot goes on to the next.
///
/// [#take] is called by anybody; everything else by one thread after the other.
final class TopicAppends {
    private static final System.Logger LOGGER = System.getLogger(TopicAppends.class.getName());
    private static final int MAX_MESSAGES = 1000;
    private static final int MAX_BYTES = 1 << 20;

    /// How long it is believed where the topic stood. A row is deleted long after it could be believed to be the last
    /// one, so that no slot looks free that was taken once.
    private static final long BELIEVED_MS = 30_000;

    /// When so many claims in a row were lost, the topic is looked at instead of walked along.
    private static final int LOST_IN_A_ROW = 3;

    /// When so many were lost, the publisher is told.
    private static final int MAX_LOST = 1000;

    /// When so many claims in a row were lost, half of the batch waits: a smaller one is written sooner.
    private static final int LOST_TO_HALVE = 8;

    private static final long MAX_PAUSE_MS = 64;

    private final LogParts parts;
    private final String topic;
    private final ArrayDeque<Append> waiting = new ArrayDeque<>();
    private boolean isRunning;

    /// How many were taken and answered, and who waits for them to be answered.
    private long taken;

    private long answered;
    private final ArrayDeque<Barrier> barriers = new ArrayDeque<>();

    // ---- of the thread that runs

    private @Nullable View view;
    private long viewedAtNs;
    private long viewedAtMs;

    /// Whether it was read since the batch came, so that what follows from it may be said.
    private boolean isFresh;

    TopicAppends(LogParts parts, String topic) {
        this.parts = parts;
        this.topic = topic;
    }

    private record Barrier(long taken, Runnable then) {}

    /// Takes an append.
    ///
    /// @return whether [#run] is to be called
    synchronized boolean take(Append append) {
        waiting.add(append);
        taken++;
        boolean isNew = !isRunning;
        isRunning = true;
        return isNew;
    }

    /// Takes no more what [#take] took, and nobody runs.
    synchronized void giveBackTheLast() {
        waiting.removeLast();
        taken--;
        isRunning = false;
    }

    /// Writes what goes together of what waits.
    ///
    /// @return whether there was something, and it is to be called again
    boolean run() {
        List<Append> batch = next();
        if (batch.isEmpty()) {
            return false;
        }
        List<AppendResult> results;
        try {
            results = write(batch);
        } catch (SdkException | LogUnavailableException e) {
            view = null;
            parts.onFailed();
            results = same(batch, new Unavailable("the topic cannot be written: " + e.getMessage()));
        } catch (BadRowException e) {
            view = null;
            results = same(batch, new Unavailable("topic " + topic + " is damaged: " + e.getMessage()));
        } catch (RuntimeException | Error e) {
            LOGGER.log(System.Logger.Level.ERROR, "appends to " + topic + " failed", e);
            view = null;
            results = same(batch, new Unavailable("the append failed: " + e));
        }
        answer(batch, results);
        onAnswered(batch.size()).forEach(TopicAppends::tell);
        return true;
    }

    private static List<AppendResult> same(List<Append> batch, AppendResult result) {
        return batch.stream().map(_ -> result).toList();
    }

    /// Has something run when all that was taken before is answered.
    ///
    /// @return false where it is already, and nothing will be run
    synchronized boolean afterwards(Runnable then) {
        if (taken == answered) {
            return false;
        }
        barriers.add(new Barrier(taken, then));
        return true;
    }

    private synchronized List<Runnable> onAnswered(int count) {
        answered += count;
        List<Runnable> free = new ArrayList<>();
        for (Barrier first = barriers.peek(); first != null && first.taken() <= answered; first = barriers.peek()) {
            free.add(barriers.remove().then());
        }
        return free;
    }

    synchronized boolean isIdle() {
        return !isRunning;
    }

    /// Takes what goes together: as much as one batch may be, and no id twice.
    private synchronized List<Append> next() {
        List<Append> batch = new ArrayList<>();
        Set<List<String>> ids = new HashSet<>();
        long bytes = 0;
        int messages = 0;
        try {
            for (Append append = waiting.peek(); append != null; append = waiting.peek()) {
                bytes += BatchValue.maxBytes(append);
                messages += append.drafts().size();
                // Where the first one needs an object of its own, others may come with it.
                boolean isFull = messages > MAX_MESSAGES
                        || bytes > MAX_BYTES
                        || (bytes > parts.inlineBytes() && !isLarge(batch));
                boolean hasNewIds = addsIds(append, ids);
                if (!batch.isEmpty() && (isFull || !hasNewIds)) {
                    break;
                }
                batch.add(waiting.remove());
            }
        } catch (RuntimeException e) {
            // Something is wrong with the next one: it goes alone, and is answered so. Others are not to wait for ever.
            if (batch.isEmpty()) {
                batch.add(waiting.remove());
            }
        }
        isRunning = !batch.isEmpty();
        return batch;
    }

    private boolean isLarge(List<Append> batch) {
        return parts.hasLarge() && !batch.isEmpty() && BatchValue.maxBytes(batch.getFirst()) > parts.inlineBytes();
    }

    private static boolean addsIds(Append append, Set<List<String>> ids) {
        List<List<String>> own = append.drafts().stream()
                .map(Draft::messageId)
                .filter(id -> id != null)
                .map(id -> List.of(append.idScope(), id))
                .toList();
        if (own.stream().anyMatch(ids::contains)) {
            return false;
        }
        ids.addAll(own);
        return true;
    }

    private List<AppendResult> write(List<Append> batch) {
        byte[] mark = Slot.newMark();
        int lost = 0;
        isFresh = false;
        while (true) {
            View at = believed(lost);
            Placing placing = new Placing(batch, at);
            placing.place();
            if (placing.hasConflict() && !isFresh) {
                // Somebody may have written since; only who looks now may say so.
                view = null;
                continue;
            }
            if (placing.placed.isEmpty()) {
                return placing.results();
            }
            if (lost > MAX_LOST) {
                return placing.refused("others write to the topic all the time; nothing was stored");
            }
            Slot slot = placing.slot(mark);
            if (slot == null) {
                return placing.refused("an append of this size needs a bucket beside the table");
            }
            if (at.newest() == null) {
                parts.rows().name(topic);
            }
            if (isOld()) {
                // Noting ids took long, or the process was frozen: the slot may have been taken, and its row be gone.
                drop(slot);
                lost++;
                view = null;
                continue;
            }
            Slot other = claim(slot);
            if (other == null) {
                view = at.with(slot);
                noteTime();
                parts.retention().onWritten(topic, at, view);
                return placing.results();
            }
            drop(slot);
            lost++;
            view = at.with(other);
            noteTime();
            isFresh = false;
            if (lost % LOST_TO_HALVE == 0) {
                halve(batch);
            }
            pause(lost);
        }
    }

    /// The second half waits again, before everything else.
    private synchronized void halve(List<Append> batch) {
        int half = (batch.size() + 1) / 2;
        while (batch.size() > half) {
            waiting.addFirst(batch.removeLast());
        }
    }

    private static void tell(Runnable barrier) {
        try {
            barrier.run();
        } catch (RuntimeException | Error e) {
            LOGGER.log(System.Logger.Level.ERROR, "what waited for appends could not be asked", e);
        }
    }

    /// Only saves room: nobody can see it.
    private void drop(Slot slot) {
        try {
            parts.rows().drop(slot);
        } catch (RuntimeException e) {
            LOGGER.log(
                    System.Logger.Level.WARNING, "a batch of {0} was left in the bucket: {1}", topic, e.getMessage());
        }
    }

    private @Nullable Slot claim(Slot slot) {
        try {
            return parts.rows().claim(topic, slot);
        } catch (SdkException e) {
            // It may have been written, and only the answer been lost.
            Slot now = parts.rows().get(topic, slot.first());
            if (now == null) {
                throw e;
            }
            return Arrays.equals(now.mark(), slot.mark()) ? null : now;
        }
    }

    private View believed(int lost) {
        View known = view;
        if (known == null || isOld() || (lost > 0 && lost % LOST_IN_A_ROW == 0)) {
            noteTime();
            known = parts.rows().view(topic);
            view = known;
            isFresh = true;
        }
        return known;
    }

    private void noteTime() {
        viewedAtNs = System.nanoTime();
        viewedAtMs = System.currentTimeMillis();
    }

    /// By both clocks: one may stand while a process is frozen, and the other may be set.
    private boolean isOld() {
        return System.nanoTime() - viewedAtNs > BELIEVED_MS * 1_000_000
                || Math.abs(System.currentTimeMillis() - viewedAtMs) > BELIEVED_MS;
    }

    private static void pause(int lost) {
        long most = Math.min(MAX_PAUSE_MS, 1L << Math.min(lost, 10));
        try {
            Thread.sleep(ThreadLocalRandom.current().nextLong(most + 1));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /// Which appends of a batch get a place, and what the others are answered, as the topic stands.
    private final class Placing {
        private final List<Append> batch;
        private final View at;
        private final long nowMs = parts.clock().millis();
        private final long timestamp;
        private final Map<Append, AppendResult> known = new HashMap<>();
        private final List<Append> placed = new ArrayList<>();
        private final Map<Append, Long> firsts = new HashMap<>();

        Placing(List<Append> batch, View at) {
            this.batch = batch;
            this.at = at;
            Slot newest = at.newest();
            this.timestamp = newest == null ? nowMs : Math.max(nowMs, newest.timestamp());
        }

        /// An id of a draft.
        private record Id(Append append, int index, String messageId) {}

        void place() {
            Map<Append, BatchValue.@Nullable Known[]> found = known();
            long next = at.next();
            for (Append append : batch) {
                AppendResult result = repeated(append, found.get(append));
                if (result == null && append.expectedOffset() != Append.ANY_OFFSET && append.expectedOffset() != next) {
                    result = new Conflict(parts.epoch(), next);
                }
                if (result != null) {
                    known.put(append, result);
                    continue;
                }
                firsts.put(append, next);
                placed.add(append);
                next += append.drafts().size();
            }
        }

        /// What is known of the ids of each append; all are asked for at once.
        private Map<Append, BatchValue.@Nullable Known[]> known() {
            Map<Append, BatchValue.@Nullable Known[]> found = new HashMap<>();
            List<Id> ids = new ArrayList<>();
            for (Append append : batch) {
                List<Draft> drafts = append.drafts();
                if (RepeatRule.hasId(append) && !RepeatRule.givesOneIdTwice(append)) {
                    found.put(append, new BatchValue.Known[drafts.size()]);
                    for (int i = 0; i < drafts.size(); i++) {
                        String messageId = drafts.get(i).messageId();
                        if (messageId != null) {
                            ids.add(new Id(append, i, messageId));
                        }
                    }
                }
            }
            long forgottenMs = nowMs - LogParts.REPEATS_KEPT.toMillis();
            // The ids of one append stand in one batch, where they are known.
            ConcurrentHashMap<Long, Optional<LogRows.Held>> batches = new ConcurrentHashMap<>();
            LogParts.forEach(ids.size(), n -> {
                Id id = ids.get(n);
                requireNonNull(found.get(id.append()), "it has ids")[id.index()] =
                        parts.ids().note(id.append(), id.messageId(), at.next(), nowMs, forgottenMs, batches);
            });
            return found;
        }

        private static @Nullable AppendResult repeated(Append append, BatchValue.@Nullable Known @Nullable [] found) {
            if (found == null) {
                return RepeatRule.hasId(append) ? new IdConflict() : null;
            }
            return RepeatRule.resultOf(append, index -> found[index]);
        }

        boolean hasConflict() {
            return known.entrySet().stream()
                    .anyMatch(entry -> entry.getValue() instanceof Conflict
                            || (entry.getValue() instanceof IdConflict && !RepeatRule.givesOneIdTwice(entry.getKey())));
        }

        /// The row to claim, and all that must stand before it is claimed.
        ///
        /// @return null where there is no room for it
        @Nullable
        Slot slot(byte[] mark) {
            BatchValue value = BatchValue.of(placed, at.next(), timestamp);
            byte[] bytes = value.toBytes();
            if (!parts.rows().hasRoomFor(bytes.length)) {
                return null;
            }
            parts.references().note(topic, value.messages(), at.first());
            Slot slot = new Slot(
                    at.next(),
                    value.messages().size(),
                    parts.epoch(),
                    timestamp,
                    at.bytes() + bytes.length,
                    mark,
                    null,
                    null,
                    null,
                    0,
                    false);
            return parts.rows().holding(slot, bytes);
        }

        List<AppendResult> refused(String why) {
            placed.forEach(append -> known.put(append, new Unavailable(why)));
            return results();
        }

        List<AppendResult> results() {
            return batch.stream()
                    .map(append -> {
                        AppendResult result = known.get(append);
                        if (result != null) {
                            return result;
                        }
                        long first = requireNonNull(firsts.get(append), "it has a place");
                        return new Appended(
                                parts.epoch(), first, first + append.drafts().size() - 1, timestamp, false);
                    })
                    .toList();
        }
    }

    private void answer(List<Append> batch, List<AppendResult> results) {
        Map<Lane, HandOver> handOvers = new LinkedHashMap<>();
        for (int i = 0; i < batch.size(); i++) {
            Append append = batch.get(i);
            parts.onAnswered(append, results.get(i));
            handOvers.computeIfAbsent(append.lane(), _ -> new HandOver()).answer(append, results.get(i));
        }
        handOvers.forEach((lane, handOver) -> {
            try {
                lane.enqueue(handOver);
            } catch (RuntimeException | Error e) {
                LOGGER.log(System.Logger.Level.ERROR, "a lane did not take its hand-over: " + lane, e);
            }
        });
    }
}
