package io.topicstream.session;

import io.topicstream.command.Refusal;
import io.topicstream.log.TopicExtent;
import java.util.List;

/// What the durable subscriptions of a new connection are: one of the two, once.
public interface Opened {
    /// It has begun.
    ///
    /// @param subscriptions each with, as its next offset, the first that will be delivered
    void onOpened(List<TopicExtent> subscriptions);

    void onRefused(Refusal refusal);
}
