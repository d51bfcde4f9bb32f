package io.topicstream.server.forgetful;

import static io.topicstream.server.forgetful.Trips.await;
import static io.topicstream.server.forgetful.Trips.awaitAll;

import io.topicstream.log.Extent;
import io.topicstream.log.TopicExtent;
import io.topicstream.log.TopicLog;
import io.topicstream.log.TopicName;
import io.topicstream.people.Notices;
import io.topicstream.people.Presence;
import io.topicstream.protocol.From;
import io.topicstream.server.forgetful.AudienceRows.Row;
import io.topicstream.topic.Attendance;
import io.topicstream.topic.Audience;
import io.topicstream.topic.JoinReply;
import io.topicstream.topic.Listener;
import io.topicstream.topic.StartingPoint;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/// Who listens, as rows beside the log. It has no state but the rows, and may block: the thread that
/// calls it runs one frame and nothing else.
final class RowAudience implements Audience {
    private static final long RETRY_NS = TimeUnit.MILLISECONDS.toNanos(2);

    private final TopicLog log;
    private final AudienceRows rows;
    private final FanOut fanOut;
    private final RowPresence presence;
    private final Notices notices;
    private final InstantSource clock;

    RowAudience(
            TopicLog log,
            AudienceRows rows,
            FanOut fanOut,
            RowPresence presence,
            Notices notices,
            InstantSource clock) {
        this.log = log;
        this.rows = rows;
        this.fanOut = fanOut;
        this.presence = presence;
        this.notices = notices;
        this.clock = clock;
    }

    /// A place that was taken, from which no messages come yet.
    record Place(TopicName topic, Row row) {}

    private long holdUntilMs() {
        return clock.millis() + FanOut.HOLD_MS;
    }

    @Override
    public void join(Listener of, TopicName topic, @Nullable From from, JoinReply reply) {
        join((RowListener) of, topic, from == null ? From.NEW : from, from == null, reply);
    }

    /// Joins at the place, where it is not in already.
    void joinFirst(RowListener listener, TopicName topic, From from, JoinReply reply) {
        join(listener, topic, from, true, reply);
    }

    /// @param stays whether it stays where it is if it is in already
    private void join(RowListener listener, TopicName topic, From from, boolean stays, JoinReply reply) {
        try {
            boolean wasIn = listener.listensTo(topic);
            if (wasIn && stays) {
                stay(topic, reply);
                return;
            }
            if (!wasIn && !listener.enter(List.of(topic))) {
                reply.onJoinFailed(topic, null);
                return;
            }
            Row before = wasIn ? whenFree(topic, listener.connectionId()) : null;
            while (true) {
                StartingPoint start = await(StartingPoint.find(log, topic, from));
                Row held = await(take(listener, topic, before, start));
                if (held != null) {
                    reply.onJoined(
                            topic, start.extent(), start.commonOffset(), start.truncated(), () -> begin(topic, held));
                    return;
                }
                before = whenFree(topic, listener.connectionId());
                if (before != null && stays) {
                    // Another frame of the connection, or a hint, was faster.
                    stay(topic, reply);
                    return;
                }
            }
        } catch (CompletionException e) {
            reply.onJoinFailed(topic, e.getCause());
        }
    }

    /// Who has a row hears what is said, behind or not.
    @Override
    public void whenHearing(Listener listener, TopicName topic, Runnable task) {
        task.run();
    }

    private void stay(TopicName topic, JoinReply reply) {
        reply.onJoined(topic, await(log.extent(topic)), JoinReply.NO_RESET, false, () -> {});
    }

    private CompletableFuture<@Nullable Row> take(
            RowListener listener, TopicName topic, @Nullable Row before, StartingPoint start) {
        long epoch = start.extent().epoch();
        return (before == null
                        ? rows.create(
                                topic, listener.connectionId(), listener.format(), epoch, start.offset(), holdUntilMs())
                        : rows.move(topic, before, epoch, start.offset(), holdUntilMs()))
                .toCompletableFuture();
    }

