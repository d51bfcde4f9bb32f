package io.topicstream.aws.audience;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.topicstream.aws.audience.Task.Place;
import io.topicstream.json.JsonObjectReader;
import io.topicstream.json.JsonObjectReader.Member;
import io.topicstream.json.JsonWriter;
import io.topicstream.log.Extent;
import io.topicstream.log.TopicExtent;
import io.topicstream.log.TopicName;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// Tasks in JSON, whose first member `task` names the kind. Not thread-safe.
public final class TaskCodec {
    /// It need not wait.
    public static final long AT_ONCE = 0;

    private static final byte[] BEGINNING = JsonWriter.ascii("{\"task\":");

    private static final JsonObjectReader.Builder MEMBERS = new JsonObjectReader.Builder();
    private static final Member TASK = MEMBERS.add("task");
    private static final Member NOT_BEFORE = MEMBERS.add("not_before");
    private static final Member TOPIC = MEMBERS.add("topic");
    private static final Member SHARD = MEMBERS.add("shard");
    private static final Member CONNECTION = MEMBERS.add("connection");
    private static final Member USER = MEMBERS.add("user");
    private static final Member SIGNAL = MEMBERS.add("signal");
    private static final Member SUBSCRIPTIONS = MEMBERS.add("subscriptions", JsonObjectReader.Trait.LIST);
    private static final Member PLACES = MEMBERS.add("places", JsonObjectReader.Trait.LIST);
    private static final Member TOPICS = MEMBERS.add("topics", JsonObjectReader.Trait.LIST);

    private static final JsonObjectReader.Builder ELEMENT = new JsonObjectReader.Builder();
    private static final Member NAME = ELEMENT.add("topic");
    private static final Member OF_SHARD = ELEMENT.add("shard");
    private static final Member EPOCH = ELEMENT.add("epoch");
    private static final Member FIRST = ELEMENT.add("first");
    private static final Member NEXT = ELEMENT.add("next");
    private static final Member VERSION = ELEMENT.add("version");

    private final JsonObjectReader task = MEMBERS.build();
    private final JsonObjectReader element = ELEMENT.build();

    public TaskCodec() {}

    /// Whether a text is that of a task, and no event of a gateway.
    public static boolean isTask(byte[] text) {
        return text.length > BEGINNING.length
                && new String(text, 0, BEGINNING.length, US_ASCII).equals(new String(BEGINNING, US_ASCII));
    }

    // ---- how it is said

    /// Says a task.
    ///
    /// @param notBeforeMs epoch milliseconds until which it is to wait, or [#AT_ONCE]
    public static byte[] encode(Task task, long notBeforeMs) {
        JsonWriter out = new JsonWriter();
        out.raw(BEGINNING);
        switch (task) {
            case Task.Greet(String connectionId, List<TopicExtent> subscriptions, List<Place> places) -> {
                text(out.string("greet"), CONNECTION, connectionId);
                array(out, SUBSCRIPTIONS, subscriptions, (to, at) -> {
                    name(to, at.topic());
                    number(to, EPOCH, at.extent().epoch());
                    number(to, FIRST, at.extent().firstOffset());
                    number(to, NEXT, at.extent().nextOffset());
                });
                array(out, PLACES, places, TaskCodec::place);
            }
            case Task.Deliver(TopicName topic, int shard) -> of(out.string("deliver"), topic, shard);
            case Task.CatchUp(TopicName topic, int shard, String connectionId) -> {
                of(out.string("catch-up"), topic, shard);
                text(out, CONNECTION, connectionId);
            }
            case Task.Say(TopicName topic, int shard, byte[] signal) -> {
                of(out.string("say"), topic, shard);
                text(out, SIGNAL, Base64.getEncoder().encodeToString(signal));
            }
            case Task.Begin(String connectionId, Place place) -> {
                text(out.string("begin"), CONNECTION, connectionId);
                array(out, PLACES, List.of(place), TaskCodec::place);
            }
            case Task.Forget(String connectionId, String user, List<TopicName> topics) -> {
                text(out.string("forget"), CONNECTION, connectionId);
                if (user != null) {
                    text(out, USER, user);
                }
                array(out, TOPICS, topics, TaskCodec::name);
            }
        }
        if (notBeforeMs != AT_ONCE) {
            number(out, NOT_BEFORE, notBeforeMs);
        }
        return out.raw('}').toByteArray();
    }

    private static void of(JsonWriter out, TopicName topic, int shard) {
        text(out, TOPIC, topic.value());
        number(out, SHARD, shard);
    }

