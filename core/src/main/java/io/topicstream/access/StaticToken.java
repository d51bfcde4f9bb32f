package io.topicstream.access;

import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// A token that stands in the configuration, without the token itself: only its hash is kept.
///
/// @param sha256 of the token; owned by this record
/// @param user whom it stands for
/// @param name the display name, or null
/// @param grants what its bearer may do
/// @param expiresAtMs epoch milliseconds at which it ends, or [Identity#NEVER]
public record StaticToken(
        byte[] sha256, String user, @Nullable String name, List<Grant> grants, long expiresAtMs) {
    /// The shortest token, in characters. Eight random ones are 52 bits: whoever tries 100,000 a second needs
    /// centuries, and the log has told of him by then.
    public static final int MIN_LENGTH = 8;
    /// The longest, in characters.
    public static final int MAX_LENGTH = 512;

    /// The hashes of the tokens in the examples of our own documents.
    private static final List<byte[]> EXAMPLES = List.of(
            Secrets.sha256("the-token-of-carol"),
            Secrets.sha256("the-token-of-dana"),
            Secrets.sha256("change-me-please"));

    public StaticToken {
        if (!Identity.isValidUser(user)) {
            throw new IllegalArgumentException("not a user id: " + user);
        }
        if (name != null && !Identity.isValidName(name)) {
            throw new IllegalArgumentException("not a display name");
        }
        grants = List.copyOf(grants);
    }

    /// Keeps the hash of the token.
    public static StaticToken of(
            String token, String user, @Nullable String name, List<Grant> grants, long expiresAtMs) {
        if (!isValid(token)) {
            throw new IllegalArgumentException("a token is " + MIN_LENGTH + " to " + MAX_LENGTH
                    + " visible ASCII characters and does not begin with '" + ApiKeys.PREFIX + "'");
        }
        return new StaticToken(Secrets.sha256(token), user, name, grants, expiresAtMs);
    }

    /// Whether the text can be a token. The beginning of API keys is theirs, so that leak scanners
    /// and this server are never in doubt about which it is.
    public static boolean isValid(String token) {
        return token.length() >= MIN_LENGTH
                && token.length() <= MAX_LENGTH
                && !token.startsWith(ApiKeys.PREFIX)
                && token.chars().allMatch(c -> c > ' ' && c < 0x7f);
    }

    /// Whether it stands in the examples of our own documents. Everybody knows it then, so it keeps nobody out.
    public boolean isExample() {
        return EXAMPLES.stream().anyMatch(this::hashesTo);
    }

    /// Whether it is this one that was presented; in constant time.
    boolean hashesTo(byte[] presentedSha256) {
        return Secrets.same(sha256, presentedSha256);
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof StaticToken that
                && Arrays.equals(sha256, that.sha256)
                && user.equals(that.user)
                && Objects.equals(name, that.name)
                && grants.equals(that.grants)
                && expiresAtMs == that.expiresAtMs;
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(sha256);
    }

    @Override
    public String toString() {
        return "StaticToken[" + HexFormat.of().formatHex(sha256, 0, 4) + "… of " + user + "]";
    }
}
