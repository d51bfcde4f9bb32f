package io.topicstream.aws.lambda;

import io.topicstream.aws.audience.Distribution;
import io.topicstream.aws.audience.Distribution.Listener;
import io.topicstream.aws.audience.Distribution.Listeners;
import io.topicstream.aws.audience.Distribution.Outcome;
import io.topicstream.json.JsonObjectReader;
import io.topicstream.json.JsonObjectReader.Member;
import io.topicstream.json.JsonWriter;
import io.topicstream.json.Utf8;
import io.topicstream.log.TopicName;
import io.topicstream.protocol.ServerFrame;
import java.time.DateTimeException;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/// A question of a workflow, in JSON: its member `workflow` says which one. The members may stand in any order, since
/// it is not we who write them. Not thread-safe.
final class WorkflowCall {
    /// What is larger is an event of a gateway, and is not read twice.
    private static final int MOST_BYTES = 8 * 1024;

    private static final String CAME = "CONNECTION_ESTABLISHED";
    private static final String LEFT = "CONNECTION_CLOSED";

    private static final JsonObjectReader.Builder MEMBERS = new JsonObjectReader.Builder();
    private static final Member WORKFLOW = MEMBERS.add("workflow");
    private static final Member TOPIC = MEMBERS.add("topic");
    private static final Member AFTER = MEMBERS.add("after");
    private static final Member CONNECTION = MEMBERS.add("connectionId");
    private static final Member EPOCH = MEMBERS.add("epoch");
    private static final Member UNTIL = MEMBERS.add("until");
    private static final Member TYPE = MEMBERS.add("type");
    private static final Member SENDER = MEMBERS.add("sender");
    private static final Member TIMESTAMP = MEMBERS.add("timestamp");

    private final JsonObjectReader call;

    private WorkflowCall(JsonObjectReader call) {
        this.call = call;
    }

    /// The question, or null where the payload is something else, such as an event.
    static @Nullable WorkflowCall orNull(byte[] payload) {
        if (payload.length > MOST_BYTES || !Utf8.isValid(payload)) {
            return null;
        }
        JsonObjectReader call = MEMBERS.build();
        return call.read(payload, 0, payload.length) && call.has(WORKFLOW) ? new WorkflowCall(call) : null;
    }

    /// Asks it.
    ///
    /// @return the answer, in JSON
    /// @throws IllegalArgumentException if the question is not one that can be asked
    byte[] ask(Distribution distribution) {
        if (!call.otherNames().isEmpty()) {
            // Such as the context of an event.
            throw new IllegalArgumentException(
                    "a workflow's call has no \"" + call.otherNames().getFirst() + "\"");
        }
        String kind = string(WORKFLOW);
        return switch (kind) {
            case "listeners" -> answer(distribution.listeners(topic(), call.has(AFTER) ? string(AFTER) : ""));
            case "serve" -> answer(distribution.serve(topic(), string(CONNECTION), number(EPOCH), number(UNTIL)));
            case "tell" -> answer(distribution.tell(notice(), string(CONNECTION)));
            default -> throw new IllegalArgumentException("there is no workflow's call \"" + kind + "\"");
        };
    }

    private ServerFrame.Notice notice() {
        String type = string(TYPE);
        if (!type.equals(CAME) && !type.equals(LEFT)) {
            throw new IllegalArgumentException("nobody is told of \"" + type + "\"");
        }
        return new ServerFrame.Notice(topic(), type.equals(CAME), false, null, null, string(SENDER), timestamp());
    }

    private long timestamp() {
        String text = string(TIMESTAMP);
        try {
            return Instant.parse(text).toEpochMilli();
        } catch (DateTimeException | ArithmeticException e) {
            throw new IllegalArgumentException("\"" + text + "\" is no time", e);
        }
    }

    private TopicName topic() {
        return new TopicName(string(TOPIC));
    }

    private String string(Member member) {
        String value = call.has(member) ? call.string(member) : null;
        if (value == null) {
            throw new IllegalArgumentException("a workflow's call has no \"" + member.name() + "\"");
        }
        return value;
    }

    private long number(Member member) {
        long value = call.has(member) ? call.integer(member) : JsonObjectReader.NOT_AN_INTEGER;
        if (value == JsonObjectReader.NOT_AN_INTEGER) {
            throw new IllegalArgumentException("a workflow's call has no number \"" + member.name() + "\"");
        }
        return value;
    }

    private static byte[] answer(Listeners page) {
        JsonWriter json = new JsonWriter();
        json.raw('{').string("listeners").raw(':').raw('[');
        String comma = "";
        for (Listener listener : page.listeners()) {
            json.raw(JsonWriter.ascii(comma)).raw('{');
            json.string("connectionId").raw(':').string(listener.connectionId()).raw(',');
            json.string("clientId").raw(':').string(listener.clientId()).raw('}');
            comma = ",";
        }
        json.raw(']');
        String next = page.next();
        if (next != null) {
            json.raw(',').string("next").raw(':').string(next);
        }
        return json.raw('}').toByteArray();
    }

    private static byte[] answer(Outcome outcome) {
        return JsonWriter.ascii(
                switch (outcome) {
                    case SERVED -> "{\"served\":true}";
                    case LEFT_ALONE -> "{\"served\":false}";
                    case GONE -> "{\"served\":false,\"gone\":true}";
                });
    }
}
