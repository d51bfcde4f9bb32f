package io.topicstream.tokens;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.math.BigInteger;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Signature;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.EdECPublicKey;
import java.security.interfaces.RSAPublicKey;
import java.util.Arrays;
import java.util.Base64;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/// An issuer of tokens: it publishes its keys over HTTP on loopback, and signs whatever it is told to. It
/// uses no library for tokens, so that ours is held against something else.
public final class TestIssuer implements AutoCloseable {
    public static final String NAME = "https://issuer.example/pool";
    public static final String AUDIENCE = "chat-app";
    public static final KeyPair RSA = pair("RSA", 2048);
    public static final KeyPair OTHER_RSA = pair("RSA", 2048);
    public static final KeyPair EC = pair("EC", 256);
    public static final KeyPair ED25519 = pair("Ed25519", 255);

    private final HttpServer server;
    private final AtomicInteger requests = new AtomicInteger();
    private volatile Answer answer = exchange -> send(exchange, 200, "{\"keys\":[]}");

    /// What it answers to who asks for keys.
    interface Answer {
        void to(HttpExchange exchange) throws IOException;
    }

    /// Begins to publish these keys.
    public TestIssuer(String... keys) {
        try {
            server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.createContext("/", exchange -> {
            requests.incrementAndGet();
            try (exchange) {
                answer.to(exchange);
            }
        });
        server.start();
        publish(keys);
    }

    /// From now on these are its keys, and no others.
    public void publish(String... keys) {
        answer(exchange -> send(exchange, 200, "{\"keys\":[" + String.join(",", keys) + "]}"));
    }

    /// From now on it has trouble of its own.
    public void fail() {
        answer(exchange -> send(exchange, 500, "out of order"));
    }

    void answer(Answer other) {
        answer = other;
    }

    /// From now on it answers only when this is counted down.
    CountDownLatch hold(String... keys) {
        CountDownLatch held = new CountDownLatch(1);
        answer(exchange -> {
            try {
                held.await();
            } catch (InterruptedException e) {
                throw new IOException(e);
            }
            send(exchange, 200, "{\"keys\":[" + String.join(",", keys) + "]}");
        });
        return held;
    }

    static void send(HttpExchange exchange, int status, String body) throws IOException {
        byte[] bytes = body.getBytes(UTF_8);
        exchange.sendResponseHeaders(status, bytes.length);
        exchange.getResponseBody().write(bytes);
    }

    /// Where its keys are.
    public URI jwks() {
        return URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/jwks.json");
    }

    /// How often it was asked for anything.
    public int requests() {
        return requests.get();
    }

    @Override
    public void close() {
        server.stop(0);
    }

    // ---- keys

    private static KeyPair pair(String kind, int bits) {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance(kind);
            generator.initialize(bits);
            return generator.generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new AssertionError(e);
        }
    }

    /// A key as a JWK.
    ///
    /// @param more members more, each with a comma before it
    public static String jwk(KeyPair pair, String kid, String more) {
        if (pair.getPublic() instanceof EdECPublicKey) {
            byte[] encoded = pair.getPublic().getEncoded();
            return "{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\""
                    + base64(Arrays.copyOfRange(encoded, encoded.length - 32, encoded.length)) + "\",\"kid\":\"" + kid
                    + "\"" + more + "}";
        }
        String key = pair.getPublic() instanceof RSAPublicKey rsa
                ? "\"kty\":\"RSA\",\"n\":\"" + number(rsa.getModulus(), 256) + "\",\"e\":\""
                        + number(rsa.getPublicExponent(), 3) + "\""
                : "\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\""
                        + number(((ECPublicKey) pair.getPublic()).getW().getAffineX(), 32) + "\",\"y\":\""
                        + number(((ECPublicKey) pair.getPublic()).getW().getAffineY(), 32) + "\"";
        return "{" + key + ",\"kid\":\"" + kid + "\"" + more + "}";
    }

    /// The same without more.
    public static String jwk(KeyPair pair, String kid) {
        return jwk(pair, kid, "");
    }

    private static String number(BigInteger number, int bytes) {
        byte[] plain = number.toByteArray();
        byte[] fixed = new byte[Math.max(bytes, plain.length - 1)];
        int length = Math.min(plain.length, fixed.length);
        System.arraycopy(plain, plain.length - length, fixed, fixed.length - length, length);
        return base64(fixed);
    }

    /// A public key in PEM.
    public static String pem(KeyPair pair) {
        return "-----BEGIN PUBLIC KEY-----\n"
                + Base64.getMimeEncoder(64, new byte[] {'\n'})
                        .encodeToString(pair.getPublic().getEncoded())
                + "\n-----END PUBLIC KEY-----\n";
    }

    // ---- tokens

    static String base64(byte[] bytes) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }

    /// What is signed.
    static String input(String header, String claims) {
        return base64(header.getBytes(UTF_8)) + "." + base64(claims.getBytes(UTF_8));
    }

    /// Signed with RS256.
    public static String rs256(KeyPair pair, String header, String claims) {
        return signed("SHA256withRSA", pair, input(header, claims));
    }

    /// Signed with ES256.
    public static String es256(KeyPair pair, String header, String claims) {
        return signed("SHA256withECDSAinP1363Format", pair, input(header, claims));
    }

    /// Signed with EdDSA, on Ed25519.
    public static String eddsa(KeyPair pair, String header, String claims) {
        return signed("Ed25519", pair, input(header, claims));
    }

    /// Signed with ES256, but with the signature in DER, as other formats have it.
    static String es256InDer(KeyPair pair, String header, String claims) {
        return signed("SHA256withECDSA", pair, input(header, claims));
    }

    private static String signed(String algorithm, KeyPair pair, String input) {
        try {
            Signature signature = Signature.getInstance(algorithm);
            signature.initSign(pair.getPrivate());
            signature.update(input.getBytes(UTF_8));
            return input + "." + base64(signature.sign());
        } catch (GeneralSecurityException e) {
            throw new AssertionError(e);
        }
    }

    /// Signed with HS256.
    public static String hs256(byte[] secret, String header, String claims) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(secret, "HmacSHA256"));
            String input = input(header, claims);
            return input + "." + base64(mac.doFinal(input.getBytes(UTF_8)));
        } catch (GeneralSecurityException e) {
            throw new AssertionError(e);
        }
    }

    /// Claims that are right: for the audience, for an hour.
    ///
    /// @param more members more, each with a comma before it
    public static String claims(long nowMs, String user, String more) {
        long now = nowMs / 1000;
        return "{\"iss\":\"" + NAME + "\",\"sub\":\"" + user + "\",\"aud\":\"" + AUDIENCE + "\",\"iat\":" + now
                + ",\"exp\":" + (now + 3600) + more + "}";
    }

    /// A right token of this user, with the key `rsa-1`.
    public static String token(long nowMs, String user, String more) {
        return rs256(RSA, "{\"alg\":\"RS256\",\"kid\":\"rsa-1\",\"typ\":\"JWT\"}", claims(nowMs, user, more));
    }
}
