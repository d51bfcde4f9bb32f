package io.topicstream.gateway.definition;

import io.topicstream.gateway.mapping.BoundedPattern;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Holds the value of a parameter to what the template allows, in the words of CloudFormation.
final class ParameterCheck {
    /// The longest value, as CloudFormation has it.
    private static final int LONGEST = 4_096;

    private ParameterCheck() {}

    /// What is wrong with a value, for a sentence about the parameter; null where nothing is.
    static @Nullable String problem(Node.Members declared, String value) {
        @Nullable String wrong = wrong(declared, value);
        if (wrong == null) {
            return null;
        }
        String own = declared.textAt("ConstraintDescription");
        boolean isSecret = declared.textAt("NoEcho").equals("true");
        return (own.isEmpty() ? wrong : "failed to satisfy constraint: " + own)
                + (isSecret || value.length() > LONGEST ? "" : ", not '" + value + "'");
    }

    private static @Nullable String wrong(Node.Members declared, String value) {
        if (value.length() > LONGEST) {
            return "must contain at most " + LONGEST + " characters";
        }
        String type = declared.textAt("Type");
        boolean isList = type.equals("CommaDelimitedList") || type.contains("List<");
        if (declared.at("AllowedValues") instanceof Node.Items allowed) {
            List<String> values = texts(allowed);
            List<String> given = isList ? List.of(value.split(" *, *", -1)) : List.of(value);
            if (!values.containsAll(given)) {
                return "must be one of AllowedValues " + String.join(", ", values);
            }
        }
        if (type.equals("Number")) {
            return ofNumber(declared, value);
        }
        return isList ? null : ofText(declared, value);
    }

    private static @Nullable String ofNumber(Node.Members declared, String value) {
        @Nullable BigDecimal number = number(value);
        if (number == null) {
            return "must be a number";
        }
        @Nullable BigDecimal least = number(declared.textAt("MinValue"));
        @Nullable BigDecimal most = number(declared.textAt("MaxValue"));
        if (least != null && number.compareTo(least) < 0) {
            return "must be a number not less than " + least;
        }
        return most != null && number.compareTo(most) > 0 ? "must be a number not greater than " + most : null;
    }

    private static @Nullable String ofText(Node.Members declared, String value) {
        @Nullable BigDecimal least = number(declared.textAt("MinLength"));
        @Nullable BigDecimal most = number(declared.textAt("MaxLength"));
        BigDecimal length = BigDecimal.valueOf(value.length());
        if (least != null && length.compareTo(least) < 0) {
            return "must contain at least " + least + " characters";
        }
        if (most != null && length.compareTo(most) > 0) {
            return "must contain at most " + most + " characters";
        }
        String pattern = declared.textAt("AllowedPattern");
        try {
            return pattern.isEmpty() || BoundedPattern.of(pattern).matches(value)
                    ? null
                    : "must match pattern " + pattern;
        } catch (IllegalArgumentException e) {
            return "has an AllowedPattern that is no regular expression";
        } catch (BoundedPattern.GaveUpException e) {
            return "has an AllowedPattern that takes too long to find out";
        }
    }

    private static @Nullable BigDecimal number(String text) {
        return text.matches("[+-]?[0-9]{1,30}(\\.[0-9]{1,30})?") ? new BigDecimal(text) : null;
    }

    private static List<String> texts(Node.Items items) {
        List<String> texts = new ArrayList<>();
        for (Node one : items.items()) {
            texts.add(one instanceof Node.Text text ? text.text() : "");
        }
        return texts;
    }
}
