package io.topicstream.people;

import io.topicstream.log.Timers;
import io.topicstream.log.TopicName;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/// The acks of a node on their way into the store: one a message would be one synced write and one signal each. Of one
/// user in one topic the first is stored at once, and what comes within a second of that together.
///
/// An entry is *ready* to be stored, or is *being stored*, or *rests* for a second; an entry that gets nothing
/// while it rests is dropped. At most [#MOST_UNDER_WAY] are stored at once, so that acks do not crowd out
/// messages. What could not be stored is tried again when it has rested.
///
/// Guarded by itself, for moments: the store is asked outside. Thread-safe.
public final class PendingAcks implements Acks {
    /// For how long acks wait to be stored together, in milliseconds.
    public static final long REST_MS = 1_000;
    /// The most entries of a node: about 300 bytes each.
    public static final int MOST = 50_000;

    static final int MOST_UNDER_WAY = 256;

    private final Receipts receipts;
    private final InstantSource clock;
    private final Timers timers;
    private final int most;

    private final Map<String, Map<TopicName, Entry>> byUser = new HashMap<>();
    private final ArrayDeque<Entry> ready = new ArrayDeque<>();
    /// The one that rests longest in front.
    private final ArrayDeque<Entry> resting = new ArrayDeque<>();
    private int count;
    private int underWay;
    private boolean isTimerSet;
    private boolean isFlushing;

    /// @param timers on any thread
    public PendingAcks(Receipts receipts, InstantSource clock, Timers timers) {
        this(receipts, clock, timers, MOST);
    }

    /// @param most how many entries there may be
    PendingAcks(Receipts receipts, InstantSource clock, Timers timers, int most) {
        this.receipts = receipts;
        this.clock = clock;
        this.timers = timers;
        this.most = most;
    }

    /// The acks of one user in one topic.
    private static final class Entry {
        private final String user;
        private final TopicName topic;
        private Progress waiting = Progress.NONE;
        private Progress stored = Progress.NONE;
        /// Who waits until what waits is stored, and who until what is being stored is. Made when somebody does.
        private @Nullable CompletableFuture<Taken> whenNextStored;

        private @Nullable CompletableFuture<Taken> whenStored;
        private long restsUntilMs;

        Entry(String user, TopicName topic) {
            this.user = user;
            this.topic = topic;
        }
    }

    @Override
    public CompletionStage<Taken> take(String user, TopicName topic, Progress acked, boolean isAnswered) {
        CompletableFuture<Taken> answer;
        synchronized (this) {
            Map<TopicName, Entry> ofUser = byUser.get(user);
            Entry entry = ofUser == null ? null : ofUser.get(topic);
            if (entry == null) {
                if (count == most) {
                    return CompletableFuture.completedFuture(Taken.NO_ROOM);
                }
                entry = new Entry(user, topic);
                byUser.computeIfAbsent(user, _ -> new HashMap<>(2)).put(topic, entry);
                count++;
                ready.add(entry);
            }
            entry.waiting = entry.waiting.max(acked);
            if (isAnswered && entry.whenNextStored == null) {
                entry.whenNextStored = new CompletableFuture<>();
            }
            answer = isAnswered && entry.whenNextStored != null
                    ? entry.whenNextStored
                    : CompletableFuture.completedFuture(Taken.TAKEN);
        }
        storeReady();
        return answer;
    }

    @Override
    public synchronized Map<TopicName, Progress> pending(String user) {
        Map<TopicName, Entry> ofUser = byUser.get(user);
        if (ofUser == null) {
            return Map.of();
        }
        Map<TopicName, Progress> pending = new HashMap<>();
        ofUser.forEach((topic, entry) -> {
            Progress both = entry.waiting.max(entry.stored);
            if (!both.isNone()) {
                pending.put(topic, both);
            }
        });
        return pending;
    }

