package io.topicstream.server.forgetful;

import static io.topicstream.server.forgetful.Trips.await;

import io.topicstream.command.SignalCommand;
import io.topicstream.log.Direction;
import io.topicstream.log.Extent;
import io.topicstream.log.Message;
import io.topicstream.log.Page;
import io.topicstream.log.TopicLog;
import io.topicstream.log.TopicName;
import io.topicstream.protocol.ServerFrame;
import io.topicstream.server.forgetful.AudienceRows.Row;
import io.topicstream.server.forgetful.Gateway.Answer;
import io.topicstream.session.SessionRecord;
import java.time.InstantSource;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.function.Supplier;

/// Delivery without live nodes: a function that is fed by what was appended, and remembers nothing.
/// Thread-safe.
///
/// Each run loads the topic's rows, and for each that is behind: takes hold of it, reads the log from its
/// `next`, posts, and lets go of it with the offset after what was posted. Who finds a row held leaves it
/// to its holder. Nothing is missed by that: the holder looks at the tail again *after* letting go, and
/// who left it had appended before it looked. A run that dies between posting and letting go posts again
/// when its hold has ended; so a client takes an offset at or below its last as a repeat.
///
/// No message is posted to who has not begun, and a signal that finds such a connection gone says nothing: it may not
/// be open yet. Else a post that finds the connection gone is taken for its end.
final class FanOut {
    private static final int PAGE_MESSAGES = 1_000;
    private static final int PAGE_BYTES = 64 * 1024;
    /// When a client took nothing for so long that its run gave up, how long until the next.
    private static final long AGAIN_MS = 1_000;
    /// How long a run may take for a page, in milliseconds; a function lives no longer.
    static final long HOLD_MS = 20_000;

    private final TopicLog log;
    private final AudienceRows rows;
    private final ConnectionRows connections;
    private final Posts posts;
    private final Runs runs;
    private final Supplier<FreshDialects> dialects;
    private final Consumer<String> gone;
    private final InstantSource clock;
    private final Predicate<SessionRecord> endsWithoutRights;

    /// @param endsWithoutRights ends a connection whose rights have ended; whether they have
    /// @param gone told of each connection that a post found gone; may block
    FanOut(
            TopicLog log,
            AudienceRows rows,
            ConnectionRows connections,
            Posts posts,
            Runs runs,
            Supplier<FreshDialects> dialects,
            Consumer<String> gone,
            InstantSource clock,
            Predicate<SessionRecord> endsWithoutRights) {
        this.log = log;
        this.rows = rows;
        this.connections = connections;
        this.posts = posts;
        this.runs = runs;
        this.dialects = dialects;
        this.gone = gone;
        this.clock = clock;
        this.endsWithoutRights = endsWithoutRights;
    }

    /// Something was appended.
    void enqueueAppended(TopicName topic) {
        runs.begin("fan-out", () -> {
            for (Row row : rows.all(topic)) {
                enqueueDelivery(topic, row.connectionId());
            }
        });
    }

    /// One listener may be behind.
    void enqueueDelivery(TopicName topic, String connectionId) {
        runs.begin("delivery", () -> deliver(topic, connectionId));
    }

    /// Something is said to the audience and not kept.
    void enqueueSignal(TopicName topic, byte[] signal) {
        runs.begin("signal", () -> {
            ServerFrame.ToAudience frame =
                    Objects.requireNonNull(SignalCommand.frame(topic, signal), "clients hear of it");
            for (Row row : rows.all(topic)) {
                runs.begin("said", () -> say(topic, row, frame));
            }
        });
    }

    /// Something is said to some of the audience and not kept.
    void enqueueSignal(TopicName topic, Collection<String> connectionIds, byte[] signal) {
        ServerFrame.ToAudience frame = Objects.requireNonNull(SignalCommand.frame(topic, signal), "clients hear of it");
        for (String connectionId : connectionIds) {
            runs.begin("said", () -> {
                Row row = rows.find(topic, connectionId);
                if (row != null && row.begun()) {
                    say(topic, row, frame);
                }
            });
        }
    }

    private void say(TopicName topic, Row row, ServerFrame.ToAudience signal) {
        byte[] text = dialects.get().signal(row.format(), signal);
        if (text != null && posts.post(row.connectionId(), text) == Answer.GONE && row.begun()) {
            clear(topic, row.connectionId());
        }
    }

