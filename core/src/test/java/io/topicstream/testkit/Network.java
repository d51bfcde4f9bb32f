package io.topicstream.testkit;

import io.topicstream.log.Admission;
import io.topicstream.log.Append;
import io.topicstream.log.AppendResult;
import io.topicstream.log.Batch;
import io.topicstream.log.Direction;
import io.topicstream.log.Draft;
import io.topicstream.log.Durability;
import io.topicstream.log.Extent;
import io.topicstream.log.Follower;
import io.topicstream.log.HandOver;
import io.topicstream.log.Lane;
import io.topicstream.log.LogFigures;
import io.topicstream.log.LogUnavailableException;
import io.topicstream.log.Message;
import io.topicstream.log.Page;
import io.topicstream.log.Redaction;
import io.topicstream.log.Reference;
import io.topicstream.log.TopicExtent;
import io.topicstream.log.TopicFeed;
import io.topicstream.log.TopicLog;
import io.topicstream.log.TopicName;
import io.topicstream.state.StatePage;
import io.topicstream.state.StateRecord;
import io.topicstream.state.StateStore;
import java.util.ArrayDeque;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// The way of one server to an engine that it shares with others, over a network, in real time: what two
/// servers in one process never meet. Thread-safe.
///
/// Log, feed and state have connections of their own, in each direction one after the other, with delays
/// that know nothing of each other: a hint may come before the record it speaks of can be read, a batch
/// before or after an answer of another lane. What the ports promise holds: the answer to an append comes
/// before its own batch. Signals are lost now and then, batches too (the tail is told a little later), and
/// with [#loseFeeds] everything that is followed. Payloads are copied, so nothing is shared but what was
/// said.
///
/// In an outage the server is away: with [#hold] everything waits for its end, as when packets are lost and
/// sent again; with [#cutOff] everything that is asked fails. In both the feeds are lost.
public final class Network implements AutoCloseable {
    private static final int MAX_DELAY_MS = 20;
    private static final double LOST_SIGNALS = 0.02;
    private static final double LOST_BATCHES = 0.01;
    private static final int TAIL_DELAY_MS = 500;
    private static final String REASON = "the network is out of order, on purpose";

    private final TopicLog farLog;
    private final TopicFeed farFeed;
    private final ScheduledExecutorService carrier;
    private final NearLog nearLog = new NearLog();
    private final NearFeed nearFeed = new NearFeed();
    private final NearState nearState;
    private final NearState nearEphemeral;
    private final Wire logOut = new Wire();
    private final Wire logIn = new Wire();
    private final Wire feedOut = new Wire();
    private final Wire feedIn = new Wire();
    private final Wire stateOut = new Wire();
    private final Wire stateIn = new Wire();

    // Guarded by this.
    private final Random random;
    private final IdentityHashMap<Lane, Far> lanes = new IdentityHashMap<>();
    private final Map<Place, Relay> relays = new LinkedHashMap<>();
    private boolean held;
    private boolean cut;
    private int refusedFollows;

    private record Place(TopicName topic, Lane lane) {}

    /// @param seed of its delays and losses
    public Network(TopicLog log, TopicFeed feed, StateStore state, StateStore ephemeral, long seed) {
        this.farLog = log;
        this.farFeed = feed;
        this.nearState = new NearState(state);
        this.nearEphemeral = new NearState(ephemeral);
        this.random = new Random(seed);
        this.carrier = Executors.newSingleThreadScheduledExecutor(
                Thread.ofPlatform().daemon().name("network").factory());
    }

    public TopicLog log() {
        return nearLog;
    }

    public TopicFeed feed() {
        return nearFeed;
    }

    public StateStore state() {
        return nearState;
    }

    public StateStore ephemeral() {
        return nearEphemeral;
    }

    /// Nothing arrives any more.
    @Override
    public void close() {
        carrier.shutdownNow();
    }

    // ---- outages

    /// Everything that is followed is lost now.
    public void loseFeeds() {
        List<Relay> all;
        synchronized (this) {
            all = List.copyOf(relays.values());
            relays.clear();
        }
        all.forEach(Relay::lose);
    }

