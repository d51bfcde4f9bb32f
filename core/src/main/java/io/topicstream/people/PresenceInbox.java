package io.topicstream.people;

import io.topicstream.log.TopicName;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What the event loops have to say of their connections, on its way to the thread of the presence. Thread-safe.
///
/// It keeps where each connection has come to, not how: what is said of a connection that waits takes the place
/// of what was said before. So it grows with the connections that there are and the topics in which they are,
/// as what the presence keeps of them does, and not with how long the thread is busy or how often they come and
/// go.
///
/// Connections that began and ended while they waited would still be without end. Where what waits takes more than
/// [#MOST_BYTES], of them nothing is kept: they were never there.
final class PresenceInbox {
    /// Above so much, those who have come and gone meanwhile are forgotten.
    static final long MOST_BYTES = 8 * 1024 * 1024;
    /// About what a connection takes, and a topic of it, beside their names.
    private static final int CONNECTION_BYTES = 250;

    private static final int TOPIC_BYTES = 60;

    private static final System.Logger LOGGER = System.getLogger(PresenceInbox.class.getName());

    private final long mostBytes;

    // Guarded by this.
    private LinkedHashMap<String, Waiting> waiting = new LinkedHashMap<>();
    private long bytes;
    private long ended;

    /// Who is told what has come.
    interface Taker {
        void onOpened(Presence.Present who);

        void onRenamed(Presence.Present who);

        void onEntered(TopicName topic, Presence.Present who);

        void onLeft(TopicName topic, Presence.Present who);

        void onClosed(Presence.Present who);
    }

    /// What waits of one connection.
    private static final class Waiting {
        private Presence.Present who;
        private boolean hasOpened;
        private boolean isRenamed;
        private boolean hasClosed;
        /// Whether it is in each of these now. Made when first needed.
        private @Nullable LinkedHashMap<TopicName, Boolean> topics;
        private int bytes;

        private Waiting(Presence.Present who) {
            this.who = who;
            this.bytes = CONNECTION_BYTES + who.connectionId().length() + length(who.user()) + length(who.name());
        }

        private static int length(@Nullable String text) {
            return text == null ? 0 : text.length();
        }

        private void take(Taker taker) {
            if (hasOpened) {
                taker.onOpened(who);
            }
            if (isRenamed) {
                taker.onRenamed(who);
            }
            if (topics != null) {
                for (Map.Entry<TopicName, Boolean> topic : topics.entrySet()) {
                    if (topic.getValue()) {
                        taker.onEntered(topic.getKey(), who);
                    } else {
                        taker.onLeft(topic.getKey(), who);
                    }
                }
            }
            if (hasClosed) {
                taker.onClosed(who);
            }
        }
    }

    PresenceInbox() {
        this(MOST_BYTES);
    }

    PresenceInbox(long mostBytes) {
        this.mostBytes = mostBytes;
    }

    /// It has begun.
    ///
    /// @return whether nothing waited before: then somebody has to take it
    synchronized boolean opened(Presence.Present who) {
        boolean isFirst = waiting.isEmpty();
        of(who).hasOpened = true;
        return isFirst;
    }

    /// See [#opened].
    synchronized boolean renamed(Presence.Present who) {
        boolean isFirst = waiting.isEmpty();
        of(who).isRenamed = true;
        return isFirst;
    }

    /// See [#opened].
    ///
    /// @param isIn whether it is in the topic from now on, or no longer
    synchronized boolean moved(TopicName topic, Presence.Present who, boolean isIn) {
        boolean isFirst = waiting.isEmpty();
        Waiting connection = of(who);
        if (connection.topics == null) {
            connection.topics = new LinkedHashMap<>(2);
        }
        if (connection.topics.put(topic, isIn) == null) {
            int more = TOPIC_BYTES + topic.value().length();
            connection.bytes += more;
            bytes += more;
        }
        return isFirst;
    }

    /// See [#opened].
    synchronized boolean closed(Presence.Present who) {
        boolean isFirst = waiting.isEmpty();
        Waiting connection = of(who);
        connection.hasClosed = true;
        if (connection.hasOpened && bytes > mostBytes) {
            waiting.remove(who.connectionId());
            bytes -= connection.bytes;
        }
        return isFirst;
    }

    /// What waits of the connection, behind all others from now on.
    private Waiting of(Presence.Present who) {
        Waiting before = waiting.remove(who.connectionId());
        if (before != null && before.hasClosed) {
            // Another one of the same id: ids are not drawn twice, but that is not for this to know.
            waiting.put(who.connectionId() + ' ' + ++ended, before);
            before = null;
        }
        Waiting connection = before == null ? new Waiting(who) : before;
        if (before == null) {
            bytes += connection.bytes;
        }
        connection.who = who;
        waiting.put(who.connectionId(), connection);
        return connection;
    }

    /// About how much waits.
    synchronized long bytes() {
        return bytes;
    }

    /// Hands over all that waits, in the order in which something was last said of each connection.
    void take(Taker taker) {
        List<Waiting> taken;
        synchronized (this) {
            taken = new ArrayList<>(waiting.values());
            waiting = new LinkedHashMap<>();
            bytes = 0;
        }
        for (Waiting connection : taken) {
            try {
                connection.take(taker);
            } catch (RuntimeException e) {
                LOGGER.log(System.Logger.Level.ERROR, "presence goes on after something failed", e);
            }
        }
    }
}
