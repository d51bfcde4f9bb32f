package io.topicstream.event;

import static io.topicstream.json.JsonWriter.ascii;

import io.topicstream.connection.ConnectionEvents;
import io.topicstream.connection.ConnectionInfo;
import io.topicstream.connection.OpenConnection;
import io.topicstream.json.JsonWriter;
import io.topicstream.log.Admission;
import io.topicstream.log.Append;
import io.topicstream.log.AppendResult;
import io.topicstream.log.Draft;
import io.topicstream.log.Lane;
import io.topicstream.log.LogLimit;
import io.topicstream.log.TopicLog;
import io.topicstream.log.TopicName;
import io.topicstream.people.PresenceEvents;
import io.topicstream.signal.SystemTopics;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/// Writes down what happens beside messages, in topics of the system: connections in
/// [SystemTopics#CONNECTION_EVENTS], who joined and left topics in [SystemTopics#PRESENCE_EVENTS]. Each
/// is one message,
/// `{"type", "source", "subject", "data"}`. Thread-safe; does not block.
///
/// It writes only what somebody wants, so a server without sinks has no cost of it. What the log has no
/// room for is lost: it is counted, and said in the log of the server, and nobody waits for it.
public final class EventLog implements ConnectionEvents, PresenceEvents {
    /// How many events may wait to be written; further ones are lost.
    public static final int MOST_WAITING = 10_000;

    private static final System.Logger LOGGER = System.getLogger(EventLog.class.getName());

    private static final byte[] TYPE = ascii("{\"type\":");
    private static final byte[] SOURCE = ascii(",\"source\":");
    private static final byte[] SUBJECT = ascii(",\"subject\":");
    private static final byte[] CONNECTION = ascii(",\"data\":{\"connection_id\":");
    private static final byte[] TOPIC = ascii(",\"data\":{\"topic\":");
    private static final byte[] STAGE = ascii(",\"stage\":");
    private static final byte[] API = ascii(",\"api_id\":");
    private static final byte[] USER = ascii(",\"user\":");
    private static final byte[] ADDRESS = ascii(",\"address\":");
    private static final byte[] CONNECTED_AT = ascii(",\"connected_at\":");
    private static final byte[] CODE = ascii(",\"code\":");
    private static final byte[] REASON = ascii(",\"reason\":");
    private static final byte[] END = ascii("}}");

    private final TopicLog log;
    private final boolean withAddresses;
    private final LogLimit logLimit;
    private final AtomicInteger waiting = new AtomicInteger();
    private final AtomicLong lost = new AtomicLong();

    private volatile boolean wantsConnections;
    private volatile boolean wantsPresence;

    /// @param withAddresses whether it is written down from which addresses connections come
    public EventLog(TopicLog log, boolean withAddresses, InstantSource clock) {
        this.log = log;
        this.withAddresses = withAddresses;
        this.logLimit = new LogLimit(clock);
    }

    /// Says what is wanted from now on.
    public void want(boolean connections, boolean presence) {
        wantsConnections = connections;
        wantsPresence = presence;
    }

    /// How many events were lost.
    public long lost() {
        return lost.get();
    }

    /// How many events wait to be written.
    public int waiting() {
        return waiting.get();
    }

    @Override
    public void opened(OpenConnection connection) {
        if (wantsConnections) {
            write(
                    SystemTopics.CONNECTION_EVENTS,
                    connection.info().user(),
                    connection(connection, "io.topicstream.connection.opened").raw(END));
        }
    }

    @Override
    public void closed(OpenConnection connection, int code, String reason) {
        if (wantsConnections) {
            write(
                    SystemTopics.CONNECTION_EVENTS,
                    connection.info().user(),
                    connection(connection, "io.topicstream.connection.closed")
                            .raw(CODE)
                            .number(code)
                            .raw(REASON)
                            .string(reason)
                            .raw(END));
        }
    }

    @Override
    public void joined(TopicName topic, String user) {
        if (wantsPresence) {
            presence(topic, user, "io.topicstream.presence.joined");
        }
    }

    @Override
    public void left(TopicName topic, String user) {
        if (wantsPresence) {
            presence(topic, user, "io.topicstream.presence.left");
        }
    }

    private JsonWriter connection(OpenConnection connection, String type) {
        ConnectionInfo info = connection.info();
        JsonWriter json = new JsonWriter();
        json.raw(TYPE).string(type).raw(SOURCE).string("/connections");
        json.raw(SUBJECT).string(info.connectionId());
        json.raw(CONNECTION).string(info.connectionId());
        text(json, STAGE, connection.stage());
        text(json, API, info.scope().isEmpty() ? null : info.scope());
        text(json, USER, info.user());
        text(json, ADDRESS, withAddresses ? info.address() : null);
        return json.raw(CONNECTED_AT).number(info.connectedAtMs());
    }

    private void presence(TopicName topic, String user, String type) {
        JsonWriter json = new JsonWriter();
        json.raw(TYPE).string(type).raw(SOURCE).string("/topics/" + topic);
        json.raw(SUBJECT).string(user);
        write(
                SystemTopics.PRESENCE_EVENTS,
                user,
                json.raw(TOPIC).string(topic.value()).raw(USER).string(user).raw(END));
    }

    private static void text(JsonWriter json, byte[] member, @Nullable String text) {
        if (text != null) {
            json.raw(member).string(text);
        }
    }

    /// @param user who is named in the event: the message is from him, so that it goes with all that is his when he is
    ///     erased
    private void write(TopicName topic, @Nullable String user, JsonWriter event) {
        if (waiting.incrementAndGet() > MOST_WAITING) {
            waiting.decrementAndGet();
            lose();
            return;
        }
        Append append =
                new Append(
                        topic,
                        List.of(new Draft(event.toByteArray(), null, null)),
                        user,
                        "events",
                        Append.ANY_OFFSET,
                        Lane.DIRECT) {
                    @Override
                    public void onAnswered(AppendResult result) {
                        waiting.decrementAndGet();
                        if (!(result instanceof AppendResult.Appended)) {
                            lose();
                        }
                    }
                };
        if (log.append(append) == Admission.REFUSED) {
            waiting.decrementAndGet();
            lose();
        }
    }

    private void lose() {
        long count = lost.incrementAndGet();
        if (logLimit.permits("events-lost")) {
            LOGGER.log(
                    System.Logger.Level.WARNING,
                    "the log has no room for what happens; lost since the start: " + count + " events");
        }
    }
}
