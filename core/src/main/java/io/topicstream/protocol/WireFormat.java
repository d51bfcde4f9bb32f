package io.topicstream.protocol;

/// The forms in which a delivery can stand on the wire: a dialect, and whether several messages may
/// come as one array. A delivery is encoded once per form, whoever many listen.
public enum WireFormat {
    /// The native dialect, one frame a WebSocket message.
    NATIVE,
    /// The native dialect for clients that offered `topicstream.v1`: consecutive messages of one
    /// topic may come as one array.
    NATIVE_ARRAYS,
    /// The S1 dialect of the stage `/live`.
    TOPICS
}
