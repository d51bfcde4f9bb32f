package io.topicstream.topic;

import io.topicstream.log.Batch;
import io.topicstream.log.Extent;
import io.topicstream.log.Message;
import io.topicstream.log.Page;
import io.topicstream.log.TopicName;
import io.topicstream.protocol.WireFormat;
import io.topicstream.signal.Following;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// One topic, as far as one lane has listeners for it. Owned by the lane's thread.
///
/// ## A broadcast
///
/// Batches that arrive in one turn of the loop are joined into runs of at most 64 KiB; each run is
/// encoded once per wire format and offered to every live listener. A listener whose socket is full
/// falls behind: it leaves the array and keeps the run's first offset as its cursor. A very large
/// audience is served in slices, between which the loop does other work; so the broadcast is a small
/// state machine (`run`, `format`, `place`), and everything that happens to the audience meanwhile
/// only empties places or adds some past the end that was fixed when the run began. A listener that
/// joins in between therefore begins after the run.
///
/// ## What the feed leaves out
///
/// A feed may be lost, and may lose a batch. Whatever shows it (an answered follow, the next batch, the
/// tail), those who are live fall behind at the gap and read it from the log, and the position jumps over
/// it.
///
/// What is delivered more slowly than it is published is left to the log as well ([PendingBatches]), and read
/// from there once for all who are live.
///
/// ## Another life of the log
///
/// A follow, a batch or a page may show a higher epoch: then the offsets that were delivered may have been
/// taken back and given again. The topic's recent runs are dropped, those who are live fall behind, and the
/// log is asked what the life that ended shares with the new one. A subscription has the number of the life
/// in which it has its offset; before it goes on in a later one, it is put back to what both share, and its
/// listener is told if it had seen more. Until the log has answered it waits.
final class LaneTopic extends Following {
    private static final int NOT_TAKEN = -1;
    static final int FORMATS = WireFormat.COUNT;
    private static final WireFormat[] FORMAT = WireFormat.values();
    /// The log has not said yet what two lives share.
    static final long UNKNOWN = -1;
    /// The feed has not answered yet; epochs begin at 1.
    private static final long NO_EPOCH = 0;

    final DeliveryLane lane;

    boolean dirty;
    /// How often in a row the log could not be read for those who catch up.
    int failedReads;
    /// How many subscriptions there are, in whatever state.
    int audience;
    /// What the feed said last; its next offset is not kept up to date, [#position] is.
    private Extent extent = Extent.empty(NO_EPOCH);
    /// The offset that the lane delivers next.
    private long position = 1;

    private final @Nullable LiveListeners[] live = new @Nullable LiveListeners[FORMATS];
    private final PendingBatches pending;
    /// Whether the log is being asked for what was left to it.
    private boolean reading;
    /// Subscriptions that wait for the lane to reach their offset.
    private @Nullable List<Subscription> ahead;

    /// Counts the lives of the log that were seen here.
    private short life;
    /// By the number of a life that ended, the last offset that it shares with the next, or [#UNKNOWN].
    private long @Nullable [] commons;

    // The broadcast under way.
    private @Nullable List<Message> run;
    private boolean withholds;
    private int format;
    private int place;

    LaneTopic(DeliveryLane lane, TopicName name) {
        super(lane.source(), name);
        this.lane = lane;
        this.pending = new PendingBatches(lane.pendingRoom);
    }

    long position() {
        return position;
    }

    /// The run of late that begins at the offset, or null where none does or it was not encoded so.
    @Nullable
    Encoded recentRun(WireFormat wanted, long first) {
        LiveListeners listeners = live[wanted.index()];
        return listeners == null ? null : listeners.recentRun(first);
    }

    Extent extentAtPosition() {
        return new Extent(extent.epoch(), Math.min(extent.firstOffset(), position), position);
    }

    // ---- the feed

    @Override
    protected void onFollowing(Extent now) {
        if (extent.epoch() == NO_EPOCH) {
            extent = now;
            position = now.nextOffset();
        } else if (now.epoch() > extent.epoch()) {
            enter(now);
        } else if (now.epoch() == extent.epoch()) {
            extent = now;
            skipTo(now.nextOffset());
        }
        wakeThoseAhead();
    }

    @Override
    protected void onSilence() {
        forgetPending();
    }

    void forgetPending() {
        pending.clear();
    }

    /// Those who are live read from the log what lies before the offset, which the lane delivers next.
    private void skipTo(long next) {
        if (next > position) {
            List<Subscription> behind = everybodyFallsBehind();
            position = next;
            var _ = pending.skipTo(next);
            lane.catchUp.beginSoon(behind);
        }
    }

    @Override
    public void onTail(long epoch, long next) {
        if (audience == 0 || !isFollowed()) {
            return;
        }
        if (epoch > extent.epoch()) {
            enter(new Extent(epoch, Math.min(extent.firstOffset(), next), next));
        } else if (epoch == extent.epoch() && next > position && !pending.leaves(next)) {
            // What is pending is about to be delivered.
            skipTo(next);
        }
        wakeThoseAhead();
    }