    /// Takes places in many audiences at once, each at its topic's end.
    ///
    /// @param found told where each topic stands
    /// @return the places, but those that the connection has already
    List<Place> joinAll(RowListener listener, List<TopicName> topics, List<TopicExtent> found) {
        if (topics.isEmpty() || !listener.enter(topics)) {
            return List.of();
        }
        found.addAll(extents(topics));
        List<CompletableFuture<@Nullable Row>> taken = new ArrayList<>();
        for (TopicExtent each : found) {
            long next = each.extent().nextOffset();
            taken.add(take(
                    listener, each.topic(), null, new StartingPoint(each.extent(), next, JoinReply.NO_RESET, false)));
        }
        awaitAll(taken);
        List<Place> places = new ArrayList<>();
        for (int i = 0; i < taken.size(); i++) {
            Row row = taken.get(i).join();
            if (row != null) {
                places.add(new Place(found.get(i).topic(), row));
            }
        }
        return places;
    }

    /// Where topics stand.
    List<TopicExtent> extents(List<TopicName> topics) {
        List<CompletableFuture<Extent>> extents = topics.stream()
                .map(topic -> log.extent(topic).toCompletableFuture())
                .toList();
        awaitAll(extents);
        List<TopicExtent> found = new ArrayList<>();
        for (int i = 0; i < topics.size(); i++) {
            found.add(new TopicExtent(topics.get(i), extents.get(i).join()));
        }
        return found;
    }

    /// Lets the messages come from places that were taken.
    void beginAll(List<Place> places) {
        awaitAll(places.stream()
                .map(place -> rows.release(
                        place.topic(),
                        place.row(),
                        place.row().epoch(),
                        place.row().next()))
                .toList());
        List<TopicExtent> now = extents(places.stream().map(Place::topic).toList());
        for (int i = 0; i < places.size(); i++) {
            Row row = places.get(i).row();
            Extent extent = now.get(i).extent();
            if (extent.nextOffset() > row.next() || extent.epoch() > row.epoch()) {
                // What came in between found a place that had not begun.
                fanOut.enqueueDelivery(places.get(i).topic(), row.connectionId());
            }
        }
    }

    /// Lets the messages come where the connection has a place that has not begun, though nobody remembers it.
    void beginForgotten(String connectionId, List<TopicName> topics) {
        for (TopicName topic : topics) {
            Row row = rows.find(topic, connectionId);
            if (row != null && !row.begun()) {
                begin(topic, row);
            }
        }
    }

    private void begin(TopicName topic, Row held) {
        if (await(rows.release(topic, held, held.epoch(), held.next())) != null) {
            fanOut.enqueueDelivery(topic, held.connectionId());
        }
    }

    @Override
    public boolean leave(Listener of, TopicName topic) {
        RowListener listener = (RowListener) of;
        if (!listener.listensTo(topic)) {
            return false;
        }
        boolean left;
        Row row;
        do {
            row = whenLeft(topic, listener.connectionId());
            left = row != null && rows.delete(topic, row);
        } while (row != null && !left);
        listener.leave(topic);
        presence.leave(topic, listener.connection().session().present());
        notices.tellOfListener(topic, listener.connection().session(), false);
        return left;
    }

    @Override
    public void attend(Listener of, TopicName topic, Attendance attendance) {
        RowListener listener = (RowListener) of;
        if (!listener.listensTo(topic)) {
            return;
        }
        Presence.Present who = listener.connection().session().present();
        switch (attendance) {
            case NONE -> presence.leave(topic, who);
            case SEEN -> presence.enter(topic, who, false);
            case HEARING -> presence.enter(topic, who, true);
        }
        notices.tellOfListener(topic, listener.connection().session(), attendance != Attendance.NONE);
    }

    @Override
    public void leaveAll(Listener listener) {
        // Who holds a row finds it gone; there is nobody to be told anything any more.
        awaitAll(listener.topics().stream()
                .map(topic -> rows.delete(topic, listener.connectionId()))
                .toList());
    }

    /// The row, or null, once nobody delivers to it: what comes after leaving or starting anew must not
    /// cross with what came before.
    private @Nullable Row whenFree(TopicName topic, String connectionId) {
        while (true) {
            Row row = rows.find(topic, connectionId);
            if (row == null || !row.isHeld(clock.millis())) {
                return row;
            }
            LockSupport.parkNanos(RETRY_NS);
        }
    }

    /// The same for one who leaves: a row that has not begun is held by who joined, and nobody delivers to it.
    private @Nullable Row whenLeft(TopicName topic, String connectionId) {
        while (true) {
            Row row = rows.find(topic, connectionId);
            if (row == null || !row.begun() || !row.isHeld(clock.millis())) {
                return row;
            }
            LockSupport.parkNanos(RETRY_NS);
        }
    }
}
