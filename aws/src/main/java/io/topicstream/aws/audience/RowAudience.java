package io.topicstream.aws.audience;

import static io.topicstream.aws.audience.Waits.await;
import static io.topicstream.aws.audience.Waits.awaitAll;

import io.topicstream.aws.audience.AudienceRows.Row;
import io.topicstream.aws.audience.AudienceRows.Way;
import io.topicstream.aws.audience.Task.Place;
import io.topicstream.log.Extent;
import io.topicstream.log.TopicExtent;
import io.topicstream.log.TopicLog;
import io.topicstream.log.TopicName;
import io.topicstream.people.Notices;
import io.topicstream.people.Presence;
import io.topicstream.protocol.From;
import io.topicstream.session.SessionRecord;
import io.topicstream.state.StateStore;
import io.topicstream.topic.Attendance;
import io.topicstream.topic.Audience;
import io.topicstream.topic.JoinReply;
import io.topicstream.topic.Listener;
import io.topicstream.topic.StartingPoint;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// Who listens, as rows beside the log. It has no state but the rows, and may block: the thread that
/// calls it runs one frame and nothing else.
final class RowAudience implements Audience {
    private static final long RETRY_NS = TimeUnit.MILLISECONDS.toNanos(5);

    private final TopicLog log;
    private final AudienceRows rows;
    private final Turns turns;
    private final FanOut fanOut;
    private final RowPresence presence;
    private final Notices notices;
    private final InstantSource clock;

    RowAudience(
            TopicLog log,
            AudienceRows rows,
            Turns turns,
            FanOut fanOut,
            RowPresence presence,
            Notices notices,
            InstantSource clock) {
        this.log = log;
        this.rows = rows;
        this.turns = turns;
        this.fanOut = fanOut;
        this.presence = presence;
        this.notices = notices;
        this.clock = clock;
    }

    private long holdUntilMs() {
        return clock.millis() + FanOut.HOLD_MS;
    }

    private static SessionRecord session(RowListener listener) {
        return listener.connection().session();
    }

    // ---- who joins

