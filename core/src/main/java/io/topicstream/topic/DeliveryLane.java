package io.topicstream.topic;

import io.topicstream.log.Backoff;
import io.topicstream.log.Deadlines;
import io.topicstream.log.Direction;
import io.topicstream.log.HandOver;
import io.topicstream.log.Lane;
import io.topicstream.log.TopicFeed;
import io.topicstream.log.TopicLog;
import io.topicstream.log.TopicName;
import io.topicstream.protocol.From;
import io.topicstream.signal.Following;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongConsumer;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/// The part of every audience that one thread (an event loop) serves. Owned by that thread: only
/// [#enqueue] may be called on others.
///
/// ## Live and catching up
///
/// A subscription is live when the offset it wants is the one that the lane delivers next; it then
/// costs a broadcast one array element. When its socket does not take a run it falls behind: its
/// cursor stays at the run's first offset and it reads pages of the log, one at a time for its
/// connection, as the socket takes them. Each page counts only up to the lane's position as it was
/// when the page was asked for. The way back to live is taken here, on the lane's own thread, when
/// the cursor equals the position: so there is neither gap nor duplicate, no lock, and no queue per
/// client but the socket's own.
///
/// A cursor that has only hiccuped is served from the lane's recent runs, still encoded.
///
/// ## Turns
///
/// The owner drains its queue of hand-overs ([#accept] for each) and then calls [#endTurn], which
/// delivers everything that came in together and flushes each socket once: under light load a turn
/// is one commit, under heavy load batches form by themselves.
public abstract class DeliveryLane implements Lane, Audience {
    private static final System.Logger LOGGER = System.getLogger(DeliveryLane.class.getName());
    /// How many listeners of one topic are served before the loop may do other work, reads of sockets too: about a
    /// millisecond. Meanwhile the next publish is on its way through the log.
    public static final int SLICE_LISTENERS = 256;
    /// How many bytes of recent runs a lane keeps, in all.
    public static final long RECENT_BYTES = 8L * 1024 * 1024;
    /// Twice this is how long a recent run is kept, at most.
    static final long AGE_MS = 30_000;
    /// How many bytes of what is committed and not delivered yet a lane keeps, in all. The rest it reads from the
    /// log when it gets there.
    public static final long PENDING_BYTES = 8L * 1024 * 1024;
    /// How much it reads at once of that, and for how many topics at a time.
    private static final int LEFT_BYTES = 256 * 1024;
    private static final int MAX_LEFT_READS = 8;
    static final int MAX_PAGE_MESSAGES = 1_000;
    /// How often it is looked whether a listener has caught up that somebody waits for: for two seconds.
    private static final int MOST_LOOKS = 40;

    final RecentRuns recentRuns = new RecentRuns(RECENT_BYTES);
    final PendingBatches.Room pendingRoom;
    final CatchUp catchUp = new CatchUp(this);
    long delivered;
    private int liveSubscriptions;

    private final int sliceListeners;
    final TopicLog log;
    private final Following.Source source;
    private final Deadlines deadlines;
    private final RandomGenerator random;
    private final OutboundBudget budget;
    private final Map<TopicName, LaneTopic> topics = new HashMap<>();
    private final ArrayDeque<LaneTopic> dirty = new ArrayDeque<>();
    /// Topics of which the log has to be read, that wait until fewer are.
    private final ArrayDeque<LaneTopic> left = new ArrayDeque<>(0);
    private int leftReads;
    private boolean sliceScheduled;
    private boolean ageScheduled;
    private @Nullable Throwable fault;

    // What other threads may read of the figures above; of what was delivered, as of the last flush.
    private final AtomicLong publishedDelivered = new AtomicLong();
    private final AtomicLong publishedLive = new AtomicLong();

