package io.topicstream.access;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.Base64;

/// How signed tokens are named without being shown: [Identity#credentialId] of those that log in with one, by which it
/// can be revoked.
///
/// A token with an id of its own (`jti`) is named by its issuer and that id. Any other is named by what is signed and
/// not by its whole text: a signature can be written in more ways than one.
public final class TokenIds {
    private static final String PREFIX = "jwt-";

    private TokenIds() {}

    /// Of the token with this id (`jti`) of this issuer.
    public static String ofId(String issuer, String jti) {
        return PREFIX + hash(issuer, jti);
    }

    /// Of a token without one.
    ///
    /// @param signingInput its text before the second dot, in ASCII
    public static String ofContent(byte[] signingInput) {
        return PREFIX + base64(Secrets.sha256(signingInput));
    }

    /// SHA-256 of a text, in base64url.
    public static String hash(String text) {
        return base64(Secrets.sha256(text));
    }

    /// SHA-256 of two texts, and of where the first one ends.
    public static String hash(String first, String second) {
        return hash(first.getBytes(UTF_8).length + ":" + first + second);
    }

    private static String base64(byte[] bytes) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }
}
