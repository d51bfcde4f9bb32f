package io.topicstream.tokens;

import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.OctetKeyPair;
import com.nimbusds.jose.util.Base64URL;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.Signature;
import java.security.spec.X509EncodedKeySpec;
import java.util.Arrays;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/// Public keys on the curve Ed25519, by Java's own code: the library for tokens wants another library for
/// them.
final class Ed25519Keys {
    /// Of a key as of a signature's parts, in bytes.
    private static final int KEY_BYTES = 32;
    /// What stands before the bytes of a key in X.509 (RFC 8410).
    private static final byte[] PREFIX = HexFormat.of().parseHex("302a300506032b6570032100");

    private Ed25519Keys() {}

    /// The key of a JWK (RFC 8037); null if it is on another curve, or none.
    static @Nullable PublicKey of(OctetKeyPair jwk) {
        byte[] x = jwk.getDecodedX();
        if (!jwk.getCurve().equals(Curve.Ed25519) || x.length != KEY_BYTES) {
            return null;
        }
        byte[] encoded = Arrays.copyOf(PREFIX, PREFIX.length + KEY_BYTES);
        System.arraycopy(x, 0, encoded, PREFIX.length, KEY_BYTES);
        try {
            return KeyFactory.getInstance("Ed25519").generatePublic(new X509EncodedKeySpec(encoded));
        } catch (GeneralSecurityException e) {
            return null;
        }
    }

    /// The JWK of a key.
    static OctetKeyPair jwk(PublicKey key) {
        byte[] encoded = key.getEncoded();
        byte[] x = Arrays.copyOfRange(encoded, encoded.length - KEY_BYTES, encoded.length);
        return new OctetKeyPair.Builder(Curve.Ed25519, Base64URL.encode(x)).build();
    }

    /// Whether the key's owner has signed it. What has not the form of a signature is none.
    static boolean hasSigned(PublicKey key, byte[] input, byte[] signature) throws GeneralSecurityException {
        Signature check = Signature.getInstance("Ed25519");
        check.initVerify(key);
        check.update(input);
        return check.verify(signature);
    }
}
