package io.topicstream.events;

import io.topicstream.gateway.http.AnswerTooLargeException;
import io.topicstream.gateway.http.HttpAnswer;
import io.topicstream.gateway.http.HttpCall;
import io.topicstream.gateway.http.HttpCaller;
import io.topicstream.gateway.http.HttpCalls;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.format.DateTimeFormatter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// The way of events to one webhook: each is a POST of one CloudEvent, signed as Standard Webhooks has
/// it. Thread-safe.
public final class Webhook {
    /// The longest wait that a receiver may ask for.
    public static final Duration LONGEST_WAIT = Duration.ofHours(1);

    private static final int MOST_ERROR_CHARS = 200;

    private final SinkDefinition definition;
    private final List<WebhookSecret> keys;
    private final HttpCalls.Prepared request;
    private final Destinations destinations;
    private final boolean isConfigured;
    private final InstantSource clock;

    /// @param isConfigured whether it stands in the configuration, and so may be anywhere
    public Webhook(
            SinkDefinition definition,
            HttpCaller caller,
            Destinations destinations,
            boolean isConfigured,
            InstantSource clock) {
        this.definition = definition;
        this.keys = definition.keys();
        this.request = caller.prepare(request(definition), definition.name(), null, definition.timeout());
        this.destinations = destinations;
        this.isConfigured = isConfigured;
        this.clock = clock;
    }

    /// What became of a post.
    public sealed interface Outcome {
        /// The receiver has it.
        record Delivered() implements Outcome {}

        /// The receiver has it not, as far as is known.
        ///
        /// @param why in a few words, for an operator
        /// @param waitMs how long the receiver asks to wait; 0 where it does not
        record Failed(String why, long waitMs) implements Outcome {}

        /// The receiver wants nothing more: 410.
        record Gone() implements Outcome {}
    }

    /// Posts an event.
    ///
    /// @param attempt which one it is, from 1
    /// @param mayRepeat whether it may have been posted before by somebody who did not live to say so
    /// @return completes on any thread, and never fails
    public CompletionStage<Outcome> post(CloudEvents.Event event, int attempt, boolean mayRepeat) {
        CompletionStage<Outcome> posted = isConfigured
                ? send(event, attempt, mayRepeat)
                : destinations
                        .check(definition.url().getHost())
                        .thenCompose(refusal -> refusal == null
                                ? send(event, attempt, mayRepeat)
                                : CompletableFuture.completedFuture(new Outcome.Failed(refusal, 0)));
        return posted.exceptionally(failure -> new Outcome.Failed(why(failure), 0));
    }

    private CompletionStage<Outcome> send(CloudEvents.Event event, int attempt, boolean mayRepeat) {
        return request.send(fields(event, attempt, mayRepeat), event.body()).thenApply(this::outcome);
    }

    /// What every post has, with what the definition adds.
    private static HttpCall request(SinkDefinition definition) {
        Map<String, List<String>> fields = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
        definition.headers().forEach((name, value) -> fields.put(name, List.of(value)));
        fields.put("Content-Type", List.of("application/cloudevents+json; charset=utf-8"));
        fields.put("User-Agent", List.of("TopicStream"));
        fields.put("topicstream-sink", List.of(definition.name()));
        return new HttpCall("POST", URI.create(definition.url().toASCIIString()), fields);
    }

    private Map<String, List<String>> fields(CloudEvents.Event event, int attempt, boolean mayRepeat) {
        long timestamp = clock.instant().getEpochSecond();
        byte[] id = event.id().getBytes(StandardCharsets.US_ASCII);
        Map<String, List<String>> fields = new LinkedHashMap<>();
        fields.put("webhook-id", List.of(event.id()));
        fields.put("webhook-timestamp", List.of(Long.toString(timestamp)));
        fields.put(
                "webhook-signature",
                List.of(keys.stream()
                        .map(key -> key.sign(id, timestamp, event.body()))
                        .collect(Collectors.joining(" "))));
        fields.put("topicstream-attempt", List.of(Integer.toString(attempt)));
        if (mayRepeat || attempt > 1) {
            fields.put("topicstream-repeat", List.of("possible"));
        }
        return fields;
    }

    private Outcome outcome(HttpAnswer answer) {
        int status = answer.status();
        if (status >= 200 && status < 300) {
            return new Outcome.Delivered();
        }
        return status == 410
                ? new Outcome.Gone()
                : new Outcome.Failed("it answered " + status, waitMs(answer.headers(), clock.millis()));
    }

    /// What `Retry-After` asks for (RFC 9110, 10.2.3): seconds, or a date.
    static long waitMs(Map<String, List<String>> headers, long nowMs) {
        for (Map.Entry<String, List<String>> field : headers.entrySet()) {
            if (field.getKey().equalsIgnoreCase("retry-after")) {
                String text = field.getValue().getFirst().strip();
                long askedMs = text.matches("[0-9]{1,9}") ? Long.parseLong(text) * 1_000 : untilMs(text, nowMs);
                return Math.clamp(askedMs, 0, LONGEST_WAIT.toMillis());
            }
        }
        return 0;
    }

    private static long untilMs(String date, long nowMs) {
        try {
            return Instant.from(DateTimeFormatter.RFC_1123_DATE_TIME.parse(date))
                            .toEpochMilli()
                    - nowMs;
        } catch (DateTimeException | ArithmeticException _) {
            return 0;
        }
    }

    private static String why(Throwable failure) {
        @Nullable Throwable cause = failure instanceof CompletionException ? failure.getCause() : failure;
        String text = switch (cause) {
            case TimeoutException _ -> "it did not answer in time";
            case AnswerTooLargeException _ -> "its answer is too large";
            case null -> "it cannot be reached";
            default ->
                "it cannot be reached: "
                        + (cause.getMessage() == null ? cause.getClass().getSimpleName() : cause.getMessage());
        };
        return text.length() > MOST_ERROR_CHARS ? text.substring(0, MOST_ERROR_CHARS) : text;
    }
}
