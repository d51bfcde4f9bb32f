package io.topicstream.session;

import io.topicstream.log.Message;
import java.util.List;

/// Cuts a page so that its encoded form stays within a bound.
final class PageCut {
    /// The most that a message's members other than its texts and payload take, encoded.
    private static final int ENVELOPE_BYTES = 128;
    /// A character of an id or a key takes at most so many bytes as JSON (`\\u00e9`).
    private static final int BYTES_PER_CHARACTER = 6;

    private PageCut() {}

    /// The messages that fit, but at least one: the first ones, or with `newest` the last ones.
    static List<Message> fit(List<Message> messages, int maxBytes, boolean newest) {
        long left = (long) maxBytes - ENVELOPE_BYTES;
        int count = 0;
        while (count < messages.size()) {
            Message message = messages.get(newest ? messages.size() - 1 - count : count);
            left -= encodedBytes(message);
            if (left < 0 && count > 0) {
                break;
            }
            count++;
        }
        return newest ? messages.subList(messages.size() - count, messages.size()) : messages.subList(0, count);
    }

    private static long encodedBytes(Message message) {
        long texts = 0;
        texts += message.from() == null ? 0 : message.from().length();
        texts += message.messageId() == null ? 0 : message.messageId().length();
        texts += message.key() == null ? 0 : message.key().length();
        return ENVELOPE_BYTES + message.payload().length + texts * BYTES_PER_CHARACTER;
    }
}
