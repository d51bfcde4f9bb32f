package io.topicstream.topic;

import io.topicstream.log.Direction;
import io.topicstream.log.Message;
import io.topicstream.log.Page;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/// The subscriptions of one lane that are behind: each gets recent runs that are still encoded, or pages of
/// the log, one at a time for its connection, until it has reached the lane's position and is live. Owned by
/// the lane's thread.
final class CatchUp {
    /// When a page could not be asked for, how long until it is tried again.
    static final long RETRY_MS = 50;

    private final DeliveryLane lane;
    private final List<Listener> deferred = new ArrayList<>();
    private boolean retryScheduled;
    private int count;
    /// What other threads may read of the count.
    private final AtomicLong publishedCount = new AtomicLong();

    CatchUp(DeliveryLane lane) {
        this.lane = lane;
    }

    /// How many there are. May be asked on any thread.
    long count() {
        return publishedCount.get();
    }

    /// Puts a subscription where its cursor belongs: live, waiting for the lane, or catching up.
    void place(Subscription subscription) {
        LaneTopic topic = subscription.topic;
        if (subscription.life != topic.life()) {
            // Another life began before it did.
            begin(subscription);
            serve(subscription.listener);
        } else if (subscription.next == topic.position()) {
            topic.becomeLive(subscription);
        } else if (subscription.next > topic.position()) {
            topic.waitUntilReached(subscription);
        } else {
            begin(subscription);
            serve(subscription.listener);
        }
    }

    /// The subscription is behind from now on.
    void begin(Subscription subscription) {
        subscription.state = Subscription.State.CATCHING_UP;
        subscription.listener.catchingUp++;
        publishedCount.lazySet(++count);
    }

    void begin(List<Subscription> behind) {
        for (Subscription subscription : behind) {
            begin(subscription);
        }
    }

    /// Lets subscriptions that have fallen behind catch up, in a turn of their own.
    void beginSoon(List<Subscription> behind) {
        if (!behind.isEmpty()) {
            begin(behind);
            lane.scheduleAndSettle(() -> serve(behind), 0);
        }
    }

    /// Serves the listeners of those that are still catching up.
    void serve(List<Subscription> behind) {
        for (Subscription subscription : behind) {
            if (subscription.state == Subscription.State.CATCHING_UP) {
                serve(subscription.listener);
            }
        }
        lane.settle();
    }

    /// The subscription is behind no more, or has ended.
    void end(Subscription subscription) {
        subscription.listener.catchingUp--;
        publishedCount.lazySet(--count);
    }

    /// The listener's socket takes bytes again.
    void onWritable(Listener listener) {
        if (listener.catchingUp > 0) {
            serve(listener);
            lane.settle();
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
                end(subscription);
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
        Encoded run = subscription.topic.recentRun(subscription.listener.encoding(), subscription.next);
        if (run == null || !subscription.listener.offer(run)) {
            return false;
        }
        subscription.next = run.first + run.messageCount;
        lane.delivered += run.messageCount;
        return true;
    }

    /// Asks for a page.
    ///
    /// @return false if it could not be asked for now; the listener will be served again
    private boolean askPage(Subscription subscription) {
        Listener listener = subscription.listener;
        int pageBytes = lane.budget().acquire(OutboundBudget.PAGE_BYTES, listener.isDrained());
        if (pageBytes == 0) {
            defer(listener);
            return false;
        }
        listener.pageAsked = true;
        LaneTopic topic = subscription.topic;
        long end = topic.position();
        long wanted = Math.min(end - subscription.next, DeliveryLane.MAX_PAGE_MESSAGES);
        lane.deadlines()
                .within(
                        lane.log.read(
                                topic.name(),
                                subscription.next,
                                Direction.FORWARD,
                                (int) Math.max(1, wanted),
                                pageBytes),
                        (page, failure) -> {
                            listener.pageAsked = false;
                            if (page == null) {
                                lane.budget().release(pageBytes);
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
        subscription.putOff(true);
        lane.scheduleAndSettle(
                () -> {
                    subscription.putOff(false);
                    serve(subscription.listener);
                },
                lane.backoffMs(topic.failedReads));
        lane.scheduleAndSettle(() -> serve(subscription.listener), 0);
    }

    private void onPage(Subscription subscription, Page page, long end, int pageBytes) {
        Listener listener = subscription.listener;
        LaneTopic topic = subscription.topic;
        if (topic.audience > 0 && page.extent().epoch() > topic.epoch()) {
            topic.enter(page.extent());
        }
        if (page.extent().epoch() < topic.epoch()) {
            // Read in a life that has ended since.
            lane.budget().release(pageBytes);
            defer(listener);
            return;
        }
        // A cursor of an earlier life is put right first.
        if (subscription.state == Subscription.State.CATCHING_UP && subscription.life == topic.life()) {
            List<Message> messages = upTo(end, page.messages());
            long first = page.extent().firstOffset();
            long before = subscription.next;
            // What the lane has not delivered yet comes live, even if the log has dropped it meanwhile.
            long kept = Math.min(first, end);
            if (kept > subscription.next) {
                listener.onTruncated(topic.name(), page.extent().epoch(), kept);
                subscription.next = kept;
            }
            if (!messages.isEmpty()) {
                subscription.next = messages.getLast().offset() + 1;
            }
            List<Message> wanted = withoutWithheld(messages, listener.withholdTag());
            if (!wanted.isEmpty()) {
                lane.delivered += wanted.size();
                listener.writePage(
                        listener.encoding().delivery(topic.name(), wanted),
                        () -> lane.budget().release(pageBytes));
                serve(listener);
                lane.settle();
                return;
            }
            if (subscription.next == before) {
                // Nothing below the lane's position, though the lane has delivered it: ask again, not
                // at once.
                lane.budget().release(pageBytes);
                defer(listener);
                return;
            }
        }
        lane.budget().release(pageBytes);
        serve(listener);
        lane.settle();
    }

    private static List<Message> upTo(long end, List<Message> messages) {
        int count = messages.size();
        while (count > 0 && messages.get(count - 1).offset() >= end) {
            count--;
        }
        return count == messages.size() ? messages : messages.subList(0, count);
    }

    static List<Message> withoutWithheld(List<Message> messages, @Nullable String tag) {
        if (tag == null) {
            return messages;
        }
        for (int i = 0; i < messages.size(); i++) {
            if (tag.equals(messages.get(i).withheldFrom())) {
                List<Message> rest = new ArrayList<>(messages);
                rest.removeIf(message -> tag.equals(message.withheldFrom()));
                return rest;
            }
        }
        return messages;
    }

    /// Serves the listener again a little later ([Listener#onRoom] included).
    void defer(Listener listener) {
        if (!listener.deferred) {
            listener.deferred = true;
            deferred.add(listener);
        }
        if (!retryScheduled) {
            retryScheduled = true;
            lane.schedule(this::serveDeferred, RETRY_MS);
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
                lane.noteFault(e);
            }
        }
        lane.settle();
        lane.reportFault();
    }
}
