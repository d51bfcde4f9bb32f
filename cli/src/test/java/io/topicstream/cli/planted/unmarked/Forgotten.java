package io.topicstream.cli.planted.unmarked;

/// Offends: its package is not null-marked.
public final class Forgotten {
    @Override
    public String toString() {
        return "forgotten";
    }
}
