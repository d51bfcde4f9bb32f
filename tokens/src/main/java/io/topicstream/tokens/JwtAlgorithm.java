package io.topicstream.tokens;

import java.util.List;

/// How tokens may be signed. `none` is not among them.
public enum JwtAlgorithm {
    HS256(Family.SECRET, 32),
    HS384(Family.SECRET, 48),
    HS512(Family.SECRET, 64),
    RS256(Family.RSA, 0),
    RS384(Family.RSA, 0),
    RS512(Family.RSA, 0),
    PS256(Family.RSA, 0),
    PS384(Family.RSA, 0),
    PS512(Family.RSA, 0),
    ES256(Family.EC, 32),
    ES384(Family.EC, 48),
    ES512(Family.EC, 66),
    /// On the curve Ed25519, under its older name (RFC 8037) and its newer one (RFC 9864).
    EdDSA(Family.ED25519, 0),
    Ed25519(Family.ED25519, 0);

    /// What it is without a list: one for each kind of key, but where an algorithm has two names.
    public static final List<JwtAlgorithm> OF_KEYS = List.of(RS256, ES256, ES384, ES512, EdDSA, Ed25519);
    /// The same for a secret.
    public static final List<JwtAlgorithm> OF_SECRETS = List.of(HS256);

    /// Kinds of keys.
    enum Family {
        SECRET,
        RSA,
        EC,
        ED25519
    }

    private final Family family;
    private final int bytes;

    JwtAlgorithm(Family family, int bytes) {
        this.family = family;
        this.bytes = bytes;
    }

    /// Whether both sides have the same secret; otherwise the issuer has a private key and we the public one.
    public boolean isOfSecrets() {
        return family == Family.SECRET;
    }

    boolean isOf(Family other) {
        return family == other;
    }

    /// The least bytes of a secret; the bytes of a coordinate of the curve; 0 where neither counts.
    int bytes() {
        return bytes;
    }
}
