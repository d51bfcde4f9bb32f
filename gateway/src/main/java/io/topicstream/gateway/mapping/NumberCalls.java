package io.topicstream.gateway.mapping;

import java.math.BigDecimal;
import java.math.BigInteger;
import org.jspecify.annotations.Nullable;

/// The methods of numbers that templates may use. The static ones are reached through any number, as
/// `$number.parseInt("1")` is.
final class NumberCalls {
    private NumberCalls() {}

    static @Nullable Object call(Number number, String method, @Nullable Object[] arguments) {
        return switch (method) {
            case "intValue" -> number.intValue();
            case "longValue" -> number.longValue();
            case "doubleValue" -> number.doubleValue();
            case "floatValue" -> number.floatValue();
            case "toString" -> number.toString();
            case "hashCode" -> number.hashCode();
            case "equals" -> number.equals(arguments[0]);
            case "compareTo" -> decimal(number).compareTo(decimal((Number) Calls.argument(arguments, 0)));
            case "parseInt" -> Integer.parseInt(Calls.argument(arguments, 0).toString());
            case "parseLong" -> Long.parseLong(Calls.argument(arguments, 0).toString());
            case "parseDouble" ->
                Double.parseDouble(Calls.argument(arguments, 0).toString());
            case "valueOf" -> valueOf(number, Calls.argument(arguments, 0).toString());
            case "getClass" -> new Calls.TypeName(number.getClass());
            default -> null;
        };
    }

    private static Number valueOf(Number like, String text) {
        return switch (like) {
            case Integer _ -> Integer.valueOf(text);
            case Long _ -> Long.valueOf(text);
            default -> Double.valueOf(text);
        };
    }

    private static BigDecimal decimal(Number number) {
        return switch (number) {
            case BigDecimal exact -> exact;
            case BigInteger whole -> new BigDecimal(whole);
            case Double inexact -> BigDecimal.valueOf(inexact);
            default -> new BigDecimal(number.toString());
        };
    }
}
