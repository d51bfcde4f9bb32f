package io.topicstream.aws.runtime;

import io.topicstream.log.TopicPattern;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The variables of a function's environment, as they are read at its start. It gathers what is missing or wrong, so
/// that all of it is said at once. Not thread-safe.
final class Environment {
    private final Map<String, String> variables;
    private final List<String> missing = new ArrayList<>();
    private final List<String> wrong = new ArrayList<>();

    Environment(Map<String, String> variables) {
        this.variables = variables;
    }

    /// All of them.
    Map<String, String> variables() {
        return variables;
    }

    /// The value, or null where it is missing or blank.
    @Nullable
    String value(String name) {
        String value = variables.get(name);
        return value == null || value.isBlank() ? null : value.strip();
    }

    /// The value. Where it is missing that is noted, and the text is empty.
    String required(String name) {
        String value = value(name);
        if (value == null) {
            isMissing(name);
            return "";
        }
        return value;
    }

    /// Topics and beginnings of topics, with commas between them.
    ///
    /// @param usual what there is where it is missing
    List<TopicPattern> topics(String name, List<TopicPattern> usual) {
        String text = value(name);
        if (text == null) {
            return usual;
        }
        List<TopicPattern> topics = TopicPattern.listOrNull(text);
        if (topics == null) {
            isWrong(name, text, TopicPattern.LIST_RULE);
            return List.of();
        }
        return topics;
    }

    void isMissing(String name) {
        missing.add(name);
    }

    /// @param right what would be right
    void isWrong(String name, String value, String right) {
        wrong.add(name + " is \"" + value + "\"; it has to be " + right + ".");
    }

    /// Notes what is wrong, in a sentence without its full stop.
    void isWrong(String sentence) {
        wrong.add(sentence + ".");
    }

    /// Whether stand-ins are asked in place of S3; most have one host for all buckets.
    boolean isBesideAws() {
        return value("AWS_ENDPOINT_URL") != null || value("AWS_ENDPOINT_URL_S3") != null;
    }

    /// @throws IllegalArgumentException with a sentence for all that is missing, and one for each value that is wrong
    void check() {
        List<String> problems = new ArrayList<>();
        if (!missing.isEmpty()) {
            problems.add("The function needs " + String.join(" and ", missing) + " in its environment.");
        }
        problems.addAll(wrong);
        if (!problems.isEmpty()) {
            throw new IllegalArgumentException(String.join(" ", problems));
        }
    }
}
