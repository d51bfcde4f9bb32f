package io.topicstream.cli.planted.server.http;

/// Offends in nothing itself; the other door must not know it.
public final class Answer {
    private Answer() {}

    public static String text(int status) {
        return "status " + status;
    }
}