    /// Makes a lane.
    ///
    /// @param sliceListeners how many listeners of one topic are served before other work may go on;
    ///     [#SLICE_LISTENERS] but in tests
    /// @param pendingBytes how much of what is not delivered yet is kept; [#PENDING_BYTES] but in tests
    /// @param random how long to wait before something is tried again is drawn from it
    @SuppressWarnings("this-escape") // Only kept: nobody calls back before the first join.
    protected DeliveryLane(
            TopicLog log,
            TopicFeed feed,
            OutboundBudget budget,
            int sliceListeners,
            long pendingBytes,
            RandomGenerator random) {
        if (sliceListeners < 1) {
            throw new IllegalArgumentException("a slice has at least one listener");
        }
        this.sliceListeners = sliceListeners;
        this.pendingRoom = new PendingBatches.Room(pendingBytes);
        this.log = log;
        this.source = new Following.Source(feed, this, this::scheduleAndSettle, random);
        this.deadlines = new Deadlines(source.timers(), this::runInLane);
        this.random = random;
        this.budget = budget;
    }

    /// What everything that this lane follows has in common.
    public final Following.Source source() {
        return source;
    }

    /// What is waited for on this lane.
    public final Deadlines deadlines() {
        return deadlines;
    }

    /// How long to wait after so many failures in a row, in milliseconds.
    final long backoffMs(int failures) {
        return Backoff.delayMs(failures, random);
    }

    final void scheduleAndSettle(Runnable task, long delayMs) {
        schedule(
                () -> {
                    task.run();
                    settle();
                },
                delayMs);
    }

    private void runInLane(Runnable task) {
        if (inLane()) {
            task.run();
        } else {
            execute(task);
        }
    }

    /// Whether the caller is on the lane's thread.
    protected abstract boolean inLane();

    /// Runs the task on the lane's thread, later.
    protected abstract void execute(Runnable task);

    /// Runs the task on the lane's thread after so many milliseconds; 0 lets other work of the
    /// thread go first, and sockets be read.
    protected abstract void schedule(Runnable task, long delayMs);

    /// Sends everything that was written in this turn.
    protected abstract void flush();

    // ---- turns

    /// Takes one hand-over, in the order of [#enqueue].
    protected final void accept(HandOver handOver) {
        handOver.run();
    }

    /// Delivers what the turn brought, and flushes.
    protected final void endTurn() {
        int due = dirty.size();
        while (due-- > 0) {
            LaneTopic topic = dirty.removeFirst();
            boolean finished;
            try {
                finished = topic.deliver(sliceListeners);
            } catch (RuntimeException | Error e) {
                // The other topics of the turn go on; this one follows again, and reads what is missing from the log.
                noteFault(e);
                topic.onLost();
                finished = true;
            }
            if (finished) {
                topic.dirty = false;
            } else {
                dirty.addLast(topic);
            }
        }
        settle();
        readLeft();
        if (!dirty.isEmpty()) {
            endTurnSoon();
        }
        reportFault();
    }

    private void endTurnSoon() {
        if (!sliceScheduled) {
            sliceScheduled = true;
            schedule(
                    () -> {
                        sliceScheduled = false;
                        endTurn();
                    },
                    0);
        }
    }

    /// Reads what the topic left to the log, when the turn ends and there is room for it.
    final void readLeft(LaneTopic topic) {
        left.addLast(topic);
    }

    private void readLeft() {
        while (leftReads < MAX_LEFT_READS && pendingRoom.hasSome()) {
            LaneTopic topic = left.pollFirst();
            if (topic == null) {
                return;
            }
            leftReads++;
            long from = topic.position();
            deadlines.within(
                    log.read(topic.name(), from, Direction.FORWARD, MAX_PAGE_MESSAGES, LEFT_BYTES), (page, failure) -> {
                        leftReads--;
                        topic.onLeftRead(page, from);
                        endTurnSoon();
                    });
        }
    }

    /// Keeps a run that was delivered, for a while.
    final void keepRun(Encoded run, RecentRuns.OfTopic of, long first, int messages) {
        recentRuns.add(run, of, first, messages);
        if (!ageScheduled) {
            ageScheduled = true;
            schedule(this::ageRuns, AGE_MS);
        }
    }

    private void ageRuns() {
        ageScheduled = false;
        recentRuns.age();
        if (!recentRuns.isEmpty()) {
            ageScheduled = true;
            schedule(this::ageRuns, AGE_MS);
        }
    }

