package io.topicstream.events;

import static io.topicstream.json.JsonWriter.ascii;

import io.topicstream.json.JsonObjectReader;
import io.topicstream.json.JsonWriter;
import io.topicstream.log.TopicPattern;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// Sinks as JSON: what a request has, what is stored, and what is shown, which has no secrets. What is
/// not known in a request is refused: a slip in a member's name must not make a sink that gets every
/// event.
public final class SinkJson {
    private static final JsonObjectReader.Builder MEMBERS = new JsonObjectReader.Builder();
    private static final JsonObjectReader.Member URL = MEMBERS.add("url");
    private static final JsonObjectReader.Member SECRET = MEMBERS.add("secret");
    private static final JsonObjectReader.Member SECRETS = MEMBERS.add("secrets");
    private static final JsonObjectReader.Member RULES = MEMBERS.add("rules", JsonObjectReader.Trait.LIST);
    private static final JsonObjectReader.Member TOPICS = MEMBERS.add("topics");
    private static final JsonObjectReader.Member ALSO = MEMBERS.add("also");
    private static final JsonObjectReader.Member HEADERS = MEMBERS.add("headers");
    private static final JsonObjectReader.Member TIMEOUT_MS = MEMBERS.add("timeout_ms");
    private static final JsonObjectReader.Member ATTEMPTS = MEMBERS.add("attempts");
    private static final JsonObjectReader.Member GIVE_UP_MS = MEMBERS.add("give_up_after_ms");

    private static final int MOST_ITEMS = 100;

    private SinkJson() {}

    /// The sink that the text describes.
    ///
    /// @param secrets those that it gets where the text has none; none: there must be one
    /// @throws IllegalArgumentException with one sentence for who wrote it, where it is none
    public static SinkDefinition read(String name, byte[] text, List<String> secrets) {
        JsonObjectReader reader = MEMBERS.build();
        if (!reader.read(text, 0, text.length)) {
            throw new IllegalArgumentException("a sink is a JSON object: " + reader.problem());
        }
        for (String other : reader.otherNames()) {
            throw new IllegalArgumentException("a sink has no \"" + other + "\"");
        }
        String url = reader.string(URL);
        if (url == null) {
            throw new IllegalArgumentException("\"url\" is where the sink is");
        }
        return new SinkDefinition(
                name,
                SinkDefinition.url(url),
                secrets(reader, secrets),
                rules(reader, text),
                texts(reader, TOPICS).stream().map(SinkJson::pattern).toList(),
                also(texts(reader, ALSO)),
                headers(reader),
                time(reader, TIMEOUT_MS, SinkDefinition.DEFAULT_TIMEOUT),
                Math.clamp(number(reader, ATTEMPTS, SinkDefinition.DEFAULT_ATTEMPTS), 0, Integer.MAX_VALUE),
                time(reader, GIVE_UP_MS, SinkDefinition.DEFAULT_GIVE_UP));
    }

    private static List<String> secrets(JsonObjectReader reader, List<String> otherwise) {
        String one = reader.string(SECRET);
        if (reader.has(SECRET) && (one == null || reader.has(SECRETS))) {
            throw new IllegalArgumentException("\"secret\" is a text, or \"secrets\" a list of them");
        }
        if (one != null) {
            return List.of(one);
        }
        List<String> several = texts(reader, SECRETS);
        return several.isEmpty() ? otherwise : several;
    }

    private static List<String> rules(JsonObjectReader reader, byte[] text) {
        List<String> rules = new ArrayList<>();
        if (!reader.has(RULES)) {
            return rules;
        }
        if (reader.kind(RULES) != JsonObjectReader.Kind.ARRAY) {
            throw new IllegalArgumentException("\"rules\" is a list of event patterns");
        }
        reader.elements(RULES, (start, end) -> {
            if (rules.size() > EventRules.MOST) {
                throw new IllegalArgumentException("a sink has at most " + EventRules.MOST + " rules");
            }
            rules.add(new String(text, start, end - start, StandardCharsets.UTF_8));
        });
        return rules;
    }

    private static List<String> texts(JsonObjectReader reader, JsonObjectReader.Member member) {
        if (!reader.has(member)) {
            return List.of();
        }
        List<String> texts = reader.texts(member, MOST_ITEMS);
        if (texts == null) {
            throw new IllegalArgumentException("\"" + member.name() + "\" is a list of texts");
        }
        return texts;
    }

    private static TopicPattern pattern(String text) {
        if (!TopicPattern.isValid(text)) {
            throw new IllegalArgumentException("each of \"topics\" is " + TopicPattern.RULE);
        }
        return new TopicPattern(text);
    }

    private static Set<EventFamily> also(List<String> names) {
        Set<EventFamily> also = EnumSet.noneOf(EventFamily.class);
        for (String name : names) {
            EventFamily family = EventFamily.of(name);
            if (family == null) {
                throw new IllegalArgumentException("\"also\" has some of " + EventFamily.wireNames());
            }
            also.add(family);
        }
        return also;
    }

    private static Map<String, String> headers(JsonObjectReader reader) {
        if (!reader.has(HEADERS)) {
            return Map.of();
        }
        Map<String, String> headers = reader.strings(HEADERS);
        if (headers == null) {
            throw new IllegalArgumentException("\"headers\" is an object of texts");
        }
        return headers;
    }

    private static long number(JsonObjectReader reader, JsonObjectReader.Member member, long otherwise) {
        if (!reader.has(member)) {
            return otherwise;
        }
        long number = reader.integer(member);
        if (number < 0) {
            throw new IllegalArgumentException("\"" + member.name() + "\" is a whole number");
        }
        return number;
    }

    private static Duration time(JsonObjectReader reader, JsonObjectReader.Member member, Duration otherwise) {
        return Duration.ofMillis(number(reader, member, otherwise.toMillis()));
    }

    /// Writes it.
    ///
    /// @param isStored whether its secrets and the values of its headers are written; they are shown to
    ///     nobody
    public static void write(JsonWriter json, SinkDefinition sink, boolean isStored) {
        json.raw(ascii("{\"url\":")).string(sink.url().toString());
        if (isStored) {
            list(json, "secrets", sink.secrets());
        }
        json.raw(ascii(",\"rules\":["));
        for (int i = 0; i < sink.rules().size(); i++) {
            if (i > 0) {
                json.raw(',');
            }
            json.raw(sink.rules().get(i).getBytes(StandardCharsets.UTF_8));
        }
        json.raw(']');
        list(json, "topics", sink.topics().stream().map(TopicPattern::text).toList());
        list(
                json,
                "also",
                sink.also().stream().map(EventFamily::wireName).sorted().toList());
        json.raw(ascii(",\"headers\":{"));
        boolean isFirst = true;
        for (Map.Entry<String, String> header : sink.headers().entrySet()) {
            if (!isFirst) {
                json.raw(',');
            }
            isFirst = false;
            json.string(header.getKey()).raw(':').string(isStored ? header.getValue() : "(hidden)");
        }
        json.raw(ascii("},\"timeout_ms\":")).number(sink.timeout().toMillis());
        json.raw(ascii(",\"attempts\":")).number(sink.attempts());
        json.raw(ascii(",\"give_up_after_ms\":")).number(sink.giveUpAfter().toMillis());
        json.raw('}');
    }

    private static void list(JsonWriter json, String member, List<String> texts) {
        json.raw(ascii(",\"" + member + "\":["));
        for (int i = 0; i < texts.size(); i++) {
            if (i > 0) {
                json.raw(',');
            }
            json.string(texts.get(i));
        }
        json.raw(']');
    }
}
