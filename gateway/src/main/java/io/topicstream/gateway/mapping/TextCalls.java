package io.topicstream.gateway.mapping;

import io.topicstream.gateway.json.JsonList;
import io.topicstream.gateway.mapping.BoundedPattern.GaveUp;
import java.util.Collection;
import java.util.Locale;
import java.util.regex.Matcher;
import org.jspecify.annotations.Nullable;

/// The methods of texts that templates may use. What may grow asks the budget, and regular expressions are
/// bounded.
final class TextCalls {
    private TextCalls() {}

    static @Nullable Object call(String text, String method, @Nullable Object[] arguments, Budget budget) {
        return switch (method) {
            case "length" -> text.length();
            case "isEmpty" -> text.isEmpty();
            case "isBlank" -> text.isBlank();
            case "charAt" -> String.valueOf(text.charAt(Calls.index(arguments, 0)));
            case "substring" ->
                arguments.length == 1
                        ? text.substring(Calls.index(arguments, 0))
                        : text.substring(Calls.index(arguments, 0), Calls.index(arguments, 1));
            case "indexOf" ->
                arguments.length == 1
                        ? text.indexOf(text(arguments, 0))
                        : text.indexOf(text(arguments, 0), Calls.index(arguments, 1));
            case "lastIndexOf" ->
                arguments.length == 1
                        ? text.lastIndexOf(text(arguments, 0))
                        : text.lastIndexOf(text(arguments, 0), Calls.index(arguments, 1));
            case "startsWith" ->
                arguments.length == 1
                        ? text.startsWith(text(arguments, 0))
                        : text.startsWith(text(arguments, 0), Calls.index(arguments, 1));
            case "endsWith" -> text.endsWith(text(arguments, 0));
            case "contains" -> text.contains(text(arguments, 0));
            case "equals" -> text.equals(arguments[0]);
            case "equalsIgnoreCase" -> text.equalsIgnoreCase(text(arguments, 0));
            case "compareTo" -> text.compareTo(text(arguments, 0));
            case "compareToIgnoreCase" -> text.compareToIgnoreCase(text(arguments, 0));
            case "hashCode" -> text.hashCode();
            case "toString", "intern" -> text;
            case "getClass" -> new Calls.TypeName(String.class);
            default -> made(text, method, arguments, budget);
        };
    }

    /// The methods that make texts.
    private static @Nullable Object made(String text, String method, @Nullable Object[] arguments, Budget budget) {
        return switch (method) {
            case "trim" -> text.trim();
            case "strip" -> text.strip();
            case "toLowerCase" -> text.toLowerCase(Locale.ROOT);
            case "toUpperCase" -> text.toUpperCase(Locale.ROOT);
            case "concat" -> {
                budget.chars((long) text.length() + text(arguments, 0).length());
                yield text.concat(text(arguments, 0));
            }
            case "valueOf" -> Values.text(arguments[0], budget);
            case "join" -> join((Collection<?>) Calls.argument(arguments, 1), text(arguments, 0), budget);
            case "replace" -> replace(text, text(arguments, 0), text(arguments, 1), budget);
            case "replaceAll" -> replace(text, pattern(arguments), text(arguments, 1), false, budget);
            case "replaceFirst" -> replace(text, pattern(arguments), text(arguments, 1), true, budget);
            case "matches" -> ask(() -> pattern(arguments).matcher(text).matches());
            case "split" -> split(text, pattern(arguments), arguments.length > 1 ? Calls.index(arguments, 1) : 0);
            default -> null;
        };
    }

    private static String text(@Nullable Object[] arguments, int index) {
        return (String) Calls.argument(arguments, index);
    }

    private static BoundedPattern pattern(@Nullable Object[] arguments) {
        return BoundedPattern.of(text(arguments, 0));
    }

    private static String join(Collection<?> all, String between, Budget budget) {
        StringBuilder joined = new StringBuilder();
        String separator = "";
        for (Object element : all) {
            joined.append(separator).append(Values.text(element, budget));
            budget.chars(joined.length() / 16);
            if (joined.length() > budget.limits().outputChars()) {
                budget.chars(joined.length());
            }
            separator = between;
        }
        return joined.toString();
    }

    private static String replace(String text, String what, String by, Budget budget) {
        StringBuilder result = new StringBuilder(text.length());
        int from = 0;
        int at = text.indexOf(what);
        while (at >= 0) {
            result.append(text, from, at).append(by);
            room(result, budget);
            from = at + what.length();
            if (what.isEmpty()) {
                if (at == text.length()) {
                    break;
                }
                result.append(text.charAt(at));
                from = at + 1;
            }
            at = text.indexOf(what, from);
        }
        result.append(text, Math.min(from, text.length()), text.length());
        budget.chars(result.length());
        return result.toString();
    }

    private static String replace(String text, BoundedPattern what, String by, boolean once, Budget budget) {
        return ask(() -> {
            Matcher matcher = what.matcher(text);
            StringBuilder result = new StringBuilder(text.length());
            while (matcher.find()) {
                matcher.appendReplacement(result, by);
                room(result, budget);
                if (once) {
                    break;
                }
            }
            matcher.appendTail(result);
            budget.chars(result.length());
            return result.toString();
        });
    }

    private static void room(StringBuilder result, Budget budget) {
        if (result.length() > budget.limits().outputChars()) {
            budget.chars(result.length());
        }
    }

    private static JsonList split(String text, BoundedPattern by, int limit) {
        return ask(() -> {
            JsonList parts = new JsonList();
            Matcher matcher = by.matcher(text);
            int from = 0;
            while ((limit <= 0 || parts.size() < limit - 1) && matcher.find()) {
                if (matcher.end() == 0) {
                    continue;
                }
                parts.add(text.substring(from, matcher.start()));
                from = matcher.end();
            }
            parts.add(text.substring(from));
            if (limit == 0) {
                while (parts.size() > 1 && "".equals(parts.getLast())) {
                    parts.removeLast();
                }
            }
            return parts;
        });
    }

    private static <T> T ask(java.util.function.Supplier<T> question) {
        try {
            return question.get();
        } catch (GaveUp | StackOverflowError e) {
            throw new TemplateFailure("A regular expression in the template takes too long.");
        }
    }
}
