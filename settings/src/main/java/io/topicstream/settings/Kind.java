package io.topicstream.settings;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// What a setting may be: how it is read from what was written, how it is shown, and what is allowed, in words.
///
/// @param <T> what it is in the program
public abstract class Kind<T> {
    private static final Pattern NUMBER_AND_UNIT = Pattern.compile("([0-9]{1,18}) ?([A-Za-z]*)");

    private final String allowed;

    /// @param allowed what is allowed, in words
    protected Kind(String allowed) {
        this.allowed = allowed;
    }

    /// What is allowed: `a whole number from 0 to 65535`.
    public final String allowed() {
        return allowed;
    }

    /// Reads what was written.
    ///
    /// @param path of the setting, for problems
    /// @param where it was written, for problems
    /// @return the value, or null if it is none, which is then among the problems
    public abstract @Nullable T read(ConfigNode written, String path, Place where, Problems problems);

    /// The value as one would write it; nothing of it if it is secret.
    public abstract String show(T value);

    /// Where something was written.
    @FunctionalInterface
    public interface Place {
        /// The file and line, the variable or the flag.
        String at(ConfigNode node);
    }

    /// `true` or `false`.
    public static Kind<Boolean> truth() {
        return value(
                "true or false",
                text -> switch (text) {
                    case "true" -> true;
                    case "false" -> false;
                    default -> null;
                },
                String::valueOf);
    }

    /// `on` or `off`.
    public static Kind<Boolean> onOrOff() {
        return value(
                "on or off",
                text -> switch (text) {
                    case "on" -> true;
                    case "off" -> false;
                    default -> null;
                },
                on -> on ? "on" : "off");
    }

    /// A whole number between two others, both included.
    public static Kind<Integer> number(int least, int most) {
        return value(
                "a whole number from " + least + " to " + most,
                text -> {
                    @Nullable Long number = text.matches("[0-9]{1,18}") ? (Long) Long.parseLong(text) : null;
                    return number == null || number < least || number > most ? null : number.intValue();
                },
                String::valueOf);
    }

    /// Bytes: `64KiB`, or a bare number of bytes.
    public static Kind<Long> size(long least, long most) {
        return value(
                "a size from " + showSize(least) + " to " + showSize(most)
                        + " (a number of bytes, or with B, KiB, MiB, GiB)",
                text -> within(scaled(text, Kind::bytesOf), least, most),
                Kind::showSize);
    }

    /// A length of time: `25s`.
    public static Kind<Duration> time(Duration least, Duration most) {
        return value(
                "a time from " + showTime(least) + " to " + showTime(most) + " (a number with ms, s, m, h or d)",
                text -> {
                    @Nullable Long ms = within(scaled(text, Kind::msOf), least.toMillis(), most.toMillis());
                    return ms == null ? null : Duration.ofMillis(ms);
                },
                Kind::showTime);
    }

    /// A length of time too short for most eyes, in microseconds: `400us`; `0` needs no unit.
    public static Kind<Integer> briefTime(int leastUs, int mostUs) {
        return value(
                "a time from " + showBriefTime(leastUs) + " to " + showBriefTime(mostUs) + " (a number with us or ms)",
                text -> {
                    @Nullable
                    Long us = within(text.equals("0") ? (Long) 0L : scaled(text, Kind::usOf), leastUs, mostUs);
                    return us == null ? null : us.intValue();
                },
                Kind::showBriefTime);
    }

    /// One of a few, each with its name.
    public static <T> Kind<T> oneOf(List<T> all, Function<T, String> name) {
        String names = all.stream().map(name).collect(Collectors.joining(", "));
        return value(
                "one of " + names,
                text -> all.stream()
                        .filter(one -> name.apply(one).equals(text))
                        .findFirst()
                        .orElse(null),
                name);
    }

    /// A path.
    public static Kind<Path> directory() {
        return new Kind<>("a path") {
            @Override
            public @Nullable Path read(ConfigNode written, String path, Place where, Problems problems) {
                if (written instanceof ConfigNode.Text text && text.text().indexOf('\0') < 0) {
                    try {
                        return Path.of(text.text());
                    } catch (InvalidPathException e) {
                        problems.add(
                                where.at(written),
                                path + " is " + describe(written) + ", and the locale has no such letters; one with"
                                        + " UTF-8 has (LC_ALL=C.UTF-8)");
                        return null;
                    }
                }
                problems.add(where.at(written), path + " is " + describe(written) + "; allowed is " + allowed());
                return null;
            }

            @Override
            public String show(Path value) {
                return value.toString();
            }
        };
    }

    /// A path, or nothing.
    public static Kind<List<Path>> pathOrNone() {
        return orNone(directory());
    }

    /// One value of a kind, or none where the setting is left out.
    public static <T> Kind<List<T>> orNone(Kind<T> one) {
        return new Kind<>(one.allowed()) {
            @Override
            public @Nullable List<T> read(ConfigNode written, String path, Place where, Problems problems) {
                @Nullable T value = one.read(written, path, where, problems);
                return value == null ? null : List.of(value);
            }

            @Override
            public String show(List<T> value) {
                return value.isEmpty() ? "" : one.show(value.getFirst());
            }
        };
    }

    /// A text of a certain form.
    ///
    /// @param allowed what is allowed, in words
    public static Kind<String> text(String allowed, Predicate<String> isAllowed) {
        return value(allowed, text -> isAllowed.test(text) ? text : null, text -> text);
    }

