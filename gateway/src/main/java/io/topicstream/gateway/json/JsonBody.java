package io.topicstream.gateway.json;

import org.jspecify.annotations.Nullable;

/// The body of a message or of an answer, which may be JSON; it is parsed once, when somebody first asks.
/// Thread-safe.
///
/// What it hands out is shared by all who ask, and must not be changed. Objects are maps in the order of the
/// text, and of
/// members with the same name the last one counts. Arrays are [JsonList]s. Whole numbers are `Integer`,
/// `Long` or `BigInteger`; others are `Double`, and `BigDecimal` where that would lose digits. So numbers
/// are written back as API Gateway writes them: `1.10` as `1.1`.
public final class JsonBody {
    /// The most levels of arrays and objects in each other. What has more is not JSON here.
    public static final int MAX_DEPTH = 400;

    /// The most characters of a number.
    public static final int MAX_NUMBER_CHARS = 1_000;

    /// The most digits that a number has, or would have without an exponent, on one side of its point.
    /// Arithmetic and comparison may write them all out.
    public static final int MAX_NUMBER_DIGITS = 2_000;

    /// No body at all.
    public static final JsonBody NONE = new JsonBody("");

    private final String text;

    /// What it is, once somebody asked. Threads that ask at the same time may each parse it; all get one
    /// result.
    private volatile @Nullable Parsed parsed;

    private JsonBody(String text) {
        this.text = text;
    }

    /// A body; null is like an empty text.
    public static JsonBody of(@Nullable String text) {
        return text == null || text.isEmpty() ? NONE : new JsonBody(text);
    }

    /// The text as it came.
    public String text() {
        return text;
    }

    /// Whether it is one JSON value and nothing else. An empty text is not.
    public boolean isJson() {
        return parsed().valid;
    }

    /// What it is as JSON: null for JSON's null, and where it is not JSON.
    public @Nullable Object value() {
        return parsed().value;
    }

    /// Whether it is a JSON object.
    public boolean isObject() {
        return value() instanceof java.util.Map;
    }

    /// What stands at a place in it; nothing if it is not JSON.
    public Found at(JsonLocation location) {
        Parsed now = parsed();
        return now.valid ? location.in(now.value) : Found.NOTHING;
    }

    private Parsed parsed() {
        Parsed known = parsed;
        if (known == null) {
            synchronized (this) {
                known = parsed;
                if (known == null) {
                    known = Parsed.of(text);
                    parsed = known;
                }
            }
        }
        return known;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof JsonBody body && text.equals(body.text);
    }

    @Override
    public int hashCode() {
        return text.hashCode();
    }

    @Override
    public String toString() {
        return text;
    }

    private record Parsed(boolean valid, @Nullable Object value) {
        private static final Parsed NOT_JSON = new Parsed(false, null);

        static Parsed of(String text) {
            try {
                return new Parsed(true, JsonReading.read(text));
            } catch (NotJsonException e) {
                return NOT_JSON;
            }
        }
    }
}
