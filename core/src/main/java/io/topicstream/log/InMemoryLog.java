package io.topicstream.log;

import java.lang.System.Logger.Level;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// The log in memory: for tests, for trying things out, and for the simulator. It keeps every
/// promise of the ports but one: nothing survives the process.
///
/// ## One owner
///
/// All topics belong to whichever thread the executor runs the log's work on, and never to two at a
/// time. Everybody else puts a request into the queue, and the log asks the executor for one turn of
/// work. A turn takes what has queued up, up to 1,024 messages or 1 MiB; its appends are one
/// commit, as in the engines that sync a disk: offsets are given in the order of the queue, a topic's
/// new messages are one [Batch], and every lane gets one [HandOver]. Reads and all other requests of
/// the turn come after that commit. So with an executor that is stepped by hand a run is the same
/// each time, and a test decides by the steps what shares a commit.
///
/// Lanes of several servers may follow one log: to a topic a server is nothing but some lanes.
///
/// ## The end
///
/// [#close] takes no more, and what was taken before is still done by the executor; so close the log
/// first, then the executor. An executor that refuses work closes the log, and what is left in the
/// queue is answered with [AppendResult.Unavailable]. So does an `Error` in a commit, after which nobody
/// knows what is stored.
///
/// ## Bounds
///
/// All that waits counts in bytes, appends and everything else. Signals are dropped above the soft bound,
/// appends and questions are refused above the hard one, and a follow above twice of it is lost.
public final class InMemoryLog implements TopicLog, TopicFeed, AutoCloseable {
    private static final System.Logger LOG = System.getLogger(InMemoryLog.class.getName());
    private static final int COMMIT_MESSAGES = 1024;
    private static final int COMMIT_BYTES = 1 << 20;
    private static final String CLOSED = "the log is closed";

    private final InstantSource clock;
    private final Executor executor;
    private final Settings settings;

    /// Guards the queue, its size, whether a turn is asked for, and whether the log is closed.
    private final Object gate = new Object();

    private final ArrayDeque<Request> queue = new ArrayDeque<>();
    private long queuedBytes;
    private long acceptedMessages;
    private long committedMessages;
    private boolean turnAsked;
    private boolean closed;

    // Owned by the turn.
    private final TreeMap<TopicName, MemoryTopic> topics = new TreeMap<>();
    private final Map<TopicName, Map<Lane, Follower>> followers = new HashMap<>();
    private final MemoryRetention retention;
    private long epoch;

    /// What can be chosen about a log in memory.
    ///
    /// @param epoch in which it begins, at least 1
    /// @param softBytes queued bytes ([Append#sizeBytes]) above which publishers are asked to slow down, and
    ///     signals are dropped
    /// @param hardBytes queued bytes above which appends and questions are refused; a single one that is
    ///     larger is taken when nothing else waits
    /// @param repeatsKept how long a message id is remembered, by the clock
    public record Settings(long epoch, long softBytes, long hardBytes, Duration repeatsKept) {
        public Settings {
            if (epoch < 1) {
                throw new IllegalArgumentException("an epoch is at least 1: " + epoch);
            }
            if (softBytes < 1 || hardBytes < softBytes) {
                throw new IllegalArgumentException("no bounds: soft " + softBytes + ", hard " + hardBytes);
            }
            if (repeatsKept.isNegative()) {
                throw new IllegalArgumentException("ids are kept for a time, not for " + repeatsKept);
            }
        }

        /// What a server has where nothing else is said: 8 MiB, 64 MiB, a day.
        public static Settings startingIn(long epoch) {
            return new Settings(epoch, 8 << 20, 64 << 20, Duration.ofHours(24));
        }
    }

    /// What an errand holds beside what it carries.
    private static final int ERRAND_BYTES = 256;

    private sealed interface Request {
        int sizeBytes();
    }

    private record Appending(Append append, int sizeBytes) implements Request {}

    /// Anything but an append.
    ///
    /// @param run does it, on the turn's thread, and may leave something for the lanes
    /// @param abandon answers that it cannot be done
    private record Errand(int sizeBytes, Consumer<Turn> run, Runnable abandon) implements Request {}

    /// What one turn has for each lane, and what it does when they have it.
    private static final class Turn {
        private final Map<Lane, HandOver> handOvers = new LinkedHashMap<>();
        private final List<Runnable> afterwards = new ArrayList<>();

        HandOver handOverTo(Lane lane) {
            return handOvers.computeIfAbsent(lane, any -> new HandOver());
        }
    }

    /// A log with the usual settings.
    public InMemoryLog(InstantSource clock, Executor executor, long epoch) {
        this(clock, executor, Settings.startingIn(epoch));
    }

