package io.topicstream.cdk;

/// The functions there are.
enum FunctionKind {
    WEB_SOCKET("WebSocket", "topicstream-websocket", "WebSocketHandler", 30),
    HTTP("Http", "topicstream-http", "HttpHandler", 30),
    ARCHIVE("Archive", "topicstream-archive", "ArchiveHandler", 300),
    EVENTS("Events", "topicstream-events", "EventsHandler", 30);

    private final String id;
    private final String archive;
    private final String handler;
    private final int timeoutSeconds;

    FunctionKind(String id, String archive, String handler, int timeoutSeconds) {
        this.id = id;
        this.archive = archive;
        this.handler = handler;
        this.timeoutSeconds = timeoutSeconds;
    }

    /// With which the names of its resources begin.
    String id() {
        return id;
    }

    /// The name of the file with its code.
    String archive() {
        return archive + ".zip";
    }

    String handler() {
        return "io.topicstream.aws.runtime." + handler;
    }

    int timeoutSeconds() {
        return timeoutSeconds;
    }
}
