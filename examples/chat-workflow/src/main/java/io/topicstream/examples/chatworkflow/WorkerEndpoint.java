package io.topicstream.examples.chatworkflow;

import io.topicstream.examples.backend.Endpoints;
import io.topicstream.examples.backend.Endpoints.Asked;
import io.topicstream.examples.backend.Journal;
import io.topicstream.examples.backend.Reply;
import io.topicstream.json.JsonObjectReader;
import io.topicstream.json.JsonObjectReader.Member;
import org.jspecify.annotations.Nullable;

/// Where the sink posts events. It is answered when an event is distributed: so the next one of the topic comes only
/// then,
/// and clients hear all in the order of the bus. Thread-safe.
final class WorkerEndpoint {
    private static final JsonObjectReader.Builder EVENT = new JsonObjectReader.Builder();
    private static final Member DATA = EVENT.add("data", JsonObjectReader.Trait.PAYLOAD);

    private static final JsonObjectReader.Builder MESSAGE = new JsonObjectReader.Builder();
    private static final Member PAYLOAD = MESSAGE.add("payload", JsonObjectReader.Trait.PAYLOAD);

    private final Signature signature;
    private final Workflow workflow;
    private final Counts counts;

    WorkerEndpoint(Signature signature, Workflow workflow, Counts counts) {
        this.signature = signature;
        this.workflow = workflow;
        this.counts = counts;
    }

    void addTo(Endpoints endpoints) {
        endpoints.at("POST", "/events", this::take);
        endpoints.at("GET", "/counts", _ -> Reply.json(counts.toJson()));
    }

    private Reply take(Asked asked) {
        String eventId = asked.header("webhook-id");
        if (eventId.isEmpty() || !signature.isOurs(asked)) {
            return new Reply(401, "not signed by our server");
        }
        ChatEvent event = event(asked.body());
        if (event == null) {
            // It will not be another one the next time: it is taken, and that is all.
            counts.ignored.increment();
            return Reply.ok("");
        }
        try {
            workflow.distribute(eventId, event);
            return Reply.ok("").of(event.connectionId());
        } catch (MemberList.Unknown e) {
            Journal.warn("the event " + eventId + " is not done: " + e.getMessage());
            return new Reply(503, "not done");
        }
    }

    /// What the CloudEvent of a message has as its payload.
    private static @Nullable ChatEvent event(byte[] body) {
        JsonObjectReader event = EVENT.build();
        JsonObjectReader message = MESSAGE.build();
        return event.read(body, 0, body.length)
                        && event.has(DATA)
                        && message.read(body, event.start(DATA), event.end(DATA))
                        && message.has(PAYLOAD)
                ? ChatEvent.of(body, message.start(PAYLOAD), message.end(PAYLOAD))
                : null;
    }
}
