package io.topicstream.tokens;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.JWSVerifier;
import com.nimbusds.jose.crypto.ECDSAVerifier;
import com.nimbusds.jose.crypto.MACVerifier;
import com.nimbusds.jose.crypto.RSASSAVerifier;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.KeyUse;
import com.nimbusds.jose.jwk.OctetKeyPair;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.util.Base64URL;
import com.nimbusds.jose.util.JSONObjectUtils;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.PublicKey;
import java.text.ParseException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// The keys that an issuer signs with at some time. Each has one algorithm, which the server chose when it took the key
/// up: a token that names another one is wrong, so a public key never becomes a secret.
///
/// Two sets are equal if they have the same keys by the same names. Immutable; thread-safe.
final class KeySet {
    private static final int LEAST_RSA_BITS = 2048;

    /// Those with a name.
    private final Map<String, Key> named;
    /// The one without a name, if it is the only such.
    private final @Nullable Key unnamed;
    private final String fingerprint;

    private KeySet(Map<String, Key> named, List<Key> unnamed) {
        this.named = Map.copyOf(named);
        this.unnamed = unnamed.size() == 1 ? unnamed.getFirst() : null;
        Map<String, String> prints = new TreeMap<>();
        named.forEach((kid, key) -> prints.put("kid " + kid, key.print()));
        for (int i = 0; i < unnamed.size(); i++) {
            prints.put("unnamed " + i, unnamed.get(i).print());
        }
        this.fingerprint = prints.toString();
    }

    /// One key, and how it is used.
    ///
    /// @param print names the key and the algorithm
    private record Key(JwtAlgorithm algorithm, Check check, String print) {}

    /// Holds a signature against a key.
    @FunctionalInterface
    private interface Check {
        boolean isRight(byte[] input, Base64URL signature) throws JOSEException, GeneralSecurityException;
    }

    /// What a signature is.
    enum Verdict {
        RIGHT,
        WRONG,
        /// There is no key of the name that the token has.
        NO_KEY
    }

    /// Reads a set of keys (RFC 7517), or one. What cannot be used is left out: keys to encrypt with, secrets and
    /// private keys, weak ones, and those of algorithms that are not permitted.
    ///
    /// @throws IOException with a sentence, if nothing is left
    static KeySet ofJson(byte[] json, List<JwtAlgorithm> algorithms) throws IOException {
        Map<String, Key> named = new HashMap<>();
        List<Key> unnamed = new ArrayList<>();
        for (Map<String, Object> one : parse(json)) {
            @Nullable JWK jwk = jwk(one);
            @Nullable Key key = jwk == null ? null : key(jwk, algorithms);
            if (jwk == null || key == null) {
                continue;
            }
            String kid = jwk.getKeyID();
            if (kid == null) {
                unnamed.add(key);
            } else {
                named.putIfAbsent(kid, key);
            }
        }
        if (named.isEmpty() && unnamed.size() > 1) {
            throw new IOException("there are several keys in it, and none has a name (kid)");
        }
        if (named.isEmpty() && unnamed.isEmpty()) {
            throw new IOException("there is no key in it that could be used with " + algorithms);
        }
        return new KeySet(named, unnamed);
    }

    /// One public key without a name: every token is held against it.
    ///
    /// @throws IOException with a sentence, if it cannot be used
    static KeySet of(JWK jwk, List<JwtAlgorithm> algorithms) throws IOException {
        @Nullable Key key = key(jwk, algorithms);
        if (key == null) {
            throw new IOException(
                    "the key cannot be used with " + algorithms + "; RSA has at least " + LEAST_RSA_BITS + " bits");
        }
        return new KeySet(Map.of(), List.of(key));
    }

    /// A secret.
    ///
    /// @throws IOException with a sentence, if it is too short
    static KeySet ofSecret(byte[] secret, JwtAlgorithm algorithm) throws IOException {
        if (secret.length < algorithm.bytes()) {
            throw new IOException("the secret has " + secret.length + " bytes; " + algorithm + " wants at least "
                    + algorithm.bytes());
        }
        try {
            // Never told apart from another one: it does not change while the server runs.
            return new KeySet(Map.of(), List.of(new Key(algorithm, by(algorithm, new MACVerifier(secret)), "secret")));
        } catch (JOSEException e) {
            throw new IOException("the secret cannot be used: " + e.getMessage(), e);
        }
    }

    /// Holds the signature against the key that the token names. A name is looked up in a map, and nothing else is ever
    /// done with it.
    Verdict judge(SignedToken token) {
        @Nullable Key key = find(token.kid());
        if (key == null) {
            return Verdict.NO_KEY;
        }
        if (!key.algorithm().name().equals(token.alg())) {
            return Verdict.WRONG;
        }
        try {
            return key.check().isRight(token.signingInput(), new Base64URL(token.signature()))
                    ? Verdict.RIGHT
                    : Verdict.WRONG;
        } catch (JOSEException | GeneralSecurityException | RuntimeException e) {
            return Verdict.WRONG;
        }
    }

