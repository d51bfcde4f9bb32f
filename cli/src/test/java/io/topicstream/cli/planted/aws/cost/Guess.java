package io.topicstream.cli.planted.aws.cost;

import io.topicstream.cli.planted.log.Entry;
import picocli.CommandLine;

/// Offends: an estimate that knows a library, and the log.
public final class Guess {
    public CommandLine at(Entry entry) {
        return new CommandLine(entry);
    }
}
