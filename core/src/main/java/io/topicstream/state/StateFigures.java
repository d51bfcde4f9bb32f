package io.topicstream.state;

/// What an operator wants to know of a state store that is bounded. Counters begin at 0 when it is opened.
///
/// @param records that it holds, those included that have expired and are not freed yet
/// @param bytes about what these take
/// @param maxBytes what they may take
/// @param refused changes that were refused because there was no room
public record StateFigures(long records, long bytes, long maxBytes, long refused) {
    /// Of a store that counts nothing.
    public static final StateFigures NONE = new StateFigures(0, 0, 0, 0);
}
