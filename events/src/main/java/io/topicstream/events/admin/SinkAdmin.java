package io.topicstream.events.admin;

import static io.topicstream.json.JsonWriter.ascii;

import io.topicstream.command.Refusal;
import io.topicstream.events.SinkDefinition;
import io.topicstream.events.SinkJson;
import io.topicstream.events.SinkRecord;
import io.topicstream.events.WebhookSecret;
import io.topicstream.json.JsonWriter;
import io.topicstream.log.Extent;
import io.topicstream.log.TopicName;
import io.topicstream.protocol.ErrorCode;
import io.topicstream.state.StatePage;
import io.topicstream.state.StateRecord;
import io.topicstream.state.StateStore;
import io.topicstream.tail.Place;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/// What an administrator does with sinks: all of it is changes of records, which the nodes then read.
/// Thread-safe; does not block.
public final class SinkAdmin {
    private static final int PAGE = 100;
    private static final byte[] NAME = ascii("{\"name\":");

    private final SinkParts parts;
    private final SecureRandom random = new SecureRandom();

    /// What is answered.
    public sealed interface Answer {
        /// It is done, or this is what was asked for.
        ///
        /// @param json the body of the answer
        @SuppressWarnings("ArrayRecordComponent") // compared by nobody
        record Done(int status, byte[] json) implements Answer {}

        record Refused(Refusal refusal) implements Answer {}
    }

    public SinkAdmin(SinkParts parts) {
        this.parts = parts;
    }

    private static CompletionStage<Answer> refuse(ErrorCode code, String why) {
        return CompletableFuture.completedFuture(new Answer.Refused(new Refusal(code, why, null)));
    }

    private static CompletionStage<Answer> unknown(String name) {
        return refuse(ErrorCode.NOT_FOUND, "there is no sink of the name " + name);
    }

    private static CompletionStage<Answer> configured(String name) {
        return refuse(ErrorCode.FORBIDDEN, "the sink " + name + " stands in the configuration, and is changed there");
    }

    // ---- which there are

    /// All sinks, or the one of a name.
    ///
    /// @param only the name of one, or null
    public CompletionStage<Answer> show(@Nullable String only) {
        return all(parts.state(), SinkRecord.SINKS)
                .thenCombine(all(parts.ephemeral(), SinkRecord.STATUS), (stored, status) -> {
                    Map<String, SinkRecord> records = new LinkedHashMap<>();
                    for (StateRecord each : stored) {
                        try {
                            records.put(each.key(), SinkRecord.of(each));
                        } catch (IllegalArgumentException _) {
                            records.put(
                                    each.key(),
                                    new SinkRecord(each.key(), 1, 0, "it is not known to this version", null));
                        }
                    }
                    Map<String, byte[]> states = new HashMap<>();
                    status.forEach(each -> states.put(each.key(), each.value()));
                    return only == null ? all(records, states) : one(only, records, states);
                });
    }

    /// All records of a partition, of which there are about as many as sinks.
    private static CompletionStage<List<StateRecord>> all(StateStore store, String partition) {
        return all(store, partition, "", new ArrayList<>());
    }

    private static CompletionStage<List<StateRecord>> all(
            StateStore store, String partition, String after, List<StateRecord> found) {
        return store.scan(partition, "", after, PAGE).thenCompose(page -> {
            found.addAll(page.records());
            return page.isLast() || found.size() > 2 * SinkRecord.MOST
                    ? CompletableFuture.completedFuture(found)
                    : all(store, partition, page.after(), found);
        });
    }

    private Answer all(Map<String, SinkRecord> records, Map<String, byte[]> states) {
        JsonWriter json = new JsonWriter();
        json.raw(ascii("{\"sinks\":["));
        boolean isFirst = true;
        for (SinkRecord record : records.values()) {
            if (definition(record) != null) {
                if (!isFirst) {
                    json.raw(',');
                }
                isFirst = false;
                write(json, record, states.get(record.name()), false);
            }
        }
        return new Answer.Done(200, json.raw(']').raw('}').toByteArray());
    }

    private Answer one(String name, Map<String, SinkRecord> records, Map<String, byte[]> states) {
        SinkRecord record = records.get(name);
        if (record == null || definition(record) == null) {
            return new Answer.Refused(new Refusal(ErrorCode.NOT_FOUND, "there is no sink of the name " + name, null));
        }
        JsonWriter json = new JsonWriter();
        write(json, record, states.get(name), true);
        return new Answer.Done(200, json.toByteArray());
    }

    private @Nullable SinkDefinition definition(SinkRecord record) {
        SinkDefinition own = parts.configured().get(record.name());
        return own != null ? own : record.definition();
    }

