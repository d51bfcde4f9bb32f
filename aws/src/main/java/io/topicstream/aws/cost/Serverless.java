package io.topicstream.aws.cost;

import io.topicstream.aws.cost.Units.Consistency;
import java.time.Duration;

/// What the serverless edition bills for a [Workload]: API Gateway, functions, DynamoDB and S3.
///
/// A frame is published by one call of a function. It puts one row of the log where none is yet, and one for each
/// message id; it asks who listens, and sends each of them one frame.
final class Serverless {
    private static final long MEMORY_MB = Assumption.FUNCTION_MB.value();

    static final String ARCHIVE = "archive";
    static final String STORAGE = "storage";

    /// How many rows the archiver reads at once.
    private static final long ARCHIVED_AT_ONCE = 100;

    private final Workload load;
    private final Prices prices;

    private Serverless(Workload load, Prices prices) {
        this.load = load;
        this.prices = prices;
    }

    static Bill bill(Workload load, Prices prices) {
        return new Serverless(load, prices).bill();
    }

    private Bill bill() {
        long frames = load.frames();
        long byWebSocket = Workload.percent(load.webSocketPercent(), frames);
        long ids = Workload.percent(load.idPercent(), load.messages());
        long delivered = frames * load.fanOut();
        return new Bill.Writer(prices)
                .line(
                        "frames from publishers",
                        Units.webSocketMessage(load.frameBytes()).times(byWebSocket))
                .line("replies to them", toClient(load.replyBytes()).times(byWebSocket))
                .line("publishes by HTTP", byHttp().times(frames - byWebSocket))
                .line(
                        "functions that publish",
                        call(Assumption.FUNCTION_MS.value()).times(frames))
                .line("rows of the log", row().times(frames))
                .line("lost races for an offset", lostRaces(frames))
                .line(
                        "rows of message ids",
                        Units.write(Assumption.ID_ROW_BYTES.value()).times(ids))
                .line("reads of a frame", frameReads().times(frames))
                .line("turns of delivery", turns().times(frames))
                .line("asking who listens", whoListens().times(frames * runs()))
                .line("functions that deliver", delivering().times(frames * runs()))
                .line("deliveries", delivery().times(delivered))
                .line(
                        "data of deliveries",
                        Units.of(Billable.BYTES_OUT, load.frameBytes()).times(delivered))
                .line("pages of history", page().times(load.historyPages()))
                .line(ARCHIVE, archive(frames))
                .line(STORAGE, stored(ids).plus(Archive.stored(load, Assumption.TAIL_HOURS.value())))
                .line("connection minutes", Units.of(Billable.CONNECTION_MINUTES, load.connectionMinutes()))
                .line("keepalives", keepalives())
                .line("connections that begin anew", connection().times(begun()))
                .bill();
    }

    private static Units call(long ms) {
        return Units.functionCall(MEMORY_MB, Duration.ofMillis(ms));
    }

    private static Units toClient(long bytes) {
        return Units.webSocketMessage(bytes).plus(Units.of(Billable.BYTES_OUT, bytes));
    }

    private Units byHttp() {
        return Units.httpRequest(load.frameBytes(), load.replyBytes())
                .plus(Units.of(Billable.BYTES_OUT, load.replyBytes()));
    }

    private boolean hasObject() {
        return load.rowBytes() > Assumption.ROW_OBJECT_BYTES.value();
    }

    private Units row() {
        return hasObject()
                ? Units.of(Billable.OBJECT_PUTS, 1).plus(Units.write(Assumption.ROW_POINTER_BYTES.value()))
                : Units.write(load.rowBytes());
    }

    /// The row as it is in the table.
    private long tableRowBytes() {
        return hasObject() ? Assumption.ROW_POINTER_BYTES.value() : load.rowBytes();
    }

    private Units lostRaces(long frames) {
        return Units.refusedWrite(tableRowBytes()).times(Workload.percent(Assumption.LOST_RACES.value(), frames));
    }

    /// Of small rows, each by itself.
    private static Units reads(long count) {
        return Units.read(0, Consistency.STRONG).times(count);
    }

    /// How often a frame is delivered, in parts.
    private long runs() {
        return load.perFrame() > 1 ? Assumption.FRAME_RUNS.value() : 1;
    }

    private Units delivery() {
        return Units.webSocketMessage(load.frameBytes())
                .plus(Units.webSocketMessage(0).times(runs() - 1));
    }

