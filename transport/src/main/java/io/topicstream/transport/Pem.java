package io.topicstream.transport;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Certificates and keys as text (RFC 7468), each failure with a sentence for the operator.
final class Pem {
    private static final Pattern KEY =
            Pattern.compile("-----BEGIN ((?:[A-Z]+ )?PRIVATE KEY)-----\\s+([^-]*)-----END \\1-----");
    private static final int SEQUENCE = 0x30;
    private static final int OCTET_STRING = 0x04;
    private static final byte[] VERSION_0 = {0x02, 0x01, 0x00};

    private Pem() {}

    /// The certificates of a file, the server's own first; at least one.
    static List<X509Certificate> certificates(byte[] content, Path file) throws IOException {
        try {
            List<X509Certificate> chain =
                    CertificateFactory.getInstance("X.509")
                            .generateCertificates(new ByteArrayInputStream(content))
                            .stream()
                            .map(X509Certificate.class::cast)
                            .toList();
            if (!chain.isEmpty()) {
                return chain;
            }
        } catch (CertificateException e) {
            throw new IOException(file + " has no certificate in PEM: " + e.getMessage(), e);
        }
        throw new IOException(file + " has no certificate in PEM");
    }

    /// The key of a file: PKCS #8, or one of the older forms of a single algorithm (PKCS #1, SEC 1), which lack the
    /// name of the algorithm; the certificate has it.
    static PrivateKey privateKey(byte[] content, PublicKey certified, Path file) throws IOException {
        Matcher found = KEY.matcher(new String(content, ISO_8859_1));
        if (!found.find()) {
            throw new IOException(file + " has no key in PEM (-----BEGIN PRIVATE KEY-----)");
        }
        String form = found.group(1);
        String text = found.group(2);
        if (form.startsWith("ENCRYPTED") || text.contains("ENCRYPTED")) {
            throw new IOException(
                    file + " is locked by a passphrase, which the server has not got; openssl pkcs8 -topk8"
                            + " -nocrypt writes one without");
        }
        try {
            byte[] der = Base64.getMimeDecoder().decode(text);
            byte[] pkcs8 = form.equals("PRIVATE KEY") ? der : wrapped(der, certified.getEncoded());
            return KeyFactory.getInstance(certified.getAlgorithm()).generatePrivate(new PKCS8EncodedKeySpec(pkcs8));
        } catch (IllegalArgumentException | IndexOutOfBoundsException e) {
            throw new IOException(file + " is damaged", e);
        } catch (GeneralSecurityException e) {
            throw new IOException(
                    file + " is damaged, or not a key for the certificate (" + certified.getAlgorithm() + ")", e);
        }
    }

    /// A key without the name of its algorithm, with it: `SEQUENCE { 0, algorithm, OCTET STRING }` (RFC 5958, 2). What
    /// the certificate says of its public key begins with the same name.
    private static byte[] wrapped(byte[] key, byte[] publicKey) {
        int at = headerBytes(publicKey, 0);
        int end = at + headerBytes(publicKey, at) + length(publicKey, at);
        return tagged(SEQUENCE, VERSION_0, Arrays.copyOfRange(publicKey, at, end), tagged(OCTET_STRING, key));
    }

    private static int headerBytes(byte[] der, int at) {
        return (der[at + 1] & 0x80) == 0 ? 2 : 2 + (der[at + 1] & 0x7F);
    }

    private static int length(byte[] der, int at) {
        int length = der[at + 1] & 0xFF;
        if (length < 0x80) {
            return length;
        }
        int value = 0;
        for (int i = 0; i < (length & 0x7F); i++) {
            value = value << Byte.SIZE | (der[at + 2 + i] & 0xFF);
        }
        return value;
    }

    private static byte[] tagged(int tag, byte[]... parts) {
        int length = Arrays.stream(parts).mapToInt(part -> part.length).sum();
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.write(tag);
        if (length < 0x80) {
            out.write(length);
        } else {
            out.write(0x82);
            out.write(length >> Byte.SIZE);
            out.write(length);
        }
        for (byte[] part : parts) {
            out.writeBytes(part);
        }
        return out.toByteArray();
    }

    /// Whether what the one signs the other confirms.
    static boolean belongTogether(PublicKey certified, PrivateKey key) throws GeneralSecurityException {
        String algorithm = switch (certified.getAlgorithm()) {
            case "RSA" -> "SHA256withRSA";
            case "EC" -> "SHA256withECDSA";
            default -> certified.getAlgorithm();
        };
        byte[] text = {1, 2, 3};
        Signature signing = Signature.getInstance(algorithm);
        signing.initSign(key);
        signing.update(text);
        byte[] signed = signing.sign();
        Signature confirming = Signature.getInstance(algorithm);
        confirming.initVerify(certified);
        confirming.update(text);
        return confirming.verify(signed);
    }
}
