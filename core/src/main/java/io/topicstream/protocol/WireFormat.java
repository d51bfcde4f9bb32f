package io.topicstream.protocol;

/// The forms in which a delivery can stand on the wire: a dialect, and whether several messages may
/// come as one array. A delivery is encoded once per form, however many listen.
public enum WireFormat {
    /// The native dialect, one frame a WebSocket message.
    NATIVE(0, false),
    /// The native dialect for clients that offered `topicstream.v1`: consecutive messages of one
    /// topic may come as one array.
    NATIVE_ARRAYS(1, true),
    /// The topics dialect of the stage `/live`.
    TOPICS(2, false);

    /// How many there are.
    public static final int COUNT = values().length;

    private final int index;
    private final boolean hasArrays;

    WireFormat(int index, boolean hasArrays) {
        this.index = index;
        this.hasArrays = hasArrays;
    }

    /// Its place in tables that have one entry per form, from 0.
    public int index() {
        return index;
    }

    /// Whether several messages may come as one array.
    public boolean hasArrays() {
        return hasArrays;
    }
}