    /// Keeps the first thing that went wrong until everybody has had their turn.
    final void noteFault(Throwable thrown) {
        if (fault == null) {
            fault = thrown;
        }
    }

    /// Throws the error that was noted, or says what else was: last, since a line in the log may fail as well where
    /// memory or descriptors have run out.
    final void reportFault() {
        Throwable noted = fault;
        fault = null;
        if (noted instanceof Error error) {
            throw error;
        }
        if (noted != null) {
            LOGGER.log(System.Logger.Level.ERROR, "something could not be delivered", noted);
        }
    }

    final void markDirty(LaneTopic topic) {
        if (!topic.dirty) {
            topic.dirty = true;
            dirty.addLast(topic);
        }
    }

    // ---- audience

    @Override
    public final void join(Listener listener, TopicName name, @Nullable From from, JoinReply reply) {
        Subscription existing = listener.find(name);
        if (existing != null && from == null) {
            // Nothing changes: it only hears where the topic stands.
            deadlines.within(log.extent(name), (extent, failure) -> {
                if (extent == null) {
                    reply.onJoinFailed(name, failure);
                } else {
                    reply.onJoined(name, extent, JoinReply.NO_RESET, false, () -> {});
                }
            });
            return;
        }
        LaneTopic topic = topics.get(name);
        boolean fresh = topic == null;
        if (topic == null) {
            topic = new LaneTopic(this, name);
            topics.put(name, topic);
        }
        Subscription subscription = new Subscription(listener, topic);
        topic.audience++;
        if (existing != null) {
            subscription.replace(existing);
            end(existing);
        }
        listener.add(subscription);
        Joining joining = new Joining(subscription, from == null ? From.NEW : from, reply);
        if (topic.isFollowed()) {
            joining.find();
        } else {
            topic.whenFollowed(joining);
            if (fresh) {
                topic.begin();
            }
        }
    }

    /// A subscription whose position is being found, for a bounded time.
    private final class Joining implements Runnable {
        private final Subscription subscription;
        private final LaneTopic topic;
        private final From from;
        private final JoinReply reply;
        private final Deadlines.Wait wait;

        Joining(Subscription subscription, From from, JoinReply reply) {
            this.subscription = subscription;
            this.topic = subscription.topic;
            this.from = from;
            this.reply = reply;
            this.wait = deadlines.begin(() -> fail(new TimeoutException("no answer in time")));
        }

        /// The feed has just said where the topic stands.
        @Override
        public void run() {
            if (from instanceof From.New) {
                arrive(new StartingPoint(topic.extentAtPosition(), topic.position(), JoinReply.NO_RESET, false));
            } else {
                find();
            }
        }

        void find() {
            if (wait.isOver()) {
                return;
            }
            deadlines.within(StartingPoint.find(log, topic.name(), from), (start, failure) -> {
                if (wait.isOver()) {
                    return;
                }
                if (start == null) {
                    wait.end();
                    fail(failure);
                } else if (start.extent().epoch() < topic.epoch()) {
                    // Of a life that has ended meanwhile.
                    scheduleAndSettle(this::find, CatchUp.RETRY_MS);
                } else {
                    arrive(start);
                }
            });
        }

        private void arrive(StartingPoint start) {
            if (!wait.end()) {
                return;
            }
            if (start.extent().epoch() > topic.epoch()) {
                topic.enter(start.extent());
            }
            subscription.life = topic.life();
            subscription.next = start.offset();
            // Where it has left again, or was replaced, before it had begun, what was asked is answered all
            // the same.
            reply.onJoined(topic.name(), start.extent(), start.commonOffset(), start.truncated(), () -> {
                if (subscription.state == Subscription.State.JOINING) {
                    catchUp.place(subscription);
                }
            });
        }

        /// The wait is over.
        private void fail(@Nullable Throwable cause) {
            topic.forget(this);
            if (subscription.state != Subscription.State.ENDED) {
                DeliveryLane.this.end(subscription);
            }
            reply.onJoinFailed(topic.name(), cause);
        }
    }

    @Override
    public final void whenHearing(Listener listener, TopicName name, Runnable task) {
        whenHearing(listener, name, task, MOST_LOOKS);
    }

