package io.topicstream.cli.planted.server;

/// Offends in nothing itself; others must not know it.
public final class Composition {
    private Composition() {}

    public static String note(Object entry) {
        return entry.toString();
    }
}