    /// An address to listen on. A name is resolved here and now, so that what was checked is what is bound.
    public static Kind<InetAddress> address() {
        return value(
                "an IP address of this machine, or a name that has one (127.0.0.1, ::1, 0.0.0.0, localhost)",
                text -> {
                    try {
                        return text.isBlank() ? null : InetAddress.getByName(text);
                    } catch (UnknownHostException e) {
                        return null;
                    }
                },
                InetAddress::getHostAddress);
    }

    /// A list of texts. As one text they are separated by commas.
    public static Kind<List<String>> list(String allowedItem, Predicate<String> isAllowed) {
        return new Kind<>("a list; each is " + allowedItem) {
            @Override
            public @Nullable List<String> read(ConfigNode written, String path, Place where, Problems problems) {
                List<ConfigNode> items = switch (written) {
                    case ConfigNode.Text text ->
                        Stream.of(text.text().split(",", -1))
                                .map(String::strip)
                                .filter(item -> !text.text().isBlank())
                                .map(item -> (ConfigNode) new ConfigNode.Text(item, text.line()))
                                .toList();
                    case ConfigNode.Sequence sequence -> sequence.items();
                    case ConfigNode.Nothing nothing -> List.of(nothing);
                    case ConfigNode.Mapping mapping -> List.of(mapping);
                };
                List<String> values = new ArrayList<>();
                boolean right = true;
                for (ConfigNode item : items) {
                    if (item instanceof ConfigNode.Text text && isAllowed.test(text.text())) {
                        values.add(text.text());
                    } else {
                        right = false;
                        problems.add(where.at(item), path + " has " + describe(item) + "; allowed is " + allowed());
                    }
                }
                return right ? List.copyOf(values) : null;
            }

            @Override
            public String show(List<String> value) {
                return String.join(", ", value);
            }
        };
    }

    /// A kind of which every value is one text.
    ///
    /// @param read answers null for what is not allowed
    static <T> Kind<T> value(String allowed, Function<String, @Nullable T> read, Function<T, String> show) {
        return new Kind<>(allowed) {
            @Override
            public @Nullable T read(ConfigNode written, String path, Place where, Problems problems) {
                @Nullable T value = written instanceof ConfigNode.Text text ? read.apply(text.text()) : null;
                if (value == null) {
                    problems.add(where.at(written), path + " is " + describe(written) + "; allowed is " + allowed());
                }
                return value;
            }

            @Override
            public String show(T value) {
                return show.apply(value);
            }
        };
    }

    /// What was written, in words, for a problem.
    public static String describe(ConfigNode written) {
        return switch (written) {
            case ConfigNode.Text text -> {
                String shown = text.text()
                        .codePoints()
                        .limit(80)
                        .mapToObj(c -> Character.isISOControl(c) ? "?" : Character.toString(c))
                        .collect(Collectors.joining());
                yield "'" + shown + (shown.length() < text.text().length() ? "…" : "") + "'";
            }
            case ConfigNode.Nothing _ -> "empty";
            case ConfigNode.Sequence _ -> "a list";
            case ConfigNode.Mapping _ -> "a mapping";
        };
    }

    /// A size as one would write it: `64KiB`.
    public static String showSize(long bytes) {
        for (String unit : List.of("GiB", "MiB", "KiB")) {
            if (bytes > 0 && bytes % bytesOf(unit) == 0) {
                return bytes / bytesOf(unit) + unit;
            }
        }
        return bytes + "B";
    }

    static String showTime(Duration time) {
        for (String unit : List.of("d", "h", "m", "s")) {
            if (time.toMillis() > 0 && time.toMillis() % msOf(unit) == 0) {
                return time.toMillis() / msOf(unit) + unit;
            }
        }
        return time.toMillis() + "ms";
    }

    private static String showBriefTime(int us) {
        return us > 0 && us % 1_000 == 0 ? us / 1_000 + "ms" : us + "us";
    }

    /// What one of a unit is; 0 if it is none.
    private static long bytesOf(String unit) {
        return switch (unit) {
            case "", "B" -> 1;
            case "KiB" -> 1L << 10;
            case "MiB" -> 1L << 20;
            case "GiB" -> 1L << 30;
            default -> 0;
        };
    }

    private static long usOf(String unit) {
        return switch (unit) {
            case "us" -> 1;
            case "ms" -> 1_000;
            default -> 0;
        };
    }

    private static long msOf(String unit) {
        return switch (unit) {
            case "ms" -> 1;
            case "s" -> 1_000;
            case "m" -> 60_000;
            case "h" -> 3_600_000;
            case "d" -> 86_400_000;
            default -> 0;
        };
    }

    private static @Nullable Long scaled(String text, Function<String, Long> scaleOf) {
        Matcher matcher = NUMBER_AND_UNIT.matcher(text);
        if (!matcher.matches()) {
            return null;
        }
        long scale = scaleOf.apply(matcher.group(2));
        long number = Long.parseLong(matcher.group(1));
        return scale == 0 || number > Long.MAX_VALUE / scale ? null : (Long) (number * scale);
    }

    private static @Nullable Long within(@Nullable Long value, long least, long most) {
        return value == null || value < least || value > most ? null : value;
    }
}
