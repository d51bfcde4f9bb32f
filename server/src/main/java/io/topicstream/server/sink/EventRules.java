package io.topicstream.server.sink;

import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;
import software.amazon.event.ruler.Machine;
import software.amazon.event.ruler.MachineComplexityEvaluator;
import software.amazon.event.ruler.RuleCompiler;

/// Which events are meant: those that one of some patterns matches, in the syntax of EventBridge; all
/// where there is no pattern. The only type that sees the library which knows the syntax. Thread-safe.
final class EventRules {
    /// How many patterns there may be.
    static final int MOST = 50;
    /// How long one may be, in characters.
    static final int MOST_CHARS = 4 * 1024;
    /// How much wildcards may branch, by the library's own measure.
    private static final int MOST_COMPLEXITY = 200;

    private final Machine machine = Machine.builder().build();
    private final boolean isEmpty;

    /// @param patterns each a JSON object
    /// @throws IllegalArgumentException with one sentence for who wrote them, where one is no pattern
    EventRules(List<String> patterns) {
        this.isEmpty = patterns.isEmpty();
        if (patterns.size() > MOST) {
            throw new IllegalArgumentException("a sink has at most " + MOST + " rules");
        }
        for (int i = 0; i < patterns.size(); i++) {
            String pattern = patterns.get(i);
            if (pattern.length() > MOST_CHARS) {
                throw new IllegalArgumentException("a rule has at most " + MOST_CHARS + " characters");
            }
            String problem = check(pattern);
            if (problem != null) {
                throw new IllegalArgumentException("the rule " + pattern + " is none: " + problem);
            }
            add("rule-" + i, pattern);
        }
        if (machine.evaluateComplexity(new MachineComplexityEvaluator(MOST_COMPLEXITY)) >= MOST_COMPLEXITY) {
            throw new IllegalArgumentException("the wildcards of the rules branch too much");
        }
    }

    private static @Nullable String check(String pattern) {
        try {
            String problem = RuleCompiler.check(pattern);
            return problem == null ? null : problem.lines().findFirst().orElse("");
        } catch (RuntimeException e) {
            return String.valueOf(e.getMessage());
        }
    }

    private void add(String name, String pattern) {
        try {
            machine.addRule(name, pattern);
        } catch (IOException | RuntimeException e) {
            throw new IllegalArgumentException("the rule " + pattern + " is none: " + e.getMessage(), e);
        }
    }

    /// Whether the event is meant.
    ///
    /// @param event a JSON object
    /// @throws IllegalArgumentException for what the library cannot read
    // The library says of its method that it throws anything.
    boolean match(String event) {
        if (isEmpty) {
            return true;
        }
        try {
            return !machine.rulesForJSONEvent(event).isEmpty();
        } catch (Exception e) {
            throw new IllegalArgumentException("the event cannot be compared with rules", e);
        }
    }
}