    private void whenHearing(Listener listener, TopicName name, Runnable task, int looks) {
        Subscription subscription = listener.find(name);
        if (looks == 0 || subscription == null || subscription.state == Subscription.State.LIVE) {
            task.run();
        } else {
            // At first it may only be about to begin.
            long delayMs = looks == MOST_LOOKS ? 0 : CatchUp.RETRY_MS;
            scheduleAndSettle(() -> whenHearing(listener, name, task, looks - 1), delayMs);
        }
    }

    @Override
    public final boolean leave(Listener listener, TopicName name) {
        Subscription subscription = listener.find(name);
        if (subscription == null) {
            return false;
        }
        end(subscription);
        return true;
    }

    @Override
    public final void attend(Listener listener, TopicName name, Attendance attendance) {
        Subscription subscription = listener.find(name);
        if (subscription == null) {
            return;
        }
        boolean wasSeen = subscription.isSeen();
        subscription.attend(attendance);
        if (subscription.isSeen() && !wasSeen) {
            listener.onEntered(name);
        } else if (wasSeen && !subscription.isSeen()) {
            listener.onLeft(name);
        }
    }

    /// Says something to those in the topic's audience who hear who comes and goes, and are live. On the lane's
    /// thread; flushed with the next turn, or by the caller.
    public final void tellAttending(TopicName name, byte[] signal) {
        LaneTopic topic = topics.get(name);
        if (topic != null) {
            topic.tellAttending(signal);
        }
    }

    @Override
    public final void leaveAll(Listener listener) {
        List<Subscription> subscriptions = listener.subscriptions();
        while (!subscriptions.isEmpty()) {
            end(subscriptions.getLast());
        }
    }

    private void end(Subscription subscription) {
        LaneTopic topic = subscription.topic;
        Subscription.State before = subscription.state;
        subscription.state = Subscription.State.ENDED;
        switch (before) {
            case LIVE -> topic.removeLive(subscription);
            case CATCHING_UP -> catchUp.end(subscription);
            case AHEAD -> topic.removeAhead(subscription);
            case JOINING, ENDED -> {}
        }
        subscription.listener.remove(subscription);
        if (subscription.isSeen()) {
            subscription.listener.onLeft(topic.name());
        }
        topic.audience--;
        if (topic.audience == 0) {
            topics.remove(topic.name(), topic);
            topic.forgetPending();
            topic.end();
        }
    }

    // ---- catching up

    /// To be called when the listener's socket takes bytes again (and when it takes the first ones).
    public final void onWritable(Listener listener) {
        catchUp.onWritable(listener);
    }

    /// Serves the listener again a little later ([Listener#onRoom] included).
    public final void serveLater(Listener listener) {
        catchUp.defer(listener);
    }

    /// Asks what a life of the log that has ended shares with the present one.
    ///
    /// @param attempt how often it has been asked, this time too
    final void askLastOffsetIn(LaneTopic topic, long epoch, int attempt, LongConsumer answer, Runnable again) {
        deadlines.within(log.lastOffsetIn(topic.name(), epoch), (common, failure) -> {
            if (topic.audience == 0) {
                return;
            }
            if (common == null) {
                scheduleAndSettle(again, backoffMs(attempt));
            } else {
                answer.accept(common);
            }
        });
    }

    // ---- figures, for any thread

    /// What all sockets may have under way together.
    public final OutboundBudget budget() {
        return budget;
    }

    /// How many messages were written to listeners.
    public final long delivered() {
        return publishedDelivered.get();
    }

    /// How many subscriptions are live.
    public final long liveSubscriptions() {
        return publishedLive.get();
    }

    /// How many subscriptions are catching up.
    public final long catchingUpSubscriptions() {
        return catchUp.count();
    }

    final void countLive(int more) {
        liveSubscriptions += more;
        publishedLive.lazySet(liveSubscriptions);
    }

    final void settle() {
        flush();
        publishedDelivered.lazySet(delivered);
    }

    /// Lets go of the bytes that the lane keeps, when its thread is about to end.
    protected final void releaseRecentRuns() {
        recentRuns.clear();
    }
}