    /// The server is away, and what it says and is told waits until [#heal].
    public void hold() {
        synchronized (this) {
            held = true;
        }
        loseFeeds();
    }

    /// The server is away, and what it asks fails until [#heal]; what is on its way comes late.
    public void cutOff() {
        synchronized (this) {
            held = true;
            cut = true;
        }
        loseFeeds();
    }

    /// Ends an outage.
    public void heal() {
        synchronized (this) {
            held = false;
            cut = false;
        }
        for (Wire wire : List.of(logOut, logIn, feedOut, feedIn, stateOut, stateIn)) {
            wire.deliverHeld();
        }
    }

    /// How many follows have failed in outages.
    public synchronized int refusedFollows() {
        return refusedFollows;
    }

    private synchronized boolean isCut() {
        return cut;
    }

    private synchronized boolean isHeld() {
        return held;
    }

    private synchronized int drawnDelayMs(int max) {
        return random.nextInt(max + 1);
    }

    private synchronized boolean drawn(double share) {
        return random.nextDouble() < share;
    }

    /// One direction of a connection: late, and in order.
    private final class Wire {
        // Guarded by this.
        private final ArrayDeque<Runnable> onItsWay = new ArrayDeque<>();
        private int owed;

        void send(Runnable arrival) {
            synchronized (this) {
                onItsWay.add(arrival);
            }
            later(this::deliver, drawnDelayMs(MAX_DELAY_MS));
        }

        private void deliver() {
            Runnable arrival;
            synchronized (this) {
                if (isHeld()) {
                    owed++;
                    return;
                }
                arrival = onItsWay.poll();
            }
            if (arrival != null) {
                arrival.run();
            }
        }

        void deliverHeld() {
            int count;
            synchronized (this) {
                count = owed;
                owed = 0;
            }
            for (int i = 0; i < count; i++) {
                later(this::deliver, 0);
            }
        }
    }

    /// What fails at once fails a little later all the same, on the network's thread.
    private void later(Runnable task, int delayMs) {
        try {
            var _ = carrier.schedule(task, delayMs, TimeUnit.MILLISECONDS);
        } catch (RejectedExecutionException e) {
            // The test is over.
        }
    }

    private <T extends @Nullable Object> CompletionStage<T> ask(
            Wire out, Wire in, Supplier<CompletionStage<T>> question) {
        CompletableFuture<T> answer = new CompletableFuture<>();
        if (isCut()) {
            later(() -> answer.completeExceptionally(new LogUnavailableException(REASON)), drawnDelayMs(MAX_DELAY_MS));
        } else {
            out.send(() -> question.get()
                    .whenComplete((value, failure) -> in.send(() -> {
                        if (failure == null) {
                            answer.complete(value);
                        } else {
                            answer.completeExceptionally(failure);
                        }
                    })));
        }
        return answer;
    }

    private static Message copy(Message message) {
        return new Message(
                message.offset(),
                message.timestamp(),
                message.from(),
                message.messageId(),
                message.payload().clone(),
                message.details());
    }

    private static List<Message> copies(List<Message> messages) {
        return messages.stream().map(Network::copy).toList();
    }

    // ---- the log

    private final class NearLog implements TopicLog {
        @Override
        public Admission append(Append append) {
            Far far = far(append.lane());
            if (isCut()) {
                later(() -> far.answer(append, new AppendResult.Unavailable(REASON)), drawnDelayMs(MAX_DELAY_MS));
                return Admission.ACCEPTED;
            }
            Passed passed = new Passed(append, far);
            logOut.send(() -> {
                if (farLog.append(passed) == Admission.REFUSED) {
                    logIn.send(() -> far.answer(append, new AppendResult.Unavailable(REASON)));
                }
            });
            return Admission.ACCEPTED;
        }

        @Override
        public CompletionStage<Page> read(
                TopicName topic, long from, Direction direction, int maxMessages, int maxBytes) {
            return ask(
                    logOut,
                    logIn,
                    () -> farLog.read(topic, from, direction, maxMessages, maxBytes)
                            .thenApply(page -> new Page(page.extent(), copies(page.messages()))));
        }

