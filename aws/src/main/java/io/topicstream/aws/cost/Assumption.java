package io.topicstream.aws.cost;

/// What an estimate takes for granted, each a number with its reason. None was measured on AWS.
public enum Assumption {
    FRAME_BYTES("bytes", 130, "what a frame has around each message: type, topic, offset, time and sender"),
    REPLY_BYTES("bytes", 120, "the reply to a publish, which is a message too; a publish without an id has none"),
    ROW_BYTES(
            "bytes",
            113,
            "what a row of the log has beside its messages: keys, epoch, times and the mark of its writer"),
    ROW_MESSAGE_BYTES("bytes", 60, "what each message has in a row: time, sender and id"),
    ROW_OBJECT_BYTES("bytes", 9_216, "a larger row goes to S3 as one object: a put costs as much as eight write units"),
    ROW_POINTER_BYTES("bytes", 200, "the row that stays behind for such an object"),
    ID_ROW_BYTES("bytes", 200, "the row of a message id: it is put beside the row of the log, without a transaction"),
    ID_HOURS("hours", 24, "how long the row of a message id is kept"),
    LOST_RACES(
            "in 100 rows", 0, "puts that find their offset taken; where several write to a topic at once, count more"),
    FRAME_READS("reads", 1, "of rows for a frame, strongly consistent as all: the session"),
    PART_READS(
            "reads", 6, "of rows for a part that is delivered to: whose turn it is, where the topic stands, the page"),
    FRAME_RUNS(
            "deliveries",
            2,
            "of a frame with several messages: the first is delivered when it is stored, then the others together"),
    TURN_WRITES("writes", 2, "rows that say who delivers to a part: taken, and given back"),
    SUBSCRIBER_BYTES("bytes", 135, "the row of a subscription; all of a topic are asked for at each frame"),
    SHARD_SUBSCRIBERS("connections", 200, "subscriptions in one part; each part is asked for by itself"),
    INLINE_DELIVERIES(
            "connections", 200, "up to so many the function that publishes delivers itself; above, one call a part"),
    FUNCTION_MB("MB", 1_024, "memory of each function: with less, Java starts too slowly"),
    FUNCTION_MS("ms", 20, "a call without what it delivers"),
    DELIVERY_MS("ms", 1, "of a function of 1,024 MB for each frame that it sends: a thousand a second"),
    TAIL_HOURS("hours", 48, "how long the log keeps messages in DynamoDB before they are only in S3"),
    SEGMENT_MESSAGES("messages", 1_000, "messages in one object of the archive, all objects full"),
    SEGMENT_MS("ms", 200, "the call that writes one"),
    ARCHIVED_READS("reads", 2, "of each row that is archived: for its segment, and to take its messages out of it"),
    ARCHIVED_ROW_MS("ms", 4, "of a function for each row from which it takes the messages, one after the other"),
    HISTORY_MESSAGES("messages", 100, "messages on a page of history, all from the tail, read strongly consistent"),
    KEEPALIVE_MINUTES(
            "minutes",
            5,
            "clients ping so often, and are answered by a function; API Gateway cuts who is silent for 10"),
    KEEPALIVE_READS("reads", 1, "of rows for a keepalive: the session"),
    CONNECTION_MINUTES("minutes", 120, "the longest that API Gateway keeps a connection"),
    CONNECTION_CALLS(
            "calls", 5, "functions called for a connection: it begins, is greeted, subscribes to one topic, and ends"),
    CONNECTION_WRITES("writes", 13, "rows of a connection, of its subscription and of presence, made and taken away"),
    CONNECTION_READS("reads", 20, "of a connection that begins and ends: its session, its topic, who is there"),
    CONNECTION_MESSAGES("messages", 4, "of a connection that begins: its greeting, its subscription, what it is told"),
    CONNECTION_EVENTS("events", 0, "on EventBridge: nothing is put there"),
    EVENT_MS("ms", 10, "of a function for each event that it puts on a bus; metered, and in no estimate"),
    POST_MS("ms", 50, "of a function for each post to a sink, for the receiver takes its time; metered, as above"),
    POST_BYTES("bytes", 500, "the head of a post to a sink, which goes out to the internet; metered, as above"),
    TASKS("tasks", 2, "the fewest of a cluster, so that one may fail"),
    TASK_CPUS("vCPU", 2, "of a task on Fargate, ARM"),
    TASK_GB("GB", 4, "of a task"),
    TASK_DELIVERIES(
            "a second",
            20_000,
            "messages that a task of 2 vCPU takes and delivers, 10,000 a vCPU: not measured on Fargate"),
    TASK_CONNECTIONS("connections", 50_000, "connections that a task holds; a server's default limit is twice that"),
    CLUSTER_TAIL_HOURS("hours", 1, "how long a cluster keeps messages in Valkey before they are only in S3"),
    CACHE_GB("GB", 1, "the least that Valkey is counted with"),
    CACHE_UNITS_PER_KB("ECPU", 6, "an append and what tells the other nodes of it, for each KB");

    private final String unit;
    private final long value;
    private final String reason;

    Assumption(String unit, long value, String reason) {
        this.unit = unit;
        this.value = value;
        this.reason = reason;
    }

    public long value() {
        return value;
    }

    public String unit() {
        return unit;
    }

    public String reason() {
        return reason;
    }
}
