package io.topicstream.topic;

import io.topicstream.log.Backoff;
import io.topicstream.log.Deadlines;
import io.topicstream.log.Direction;
import io.topicstream.log.HandOver;
import io.topicstream.log.Lane;
import io.topicstream.log.Message;
import io.topicstream.log.Page;
import io.topicstream.log.TopicFeed;
import io.topicstream.log.TopicLog;
import io.topicstream.log.TopicName;
import io.topicstream.protocol.From;
import io.topicstream.protocol.WireFormat;
import io.topicstream.signal.Following;
import java.util.ArrayDeque;
import java.util.ArrayList;
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
    /// How many bytes of what is committed and not delivered yet a lane keeps, in all. The rest it reads from the
    /// log when it gets there.
    public static final long PENDING_BYTES = 8L * 1024 * 1024;
    /// How much it reads at once of that, and for how many topics at a time.
    private static final int LEFT_BYTES = 256 * 1024;
    private static final int MAX_LEFT_READS = 8;
    /// When a page could not be asked for, how long until it is tried again.
    private static final long RETRY_MS = 50;
    private static final int MAX_PAGE_MESSAGES = 1_000;

    final RecentRuns recentRuns = new RecentRuns(RECENT_BYTES);
    final PendingBatches.Room pendingRoom;
    long delivered;
    private int liveSubscriptions;
    private int catchingUpSubscriptions;

    private final int sliceListeners;
    private final TopicLog log;
    private final Following.Source source;
    private final Deadlines deadlines;
    private final RandomGenerator random;
    private final OutboundBudget budget;
    private final Map<TopicName, LaneTopic> topics = new HashMap<>();
    private final ArrayDeque<LaneTopic> dirty = new ArrayDeque<>();
    private final List<Listener> deferred = new ArrayList<>();
    /// Topics of which the log has to be read, that wait until fewer are.
    private final ArrayDeque<LaneTopic> left = new ArrayDeque<>(0);
    private int leftReads;
    private boolean retryScheduled;
    private boolean sliceScheduled;
    private @Nullable Throwable fault;

    // What other threads may read of the figures above; of what was delivered, as of the last flush.
    private final AtomicLong publishedDelivered = new AtomicLong();
    private final AtomicLong publishedLive = new AtomicLong();
    private final AtomicLong publishedCatchingUp = new AtomicLong();

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

    private void scheduleAndSettle(Runnable task, long delayMs) {
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

    /// Encodes messages of one topic.
    protected abstract Encoded encode(WireFormat format, TopicName topic, List<Message> messages);

    /// Encodes a signal, or null where the format has none.
    protected abstract @Nullable Encoded encodeSignal(WireFormat format, TopicName topic, byte[] signal);

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

    /// Keeps the first thing that went wrong until everybody has had their turn.
    final void noteFault(Throwable thrown) {
        if (fault == null) {
            fault = thrown;
        }
    }

    /// Throws the error that was noted, or says what else was: last, since a line in the log may fail as well where
    /// memory or descriptors have run out.
    private void reportFault() {
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
            subscription.isMembership = existing.isMembership;
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
                    scheduleAndSettle(this::find, RETRY_MS);
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
                    place(subscription);
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
    public final boolean leave(Listener listener, TopicName name) {
        Subscription subscription = listener.find(name);
        if (subscription == null) {
            return false;
        }
        end(subscription);
        return true;
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
            case CATCHING_UP -> noLongerCatchingUp(subscription);
            case AHEAD -> topic.removeAhead(subscription);
            case JOINING, ENDED -> {}
        }
        subscription.listener.remove(subscription);
        topic.audience--;
        if (topic.audience == 0) {
            topics.remove(topic.name(), topic);
            topic.forgetPending();
            topic.end();
        }
    }

    // ---- catching up

    /// Puts a subscription where its cursor belongs: live, waiting for the lane, or catching up.
    final void place(Subscription subscription) {
        LaneTopic topic = subscription.topic;
        if (subscription.life != topic.life()) {
            // Another life began before it did.
            beginCatchingUp(subscription);
            serve(subscription.listener);
        } else if (subscription.next == topic.position()) {
            topic.becomeLive(subscription);
        } else if (subscription.next > topic.position()) {
            topic.waitUntilReached(subscription);
        } else {
            beginCatchingUp(subscription);
            serve(subscription.listener);
        }
    }

    final void beginCatchingUp(Subscription subscription) {
        subscription.state = Subscription.State.CATCHING_UP;
        subscription.listener.catchingUp++;
        publishedCatchingUp.lazySet(++catchingUpSubscriptions);
    }

    final void beginCatchingUp(List<Subscription> behind) {
        for (Subscription subscription : behind) {
            beginCatchingUp(subscription);
        }
    }

    /// Lets subscriptions that have fallen behind catch up, in a turn of their own.
    final void catchUpSoon(List<Subscription> behind) {
        if (!behind.isEmpty()) {
            beginCatchingUp(behind);
            scheduleAndSettle(() -> serve(behind), 0);
        }
    }

    /// Serves the listeners of those that are still catching up.
    final void serve(List<Subscription> behind) {
        for (Subscription subscription : behind) {
            if (subscription.state == Subscription.State.CATCHING_UP) {
                serve(subscription.listener);
            }
        }
        settle();
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
                scheduleAndSettle(again, Backoff.delayMs(attempt, random));
            } else {
                answer.accept(common);
            }
        });
    }

    private void noLongerCatchingUp(Subscription subscription) {
        subscription.listener.catchingUp--;
        publishedCatchingUp.lazySet(--catchingUpSubscriptions);
    }

    /// To be called when the listener's socket takes bytes again (and when it takes the first ones).
    public final void onWritable(Listener listener) {
        if (listener.catchingUp > 0) {
            serve(listener);
            settle();
        }
    }

    private void serve(Listener listener) {
        while (!listener.pageAsked && listener.catchingUp > 0 && listener.isWritable()) {
            Subscription subscription = listener.nextCatchingUp();
            if (subscription == null) {
                // Those that were put off are served when their time comes.
                if (listener.hasUnsettled()) {
                    defer(listener);
                }
                return;
            }
            LaneTopic topic = subscription.topic;
            if (subscription.life != topic.life()) {
                goOnInTheNewLife(subscription);
            }
            if (subscription.next >= topic.position()) {
                noLongerCatchingUp(subscription);
                place(subscription);
            } else if (!serveRecentRun(subscription) && !askPage(subscription)) {
                return;
            }
        }
    }

    private void goOnInTheNewLife(Subscription subscription) {
        LaneTopic topic = subscription.topic;
        long common = topic.commonSince(subscription.life);
        subscription.life = topic.life();
        if (subscription.next > common + 1) {
            subscription.next = common + 1;
            subscription.listener.onReset(topic.name(), topic.epoch(), common);
        }
    }

    private boolean serveRecentRun(Subscription subscription) {
        Encoded run = subscription.topic.recentRun(subscription.listener.format(), subscription.next);
        if (run == null || !subscription.listener.offer(run)) {
            return false;
        }
        subscription.next = run.first + run.messageCount;
        delivered += run.messageCount;
        return true;
    }

    /// Asks for a page.
    ///
    /// @return false if it could not be asked for now; the listener will be served again
    private boolean askPage(Subscription subscription) {
        Listener listener = subscription.listener;
        int pageBytes = budget.acquire(OutboundBudget.PAGE_BYTES, listener.isDrained());
        if (pageBytes == 0) {
            defer(listener);
            return false;
        }
        listener.pageAsked = true;
        LaneTopic topic = subscription.topic;
        long end = topic.position();
        long wanted = Math.min(end - subscription.next, MAX_PAGE_MESSAGES);
        deadlines.within(
                log.read(topic.name(), subscription.next, Direction.FORWARD, (int) Math.max(1, wanted), pageBytes),
                (page, failure) -> {
                    listener.pageAsked = false;
                    if (page == null) {
                        budget.release(pageBytes);
                        putOff(subscription);
                    } else {
                        topic.failedReads = 0;
                        onPage(subscription, page, end, pageBytes);
                    }
                });
        return true;
    }

    /// The log could not be read: the other subscriptions of the connection go on meanwhile.
    private void putOff(Subscription subscription) {
        LaneTopic topic = subscription.topic;
        topic.failedReads++;
        subscription.isPutOff = true;
        scheduleAndSettle(
                () -> {
                    subscription.isPutOff = false;
                    serve(subscription.listener);
                },
                Backoff.delayMs(topic.failedReads, random));
        scheduleAndSettle(() -> serve(subscription.listener), 0);
    }

    private void onPage(Subscription subscription, Page page, long end, int pageBytes) {
        Listener listener = subscription.listener;
        LaneTopic topic = subscription.topic;
        if (topic.audience > 0 && page.extent().epoch() > topic.epoch()) {
            topic.enter(page.extent());
        }
        if (page.extent().epoch() < topic.epoch()) {
            // Read in a life that has ended since.
            budget.release(pageBytes);
            defer(listener);
            return;
        }
        // A cursor of an earlier life is put right first.
        if (subscription.state == Subscription.State.CATCHING_UP && subscription.life == topic.life()) {
            List<Message> messages = upTo(end, page.messages());
            long first = page.extent().firstOffset();
            long before = subscription.next;
            // What the lane has not delivered yet comes live, even if the log has let go of it meanwhile.
            long kept = Math.min(first, end);
            if (kept > subscription.next) {
                listener.onTruncated(topic.name(), page.extent().epoch(), kept);
                subscription.next = kept;
            }
            if (!messages.isEmpty()) {
                subscription.next = messages.getLast().offset() + 1;
            }
            List<Message> wanted = withoutWithheld(messages, listener.connectionId());
            if (!wanted.isEmpty()) {
                delivered += wanted.size();
                listener.writePage(encode(listener.format(), topic.name(), wanted), () -> budget.release(pageBytes));
                serve(listener);
                settle();
                return;
            }
            if (subscription.next == before) {
                // Nothing below the lane's position, though the lane has delivered it: ask again, not
                // at once.
                budget.release(pageBytes);
                defer(listener);
                return;
            }
        }
        budget.release(pageBytes);
        serve(listener);
        settle();
    }

    private static List<Message> upTo(long end, List<Message> messages) {
        int count = messages.size();
        while (count > 0 && messages.get(count - 1).offset() >= end) {
            count--;
        }
        return count == messages.size() ? messages : messages.subList(0, count);
    }

    static List<Message> withoutWithheld(List<Message> messages, String connectionId) {
        for (int i = 0; i < messages.size(); i++) {
            if (connectionId.equals(messages.get(i).withheldFrom())) {
                List<Message> rest = new ArrayList<>(messages);
                rest.removeIf(message -> connectionId.equals(message.withheldFrom()));
                return rest;
            }
        }
        return messages;
    }

    /// Serves the listener again a little later ([Listener#onRoom] included).
    public final void serveLater(Listener listener) {
        defer(listener);
    }

    private void defer(Listener listener) {
        if (!listener.deferred) {
            listener.deferred = true;
            deferred.add(listener);
        }
        if (!retryScheduled) {
            retryScheduled = true;
            schedule(this::serveDeferred, RETRY_MS);
        }
    }

    private void serveDeferred() {
        retryScheduled = false;
        List<Listener> again = new ArrayList<>(deferred);
        deferred.clear();
        for (Listener listener : again) {
            listener.deferred = false;
            try {
                serve(listener);
                listener.onRoom();
            } catch (RuntimeException | Error e) {
                noteFault(e);
            }
        }
        settle();
        reportFault();
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
        return publishedCatchingUp.get();
    }

    final void countLive(int more) {
        liveSubscriptions += more;
        publishedLive.lazySet(liveSubscriptions);
    }

    private void settle() {
        flush();
        publishedDelivered.lazySet(delivered);
    }

    /// Lets go of the bytes that the lane keeps, when its thread is about to end.
    protected final void releaseRecentRuns() {
        recentRuns.clear();
    }
}