    @Override
    public void onCommitted(Batch batch) {
        if (audience == 0 || !isFollowed() || batch.epoch() < extent.epoch()) {
            return;
        }
        if (batch.epoch() > extent.epoch()) {
            long first = batch.firstOffset();
            enter(new Extent(batch.epoch(), Math.min(extent.firstOffset(), first), first));
        }
        pending.add(batch);
        lane.markDirty(this);
    }

    @Override
    public void onSignal(byte[] signal) {
        for (int f = 0; f < FORMATS; f++) {
            LiveListeners listeners = live[f];
            if (listeners == null || listeners.size() == 0) {
                continue;
            }
            Encoded one = lane.encodeSignal(FORMAT[f], name(), signal);
            if (one == null) {
                continue;
            }
            // Those that are catching up do not get it: a signal is of now.
            for (int i = 0; i < listeners.end(); i++) {
                Listener listener = listeners.listeners[i];
                if (listener != null) {
                    takes(listener, one);
                }
            }
            one.release();
        }
    }

    // ---- lives of the log

    /// The life of the log in which offsets hold here.
    long epoch() {
        return extent.epoch();
    }

    /// Its number.
    short life() {
        return life;
    }

    /// The log begins another life here; delivery goes on at its next offset.
    void enter(Extent now) {
        long ended = extent.epoch();
        pending.forgetBefore(now.epoch());
        List<Subscription> concerned = everybodyFallsBehind();
        for (LiveListeners listeners : live) {
            if (listeners != null) {
                listeners.forgetRecentRuns();
            }
        }
        List<Subscription> waiting = ahead;
        if (waiting != null) {
            ahead = null;
            concerned.addAll(waiting);
        }
        extent = now;
        position = now.nextOffset();
        int number = life++;
        commons = commons == null ? new long[1] : Arrays.copyOf(commons, number + 1);
        commons[number] = UNKNOWN;
        lane.catchUp.begin(concerned);
        askWhatIsCommon(number, ended, concerned, 1);
    }

    private void askWhatIsCommon(int number, long ended, List<Subscription> concerned, int attempt) {
        lane.askLastOffsetIn(
                this,
                ended,
                attempt,
                common -> {
                    Objects.requireNonNull(commons, "a life has ended")[number] = common;
                    lane.catchUp.serve(concerned);
                },
                () -> askWhatIsCommon(number, ended, concerned, attempt + 1));
    }

    /// The last offset that the life with this number shares with the present one, or [#UNKNOWN].
    long commonSince(short number) {
        long common = Long.MAX_VALUE;
        for (int ended = number; ended < life; ended++) {
            common = Math.min(common, Objects.requireNonNull(commons, "a life has ended")[ended]);
        }
        return common;
    }

    /// Whether the subscription may go on: it has its offset in the present life, or it is known what that
    /// shares with the one in which it has it.
    boolean isSettled(Subscription subscription) {
        return subscription.life == life || commonSince(subscription.life) != UNKNOWN;
    }

    // ---- the audience

    void becomeLive(Subscription subscription) {
        int f = subscription.listener.format().index();
        LiveListeners listeners = live[f];
        if (listeners == null) {
            listeners = new LiveListeners();
            live[f] = listeners;
        }
        subscription.state = Subscription.State.LIVE;
        listeners.add(subscription);
        lane.countLive(1);
    }

    void waitUntilReached(Subscription subscription) {
        subscription.state = Subscription.State.AHEAD;
        if (ahead == null) {
            ahead = new ArrayList<>(1);
        }
        ahead.add(subscription);
    }

    void removeLive(Subscription subscription) {
        LiveListeners listeners = liveOf(subscription);
        listeners.remove(subscription, run == null);
        lane.countLive(-1);
    }

    void removeAhead(Subscription subscription) {
        if (ahead != null) {
            ahead.remove(subscription);
        }
    }

    private LiveListeners liveOf(Subscription subscription) {
        return Objects.requireNonNull(
                live[subscription.listener.format().index()], "a live subscription has its array");
    }

    private void fallBehind(Subscription subscription, long next) {
        removeLive(subscription);
        subscription.next = next;
        lane.catchUp.begin(subscription);
    }

    /// Takes everybody out of the live arrays, each with the offset it wants next, and ends the
    /// broadcast that may be under way.
    private List<Subscription> everybodyFallsBehind() {
        List<Subscription> behind = new ArrayList<>();
        List<Message> unfinished = run;
        for (int f = 0; f < FORMATS; f++) {
            LiveListeners listeners = live[f];
            if (listeners == null) {
                continue;
            }
            for (int i = 0; i < listeners.end(); i++) {
                if (listeners.listeners[i] == null) {
                    continue;
                }
                Subscription subscription = listeners.subscriptionAt(i);
                boolean served = i >= listeners.runEnd || f < format || (f == format && i < place);
                subscription.next = unfinished == null || served
                        ? position
                        : unfinished.getFirst().offset();
                behind.add(subscription);
            }
        }
        if (unfinished != null) {
            endRun(unfinished);
        }
        behind.forEach(this::removeLive);
        return behind;
    }

