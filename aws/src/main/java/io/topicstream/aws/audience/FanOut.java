package io.topicstream.aws.audience;

import static io.topicstream.aws.audience.Waits.await;

import io.topicstream.aws.audience.AudienceRows.Row;
import io.topicstream.aws.audience.AudienceRows.Way;
import io.topicstream.aws.audience.Callbacks.Answer;
import io.topicstream.aws.audience.Turns.Turn;
import io.topicstream.command.SignalCommand;
import io.topicstream.log.Direction;
import io.topicstream.log.Extent;
import io.topicstream.log.Message;
import io.topicstream.log.Page;
import io.topicstream.log.TopicLog;
import io.topicstream.log.TopicName;
import io.topicstream.protocol.ServerFrame;
import io.topicstream.protocol.WireFormat;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Collection;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// Delivery without live nodes: work that is begun by what was appended, and remembers nothing. Thread-safe.
///
/// Those of an audience's shard who are up to date are served together, by a [Turn]: who has it reads the log from
/// where the shard stands, posts to all of them, and moves the turn on; nothing is written for a listener. Who is not
/// up to date, since it joins further back or its client does not take what comes, is served alone: by its row, which
/// is held meanwhile. It comes back to the others when a turn reaches its place.
///
/// Who finds a turn or a row held leaves it to its holder. Nothing is missed by that: a holder looks at the tail again
/// *after* it has given back what it held, and who left it to him had appended before it looked. One that dies between
/// posting and giving back leaves it to the next, when its time is over, who posts again; so a client takes an offset
/// at or below its last as a repeat.
///
/// No message is posted to who has not begun, and a signal that finds such a connection gone says nothing: it may not
/// be open yet. Else a post that finds the connection gone is taken for its end.
final class FanOut {
    private static final int PAGE_MESSAGES = 1_000;
    private static final int PAGE_BYTES = 64 * 1024;
    /// When a client took nothing for so long that its run gave up, how long until the next.
    private static final Duration AGAIN = Duration.ofSeconds(1);
    /// How long a page may take; a function lives no longer.
    static final long HOLD_MS = 20_000;
    /// How many posts of one call are under way.
    private static final int POSTS_AT_ONCE = 64;

    private final TopicLog log;
    private final AudienceRows rows;
    private final Turns turns;
    private final ConnectionRows connections;
    private final Posts posts;
    private final Runs runs;
    private final Later later;
    private final Supplier<FreshDialects> dialects;
    private final Consumer<String> gone;
    private final InstantSource clock;
    private final Predicate<Connection> endsWithoutRights;
    private final int listenersPerShard;

    /// @param endsWithoutRights ends a connection whose rights have ended; whether they have
    /// @param gone told of each connection that a post found gone; may block
    /// @param listenersPerShard how many a shard has before there is to be another one
    FanOut(
            TopicLog log,
            AudienceRows rows,
            Turns turns,
            ConnectionRows connections,
            Posts posts,
            Runs runs,
            Later later,
            Supplier<FreshDialects> dialects,
            Consumer<String> gone,
            InstantSource clock,
            Predicate<Connection> endsWithoutRights,
            int listenersPerShard) {
        this.log = log;
        this.rows = rows;
        this.turns = turns;
        this.connections = connections;
        this.posts = posts;
        this.runs = runs;
        this.later = later;
        this.dialects = dialects;
        this.gone = gone;
        this.clock = clock;
        this.endsWithoutRights = endsWithoutRights;
        this.listenersPerShard = listenersPerShard;
    }

    // ---- who is served together

    /// Something was appended.
    void enqueueAppended(TopicName topic) {
        runs.begin(() -> deliver(topic, 0));
    }

    /// Delivers what a shard has not got.
    void deliver(TopicName topic, int shard) {
        while (true) {
            Turn turn = turns.find(topic, shard);
            if (turn != null && turn.isHeld(clock.millis())) {
                return;
            }
            Extent extent = await(log.extent(topic));
            if (turn == null) {
                // Nobody has been served together; where those stand who listen say their rows.
                turn = Turn.first(extent.epoch(), Math.max(1, extent.nextOffset() - 1));
            }
            if (turn.epoch() == extent.epoch() && turn.next() >= extent.nextOffset()) {
                return;
            }
            Turn mine = turns.take(topic, shard, turn, clock.millis() + HOLD_MS);
            if (mine != null && !deliverPage(topic, shard, mine)) {
                return;
            }
        }
    }

