package io.topicstream.server.gateway;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.time.InstantSource;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;

/// The header fields and bodies by which answers of API Gateway are known. Thread-safe.
final class AnswerFields {
    static final String JSON = "application/json";
    static final String REQUEST_ID = "x-amzn-RequestId";
    static final String ERROR_TYPE = "x-amzn-ErrorType";
    static final String FORBIDDEN_EXCEPTION = "ForbiddenException";

    static final byte[] FORBIDDEN = "{\"message\":\"Forbidden\"}".getBytes(UTF_8);
    static final byte[] INTERNAL = "{\"message\":\"Internal server error\"}".getBytes(UTF_8);

    private static final Set<String> OF_THE_TRANSPORT =
            Set.of("content-type", "content-length", "connection", "transfer-encoding", "date", "upgrade");

    private final Supplier<String> ids;
    private final InstantSource clock;
    private final RandomGenerator random;

    /// @param ids of requests
    /// @param random need not be hard to guess; thread-safe
    AnswerFields(Supplier<String> ids, InstantSource clock, RandomGenerator random) {
        this.ids = ids;
        this.clock = clock;
        this.random = random;
    }

    /// Those of every answer.
    Map<String, String> ofAnswer() {
        Map<String, String> fields = new LinkedHashMap<>();
        long most = (random.nextLong() & ~0xF000L) | 0x4000L;
        long least = (random.nextLong() >>> 2) | Long.MIN_VALUE;
        fields.put(REQUEST_ID, new UUID(most, least).toString());
        fields.put("x-amz-apigw-id", ids.get());
        HexFormat hex = HexFormat.of();
        fields.put(
                "X-Amzn-Trace-Id",
                "Root=1-" + hex.toHexDigits((int) (clock.millis() / 1000)) + "-" + hex.toHexDigits(random.nextLong())
                        + hex.toHexDigits(random.nextInt()));
        return fields;
    }

    /// Those of an error.
    Map<String, String> ofError(String type) {
        Map<String, String> fields = ofAnswer();
        fields.put(ERROR_TYPE, type);
        return fields;
    }

    /// Whether a field of a back end's answer may go to the client.
    static boolean maySend(String name, String value) {
        return !name.isEmpty()
                && name.chars().allMatch(c -> c > ' ' && c < 0x7F && c != ':')
                && !OF_THE_TRANSPORT.contains(name.toLowerCase(Locale.ROOT))
                && isText(value);
    }

    /// Whether the text can be the value of a field.
    static boolean isText(String value) {
        return value.chars().allMatch(c -> (c >= ' ' || c == '\t') && c < 0x7F);
    }
}