    private void write(JsonWriter json, SinkRecord record, byte @Nullable [] status, boolean withCursors) {
        json.raw(NAME).string(record.name());
        json.raw(ascii(",\"configured\":")).bool(parts.isConfigured(record.name()));
        json.raw(ascii(",\"created_at\":")).number(record.createdAtMs());
        if (record.disabled() != null) {
            json.raw(ascii(",\"disabled\":")).string(record.disabled());
        }
        SinkDefinition definition = definition(record);
        if (definition != null) {
            json.raw(ascii(",\"definition\":"));
            SinkJson.write(json, definition, false);
        }
        if (status != null) {
            json.raw(ascii(",\"status\":"));
            json.raw(withCursors ? status : SinkRecord.withoutCursors(status));
        }
        json.raw('}');
    }

    // ---- making and deleting

    /// Makes a sink, or gives the one of this name another definition; then it goes on where it is.
    /// Without a secret it keeps its own; a new one gets one, which is in this answer and nowhere else.
    public CompletionStage<Answer> put(String name, byte[] body) {
        if (!SinkDefinition.isName(name)) {
            return refuse(ErrorCode.BAD_FRAME, SinkDefinition.NAME_RULE);
        }
        if (parts.isConfigured(name)) {
            return configured(name);
        }
        return all(parts.state(), SinkRecord.SINKS).thenCompose(stored -> {
            SinkRecord before = null;
            for (StateRecord each : stored) {
                if (each.key().equals(name)) {
                    before = SinkRecord.of(each);
                }
            }
            if (before == null && stored.size() >= SinkRecord.MOST) {
                return refuse(ErrorCode.LIMIT_EXCEEDED, "there are at most " + SinkRecord.MOST + " sinks");
            }
            return put(name, body, before);
        });
    }

    private CompletionStage<Answer> put(String name, byte[] body, @Nullable SinkRecord before) {
        SinkDefinition kept = before == null ? null : before.definition();
        String made = kept == null ? WebhookSecret.make(random) : null;
        SinkDefinition definition;
        try {
            definition = SinkJson.read(name, body, kept != null ? kept.secrets() : List.of(String.valueOf(made)));
        } catch (IllegalArgumentException e) {
            return refuse(ErrorCode.BAD_FRAME, String.valueOf(e.getMessage()));
        }
        boolean isGenerated = made != null && definition.secrets().contains(made);
        return parts.destinations().check(definition.url().getHost()).thenCompose(refusal -> {
            if (refusal != null) {
                return refuse(
                        ErrorCode.BAD_FRAME,
                        "a sink cannot be at " + definition.url().getHost() + ": " + refusal);
            }
            byte[] value =
                    SinkRecord.encode(before == null ? parts.clock().millis() : before.createdAtMs(), null, definition);
            return parts.state()
                    .put(
                            SinkRecord.SINKS,
                            name,
                            value,
                            before == null ? StateStore.ABSENT : before.version(),
                            StateStore.NEVER)
                    .thenCompose(version -> {
                        if (version == 0) {
                            return refuse(ErrorCode.CONFLICT, "the sink was changed meanwhile; try again");
                        }
                        JsonWriter json = new JsonWriter();
                        json.raw(NAME).string(name);
                        if (isGenerated) {
                            json.raw(ascii(",\"secret\":")).string(made);
                        }
                        return inForce(done(before == null ? 201 : 200, json));
                    });
        });
    }

    private static CompletionStage<Answer> done(int status, JsonWriter json) {
        return CompletableFuture.completedFuture(
                new Answer.Done(status, json.raw('}').toByteArray()));
    }

    /// An answer that is given when what was stored is in force on this node: what happens after it is
    /// what the sink gets.
    private CompletionStage<Answer> inForce(CompletionStage<Answer> answer) {
        return parts.inForce().get().thenCompose(_ -> answer);
    }

    /// Ends a sink for good, with its places; its dead letters stay.
    public CompletionStage<Answer> delete(String name) {
        if (parts.isConfigured(name)) {
            return configured(name);
        }
        if (!SinkDefinition.isName(name)) {
            return unknown(name);
        }
        return parts.state()
                .delete(SinkRecord.SINKS, name, StateStore.ANY_VERSION)
                .thenCompose(deleted -> parts.inForce()
                        .get()
                        .thenCompose(_ -> forget(SinkRecord.places(name), ""))
                        .thenCompose(_ -> forget(SinkRecord.failures(name), ""))
                        .thenCompose(_ -> parts.ephemeral().delete(SinkRecord.STATUS, name, StateStore.ANY_VERSION))
                        .thenCompose(_ ->
                                deleted ? done(200, new JsonWriter().raw(NAME).string(name)) : unknown(name)));
    }