    // ---- the broadcast

    /// Whether a broadcast is under way.
    boolean isBroadcasting() {
        return run != null;
    }

    /// Delivers what is pending, to at most so many listeners.
    ///
    /// @return false if there is more to do in a later turn
    boolean deliver(int slice) {
        int left = slice;
        while (run != null || beginRun()) {
            List<Message> messages = run;
            if (messages == null) {
                throw new IllegalStateException("a run has begun");
            }
            long first = messages.getFirst().offset();
            for (; format < FORMATS; format++, place = 0) {
                LiveListeners listeners = live[format];
                Encoded one = listeners == null ? null : listeners.run;
                if (listeners == null || one == null) {
                    continue;
                }
                int end = listeners.runEnd;
                while (place < end) {
                    if (left-- == 0) {
                        return false;
                    }
                    Listener listener = listeners.listeners[place];
                    if (listener != null) {
                        int taken = withholds
                                ? offerWhatIsNotWithheld(listener, messages, one)
                                : takes(listener, one) ? messages.size() : NOT_TAKEN;
                        if (taken != NOT_TAKEN) {
                            lane.delivered += taken;
                        } else {
                            fallBehind(listeners.subscriptionAt(place), first);
                        }
                    }
                    place++;
                }
            }
            endRun(messages);
        }
        readWhatIsLeft();
        wakeThoseAhead();
        return true;
    }

    private boolean beginRun() {
        List<Message> messages = nextRun();
        if (messages == null) {
            return false;
        }
        for (int f = 0; f < FORMATS; f++) {
            LiveListeners listeners = live[f];
            if (listeners != null) {
                listeners.beginRun(lane, FORMAT[f], name(), messages);
            }
        }
        // From here on it has begun. What could not be encoded is a gap, and is read from the log.
        run = messages;
        position = messages.getLast().offset() + 1;
        withholds = false;
        for (int i = 0; i < messages.size(); i++) {
            withholds |= messages.get(i).withheldFrom() != null;
        }
        format = 0;
        place = 0;
        return true;
    }

    private void endRun(List<Message> messages) {
        run = null;
        for (LiveListeners listeners : live) {
            if (listeners != null) {
                listeners.endRun(lane, messages, withholds);
            }
        }
    }

    private @Nullable List<Message> nextRun() {
        long first = pending.skipTo(position);
        if (first < 0) {
            return null;
        }
        // Where the feed left something out, the log has it.
        skipTo(first);
        return pending.take(position);
    }

    // ---- what was left to the log

    /// Reads on where something was left to the log.
    private void readWhatIsLeft() {
        if (!reading && pending.isToBeRead(position)) {
            reading = true;
            lane.readLeft(this);
        }
    }

    /// What the log had from an offset on.
    ///
    /// @param from the position when it was asked
    /// @param page null if it could not be read
    void onLeftRead(@Nullable Page page, long from) {
        reading = false;
        if (audience == 0 || !isFollowed()) {
            return;
        }
        if (from != position || !pending.isToBeRead(position)) {
            // Delivery went on elsewhere meanwhile.
            readWhatIsLeft();
            return;
        }
        if (page != null && page.extent().epoch() > extent.epoch()) {
            enter(page.extent());
        } else if (page == null
                || page.extent().epoch() < extent.epoch()
                || page.messages().isEmpty()
                || page.messages().getFirst().offset() != from) {
            // Each of them finds out by itself what there is of it.
            skipTo(pending.leftUpTo());
        } else {
            pending.addLeft(new Batch(page.extent().epoch(), page.messages()));
            lane.markDirty(this);
        }
        wakeThoseAhead();
    }

    /// Offers it. What goes wrong with one listener keeps the others from nothing: that one catches up later.
    private boolean takes(Listener listener, Encoded one) {
        try {
            return listener.offer(one);
        } catch (RuntimeException | Error e) {
            lane.noteFault(e);
            lane.serveLater(listener);
            return false;
        }
    }

    /// @return how many messages the listener took, or [#NOT_TAKEN] where its socket takes no more
    private int offerWhatIsNotWithheld(Listener listener, List<Message> messages, Encoded whole) {
        List<Message> rest = CatchUp.withoutWithheld(messages, listener.withholdTag());
        if (rest.size() == messages.size()) {
            return takes(listener, whole) ? messages.size() : NOT_TAKEN;
        }
        if (rest.isEmpty()) {
            return 0;
        }
        Encoded own = lane.encode(listener.format(), name(), rest);
        boolean taken = takes(listener, own);
        own.release();
        return taken ? rest.size() : NOT_TAKEN;
    }

    private void wakeThoseAhead() {
        List<Subscription> waiting = ahead;
        if (waiting == null) {
            return;
        }
        ahead = null;
        for (Subscription subscription : waiting) {
            if (subscription.state == Subscription.State.AHEAD) {
                lane.catchUp.place(subscription);
            }
        }
    }
}
