package io.topicstream.topic;

import io.topicstream.log.Message;
import io.topicstream.log.TopicName;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// One topic's live listeners on one lane, and the walk over them with a run of messages. Owned by the lane's
/// thread.
///
/// A run is encoded once for each [Encoding] that a live listener has, and offered to every one of them. A
/// listener whose socket is full falls behind: it leaves its place and keeps the run's first offset as its
/// cursor. A very large audience is served in slices, between which the loop does other work; so the walk is
/// a small state machine (`run`, `walked`, `place`), and everything that happens to the audience meanwhile
/// only empties places or adds some past the end that was fixed when the run began. A listener that joins in
/// between therefore begins after the run.
final class Broadcast {
    /// What [#walk] answers when the slice ended before the run did.
    static final int UNFINISHED = -1;

    private static final int NOT_TAKEN = -1;

    private final DeliveryLane lane;
    private final TopicName topic;
    /// The first of a chain, one for each encoding that somebody has or had.
    private @Nullable LiveListeners first;

    // The run under way, and where the walk is.
    private @Nullable List<Message> run;
    private boolean withholds;
    private @Nullable LiveListeners walked;
    private int place;

    Broadcast(DeliveryLane lane, TopicName topic) {
        this.lane = lane;
        this.topic = topic;
    }

    // ---- the audience

    /// The subscription is live from now on. During a run it begins after it.
    void add(Subscription subscription) {
        Encoding encoding = subscription.listener.encoding();
        LiveListeners listeners = find(encoding);
        if (listeners == null) {
            listeners = new LiveListeners(encoding, first);
            first = listeners;
        }
        subscription.state = Subscription.State.LIVE;
        listeners.add(subscription);
        lane.countLive(1);
    }

    /// The subscription is live no more.
    void remove(Subscription subscription) {
        LiveListeners listeners = find(subscription.listener.encoding());
        Objects.requireNonNull(listeners, "a live subscription has its array").remove(subscription, run == null);
        lane.countLive(-1);
    }

    @SuppressWarnings("ReferenceEquality") // who shares bytes shares the object
    private @Nullable LiveListeners find(Encoding encoding) {
        for (LiveListeners listeners = first; listeners != null; listeners = listeners.next) {
            if (listeners.encoding == encoding) {
                return listeners;
            }
        }
        return null;
    }

    /// Takes everybody out, each with the offset it wants next, and ends the run that may be under way.
    ///
    /// @param position what those want next who have had the run
    List<Subscription> clear(long position) {
        List<Subscription> behind = new ArrayList<>();
        List<Message> unfinished = run;
        boolean isWalked = walked != null;
        for (LiveListeners listeners = first; listeners != null; listeners = listeners.next) {
            if (listeners == walked) {
                isWalked = false;
            }
            for (int i = 0; i < listeners.end(); i++) {
                if (listeners.listeners[i] == null) {
                    continue;
                }
                Subscription subscription = listeners.subscriptionAt(i);
                boolean served = i >= listeners.runEnd || isWalked || (listeners == walked && i < place);
                subscription.next = unfinished == null || served
                        ? position
                        : unfinished.getFirst().offset();
                behind.add(subscription);
            }
        }
        if (unfinished != null) {
            end(unfinished);
        }
        behind.forEach(this::remove);
        return behind;
    }

    /// The recent run that begins at the offset, or null where none does or it was not encoded so.
    @Nullable
    Encoded recentRun(Encoding encoding, long offset) {
        LiveListeners listeners = find(encoding);
        return listeners == null ? null : listeners.recentRun(offset);
    }

    /// From now on there are no recent runs.
    void forgetRecentRuns() {
        for (LiveListeners listeners = first; listeners != null; listeners = listeners.next) {
            listeners.forgetRecentRuns();
        }
    }

    // ---- a run

    /// Whether a run has begun and not ended.
    boolean isUnderWay() {
        return run != null;
    }

    /// Encodes a run for those who are live now.
    void begin(List<Message> messages) {
        for (LiveListeners listeners = first; listeners != null; listeners = listeners.next) {
            listeners.beginRun(topic, messages);
        }
        // From here on it has begun. What could not be encoded is a gap, and is read from the log.
        run = messages;
        withholds = false;
        for (int i = 0; i < messages.size(); i++) {
            withholds |= messages.get(i).withheldFrom() != null;
        }
        walked = first;
        place = 0;
    }

