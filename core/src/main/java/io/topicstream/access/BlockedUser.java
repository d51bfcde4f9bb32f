package io.topicstream.access;

import io.topicstream.state.StateRecord;
import io.topicstream.state.StateStore;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/// A user who may not come in by any door, whatever he shows.
///
/// ```
/// partition   "blocked-users"
/// key         the user's id
/// value       1 byte   format version, 1
///             8 bytes  atMs
///             8 bytes  untilMs; Long.MAX_VALUE: until it is taken back
///             text     reason, empty where none was given; to the end, UTF-8
/// ```
///
/// Numbers are big-endian. A block that ends by itself is a record that expires.
///
/// @param user an authenticated user's id or a guest's, which begins with `guest.`
/// @param atMs epoch milliseconds since which
/// @param untilMs epoch milliseconds until which, or [Identity#NEVER]
/// @param reason for those who administer, or null; the user does not see it
public record BlockedUser(
        String user, long atMs, long untilMs, @Nullable String reason) {
    static final String PARTITION = "blocked-users";
    /// The longest reason, in characters: code points.
    public static final int MAX_REASON_LENGTH = 200;

    private static final byte VERSION = 1;

    public BlockedUser {
        if (!Identity.isValidId(user)) {
            throw new IllegalArgumentException("not a user id: it has 1 to " + Identity.MAX_USER_LENGTH
                    + " characters of A-Z a-z 0-9 . _ @ + -, after '" + Identity.GUEST_PREFIX
                    + "' where it is a guest's");
        }
        if (reason != null && !isReason(reason)) {
            throw new IllegalArgumentException(
                    "a reason has 1 to " + MAX_REASON_LENGTH + " characters, and no control characters");
        }
    }

    private static boolean isReason(String text) {
        return !text.isBlank()
                && text.codePointCount(0, text.length()) <= MAX_REASON_LENGTH
                && text.codePoints().noneMatch(Character::isISOControl);
    }

    /// Whether it holds.
    boolean holds(long nowMs) {
        return nowMs < untilMs;
    }

    byte[] encode() {
        byte[] text = reason == null ? new byte[0] : reason.getBytes(StandardCharsets.UTF_8);
        return ByteBuffer.allocate(1 + 2 * Long.BYTES + text.length)
                .put(VERSION)
                .putLong(atMs)
                .putLong(untilMs)
                .put(text)
                .array();
    }

    /// When its record goes.
    long expiresAtMs() {
        return untilMs == Identity.NEVER ? StateStore.NEVER : untilMs;
    }

    /// @throws IllegalStateException if the record is not that of a blocked user
    static BlockedUser decode(StateRecord record) {
        try {
            ByteBuffer in = ByteBuffer.wrap(record.value());
            byte version = in.get();
            if (version != VERSION) {
                throw new IllegalStateException("the block of " + record.key() + " has the format " + version
                        + ", which this version does not know");
            }
            long atMs = in.getLong();
            long untilMs = in.getLong();
            byte[] text = new byte[in.remaining()];
            in.get(text);
            return new BlockedUser(
                    record.key(), atMs, untilMs, text.length == 0 ? null : new String(text, StandardCharsets.UTF_8));
        } catch (BufferUnderflowException | IllegalArgumentException e) {
            throw new IllegalStateException("the block of " + record.key() + " is damaged", e);
        }
    }
}
