package io.topicstream.events;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.Base64;
import java.util.random.RandomGenerator;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/// A key that a sink and its receiver share, with which events are signed, as Standard Webhooks has it:
/// written as
/// `whsec_` and the base64 of 24 to 64 bytes. Shown to nobody but whom it is made for.
public final class WebhookSecret {
    static final String RULE = "whsec_ and the base64 of 24 to 64 bytes";

    private static final String PREFIX = "whsec_";
    private static final int LEAST_BYTES = 24;
    private static final int MOST_BYTES = 64;
    private static final int NEW_BYTES = 32;
    private static final String ALGORITHM = "HmacSHA256";

    private final String text;
    private final byte[] key;

    private WebhookSecret(String text, byte[] key) {
        this.text = text;
        this.key = key;
    }

    /// The secret that is written so, or null where it is none.
    static @Nullable WebhookSecret of(String text) {
        if (!text.startsWith(PREFIX)) {
            return null;
        }
        try {
            byte[] key = Base64.getDecoder().decode(text.substring(PREFIX.length()));
            return key.length < LEAST_BYTES || key.length > MOST_BYTES ? null : new WebhookSecret(text, key);
        } catch (IllegalArgumentException _) {
            return null;
        }
    }

    /// A new one.
    ///
    /// @param random cryptographically strong
    public static String make(RandomGenerator random) {
        byte[] key = new byte[NEW_BYTES];
        random.nextBytes(key);
        return PREFIX + Base64.getEncoder().encodeToString(key);
    }

    /// The secret as it is written.
    String text() {
        return text;
    }

    /// The signature of a message: `v1,` and the base64 of the HMAC-SHA256 of `id.timestamp.body`.
    ///
    /// @param timestamp epoch seconds
    String sign(byte[] id, long timestamp, byte[] body) {
        try {
            Mac mac = Mac.getInstance(ALGORITHM);
            mac.init(new SecretKeySpec(key, ALGORITHM));
            mac.update(id);
            mac.update((byte) '.');
            mac.update(Long.toString(timestamp).getBytes(StandardCharsets.US_ASCII));
            mac.update((byte) '.');
            return "v1," + Base64.getEncoder().encodeToString(mac.doFinal(body));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java has " + ALGORITHM, e);
        }
    }
}
