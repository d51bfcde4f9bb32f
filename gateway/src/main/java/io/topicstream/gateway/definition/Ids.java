package io.topicstream.gateway.definition;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Locale;
import java.util.UUID;

/// Ids as AWS would make them by chance, made of the name of what they stand for: so they are the same at every
/// reading. They are no secrets.
final class Ids {
    /// Letters and digits of an API's id.
    static final int API = 10;
    /// Letters and digits of the id of a route, an integration and most else.
    static final int PART = 7;

    private static final String ALPHABET = "abcdefghijklmnopqrstuvwxyz0123456789";

    private Ids() {}

    /// An id of lower-case letters and digits.
    ///
    /// @param length 1 to 32
    static String of(int length, String name) {
        byte[] hash = hash(name);
        StringBuilder id = new StringBuilder(length);
        for (int i = 0; i < length; i++) {
            id.append(ALPHABET.charAt((hash[i] & 0xff) % ALPHABET.length()));
        }
        return id.toString();
    }

    /// The part that CloudFormation puts behind the name of what has none.
    static String suffix(String name) {
        return of(12, name).toUpperCase(Locale.ROOT);
    }

    static UUID uuid(String name) {
        return UUID.nameUUIDFromBytes(name.getBytes(StandardCharsets.UTF_8));
    }

    private static byte[] hash(String name) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(name.getBytes(StandardCharsets.UTF_8));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }
}