    /// Delivers a page, and gives the turn back: where it stood, if that fails, so that the next may try.
    ///
    /// @return false where it took so long that the turn is somebody else's
    private boolean deliverPage(TopicName topic, int shard, Turn mine) {
        try {
            Serving served = servePage(topic, shard, mine);
            return turns.release(topic, shard, mine, served.epoch(), served.end()) != null;
        } catch (RuntimeException e) {
            giveBack(e, () -> turns.release(topic, shard, mine, mine.epoch(), mine.next()));
            throw e;
        }
    }

    /// Where that fails too, what is held is so until its time is over.
    private static void giveBack(RuntimeException why, Runnable release) {
        try {
            release.run();
        } catch (RuntimeException e) {
            why.addSuppressed(e);
        }
    }

    private Serving servePage(TopicName topic, int shard, Turn mine) {
        Page page = await(log.read(topic, mine.next(), Direction.FORWARD, PAGE_MESSAGES, PAGE_BYTES));
        Serving.Place place = Serving.Place.of(log, topic, mine.epoch(), mine.next(), page);
        // After the page: who joins later than this looks at the tail itself.
        AudienceRows.Shard audience = rows.all(topic, shard);
        for (int other = 1; other < audience.shards(); other++) {
            later.call(new Task.Deliver(topic, other), Duration.ZERO);
        }
        if (audience.rows().size() > listenersPerShard) {
            growBehind(topic, shard);
        }
        Delivery delivery = new Delivery(topic, page.extent().epoch(), connections, posts, true, dialects.get());
        Serving serving = new Serving(this, rows, delivery, topic, shard, place, page);
        Runs.forEach(
                audience.rows().stream()
                        .<Runnable>map(row -> () -> serving.serve(row))
                        .toList(),
                POSTS_AT_ONCE);
        return serving;
    }

    /// Makes one more shard if a full one is the last: all others are as full, for who joins draws.
    private void growBehind(TopicName topic, int shard) {
        if (rows.shards(topic) == shard + 1) {
            rows.grow(topic, shard + 2);
        }
    }

    boolean isHeld(Row row) {
        return row.isHeld(clock.millis());
    }

    /// Whether a listener's rights have ended: then its connection does. Nothing here has a clock, so that is seen when
    /// there is something to deliver.
    boolean endsWithoutRights(TopicName topic, int shard, Row row) {
        if (row.expiresAtMs() > clock.millis()) {
            return false;
        }
        ConnectionRows.Row found = connections.load(row.connectionId());
        if (found == null || endsWithoutRights.test(found.connection())) {
            return true;
        }
        // It has shown another credential since.
        long expiresAtMs = found.connection().session().identity().expiresAtMs();
        var _ = await(rows.put(topic, shard, row.expiringAt(expiresAtMs)));
        return false;
    }

    /// A listener takes nothing: it is served alone from here on.
    void leaveBehind(TopicName topic, int shard, Row row) {
        if (await(rows.put(topic, shard, row.by(Way.ALONE))) != null) {
            later.call(new Task.CatchUp(topic, shard, row.connectionId()), AGAIN);
        }
    }

    // ---- who is served alone

    /// One listener may be behind.
    void catchUp(TopicName topic, int shard, String connectionId) {
        runs.begin(() -> deliver(topic, shard, connectionId));
    }

    /// Delivers to one listener what it has not got, where it is served alone.
    void deliver(TopicName topic, int shard, String connectionId) {
        while (true) {
            Row row = rows.find(topic, shard, connectionId);
            if (row == null || row.way() != Way.ALONE || row.isHeld(clock.millis())) {
                return;
            }
            Extent extent = await(log.extent(topic));
            if (row.next() >= extent.nextOffset() && row.epoch() == extent.epoch()) {
                return;
            }
            Row held = hold(topic, shard, row);
            if (held == null) {
                continue;
            }
            Alone served = serveAlone(topic, shard, held, false);
            if (served.answer() == Answer.BUSY) {
                later.call(new Task.CatchUp(topic, shard, connectionId), AGAIN);
                return;
            }
            if (served.row() == null) {
                return;
            }
        }
    }

    /// Takes hold of a listener's row, to serve it alone.
    ///
    /// @return null if it was changed meanwhile
    @Nullable
    Row hold(TopicName topic, int shard, Row row) {
        return rows.hold(topic, shard, row, clock.millis() + HOLD_MS);
    }

    /// How a page went that was for one listener.
    ///
    /// @param row as it is now; null where the listener is gone, or the page took so long that the row is somebody
    ///     else's
    record Alone(Answer answer, @Nullable Row row) {}

