package io.topicstream.examples.backend;

import io.topicstream.json.JsonWriter;
import java.time.Instant;
import java.time.temporal.ChronoUnit;

/// The log of the back end: a line of JSON for each request, on the standard error. It has ids of connections, and
/// never what people wrote. Thread-safe.
public final class Journal {
    private Journal() {}

    /// A request that was answered.
    ///
    /// @param connectionId who asked, or empty where that was not said
    public static void answered(String path, String connectionId, int status, long ms) {
        JsonWriter line = begin("info", "request")
                .raw(JsonWriter.ascii(",\"path\":"))
                .string(path)
                .raw(JsonWriter.ascii(",\"connectionId\":"))
                .string(connectionId)
                .raw(JsonWriter.ascii(",\"status\":"))
                .number(status)
                .raw(JsonWriter.ascii(",\"ms\":"))
                .number(ms);
        end(line);
    }

    /// Something that did not go as it should.
    public static void warn(String text) {
        end(begin("warn", text));
    }

    /// Something that happened.
    public static void info(String text) {
        end(begin("info", text));
    }

    private static JsonWriter begin(String level, String text) {
        return new JsonWriter()
                .raw(JsonWriter.ascii("{\"time\":"))
                .string(Instant.now().truncatedTo(ChronoUnit.MILLIS).toString())
                .raw(JsonWriter.ascii(",\"level\":"))
                .string(level)
                .raw(JsonWriter.ascii(",\"message\":"))
                .string(text);
    }

    private static void end(JsonWriter line) {
        System.err.println(line.raw('}'));
    }
}
