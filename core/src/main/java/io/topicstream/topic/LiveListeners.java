package io.topicstream.topic;

import io.topicstream.log.Message;
import io.topicstream.log.TopicName;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// The live listeners of one topic that have the same encoding, in plain arrays: a broadcast
/// walks `listeners` and touches no subscription. Beside them, what was made for them to share. Owned
/// by the thread of the lane.
///
/// While a broadcast is under way a place is only emptied, never filled again, so that nobody is
/// passed over or served twice; [#compact] closes the gaps when it has ended.
final class LiveListeners {
    private static final int FIRST_CAPACITY = 2;

    final Encoding encoding;
    /// Those of the next encoding in the topic's chain.
    final @Nullable LiveListeners next;

    @Nullable
    Listener[] listeners = new @Nullable Listener[FIRST_CAPACITY];

    private @Nullable Subscription[] subscriptions = new @Nullable Subscription[FIRST_CAPACITY];
    private int end;
    private int holes;
    private int lowestHole = Integer.MAX_VALUE;

    /// The run that is being broadcast, or null while none is, or none that this encoding has a part in.
    @Nullable
    Encoded run;

    /// Where its audience ends: [#end] when it began.
    int runEnd;

    /// Runs that were broadcast, for those who come a little late.
    private RecentRuns.@Nullable OfTopic recent;

    LiveListeners(Encoding encoding, @Nullable LiveListeners next) {
        this.encoding = encoding;
        this.next = next;
    }

    /// One past the last place in use.
    int end() {
        return end;
    }

    int size() {
        return end - holes;
    }

    void add(Subscription subscription) {
        if (end == listeners.length) {
            int capacity = end * 2;
            listeners = Arrays.copyOf(listeners, capacity);
            subscriptions = Arrays.copyOf(subscriptions, capacity);
        }
        subscription.index = end;
        listeners[end] = subscription.listener;
        subscriptions[end] = subscription;
        end++;
    }

    /// Encodes a run for those who are there now; for nobody, nothing.
    void beginRun(TopicName topic, List<Message> messages) {
        Encoded left = run;
        if (left != null) {
            // Of a run that another encoding failed at.
            run = null;
            left.release();
        }
        runEnd = end;
        if (end > 0) {
            run = encoding.delivery(topic, messages);
        }
    }

    /// Keeps the run that was broadcast for a while.
    ///
    /// @param withholds whether there is somebody who does not want all of it: then it is not kept, since
    ///     shared bytes would give a message back to whom it is withheld from
    void endRun(DeliveryLane lane, List<Message> messages, boolean withholds) {
        compact();
        Encoded ended = run;
        run = null;
        if (ended == null) {
            return;
        }
        if (withholds) {
            ended.release();
            return;
        }
        RecentRuns.OfTopic of = recent;
        if (of == null) {
            of = new RecentRuns.OfTopic();
            recent = of;
        }
        lane.keepRun(ended, of, messages.getFirst().offset(), messages.size());
    }

    /// The run of late that begins at the offset, or null.
    @Nullable
    Encoded recentRun(long first) {
        return recent == null ? null : recent.startingAt(first);
    }

    /// From now on there are no recent runs; the lane releases the earlier ones when their turn comes.
    void forgetRecentRuns() {
        recent = null;
    }

    Subscription subscriptionAt(int index) {
        return Objects.requireNonNull(subscriptions[index], "no live listener has this place");
    }

    /// Empties its place, and with `compactNow` closes the gap with the last one.
    void remove(Subscription subscription, boolean compactNow) {
        int index = subscription.index;
        if (subscriptions[index] != subscription) {
            throw new IllegalStateException("a live subscription is in its place");
        }
        listeners[index] = null;
        subscriptions[index] = null;
        holes++;
        lowestHole = Math.min(lowestHole, index);
        if (compactNow) {
            compact();
        }
    }

    void compact() {
        if (holes == 0) {
            return;
        }
        int low = lowestHole;
        lowestHole = Integer.MAX_VALUE;
        while (holes > 0) {
            while (end > 0 && subscriptions[end - 1] == null) {
                end--;
                holes--;
            }
            if (holes == 0) {
                break;
            }
            while (subscriptions[low] != null) {
                low++;
            }
            Subscription moved = subscriptionAt(end - 1);
            moved.index = low;
            subscriptions[low] = moved;
            listeners[low] = moved.listener;
            subscriptions[end - 1] = null;
            listeners[end - 1] = null;
            end--;
            holes--;
        }
        if (listeners.length > 16 && end < listeners.length / 4) {
            int capacity = Math.max(FIRST_CAPACITY, end * 2);
            listeners = Arrays.copyOf(listeners, capacity);
            subscriptions = Arrays.copyOf(subscriptions, capacity);
        }
    }
}
