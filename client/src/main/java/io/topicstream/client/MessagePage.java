package io.topicstream.client;

import java.util.List;

/// A piece of a topic's log.
///
/// @param messages ascending
/// @param epoch the life of the log
/// @param firstOffset the topic's first offset that is kept (not the page's)
/// @param nextOffset the offset that the topic's next message gets
public record MessagePage(List<ReceivedMessage> messages, long epoch, long firstOffset, long nextOffset) {
    public MessagePage {
        messages = List.copyOf(messages);
    }
}
