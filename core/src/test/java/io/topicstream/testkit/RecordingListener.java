package io.topicstream.testkit;

import io.topicstream.log.Message;
import io.topicstream.log.TopicName;
import io.topicstream.topic.Encoded;
import io.topicstream.topic.Encoding;
import io.topicstream.topic.Listener;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/// A connection to a [SteppedLane], with [MessageLists] for its encoding, that keeps what it is told, as short texts:
/// `3 "x"` for a message with its
/// offset and payload, `reset to 2 in 8`, `from 5`, `signal typing`.
public class RecordingListener extends Listener {
    private final List<String> heard = new ArrayList<>();
    private final MessageLists encoding;
    private boolean writable = true;

    public RecordingListener(String connectionId) {
        this(connectionId, new MessageLists());
    }

    /// @param encoding shared with others
    public RecordingListener(String connectionId, MessageLists encoding) {
        super(connectionId);
        this.encoding = encoding;
    }

    /// What it was told since this was asked last.
    public final List<String> heard() {
        List<String> all = List.copyOf(heard);
        heard.clear();
        return all;
    }

    /// Whether its socket takes bytes.
    public final void setWritable(boolean takesBytes) {
        writable = takesBytes;
    }

    @Override
    protected final Encoding encoding() {
        return encoding;
    }

    @Override
    protected boolean isWritable() {
        return writable;
    }

    @Override
    protected boolean isDrained() {
        return true;
    }

    @Override
    protected boolean offer(Encoded run) {
        if (!writable) {
            return false;
        }
        MessageLists.Run words = (MessageLists.Run) run;
        if (words.signal() != null) {
            heard.add("signal " + words.signal());
        }
        for (Message message : words.messages()) {
            heard.add(message.offset() + " " + new String(message.payload(), StandardCharsets.UTF_8));
        }
        return true;
    }

    @Override
    protected void writePage(Encoded page, Runnable onSent) {
        offer(page);
        page.release();
        onSent.run();
    }

    @Override
    protected void onTruncated(TopicName topic, long epoch, long firstOffset) {
        heard.add("from " + firstOffset);
    }

    @Override
    protected void onReset(TopicName topic, long epoch, long commonOffset) {
        heard.add("reset to " + commonOffset + " in " + epoch);
    }
}
