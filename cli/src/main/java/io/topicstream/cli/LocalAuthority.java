package io.topicstream.cli;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.ByteArrayInputStream;
import java.math.BigInteger;
import java.net.InetAddress;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.MessageDigest;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.Signature;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A certificate authority for one server on one machine, and the certificate that it gives (RFC 5280). Both are for
/// the same names and no others: a machine that trusts the authority does so for these alone. Its key is in memory
/// only.
///
/// @param authority to be trusted
/// @param server of the server, signed by the authority
/// @param serverKey the server's
record LocalAuthority(X509Certificate authority, X509Certificate server, PrivateKey serverKey) {
    /// The longest that some systems take of an authority that was added by hand.
    static final Duration VALID = Duration.ofDays(824);

    private static final Duration SLOW_CLOCK = Duration.ofHours(1);
    private static final String ECDSA_WITH_SHA256 = "1.2.840.10045.4.3.2";
    private static final String COMMON_NAME = "2.5.4.3";
    private static final String SUBJECT_KEY = "2.5.29.14";
    private static final String KEY_USAGE = "2.5.29.15";
    private static final String SUBJECT_NAMES = "2.5.29.17";
    private static final String BASIC_CONSTRAINTS = "2.5.29.19";
    private static final String NAME_CONSTRAINTS = "2.5.29.30";
    private static final String AUTHORITY_KEY = "2.5.29.35";
    private static final String EXTENDED_KEY_USAGE = "2.5.29.37";
    private static final String SERVER_AUTHENTICATION = "1.3.6.1.5.5.7.3.1";
    private static final int DNS_NAME = 0x82;
    private static final int IP_ADDRESS = 0x87;
    private static final int SERIAL_BITS = 127;

    /// Makes one.
    ///
    /// @param hosts names, which may begin with `*.`
    /// @param addresses IP addresses
    static LocalAuthority of(List<String> hosts, List<InetAddress> addresses, Instant now, SecureRandom random) {
        try {
            KeyPair authority = keys(random);
            KeyPair server = keys(random);
            byte[] authorityName = name(
                    "TopicStream authority of this machine, " + serial(random).toString(36));
            byte[] signed = certificate(
                    authorityName,
                    authorityName,
                    authority.getPublic(),
                    authority,
                    now,
                    random,
                    List.of(
                            extension(BASIC_CONSTRAINTS, true, Der.sequence(Der.truth(), Der.integer(BigInteger.ZERO))),
                            // keyCertSign and cRLSign
                            extension(KEY_USAGE, true, Der.bits(1, new byte[] {0x06})),
                            extension(NAME_CONSTRAINTS, true, constraints(hosts, addresses)),
                            extension(SUBJECT_KEY, false, Der.octets(keyId(authority.getPublic())))));
            byte[] given = certificate(
                    name("TopicStream"),
                    authorityName,
                    server.getPublic(),
                    authority,
                    now,
                    random,
                    List.of(
                            extension(BASIC_CONSTRAINTS, true, Der.sequence()),
                            // digitalSignature
                            extension(KEY_USAGE, true, Der.bits(7, new byte[] {(byte) 0x80})),
                            extension(EXTENDED_KEY_USAGE, false, Der.sequence(Der.identifier(SERVER_AUTHENTICATION))),
                            extension(SUBJECT_NAMES, false, names(hosts, addresses)),
                            extension(SUBJECT_KEY, false, Der.octets(keyId(server.getPublic()))),
                            extension(
                                    AUTHORITY_KEY,
                                    false,
                                    Der.sequence(Der.element(0x80, keyId(authority.getPublic()))))));
            X509Certificate root = read(signed);
            X509Certificate leaf = read(given);
            leaf.verify(root.getPublicKey());
            return new LocalAuthority(root, leaf, server.getPrivate());
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK can make certificates on P-256", e);
        }
    }