        @Override
        public CompletionStage<Long> offsetAt(TopicName topic, long timestamp) {
            return ask(logOut, logIn, () -> farLog.offsetAt(topic, timestamp));
        }

        @Override
        public CompletionStage<List<Reference>> references(TopicName topic, long from, long to, int most) {
            return ask(logOut, logIn, () -> farLog.references(topic, from, to, most));
        }

        @Override
        public CompletionStage<Long> lastOffsetIn(TopicName topic, long epoch) {
            return ask(logOut, logIn, () -> farLog.lastOffsetIn(topic, epoch));
        }

        @Override
        public CompletionStage<Extent> extent(TopicName topic) {
            return ask(logOut, logIn, () -> farLog.extent(topic));
        }

        @Override
        public CompletionStage<List<Long>> redact(TopicName topic, Redaction redaction) {
            return ask(logOut, logIn, () -> farLog.redact(topic, redaction));
        }

        @Override
        public CompletionStage<Extent> trim(TopicName topic, long before) {
            return ask(logOut, logIn, () -> farLog.trim(topic, before));
        }

        @Override
        public CompletionStage<List<TopicExtent>> topics(String prefix, String after, int limit) {
            return ask(logOut, logIn, () -> farLog.topics(prefix, after, limit));
        }

        @Override
        public Durability durability() {
            return farLog.durability();
        }

        @Override
        public LogFigures figures() {
            return farLog.figures();
        }
    }

    /// An append on the engine's side.
    private final class Passed extends Append {
        private final Append original;
        private final Far far;

        Passed(Append original, Far far) {
            super(
                    original.topic(),
                    original.drafts().stream()
                            .map(draft -> new Draft(draft.payload().clone(), draft.messageId(), draft.details()))
                            .toList(),
                    original.from(),
                    original.idScope(),
                    original.expectedOffset(),
                    far);
            this.original = original;
            this.far = far;
        }

        @Override
        public void onAnswered(AppendResult result) {
            far.sent.incrementAndGet();
            logIn.send(() -> far.deliver(original, result));
        }
    }

    private synchronized Far far(Lane lane) {
        return lanes.computeIfAbsent(lane, Far::new);
    }

    /// A lane on the engine's side.
    private static final class Far implements Lane {
        private final Lane near;
        /// Answers that the engine has given.
        private final AtomicLong sent = new AtomicLong();
        // Of the network's thread: answers that have arrived, and what waits for some.
        private long arrived;
        private final ArrayDeque<Waiting> waiting = new ArrayDeque<>();

        private record Waiting(long forAnswers, Runnable arrival) {}

        Far(Lane near) {
            this.near = near;
        }

        @Override
        public void enqueue(HandOver handOver) {
            handOver.run();
        }

        void answer(Append append, AppendResult result) {
            HandOver handOver = new HandOver();
            handOver.answer(append, result);
            near.enqueue(handOver);
        }

        void deliver(Append append, AppendResult result) {
            answer(append, result);
            arrived++;
            while (!waiting.isEmpty() && waiting.getFirst().forAnswers <= arrived) {
                waiting.removeFirst().arrival.run();
            }
        }

        /// What the engine said after so many answers is not told before they are.
        void deliverAfter(long answers, Runnable arrival) {
            if (waiting.isEmpty() && answers <= arrived) {
                arrival.run();
            } else {
                waiting.add(new Waiting(answers, arrival));
            }
        }
    }

    // ---- the feed

    private final class NearFeed implements TopicFeed {
        @Override
        public void follow(TopicName topic, Lane lane, Follower follower) {
            Relay relay = new Relay(topic, far(lane), follower);
            if (isCut()) {
                synchronized (Network.this) {
                    refusedFollows++;
                }
                later(relay::lose, drawnDelayMs(MAX_DELAY_MS));
                return;
            }
            synchronized (Network.this) {
                relays.put(new Place(topic, lane), relay);
            }
            feedOut.send(() -> {
                if (!relay.deaf) {
                    farFeed.follow(topic, relay.far, relay);
                }
            });
        }

