package io.topicstream.cli.planted.rocksdb;

import io.topicstream.cli.planted.server.Composition;

/// Offends: an engine that knows the server.
public final class Store {
    public void keep(Object entry) {
        Composition.note(entry);
    }
}