    private static KeyPair keys(SecureRandom random) throws GeneralSecurityException {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(new ECGenParameterSpec("secp256r1"), random);
        return generator.generateKeyPair();
    }

    private static X509Certificate read(byte[] encoded) throws GeneralSecurityException {
        return (X509Certificate)
                CertificateFactory.getInstance("X.509").generateCertificate(new ByteArrayInputStream(encoded));
    }

    private static BigInteger serial(SecureRandom random) {
        return new BigInteger(SERIAL_BITS, random).setBit(SERIAL_BITS - 1);
    }

    private static byte[] certificate(
            byte[] subject,
            byte[] issuer,
            PublicKey key,
            KeyPair signer,
            Instant now,
            SecureRandom random,
            List<byte[]> extensions)
            throws GeneralSecurityException {
        byte[] algorithm = Der.sequence(Der.identifier(ECDSA_WITH_SHA256));
        byte[] content = Der.sequence(
                Der.element(0xA0, Der.integer(BigInteger.TWO)),
                Der.integer(serial(random)),
                algorithm,
                issuer,
                Der.sequence(Der.time(now.minus(SLOW_CLOCK)), Der.time(now.plus(VALID))),
                subject,
                // As the JDK encodes it: SubjectPublicKeyInfo.
                key.getEncoded(),
                Der.element(0xA3, Der.sequence(extensions)));
        Signature signature = Signature.getInstance("SHA256withECDSA");
        signature.initSign(signer.getPrivate(), random);
        signature.update(content);
        return Der.sequence(content, algorithm, Der.bits(0, signature.sign()));
    }

    private static byte[] name(String common) {
        return Der.sequence(Der.set(Der.sequence(Der.identifier(COMMON_NAME), Der.text(common))));
    }

    private static byte[] extension(String identifier, boolean isCritical, byte[] value) {
        return isCritical
                ? Der.sequence(Der.identifier(identifier), Der.truth(), Der.octets(value))
                : Der.sequence(Der.identifier(identifier), Der.octets(value));
    }

    private static byte[] names(List<String> hosts, List<InetAddress> addresses) {
        List<byte[]> names = new ArrayList<>();
        hosts.forEach(host -> names.add(Der.element(DNS_NAME, host.getBytes(US_ASCII))));
        addresses.forEach(address -> names.add(Der.element(IP_ADDRESS, address.getAddress())));
        return Der.sequence(names);
    }

    /// What the authority may sign for: these hosts and what is below them, and exactly these addresses.
    private static byte[] constraints(List<String> hosts, List<InetAddress> addresses) {
        List<byte[]> permitted = new ArrayList<>();
        for (String host : hosts) {
            String base = host.startsWith("*.") ? host.substring(2) : host;
            permitted.add(Der.sequence(Der.element(DNS_NAME, base.getBytes(US_ASCII))));
        }
        for (InetAddress address : addresses) {
            byte[] bytes = address.getAddress();
            byte[] withMask = new byte[2 * bytes.length];
            System.arraycopy(bytes, 0, withMask, 0, bytes.length);
            Arrays.fill(withMask, bytes.length, withMask.length, (byte) 0xFF);
            permitted.add(Der.sequence(Der.element(IP_ADDRESS, withMask)));
        }
        return Der.sequence(Der.element(0xA0, permitted.toArray(byte[][]::new)));
    }

    /// By the first method of RFC 5280, 4.2.1.2, but with another digest (RFC 7093).
    private static byte[] keyId(PublicKey key) throws GeneralSecurityException {
        byte[] digest = MessageDigest.getInstance("SHA-256").digest(key.getEncoded());
        return Arrays.copyOf(digest, 20);
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return this == other;
    }

    @Override
    public int hashCode() {
        return System.identityHashCode(this);
    }

    /// Without the key.
    @Override
    public String toString() {
        return "LocalAuthority[" + server.getSerialNumber() + "]";
    }
}
