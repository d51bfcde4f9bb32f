package io.topicstream.cli.planted.log;

import io.topicstream.cli.planted.rocksdb.Store;
import io.topicstream.cli.planted.topic.Listener;

/// Offends: a log that knows its listeners, names an engine, and closes a cycle of packages.
public final class Entry {
    public void tell(Listener listener, Store store) {
        listener.hear(this);
        store.keep(this);
    }
}