    private static void text(JsonWriter out, Member member, String value) {
        out.raw(',').string(member.name()).raw(':').string(value);
    }

    private static void number(JsonWriter out, Member member, long value) {
        out.raw(',').string(member.name()).raw(':').number(value);
    }

    private static void name(JsonWriter out, TopicName topic) {
        out.string(NAME.name()).raw(':').string(topic.value());
    }

    private static void place(JsonWriter out, Place place) {
        name(out, place.topic());
        number(out, OF_SHARD, place.shard());
        number(out, EPOCH, place.epoch());
        number(out, NEXT, place.next());
        number(out, VERSION, place.version());
    }

    private static <T> void array(JsonWriter out, Member member, List<T> elements, BiConsumer<JsonWriter, T> one) {
        out.raw(',').string(member.name()).raw(':').raw('[');
        for (int i = 0; i < elements.size(); i++) {
            if (i > 0) {
                out.raw(',');
            }
            one.accept(out.raw('{'), elements.get(i));
            out.raw('}');
        }
        out.raw(']');
    }

    // ---- how it is understood

    /// Understands a task.
    ///
    /// @throws IllegalArgumentException if the text is not a task
    public Task decode(byte[] text) {
        if (!task.read(text, 0, text.length)) {
            throw new IllegalArgumentException("not a task: " + task.problem());
        }
        if (!task.otherNames().isEmpty()) {
            // Such as the context of an event.
            throw new IllegalArgumentException(
                    "a task has no \"" + task.otherNames().getFirst() + "\"");
        }
        String kind = string(task, TASK);
        return switch (kind) {
            case "greet" ->
                new Task.Greet(string(task, CONNECTION), elements(text, SUBSCRIPTIONS, this::extent), places(text));
            case "deliver" -> new Task.Deliver(topic(), shard());
            case "catch-up" -> new Task.CatchUp(topic(), shard(), string(task, CONNECTION));
            case "say" -> new Task.Say(topic(), shard(), Base64.getDecoder().decode(string(task, SIGNAL)));
            case "begin" -> new Task.Begin(string(task, CONNECTION), place(text));
            case "forget" ->
                new Task.Forget(
                        string(task, CONNECTION),
                        task.string(USER),
                        elements(text, TOPICS, one -> new TopicName(string(one, NAME))));
            default -> throw new IllegalArgumentException("there is no task \"" + kind + "\"");
        };
    }

    /// Until when the task that was read is to wait, in epoch milliseconds; or [#AT_ONCE].
    public long notBeforeMs() {
        return task.has(NOT_BEFORE) ? number(task, NOT_BEFORE) : AT_ONCE;
    }

    private TopicName topic() {
        return new TopicName(string(task, TOPIC));
    }

    private int shard() {
        return Math.toIntExact(number(task, SHARD));
    }

    private List<Place> places(byte[] text) {
        return elements(
                text,
                PLACES,
                one -> new Place(
                        new TopicName(string(one, NAME)),
                        Math.toIntExact(number(one, OF_SHARD)),
                        number(one, EPOCH),
                        number(one, NEXT),
                        number(one, VERSION)));
    }

    private Place place(byte[] text) {
        List<Place> all = places(text);
        if (all.size() != 1) {
            throw new IllegalArgumentException("a connection begins in one place, not in " + all.size());
        }
        return all.getFirst();
    }

    private TopicExtent extent(JsonObjectReader one) {
        return new TopicExtent(
                new TopicName(string(one, NAME)),
                new Extent(number(one, EPOCH), number(one, FIRST), number(one, NEXT)));
    }

    private <T> List<T> elements(byte[] text, Member member, Function<JsonObjectReader, T> read) {
        List<T> all = new ArrayList<>();
        task.elements(member, (start, end) -> {
            if (!element.read(text, start, end)) {
                throw new IllegalArgumentException("not a task: " + element.problem());
            }
            all.add(read.apply(element));
        });
        return all;
    }

    private static String string(JsonObjectReader of, Member member) {
        @Nullable String value = of.string(member);
        if (value == null) {
            throw new IllegalArgumentException("a task has no \"" + member.name() + "\"");
        }
        return value;
    }

    private static long number(JsonObjectReader of, Member member) {
        long value = of.has(member) ? of.integer(member) : JsonObjectReader.NOT_AN_INTEGER;
        if (value == JsonObjectReader.NOT_AN_INTEGER) {
            throw new IllegalArgumentException("a task has no number \"" + member.name() + "\"");
        }
        return value;
    }
}
