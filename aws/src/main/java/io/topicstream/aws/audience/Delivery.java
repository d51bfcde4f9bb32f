package io.topicstream.aws.audience;

import io.topicstream.aws.audience.AudienceRows.Row;
import io.topicstream.aws.audience.Callbacks.Answer;
import io.topicstream.log.Message;
import io.topicstream.log.TopicName;
import io.topicstream.protocol.ServerFrame;
import io.topicstream.protocol.WireFormat;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// Posts messages of a topic to listeners, encoded once for all to whom they look alike. Blocks; thread-safe.
final class Delivery {
    private final TopicName topic;
    private final long epoch;
    private final ConnectionRows connections;
    private final Posts posts;
    private final boolean soon;
    private final FreshDialects dialects;
    private final Map<Shape, List<byte[]>> encoded = new HashMap<>();

    /// What makes messages look alike.
    private record Shape(WireFormat format, long from, long end) {}

    /// How it went.
    ///
    /// @param next the first offset that was not posted
    record Posted(Answer answer, long next) {}

    /// @param epoch of the messages
    /// @param soon whether it gives up soon where a client takes nothing
    Delivery(
            TopicName topic,
            long epoch,
            ConnectionRows connections,
            Posts posts,
            boolean soon,
            FreshDialects dialects) {
        this.topic = topic;
        this.epoch = epoch;
        this.connections = connections;
        this.posts = posts;
        this.soon = soon;
        this.dialects = dialects;
    }

    /// Posts messages, but for those that are withheld from this listener.
    ///
    /// @param messages in order, from `from` to before `end`
    Posted messages(Row row, List<Message> messages, long from, long end) {
        List<Message> wanted = messages.stream()
                .filter(message -> !row.withheldTag().equals(message.withheldFrom()))
                .toList();
        if (wanted.isEmpty()) {
            return new Posted(Answer.DONE, end);
        }
        List<byte[]> texts = wanted.size() == messages.size()
                ? encoded(row.format(), messages, from, end)
                : encode(row.format(), wanted);
        long next = from;
        for (int i = 0; i < texts.size(); i++) {
            Answer answer = post(row, texts.get(i));
            if (answer == Answer.TOO_LARGE) {
                return postOneByOne(
                        row, texts.size() == wanted.size() ? wanted.subList(i, wanted.size()) : wanted, end);
            }
            if (answer != Answer.DONE) {
                return new Posted(answer, next);
            }
            // Where several stand in one text, or one in none, it is not known which have come.
            next = texts.size() == wanted.size() ? wanted.get(i).offset() + 1 : from;
        }
        return new Posted(Answer.DONE, end);
    }

    /// What is too large together can be told apart; what stands alone and is too large cannot be told.
    private Posted postOneByOne(Row row, List<Message> messages, long end) {
        for (Message message : messages) {
            for (byte[] text : encode(row.format(), List.of(message))) {
                Answer answer = post(row, text);
                if (answer == Answer.TOO_LARGE) {
                    answer = frame(row, new ServerFrame.Truncated(topic, epoch, message.offset() + 1));
                }
                if (answer != Answer.DONE) {
                    return new Posted(answer, message.offset());
                }
            }
        }
        return new Posted(Answer.DONE, end);
    }

    /// Tells a listener something of its topic.
    Answer frame(Row row, ServerFrame frame) {
        ConnectionRows.Row speaker = connections.load(row.connectionId());
        if (speaker == null) {
            return Answer.GONE;
        }
        byte[] text;
        synchronized (dialects) {
            text = dialects.frame(speaker.connection().session(), frame);
        }
        return text == null ? Answer.DONE : post(row, text);
    }

    private Answer post(Row row, byte[] text) {
        return soon ? posts.postSoon(row.connectionId(), text) : posts.post(row.connectionId(), text);
    }

    private List<byte[]> encoded(WireFormat format, List<Message> messages, long from, long end) {
        synchronized (dialects) {
            return encoded.computeIfAbsent(
                    new Shape(format, from, end), _ -> dialects.delivery(format, topic, messages));
        }
    }

    private List<byte[]> encode(WireFormat format, List<Message> messages) {
        synchronized (dialects) {
            return dialects.delivery(format, topic, messages);
        }
    }
}
