package io.topicstream.examples.chatworkflow;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.topicstream.examples.backend.Endpoints.Asked;
import java.io.ByteArrayOutputStream;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Base64;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/// Tells whether a post comes from our server: the signature of Standard Webhooks. Thread-safe.
final class Signature {
    private static final String PREFIX = "whsec_";
    private static final String HMAC = "HmacSHA256";
    /// How old a post may be, so that one that was listened to is not played again later.
    private static final Duration TOLERANCE = Duration.ofMinutes(5);

    private final SecretKeySpec key;
    private final InstantSource clock;

    /// @param secret `whsec_` and base64
    /// @throws IllegalArgumentException if it is none
    Signature(String secret, InstantSource clock) {
        if (!secret.startsWith(PREFIX)) {
            throw new IllegalArgumentException("a secret begins with " + PREFIX);
        }
        this.key = new SecretKeySpec(Base64.getDecoder().decode(secret.substring(PREFIX.length())), HMAC);
        this.clock = clock;
    }

    boolean isOurs(Asked asked) {
        String timestamp = asked.header("webhook-timestamp");
        if (!timestamp.matches("[0-9]{1,12}")
                || Math.abs(clock.millis() / 1000 - Long.parseLong(timestamp)) > TOLERANCE.toSeconds()) {
            return false;
        }
        ByteArrayOutputStream signed = new ByteArrayOutputStream();
        signed.writeBytes((asked.header("webhook-id") + "." + timestamp + ".").getBytes(UTF_8));
        signed.writeBytes(asked.body());
        byte[] expected = ("v1," + Base64.getEncoder().encodeToString(hmac(signed.toByteArray()))).getBytes(UTF_8);
        boolean isOurs = false;
        for (String one : asked.header("webhook-signature").split(" ", -1)) {
            isOurs |= MessageDigest.isEqual(expected, one.getBytes(UTF_8));
        }
        return isOurs;
    }

    private byte[] hmac(byte[] text) {
        try {
            Mac mac = Mac.getInstance(HMAC);
            mac.init(key);
            return mac.doFinal(text);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("Java has no " + HMAC, e);
        }
    }
}