    private CompletionStage<Void> forget(String partition, String after) {
        return parts.state().scan(partition, "", after, PAGE).thenCompose((StatePage page) -> {
            CompletableFuture<?>[] deletes = page.records().stream()
                    .map(each -> parts.state()
                            .delete(partition, each.key(), StateStore.ANY_VERSION)
                            .toCompletableFuture())
                    .toArray(CompletableFuture[]::new);
            return CompletableFuture.allOf(deletes)
                    .thenCompose(_ ->
                            page.isLast() ? CompletableFuture.completedFuture(null) : forget(partition, page.after()));
        });
    }

    // ---- replay

    /// Where a replay begins.
    public sealed interface From {
        /// At the first message that is kept.
        record First() implements From {}

        /// After the last one: what was not posted never is.
        record Next() implements From {}

        /// At an offset, of one topic.
        record Offset(long offset) implements From {}

        /// At the first message of a time or later.
        record Time(long timestampMs) implements From {}
    }

    /// Moves a sink, in one topic or in all; and enables it again, if it was disabled.
    ///
    /// @param topic null for all
    public CompletionStage<Answer> replay(String name, @Nullable TopicName topic, From from) {
        return parts.state().get(SinkRecord.SINKS, name).thenCompose(stored -> {
            SinkRecord record = stored == null ? null : SinkRecord.of(stored);
            SinkDefinition definition = record == null ? null : definition(record);
            if (record == null || definition == null) {
                return unknown(name);
            }
            if (topic != null && !definition.isFor(topic)) {
                return refuse(ErrorCode.BAD_FRAME, "the sink " + name + " does not get events of " + topic);
            }
            if (topic == null && from instanceof From.Offset) {
                return refuse(ErrorCode.BAD_FRAME, "an offset is one topic's; name the topic");
            }
            CompletionStage<Integer> moved = topic == null ? moveAll(name, from, "", 0) : move(name, topic, from);
            return moved.thenCompose(count -> touch(record, topic == null ? from : null, count));
        });
    }

    private CompletionStage<Integer> moveAll(String name, From from, String after, int before) {
        return parts.state().scan(SinkRecord.places(name), "", after, PAGE).thenCompose(page -> {
            List<CompletableFuture<Integer>> moves = new ArrayList<>();
            for (StateRecord place : page.records()) {
                TopicName topic = TopicName.orNull(place.key());
                if (topic != null) {
                    moves.add(move(name, topic, from).toCompletableFuture());
                }
            }
            return CompletableFuture.allOf(moves.toArray(CompletableFuture[]::new))
                    .thenCompose(_ -> {
                        int count = before + moves.size();
                        return page.isLast()
                                ? CompletableFuture.completedFuture(count)
                                : moveAll(name, from, page.after(), count);
                    });
        });
    }

    private CompletionStage<Integer> move(String name, TopicName topic, From from) {
        return parts.log()
                .extent(topic)
                .thenCompose(extent -> offset(topic, from, extent)
                        .thenCompose(offset -> parts.state()
                                .put(
                                        SinkRecord.places(name),
                                        topic.value(),
                                        // All that is there may have been posted.
                                        new Place(extent.epoch(), offset, 0, extent.nextOffset()).encode(),
                                        StateStore.ANY_VERSION,
                                        StateStore.NEVER))
                        .thenApply(_ -> 1));
    }

    private CompletionStage<Long> offset(TopicName topic, From from, Extent extent) {
        return switch (from) {
            case From.First _ -> CompletableFuture.completedFuture(extent.firstOffset());
            case From.Next _ -> CompletableFuture.completedFuture(extent.nextOffset());
            case From.Offset(long offset) ->
                CompletableFuture.completedFuture(Math.clamp(offset, 1, extent.nextOffset()));
            case From.Time(long timestampMs) -> parts.log().offsetAt(topic, timestampMs);
        };
    }

    /// Writes the record again, by which the nodes see that they are to begin anew.
    ///
    /// @param from where topics without a place begin from now on; null where they do as before
    private CompletionStage<Answer> touch(SinkRecord record, @Nullable From from, int moved) {
        long createdAtMs = switch (from) {
            case null -> record.createdAtMs();
            case From.First _ -> 0L;
            case From.Next _ -> parts.clock().millis();
            case From.Offset _ -> record.createdAtMs();
            case From.Time(long timestampMs) -> timestampMs;
        };
        return parts.state()
                .put(
                        SinkRecord.SINKS,
                        record.name(),
                        SinkRecord.encode(createdAtMs, null, record.definition()),
                        record.version(),
                        StateStore.NEVER)
                .thenCompose(version -> {
                    if (version == 0) {
                        return refuse(ErrorCode.CONFLICT, "the sink was changed meanwhile; try again");
                    }
                    return inForce(done(
                            200,
                            new JsonWriter()
                                    .raw(NAME)
                                    .string(record.name())
                                    .raw(ascii(",\"moved\":"))
                                    .number(moved)));
                });
    }
}
