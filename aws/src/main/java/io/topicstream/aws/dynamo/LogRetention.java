package io.topicstream.aws.dynamo;

import io.topicstream.aws.s3.BadSegmentException;
import io.topicstream.log.LogUnavailableException;
import io.topicstream.log.Retention;
import io.topicstream.log.RetentionRules;
import io.topicstream.log.TopicName;
import io.topicstream.log.Trimmed;
import io.topicstream.row.BadRowException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.core.exception.SdkException;

/// Ends the messages that need not be kept: who looks at a topic ends what has ended, before he sees it. There is no
/// thread that looks by itself, since a function runs only when somebody asks.
///
/// First the topic's first offset moves, by one conditional write, and every reader sees that at once. Then what is
/// left of the batches is written over: message ids stay as long as they are remembered, and DynamoDB deletes the rows.
/// The
/// newest batch of a topic keeps its row: a slot that was deleted would look free.
final class LogRetention {
    private static final System.Logger LOGGER = System.getLogger(LogRetention.class.getName());
    private static final int ROWS_AT_ONCE = 100;
    private static final int MAX_REMEMBERED = 10_000;

    /// How long a row of ended messages stays: ids are remembered for a day, and a writer may believe for a while that
    /// the row is the newest.
    private static final Duration LEFT = LogParts.REPEATS_KEPT.plusHours(1);

    private final LogRows rows;
    private final Archive archive;
    private final DynamoOptions options;
    private final Calls calls;

    /// What is kept of topics that were looked at.
    private final ConcurrentHashMap<String, Kept> kept = new ConcurrentHashMap<>();

    /// Up to where topics were cleaned here, or it was tried.
    private final ConcurrentHashMap<String, Long> cleaned = new ConcurrentHashMap<>();

    private final Object counting = new Object();
    private volatile Trimmed trimmed = Trimmed.NONE;

    /// @param first the first offset that is kept
    /// @param oldest the batch that has it, without its value; null where there was none
    private record Kept(long first, @Nullable Slot oldest) {}

    LogRetention(LogRows rows, Archive archive, DynamoOptions options, Calls calls) {
        this.rows = rows;
        this.archive = archive;
        this.options = options;
        this.calls = calls;
    }

    Trimmed trimmed() {
        return trimmed;
    }

    /// The topic as it may be seen now.
    View settled(String topic) {
        View view = settle(topic, rows.view(topic));
        if (view.head().cleaned() < view.first()) {
            // Who ended it may have died since.
            clean(topic, view);
        }
        return view;
    }

    private View settle(String topic, View seen) {
        Retention keep = keep(topic);
        View view = seen;
        while (!view.isEmpty() && mayEnd(topic, view, keep)) {
            BadRowException missing = null;
            try {
                View cut = cut(topic, view, keep);
                if (cut != null) {
                    return cut;
                }
            } catch (BadRowException e) {
                missing = e;
            }
            // Another one was faster, or has archived it.
            View now = rows.view(topic);
            if (missing != null && now.first() <= view.first() && now.archived() <= view.archived()) {
                throw missing;
            }
            view = now;
        }
        return view;
    }

    private Retention keep(String topic) {
        RetentionRules rules = options.retention();
        if (rules == null) {
            return Retention.FOREVER;
        }
        Retention said = rules.of(new TopicName(topic));
        return said == null ? Retention.DEFAULT : said;
    }

    /// Whether the oldest batch may have ended; it is looked at once, and then remembered.
    private boolean mayEnd(String topic, View view, Retention keep) {
        if (!keep.hasAge() && !keep.hasCap()) {
            return false;
        }
        Kept known = kept.get(topic);
        Slot oldest = known == null || known.first() != view.first() ? null : known.oldest();
        return oldest == null
                || isOver(oldest, view, keep)
                || hasEnded(oldest, keep, options.clock().millis());
    }

    private static boolean hasEnded(Slot slot, Retention keep, long nowMs) {
        return keep.hasAge() && keep.endMs(slot.timestamp()) <= nowMs;
    }

    private static boolean isOver(Slot slot, View view, Retention keep) {
        return isOverCount(slot, view, keep) || isOverBytes(slot, view, keep);
    }

    private static boolean isOverCount(Slot slot, View view, Retention keep) {
        return view.next() - 1 - slot.last() >= keep.messages();
    }

    private static boolean isOverBytes(Slot slot, View view, Retention keep) {
        return keep.bytes() != Retention.UNLIMITED && view.bytes() - slot.bytes() >= keep.bytes();
    }

    /// Ends what has ended.
    ///
    /// @return null where the topic is not as it was seen any more
    private @Nullable View cut(String topic, View view, Retention keep) {
        Ending ending = new Ending(view, keep, options.clock().millis());
        TopicSlots slots = new TopicSlots(rows, archive, topic, view);
        List<Slot> page = List.of(slots.at(view.first()));
        while (true) {
            long from = view.next();
            for (Slot slot : page) {
                if (!ending.ends(slot)) {
                    break;
                }
                from = slot.last() + 1;
            }
            if (ending.isDone || from >= view.next()) {
                break;
            }
            page = slots.from(from, ROWS_AT_ONCE);
        }
        View to = ending.to;
        if (to.first() > view.first()) {
            // Counted before it can be seen: who sees that messages have ended finds them in the figures.
            count(ending.byAge, ending.byCount, ending.byBytes);
            boolean isMoved = false;
            try {
                isMoved = rows.moveFirst(topic, view, to);
            } finally {
                if (!isMoved) {
                    count(-ending.byAge, -ending.byCount, -ending.byBytes);
                }
            }
            if (!isMoved) {
                return null;
            }
            clean(topic, to);
        }
        remember(topic, new Kept(to.first(), ending.oldest));
        return to;
    }

