package io.topicstream.testkit;

import io.topicstream.log.Admission;
import io.topicstream.log.Append;
import io.topicstream.log.AppendResult;
import io.topicstream.log.Batch;
import io.topicstream.log.Direction;
import io.topicstream.log.Durability;
import io.topicstream.log.Extent;
import io.topicstream.log.Follower;
import io.topicstream.log.HandOver;
import io.topicstream.log.InMemoryLog;
import io.topicstream.log.Lane;
import io.topicstream.log.LogFigures;
import io.topicstream.log.LogUnavailableException;
import io.topicstream.log.Page;
import io.topicstream.log.Redaction;
import io.topicstream.log.Reference;
import io.topicstream.log.Timers;
import io.topicstream.log.TopicExtent;
import io.topicstream.log.TopicFeed;
import io.topicstream.log.TopicLog;
import io.topicstream.log.TopicName;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.EnumMap;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;

/// A log in memory that goes wrong in every way the ports allow, and in no other: what it breaks is
/// availability, never order, and never what was acknowledged.
///
/// All chances are drawn from one generator, in the order of events; so on a [SteppedExecutor] one
/// seed is one run. It may be used on any thread, and is then only random.
///
/// [#breakDown] stops everything at once, as a store out of reach does, until [#heal].
public final class FaultyLog implements TopicLog, TopicFeed {
    /// The ways to go wrong that [#count] counts.
    public enum Fault {
        REFUSED,
        SLOWED_DOWN,
        LOST,
        UNKNOWN,
        FAILED_READ,
        LOST_FEED,
        LOST_BATCH,
        DELAYED
    }

    private static final String REASON = "out of order, on purpose";

    private final InMemoryLog log;
    private final Timers timers;

    // Guarded by this.
    private final RandomGenerator random;
    private final IdentityHashMap<Lane, SlowLane> lanes = new IdentityHashMap<>();
    private final Map<Place, LosableFollower> followers = new LinkedHashMap<>();
    private final EnumMap<Fault, Integer> counts = new EnumMap<>(Fault.class);
    private Faults faults;
    private boolean broken;

    private record Place(TopicName topic, Lane lane) {}

    public FaultyLog(InMemoryLog log, RandomGenerator random, Timers timers, Faults faults) {
        this.log = log;
        this.random = random;
        this.timers = timers;
        this.faults = faults;
    }

    /// From now on goes wrong so often.
    public synchronized void set(Faults faults) {
        this.faults = faults;
    }

    /// How often it went wrong in this way.
    public synchronized int count(Fault fault) {
        return counts.getOrDefault(fault, 0);
    }

    /// Every feed loses its place now.
    public void loseFeeds() {
        List<LosableFollower> all;
        synchronized (this) {
            all = List.copyOf(followers.values());
            followers.clear();
        }
        for (LosableFollower follower : all) {
            follower.lose();
        }
    }

    /// From now on appends are answered with `Unavailable`, questions fail and feeds are lost.
    public void breakDown() {
        synchronized (this) {
            broken = true;
        }
        loseFeeds();
    }

    /// Ends [#breakDown].
    public synchronized void heal() {
        broken = false;
    }

    // ---- the log

    @Override
    public Admission append(Append append) {
        SlowLane lane = laneFor(append.lane());
        if (drawn(Fault.REFUSED)) {
            return Admission.REFUSED;
        }
        if (isBroken() || drawn(Fault.LOST)) {
            HandOver answer = new HandOver();
            answer.answer(append, new AppendResult.Unavailable(REASON));
            lane.enqueue(answer);
            return Admission.ACCEPTED;
        }
        Admission admission = log.append(new Passed(append, lane, drawn(Fault.UNKNOWN)));
        return admission == Admission.ACCEPTED && drawn(Fault.SLOWED_DOWN) ? Admission.ACCEPTED_SLOW_DOWN : admission;
    }

    /// The append on its way through the log.
    private static final class Passed extends Append {
        private final Append original;
        private final boolean answerIsLost;

        Passed(Append original, Lane lane, boolean answerIsLost) {
            super(
                    original.topic(),
                    original.drafts(),
                    original.from(),
                    original.idScope(),
                    original.expectedOffset(),
                    lane);
            this.original = original;
            this.answerIsLost = answerIsLost;
        }

        @Override
        public void onAnswered(AppendResult result) {
            original.onAnswered(answerIsLost ? new AppendResult.Unavailable(REASON) : result);
        }
    }

    @Override
    public CompletionStage<Page> read(TopicName topic, long from, Direction direction, int maxMessages, int maxBytes) {
        return ask(() -> log.read(topic, from, direction, maxMessages, maxBytes));
    }

    @Override
    public CompletionStage<Long> offsetAt(TopicName topic, long timestamp) {
        return ask(() -> log.offsetAt(topic, timestamp));
    }

    @Override
    public CompletionStage<List<Reference>> references(TopicName topic, long from, long to, int most) {
        return ask(() -> log.references(topic, from, to, most));
    }

    @Override
    public CompletionStage<Long> lastOffsetIn(TopicName topic, long epoch) {
        return ask(() -> log.lastOffsetIn(topic, epoch));
    }

    @Override
    public CompletionStage<Extent> extent(TopicName topic) {
        return ask(() -> log.extent(topic));
    }

    @Override
    public CompletionStage<List<Long>> redact(TopicName topic, Redaction redaction) {
        return ask(() -> log.redact(topic, redaction));
    }

    @Override
    public CompletionStage<Extent> trim(TopicName topic, long before) {
        return ask(() -> log.trim(topic, before));
    }

    @Override
    public CompletionStage<List<TopicExtent>> topics(String prefix, String after, int limit) {
        return ask(() -> log.topics(prefix, after, limit));
    }

