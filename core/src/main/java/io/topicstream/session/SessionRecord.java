package io.topicstream.session;

import io.topicstream.access.Identity;
import io.topicstream.protocol.WireFormat;
import java.net.InetAddress;

/// What a session knows of its client: everything a front door without a memory must keep from one
/// frame to the next. What the client listens to is known to the audience.
///
/// @param connectionId names the connection on the wire
/// @param identity as it is now
/// @param format of its deliveries, which names its dialect too
/// @param address that it called from
public record SessionRecord(String connectionId, Identity identity, WireFormat format, InetAddress address) {
    SessionRecord with(Identity renewed) {
        return new SessionRecord(connectionId, renewed, format, address);
    }
}
