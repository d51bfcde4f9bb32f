package io.topicstream.log;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.List;

/// A hash of what [RepeatRule] compares of messages, for engines that keep no more of them than it. It is stored, so
/// it never changes.
public final class ContentHash {
    private static final int HASH_BYTES = 16;
    private static final byte[] NOTHING = {};

    private ContentHash() {}

    /// The hash of some consecutive drafts.
    public static byte[] of(List<Draft> drafts, int from, int count) {
        MessageDigest digest;
        try {
            digest = MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every Java platform has SHA-256", e);
        }
        for (int i = from; i < from + count; i++) {
            Draft draft = drafts.get(i);
            byte kind = switch (draft.kind()) {
                case JSON -> 0;
                case BYTES -> 1;
                case REDACTED -> 2;
            };
            digest.update(kind);
            String contentType = draft.contentType();
            update(digest, contentType == null ? NOTHING : contentType.getBytes(StandardCharsets.UTF_8));
            update(digest, aboutOf(draft));
            update(digest, draft.payload());
        }
        return Arrays.copyOf(digest.digest(), HASH_BYTES);
    }

    private static byte[] aboutOf(Draft draft) {
        About about = draft.about();
        return about == null ? NOTHING : about.text().getBytes(StandardCharsets.UTF_8);
    }

    /// With the length in front, two of them never read like one.
    private static void update(MessageDigest digest, byte[] bytes) {
        for (int shift = 24; shift >= 0; shift -= 8) {
            digest.update((byte) (bytes.length >>> shift));
        }
        digest.update(bytes);
    }
}
