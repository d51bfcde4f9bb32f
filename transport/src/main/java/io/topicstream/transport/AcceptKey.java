package io.topicstream.transport;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;

/// The answer to the key with which a client asks for a WebSocket: it shows that the request was understood, and is no
/// secret. One for each loop, and used on it only.
final class AcceptKey {
    private static final String WEBSOCKET_GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

    private final MessageDigest sha1 = sha1();

    /// The value of `Sec-WebSocket-Accept` that answers a `Sec-WebSocket-Key` (RFC 6455, 4.2.2).
    byte[] answer(String key) {
        return Base64.getEncoder().encode(sha1.digest((key + WEBSOCKET_GUID).getBytes(US_ASCII)));
    }

    private static MessageDigest sha1() {
        try {
            return MessageDigest.getInstance("SHA-1");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-1", e);
        }
    }
}
