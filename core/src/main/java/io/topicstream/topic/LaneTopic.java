package io.topicstream.topic;

import io.topicstream.log.Batch;
import io.topicstream.log.Extent;
import io.topicstream.log.Message;
import io.topicstream.log.Page;
import io.topicstream.log.TopicName;
import io.topicstream.signal.Following;
import io.topicstream.signal.Signal;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// One topic, as far as one lane has listeners for it. Owned by the lane's thread.
///
/// Batches that arrive in one turn of the loop are joined into runs of at most 64 KiB, each of which is a
/// [Broadcast] to all who are live.
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

    private final Broadcast broadcast;
    private final PendingBatches pending;
    /// Whether the log is being asked for what was left to it.
    private boolean reading;
    /// Whether what is read of it may be older than a message that was taken back since.
    private boolean isLeftStale;
    /// The last offset that was taken back before it was delivered; a batch that has it may have it as it was.
    private long redactedUpTo;
    /// What was taken back; null where nothing was.
    private @Nullable RecentRedactions redactions;
    /// Subscriptions that wait for the lane to reach their offset.
    private @Nullable List<Subscription> ahead;

    /// Counts the lives of the log that were seen here.
    private short life;
    /// By the number of a life that ended, the last offset that it shares with the next, or [#UNKNOWN].
    private long @Nullable [] commons;

    LaneTopic(DeliveryLane lane, TopicName name) {
        super(lane.source(), name);
        this.lane = lane;
        this.broadcast = new Broadcast(lane, name);
        this.pending = new PendingBatches(lane.pendingRoom);
    }

    long position() {
        return position;
    }

    /// The recent run that begins at the offset, or null where none does or it was not encoded so.
    @Nullable
    Encoded recentRun(Encoding encoding, long first) {
        return broadcast.recentRun(encoding, first);
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
            // Whatever was taken back meanwhile, it is not here any more.
            broadcast.forgetRecentRuns();
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
            List<Subscription> behind = broadcast.clear(position);
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
        if (batch.firstOffset() <= redactedUpTo) {
            pending.leave(batch);
        } else {
            pending.add(batch);
        }
        lane.markDirty(this);
    }

    @Override
    public void onSignal(byte[] signal) {
        if (Signal.decode(signal) instanceof Signal.Redacted redacted) {
            onRedacted(signal, redacted.offsets().getLast());
        } else {
            broadcast.signal(signal, false);
        }
    }

    /// Messages were taken back: what this lane keeps of them is dropped, and everybody is told. What is not
    /// delivered yet is left to the log, which has them as they are now.
    ///
    /// @param last the offset of the last one
    private void onRedacted(byte[] signal, long last) {
        if (broadcast.isUnderWay()) {
            lane.catchUp.beginSoon(broadcast.clear(position));
        }
        broadcast.forgetRecentRuns();
        isLeftStale = reading;
        if (last >= position) {
            pending.leaveAll();
            redactedUpTo = Math.max(redactedUpTo, last);
            lane.markDirty(this);
        }
        RecentRedactions told = redactions;
        if (told == null) {
            told = new RecentRedactions();
            redactions = told;
        }
        told.add(signal);
        broadcast.tell(told, position);
    }

    /// How many redactions were told of here, in eight bits.
    byte redactions() {
        return redactions == null ? 0 : redactions.count();
    }

    /// Says something to those who hear who comes and goes.
    void tellAttending(byte[] signal) {
        broadcast.signal(signal, true);
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
        List<Subscription> concerned = broadcast.clear(position);
        broadcast.forgetRecentRuns();
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
        broadcast.add(subscription);
        RecentRedactions told = redactions;
        if (told != null && subscription.redactionsTold != told.count()) {
            broadcast.tell(told, subscription, position);
        }
    }

    void waitUntilReached(Subscription subscription) {
        subscription.state = Subscription.State.AHEAD;
        if (ahead == null) {
            ahead = new ArrayList<>(1);
        }
        ahead.add(subscription);
    }

    void removeLive(Subscription subscription) {
        broadcast.remove(subscription);
    }

    void removeAhead(Subscription subscription) {
        if (ahead != null) {
            ahead.remove(subscription);
        }
    }

    // ---- delivery

    /// Delivers what is pending, to at most so many listeners.
    ///
    /// @return false if there is more to do in a later turn
    boolean deliver(int slice) {
        int left = slice;
        while (broadcast.isUnderWay() || beginRun()) {
            left = broadcast.walk(left);
            if (left == Broadcast.UNFINISHED) {
                return false;
            }
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
        broadcast.begin(messages);
        position = messages.getLast().offset() + 1;
        return true;
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
        boolean isStale = isLeftStale;
        isLeftStale = false;
        if (isStale || from != position || !pending.isToBeRead(position)) {
            // Delivery went on elsewhere meanwhile, or what was read is not as it is now.
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
