package io.topicstream.cli.planted.transport;

import io.topicstream.cli.planted.log.Entry;

/// Offends: a transport that knows what it carries.
public final class Socket {
    public String write(Entry entry) {
        return "" + entry.hashCode();
    }
}
