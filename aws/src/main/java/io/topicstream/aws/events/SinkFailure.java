package io.topicstream.aws.events;

import static io.topicstream.json.JsonWriter.ascii;

import io.topicstream.events.SinkRecord;
import io.topicstream.events.Webhook;
import io.topicstream.json.JsonObjectReader;
import io.topicstream.json.JsonWriter;
import io.topicstream.state.StateRecord;
import org.jspecify.annotations.Nullable;

/// What a sink's receiver did not take, as it is kept from call to call: an event of a topic, or, below [#OF_SINK],
/// that posts to it hung.
///
/// @param version of the sink's record: one that was changed since is tried at once
/// @param offset of the message; 0 for the sink
/// @param id of the event
/// @param attempts how often it was posted
/// @param failingMs for how long it has failed
/// @param failedAtMs when it failed last
/// @param nextMs when it is posted again
/// @param error why it failed last
record SinkFailure(
        long version,
        long offset,
        String id,
        int attempts,
        long failingMs,
        long failedAtMs,
        long nextMs,
        String error) {
    /// The key of what holds for all topics of a sink; no topic has that name.
    static final String OF_SINK = "*";

    /// More than lies between two attempts.
    private static final long MOST_BETWEEN_MS = 2 * Webhook.LONGEST_WAIT.toMillis();

    private static final JsonObjectReader.Builder MEMBERS = new JsonObjectReader.Builder();
    private static final JsonObjectReader.Member VERSION = MEMBERS.add("version");
    private static final JsonObjectReader.Member OFFSET = MEMBERS.add("offset");
    private static final JsonObjectReader.Member ID = MEMBERS.add("id");
    private static final JsonObjectReader.Member ATTEMPTS = MEMBERS.add("attempts");
    private static final JsonObjectReader.Member FAILING = MEMBERS.add("failing_ms");
    private static final JsonObjectReader.Member FAILED_AT = MEMBERS.add("failed_at");
    private static final JsonObjectReader.Member NEXT_AT = MEMBERS.add("next_at");
    private static final JsonObjectReader.Member ERROR = MEMBERS.add("error");

    /// One more failure of the same.
    ///
    /// @param before what is known of it; null for the first failure
    static SinkFailure after(
            @Nullable SinkFailure before, SinkRecord sink, long offset, String id, String error, long nowMs) {
        boolean isFirst = before == null || before.version != sink.version() || !before.id.equals(id);
        if (isFirst || before == null) {
            return new SinkFailure(sink.version(), offset, id, 1, 0, nowMs, nowMs, error);
        }
        // A clock that is set ahead adds little.
        long failingMs = before.failingMs + Math.clamp(nowMs - before.failedAtMs, 0, MOST_BETWEEN_MS);
        return new SinkFailure(sink.version(), offset, id, before.attempts + 1, failingMs, nowMs, nowMs, error);
    }

    SinkFailure waiting(long waitMs) {
        return new SinkFailure(version, offset, id, attempts, failingMs, failedAtMs, failedAtMs + waitMs, error);
    }

    /// Whether it holds a sink back that is at that offset. A clock that was wrong holds nobody for longer than a wait.
    boolean holds(SinkRecord sink, long at, long nowMs) {
        return version == sink.version()
                && offset == at
                && nowMs < nextMs
                && nextMs - nowMs <= Webhook.LONGEST_WAIT.toMillis();
    }

    /// How often the event was posted.
    int attemptsOf(SinkRecord sink, String event) {
        return version == sink.version() && id.equals(event) ? attempts : 0;
    }

    byte[] encode() {
        JsonWriter json = new JsonWriter();
        json.raw(ascii("{\"version\":")).number(version);
        json.raw(ascii(",\"offset\":")).number(offset);
        json.raw(ascii(",\"id\":")).string(id);
        json.raw(ascii(",\"attempts\":")).number(attempts);
        json.raw(ascii(",\"failing_ms\":")).number(failingMs);
        json.raw(ascii(",\"failed_at\":")).number(failedAtMs);
        json.raw(ascii(",\"next_at\":")).number(nextMs);
        json.raw(ascii(",\"error\":")).string(error);
        return json.raw('}').toByteArray();
    }

    /// As it was stored; null for what this version does not know: then it is tried at once.
    static @Nullable SinkFailure of(StateRecord stored) {
        JsonObjectReader reader = MEMBERS.build();
        byte[] value = stored.value();
        String id = reader.read(value, 0, value.length) ? reader.string(ID) : null;
        long attempts = id == null ? 0 : reader.integer(ATTEMPTS);
        if (id == null || attempts < 1) {
            return null;
        }
        String error = reader.string(ERROR);
        return new SinkFailure(
                reader.integer(VERSION),
                reader.integer(OFFSET),
                id,
                Math.clamp(attempts, 1, Integer.MAX_VALUE),
                reader.integer(FAILING),
                reader.integer(FAILED_AT),
                reader.integer(NEXT_AT),
                error == null ? "" : error);
    }
}
