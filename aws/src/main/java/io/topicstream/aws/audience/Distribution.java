package io.topicstream.aws.audience;

import static io.topicstream.aws.audience.Waits.await;

import io.topicstream.aws.audience.AudienceRows.Row;
import io.topicstream.aws.audience.AudienceRows.Way;
import io.topicstream.aws.audience.Callbacks.Answer;
import io.topicstream.aws.audience.Connection.Phase;
import io.topicstream.aws.audience.Turns.Turn;
import io.topicstream.log.Extent;
import io.topicstream.log.TopicLog;
import io.topicstream.log.TopicName;
import io.topicstream.protocol.ServerFrame;
import io.topicstream.session.SessionRecord;
import io.topicstream.state.StateLimits;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// What a workflow asks for that delivers in place of who publishes: who listens to a topic, and that one of them is
/// served. Blocks; thread-safe.
///
/// A listener is served from its place in the log, as those are who are behind ([FanOut]). So a workflow that is
/// started twice posts nothing twice, one that comes late posts what came before it, and one that never runs is made
/// up for by the next. Of a topic that is not left to a workflow it does nothing.
public final class Distribution {
    /// How many listeners an answer has, at most.
    public static final int PAGE = 100;

    /// How often it is looked whether a row is free, with growing waits; then the workflow waits, who is not paid for
    /// by the millisecond.
    private static final int LOOKS = 5;

    private static final long FIRST_LOOK_NS = TimeUnit.MILLISECONDS.toNanos(15);

    private final Predicate<TopicName> isLeft;
    private final TopicLog log;
    private final AudienceRows rows;
    private final Turns turns;
    private final ConnectionRows connections;
    private final FanOut fanOut;
    private final Posts posts;
    private final Supplier<FreshDialects> dialects;
    private final Predicate<Connection> endsWithoutRights;
    private final InstantSource clock;

    /// @param isLeft whether a topic is left to a workflow
    /// @param endsWithoutRights ends a connection whose rights have ended; whether they have
    Distribution(
            Predicate<TopicName> isLeft,
            TopicLog log,
            AudienceRows rows,
            Turns turns,
            ConnectionRows connections,
            FanOut fanOut,
            Posts posts,
            Supplier<FreshDialects> dialects,
            Predicate<Connection> endsWithoutRights,
            InstantSource clock) {
        this.isLeft = isLeft;
        this.log = log;
        this.rows = rows;
        this.turns = turns;
        this.connections = connections;
        this.fanOut = fanOut;
        this.posts = posts;
        this.dialects = dialects;
        this.endsWithoutRights = endsWithoutRights;
        this.clock = clock;
    }

    /// Somebody who listens.
    ///
    /// @param clientId by which it does not get what it said itself; empty where it gave none
    public record Listener(String connectionId, String clientId) {}

    /// Some of those who listen.
    ///
    /// @param next behind which the next ones come; null where these are the last
    public record Listeners(
            List<Listener> listeners, @Nullable String next) {}

    /// How it went with a listener.
    public enum Outcome {
        /// It has all that it was to get.
        SERVED,
        /// There is nothing to do: it does not listen, or not yet, or the topic is not left to a workflow.
        LEFT_ALONE,
        /// Its connection has ended, and what it left behind is cleared.
        GONE
    }

    // ---- who listens

    /// Some of those who listen to a topic.
    ///
    /// @param after what the answer before this one said; empty for the first ones
    /// @throws IllegalArgumentException if no answer has said it
    public Listeners listeners(TopicName topic, String after) {
        if (!isLeft.test(topic)) {
            return new Listeners(List.of(), null);
        }
        Cursor cursor = Cursor.of(after);
        int shards = rows.shards(topic);
        List<Listener> listeners = new ArrayList<>();
        for (int shard = cursor.shard(); shard < shards; shard++) {
            int room = PAGE - listeners.size();
            List<Row> found = rows.some(topic, shard, shard == cursor.shard() ? cursor.connectionId() : "", room);
            found.forEach(row -> listeners.add(listener(row)));
            if (found.size() == room) {
                return new Listeners(
                        listeners, new Cursor(shard, found.getLast().connectionId()).text());
            }
        }
        return new Listeners(listeners, null);
    }

    private static Listener listener(Row row) {
        String clientId = SessionRecord.clientOf(row.withheldTag());
        return new Listener(row.connectionId(), clientId == null ? "" : clientId);
    }

    /// Where a page of listeners ended.
    private record Cursor(int shard, String connectionId) {
        /// There are never more.
        private static final int MOST_DIGITS = 5;

        static Cursor of(String text) {
            if (text.isEmpty()) {
                return new Cursor(0, "");
            }
            int space = text.indexOf(' ');
            String digits = text.substring(0, Math.max(space, 0));
            if (digits.isEmpty()
                    || digits.length() > MOST_DIGITS
                    || !digits.chars().allMatch(c -> c >= '0' && c <= '9')) {
                throw new IllegalArgumentException("listeners come after what an answer has said");
            }
            String connectionId = text.substring(space + 1);
            var _ = StateLimits.name(connectionId);
            return new Cursor(Integer.parseInt(digits), connectionId);
        }

        String text() {
            return shard + " " + connectionId;
        }
    }

    // ---- who is served

