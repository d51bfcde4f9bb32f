package io.topicstream.cli.planted.topic;

import io.topicstream.cli.planted.log.Entry;
import picocli.CommandLine;

/// Offends: a library in the core.
public final class Listener {
    public CommandLine hear(Entry entry) {
        return new CommandLine(entry);
    }
}
