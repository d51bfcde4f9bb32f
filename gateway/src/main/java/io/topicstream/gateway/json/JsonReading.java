package io.topicstream.gateway.json;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.json.JsonFactory;

/// Reads JSON into maps, lists and scalars, without recursion and within the bounds of [JsonBody].
public final class JsonReading {
    /// A number of more digits than this would lose some as a `double`.
    private static final int MAX_DOUBLE_CHARS = 18;

    private static final JsonFactory FACTORY = JsonFactory.builder()
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxNestingDepth(JsonBody.MAX_DEPTH)
                    .maxNumberLength(JsonBody.MAX_NUMBER_CHARS)
                    .maxStringLength(Integer.MAX_VALUE)
                    .maxNameLength(Integer.MAX_VALUE)
                    .build())
            // Names come from clients: a table of them that all share would only grow.
            .disable(tools.jackson.core.TokenStreamFactory.Feature.CANONICALIZE_PROPERTY_NAMES)
            .disable(StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION)
            .build();

    private JsonReading() {}

    /// The value that a text is.
    ///
    /// @return fresh maps, [JsonList]s and scalars, which are the caller's
    /// @throws NotJsonException if it is not one JSON value
    public static @Nullable Object read(String text) throws NotJsonException {
        try (JsonParser parser = FACTORY.createParser(ObjectReadContext.empty(), text)) {
            if (parser.nextToken() == null) {
                throw new NotJsonException("an empty text");
            }
            Object value = value(parser);
            if (parser.nextToken() != null) {
                throw new NotJsonException("more than one value");
            }
            return value;
        } catch (JacksonException e) {
            throw new NotJsonException(String.valueOf(e.getOriginalMessage()));
        }
    }

    private static @Nullable Object value(JsonParser parser) throws NotJsonException {
        List<Object> open = new ArrayList<>();
        List<String> names = new ArrayList<>();
        Object root = null;
        JsonToken token = parser.currentToken();
        while (true) {
            Object made = null;
            boolean ends = false;
            switch (token) {
                case START_OBJECT -> made = new LinkedHashMap<String, @Nullable Object>();
                case START_ARRAY -> made = new JsonList();
                case END_OBJECT, END_ARRAY -> ends = true;
                case PROPERTY_NAME -> {
                    names.set(names.size() - 1, parser.currentName());
                    token = next(parser);
                    continue;
                }
                default -> made = scalar(parser, token);
            }
            if (ends) {
                open.removeLast();
                names.removeLast();
            } else {
                if (open.isEmpty()) {
                    root = made;
                } else {
                    put(open.getLast(), names.getLast(), made);
                }
                if (token == JsonToken.START_OBJECT || token == JsonToken.START_ARRAY) {
                    open.add(java.util.Objects.requireNonNull(made));
                    names.add("");
                }
            }
            if (open.isEmpty()) {
                return root;
            }
            token = next(parser);
        }
    }

    @SuppressWarnings("unchecked") // Made above, with these types.
    private static void put(Object container, String name, @Nullable Object value) {
        if (container instanceof JsonList list) {
            list.add(value);
        } else {
            ((Map<String, @Nullable Object>) container).put(name, value);
        }
    }

    private static JsonToken next(JsonParser parser) throws NotJsonException {
        JsonToken token = parser.nextToken();
        if (token == null) {
            throw new NotJsonException("it ends too early");
        }
        return token;
    }

    private static @Nullable Object scalar(JsonParser parser, JsonToken token) throws NotJsonException {
        return switch (token) {
            case VALUE_STRING -> parser.getString();
            case VALUE_TRUE -> true;
            case VALUE_FALSE -> false;
            case VALUE_NULL -> null;
            case VALUE_NUMBER_INT -> integer(parser);
            case VALUE_NUMBER_FLOAT -> decimal(parser);
            default -> throw new NotJsonException("unexpected " + token);
        };
    }

    private static Object integer(JsonParser parser) {
        Number number = parser.getNumberValue();
        return number instanceof BigInteger || number instanceof Long ? number : (Object) number.intValue();
    }

    private static Object decimal(JsonParser parser) throws NotJsonException {
        double value = parser.getDoubleValue();
        if (parser.getStringLength() <= MAX_DOUBLE_CHARS && !Double.isInfinite(value)) {
            return value;
        }
        try {
            BigDecimal exact = parser.getDecimalValue();
            if (Math.abs((long) exact.scale()) <= JsonBody.MAX_NUMBER_DIGITS) {
                return exact;
            }
        } catch (NumberFormatException e) {
            // Its exponent is beyond what a number can have at all.
        }
        throw new NotJsonException("a number has too many digits");
    }
}
