package io.topicstream.connection;

import java.security.GeneralSecurityException;
import java.security.InvalidKeyException;
import java.util.Arrays;
import java.util.Base64;
import java.util.function.IntSupplier;
import java.util.random.RandomGenerator;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/// Makes and checks the names of connections: 14 bytes, in base64url with its padding 20 characters, as API
/// Gateway's look.
///
/// | bytes | what |
/// | --- | --- |
/// | 2 | the node's tag, so that any node knows where a connection is |
/// | 1 | its lane there |
/// | 7 | unique: a count that begins anywhere |
/// | 4 | a keyed check (HMAC-SHA-256, cut), so that an id that was made up is known at once |
///
/// An id is no secret and gives no rights. Not thread-safe: one per event loop.
public final class ConnectionIds {
    /// How many lanes of a node an id can tell apart.
    public static final int MAX_LANES = 256;
    /// How long the key of the check is at least, in bytes.
    static final int MIN_KEY_BYTES = 16;
    /// How long an id is, in characters.
    private static final int LENGTH = 20;

    private static final int LANE_AT = 2;
    private static final int UNIQUE_AT = 3;
    private static final int CHECK_AT = 10;
    private static final int BYTES = 14;

    private final IntSupplier nodeTag;
    private final int lane;
    private final Mac mac;
    private long unique;

    /// Where a connection is.
    ///
    /// @param nodeTag of its node
    /// @param lane of its node that serves it
    public record Place(int nodeTag, int lane) {}

    /// Makes ids for one lane of a node.
    ///
    /// @param nodeTag the node's tag at the moment, 0 to 65,535
    /// @param lane below [#MAX_LANES]
    /// @param key of the check, at least 16 bytes, the same on all nodes
    /// @param random where the count begins is drawn from it
    public ConnectionIds(IntSupplier nodeTag, int lane, byte[] key, RandomGenerator random) {
        if (lane < 0 || lane >= MAX_LANES) {
            throw new IllegalArgumentException("a lane is 0 to " + (MAX_LANES - 1));
        }
        if (key.length < MIN_KEY_BYTES) {
            throw new IllegalArgumentException("the key has at least " + MIN_KEY_BYTES + " bytes");
        }
        this.nodeTag = nodeTag;
        this.lane = lane;
        this.mac = mac(key);
        this.unique = random.nextLong();
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
        byte[] id = new byte[BYTES];
        int tag = nodeTag.getAsInt();
        id[0] = (byte) (tag >>> 8);
        id[1] = (byte) tag;
        id[LANE_AT] = (byte) lane;
        unique++;
        for (int i = 0; i < CHECK_AT - UNIQUE_AT; i++) {
            id[UNIQUE_AT + i] = (byte) (unique >>> (8 * i));
        }
        System.arraycopy(check(id), 0, id, CHECK_AT, BYTES - CHECK_AT);
        return Base64.getUrlEncoder().encodeToString(id);
    }

    /// Where a connection of this id is, if it is one; null for what cannot be an id. May be called on any thread.
    public static @Nullable Place placeOf(String text) {
        byte[] id = decode(text);
        return id == null ? null : new Place((id[0] & 0xFF) << 8 | (id[1] & 0xFF), id[LANE_AT] & 0xFF);
    }

    /// Whether the text is an id that a node with this key made.
    public boolean isOurs(String text) {
        byte[] id = decode(text);
        return id != null && Arrays.equals(check(id), 0, BYTES - CHECK_AT, id, CHECK_AT, BYTES);
    }

    private static byte @Nullable [] decode(String text) {
        if (text.length() != LENGTH) {
            return null;
        }
        try {
            byte[] id = Base64.getUrlDecoder().decode(text);
            // The decoder takes other texts for the same bytes too; an id has one.
            return id.length == BYTES
                            && Base64.getUrlEncoder().encodeToString(id).equals(text)
                    ? id
                    : null;
        } catch (IllegalArgumentException e) {
            return null;
        }
    }

    private byte[] check(byte[] id) {
        mac.update(id, 0, CHECK_AT);
        return mac.doFinal();
    }
}