    @Override
    public void join(Listener of, TopicName topic, @Nullable From from, JoinReply reply) {
        RowListener listener = (RowListener) of;
        join(listener, topic, from == null ? listener.newest() : from, from == null, reply);
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
            if (!wasIn && !listener.enter(Map.of(topic, rows.draw(topic)))) {
                reply.onJoinFailed(topic, null);
                return;
            }
            int shard = listener.shard(topic);
            Row before = wasIn ? whenFree(topic, shard, listener.connectionId()) : null;
            while (true) {
                StartingPoint start = await(StartingPoint.find(log, topic, from));
                Row held = await(take(listener, topic, shard, before, start));
                if (held != null) {
                    if (before != null && before.way() == Way.TOGETHER) {
                        // What is on its way to it now comes before the reply.
                        turns.awaitEnd(topic, shard);
                    }
                    reply.onJoined(
                            topic,
                            start.extent(),
                            start.commonOffset(),
                            start.truncated(),
                            () -> begin(topic, shard, held));
                    return;
                }
                before = whenFree(topic, shard, listener.connectionId());
                if (before != null && stays && (before.way() != Way.NONE || before.isHeld(clock.millis()))) {
                    // Another frame of the connection, or a hint, was faster. If it has died, this takes its place.
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
            RowListener listener, TopicName topic, int shard, @Nullable Row before, StartingPoint start) {
        long version = before == null ? StateStore.ABSENT : before.version();
        return rows.put(
                        topic,
                        shard,
                        Row.of(session(listener), start.extent().epoch(), start.offset(), holdUntilMs(), version))
                .toCompletableFuture();
    }

    /// Takes places in many audiences at once, each at its topic's end.
    ///
    /// @param found told where each topic stands
    /// @return the places, but those that the connection has already
    List<Place> joinAll(RowListener listener, List<TopicName> topics, List<TopicExtent> found) {
        Map<TopicName, Integer> shards = drawAll(topics);
        if (topics.isEmpty() || !listener.enter(shards)) {
            return List.of();
        }
        found.addAll(extents(topics));
        List<CompletableFuture<@Nullable Row>> taken = new ArrayList<>();
        for (TopicExtent each : found) {
            long next = each.extent().nextOffset();
            taken.add(take(
                    listener,
                    each.topic(),
                    listener.shard(each.topic()),
                    null,
                    new StartingPoint(each.extent(), next, JoinReply.NO_RESET, false)));
        }
        awaitAll(taken);
        List<Place> places = new ArrayList<>();
        for (int i = 0; i < taken.size(); i++) {
            Row row = taken.get(i).join();
            TopicName topic = found.get(i).topic();
            if (row != null) {
                places.add(new Place(topic, listener.shard(topic), row.epoch(), row.next(), row.version()));
            }
        }
        return places;
    }

    private Map<TopicName, Integer> drawAll(List<TopicName> topics) {
        return topics.stream().map(topic -> Map.entry(topic, rows.drawLater(topic))).toList().stream()
                .collect(Collectors.toMap(Map.Entry::getKey, drawn -> await(drawn.getValue()), (first, _) -> first));
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
    void beginAll(SessionRecord session, List<Place> places) {
        awaitAll(places.stream()
                .map(place -> {
                    Row row = Row.of(session, place.epoch(), place.next(), 0, place.version());
                    return rows.release(place.topic(), place.shard(), row, place.epoch(), place.next());
                })
                .toList());
        List<TopicExtent> now = extents(places.stream().map(Place::topic).toList());
        for (int i = 0; i < places.size(); i++) {
            Place place = places.get(i);
            Extent extent = now.get(i).extent();
            if (extent.nextOffset() > place.next() || extent.epoch() > place.epoch()) {
                // What came in between found a place that had not begun.
                fanOut.catchUp(place.topic(), place.shard(), session.connectionId());
            }
        }
    }

    /// The place of a listener whose messages do not come yet, or null.
    @Nullable
    Place place(RowListener listener, TopicName topic) {
        int shard = listener.shard(topic);
        Row row = rows.find(topic, shard, listener.connectionId());
        return row == null || row.way() != Way.NONE
                ? null
                : new Place(topic, shard, row.epoch(), row.next(), row.version());
    }

    private void begin(TopicName topic, int shard, Row held) {
        if (await(rows.release(topic, shard, held, held.epoch(), held.next())) != null) {
            fanOut.catchUp(topic, shard, held.connectionId());
        }
    }

    // ---- who leaves

    @Override
    public boolean leave(Listener of, TopicName topic) {
        RowListener listener = (RowListener) of;
        if (!listener.listensTo(topic)) {
            return false;
        }
        int shard = listener.shard(topic);
        boolean left;
        Row row;
        do {
            row = whenFree(topic, shard, listener.connectionId());
            left = row != null && rows.delete(topic, shard, row);
        } while (row != null && !left);
        if (row != null && row.way() == Way.TOGETHER) {
            // What is on its way to it now comes before the reply.
            turns.awaitEnd(topic, shard);
        }
        listener.leave(topic);
        presence.leave(topic, session(listener).present());
        notices.tellOfListener(topic, session(listener), false);
        return left;
    }

    @Override
    public void attend(Listener of, TopicName topic, Attendance attendance) {
        RowListener listener = (RowListener) of;
        if (!listener.listensTo(topic)) {
            return;
        }
        Presence.Present who = session(listener).present();
        switch (attendance) {
            case NONE -> presence.leave(topic, who);
            case SEEN -> presence.enter(topic, who, false);
            case HEARING -> presence.enter(topic, who, true);
        }
        notices.tellOfListener(topic, session(listener), attendance != Attendance.NONE);
    }

    @Override
    public void leaveAll(Listener of) {
        RowListener listener = (RowListener) of;
        // Who holds a row finds it gone; there is nobody to be told anything any more.
        awaitAll(listener.topics().stream()
                .map(topic -> rows.delete(topic, listener.shard(topic), listener.connectionId()))
                .toList());
    }

    /// The row, or null, once nobody delivers to it alone: what comes after leaving or starting anew must not
    /// cross with what came before. A row whose messages do not come yet is held by who joined: nobody delivers
    /// to it.
    private @Nullable Row whenFree(TopicName topic, int shard, String connectionId) {
        while (true) {
            Row row = rows.find(topic, shard, connectionId);
            if (row == null || row.way() == Way.NONE || !row.isHeld(clock.millis())) {
                return row;
            }
            LockSupport.parkNanos(RETRY_NS);
        }
    }
}
