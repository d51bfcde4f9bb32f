package io.topicstream.aws.audience;

import io.topicstream.log.TopicName;
import io.topicstream.session.SessionCodec;
import io.topicstream.session.SessionRecord;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Collections;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;

/// What is kept of one connection between two frames.
///
/// ```
/// 1 byte   version, 1
/// text     phase, by its name
/// 2 bytes  number of topics; each a text and 2 bytes of its shard
/// rest     the session's record, see [SessionCodec]
/// ```
///
/// A text is two bytes of length and UTF-8.
///
/// @param topics that it listens to, each with the shard of its audience
record Connection(SessionRecord session, Phase phase, NavigableMap<TopicName, Integer> topics) {
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
        return new Connection(session, Phase.CONNECTING, Collections.emptyNavigableMap());
    }

    String id() {
        return session.connectionId();
    }

    Connection with(SessionRecord changed) {
        return new Connection(changed, phase, topics);
    }

    Connection in(Phase now) {
        return new Connection(session, now, now == Phase.ENDED ? Collections.emptyNavigableMap() : topics);
    }

    Connection listeningTo(Map<TopicName, Integer> more) {
        NavigableMap<TopicName, Integer> all = new TreeMap<>(topics);
        // Where it is in already it stays in its shard.
        more.forEach(all::putIfAbsent);
        return new Connection(session, phase, Collections.unmodifiableNavigableMap(all));
    }

    Connection notListeningTo(TopicName topic) {
        NavigableMap<TopicName, Integer> rest = new TreeMap<>(topics);
        rest.remove(topic);
        return new Connection(session, phase, Collections.unmodifiableNavigableMap(rest));
    }

    byte[] encode() {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (DataOutputStream out = new DataOutputStream(bytes)) {
            out.writeByte(VERSION);
            out.writeUTF(phase.name());
            out.writeShort(topics.size());
            for (Map.Entry<TopicName, Integer> topic : topics.entrySet()) {
                out.writeUTF(topic.getKey().value());
                out.writeShort(topic.getValue());
            }
            out.write(SessionCodec.encode(session));
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
            NavigableMap<TopicName, Integer> topics = new TreeMap<>();
            for (int left = in.readUnsignedShort(); left > 0; left--) {
                topics.put(new TopicName(in.readUTF()), in.readUnsignedShort());
            }
            return new Connection(
                    SessionCodec.decode(in.readAllBytes()), phase, Collections.unmodifiableNavigableMap(topics));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
