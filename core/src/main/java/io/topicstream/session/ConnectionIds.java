package io.topicstream.session;

import java.security.GeneralSecurityException;
import java.security.InvalidKeyException;
import java.util.Arrays;
import java.util.Base64;
import java.util.random.RandomGenerator;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/// Makes and checks the names of connections: 13 bytes, base64 with padding as API Gateway's look.
///
/// | bytes | what |
/// | --- | --- |
/// | 2 | the node's tag, so that any node knows where a connection is |
/// | 7 | unique: random |
/// | 4 | a keyed check (HMAC-SHA-256, cut), so that an id that was made up is known at once |
///
/// An id is no secret and gives no rights. Not thread-safe: one per event loop.
public final class ConnectionIds {
    private static final int TAG_BYTES = 2;
    private static final int UNIQUE_BYTES = 7;
    private static final int CHECK_BYTES = 4;
    private static final int NAMED_BYTES = TAG_BYTES + UNIQUE_BYTES;

    private final int nodeTag;
    private final RandomGenerator random;
    private final Mac mac;

    /// Makes ids for one node.
    ///
    /// @param nodeTag 0 to 65,535
    /// @param key of the check, at least 16 bytes, the same on all nodes
    public ConnectionIds(int nodeTag, byte[] key, RandomGenerator random) {
        if (nodeTag < 0 || nodeTag > 0xFFFF) {
            throw new IllegalArgumentException("a node's tag is 0 to 65535");
        }
        if (key.length < 16) {
            throw new IllegalArgumentException("the key has at least 16 bytes");
        }
        this.nodeTag = nodeTag;
        this.random = random;
        this.mac = mac(key);
    }

    private static Mac mac(byte[] key) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(key, "HmacSHA256"));
            return mac;
        } catch (InvalidKeyException e) {
            throw new IllegalArgumentException("not a key", e);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK has HmacSHA256", e);
        }
    }

    /// A new id.
    public String next() {
        byte[] unique = new byte[UNIQUE_BYTES];
        random.nextBytes(unique);
        byte[] id = new byte[NAMED_BYTES + CHECK_BYTES];
        id[0] = (byte) (nodeTag >>> 8);
        id[1] = (byte) nodeTag;
        System.arraycopy(unique, 0, id, TAG_BYTES, UNIQUE_BYTES);
        System.arraycopy(check(id), 0, id, NAMED_BYTES, CHECK_BYTES);
        return Base64.getEncoder().encodeToString(id);
    }

    /// Whether the text is an id that a node with this key made.
    public boolean isOurs(String text) {
        byte[] id;
        try {
            id = Base64.getDecoder().decode(text);
        } catch (IllegalArgumentException e) {
            return false;
        }
        return id.length == NAMED_BYTES + CHECK_BYTES
                && Arrays.equals(check(id), 0, CHECK_BYTES, id, NAMED_BYTES, id.length);
    }

    private byte[] check(byte[] id) {
        mac.update(id, 0, NAMED_BYTES);
        return mac.doFinal();
    }
}
