package io.topicstream.cli.aws;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// The functions that there are, by the handlers that a template names.
enum Handler {
    WEB_SOCKET("WebSocketHandler"),
    HTTP("HttpHandler"),
    ARCHIVE("ArchiveHandler"),
    EVENTS("EventsHandler");

    private static final String PACKAGE = "io.topicstream.aws.runtime.";

    private final String className;

    Handler(String className) {
        this.className = PACKAGE + className;
    }

    /// The one of this name, which may have its method behind it; null if it does not exist.
    static @Nullable Handler orNull(String name) {
        return Arrays.stream(values())
                .filter(one -> name.equals(one.className) || name.equals(one.className + "::handleRequest"))
                .findFirst()
                .orElse(null);
    }

    String className() {
        return className;
    }

    /// Whether clients come in by it.
    boolean isDoor() {
        return this == WEB_SOCKET || this == HTTP;
    }
}
