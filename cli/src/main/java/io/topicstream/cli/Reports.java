package io.topicstream.cli;

import io.topicstream.json.JsonWriter;
import io.topicstream.log.BackupProgress;
import io.topicstream.log.StoreReport;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/// How backups and stores are told of.
final class Reports {
    /// Less is done before anybody would want to know how far it is.
    private static final long WORTH_TELLING_BYTES = 256L << 20;

    private Reports() {}

    /// What is in it, as words: `1 topic, 3 messages, the last of 2026-01-31T12:00:00Z`
    static String contents(StoreReport report) {
        return contents(report.topics(), report.messages())
                + (report.lastMessageMs() == 0 ? "" : ", the last of " + Instant.ofEpochMilli(report.lastMessageMs()));
    }

    static String contents(long topics, long messages) {
        return topics
                + (topics == 1 ? " topic, " : " topics, ")
                + messages
                + (messages == 1 ? " message" : " messages");
    }

    /// One line of JSON.
    static JsonLine json(String directory, StoreReport report) {
        Instant takenAt = report.takenAt();
        JsonLine line = new JsonLine()
                .text("directory", directory)
                .raw("whole", Boolean.toString(report.isWhole()))
                .text("store", report.storeId())
                .number("epoch", report.epoch())
                .text("taken_at", takenAt == null ? null : takenAt.toString())
                .number("topics", report.topics())
                .number("messages", report.messages())
                .number("state_records", report.stateRecords());
        if (report.lastMessageMs() > 0) {
            line.number("last_message_at", report.lastMessageMs());
        }
        if (takenAt != null) {
            line.number("files", report.files()).number("bytes", report.bytes());
        }
        JsonWriter problems = new JsonWriter().raw('[');
        for (int i = 0; i < report.problems().size(); i++) {
            if (i > 0) {
                problems.raw(',');
            }
            problems.string(report.problems().get(i));
        }
        return line.raw("problems", problems.raw(']').toString());
    }

    /// Tells each further tenth of something large, on the standard error.
    static BackupProgress progress(Surroundings surroundings) {
        return new BackupProgress() {
            private long tenths;

            @Override
            public void at(long doneBytes, long totalBytes) {
                if (totalBytes < WORTH_TELLING_BYTES || doneBytes * 10 / totalBytes <= tenths) {
                    return;
                }
                tenths = doneBytes * 10 / totalBytes;
                surroundings.err().println(tenths * 10 + " % of " + (totalBytes >> 20) + " MiB");
            }
        };
    }

    /// The bytes of a text, as a reader of JSON wants them.
    static byte[] bytes(@Nullable String text) {
        return text == null ? new byte[0] : text.getBytes(StandardCharsets.UTF_8);
    }
}
