package io.topicstream.topic;

import io.topicstream.log.TopicName;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// One connection, as the lane that serves it sees it. Owned by the lane's thread.
///
/// Which audiences it is in can be told otherwise where no lane serves it, because it is made anew for
/// each frame: then the audience is rows beside the log, and nobody writes to the listener itself.
public abstract class Listener {
    /// So many subscriptions are searched one by one.
    private static final int FEW = 16;

    private final String connectionId;

    // One object per subscription and a small list: an idle connection should cost little.
    private final ArrayList<Subscription> subscriptions = new ArrayList<>(1);
    /// The same by topic, once they are more than few.
    private @Nullable HashMap<TopicName, Subscription> byTopic;

    // Of the subscriptions, how many are catching up; and the one whose turn is next.
    int catchingUp;
    private int nextTurn;
    // Whether a page of the log is on its way to this connection: at most one is.
    boolean pageAsked;
    // Whether the lane has noted to serve it again later.
    boolean deferred;

    protected Listener(String connectionId) {
        this.connectionId = connectionId;
    }

    public final String connectionId() {
        return connectionId;
    }

    /// The tag of messages that are withheld from it: those that name its connection, where it does not say
    /// otherwise. Null where nothing is withheld from it. It does not change.
    protected @Nullable String withholdTag() {
        return connectionId;
    }

    /// How many audiences it is in (or is about to join).
    public int subscriptionCount() {
        return subscriptions.size();
    }

    /// In how many audiences it is (or is about to join) of topics whose names begin so.
    public int subscriptionCount(String prefix) {
        int count = 0;
        for (int i = 0; i < subscriptions.size(); i++) {
            if (subscriptions.get(i).topic.name().value().startsWith(prefix)) {
                count++;
            }
        }
        return count;
    }

    /// The topics of its audiences.
    public List<TopicName> topics() {
        List<TopicName> topics = new ArrayList<>(subscriptions.size());
        for (Subscription subscription : subscriptions) {
            topics.add(subscription.topic.name());
        }
        return topics;
    }

    /// Whether it is in the topic's audience (or is about to join).
    public boolean listensTo(TopicName topic) {
        return find(topic) != null;
    }

    /// The listener is in the topic's audience because the topic belongs to its user. Does nothing where it
    /// is not in.
    public void markMembership(TopicName topic) {
        Subscription subscription = find(topic);
        if (subscription != null) {
            subscription.markMembership();
        }
    }

    /// The topics in whose audiences it is because they belong to its user.
    public List<TopicName> memberships() {
        List<TopicName> topics = new ArrayList<>(subscriptions.size());
        for (Subscription subscription : subscriptions) {
            if (subscription.isMembership()) {
                topics.add(subscription.topic.name());
            }
        }
        return topics;
    }

    /// Its client asks to be seen in a topic to which it listens and to hear of the others, or for neither.
    public void wishPresence(TopicName topic, boolean wants) {
        Subscription subscription = find(topic);
        if (subscription != null) {
            subscription.wishPresence(wants);
        }
    }

    /// What its client asked for; null where it said nothing, or it does not listen.
    public @Nullable Boolean presenceWish(TopicName topic) {
        Subscription subscription = find(topic);
        return subscription == null ? null : subscription.presenceWish();
    }

    /// Whether it hears who comes into the topic and goes.
    public boolean hears(TopicName topic) {
        Subscription subscription = find(topic);
        return subscription != null && subscription.isHearing();
    }

    /// It is seen in the topic from now on.
    protected void onEntered(TopicName topic) {}

    /// It is seen in the topic no longer.
    protected void onLeft(TopicName topic) {}

    /// The form in which it wants what is delivered; always the same object.
    protected abstract Encoding encoding();

    /// Whether the socket takes more.
    protected abstract boolean isWritable();

    /// Whether everything that was written has left for the kernel.
    protected abstract boolean isDrained();

    /// Writes the run if the socket takes more. Flushed at the end of the lane's turn.
    ///
    /// @return false if the socket is not writable: nothing was written
    protected abstract boolean offer(Encoded run);

    /// Writes a page of the log that was encoded for this connection alone, and releases it.
    ///
    /// @param onSent run on the lane's thread when its bytes have left, or never will
    protected abstract void writePage(Encoded page, Runnable onSent);

    /// Messages that a catching-up subscription wanted were let go of: delivery goes on with
    /// `firstOffset`.
    protected abstract void onTruncated(TopicName topic, long epoch, long firstOffset);

    /// The log has begun another life, and what was delivered after `commonOffset` is not in it: delivery
    /// goes on after that offset.
    ///
    /// @param epoch of the new life
    protected abstract void onReset(TopicName topic, long epoch, long commonOffset);

    /// What could not be done for want of room may be tried again ([DeliveryLane#serveLater]).
    protected void onRoom() {}

    final void add(Subscription subscription) {
        subscriptions.add(subscription);
        if (byTopic != null) {
            byTopic.put(subscription.topic.name(), subscription);
        } else if (subscriptions.size() > FEW) {
            HashMap<TopicName, Subscription> all = new HashMap<>();
            for (Subscription each : subscriptions) {
                all.put(each.topic.name(), each);
            }
            byTopic = all;
        }
    }

    final void remove(Subscription subscription) {
        // From the end, where an end of all of them begins too.
        for (int i = subscriptions.size() - 1; i >= 0; i--) {
            if (subscriptions.get(i) == subscription) {
                subscriptions.remove(i);
                if (byTopic != null) {
                    byTopic.remove(subscription.topic.name(), subscription);
                }
                return;
            }
        }
    }

    final @Nullable Subscription find(TopicName topic) {
        if (byTopic != null) {
            return byTopic.get(topic);
        }
        for (Subscription subscription : subscriptions) {
            if (subscription.topic.name().equals(topic)) {
                return subscription;
            }
        }
        return null;
    }

    final List<Subscription> subscriptions() {
        return subscriptions;
    }

    /// The next subscription that is catching up and can go on, in turn, so that a long one does not hold up
    /// the others of its connection; null if all of them have to wait.
    final @Nullable Subscription nextCatchingUp() {
        for (int tried = 0; tried < subscriptions.size(); tried++) {
            nextTurn = nextTurn + 1 >= subscriptions.size() ? 0 : nextTurn + 1;
            Subscription subscription = subscriptions.get(nextTurn);
            if (subscription.state == Subscription.State.CATCHING_UP
                    && !subscription.isPutOff()
                    && subscription.topic.isSettled(subscription)) {
                return subscription;
            }
        }
        return null;
    }

    /// Whether one that is catching up waits to hear what another life of the log has in common with its own.
    final boolean hasUnsettled() {
        for (int i = 0; i < subscriptions.size(); i++) {
            Subscription subscription = subscriptions.get(i);
            if (subscription.state == Subscription.State.CATCHING_UP && !subscription.topic.isSettled(subscription)) {
                return true;
            }
        }
        return false;
    }
}
