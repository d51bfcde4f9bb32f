package io.topicstream.client;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/// A listener that writes down what it was told, in words.
final class Recorder implements SubscriptionListener {
    final List<String> told = new CopyOnWriteArrayList<>();

    @Override
    public void onMessage(ReceivedMessage message) {
        told.add(message.json());
    }

    @Override
    public void onSignal(@Nullable String from, String json) {
        told.add("signal " + from + " " + json);
    }

    @Override
    public void onPresence(PresenceChange change) {
        told.add(change.event() + " " + change.user() + " " + change.name() + " " + change.count());
    }

    @Override
    public void onReceipt(Receipt receipt) {
        told.add("receipt " + receipt.user() + " " + receipt.delivered() + " " + receipt.read());
    }

    @Override
    public void onTruncated(long epoch, long firstOffset) {
        told.add("truncated " + epoch + " " + firstOffset);
    }

    @Override
    public void onReset(long epoch, long commonOffset) {
        told.add("reset " + epoch + " " + commonOffset);
    }

    @Override
    public void onEnded(@Nullable TopicStreamException reason) {
        told.add("ended " + (reason == null ? "" : reason.getMessage()));
    }
}
