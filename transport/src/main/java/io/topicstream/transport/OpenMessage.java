package io.topicstream.transport;

import java.util.Arrays;

/// The message of one WebSocket whose fragments are coming. Exists only meanwhile. Belongs to its connection's loop.
final class OpenMessage {
    private static final byte[] NO_BYTES = {};

    private final boolean isText;
    private byte[] content = NO_BYTES;
    private int bytes;
    private int fragments;
    private int utf8State = Utf8.ACCEPT;

    OpenMessage(boolean isText) {
        this.isText = isText;
    }

    boolean isText() {
        return isText;
    }

    /// What there is of it, from the first byte of the array on.
    byte[] content() {
        return content;
    }

    /// How much there is of it.
    int bytes() {
        return bytes;
    }

    int fragments() {
        return fragments;
    }

    /// The memory that it takes.
    int keptBytes() {
        return content.length;
    }

    /// Adds a fragment.
    ///
    /// @param mostBytes that the message may have
    /// @return false if it is to be text and is not
    boolean add(byte[] payload, int length, boolean isLast, int mostBytes) {
        fragments++;
        if (isText) {
            utf8State = Utf8.validate(utf8State, payload, 0, length);
            if (utf8State == Utf8.REJECT || (isLast && utf8State != Utf8.ACCEPT)) {
                return false;
            }
        }
        if (bytes + length > content.length) {
            content = Arrays.copyOf(content, Math.max(bytes + length, Math.min(content.length * 2, mostBytes)));
        }
        System.arraycopy(payload, 0, content, bytes, length);
        bytes += length;
        return true;
    }

    /// Nobody wants it any more; that it has begun still counts, or what follows could not be told from a new one.
    void drop() {
        content = NO_BYTES;
        bytes = 0;
        fragments = 0;
    }
}
