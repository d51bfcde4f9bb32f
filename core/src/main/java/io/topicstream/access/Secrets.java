package io.topicstream.access;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/// How secrets are kept and compared: as SHA-256, and in a time that does not depend on them.
///
/// A plain hash is enough for keys of 200 random bits and more; nobody finds such a key by trying.
final class Secrets {
    /// Finding a digest costs more than the hash of a key; each thread keeps its own.
    private static final ThreadLocal<MessageDigest> SHA_256 = ThreadLocal.withInitial(Secrets::newSha256);

    private Secrets() {}

    private static MessageDigest newSha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every Java platform has SHA-256", e);
        }
    }

    static byte[] sha256(String secret) {
        return sha256(secret.getBytes(StandardCharsets.UTF_8));
    }

    static byte[] sha256(byte[] secret) {
        return SHA_256.get().digest(secret);
    }

    /// Compares in constant time.
    static boolean same(byte[] a, byte[] b) {
        return MessageDigest.isEqual(a, b);
    }
}
