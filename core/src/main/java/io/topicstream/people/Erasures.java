package io.topicstream.people;

import io.topicstream.log.Message;
import io.topicstream.log.Redaction;
import io.topicstream.log.Timers;
import io.topicstream.log.TopicLog;
import io.topicstream.log.TopicName;
import io.topicstream.state.StateRecord;
import io.topicstream.state.StateStore;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/// Erases users: what they have said and all that is kept of them. Each is a job that a restart does not end.
///
/// ## What is done
///
/// 1. The user's keys are revoked, so that nobody says more in this name.
/// 2. All topics are walked through ([SaidWalk]), and the messages of this user are taken back: the
///    author too. The user's chat with oneself is trimmed.
/// 3. What else is kept of the user is deleted: all of [UserPlaces].
///
/// One user at a time on a node.
///
/// ## The record
///
/// | partition | key | value |
/// | --- | --- | --- |
/// | `erasures` | user | [Erasure] |
///
/// It is written after each page of topics. The versions of the record make sure that one node is at it: who
/// finds that another one wrote it lets go. A node that begins takes up what is not done. It is kept for
/// [#KEPT_MS] when all is done.
///
/// Thread-safe. What it does runs on threads of the timers and of the engine.
public final class Erasures {
    /// How long it is known that a user was erased: 30 days.
    public static final long KEPT_MS = 30L * 24 * 60 * 60 * 1000;

    private static final System.Logger LOGGER = System.getLogger(Erasures.class.getName());
    private static final String PARTITION = "erasures";
    private static final long RETRY_MS = 5_000;

    private final StateStore store;
    private final TopicLog log;
    private final Redactions redactions;
    private final UserPlaces places;
    private final InstantSource clock;
    private final Timers timers;

    // Guarded by this object's lock.
    private final ArrayDeque<String> waiting = new ArrayDeque<>();
    private final Set<String> taken = new HashSet<>();
    private boolean isAtWork;
    private boolean isStopped;

    /// @param store the durable one
    /// @param timers run tasks on any thread
    public Erasures(
            StateStore store,
            TopicLog log,
            Redactions redactions,
            UserPlaces places,
            InstantSource clock,
            Timers timers) {
        this.store = store;
        this.log = log;
        this.redactions = redactions;
        this.places = places;
        this.clock = clock;
        this.timers = timers;
    }

    /// How far the erasure of a user is; null where none was begun, or it was done long ago.
    public CompletionStage<@Nullable Erasure> find(String user) {
        return find(store, user);
    }

    static CompletionStage<@Nullable Erasure> find(StateStore store, String user) {
        return store.get(PARTITION, user).thenApply(record -> record == null ? null : Erasure.decode(record.value()));
    }

    /// Begins to erase a user, or anew where that was done before; where it is being done it is gone on with.
    /// Answers when a restart does not end it any more.
    public CompletionStage<Erasure> begin(String user) {
        return store.get(PARTITION, user).thenCompose(record -> {
            Erasure before = record == null ? null : Erasure.decode(record.value());
            if (before != null && !before.isDone()) {
                takeUp(user);
                return CompletableFuture.completedFuture(before);
            }
            Erasure begun = Erasure.begun(clock.millis());
            return store.put(PARTITION, user, begun.encode(), StateStore.ANY_VERSION, StateStore.NEVER)
                    .thenApply(_ -> {
                        takeUp(user);
                        return begun;
                    });
        });
    }

    /// Takes up what a server left. Called once, when it starts.
    public void resume() {
        var _ = StateWalk.over(store, PARTITION, record -> {
                    if (!Erasure.decode(record.value()).isDone()) {
                        takeUp(record.key());
                    }
                    return CompletableFuture.completedFuture(true);
                })
                .exceptionally(failure -> {
                    LOGGER.log(System.Logger.Level.WARNING, "erasures cannot be taken up yet", failure);
                    timers.schedule(this::resume, RETRY_MS);
                    return null;
                });
    }

    /// Begins nothing more. What is under way is left where it is.
    public synchronized void stop() {
        isStopped = true;
        waiting.clear();
    }

    private synchronized boolean isStopped() {
        return isStopped;
    }

    // ---- one after the other

    private void takeUp(String user) {
        synchronized (this) {
            if (isStopped || !taken.add(user)) {
                return;
            }
            waiting.add(user);
        }
        next();
    }

    private void next() {
        String user;
        synchronized (this) {
            if (isAtWork || isStopped) {
                return;
            }
            user = waiting.poll();
            if (user == null) {
                return;
            }
            isAtWork = true;
        }
        timers.schedule(() -> run(user), 0);
    }

    private void run(String user) {
        var _ = store.get(PARTITION, user)
                .thenCompose(record -> record == null ? nothing() : run(user, record))
                .whenComplete((_, failure) -> {
                    synchronized (this) {
                        isAtWork = false;
                        taken.remove(user);
                    }
                    if (failure != null && !isStopped()) {
                        LOGGER.log(System.Logger.Level.WARNING, "the erasure of a user waits for the store", failure);
                        timers.schedule(() -> takeUp(user), RETRY_MS);
                    }
                    next();
                });
    }

    private CompletionStage<@Nullable Void> run(String user, StateRecord record) {
        Erasure erasure = Erasure.decode(record.value());
        if (erasure.isDone()) {
            return nothing();
        }
        Job job = new Job(user, erasure, record.version());
        return places.entrance()
                .forget(user)
                .thenCompose(_ -> new SaidWalk(log, timers, user, job).from(erasure.after()))
                .thenCompose(isThrough -> isThrough ? job.forget() : nothing());
    }

    private static CompletionStage<@Nullable Void> nothing() {
        return CompletableFuture.<@Nullable Void>completedFuture(null);
    }

    /// The erasure of one user. Its steps follow each other.
    private final class Job implements SaidWalk.Visitor {
        private final String user;
        private Erasure erasure;
        private long version;

        Job(String user, Erasure erasure, long version) {
            this.user = user;
            this.erasure = erasure;
            this.version = version;
        }

        @Override
        public boolean isOver() {
            return isStopped();
        }

        @Override
        public CompletionStage<?> onSaid(TopicName topic, List<Message> said) {
            if (topic.equals(SaidWalk.notesOf(user))) {
                return log.trim(topic, said.getLast().offset() + 1);
            }
            List<Long> offsets = said.stream().map(Message::offset).toList();
            return redactions
                    .takeBack(topic, new Redaction(offsets, "u:" + user))
                    .thenAccept(done -> erasure = erasure.tookBack(done.size()));
        }

        @Override
        public void onThrough(TopicName topic) {
            erasure = erasure.through(topic.value());
        }

        /// @return false where it is not this node's any more
        @Override
        public CompletionStage<Boolean> onSomeThrough() {
            return store.put(PARTITION, user, erasure.encode(), version, StateStore.NEVER)
                    .thenApply(now -> {
                        version = now;
                        return now != 0;
                    });
        }

        /// Deletes what else is kept, and says that it is done.
        CompletionStage<@Nullable Void> forget() {
            return places.forgetOthers(user)
                    .thenCompose(_ -> {
                        long nowMs = clock.millis();
                        return store.put(PARTITION, user, erasure.done(nowMs).encode(), version, nowMs + KEPT_MS);
                    })
                    .thenCompose(_ -> {
                        LOGGER.log(
                                System.Logger.Level.INFO,
                                "a user was erased: {0} messages in {1} topics looked at",
                                String.valueOf(erasure.messages()),
                                String.valueOf(erasure.topics()));
                        return nothing();
                    });
        }
    }
}