    /// By the library. The header that it sees is ours: what else stands in a token's own never reaches it.
    private static Check by(JwtAlgorithm algorithm, JWSVerifier verifier) {
        JWSHeader header = new JWSHeader(JWSAlgorithm.parse(algorithm.name()));
        return (input, signature) -> verifier.verify(header, input, signature);
    }

    private @Nullable Key find(@Nullable String kid) {
        if (kid != null) {
            @Nullable Key key = named.get(kid);
            return key == null ? unnamed : key;
        }
        return unnamed == null && named.size() == 1 ? named.values().iterator().next() : unnamed;
    }

    int size() {
        return named.size() + (unnamed == null ? 0 : 1);
    }

    private static List<Map<String, Object>> parse(byte[] json) throws IOException {
        try {
            Map<String, Object> root = JSONObjectUtils.parse(new String(json, StandardCharsets.UTF_8));
            if (!root.containsKey("keys")) {
                return List.of(root);
            }
            Map<String, Object>[] keys = JSONObjectUtils.getJSONObjectArray(root, "keys");
            return keys == null ? List.of() : List.of(keys);
        } catch (ParseException | RuntimeException e) {
            throw new IOException("it is no JWK and no set of them", e);
        }
    }

    private static @Nullable JWK jwk(Map<String, Object> json) {
        try {
            return JWK.parse(json);
        } catch (ParseException | RuntimeException e) {
            // Of a kind that is not known here, or damaged: the others still count.
            return null;
        }
    }

    private static @Nullable Key key(JWK jwk, List<JwtAlgorithm> algorithms) {
        boolean signs = jwk.getKeyUse() == null || jwk.getKeyUse().equals(KeyUse.SIGNATURE);
        // A private key that lies about is one that others may have too.
        if (!signs || jwk.isPrivate()) {
            return null;
        }
        try {
            // Of the number itself: it may have been written with zeros before it.
            if (jwk instanceof RSAKey rsa && rsa.toRSAPublicKey().getModulus().bitLength() >= LEAST_RSA_BITS) {
                @Nullable JwtAlgorithm algorithm = choose(jwk, JwtAlgorithm.Family.RSA, 0, algorithms);
                return algorithm == null ? null : key(jwk, algorithm, new RSASSAVerifier(rsa.toRSAPublicKey()));
            }
            if (jwk instanceof ECKey ec) {
                int bytes = (ec.size() + 7) / 8;
                @Nullable JwtAlgorithm algorithm = choose(jwk, JwtAlgorithm.Family.EC, bytes, algorithms);
                return algorithm == null ? null : key(jwk, algorithm, new ECDSAVerifier(ec.toECPublicKey()));
            }
            if (jwk instanceof OctetKeyPair pair) {
                @Nullable JwtAlgorithm algorithm = choose(jwk, JwtAlgorithm.Family.ED25519, 0, algorithms);
                @Nullable PublicKey ed25519 = Ed25519Keys.of(pair);
                return algorithm == null || ed25519 == null
                        ? null
                        : new Key(
                                algorithm,
                                (input, signature) -> Ed25519Keys.hasSigned(ed25519, input, signature.decode()),
                                print(jwk, algorithm));
            }
        } catch (JOSEException | RuntimeException e) {
            // On a curve that is not known here.
            return null;
        }
        return null;
    }

    private static Key key(JWK jwk, JwtAlgorithm algorithm, JWSVerifier verifier) throws JOSEException {
        return new Key(algorithm, by(algorithm, verifier), print(jwk, algorithm));
    }

    private static String print(JWK jwk, JwtAlgorithm algorithm) throws JOSEException {
        return algorithm + " " + jwk.computeThumbprint();
    }

    private static @Nullable JwtAlgorithm choose(
            JWK jwk, JwtAlgorithm.Family family, int bytes, List<JwtAlgorithm> algorithms) {
        @Nullable
        String own = jwk.getAlgorithm() == null ? null : jwk.getAlgorithm().getName();
        return algorithms.stream()
                .filter(algorithm -> algorithm.isOf(family) && algorithm.bytes() == bytes)
                .filter(algorithm -> own == null || own.equals(algorithm.name()))
                .findFirst()
                .orElse(null);
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof KeySet that && fingerprint.equals(that.fingerprint);
    }

    @Override
    public int hashCode() {
        return fingerprint.hashCode();
    }

    @Override
    public String toString() {
        return fingerprint;
    }
}
