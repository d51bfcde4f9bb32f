package io.topicstream.cli;

import io.topicstream.client.Receipt;
import org.jspecify.annotations.Nullable;

/// The chat with one other user: how far that one has come, and which marks were shown for it. Guarded by the
/// chat's monitor.
///
/// A mark says that the last message of this user has arrived, or was read. Receipts may come before the
/// message is shown here, so both are kept and looked at together.
final class PrivateChat {
    private final String topic;
    private final String other;
    private final Shown shown = new Shown();
    private long lastOwn;
    private long delivered;
    private long read;
    private long markedDelivered;
    private long markedRead;

    /// @param other the other one's id
    PrivateChat(String topic, String other) {
        this.topic = topic;
        this.other = other;
    }

    String topic() {
        return topic;
    }

    String other() {
        return other;
    }

    Shown shown() {
        return shown;
    }

    /// A message of this user was shown.
    void said(long offset) {
        lastOwn = Math.max(lastOwn, offset);
    }

    /// The other one has come so far.
    void onReceipt(Receipt receipt) {
        delivered = Math.max(delivered, Math.max(receipt.delivered(), receipt.read()));
        read = Math.max(read, receipt.read());
    }

    /// What is new to say of the last message, or null.
    @Nullable
    String mark() {
        if (lastOwn > markedRead && read >= lastOwn) {
            markedRead = lastOwn;
            markedDelivered = lastOwn;
            return "has read it";
        }
        if (lastOwn > markedDelivered && delivered >= lastOwn) {
            markedDelivered = lastOwn;
            return "has got it";
        }
        return null;
    }
}