    /// An empty log.
    ///
    /// @param clock for timestamps and for forgetting ids
    /// @param executor runs the log's turns, on any thread; it is not closed with the log
    public InMemoryLog(InstantSource clock, Executor executor, Settings settings) {
        this(clock, executor, settings, null);
    }

    /// An empty log that does not keep everything for ever.
    ///
    /// @param rules what is kept; where they say nothing of a topic, [Retention#DEFAULT]. Null to keep everything
    public InMemoryLog(InstantSource clock, Executor executor, Settings settings, @Nullable RetentionRules rules) {
        this.retention = new MemoryRetention(clock, rules);
        this.clock = clock;
        this.executor = executor;
        this.settings = settings;
        this.epoch = settings.epoch();
    }

    // ---- any thread

    @Override
    public Admission append(Append append) {
        int sizeBytes = append.sizeBytes();
        Admission admission;
        synchronized (gate) {
            if (closed || (queuedBytes > 0 && queuedBytes + sizeBytes > settings.hardBytes())) {
                return Admission.REFUSED;
            }
            queuedBytes += sizeBytes;
            admission = queuedBytes > settings.softBytes() ? Admission.ACCEPTED_SLOW_DOWN : Admission.ACCEPTED;
            queue.add(new Appending(append, sizeBytes));
            acceptedMessages += append.drafts().size();
        }
        askForATurn();
        return admission;
    }

    @Override
    public CompletionStage<Page> read(TopicName topic, long from, Direction direction, int maxMessages, int maxBytes) {
        return ask(() -> {
            MemoryTopic found = found(topic);
            return found == null
                    ? new Page(Extent.empty(epoch), List.of())
                    : new Page(found.extent(epoch), found.read(from, direction, maxMessages, maxBytes));
        });
    }

    @Override
    public CompletionStage<Long> offsetAt(TopicName topic, long timestamp) {
        return ask(() -> {
            MemoryTopic found = found(topic);
            return found == null ? 1L : found.offsetAt(timestamp);
        });
    }

    @Override
    public CompletionStage<Long> lastOffsetIn(TopicName topic, long epoch) {
        return ask(() -> {
            MemoryTopic found = found(topic);
            return found == null ? 0L : found.lastOffsetIn(epoch);
        });
    }

    @Override
    public CompletionStage<List<Reference>> references(TopicName topic, long from, long to, int most) {
        return ask(() -> {
            MemoryTopic found = topics.get(topic);
            return found == null ? List.of() : found.references(from, to, most);
        });
    }

    @Override
    public CompletionStage<Extent> extent(TopicName topic) {
        return ask(() -> extentOf(topic));
    }

    @Override
    public CompletionStage<List<Long>> redact(TopicName topic, Redaction redaction) {
        return ask(() -> {
            MemoryTopic found = topics.get(topic);
            return found == null ? List.of() : found.redact(redaction);
        });
    }

    @Override
    public CompletionStage<Extent> trim(TopicName topic, long before) {
        return ask(() -> {
            MemoryTopic found = found(topic);
            if (found != null) {
                found.trim(before);
            }
            return extentOf(topic);
        });
    }

    @Override
    public CompletionStage<List<TopicExtent>> topics(String prefix, String after, int limit) {
        if (limit < 1) {
            throw new IllegalArgumentException("a list of topics has a limit of at least 1: " + limit);
        }
        return ask(() -> topics.keySet().stream()
                .filter(name -> name.value().startsWith(prefix) && name.value().compareTo(after) > 0)
                .limit(limit)
                .map(name -> new TopicExtent(name, extentOf(name)))
                .toList());
    }

    @Override
    public LogFigures figures() {
        synchronized (gate) {
            return new LogFigures(acceptedMessages, committedMessages, queuedBytes, !closed, 0, retention.trimmed());
        }
    }

    @Override
    public Durability durability() {
        return Durability.MEMORY;
    }

    @Override
    public void follow(TopicName topic, Lane lane, Follower follower) {
        Runnable abandon = () -> {
            HandOver handOver = new HandOver();
            handOver.lost(follower);
            handTo(lane, handOver);
        };
        enqueue(
                reserveBytes(),
                new Errand(
                        ERRAND_BYTES,
                        turn -> {
                            followers
                                    .computeIfAbsent(topic, any -> new LinkedHashMap<>())
                                    .put(lane, follower);
                            turn.handOverTo(lane).followed(follower, extentOf(topic));
                        },
                        abandon));
    }

    @Override
    public void unfollow(TopicName topic, Lane lane, Follower follower) {
        enqueue(
                reserveBytes(),
                new Errand(
                        ERRAND_BYTES,
                        turn -> {
                            Map<Lane, Follower> ofTopic = followers.get(topic);
                            if (ofTopic != null && ofTopic.remove(lane, follower) && ofTopic.isEmpty()) {
                                followers.remove(topic);
                            }
                        },
                        () -> {}));
    }

