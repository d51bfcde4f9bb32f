package io.topicstream.topic;

import io.topicstream.log.Message;
import io.topicstream.log.TopicName;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A form in which deliveries leave: one wire format in one framing. Listeners of a lane that hand out the same
/// object share what it makes, so that a delivery is encoded once for all of them. Owned by the lane's thread.
public interface Encoding {
    /// Encodes consecutive messages of one topic, at least one.
    Encoded delivery(TopicName topic, List<Message> messages);

    /// Encodes a signal, or null where the format has no word for it.
    @Nullable
    Encoded signal(TopicName topic, byte[] signal);
}
