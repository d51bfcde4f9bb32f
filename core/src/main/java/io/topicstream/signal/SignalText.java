package io.topicstream.signal;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/// The texts of a signal, behind what else it has: each two bytes of its length in UTF-8 and those bytes, or −1 for
/// one that is missing.
final class SignalText {
    private static final short NONE = -1;

    private SignalText() {}

    /// The signal's bytes.
    ///
    /// @param front what stands in front of the texts; full
    static byte[] encode(ByteBuffer front, @Nullable String... texts) {
        byte[][] encoded = new byte[texts.length][];
        int length = front.position();
        for (int i = 0; i < texts.length; i++) {
            String text = texts[i];
            encoded[i] = text == null ? new byte[0] : text.getBytes(StandardCharsets.UTF_8);
            length += Short.BYTES + encoded[i].length;
        }
        ByteBuffer out = ByteBuffer.allocate(length).put(front.flip());
        for (int i = 0; i < texts.length; i++) {
            if (texts[i] == null) {
                out.putShort(NONE);
            } else {
                out.putShort((short) encoded[i].length).put(encoded[i]);
            }
        }
        return out.array();
    }

    /// So many texts, or null where they are not all there.
    static @Nullable String @Nullable [] decode(ByteBuffer in, int count) {
        @Nullable String[] texts = new String[count];
        for (int i = 0; i < count; i++) {
            if (in.remaining() < Short.BYTES) {
                return null;
            }
            short length = in.getShort();
            if (length == NONE) {
                continue;
            }
            if (length < 0 || length > in.remaining()) {
                return null;
            }
            byte[] text = new byte[length];
            in.get(text);
            texts[i] = new String(text, StandardCharsets.UTF_8);
        }
        return texts;
    }
}