        @Override
        @SuppressWarnings("ReferenceEquality") // A follower is itself and no other, however it equals.
        public void unfollow(TopicName topic, Lane lane, Follower follower) {
            Relay relay;
            synchronized (Network.this) {
                Place place = new Place(topic, lane);
                relay = relays.get(place);
                if (relay == null || relay.near != follower) {
                    return;
                }
                relays.remove(place);
            }
            relay.leave();
        }

        @Override
        public Admission signal(TopicName topic, byte[] signal) {
            byte[] copy = signal.clone();
            if (!isCut() && !drawn(LOST_SIGNALS)) {
                feedOut.send(() -> {
                    var _ = farFeed.signal(topic, copy);
                });
            }
            return Admission.ACCEPTED;
        }
    }

    /// A follower on the engine's side, and the way from it to the one it stands for.
    private final class Relay implements Follower {
        private final TopicName topic;
        private final Far far;
        private final Follower near;
        private volatile boolean deaf;

        Relay(TopicName topic, Far far, Follower near) {
            this.topic = topic;
            this.far = far;
            this.near = near;
        }

        void leave() {
            deaf = true;
            feedOut.send(() -> farFeed.unfollow(topic, far, this));
        }

        synchronized void lose() {
            leave();
            HandOver loss = new HandOver();
            loss.lost(near);
            far.near.enqueue(loss);
        }

        /// The engine says something.
        private void pass(HandOver handOver) {
            long answers = far.sent.get();
            feedIn.send(() -> far.deliverAfter(answers, () -> arrive(handOver)));
        }

        /// What the engine said before the loss does not come after it.
        private synchronized void arrive(HandOver handOver) {
            if (!deaf) {
                far.near.enqueue(handOver);
            }
        }

        @Override
        public void onFollowed(Extent extent) {
            HandOver handOver = new HandOver();
            handOver.followed(near, extent);
            pass(handOver);
        }

        @Override
        public void onCommitted(Batch batch) {
            if (drawn(LOST_BATCHES)) {
                later(() -> onTail(batch.epoch(), batch.nextOffset()), TAIL_DELAY_MS);
                return;
            }
            HandOver handOver = new HandOver();
            handOver.committed(near, new Batch(batch.epoch(), copies(batch.messages())));
            pass(handOver);
        }

        @Override
        public void onTail(long epoch, long next) {
            HandOver handOver = new HandOver();
            handOver.tail(near, epoch, next);
            pass(handOver);
        }

        @Override
        public void onSignal(byte[] signal) {
            if (!drawn(LOST_SIGNALS)) {
                HandOver handOver = new HandOver();
                handOver.signal(near, signal.clone());
                pass(handOver);
            }
        }

        @Override
        public void onLost() {
            synchronized (Network.this) {
                relays.remove(new Place(topic, far.near), this);
            }
            HandOver loss = new HandOver();
            loss.lost(near);
            pass(loss);
        }
    }

    // ---- the state

    /// Both stores, on one connection.
    private final class NearState implements StateStore {
        private final StateStore far;

        NearState(StateStore far) {
            this.far = far;
        }

        @Override
        public CompletionStage<@Nullable StateRecord> get(String partition, String key) {
            return ask(stateOut, stateIn, () -> far.get(partition, key));
        }

        @Override
        public CompletionStage<Long> put(String partition, String key, byte[] value, long ifVersion, long expiresAtMs) {
            byte[] copy = value.clone();
            return ask(stateOut, stateIn, () -> far.put(partition, key, copy, ifVersion, expiresAtMs));
        }

        @Override
        public CompletionStage<Boolean> delete(String partition, String key, long ifVersion) {
            return ask(stateOut, stateIn, () -> far.delete(partition, key, ifVersion));
        }

        @Override
        public CompletionStage<Long> advance(String partition, String key, long number) {
            return ask(stateOut, stateIn, () -> far.advance(partition, key, number));
        }

        @Override
        public CompletionStage<StatePage> scan(String partition, String prefix, String after, int limit) {
            return ask(stateOut, stateIn, () -> far.scan(partition, prefix, after, limit));
        }
    }
}