    /// How far a topic has ended: a walk over its batches from the front.
    private static final class Ending {
        private final View view;
        private final Retention keep;
        private final long nowMs;
        private View to;
        private long byAge;
        private long byCount;
        private long byBytes;
        private @Nullable Slot oldest;
        private boolean isDone;

        Ending(View view, Retention keep, long nowMs) {
            this.view = view;
            this.keep = keep;
            this.nowMs = nowMs;
            this.to = view;
        }

        boolean ends(Slot slot) {
            long messages = slot.last() - Math.max(slot.first(), view.first()) + 1;
            if (slot.first() >= view.next()) {
                isDone = true;
            } else if (hasEnded(slot, keep, nowMs)) {
                byAge += messages;
            } else if (isOverCount(slot, view, keep)) {
                byCount += messages;
            } else if (isOverBytes(slot, view, keep)) {
                byBytes += messages;
            } else {
                oldest = slot.with(null, null);
                isDone = true;
            }
            if (!isDone) {
                to = view.from(slot.last() + 1, slot.epoch(), slot.bytes());
            }
            return !isDone;
        }
    }

    private void remember(String topic, Kept now) {
        if (kept.size() >= MAX_REMEMBERED) {
            kept.clear();
        }
        kept.put(topic, now);
    }

    private void count(long age, long count, long bytes) {
        synchronized (counting) {
            trimmed = trimmed.plus(age, count, bytes);
        }
    }

    /// Ends what is before the offset, at most everything.
    View trim(String topic, long before) {
        while (true) {
            View view = settled(topic);
            if (before <= view.first() || view.isEmpty()) {
                return view;
            }
            long first = Math.min(before, view.next());
            Slot last;
            try {
                last = new TopicSlots(rows, archive, topic, view).at(first - 1);
            } catch (BadRowException e) {
                View now = rows.view(topic);
                if (now.first() <= view.first() && now.archived() <= view.archived()) {
                    throw e;
                }
                continue;
            }
            View to = view.from(first, last.epoch(), last.bytes());
            if (rows.moveFirst(topic, view, to)) {
                remember(topic, new Kept(first, null));
                clean(topic, to);
                return to;
            }
        }
    }

    /// Something was written: what is over a cap ends.
    ///
    /// @param before as the topic was believed to stand
    void onWritten(String topic, View before, View now) {
        Slot newest = before.newest();
        Retention keep = keep(topic);
        Kept known = kept.get(topic);
        View believed = known == null ? now : now.from(Math.max(now.first(), known.first()), 0, 0);
        Slot left = newest != null && believed.first() >= before.next() ? newest : null;
        boolean isOver = keep.hasCap() && mayEnd(topic, believed, keep);
        if (isOver || left != null) {
            later(topic, () -> {
                if (left != null) {
                    rows.endRow(topic, left.first(), endMs());
                }
                if (isOver) {
                    settled(topic);
                }
            });
        }
    }

    private long endMs() {
        return options.clock().millis() + LEFT.toMillis();
    }

    /// Writes over what is left of the batches that have ended, and deletes their segments. Only saves room, and tells
    /// nobody what ended. A process tries it once for each front.
    private void clean(String topic, View view) {
        Long before = cleaned.get(topic);
        if (before != null && before >= view.first()) {
            return;
        }
        if (cleaned.size() >= MAX_REMEMBERED) {
            cleaned.clear();
        }
        cleaned.put(topic, view.first());
        later(topic, () -> {
            Head head = view.head();
            long to = head.cleaned();
            boolean isWhole = true;
            while (isWhole && to < Math.min(head.first(), head.archived())) {
                List<Sealed> some = archive.from(topic, to, head.archived());
                isWhole = !some.isEmpty();
                if (!isWhole && head.archived() <= head.first()) {
                    to = head.archived();
                }
                for (Sealed sealed : some) {
                    if (sealed.next() > head.first()) {
                        isWhole = false;
                        break;
                    }
                    archive.delete(topic, sealed);
                    to = sealed.next();
                }
            }
            long rowsTo = cleanRows(topic, view, Math.max(head.cleaned(), head.ending()));
            to = to >= head.archived() ? Math.max(to, rowsTo) : to;
            if (to > head.cleaned()) {
                rows.moveCleaned(topic, to);
            }
        });
    }

    /// @return before which offset nothing is left in rows
    private long cleanRows(String topic, View view, long from) {
        Slot newest = view.newest();
        long at = from;
        while (true) {
            LogRows.Rows page = rows.from(topic, at, ROWS_AT_ONCE);
            for (Slot slot : page.slots()) {
                if (slot.last() >= view.first()) {
                    return at;
                }
                boolean isNewest = newest != null && newest.first() == slot.first();
                rows.writeOver(topic, slot, isNewest ? Long.MAX_VALUE : endMs());
                at = slot.last() + 1;
            }
            if (page.isWhole()) {
                return at;
            }
        }
    }

    private void later(String topic, Runnable task) {
        calls.run(() -> {
            try {
                task.run();
            } catch (SdkException | LogUnavailableException | BadRowException | BadSegmentException e) {
                LOGGER.log(
                        System.Logger.Level.WARNING,
                        "what has ended of {0} was not deleted: {1}",
                        topic,
                        e.getMessage());
            }
        });
    }
}
