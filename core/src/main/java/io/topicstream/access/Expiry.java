package io.topicstream.access;

import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// When a credential ends, as people write it: an instant, or how long it is from now.
public final class Expiry {
    private static final Pattern TIME = Pattern.compile("([0-9]{1,9})([smhd])");

    private Expiry() {}

    /// Reads `2030-12-31T23:59:59Z`, or `90d` (with s, m, h or d).
    ///
    /// @return epoch milliseconds, after now
    /// @throws IllegalArgumentException if it is neither or has passed, saying so for the eyes of who wrote it
    public static long parse(String text, long nowMs) {
        return parse("a key", text, nowMs);
    }

    /// The same for what ends.
    ///
    /// @param what as in `a key`, for the eyes of who wrote it
    public static long parse(String what, String text, long nowMs) {
        long endMs = parseUnchecked(what, text, nowMs);
        if (endMs <= nowMs) {
            throw new IllegalArgumentException(what + " that ends at " + text + " has ended already");
        }
        return endMs;
    }

    private static long parseUnchecked(String what, String text, long nowMs) {
        Matcher time = TIME.matcher(text);
        try {
            return time.matches()
                    ? Math.addExact(nowMs, lengthOf(time).toMillis())
                    : Instant.parse(text).toEpochMilli();
        } catch (DateTimeException | ArithmeticException e) {
            throw new IllegalArgumentException(
                    what + " ends at an instant such as 2030-12-31T23:59:59Z, or after a time such as 90d (with s, m, h"
                            + " or d)",
                    e);
        }
    }

    private static Duration lengthOf(Matcher time) {
        long number = Long.parseLong(time.group(1));
        return switch (time.group(2)) {
            case "s" -> Duration.ofSeconds(number);
            case "m" -> Duration.ofMinutes(number);
            case "h" -> Duration.ofHours(number);
            default -> Duration.ofDays(number);
        };
    }
}
