package io.topicstream.events;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import software.amazon.event.ruler.JsonRuleCompiler;
import software.amazon.event.ruler.Machine;
import software.amazon.event.ruler.MachineComplexityEvaluator;
import software.amazon.event.ruler.Patterns;

/// Which events are meant: those that one of some patterns matches, in the syntax of EventBridge; all
/// where there is no pattern. The only type that sees the library which knows the syntax. Thread-safe.
///
/// Neither a pattern nor an event may keep the thread for long: what would take too much is known before
/// ([EventWork]), and refused.
public final class EventRules {
    /// How many patterns there may be.
    static final int MOST = 50;
    /// How long one may be, in characters.
    static final int MOST_CHARS = 4 * 1024;
    /// How much wildcards may branch, by the library's own measure.
    private static final int MOST_COMPLEXITY = 200;
    /// How many rules one pattern may be, where it has `$or`: their alternatives are multiplied.
    private static final int MOST_ALTERNATIVES = 50;
    /// How much it may take to compare one event: some tenths of a second.
    private static final long MOST_WORK = 100_000;

    private static final JsonFactory JSON = new JsonFactory();

    private final Machine machine = Machine.builder().build();
    private final boolean isEmpty;
    private final EventWork work;

    /// @param patterns each a JSON object
    /// @throws IllegalArgumentException with one sentence for who wrote them, where one is no pattern
    public EventRules(List<String> patterns) {
        this.isEmpty = patterns.isEmpty();
        if (patterns.size() > MOST) {
            throw new IllegalArgumentException("a sink has at most " + MOST + " rules");
        }
        List<Set<String>> members = new ArrayList<>();
        for (int i = 0; i < patterns.size(); i++) {
            String pattern = patterns.get(i);
            if (pattern.length() > MOST_CHARS) {
                throw new IllegalArgumentException("a rule has at most " + MOST_CHARS + " characters");
            }
            String problem = check(pattern);
            if (problem != null) {
                throw new IllegalArgumentException("the rule " + pattern + " is none: " + problem);
            }
            add("rule-" + i, pattern, members);
        }
        int complexity = machine.evaluateComplexity(new MachineComplexityEvaluator(MOST_COMPLEXITY));
        if (complexity >= MOST_COMPLEXITY) {
            throw new IllegalArgumentException("the wildcards of the rules branch too much");
        }
        this.work = new EventWork(members, complexity);
    }

    private static @Nullable String check(String pattern) {
        try {
            if (alternatives(pattern) > MOST_ALTERNATIVES) {
                return "with each $or it is more rules, and those are more than " + MOST_ALTERNATIVES;
            }
            String problem = JsonRuleCompiler.check(pattern);
            return problem == null ? null : problem.lines().findFirst().orElse("");
        } catch (IOException | RuntimeException e) {
            return String.valueOf(e.getMessage()).lines().findFirst().orElse("");
        }
    }

    /// How many rules a pattern is. Known before the library makes all of them.
    private static long alternatives(String pattern) throws IOException {
        try (JsonParser json = JSON.createParser(pattern)) {
            json.nextToken();
            return alternatives(json);
        }
    }

    private static long alternatives(JsonParser json) throws IOException {
        if (json.currentToken() != JsonToken.START_OBJECT) {
            json.skipChildren();
            return 1;
        }
        long product = 1;
        while (json.nextToken() == JsonToken.FIELD_NAME) {
            boolean isOr = json.currentName().equals("$or");
            boolean isArray = json.nextToken() == JsonToken.START_ARRAY;
            product *= isOr && isArray ? either(json) : alternatives(json);
            product = Math.min(product, MOST_ALTERNATIVES + 1);
        }
        return product;
    }

    private static long either(JsonParser json) throws IOException {
        long sum = 0;
        while (json.nextToken() != JsonToken.END_ARRAY && json.currentToken() != null) {
            sum += alternatives(json);
        }
        return Math.max(1, Math.min(sum, MOST_ALTERNATIVES + 1));
    }

    private void add(String name, String pattern, List<Set<String>> members) {
        try {
            for (Map<String, List<Patterns>> rule : JsonRuleCompiler.compile(pattern)) {
                machine.addPatternRule(name, rule);
                members.add(rule.keySet());
            }
        } catch (IOException | RuntimeException e) {
            throw new IllegalArgumentException("the rule " + pattern + " is none: " + e.getMessage(), e);
        }
    }

    /// Whether the event is meant.
    ///
    /// @param event a JSON object
    /// @throws IllegalArgumentException for what the library cannot read, and what would take too long
    // The library says of its method that it throws anything.
    public boolean match(String event) {
        if (isEmpty) {
            return true;
        }
        try {
            if (work.of(event) > MOST_WORK) {
                throw new IllegalArgumentException("the event has too much of what the rules name");
            }
            return !machine.rulesForJSONEvent(event).isEmpty();
        } catch (Exception e) {
            throw new IllegalArgumentException("the event cannot be compared with rules", e);
        }
    }
}
