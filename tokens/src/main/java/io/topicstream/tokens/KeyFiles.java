package io.topicstream.tokens;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.RSAKey;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.KeyFactory;
import java.security.NoSuchAlgorithmException;
import java.security.PublicKey;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.EdECPublicKey;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.X509EncodedKeySpec;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Keys in files. They are read once, at the start.
final class KeyFiles {
    private static final int MAX_BYTES = 1 << 20;
    private static final Pattern PEM =
            Pattern.compile("-----BEGIN PUBLIC KEY-----([A-Za-z0-9+/=\\s]*)-----END PUBLIC KEY-----");

    private KeyFiles() {}

    /// Reads a public key in PEM, a JWK or a set of them.
    ///
    /// @throws IOException with a sentence
    static KeySet keys(Path path, List<JwtAlgorithm> algorithms) throws IOException {
        byte[] bytes = read(path);
        String text = new String(bytes, ISO_8859_1);
        if (text.contains("PRIVATE KEY-----")) {
            throw new IOException(
                    "there is a private key in it, which the issuer keeps to itself; give the public one");
        }
        Matcher pem = PEM.matcher(text);
        if (pem.find()) {
            return KeySet.of(publicKey(pem.group(1)), algorithms);
        }
        return KeySet.ofJson(bytes, algorithms);
    }

    /// Reads a secret: all bytes of the file but the line's end.
    ///
    /// @throws IOException with a sentence
    static KeySet secret(Path path, List<JwtAlgorithm> algorithms) throws IOException {
        byte[] bytes = read(path);
        int end = bytes.length;
        while (end > 0 && (bytes[end - 1] == '\n' || bytes[end - 1] == '\r')) {
            end--;
        }
        return KeySet.ofSecret(Arrays.copyOf(bytes, end), algorithms.getFirst());
    }

    private static byte[] read(Path path) throws IOException {
        try (InputStream in = Files.newInputStream(path)) {
            byte[] bytes = in.readNBytes(MAX_BYTES + 1);
            if (bytes.length > MAX_BYTES) {
                throw new IOException("it has more than a mebibyte");
            }
            return bytes;
        } catch (NoSuchFileException e) {
            throw new IOException("there is no such file", e);
        }
    }

    private static JWK publicKey(String base64) throws IOException {
        X509EncodedKeySpec spec;
        try {
            spec = new X509EncodedKeySpec(Base64.getMimeDecoder().decode(base64));
        } catch (IllegalArgumentException e) {
            throw new IOException("what is between its lines BEGIN and END is no base64", e);
        }
        for (String kind : List.of("RSA", "EC", "Ed25519")) {
            try {
                PublicKey key = KeyFactory.getInstance(kind).generatePublic(spec);
                if (key instanceof RSAPublicKey rsa) {
                    return new RSAKey.Builder(rsa).build();
                }
                if (key instanceof ECPublicKey ec && Curve.forECParameterSpec(ec.getParams()) != null) {
                    return new ECKey.Builder(Curve.forECParameterSpec(ec.getParams()), ec).build();
                }
                if (key instanceof EdECPublicKey) {
                    return Ed25519Keys.jwk(key);
                }
            } catch (InvalidKeySpecException e) {
                // Of the other kind, perhaps.
            } catch (NoSuchAlgorithmException e) {
                throw new AssertionError("every Java has RSA, EC and Ed25519", e);
            }
        }
        throw new IOException(
                "the key in it is neither of RSA nor on one of the curves P-256, P-384, P-521," + " Ed25519");
    }
}