    @Override
    public LogFigures figures() {
        return log.figures();
    }

    @Override
    public Durability durability() {
        return log.durability();
    }

    private <T> CompletionStage<T> ask(Supplier<CompletionStage<T>> question) {
        CompletionStage<T> answer = isBroken() || drawn(Fault.FAILED_READ)
                ? CompletableFuture.failedStage(new LogUnavailableException(REASON))
                : question.get();
        if (!drawn(Fault.DELAYED)) {
            return answer;
        }
        CompletableFuture<T> late = new CompletableFuture<>();
        int delayMs = drawnDelayMs();
        answer.whenComplete((value, failure) -> timers.schedule(
                () -> {
                    if (failure == null) {
                        late.complete(value);
                    } else {
                        late.completeExceptionally(failure);
                    }
                },
                delayMs));
        return late;
    }

    // ---- the feed

    @Override
    public void follow(TopicName topic, Lane lane, Follower follower) {
        SlowLane slow = laneFor(lane);
        LosableFollower losable = new LosableFollower(topic, slow, follower);
        if (isBroken()) {
            losable.lose();
            return;
        }
        synchronized (this) {
            followers.put(new Place(topic, slow), losable);
        }
        log.follow(topic, slow, losable);
    }

    @Override
    @SuppressWarnings("ReferenceEquality") // A follower is itself and no other, however it equals.
    public void unfollow(TopicName topic, Lane lane, Follower follower) {
        SlowLane slow = laneFor(lane);
        LosableFollower losable;
        synchronized (this) {
            Place place = new Place(topic, slow);
            losable = followers.get(place);
            if (losable == null || losable.original != follower) {
                return;
            }
            followers.remove(place);
        }
        log.unfollow(topic, slow, losable);
    }

    @Override
    public Admission signal(TopicName topic, byte[] signal) {
        // What is lost on the way is not known to who said it.
        return isBroken() ? Admission.ACCEPTED : log.signal(topic, signal);
    }

    /// A follower whose feed can be lost: after that it hears nothing more, whatever is under way.
    private final class LosableFollower implements Follower {
        private final TopicName topic;
        private final SlowLane lane;
        private final Follower original;
        private volatile boolean deaf;

        LosableFollower(TopicName topic, SlowLane lane, Follower original) {
            this.topic = topic;
            this.lane = lane;
            this.original = original;
        }

        /// On any thread.
        void lose() {
            deaf = true;
            log.unfollow(topic, lane, this);
            HandOver loss = new HandOver();
            loss.lost(original);
            lane.enqueue(loss);
        }

        @Override
        public void onFollowed(Extent extent) {
            if (!deaf) {
                original.onFollowed(extent);
            }
        }

        @Override
        public void onCommitted(Batch batch) {
            if (deaf) {
                return;
            }
            if (drawn(Fault.LOST_FEED)) {
                deaf = true;
                forget();
                log.unfollow(topic, lane, this);
                original.onLost();
                return;
            }
            if (drawn(Fault.LOST_BATCH)) {
                timers.schedule(() -> tell(batch.epoch(), batch.nextOffset()), drawnDelayMs());
                return;
            }
            original.onCommitted(batch);
        }

        private void tell(long epoch, long next) {
            HandOver tail = new HandOver();
            tail.tail(this, epoch, next);
            lane.enqueue(tail);
        }

        @Override
        public void onTail(long epoch, long next) {
            if (!deaf) {
                original.onTail(epoch, next);
            }
        }

        @Override
        public void onSignal(byte[] signal) {
            if (!deaf) {
                original.onSignal(signal);
            }
        }

        @Override
        public void onLost() {
            if (!deaf) {
                deaf = true;
                forget();
                original.onLost();
            }
        }

        private void forget() {
            synchronized (FaultyLog.this) {
                followers.remove(new Place(topic, lane), this);
            }
        }
    }

    /// A lane that now and then holds back what it is given, and everything behind it.
    private final class SlowLane implements Lane {
        private final Lane original;
        // Guarded by held.
        private final Deque<HandOver> held = new ArrayDeque<>();

        SlowLane(Lane original) {
            this.original = original;
        }

        @Override
        public void enqueue(HandOver handOver) {
            boolean late = drawn(Fault.DELAYED);
            boolean first;
            synchronized (held) {
                first = held.isEmpty();
                if (first && !late) {
                    original.enqueue(handOver);
                    return;
                }
                held.add(handOver);
            }
            if (first) {
                timers.schedule(this::release, drawnDelayMs());
            }
        }

        private void release() {
            // Under the lock, or something new would overtake.
            synchronized (held) {
                List<HandOver> all = new ArrayList<>(held);
                held.clear();
                all.forEach(original::enqueue);
            }
        }
    }

    // ---- chance

    private synchronized SlowLane laneFor(Lane lane) {
        return lanes.computeIfAbsent(lane, SlowLane::new);
    }

    private synchronized boolean isBroken() {
        return broken;
    }

    private synchronized boolean drawn(Fault fault) {
        double share = switch (fault) {
            case REFUSED -> faults.refused();
            case SLOWED_DOWN -> faults.slowedDown();
            case LOST -> faults.lost();
            case UNKNOWN -> faults.unknown();
            case FAILED_READ -> faults.failedReads();
            case LOST_FEED -> faults.lostFeeds();
            case LOST_BATCH -> faults.lostBatches();
            case DELAYED -> faults.delayed();
        };
        // Drawn even where the share is nothing: so healing does not change what else is drawn.
        boolean hit = random.nextDouble() < share;
        if (hit) {
            counts.merge(fault, 1, Integer::sum);
        }
        return hit;
    }

    private synchronized int drawnDelayMs() {
        return 1 + random.nextInt(Math.max(1, faults.maxDelayMs()));
    }
}
