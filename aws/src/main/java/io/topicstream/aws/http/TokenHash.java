package io.topicstream.aws.http;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// The SHA-256 of the administrator's token: by which he is known to who must not know the token. Immutable.
public final class TokenHash {
    /// The variable in which it stands, in hex.
    public static final String VARIABLE = "TOPICSTREAM_ADMIN_TOKEN_SHA256";

    /// What has to stand there, in words. What stands there instead may be the token itself, and is not shown.
    public static final String FORM = "it has to be the SHA-256 of the administrator's token, in hex";

    private static final Pattern HEX = Pattern.compile("[0-9a-fA-F]{64}");

    private final byte[] hash;

    private TokenHash(byte[] hash) {
        this.hash = hash;
    }

    /// The hash that is written so; null where the text is not the hex of one.
    public static @Nullable TokenHash ofHexOrNull(String hex) {
        return HEX.matcher(hex).matches() ? new TokenHash(HexFormat.of().parseHex(hex)) : null;
    }

    /// That of a token.
    public static TokenHash ofToken(String token) {
        return new TokenHash(sha256(token));
    }

    /// Whether it is that of the token; in a time that does not depend on how much of it is right.
    public boolean matches(String presented) {
        return MessageDigest.isEqual(hash, sha256(presented));
    }

    private static byte[] sha256(String text) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(text.getBytes(UTF_8));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }
}
