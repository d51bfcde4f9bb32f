package io.topicstream.aws.cost;

import java.math.BigDecimal;
import java.math.RoundingMode;

/// What a user has to carry in a month.
///
/// @param messages published, 0 to [#MAX_MESSAGES]
/// @param messageBytes the payload of one, 0 to [#MAX_MESSAGE_BYTES]
/// @param fanOut connections that get each message, 0 to [#MAX_FAN_OUT]
/// @param perFrame messages that travel in one frame, in, out and in a row of the log, 1 to [#MAX_PER_FRAME]
/// @param connections open on average in the busy hours, 0 to [#MAX_CONNECTIONS]
/// @param hoursADay the busy hours of a day, in which all of this happens, 1 to 24
/// @param webSocketPercent of the messages are published over WebSockets, the others over HTTP
/// @param idPercent of the messages have a message id
/// @param historyPages read, 0 to [#MAX_HISTORY_PAGES]
/// @param retentionDays that messages are kept, 1 to [#MAX_RETENTION_DAYS]
public record Workload(
        long messages,
        long messageBytes,
        long fanOut,
        long perFrame,
        long connections,
        long hoursADay,
        long webSocketPercent,
        long idPercent,
        long historyPages,
        long retentionDays) {
    public static final long MAX_MESSAGES = 100_000_000_000L;
    public static final long MAX_MESSAGE_BYTES = 122_880;
    public static final long MAX_FAN_OUT = 1_000_000;
    public static final long MAX_PER_FRAME = 1_000;
    public static final long MAX_CONNECTIONS = 100_000_000;
    public static final long MAX_HISTORY_PAGES = 10_000_000_000L;
    public static final long MAX_RETENTION_DAYS = 3_650;
    /// More deliveries in a month nobody has, and no sum of them is too large to count.
    public static final long MAX_DELIVERIES = 10_000_000_000_000L;

    /// A month is a twelfth of a year.
    static final long HOURS_A_MONTH = 730;

    private static final long HOURS_A_DAY = 24;
    /// Of a month, for each busy hour of its days: 730 * 60 / 24.
    private static final long MINUTES_AN_HOUR_A_DAY = 1_825;

    /// @throws IllegalArgumentException with a sentence for the user
    public Workload {
        requireWithin("messages", messages, 0, MAX_MESSAGES);
        requireWithin("bytes", messageBytes, 0, MAX_MESSAGE_BYTES);
        requireWithin("fan-out", fanOut, 0, MAX_FAN_OUT);
        requireWithin("per frame", perFrame, 1, MAX_PER_FRAME);
        requireWithin("connections", connections, 0, MAX_CONNECTIONS);
        requireWithin("hours a day", hoursADay, 1, HOURS_A_DAY);
        requireWithin("percent by WebSocket", webSocketPercent, 0, 100);
        requireWithin("percent with an id", idPercent, 0, 100);
        requireWithin("pages of history", historyPages, 0, MAX_HISTORY_PAGES);
        requireWithin("days", retentionDays, 1, MAX_RETENTION_DAYS);
        if (messages * fanOut > MAX_DELIVERIES) {
            throw new IllegalArgumentException(messages + " messages for " + fanOut + " connections each are more than "
                    + MAX_DELIVERIES + " deliveries a month, and those are not estimated");
        }
        if (frameBytes(messageBytes, perFrame) > Units.MAX_WEBSOCKET_BYTES) {
            throw new IllegalArgumentException("a frame of " + perFrame + " messages of " + messageBytes
                    + " bytes is larger than the " + Units.MAX_WEBSOCKET_BYTES + " bytes that API Gateway takes");
        }
    }

    /// How many messages a month are so many a second, in the busy hours.
    ///
    /// @throws IllegalArgumentException with a sentence for the user
    public static long messagesOf(BigDecimal aSecond, long hoursADay) {
        BigDecimal messages = aSecond.multiply(BigDecimal.valueOf(busySeconds(hoursADay)));
        if (messages.compareTo(BigDecimal.valueOf(MAX_MESSAGES)) > 0) {
            throw new IllegalArgumentException(aSecond.toPlainString() + " messages a second are more than "
                    + MAX_MESSAGES + " a month, and those are not estimated");
        }
        return messages.setScale(0, RoundingMode.HALF_UP).longValueExact();
    }

    Workload withMessages(long others) {
        return new Workload(
                others,
                messageBytes,
                fanOut,
                perFrame,
                connections,
                hoursADay,
                webSocketPercent,
                idPercent,
                historyPages,
                retentionDays);
    }

    /// What there is to deliver in a month.
    public long deliveries() {
        return messages * fanOut;
    }

    /// So many of something in a month, as a second of the busy hours has them.
    public BigDecimal aBusySecond(long inAMonth) {
        return BigDecimal.valueOf(inAMonth).divide(BigDecimal.valueOf(busySeconds(hoursADay)), 6, RoundingMode.HALF_UP);
    }

    /// All frames are full but that the last may not be: it is counted as one.
    long frames() {
        return Math.ceilDiv(messages, perFrame);
    }

    /// A frame with its messages, in or out.
    long frameBytes() {
        return frameBytes(messageBytes, perFrame);
    }

    /// The replies to the messages of a frame, in one.
    long replyBytes() {
        return perFrame * Assumption.REPLY_BYTES.value();
    }

    /// A row of the log with the messages of a frame.
    long rowBytes() {
        return Assumption.ROW_BYTES.value() + perFrame * (messageBytes + Assumption.ROW_MESSAGE_BYTES.value());
    }

    /// Minutes of all connections.
    long connectionMinutes() {
        return connections * hoursADay * MINUTES_AN_HOUR_A_DAY;
    }

    /// A message where it is kept.
    long storedBytes() {
        return messageBytes + Assumption.ROW_MESSAGE_BYTES.value();
    }

    /// Megabytes times hours of so many things of so many bytes, each kept so long.
    static long mbHours(long things, long bytes, long hours) {
        return BigDecimal.valueOf(bytes)
                .multiply(BigDecimal.valueOf(things))
                .multiply(BigDecimal.valueOf(hours))
                .divide(BigDecimal.valueOf(1L << 20), 0, RoundingMode.UP)
                .longValueExact();
    }

    /// So many of a hundred of them, rounded up.
    static long percent(long percent, long things) {
        return Math.ceilDiv(things * percent, 100);
    }

    long retentionHours() {
        return retentionDays * HOURS_A_DAY;
    }

    private static long frameBytes(long messageBytes, long perFrame) {
        return perFrame * (messageBytes + Assumption.FRAME_BYTES.value());
    }

    private static long busySeconds(long hoursADay) {
        return hoursADay * MINUTES_AN_HOUR_A_DAY * 60;
    }

    private static void requireWithin(String what, long number, long least, long most) {
        if (number < least || number > most) {
            throw new IllegalArgumentException(
                    what + ": " + number + "; allowed is a whole number from " + least + " to " + most);
        }
    }
}
