package io.topicstream.cli.planted.gateway.mapping;

/// Offends in nothing itself; what functions have must not know it.
public final class Template {
    private Template() {}

    public static String fill(Object with) {
        return with.toString();
    }
}
