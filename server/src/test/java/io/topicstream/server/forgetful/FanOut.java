package io.topicstream.server.forgetful;

import io.topicstream.command.SignalCommand;
import io.topicstream.log.Direction;
import io.topicstream.log.Extent;
import io.topicstream.log.Message;
import io.topicstream.log.Page;
import io.topicstream.log.TopicLog;
import io.topicstream.log.TopicName;
import io.topicstream.protocol.ServerFrame;
import io.topicstream.server.forgetful.AudienceRows.Row;
import io.topicstream.session.SessionRecord;
import java.time.InstantSource;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// Delivery without live nodes: a function that is fed by what was appended, and remembers nothing.
/// Thread-safe.
///
/// Each run loads the topic's rows, and for each that is behind: takes hold of it, reads the log from its
/// `next`, posts, and lets go of it with the offset after what was posted. Who finds a row held leaves it
/// to its holder. Nothing is missed by that: the holder looks at the tail again *after* letting go, and
/// who left it had appended before it looked. A run that dies between posting and letting go posts again
/// when its hold has ended; so a client takes an offset at or below its last as a repeat.
final class FanOut {
    private static final System.Logger LOGGER = System.getLogger(FanOut.class.getName());
    private static final int PAGE_MESSAGES = 1_000;
    private static final int PAGE_BYTES = 64 * 1024;
    /// How long a run may take for a page, in milliseconds; longer than a post waits.
    static final long HOLD_MS = 60_000;

    private final TopicLog log;
    private final AudienceRows rows;
    private final ConnectionRows connections;
    private final Gateway gateway;
    private final ExecutorService executor;
    private final Supplier<FreshDialects> dialects;
    private final InstantSource clock;

    FanOut(
            TopicLog log,
            AudienceRows rows,
            ConnectionRows connections,
            Gateway gateway,
            ExecutorService executor,
            Supplier<FreshDialects> dialects,
            InstantSource clock) {
        this.log = log;
        this.rows = rows;
        this.connections = connections;
        this.gateway = gateway;
        this.executor = executor;
        this.dialects = dialects;
        this.clock = clock;
    }

    /// Something was appended.
    void enqueueAppended(TopicName topic) {
        enqueue(() -> {
            for (Row row : rows.all(topic)) {
                enqueueDelivery(topic, row.connectionId());
            }
        });
    }

    /// One listener may be behind.
    void enqueueDelivery(TopicName topic, String connectionId) {
        enqueue(() -> deliver(topic, connectionId));
    }

    /// Something is said to the audience and not kept.
    void enqueueSignal(TopicName topic, byte[] signal) {
        enqueue(() -> {
            ServerFrame.Signal frame = Objects.requireNonNull(SignalCommand.frame(topic, signal), "clients hear of it");
            for (Row row : rows.all(topic)) {
                enqueue(() -> {
                    byte[] text = dialects.get().signal(row.format(), frame);
                    if (text != null) {
                        gateway.post(row.connectionId(), text);
                    }
                });
            }
        });
    }

    /// Begins a run.
    void enqueue(Runnable run) {
        try {
            executor.execute(() -> {
                try {
                    run.run();
                } catch (RuntimeException e) {
                    LOGGER.log(System.Logger.Level.WARNING, "a run ended early; the next one goes on from there", e);
                }
            });
        } catch (RejectedExecutionException e) {
            LOGGER.log(System.Logger.Level.DEBUG, "the front door is closed", e);
        }
    }

    private void deliver(TopicName topic, String connectionId) {
        while (true) {
            Row row = rows.find(topic, connectionId);
            if (row == null || row.isHeld(clock.millis())) {
                return;
            }
            Extent extent = ConnectionRows.await(log.extent(topic));
            if (row.next() >= extent.nextOffset() && row.epoch() == extent.epoch()) {
                return;
            }
            Row held = rows.hold(topic, row, clock.millis() + HOLD_MS);
            if (held != null && !deliverPage(topic, held)) {
                // The connection is gone; what it leaves behind is cleared when its end is handled.
                rows.delete(topic, held);
                return;
            }
        }
    }

    private boolean deliverPage(TopicName topic, Row held) {
        Page page = ConnectionRows.await(log.read(topic, held.next(), Direction.FORWARD, PAGE_MESSAGES, PAGE_BYTES));
        FreshDialects encoder = dialects.get();
        long next = held.next();
        long epoch = page.extent().epoch();
        if (epoch != held.epoch()) {
            // The log has begun another life: what both share is where it goes on.
            long common = ConnectionRows.await(log.lastOffsetIn(topic, held.epoch()));
            if (next > common + 1) {
                next = common + 1;
                ServerFrame reset = new ServerFrame.Reset(topic, epoch, common);
                if (!tell(held, reset, encoder)) {
                    return false;
                }
            }
            rows.release(topic, held, epoch, next);
            return true;
        }
        long first = page.extent().firstOffset();
        if (first > next) {
            next = first;
            ServerFrame truncated = new ServerFrame.Truncated(topic, epoch, first);
            if (!tell(held, truncated, encoder)) {
                return false;
            }
        }
        if (!page.messages().isEmpty()) {
            next = page.messages().getLast().offset() + 1;
        }
        List<Message> wanted = page.messages().stream()
                .filter(message -> !held.connectionId().equals(message.withheldFrom()))
                .toList();
        if (!wanted.isEmpty()) {
            for (byte[] text : encoder.delivery(held.format(), topic, wanted)) {
                if (!post(held, text)) {
                    return false;
                }
            }
        }
        rows.release(topic, held, epoch, next);
        return true;
    }

    /// Tells one connection something that is for it alone.
    private boolean tell(Row row, ServerFrame frame, FreshDialects encoder) {
        SessionRecord speaker = connections.load(row.connectionId());
        return speaker != null && post(row, encoder.frame(speaker, frame));
    }

    private boolean post(Row row, byte @Nullable [] text) {
        return text == null || gateway.post(row.connectionId(), text);
    }
}
