package io.topicstream.cli.aws;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.topicstream.aws.audience.Callbacks;
import io.topicstream.aws.audience.TaskCodec;
import io.topicstream.aws.cost.Assumption;
import io.topicstream.aws.cost.Bill;
import io.topicstream.aws.cost.Billable;
import io.topicstream.aws.cost.Meter;
import io.topicstream.aws.cost.Prices;
import io.topicstream.aws.cost.Units;
import io.topicstream.json.JsonObjectReader;
import io.topicstream.json.JsonObjectReader.Member;
import io.topicstream.json.JsonObjectReader.Trait;
import io.topicstream.server.pages.ChatPage;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/// Counts what AWS would bill for functions and what is around them. Thread-safe.
///
/// How long a function takes here says nothing about Lambda. So calls are counted, and take what an estimate takes for
/// granted ([Assumption]).
final class Metered {
    private static final long MEMORY_MB = Assumption.FUNCTION_MB.value();
    private static final Duration CALL = Duration.ofMillis(Assumption.FUNCTION_MS.value());

    private static final long SEGMENT_MS =
            Assumption.SEGMENT_MS.value() + Assumption.SEGMENT_MESSAGES.value() * Assumption.ARCHIVED_ROW_MS.value();

    private static final String TAKEN = "\"statusCode\":200";

    private static final JsonObjectReader.Builder EVENT = new JsonObjectReader.Builder();
    private static final Member CONTEXT = EVENT.add("requestContext", Trait.PAYLOAD);
    private static final Member BODY = EVENT.add("body");
    private static final Member PATH = EVENT.add("rawPath");

    private static final JsonObjectReader.Builder OF_CONTEXT = new JsonObjectReader.Builder();
    private static final Member TYPE = OF_CONTEXT.add("eventType");
    private static final Member CONNECTION = OF_CONTEXT.add("connectionId");

    private final Meter meter;
    private final InstantSource clock;
    private final Map<String, Instant> open = new ConcurrentHashMap<>();

    Metered(Meter meter, InstantSource clock) {
        this.meter = meter;
        this.clock = clock;
    }

    /// What was counted up to now, with the minutes of the connections that are open.
    Bill bill(Prices prices) {
        Meter all = meter.copy();
        open.values().forEach(since -> all.connection(lasted(since)));
        return all.priced(prices);
    }

    /// Counts from nothing again; connections that are open count from now on.
    void restart() {
        meter.restart();
        open.replaceAll((_, _) -> clock.instant());
    }

    private Duration lasted(Instant since) {
        Duration lasted = Duration.between(since, clock.instant());
        return lasted.isNegative() ? Duration.ZERO : lasted;
    }

    // ---- WebSockets

    /// The same function, counted with what clients send, and with how long their connections are open.
    UnaryOperator<byte[]> webSockets(UnaryOperator<byte[]> function) {
        return payload -> {
            if (TaskCodec.isTask(payload)) {
                meter.functionCall("for tasks", MEMORY_MB, CALL);
                return function.apply(payload);
            }
            String begun = count(payload);
            byte[] answer = function.apply(payload);
            if (begun != null && !new String(answer, UTF_8).contains(TAKEN)) {
                open.remove(begun);
            }
            return answer;
        };
    }

    /// Counts an event.
    ///
    /// @return the connection that begins with it, or null
    private @Nullable String count(byte[] payload) {
        meter.functionCall("for the gateway", MEMORY_MB, CALL);
        JsonObjectReader event = read(payload);
        JsonObjectReader context = OF_CONTEXT.build();
        if (!context.read(payload, event.start(CONTEXT), event.end(CONTEXT)) || !context.has(CONNECTION)) {
            throw new IllegalArgumentException("not an event of a WebSocket API");
        }
        String connection = text(context, CONNECTION);
        switch (text(context, TYPE)) {
            case "CONNECT" -> {
                open.put(connection, clock.instant());
                return connection;
            }
            case "DISCONNECT" -> {
                Instant since = open.remove(connection);
                if (since != null) {
                    meter.connection(lasted(since));
                }
            }
            default -> meter.fromClient(text(event, BODY).getBytes(UTF_8).length);
        }
        return null;
    }

    /// The text, empty where there is none.
    private static String text(JsonObjectReader reader, JsonObjectReader.Member member) {
        String text = reader.has(member) ? reader.string(member) : null;
        return text == null ? "" : text;
    }

    private static JsonObjectReader read(byte[] payload) {
        JsonObjectReader event = EVENT.build();
        if (!event.read(payload, 0, payload.length)) {
            throw new IllegalArgumentException("not an event: " + event.problem());
        }
        return event;
    }

    /// The same, counted.
    Callbacks callbacks(Callbacks real) {
        return new Callbacks() {
            @Override
            public Answer post(String connectionId, byte[] text) {
                Answer answer = real.post(connectionId, text);
                if (answer == Answer.DONE) {
                    meter.toClient(text.length);
                    meter.count(
                            "time of posting",
                            Units.of(Billable.FUNCTION_TIME, MEMORY_MB * Assumption.DELIVERY_MS.value()));
                }
                return answer;
            }

            @Override
            public Answer describe(String connectionId) {
                return real.describe(connectionId);
            }

            @Override
            public void close(String connectionId, int code, String reason) {
                real.close(connectionId, code, reason);
            }
        };
    }

    // ---- the others

    /// The function behind the HTTP API, counted with its requests. The files of the chat page stand elsewhere on AWS.
    UnaryOperator<byte[]> http(UnaryOperator<byte[]> function) {
        return payload -> {
            byte[] answer = function.apply(payload);
            JsonObjectReader event = read(payload);
            if (!text(event, PATH).startsWith(ChatPage.PATH)) {
                meter.httpRequest(payload.length, answer.length);
                meter.functionCall("for HTTP", MEMORY_MB, CALL);
            }
            return answer;
        };
    }

    /// The function that posts to sinks and puts events on a bus; what it does so is counted by itself.
    UnaryOperator<byte[]> events(UnaryOperator<byte[]> function) {
        return payload -> {
            byte[] answer = function.apply(payload);
            meter.functionCall("of events", MEMORY_MB, CALL);
            return answer;
        };
    }

    /// An event is posted to a sink.
    void posted(long bytes) {
        meter.count(
                "posts to sinks",
                Units.of(Billable.BYTES_OUT, bytes + Assumption.POST_BYTES.value())
                        .plus(Units.of(Billable.FUNCTION_TIME, MEMORY_MB * Assumption.POST_MS.value())));
    }

    /// An event was put on a bus.
    void onBus(long bytes) {
        meter.event(bytes);
        meter.count("time of events", Units.of(Billable.FUNCTION_TIME, MEMORY_MB * Assumption.EVENT_MS.value()));
    }

    /// The function that archives: it takes longer where it puts objects, each of as many rows as messages.
    UnaryOperator<byte[]> archive(UnaryOperator<byte[]> function) {
        return payload -> {
            long before = meter.units().count(Billable.OBJECT_PUTS);
            byte[] answer = function.apply(payload);
            long puts = meter.units().count(Billable.OBJECT_PUTS) - before;
            meter.functionCall("that archives", MEMORY_MB, CALL.plusMillis(Math.max(0, puts) * SEGMENT_MS));
            return answer;
        };
    }
}