    /// A listener's row as it was found, and where it stands.
    private record Found(Outcome outcome, @Nullable Connection connection, int shard) {}

    private Found find(TopicName topic, String connectionId) {
        if (!isLeft.test(topic)) {
            return new Found(Outcome.LEFT_ALONE, null, 0);
        }
        ConnectionRows.Row row = connections.load(connectionId);
        if (row == null || row.connection().phase() == Phase.ENDED) {
            // What was written while it ended.
            for (int shard = 0; shard < rows.shards(topic); shard++) {
                await(rows.delete(topic, shard, connectionId));
            }
            return new Found(Outcome.GONE, null, 0);
        }
        Integer shard = row.connection().topics().get(topic);
        return shard == null
                ? new Found(Outcome.LEFT_ALONE, null, 0)
                : new Found(Outcome.SERVED, row.connection(), shard);
    }

    /// Delivers to a listener what it has not got.
    ///
    /// @param epoch the life of the log in which the offset holds
    /// @param until the offset that it is to have got afterwards
    /// @throws TryAgainException where it takes nothing just now, or somebody else serves it
    public Outcome serve(TopicName topic, String connectionId, long epoch, long until) {
        Found found = find(topic, connectionId);
        Connection connection = found.connection();
        if (connection == null) {
            return found.outcome();
        }
        if (endsWithoutRights.test(connection)) {
            fanOut.clear(topic, found.shard(), connectionId);
            return Outcome.GONE;
        }
        int looks = 0;
        while (true) {
            Row row = rows.find(topic, found.shard(), connectionId);
            if (row == null || row.way() == Way.NONE) {
                // Its own frame brings it all that there is when it begins.
                return Outcome.LEFT_ALONE;
            }
            if (row.epoch() > epoch || (row.epoch() == epoch && row.next() > until)) {
                return Outcome.SERVED;
            }
            Row held = row.isHeld(clock.millis()) ? null : hold(topic, found.shard(), row);
            if (held != null) {
                return serve(topic, found.shard(), held);
            }
            if (++looks > LOOKS) {
                throw new TryAgainException("somebody else serves this listener");
            }
            LockSupport.parkNanos(FIRST_LOOK_NS << looks);
        }
    }

    /// Takes hold of a row, also of one that was served with others before its topic was left to a workflow.
    private @Nullable Row hold(TopicName topic, int shard, Row row) {
        return switch (row.way()) {
            case NONE -> null;
            case ALONE -> fanOut.hold(topic, shard, row);
            case TOGETHER -> holdWithTurn(topic, shard, row);
        };
    }

    /// It stands where the turn stands, and nobody else may have that meanwhile.
    private @Nullable Row holdWithTurn(TopicName topic, int shard, Row row) {
        Turn turn = turns.find(topic, shard);
        if (turn == null) {
            return fanOut.hold(topic, shard, row);
        }
        Turn mine =
                turn.isHeld(clock.millis()) ? null : turns.take(topic, shard, turn, clock.millis() + FanOut.HOLD_MS);
        if (mine == null) {
            return null;
        }
        try {
            return fanOut.hold(topic, shard, row.at(mine.epoch(), mine.next()));
        } finally {
            turns.release(topic, shard, mine, mine.epoch(), mine.next());
        }
    }

    /// Goes on to the end, and looks there again after it has freed the row: who found it held may have left it to
    /// this.
    private Outcome serve(TopicName topic, int shard, Row first) {
        Row held = first;
        while (held != null) {
            FanOut.Alone served = fanOut.serveAlone(topic, shard, held, true);
            if (served.answer() == Answer.GONE) {
                return Outcome.GONE;
            }
            if (served.answer() == Answer.BUSY) {
                throw new TryAgainException("the client takes nothing just now");
            }
            Row free = served.row();
            if (free == null) {
                throw new TryAgainException("this took so long that somebody else serves the listener");
            }
            Extent extent = await(log.extent(topic));
            if (free.epoch() == extent.epoch() && free.next() >= extent.nextOffset()) {
                return Outcome.SERVED;
            }
            held = fanOut.hold(topic, shard, free);
        }
        // Who has changed the row since goes on from there; the workflow looks whether that was so.
        throw new TryAgainException("somebody else serves this listener");
    }

    // ---- who is told

    /// Tells a listener who has come or left. That is said and not kept.
    ///
    /// @throws TryAgainException where it takes nothing just now, or its connection is not open yet
    public Outcome tell(ServerFrame.Notice notice, String connectionId) {
        TopicName topic = notice.topic();
        Found found = find(topic, connectionId);
        Row row = found.connection() == null ? null : rows.find(topic, found.shard(), connectionId);
        if (row == null) {
            return found.connection() == null ? found.outcome() : Outcome.LEFT_ALONE;
        }
        byte[] text = dialects.get().signal(row.format(), notice);
        Answer answer = text == null ? Answer.DONE : posts.postSoon(connectionId, text);
        if (answer == Answer.BUSY) {
            throw new TryAgainException("the client takes nothing just now");
        }
        if (answer != Answer.GONE) {
            return Outcome.SERVED;
        }
        if (row.way() == Way.NONE) {
            throw new TryAgainException("the connection is not open yet");
        }
        fanOut.clear(topic, found.shard(), connectionId);
        return Outcome.GONE;
    }
}
