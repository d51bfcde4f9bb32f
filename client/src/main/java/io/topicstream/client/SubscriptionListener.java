package io.topicstream.client;

import java.util.List;
import org.jspecify.annotations.Nullable;

/// Told what happens in a topic.
///
/// The calls for one subscription come one at a time and in order, by default each time on a virtual thread;
/// they may block as long as they like. A listener that falls behind does not hold up the client: beyond a
/// bound the subscription pauses, and goes on from its position when the listener has caught up. What a
/// listener throws is logged, and the next call comes.
@FunctionalInterface
public interface SubscriptionListener {
    /// The next message: each offset once, ascending, without a gap unless [#onTruncated] or [#onReset] came
    /// before.
    void onMessage(ReceivedMessage message);

    /// Something that was said to the audience and is not kept.
    default void onSignal(@Nullable String from, String json) {}

    /// A user came into the topic or went, this client's own too, where the topic's policy or
    /// [SubscribeOptions#presence] says that it is told. It may be lost, and what happened while there was no
    /// connection is not told afterwards: [TopicStreamClient#members] says who is there.
    default void onPresence(PresenceChange change) {}

    /// A user has received or read messages of the topic; this client's own user too, on another device. It
    /// may be lost: the next one says how far the user has come by then.
    default void onReceipt(Receipt receipt) {}

    /// Messages were taken back: what they said is gone, and is to be shown no longer. They may be some that this
    /// subscription has not seen. It may be lost, and what was taken back while there was no connection is
    /// not told afterwards: who reads again finds it ([ReceivedMessage#redacted]).
    ///
    /// @param offsets at least one, rising
    default void onRedacted(List<Long> offsets) {}

    /// What the subscription wanted next is no longer kept; it goes on at `firstOffset`.
    default void onTruncated(long epoch, long firstOffset) {}

    /// The log has another life than the one seen so far: what was seen after `commonOffset` is not part of
    /// it. The subscription goes on after `commonOffset`, in the new `epoch`.
    default void onReset(long epoch, long commonOffset) {}

    /// Nothing more will come; the last call. By default a reason goes to the log, so that a subscription
    /// that was refused is not silent.
    ///
    /// @param reason why, or null if the application closed the subscription
    default void onEnded(@Nullable TopicStreamException reason) {
        if (reason != null) {
            System.getLogger(SubscriptionListener.class.getName())
                    .log(System.Logger.Level.WARNING, "a subscription has ended: " + reason.getMessage());
        }
    }
}
