package io.topicstream.aws.s3;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.topicstream.log.Batch;
import io.topicstream.log.Details;
import io.topicstream.log.Headers;
import io.topicstream.log.Message;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;

/// Messages and segments by chance, with all that a message may have.
final class RandomSegments {
    private static final List<Message.Kind> KINDS =
            List.of(Message.Kind.JSON, Message.Kind.BYTES, Message.Kind.REDACTED);
    private static final List<String> PAYLOADS = List.of(
            "null",
            "true",
            "-0.5e+30",
            "18446744073709551616",
            "\"\"",
            "\"\\u0000\\ud800\\\\\"",
            "[]",
            "{}",
            "{\"a\" : [1, {\"b\":null}]}",
            "\"grüße 😀 \u2028\"",
            "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]",
            "{\"topicstream_segment\":1}");
    private static final List<String> TEXTS =
            List.of("ann", "", "a\"b\\c", "ключ", "😀", "line\nbreak\u0000\u001f", "\u007f\u0085", "</script>");

    private final Random random;

    RandomSegments(Random random) {
        this.random = random;
    }

    /// A segment that begins at the offset, of so many messages at most.
    Segment segment(long firstOffset, int most) {
        int left = 1 + random.nextInt(most);
        long offset = firstOffset;
        List<Batch> batches = new ArrayList<>();
        while (left > 0) {
            int count = 1 + random.nextInt(left);
            List<Message> messages = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                messages.add(message(offset++));
            }
            batches.add(new Batch(random.nextLong(1L << random.nextInt(1, 63)), messages));
            left -= count;
        }
        return new Segment(batches);
    }

    Message message(long offset) {
        long timestamp = random.nextLong(1L << 62);
        if (random.nextInt(3) == 0) {
            return new Message(offset, timestamp, null, null, json(), null);
        }
        Message.Kind kind = KINDS.get(random.nextInt(KINDS.size()));
        byte[] payload = switch (kind) {
            case JSON -> json();
            case BYTES -> bytes();
            case REDACTED -> new byte[0];
        };
        Details details = new Details(
                kind,
                kind == Message.Kind.BYTES ? "application/x; q=\"1\"" : null,
                random.nextBoolean() ? Headers.NONE : headers(),
                textOrNull(),
                textOrNull(),
                textOrNull());
        return new Message(offset, timestamp, textOrNull(), textOrNull(), payload, details);
    }

    private byte[] json() {
        return PAYLOADS.get(random.nextInt(PAYLOADS.size())).getBytes(UTF_8);
    }

    private byte[] bytes() {
        byte[] bytes = new byte[random.nextInt(200)];
        random.nextBytes(bytes);
        return bytes;
    }

    private Headers headers() {
        Map<String, String> headers = new TreeMap<>();
        int count = random.nextInt(Headers.MAX_STORED_COUNT + 1);
        for (int i = 0; i < count; i++) {
            headers.put(
                    (random.nextBoolean() ? "_" : "x-") + i,
                    List.of("", "grüße \"😀\" \\", "v").get(random.nextInt(3)));
        }
        return Headers.kept(headers);
    }

    private String textOrNull() {
        return random.nextInt(3) == 0 ? null : TEXTS.get(random.nextInt(TEXTS.size()));
    }
}
