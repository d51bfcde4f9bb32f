package io.topicstream.aws.cost;

import java.math.BigDecimal;
import java.math.MathContext;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import java.util.stream.Collectors;

/// How much there is to bill of each [Billable], rounded as AWS rounds it: each call by itself, up to its step.
///
/// Immutable. What is more than a `long` can count is refused with an [ArithmeticException], never wrapped.
/// A KB is 1,024 bytes.
public final class Units {
    /// Nothing.
    public static final Units NONE = new Units(new EnumMap<>(Billable.class));

    /// The largest message of a WebSocket API, in bytes.
    public static final long MAX_WEBSOCKET_BYTES = 128 << 10;
    /// The largest item of DynamoDB, in bytes.
    public static final long MAX_ITEM_BYTES = 400 << 10;

    private static final long WEBSOCKET_STEP_BYTES = 32 << 10;
    private static final long NANOS_A_MINUTE = 60_000_000_000L;
    private static final long HTTP_STEP_BYTES = 512 << 10;
    private static final long WRITE_STEP_BYTES = 1 << 10;
    private static final long READ_STEP_BYTES = 4 << 10;
    private static final long EVENT_STEP_BYTES = 64 << 10;
    private static final long WORKFLOW_STEP_MB = 64;
    private static final long WORKFLOW_STEP_MS = 100;

    /// How sure a read of DynamoDB is. What it costs is in halves of a read unit, for each step of 4 KB.
    public enum Consistency {
        EVENTUAL(1),
        STRONG(2),
        TRANSACTION(4);

        private final long halves;

        Consistency(long halves) {
            this.halves = halves;
        }
    }

    /// Of what there is something; never changed.
    private final Map<Billable, Long> counts;

    private Units(Map<Billable, Long> counts) {
        this.counts = counts;
    }

    /// So many of one.
    public static Units of(Billable what, long count) {
        requireNotNegative(count);
        Map<Billable, Long> counts = new EnumMap<>(Billable.class);
        if (count > 0) {
            counts.put(what, count);
        }
        return new Units(counts);
    }

    /// One message to or from a client of a WebSocket API.
    ///
    /// @param bytes 0 to [#MAX_WEBSOCKET_BYTES]
    public static Units webSocketMessage(long bytes) {
        return of(Billable.WEBSOCKET_MESSAGES, steps(atMost(MAX_WEBSOCKET_BYTES, bytes), WEBSOCKET_STEP_BYTES));
    }

    /// One connection of a WebSocket API: its minutes, begun ones too.
    public static Units connection(Duration open) {
        return of(Billable.CONNECTION_MINUTES, steps(open.toNanos(), NANOS_A_MINUTE));
    }

    /// One request of an HTTP API. Its pricing does not say whether the answer counts with the request: here it does,
    /// the dearer reading.
    public static Units httpRequest(long requestBytes, long answerBytes) {
        requireNotNegative(requestBytes);
        requireNotNegative(answerBytes);
        return of(Billable.HTTP_REQUESTS, steps(Math.addExact(requestBytes, answerBytes), HTTP_STEP_BYTES));
    }

    /// One call of a function, billed by the millisecond.
    public static Units functionCall(long memoryMb, Duration took) {
        long ms = steps(took.toNanos(), 1_000_000);
        return of(Billable.FUNCTION_CALLS, 1)
                .plus(of(Billable.FUNCTION_TIME, Math.multiplyExact(requireNotNegative(memoryMb), ms)));
    }

    /// One write of an item: a put, an update (the larger of before and after), or a delete of what was there.
    ///
    /// @param itemBytes 0 to [#MAX_ITEM_BYTES]
    public static Units write(long itemBytes) {
        return of(Billable.WRITE_UNITS, steps(atMost(MAX_ITEM_BYTES, itemBytes), WRITE_STEP_BYTES));
    }

    /// One write whose condition did not hold: it costs what writing the item that is there would have.
    ///
    /// @param bytesThere 0 where there is no item
    public static Units refusedWrite(long bytesThere) {
        return write(bytesThere);
    }

    /// One write in a transaction, which costs twice.
    public static Units transactionWrite(long itemBytes) {
        return write(itemBytes).times(2);
    }

    /// One read of an item, or one query: what it looks at is summed, then rounded. What finds nothing costs a step.
    public static Units read(long bytes, Consistency consistency) {
        return of(Billable.READ_HALVES, Math.multiplyExact(steps(bytes, READ_STEP_BYTES), consistency.halves));
    }

    /// One event put on a bus.
    public static Units event(long bytes) {
        return of(Billable.EVENTS, steps(bytes, EVENT_STEP_BYTES));
    }

    /// One run of an Express workflow, in steps of 64 MB and 100 milliseconds.
    public static Units workflow(long memoryMb, Duration took) {
        long mb = Math.multiplyExact(steps(memoryMb, WORKFLOW_STEP_MB), WORKFLOW_STEP_MB);
        long ms = Math.multiplyExact(steps(took.toNanos(), WORKFLOW_STEP_MS * 1_000_000), WORKFLOW_STEP_MS);
        return of(Billable.WORKFLOWS, 1).plus(of(Billable.WORKFLOW_TIME, Math.multiplyExact(mb, ms)));
    }

    /// Both together.
    public Units plus(Units other) {
        Map<Billable, Long> sum = new EnumMap<>(Billable.class);
        sum.putAll(counts);
        other.counts.forEach((what, count) -> sum.merge(what, count, Math::addExact));
        return new Units(sum);
    }

    /// The same so many times.
    public Units times(long factor) {
        requireNotNegative(factor);
        Map<Billable, Long> product = new EnumMap<>(Billable.class);
        if (factor > 0) {
            counts.forEach((what, count) -> product.put(what, Math.multiplyExact(count, factor)));
        }
        return new Units(product);
    }

    /// How many of one there are.
    public long count(Billable what) {
        return counts.getOrDefault(what, 0L);
    }

    /// How often the price of one is billed: the count over what [Billable#priced] says.
    public BigDecimal priced(Billable what) {
        return BigDecimal.valueOf(count(what)).divide(BigDecimal.valueOf(what.perPrice()), MathContext.DECIMAL128);
    }

    /// How often the step goes into the amount, begun ones too. Nothing is billed as one.
    private static long steps(long amount, long step) {
        return Math.max(1, Math.ceilDiv(requireNotNegative(amount), step));
    }

    private static long atMost(long most, long bytes) {
        if (bytes > most) {
            throw new IllegalArgumentException(bytes + " bytes are more than the " + most + " that AWS takes");
        }
        return bytes;
    }

    private static long requireNotNegative(long amount) {
        if (amount < 0) {
            throw new IllegalArgumentException(amount + " is below nothing");
        }
        return amount;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Units units && counts.equals(units.counts);
    }

    @Override
    public int hashCode() {
        return counts.hashCode();
    }

    /// What there is of it: `[write-units 2, read-units 1]`, reads in halves.
    @Override
    public String toString() {
        return counts.entrySet().stream()
                .map(each -> each.getKey().key() + " " + each.getValue())
                .collect(Collectors.joining(", ", "[", "]"));
    }
}