    @Override
    public Admission signal(TopicName topic, byte[] signal) {
        long bound = topic.value().startsWith("sys:") ? settings.hardBytes() : settings.softBytes();
        return enqueue(
                bound,
                new Errand(
                        ERRAND_BYTES + signal.length,
                        turn -> followers
                                .getOrDefault(topic, Map.of())
                                .forEach((lane, follower) ->
                                        turn.handOverTo(lane).signal(follower, signal)),
                        () -> {}));
    }

    /// Begins another life of the log, as after a restore. Every follower is told that its feed is lost.
    ///
    /// @param newEpoch above the one before
    /// @param tails for the topics that lose their newest messages, the offset that becomes the next
    ///     one (at least 1); what they had at and after it is gone as if it had never been, ids too
    public CompletionStage<@Nullable Void> beginEpoch(long newEpoch, Map<TopicName, Long> tails) {
        Map<TopicName, Long> copy = Map.copyOf(tails);
        copy.forEach((topic, nextOffset) -> {
            if (nextOffset < 1) {
                throw new IllegalArgumentException("offsets of " + topic + " begin at 1, not at " + nextOffset);
            }
        });
        CompletableFuture<@Nullable Void> begun = new CompletableFuture<>();
        enqueue(
                reserveBytes(),
                new Errand(
                        ERRAND_BYTES,
                        turn -> {
                            if (newEpoch <= epoch) {
                                turn.afterwards.add(() -> begun.completeExceptionally(
                                        new IllegalArgumentException("epoch " + newEpoch + " is not above " + epoch)));
                                return;
                            }
                            epoch = newEpoch;
                            copy.forEach((topic, nextOffset) -> {
                                MemoryTopic found = topics.get(topic);
                                if (found != null) {
                                    found.loseFrom(nextOffset);
                                }
                            });
                            followers
                                    .values()
                                    .forEach(ofTopic -> ofTopic.forEach((lane, follower) ->
                                            turn.handOverTo(lane).lost(follower)));
                            followers.clear();
                            turn.afterwards.add(() -> begun.complete(null));
                        },
                        () -> begun.completeExceptionally(unavailable())));
        return begun;
    }

    /// Takes no more requests. What was accepted is still answered, by the executor; nothing waits.
    @Override
    public void close() {
        synchronized (gate) {
            closed = true;
        }
    }

    private <T> CompletionStage<T> ask(Supplier<T> work) {
        CompletableFuture<T> answer = new CompletableFuture<>();
        enqueue(
                settings.hardBytes(),
                new Errand(
                        ERRAND_BYTES,
                        turn -> {
                            try {
                                T result = work.get();
                                turn.afterwards.add(() -> answer.complete(result));
                            } catch (RuntimeException e) {
                                turn.afterwards.add(() -> answer.completeExceptionally(e));
                            }
                        },
                        () -> answer.completeExceptionally(unavailable())));
        return answer;
    }

    private LogUnavailableException unavailable() {
        return new LogUnavailableException(isClosed() ? CLOSED : "too much is waiting");
    }

    private boolean isClosed() {
        synchronized (gate) {
            return closed;
        }
    }

    /// For what is small, and must not wait behind what clients write.
    private long reserveBytes() {
        return 2 * settings.hardBytes();
    }

    /// @param bound of queued bytes up to which the errand is taken
    private Admission enqueue(long bound, Errand errand) {
        Admission admission;
        synchronized (gate) {
            if (closed || (queuedBytes > 0 && queuedBytes + errand.sizeBytes() > bound)) {
                admission = Admission.REFUSED;
            } else {
                queuedBytes += errand.sizeBytes();
                queue.add(errand);
                admission = queuedBytes > bound / 2 ? Admission.ACCEPTED_SLOW_DOWN : Admission.ACCEPTED;
            }
        }
        if (admission == Admission.REFUSED) {
            abandonLater(errand);
        } else {
            askForATurn();
        }
        return admission;
    }

    /// Not out of the call itself where that can be helped: the caller may do the same again when it is told.
    private void abandonLater(Errand errand) {
        try {
            executor.execute(errand.abandon());
        } catch (RejectedExecutionException e) {
            errand.abandon().run();
        }
    }

    private void askForATurn() {
        synchronized (gate) {
            if (turnAsked || queue.isEmpty()) {
                return;
            }
            turnAsked = true;
        }
        try {
            executor.execute(this::doWork);
        } catch (RejectedExecutionException e) {
            abandonAll();
        }
    }

