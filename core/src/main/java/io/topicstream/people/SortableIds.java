package io.topicstream.people;

import io.topicstream.log.TopicName;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/// Ids of messages for clients who know no topics and offsets: 27 characters of base 62, as KSUIDs are written.
///
/// They are made of what names a message, so the same message has the same id whenever and wherever it is
/// shown. Of one topic, a later message has a greater one.
///
/// | bytes | what |
/// | --- | --- |
/// | 4 | when it was committed, in seconds since 2014-05-13T16:53:20Z |
/// | 8 | its offset |
/// | 8 | a hash of topic, offset and time |
public final class SortableIds {
    /// How long an id is, in characters.
    public static final int LENGTH = 27;

    private static final long FIRST_SECOND = 1_400_000_000;
    private static final int BYTES = 4 + 2 * Long.BYTES;
    private static final String DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    private static final BigInteger BASE = BigInteger.valueOf(DIGITS.length());
    private static final int MS_PER_SECOND = 1_000;

    private SortableIds() {}

    /// The id of a message.
    ///
    /// @param timestamp epoch milliseconds
    public static String of(TopicName topic, long offset, long timestamp) {
        ByteBuffer bytes = ByteBuffer.allocate(BYTES)
                .putInt((int) (timestamp / MS_PER_SECOND - FIRST_SECOND))
                .putLong(offset)
                .putLong(hash(topic, offset, timestamp));
        char[] text = new char[LENGTH];
        BigInteger rest = new BigInteger(1, bytes.array());
        for (int i = LENGTH - 1; i >= 0; i--) {
            BigInteger[] parts = rest.divideAndRemainder(BASE);
            text[i] = DIGITS.charAt(parts[1].intValue());
            rest = parts[0];
        }
        return new String(text);
    }

    private static long hash(TopicName topic, long offset, long timestamp) {
        byte[] name = topic.value().getBytes(StandardCharsets.US_ASCII);
        ByteBuffer all = ByteBuffer.allocate(2 * Long.BYTES + name.length)
                .putLong(offset)
                .putLong(timestamp)
                .put(name);
        try {
            return ByteBuffer.wrap(MessageDigest.getInstance("SHA-256").digest(all.array()))
                    .getLong();
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every Java platform has SHA-256", e);
        }
    }
}
