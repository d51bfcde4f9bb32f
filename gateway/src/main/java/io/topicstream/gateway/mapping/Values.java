package io.topicstream.gateway.mapping;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Deque;
import java.util.Iterator;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What templates hold: how large it may be, and what it is as text.
final class Values {
    /// The most bits of a whole number; a loop that squares one would else never end.
    private static final int MAX_BITS = 4_096;

    /// The most digits of another number.
    private static final int MAX_DIGITS = 4_096;

    /// The most digits after its point, or zeros before it.
    private static final int MAX_SCALE = 4_096;

    private Values() {}

    /// Refuses what is too large to go on with.
    static void check(@Nullable Object value, Budget budget) {
        switch (value) {
            case String text -> {
                if (text.length() > budget.limits().outputChars()) {
                    budget.chars(text.length());
                }
            }
            case BigInteger number when number.bitLength() > MAX_BITS -> throw tooLong();
            case BigDecimal number
            when number.precision() > MAX_DIGITS || Math.abs((long) number.scale()) > MAX_SCALE -> throw tooLong();
            case null, default -> {}
        }
    }

    private static TemplateFailure tooLong() {
        return new TemplateFailure("A number in the template has too many digits.");
    }

    /// A value as text, as Java has it, which for a map is `{a=b}`.
    ///
    /// @throws TemplateFailure if it is larger than a text may be, or contains itself
    static String text(@Nullable Object value, Budget budget) {
        if (value instanceof String text) {
            return text;
        }
        if (value instanceof Collection<?> || value instanceof Map<?, ?>) {
            measure(value, budget);
        }
        return String.valueOf(value);
    }

    /// Adds up what is in a value before all of it becomes a text. One that contains itself has no end.
    private static void measure(Object value, Budget budget) {
        long chars = 0;
        Deque<Iterator<?>> open = new ArrayDeque<>();
        open.push(elements(value));
        while (!open.isEmpty()) {
            Iterator<?> at = open.peek();
            if (!at.hasNext()) {
                open.pop();
                continue;
            }
            Object next = at.next();
            chars += next instanceof String text ? text.length() + 2L : 8;
            if (next instanceof Map.Entry<?, ?> entry) {
                chars += String.valueOf(entry.getKey()).length();
                chars += entry.getValue() instanceof String text ? text.length() + 2L : 8;
                next = entry.getValue();
            }
            if (chars > budget.limits().outputChars()
                    || open.size() > 2 * io.topicstream.gateway.json.JsonBody.MAX_DEPTH) {
                throw new TemplateFailure("A value in the template is too large to be a text.");
            }
            if (next instanceof Collection<?> || next instanceof Map<?, ?>) {
                open.push(elements(next));
            }
        }
        budget.chars(chars);
    }

    private static Iterator<?> elements(Object value) {
        return value instanceof Map<?, ?> map ? map.entrySet().iterator() : ((Collection<?>) value).iterator();
    }
}