    /// Delivers a page to one listener, and frees its row: where it stood, if that fails, so that the next may try.
    ///
    /// @param soon whether it gives up soon where the client takes nothing
    Alone serveAlone(TopicName topic, int shard, Row held, boolean soon) {
        try {
            return servePage(topic, shard, held, soon);
        } catch (RuntimeException e) {
            giveBack(e, () -> await(rows.release(topic, shard, held, held.epoch(), held.next())));
            throw e;
        }
    }

    private Alone servePage(TopicName topic, int shard, Row held, boolean soon) {
        Page page = await(log.read(topic, held.next(), Direction.FORWARD, PAGE_MESSAGES, PAGE_BYTES));
        ConnectionRows.Row listener = connections.load(held.connectionId());
        if (listener == null || endsWithoutRights.test(listener.connection())) {
            clear(topic, shard, held.connectionId());
            return new Alone(Answer.GONE, null);
        }
        Serving.Place place = Serving.Place.of(log, topic, held.epoch(), held.next(), page);
        long epoch = page.extent().epoch();
        Delivery delivery = new Delivery(topic, epoch, connections, posts, soon, dialects.get());
        ServerFrame notice = place.notice();
        Answer answer = notice == null ? Answer.DONE : delivery.frame(held, notice);
        long next = place.next();
        List<Message> messages = place.messages();
        if (answer == Answer.DONE && !messages.isEmpty()) {
            Delivery.Posted posted =
                    delivery.messages(held, messages, next, messages.getLast().offset() + 1);
            answer = posted.answer();
            next = posted.next();
        }
        if (answer == Answer.GONE) {
            clear(topic, shard, held.connectionId());
            return new Alone(answer, null);
        }
        return new Alone(answer, await(rows.release(topic, shard, held, epoch, next)));
    }

    /// The connection is gone, and perhaps nobody was told: what it leaves behind is cleared.
    void clear(TopicName topic, int shard, String connectionId) {
        gone.accept(connectionId);
        // It may have been made while the connection ended.
        await(rows.delete(topic, shard, connectionId));
    }

    // ---- what is said and not kept

    /// Something is said to the audience.
    void enqueueSignal(TopicName topic, byte[] signal) {
        runs.begin(() -> say(topic, 0, signal));
    }

    /// Says something to a shard.
    void say(TopicName topic, int shard, byte[] signal) {
        AudienceRows.Shard audience = rows.all(topic, shard);
        for (int other = 1; other < audience.shards(); other++) {
            later.call(new Task.Say(topic, other, signal), Duration.ZERO);
        }
        ServerFrame.ToAudience frame = frame(topic, signal);
        FreshDialects dialects = this.dialects.get();
        Map<WireFormat, Optional<byte[]>> texts = new EnumMap<>(WireFormat.class);
        audience.rows()
                .forEach(row -> texts.computeIfAbsent(
                        row.format(), format -> Optional.ofNullable(dialects.signal(format, frame))));
        Runs.forEach(
                audience.rows().stream()
                        .<Runnable>map(
                                row -> () -> say(topic, shard, row, texts.getOrDefault(row.format(), Optional.empty())))
                        .toList(),
                POSTS_AT_ONCE);
    }

    /// Something is said to some of the audience.
    void enqueueSignal(TopicName topic, Collection<String> connectionIds, byte[] signal) {
        if (connectionIds.isEmpty()) {
            return;
        }
        ServerFrame.ToAudience frame = frame(topic, signal);
        runs.begin(() -> Runs.forEach(
                connectionIds.stream()
                        .<Runnable>map(connectionId -> () -> say(topic, connectionId, frame))
                        .toList(),
                POSTS_AT_ONCE));
    }

    private static ServerFrame.ToAudience frame(TopicName topic, byte[] signal) {
        return Objects.requireNonNull(SignalCommand.frame(topic, signal), "clients hear of it");
    }

    private void say(TopicName topic, String connectionId, ServerFrame.ToAudience frame) {
        ConnectionRows.Row listener = connections.load(connectionId);
        Integer shard = listener == null ? null : listener.connection().topics().get(topic);
        Row row = shard == null ? null : rows.find(topic, shard, connectionId);
        if (shard != null && row != null && row.way() != Way.NONE) {
            say(topic, shard, row, Optional.ofNullable(dialects.get().signal(row.format(), frame)));
        }
    }

    /// @param text empty where the listener's format has nothing for it
    private void say(TopicName topic, int shard, Row row, Optional<byte[]> text) {
        if (text.isPresent() && posts.post(row.connectionId(), text.get()) == Answer.GONE && row.way() != Way.NONE) {
            clear(topic, shard, row.connectionId());
        }
    }
}