    private Units frameReads() {
        return reads(Assumption.FRAME_READS.value() + Assumption.PART_READS.value() * parts() * runs());
    }

    private Units turns() {
        return Units.write(0).times(Assumption.TURN_WRITES.value() * parts() * runs());
    }

    private long parts() {
        return Math.max(1, Math.ceilDiv(load.fanOut(), Assumption.SHARD_SUBSCRIBERS.value()));
    }

    private Units whoListens() {
        long partSize = Assumption.SHARD_SUBSCRIBERS.value();
        long rest = load.fanOut() % partSize;
        Units full = subscribers(partSize).times(load.fanOut() / partSize);
        return rest > 0 || load.fanOut() == 0 ? full.plus(subscribers(rest)) : full;
    }

    private static Units subscribers(long count) {
        return Units.read(count * Assumption.SUBSCRIBER_BYTES.value(), Consistency.STRONG);
    }

    /// Beside the function that publishes, which delivers to a few by itself.
    private Units delivering() {
        Units sending = Units.of(Billable.FUNCTION_TIME, MEMORY_MB * Assumption.DELIVERY_MS.value())
                .times(load.fanOut());
        long calls = load.fanOut() <= Assumption.INLINE_DELIVERIES.value()
                ? 0
                : Math.ceilDiv(load.fanOut(), Assumption.SHARD_SUBSCRIBERS.value());
        return call(Assumption.FUNCTION_MS.value()).times(calls).plus(sending);
    }

    private Units page() {
        long messages = Assumption.HISTORY_MESSAGES.value();
        long rows = Math.ceilDiv(messages, load.perFrame());
        Units read = Units.read(rows * tableRowBytes(), Consistency.STRONG)
                .plus(Units.of(Billable.OBJECT_GETS, hasObject() ? rows : 0));
        return Archive.asked(load).plus(call(Assumption.FUNCTION_MS.value())).plus(read);
    }

    /// The objects; and the rows, which are read, written without their messages, and end by themselves.
    private Units archive(long rows) {
        Units objects = Archive.writing(load, Assumption.TAIL_HOURS.value());
        if (objects.equals(Units.NONE)) {
            return objects;
        }
        long reads = Assumption.ARCHIVED_READS.value();
        Units row = Units.write(tableRowBytes())
                .plus(Units.of(Billable.FUNCTION_TIME, MEMORY_MB * Assumption.ARCHIVED_ROW_MS.value()))
                .plus(Units.of(Billable.OBJECT_GETS, hasObject() ? reads : 0));
        return objects.plus(row.times(rows))
                .plus(Units.read(ARCHIVED_AT_ONCE * tableRowBytes(), Consistency.STRONG)
                        .times(reads * Math.ceilDiv(rows, ARCHIVED_AT_ONCE)));
    }

    private Units stored(long ids) {
        long hours = Math.min(Assumption.TAIL_HOURS.value(), load.retentionHours());
        Billable where = hasObject() ? Billable.OBJECT_STORAGE : Billable.TABLE_STORAGE;
        return Units.of(where, Workload.mbHours(load.messages(), load.storedBytes(), hours))
                .plus(Units.of(
                        Billable.TABLE_STORAGE,
                        Workload.mbHours(ids, Assumption.ID_ROW_BYTES.value(), Assumption.ID_HOURS.value())));
    }

    private Units keepalives() {
        return Units.webSocketMessage(0)
                .times(2)
                .plus(call(Assumption.FUNCTION_MS.value()))
                .plus(reads(Assumption.KEEPALIVE_READS.value()))
                .times(Math.ceilDiv(load.connectionMinutes(), Assumption.KEEPALIVE_MINUTES.value()));
    }

    /// How many connections begin in a month.
    private long begun() {
        return Math.ceilDiv(load.connectionMinutes(), Assumption.CONNECTION_MINUTES.value());
    }

    private static Units connection() {
        long bytes = Assumption.SUBSCRIBER_BYTES.value();
        return call(Assumption.FUNCTION_MS.value())
                .times(Assumption.CONNECTION_CALLS.value())
                .plus(Units.write(bytes).times(Assumption.CONNECTION_WRITES.value()))
                .plus(Units.read(bytes, Consistency.STRONG).times(Assumption.CONNECTION_READS.value()))
                .plus(Units.webSocketMessage(bytes).times(Assumption.CONNECTION_MESSAGES.value()))
                .plus(Units.event(bytes).times(Assumption.CONNECTION_EVENTS.value()));
    }
}
