package io.topicstream.examples.chatworkflow;

import io.topicstream.examples.backend.Records;
import io.topicstream.state.StatePage;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Who is connected, and what was said: records in a folder. Thread-safe.
///
/// | partition | key | value | kept for |
/// | --- | --- | --- | --- |
/// | `connections` | connection id | a [Connected] | two hours, as long as the gateway keeps a connection open |
/// | `messages` | message id | a [Said] | a day |
///
/// All methods throw [RecordsException] where the store does not answer.
final class Members {
    private static final String CONNECTIONS = "connections";
    private static final String MESSAGES = "messages";
    private static final Duration CONNECTION_AGE = Duration.ofHours(2);
    private static final Duration MESSAGE_AGE = Duration.ofHours(24);
    private static final int MICROSECONDS = 1000;
    /// The longest key of the store, in bytes, and so in characters of an id.
    private static final int MAX_ID = 512;

    private final Records records;
    private final InstantSource clock;
    /// Of the last message; guarded by this.
    private long lastMicros;

    Members(Records records, InstantSource clock) {
        this.records = records;
        this.clock = clock;
    }

    /// Whether a text can be the id of a connection.
    static boolean isId(String text) {
        return !text.isEmpty() && text.length() <= MAX_ID && text.chars().allMatch(c -> c > ' ' && c < 127);
    }

    /// Notes a connection.
    void add(Connected connected) {
        records.put(
                CONNECTIONS, connected.id(), connected.toBytes(), connected.createdAtMs() + CONNECTION_AGE.toMillis());
    }

    /// A connection, or null where it is not known.
    @Nullable
    Connected get(String connectionId) {
        byte[] value = records.get(CONNECTIONS, connectionId);
        return value == null ? null : Connected.of(value);
    }

    /// Forgets a connection.
    void remove(String connectionId) {
        records.delete(CONNECTIONS, connectionId);
    }

    /// Connections by their ids.
    ///
    /// @param after the last id of the page before; empty for the first one
    Connected.Page page(String after, int limit) {
        StatePage page = records.page(CONNECTIONS, after, limit);
        List<Connected> connections = page.records().stream()
                .map(record -> Connected.of(record.value()))
                .<Connected>mapMulti((connected, out) -> {
                    if (connected != null) {
                        out.accept(connected);
                    }
                })
                .toList();
        return new Connected.Page(connections, page.isLast() ? null : page.after());
    }

    /// An id for a message: those of later ones come first by key, so that the newest are the first page.
    synchronized String newMessageId() {
        lastMicros = Math.max(lastMicros + 1, clock.millis() * MICROSECONDS);
        return "%016x".formatted(Long.MAX_VALUE - lastMicros);
    }

    /// Keeps what was said.
    void keep(Said said) {
        records.put(MESSAGES, said.id(), said.toBytes(), clock.millis() + MESSAGE_AGE.toMillis());
    }

    /// Takes back what was kept.
    void discard(String messageId) {
        records.delete(MESSAGES, messageId);
    }

    /// What was said last, the newest first: each the JSON of a [Said].
    List<byte[]> lastSaid(int limit) {
        return records.page(MESSAGES, "", limit).records().stream()
                .map(record -> record.value())
                .toList();
    }
}