    /// The connection is gone, and perhaps nobody was told: what it leaves behind is cleared.
    private void clear(TopicName topic, String connectionId) {
        gone.accept(connectionId);
        // It may have been made while the connection ended.
        await(rows.delete(topic, connectionId));
    }

    private void deliver(TopicName topic, String connectionId) {
        while (true) {
            Row row = rows.find(topic, connectionId);
            if (row == null || !row.begun() || row.isHeld(clock.millis())) {
                return;
            }
            Extent extent = await(log.extent(topic));
            if (row.next() >= extent.nextOffset() && row.epoch() == extent.epoch()) {
                return;
            }
            Row held = rows.hold(topic, row, clock.millis() + HOLD_MS);
            if (held == null) {
                continue;
            }
            switch (deliverPage(topic, held)) {
                case DONE, TOO_LARGE -> {}
                case GONE -> {
                    clear(topic, connectionId);
                    return;
                }
                case BUSY -> {
                    // It takes nothing: what was posted of the page is posted again later.
                    await(rows.release(topic, held, held.epoch(), held.next()));
                    runs.beginLater("delivery", AGAIN_MS, () -> deliver(topic, connectionId));
                    return;
                }
            }
        }
    }

    /// Posts a page, and lets go of the row unless the client takes nothing more.
    private Answer deliverPage(TopicName topic, Row held) {
        Page page = await(log.read(topic, held.next(), Direction.FORWARD, PAGE_MESSAGES, PAGE_BYTES));
        FreshDialects encoder = dialects.get();
        long next = held.next();
        long epoch = page.extent().epoch();
        if (epoch != held.epoch()) {
            // The log has begun another life: what both share is where it goes on.
            long common = await(log.lastOffsetIn(topic, held.epoch()));
            if (next > common + 1) {
                next = common + 1;
                Answer told = post(encoder, held, new ServerFrame.Reset(topic, epoch, common));
                if (told != Answer.DONE) {
                    return told;
                }
            }
            await(rows.release(topic, held, epoch, next));
            return Answer.DONE;
        }
        long first = page.extent().firstOffset();
        if (first > next) {
            next = first;
            Answer told = post(encoder, held, new ServerFrame.Truncated(topic, epoch, first));
            if (told != Answer.DONE) {
                return told;
            }
        }
        if (!page.messages().isEmpty()) {
            next = page.messages().getLast().offset() + 1;
        }
        ConnectionRows.Row listener = connections.load(held.connectionId());
        // Nothing here has a clock: that rights have ended is seen when there is something to deliver.
        if (listener == null || endsWithoutRights.test(listener.connection().session())) {
            return Answer.GONE;
        }
        List<Message> wanted =
                withoutWithheld(page.messages(), listener.connection().session().withheldTag());
        Answer told = wanted.isEmpty() ? Answer.DONE : post(encoder, held, topic, epoch, wanted);
        if (told == Answer.DONE) {
            await(rows.release(topic, held, epoch, next));
        }
        return told;
    }

    private static List<Message> withoutWithheld(List<Message> messages, String tag) {
        return messages.stream()
                .filter(message -> !tag.equals(message.withheldFrom()))
                .toList();
    }

    private Answer post(FreshDialects encoder, Row held, TopicName topic, long epoch, List<Message> messages) {
        for (byte[] text : encoder.delivery(held.format(), topic, messages)) {
            Answer told = posts.post(held.connectionId(), text);
            if (told == Answer.TOO_LARGE) {
                // What stands alone and is too large cannot be told; the others can.
                return messages.size() == 1
                        ? post(
                                encoder,
                                held,
                                new ServerFrame.Truncated(
                                        topic, epoch, messages.getFirst().offset() + 1))
                        : postOneByOne(encoder, held, topic, epoch, messages);
            }
            if (told != Answer.DONE) {
                return told;
            }
        }
        return Answer.DONE;
    }

    private Answer postOneByOne(FreshDialects encoder, Row held, TopicName topic, long epoch, List<Message> messages) {
        for (Message message : messages) {
            Answer told = post(encoder, held, topic, epoch, List.of(message));
            if (told != Answer.DONE) {
                return told;
            }
        }
        return Answer.DONE;
    }

    private Answer post(FreshDialects encoder, Row row, ServerFrame frame) {
        ConnectionRows.Row speaker = connections.load(row.connectionId());
        if (speaker == null) {
            return Answer.GONE;
        }
        byte[] text = encoder.frame(speaker.connection().session(), frame);
        return text == null ? Answer.DONE : posts.post(row.connectionId(), text);
    }
}
