package io.topicstream.protocol;

/// The forms in which a delivery can stand on the wire: a dialect, and whether several messages may
/// come as one array. A delivery is encoded once per form and framing, however many listen.
public enum WireFormat {
    /// The native dialect, one frame a WebSocket message.
    NATIVE(false),
    /// The native dialect for clients that offered `topicstream.v1`: consecutive messages of one
    /// topic may come as one array.
    NATIVE_ARRAYS(true),
    /// The topics dialect of the stage `/live`.
    TOPICS(false);

    private final boolean hasArrays;

    WireFormat(boolean hasArrays) {
        this.hasArrays = hasArrays;
    }

    /// Whether several messages may come as one array.
    public boolean hasArrays() {
        return hasArrays;
    }
}
