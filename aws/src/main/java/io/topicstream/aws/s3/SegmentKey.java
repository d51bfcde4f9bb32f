package io.topicstream.aws.s3;

import io.topicstream.log.TopicName;

/// The key of a segment: `topics/{topic}/{first offset, 20 digits}.json`.
///
/// Names of topics stand in it as they are. They have no `/`, so two topics never meet, and none is the
/// beginning of another's keys; they do not begin with `.`, so no part of a key is a relative path; and
/// they have 200 characters of ASCII at most, so a key has 233 bytes of the 1,024 that S3 allows. The
/// digits make the order of keys that of offsets.
final class SegmentKey {
    private static final int DIGITS = 20;

    private static final String SUFFIX = ".json";
    private static final long NONE = -1;

    private SegmentKey() {}

    /// What the keys of all segments of a topic begin with, and of no other.
    static String prefix(TopicName topic) {
        return "topics/" + topic.value() + '/';
    }

    static String of(TopicName topic, long firstOffset) {
        String digits = Long.toString(firstOffset);
        return prefix(topic) + "0".repeat(DIGITS - digits.length()) + digits + SUFFIX;
    }

    /// The first offset of the segment with this key; -1 where it is the key of something else, which
    /// somebody else has put there.
    static long firstOffset(TopicName topic, String key) {
        int start = prefix(topic).length();
        if (key.length() != start + DIGITS + SUFFIX.length() || !key.endsWith(SUFFIX)) {
            return NONE;
        }
        long offset = 0;
        for (int i = start; i < start + DIGITS; i++) {
            int digit = key.charAt(i) - '0';
            if (digit < 0 || digit > 9 || offset > (Long.MAX_VALUE - digit) / 10) {
                return NONE;
            }
            offset = offset * 10 + digit;
        }
        return offset == 0 ? NONE : offset;
    }
}
