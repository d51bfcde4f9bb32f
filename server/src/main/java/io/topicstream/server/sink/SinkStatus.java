package io.topicstream.server.sink;

import static io.topicstream.json.JsonWriter.ascii;

import io.topicstream.events.SinkRecord;
import io.topicstream.json.JsonWriter;
import io.topicstream.log.TopicName;
import io.topicstream.state.StateStore;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What the node that runs a sink says of it: told every two seconds, and gone a few seconds after that
/// node.
final class SinkStatus {
    /// How many topics are told of one by one.
    static final int MOST_TOPICS = 100;

    private static final long KEPT_MS = 3 * Sinks.READ_MS;

    private SinkStatus() {}

    /// Says it to all nodes. This one runs the sink.
    static void tell(SinkNode node, SinkRun run) {
        var _ = node.ephemeral()
                .put(
                        SinkRecord.STATUS,
                        run.definition().name(),
                        of(run),
                        StateStore.ANY_VERSION,
                        node.clock().millis() + KEPT_MS);
    }

    private static byte[] of(SinkRun run) {
        SinkRun.Figures figures = run.figures();
        long missed = 0;
        long resets = 0;
        for (TopicDelivery each : run.topics().values()) {
            missed += each.tail().missed();
            resets += each.tail().resets();
        }
        JsonWriter json = new JsonWriter();
        json.raw(ascii("{\"topics\":")).number(run.topics().size());
        json.raw(ascii(",\"is_full\":")).bool(figures.isFull);
        json.raw(ascii(",\"lag\":")).number(run.lag());
        json.raw(ascii(",\"missed\":")).number(missed);
        json.raw(ascii(",\"resets\":")).number(resets);
        json.raw(ascii(",\"delivered\":")).number(figures.delivered);
        json.raw(ascii(",\"failed_attempts\":")).number(figures.failed);
        json.raw(ascii(",\"dead_letters\":")).number(figures.deadLetters);
        json.raw(ascii(",\"not_compared\":")).number(figures.notCompared);
        error(json, figures.error, figures.errorTopic, figures.errorMs);
        json.raw(ascii(SinkRecord.CURSORS));
        int told = 0;
        for (Map.Entry<TopicName, TopicDelivery> each : run.topics().entrySet()) {
            if (told == MOST_TOPICS) {
                break;
            }
            cursor(json, told, each.getKey(), each.getValue());
            told++;
        }
        return json.raw(']').raw('}').toByteArray();
    }

    private static void error(JsonWriter json, @Nullable String error, @Nullable String topic, long atMs) {
        if (error == null) {
            return;
        }
        json.raw(ascii(",\"last_error\":{\"at\":")).number(atMs);
        if (topic != null) {
            json.raw(ascii(",\"topic\":")).string(topic);
        }
        json.raw(ascii(",\"error\":")).string(error).raw('}');
    }

    private static void cursor(JsonWriter json, int index, TopicName topic, TopicDelivery delivery) {
        if (index > 0) {
            json.raw(',');
        }
        json.raw(ascii("{\"topic\":")).string(topic.value());
        json.raw(ascii(",\"epoch\":")).number(delivery.tail().epoch());
        json.raw(ascii(",\"next_offset\":")).number(delivery.tail().next());
        json.raw(ascii(",\"lag\":")).number(delivery.tail().lag());
        String failure = delivery.failure();
        if (failure != null) {
            json.raw(ascii(",\"attempts\":")).number(delivery.attempts());
            json.raw(ascii(",\"error\":")).string(failure);
        }
        json.raw('}');
    }
}