    /// Stores all that waits, without a rest; for the end of a node. Complete when all is stored, which may never be.
    public CompletionStage<Void> flush() {
        List<CompletableFuture<?>> all = new ArrayList<>();
        synchronized (this) {
            isFlushing = true;
            for (Map<TopicName, Entry> ofUser : byUser.values()) {
                for (Entry entry : ofUser.values()) {
                    if (!entry.stored.isNone()) {
                        if (entry.whenStored == null) {
                            entry.whenStored = new CompletableFuture<>();
                        }
                        all.add(entry.whenStored.exceptionally(_ -> Taken.NO_ROOM));
                    }
                    if (!entry.waiting.isNone()) {
                        if (entry.whenNextStored == null) {
                            entry.whenNextStored = new CompletableFuture<>();
                        }
                        all.add(entry.whenNextStored.exceptionally(_ -> Taken.NO_ROOM));
                    }
                }
            }
            while (!resting.isEmpty()) {
                wake(resting.poll());
            }
        }
        storeReady();
        return CompletableFuture.allOf(all.toArray(CompletableFuture[]::new));
    }

    /// Stores what is ready, as far as that may be under way at once.
    private void storeReady() {
        while (true) {
            Entry entry;
            synchronized (this) {
                if (underWay == MOST_UNDER_WAY || ready.isEmpty()) {
                    return;
                }
                entry = ready.remove();
                underWay++;
                entry.stored = entry.waiting;
                entry.waiting = Progress.NONE;
                entry.whenStored = entry.whenNextStored;
                entry.whenNextStored = null;
            }
            CompletableFuture<?> stage =
                    receipts.store(entry.user, entry.topic, entry.stored).toCompletableFuture();
            if (stage.isDone()) {
                // The loop goes on, and does not grow the stack.
                onStored(entry, stage.isCompletedExceptionally() ? stage.exceptionNow() : null);
            } else {
                var _ = stage.whenComplete((_, failure) -> {
                    onStored(entry, failure);
                    storeReady();
                });
            }
        }
    }

    private void onStored(Entry entry, @Nullable Throwable failure) {
        CompletableFuture<Taken> answer;
        synchronized (this) {
            underWay--;
            if (failure != null) {
                entry.waiting = entry.waiting.max(entry.stored);
            }
            entry.stored = Progress.NONE;
            answer = entry.whenStored;
            entry.whenStored = null;
            if (isFlushing && failure == null) {
                wake(entry);
            } else {
                entry.restsUntilMs = clock.millis() + REST_MS;
                resting.add(entry);
                setTimer();
            }
        }
        if (answer == null) {
            return;
        }
        if (failure == null) {
            answer.complete(Taken.TAKEN);
        } else {
            answer.completeExceptionally(failure);
        }
    }

    /// It has rested. Called with the lock held.
    private void wake(Entry entry) {
        if (!entry.waiting.isNone()) {
            ready.add(entry);
            return;
        }
        Map<TopicName, Entry> ofUser = byUser.get(entry.user);
        if (ofUser != null && ofUser.remove(entry.topic, entry)) {
            count--;
            if (ofUser.isEmpty()) {
                byUser.remove(entry.user);
            }
        }
    }

    /// A clock that was put back keeps nothing waiting.
    private static boolean hasRested(Entry entry, long nowMs) {
        return entry.restsUntilMs <= nowMs || entry.restsUntilMs > nowMs + REST_MS;
    }

    /// Called with the lock held.
    private void setTimer() {
        if (!isTimerSet && !resting.isEmpty()) {
            isTimerSet = true;
            long leftMs = resting.element().restsUntilMs - clock.millis();
            timers.schedule(this::onTimer, Math.clamp(leftMs, 1, REST_MS));
        }
    }

    private void onTimer() {
        synchronized (this) {
            isTimerSet = false;
            long nowMs = clock.millis();
            while (!resting.isEmpty() && hasRested(resting.element(), nowMs)) {
                wake(resting.remove());
            }
            setTimer();
        }
        storeReady();
    }
}
