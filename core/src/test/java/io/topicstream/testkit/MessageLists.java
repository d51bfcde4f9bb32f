package io.topicstream.testkit;

import io.topicstream.log.Message;
import io.topicstream.log.TopicName;
import io.topicstream.signal.Signal;
import io.topicstream.topic.Encoded;
import io.topicstream.topic.Encoding;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// An encoding that encodes nothing: a run is the list of its messages, a signal a text. It notes what it makes.
public final class MessageLists implements Encoding {
    private final List<String> made = new ArrayList<>();
    private int held;
    private boolean fails;

    /// A run, not encoded at all.
    public static final class Run extends Encoded {
        private final MessageLists encoding;
        private final List<Message> messages;
        private final @Nullable String signal;
        private boolean released;

        private Run(MessageLists encoding, List<Message> messages, @Nullable String signal) {
            this.encoding = encoding;
            this.messages = List.copyOf(messages);
            this.signal = signal;
            encoding.held++;
        }

        /// What was said, if it is a signal.
        public @Nullable String signal() {
            return signal;
        }

        /// What is in it.
        public List<Message> messages() {
            if (released) {
                throw new IllegalStateException("released already");
            }
            return messages;
        }

        @Override
        public int bytes() {
            return messages.stream().mapToInt(Message::sizeBytes).sum();
        }

        @Override
        public void release() {
            if (released) {
                throw new IllegalStateException("released twice");
            }
            released = true;
            encoding.held--;
        }
    }

    /// The next run cannot be encoded.
    public void failNext() {
        fails = true;
    }

    /// What was encoded since this was asked last, as `first-last` or `signal`.
    public List<String> made() {
        List<String> all = List.copyOf(made);
        made.clear();
        return all;
    }

    /// How many runs were made and not released.
    public int held() {
        return held;
    }

    @Override
    public Encoded delivery(TopicName topic, List<Message> messages) {
        if (fails) {
            fails = false;
            throw new IllegalStateException("on purpose");
        }
        made.add(messages.getFirst().offset() + "-" + messages.getLast().offset());
        return new Run(this, messages, null);
    }

    @Override
    public Encoded signal(TopicName topic, byte[] signal) {
        made.add("signal");
        String text = Signal.decode(signal) instanceof Signal.Redacted redacted
                ? "redacted " + redacted.offsets()
                : new String(signal, StandardCharsets.UTF_8);
        return new Run(this, List.of(), text);
    }
}
