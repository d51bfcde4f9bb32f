package io.topicstream.client;

import java.util.List;

/// A piece of a topic's log in which edits and reactions are put together with the messages that they are
/// about.
///
/// @param messages ascending; may be empty before the end
/// @param first the first offset of the piece: read on before it
/// @param last the last offset of the piece: read on after it; `first` - 1 where there is nothing
/// @param epoch the life of the log
/// @param firstOffset the topic's first offset that is kept (not the page's)
/// @param nextOffset the offset that the topic's next message gets
public record FoldedPage(
        List<FoldedMessage> messages, long first, long last, long epoch, long firstOffset, long nextOffset) {
    public FoldedPage {
        messages = List.copyOf(messages);
    }
}