    private void abandonAll() {
        List<Request> left;
        synchronized (gate) {
            closed = true;
            left = List.copyOf(queue);
            queue.clear();
            left.forEach(request -> queuedBytes -= request.sizeBytes());
            turnAsked = false;
        }
        Turn turn = new Turn();
        for (Request request : left) {
            switch (request) {
                case Appending appending ->
                    turn.handOverTo(appending.append().lane())
                            .answer(appending.append(), new AppendResult.Unavailable(CLOSED));
                case Errand errand -> errand.abandon().run();
            }
        }
        turn.handOvers.forEach(InMemoryLog::handTo);
    }

    // ---- the turn's thread

    /// One turn: a commit of what has queued up, then everything else that has.
    private void doWork() {
        List<Append> appends = new ArrayList<>();
        List<Errand> errands = new ArrayList<>();
        long bytes = 0;
        synchronized (gate) {
            int messages = 0;
            while (messages < COMMIT_MESSAGES && bytes < COMMIT_BYTES) {
                Request next = queue.poll();
                if (next == null) {
                    break;
                }
                bytes += next.sizeBytes();
                switch (next) {
                    case Appending appending -> {
                        appends.add(appending.append());
                        messages += appending.append().drafts().size();
                    }
                    case Errand errand -> errands.add(errand);
                }
            }
        }
        Turn turn = new Turn();
        retention.expireDue(topics::get);
        try {
            int committed = commit(appends, turn);
            synchronized (gate) {
                committedMessages += committed;
            }
            for (Errand errand : errands) {
                run(errand, turn);
            }
            turn.handOvers.forEach(InMemoryLog::handTo);
            turn.afterwards.forEach(Runnable::run);
        } finally {
            synchronized (gate) {
                queuedBytes -= bytes;
                turnAsked = false;
            }
            askForATurn();
        }
    }

    /// One that fails is answered so, and keeps nobody else from an answer.
    private static void run(Errand errand, Turn turn) {
        try {
            errand.run().accept(turn);
        } catch (RuntimeException | Error e) {
            LOG.log(Level.ERROR, "a request to the log in memory failed", e);
            turn.afterwards.add(errand.abandon());
        }
    }

    /// @return how many messages were stored
    private int commit(List<Append> appends, Turn turn) {
        Map<TopicName, List<Message>> added = new LinkedHashMap<>();
        for (Append append : appends) {
            turn.handOverTo(append.lane()).answer(append, placeOrClose(append, added));
        }
        added.forEach((topic, messages) -> {
            retention.added(topic, Objects.requireNonNull(topics.get(topic), "it was added to"));
            Map<Lane, Follower> ofTopic = followers.getOrDefault(topic, Map.of());
            if (!ofTopic.isEmpty()) {
                Batch batch = new Batch(epoch, Collections.unmodifiableList(messages));
                ofTopic.forEach((lane, follower) -> turn.handOverTo(lane).committed(follower, batch));
            }
        });
        return added.values().stream().mapToInt(List::size).sum();
    }

    private AppendResult placeOrClose(Append append, Map<TopicName, List<Message>> added) {
        try {
            return place(append, clock.millis(), added);
        } catch (RuntimeException | Error e) {
            LOG.log(Level.ERROR, "the log in memory met what cannot be, and is closed", e);
            close();
            return new AppendResult.Unavailable(CLOSED);
        }
    }

    private AppendResult place(Append append, long nowMs, Map<TopicName, List<Message>> added) {
        MemoryTopic topic = found(append.topic());
        if (topic != null) {
            topic.ids().forgetUpTo(nowMs - settings.repeatsKept().toMillis());
        }
        AppendResult known = (topic == null ? new MessageIds() : topic.ids()).resultOf(append);
        if (known != null) {
            return known;
        }
        long next = topic == null ? 1 : topic.nextOffset();
        if (append.expectedOffset() != Append.ANY_OFFSET && append.expectedOffset() != next) {
            return new AppendResult.Conflict(epoch, next);
        }
        if (topic == null) {
            topic = new MemoryTopic();
            topics.put(append.topic(), topic);
        }
        return topic.add(append, epoch, nowMs, added.computeIfAbsent(append.topic(), any -> new ArrayList<>()));
    }

    /// The topic as it may be seen now; null where nobody has written to it.
    private @Nullable MemoryTopic found(TopicName name) {
        MemoryTopic topic = topics.get(name);
        if (topic != null) {
            retention.expire(name, topic);
        }
        return topic;
    }

    private Extent extentOf(TopicName topic) {
        MemoryTopic found = found(topic);
        return found == null ? Extent.empty(epoch) : found.extent(epoch);
    }

    /// A lane that cannot take it harms nobody but those behind it.
    private static void handTo(Lane lane, HandOver handOver) {
        try {
            lane.enqueue(handOver);
        } catch (RuntimeException | Error e) {
            LOG.log(Level.ERROR, "a lane did not take its hand-over: " + lane, e);
        }
    }
}
