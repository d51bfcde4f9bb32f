package io.topicstream.people;

import io.topicstream.access.DirectTopic;
import io.topicstream.log.Direction;
import io.topicstream.log.Message;
import io.topicstream.log.Page;
import io.topicstream.log.Redaction;
import io.topicstream.log.Timers;
import io.topicstream.log.TopicExtent;
import io.topicstream.log.TopicLog;
import io.topicstream.log.TopicName;
import io.topicstream.state.StateRecord;
import io.topicstream.state.StateStore;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// Erases users: what they have said and all that is kept of them. Each is a job that a restart does not end.
///
/// ## What is done
///
/// 1. The user's keys are revoked, so that nobody says more in this name.
/// 2. All topics are walked through, and the messages of this user are taken back: the author too. The user's
///    chat with
///    oneself is trimmed.
/// 3. Memberships, cursors, receipts, rooms and when the user was last seen are deleted.
///
/// ## At what pace
///
/// One user at a time on a node, and of each topic one page at a time: 1,000 messages or 1 MiB, [#PAUSE_MS]
/// between two, and after each 50 topics. There is no index of who said what, so it reads the whole log once.
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
    /// Between two pages, in milliseconds.
    public static final long PAUSE_MS = 2;
    /// How long it is known that a user was erased: 30 days.
    public static final long KEPT_MS = 30L * 24 * 60 * 60 * 1000;

    private static final System.Logger LOGGER = System.getLogger(Erasures.class.getName());
    private static final String PARTITION = "erasures";
    private static final long RETRY_MS = 5_000;
    private static final int TOPICS_AT_ONCE = 50;
    private static final int MESSAGES_AT_ONCE = Redaction.MAX_OFFSETS;
    private static final int BYTES_AT_ONCE = 1 << 20;

    private final StateStore store;
    private final TopicLog log;
    private final Redactions redactions;
    private final Memberships memberships;
    private final Receipts receipts;
    private final Rooms rooms;
    private final Function<String, ? extends CompletionStage<?>> revokeKeys;
    private final InstantSource clock;
    private final Timers timers;

    // Guarded by this object's lock.
    private final ArrayDeque<String> waiting = new ArrayDeque<>();
    private final Set<String> taken = new HashSet<>();
    private boolean isAtWork;
    private boolean isStopped;

    /// @param store the durable one
    /// @param revokeKeys of a user
    /// @param timers run tasks on any thread
    public Erasures(
            StateStore store,
            TopicLog log,
            People people,
            Function<String, ? extends CompletionStage<?>> revokeKeys,
            InstantSource clock,
            Timers timers) {
        this.store = store;
        this.log = log;
        this.redactions = people.redactions();
        this.memberships = people.memberships();
        this.receipts = people.receipts();
        this.rooms = people.rooms();
        this.revokeKeys = revokeKeys;
        this.clock = clock;
        this.timers = timers;
    }

    /// How far the erasure of a user is; null where none was begun, or it was done long ago.
    public CompletionStage<@Nullable Erasure> find(String user) {
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
        return revokeKeys
                .apply(user)
                .thenCompose(_ -> job.walkTopics())
                .thenCompose(isThrough -> isThrough ? job.forget() : nothing());
    }

    private static CompletionStage<@Nullable Void> nothing() {
        return CompletableFuture.<@Nullable Void>completedFuture(null);
    }

    /// After the pause, so that it goes at a bounded pace, and no chain of answers grows deep.
    private <T extends @Nullable Object> CompletionStage<T> afterPause(Supplier<CompletionStage<T>> step) {
        CompletableFuture<@Nullable Void> pause = new CompletableFuture<>();
        timers.schedule(() -> pause.complete(null), PAUSE_MS);
        return pause.thenCompose(_ -> step.get());
    }

    /// The erasure of one user. Its steps follow each other.
    private final class Job {
        private final String user;
        private Erasure erasure;
        private long version;

        Job(String user, Erasure erasure, long version) {
            this.user = user;
            this.erasure = erasure;
            this.version = version;
        }

        /// @return false where it is not this node's any more
        CompletionStage<Boolean> walkTopics() {
            if (isStopped()) {
                return CompletableFuture.completedFuture(false);
            }
            return log.topics("", erasure.after(), TOPICS_AT_ONCE)
                    .thenCompose(topics -> walk(topics, 0)
                            .thenCompose(_ -> topics.isEmpty() ? CompletableFuture.completedFuture(true) : save())
                            .thenCompose(isMine -> isMine && !topics.isEmpty()
                                    ? afterPause(this::walkTopics)
                                    : CompletableFuture.completedFuture(isMine)));
        }

        private CompletionStage<Boolean> save() {
            return store.put(PARTITION, user, erasure.encode(), version, StateStore.NEVER)
                    .thenApply(now -> {
                        version = now;
                        return now != 0;
                    });
        }

        private CompletionStage<@Nullable Void> walk(List<TopicExtent> topics, int at) {
            if (at == topics.size() || isStopped()) {
                return nothing();
            }
            TopicName topic = topics.get(at).topic();
            return walk(
                            topic,
                            topics.get(at).extent().firstOffset(),
                            topics.get(at).extent().nextOffset())
                    .thenCompose(_ -> {
                        if (isStopped()) {
                            // This topic may not be walked through.
                            return nothing();
                        }
                        erasure = erasure.through(topic.value());
                        return walk(topics, at + 1);
                    });
        }

        /// Takes back what the user said in a topic, from an offset on, up to where it ended.
        private CompletionStage<@Nullable Void> walk(TopicName topic, long from, long end) {
            if (from >= end || isStopped()) {
                return nothing();
            }
            if (topic.equals(DirectTopic.of(user, user).name())) {
                return log.trim(topic, end).thenCompose(_ -> nothing());
            }
            return log.read(topic, from, Direction.FORWARD, MESSAGES_AT_ONCE, BYTES_AT_ONCE)
                    .thenCompose(page -> takeBack(topic, page))
                    .thenCompose(next -> next <= from ? nothing() : goOn(topic, next, end));
        }

        private CompletionStage<@Nullable Void> goOn(TopicName topic, long next, long end) {
            if (next >= end) {
                return nothing();
            }
            return afterPause(() -> walk(topic, next, end));
        }

        /// @return where to read on
        private CompletionStage<Long> takeBack(TopicName topic, Page page) {
            List<Message> messages = page.messages();
            if (messages.isEmpty()) {
                return CompletableFuture.completedFuture(Long.MAX_VALUE);
            }
            long next = messages.getLast().offset() + 1;
            List<Long> offsets = new ArrayList<>();
            for (Message message : messages) {
                if (user.equals(message.from())) {
                    offsets.add(message.offset());
                }
            }
            return offsets.isEmpty()
                    ? CompletableFuture.completedFuture(next)
                    : redactions
                            .takeBack(topic, new Redaction(offsets, "u:" + user))
                            .thenApply(done -> {
                                erasure = erasure.tookBack(done.size());
                                return next;
                            });
        }

        /// Deletes what else is kept, and says that it is done.
        CompletionStage<@Nullable Void> forget() {
            return memberships
                    .forget(user)
                    .thenCompose(_ -> receipts.forget(user))
                    .thenCompose(_ -> rooms.forgetAllOf(user))
                    .thenCompose(_ -> store.delete(PresenceRecords.LAST_SEEN, user, StateStore.ANY_VERSION))
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
