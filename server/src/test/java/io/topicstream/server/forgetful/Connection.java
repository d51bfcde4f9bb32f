package io.topicstream.server.forgetful;

import io.topicstream.log.TopicName;
import io.topicstream.session.SessionCodec;
import io.topicstream.session.SessionRecord;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Collection;
import java.util.Collections;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;

/// What is kept of one connection between two frames.
///
/// ```
/// 1 byte   version, 1
/// text     phase, by its name
/// 2 bytes  number of topics; each a text
/// rest     the session's record, see [SessionCodec]
/// ```
///
/// A text is two bytes of length and UTF-8.
///
/// @param topics that it listens to
record Connection(SessionRecord session, Phase phase, Set<TopicName> topics) {
    private static final int VERSION = 1;

    /// How far it has come.
    enum Phase {
        /// Its $connect has run, and it has not been greeted: nothing can be posted to it.
        CONNECTING,
        /// It has been greeted.
        OPEN,
        /// It has ended. Frames that came before still run, and need to know whose they are.
        ENDED
    }

    /// One that connects, and listens to nothing.
    static Connection connecting(SessionRecord session) {
        return new Connection(session, Phase.CONNECTING, Set.of());
    }

    String id() {
        return session.connectionId();
    }

    Connection with(SessionRecord changed) {
        return new Connection(changed, phase, topics);
    }

    Connection in(Phase now) {
        return new Connection(session, now, now == Phase.ENDED ? Set.of() : topics);
    }

    Connection listeningTo(Collection<TopicName> more) {
        Set<TopicName> all = new TreeSet<>(topics);
        all.addAll(more);
        return new Connection(session, phase, Collections.unmodifiableSet(all));
    }

    Connection notListeningTo(TopicName topic) {
        Set<TopicName> rest = new TreeSet<>(topics);
        rest.remove(topic);
        return new Connection(session, phase, Collections.unmodifiableSet(rest));
    }

    /// @param kept what is kept of the session's record
    byte[] encode(Function<SessionRecord, SessionRecord> kept) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (DataOutputStream out = new DataOutputStream(bytes)) {
            out.writeByte(VERSION);
            out.writeUTF(phase.name());
            out.writeShort(topics.size());
            for (TopicName topic : topics) {
                out.writeUTF(topic.value());
            }
            out.write(SessionCodec.encode(kept.apply(session)));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    static Connection decode(byte[] value) {
        try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(value))) {
            if (in.readByte() != VERSION) {
                throw new IllegalStateException("a connection's row has an unknown version");
            }
            Phase phase = Phase.valueOf(in.readUTF());
            Set<TopicName> topics = new TreeSet<>();
            for (int left = in.readUnsignedShort(); left > 0; left--) {
                topics.add(new TopicName(in.readUTF()));
            }
            return new Connection(SessionCodec.decode(in.readAllBytes()), phase, Collections.unmodifiableSet(topics));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
