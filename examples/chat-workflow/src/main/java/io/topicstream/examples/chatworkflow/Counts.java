package io.topicstream.examples.chatworkflow;

import static io.topicstream.json.JsonWriter.ascii;

import io.topicstream.json.JsonWriter;
import java.util.concurrent.atomic.LongAdder;

/// What the worker has done since it was started. Thread-safe.
final class Counts {
    final LongAdder events = new LongAdder();
    /// Events that had come before.
    final LongAdder repeats = new LongAdder();
    /// Events that are none of the three types.
    final LongAdder ignored = new LongAdder();
    final LongAdder sent = new LongAdder();
    /// Posts that were tried again, each time counted.
    final LongAdder triedAgain = new LongAdder();
    /// Connections that were gone, and removed.
    final LongAdder gone = new LongAdder();
    /// Posts that were given up.
    final LongAdder failed = new LongAdder();

    String toJson() {
        JsonWriter json = new JsonWriter();
        member(json, "{\"events\":", events);
        member(json, ",\"repeats\":", repeats);
        member(json, ",\"ignored\":", ignored);
        member(json, ",\"sent\":", sent);
        member(json, ",\"tried_again\":", triedAgain);
        member(json, ",\"gone\":", gone);
        member(json, ",\"failed\":", failed);
        return json.raw('}').toString();
    }

    private static void member(JsonWriter json, String name, LongAdder count) {
        json.raw(ascii(name)).number(count.sum());
    }
}
