package io.topicstream.session;

import io.topicstream.access.Identity;
import io.topicstream.log.TopicExtent;
import io.topicstream.protocol.ReplySize;
import io.topicstream.protocol.ServerFrame;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The first frames of a connection: who it is, and which topics are its user's.
final class Greeting {
    private Greeting() {}

    /// Sends it.
    ///
    /// @param subscriptions the user's durable ones: told in as many frames as they take
    static void send(Node node, SessionRecord record, List<TopicExtent> subscriptions, Outbound outbound) {
        Identity who = record.identity();
        List<List<TopicExtent>> pieces = ReplySize.pieces(subscriptions);
        int last = pieces.size() - 1;
        outbound.send(new ServerFrame.Welcome(
                record.connectionId(),
                who.user(),
                who.name(),
                node.clock().millis(),
                node.pingMs(),
                node.log().durability(),
                expiresAt(who),
                pieces.getFirst(),
                last > 0));
        for (int i = 1; i <= last; i++) {
            outbound.send(new ServerFrame.Subscriptions(pieces.get(i), i < last));
        }
    }

    /// Epoch milliseconds at which the credentials end, or null.
    static @Nullable Long expiresAt(Identity who) {
        return who.expiresAtMs() == Identity.NEVER ? null : who.expiresAtMs();
    }
}
