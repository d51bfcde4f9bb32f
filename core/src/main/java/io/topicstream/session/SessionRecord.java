package io.topicstream.session;

import io.topicstream.access.Identity;
import io.topicstream.access.Speaker;
import io.topicstream.log.TopicName;
import io.topicstream.people.FriendlyNames;
import io.topicstream.people.Presence;
import io.topicstream.people.RoomTopic;
import io.topicstream.protocol.WireFormat;
import java.net.InetAddress;
import org.jspecify.annotations.Nullable;

/// What a session knows of its client: everything a front door without a memory must keep from one
/// frame to the next, as [SessionCodec] writes it. What the client listens to is known to the audience.
///
/// @param connectionId names the connection on the wire
/// @param identity as it is now
/// @param stage the name of the stage under which it was opened
/// @param format of its deliveries, which names its dialect too
/// @param address that it called from
/// @param attributes what else is known of it
public record SessionRecord(
        String connectionId,
        Identity identity,
        String stage,
        WireFormat format,
        InetAddress address,
        Attributes attributes)
        implements Speaker {
    /// Of a connection that has just been opened.
    public SessionRecord(String connectionId, Identity identity, String stage, WireFormat format, InetAddress address) {
        this(connectionId, identity, stage, format, address, Attributes.NONE);
    }

    @Override
    public @Nullable String attribute(String name) {
        return attributes.get(name);
    }

    /// The topic of the room that the client is in; null where its dialect has none.
    public @Nullable TopicName room() {
        String room = attributes.get(ROOM);
        return room == null ? null : RoomTopic.of(room);
    }

    /// The tag of what is withheld from the connection, and of what it has withheld from those who are one with it.
    public String withheldTag() {
        String tag = attributes.get(WITHHELD);
        return tag == null ? connectionId : tag;
    }

    /// What a client gave to be known by on all of its connections, out of their tag; null where it gave nothing.
    public static @Nullable String clientOf(String withheldTag) {
        return withheldTag.startsWith(CLIENT) ? withheldTag.substring(CLIENT.length()) : null;
    }

    /// The connection, as others see it. One of which nothing is known has a name all the same, made of its id.
    public Presence.Present present() {
        String user = identity.user();
        String name = identity.name() == null && user == null ? FriendlyNames.of(connectionId) : identity.name();
        return new Presence.Present(connectionId, user, name, attributes.get(ROOM) != null);
    }

    SessionRecord with(Attributes changed) {
        return new SessionRecord(connectionId, identity, stage, format, address, changed);
    }

    SessionRecord with(Identity renewed) {
        return new SessionRecord(connectionId, renewed, stage, format, address, attributes);
    }

    SessionRecord in(String room) {
        return new SessionRecord(connectionId, identity, stage, format, address, attributes.with(ROOM, room));
    }
}