    /// Offers the run that is under way to at most so many listeners, and ends it after the last one.
    ///
    /// @return how many of the slice are left, or [#UNFINISHED]
    int walk(int slice) {
        int left = slice;
        List<Message> messages = Objects.requireNonNull(run, "a run has begun");
        long offset = messages.getFirst().offset();
        LiveListeners listeners = walked;
        while (listeners != null) {
            Encoded one = listeners.run;
            if (one != null) {
                int end = listeners.runEnd;
                while (place < end) {
                    if (left-- == 0) {
                        return UNFINISHED;
                    }
                    Listener listener = listeners.listeners[place];
                    if (listener != null) {
                        int taken = withholds
                                ? offerWhatIsNotWithheld(listener, messages, one)
                                : takes(listener, one) ? messages.size() : NOT_TAKEN;
                        if (taken != NOT_TAKEN) {
                            lane.delivered += taken;
                        } else {
                            fallBehind(listeners.subscriptionAt(place), offset);
                        }
                    }
                    place++;
                }
            }
            listeners = listeners.next;
            walked = listeners;
            place = 0;
        }
        end(messages);
        return left;
    }

    private void end(List<Message> messages) {
        run = null;
        walked = null;
        for (LiveListeners listeners = first; listeners != null; listeners = listeners.next) {
            listeners.endRun(lane, messages, withholds);
        }
    }

    private void fallBehind(Subscription subscription, long next) {
        remove(subscription);
        subscription.next = next;
        lane.catchUp.begin(subscription);
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
        Encoded own = listener.encoding().delivery(topic, rest);
        boolean taken = takes(listener, own);
        own.release();
        return taken ? rest.size() : NOT_TAKEN;
    }

    // ---- a signal

    /// Offers a signal to everybody who is live. Those that are catching up do not get it: it is of now.
    ///
    /// @param onlyHearing whether it is only for those who hear who comes and goes
    void signal(byte[] signal, boolean onlyHearing) {
        for (LiveListeners listeners = first; listeners != null; listeners = listeners.next) {
            if (listeners.size() == 0) {
                continue;
            }
            Encoded one = listeners.encoding.signal(topic, signal);
            if (one == null) {
                continue;
            }
            for (int i = 0; i < listeners.end(); i++) {
                Listener listener = listeners.listeners[i];
                if (listener != null
                        && (!onlyHearing || listeners.subscriptionAt(i).isHearing())) {
                    takes(listener, one);
                }
            }
            one.release();
        }
    }

    // ---- what was taken back

    /// Tells everybody who is live of what was taken back. No run is under way.
    void tell(RecentRedactions told, long position) {
        for (LiveListeners listeners = first; listeners != null; listeners = listeners.next) {
            if (listeners.size() == 0) {
                continue;
            }
            Encoded last = listeners.encoding.signal(topic, told.last());
            // From the end: who falls behind leaves its place to the last one.
            for (int i = listeners.end() - 1; i >= 0; i--) {
                Listener listener = listeners.listeners[i];
                if (listener == null) {
                    continue;
                }
                Subscription subscription = listeners.subscriptionAt(i);
                if (last != null && told.isOneBehind(subscription.redactionsTold) && takes(listener, last)) {
                    subscription.redactionsTold = told.count();
                } else {
                    tell(told, subscription, position);
                }
            }
            if (last != null) {
                last.release();
            }
        }
    }

    /// Tells one that is live of what it was not told of. Where its socket takes no more it falls behind, and
    /// is told when it comes back.
    void tell(RecentRedactions told, Subscription subscription, long position) {
        Listener listener = subscription.listener;
        for (byte[] signal : told.since(subscription.redactionsTold)) {
            Encoded one = listener.encoding().signal(topic, signal);
            if (one == null) {
                continue;
            }
            boolean isTaken = takes(listener, one);
            one.release();
            if (!isTaken) {
                fallBehind(subscription, position);
                return;
            }
        }
        subscription.redactionsTold = told.count();
    }
}
