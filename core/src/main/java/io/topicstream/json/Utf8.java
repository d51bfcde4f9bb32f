package io.topicstream.json;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/// The encoding of all texts here, taken strictly.
public final class Utf8 {
    private Utf8() {}

    /// Whether the bytes are UTF-8, as [JsonScanner] wants its text.
    public static boolean isValid(byte[] bytes) {
        try {
            var _ = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes));
            return true;
        } catch (CharacterCodingException e) {
            return false;
        }
    }
}
