package io.topicstream.people;

import io.topicstream.log.Direction;
import io.topicstream.log.Message;
import io.topicstream.log.Page;
import io.topicstream.log.Redaction;
import io.topicstream.log.TopicExtent;
import io.topicstream.log.TopicLog;
import io.topicstream.log.TopicName;
import io.topicstream.signal.SystemTopics;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/// Copies of messages among the dead letters of sinks: what is taken back of a topic is taken back there too.
/// A dead letter has the topic as its key, and an id that ends with the message's offset. Thread-safe.
///
/// There is no index of them, for there are few, and they are kept for 30 days: all are read. Nobody waits for it.
final class DeadLetters {
    private static final System.Logger LOGGER = System.getLogger(DeadLetters.class.getName());

    /// More than there are sinks, and were in 30 days.
    private static final int MOST_TOPICS = 1_000;

    private static final int MESSAGES_AT_ONCE = Redaction.MAX_OFFSETS;
    private static final int BYTES_AT_ONCE = 1 << 20;

    private final TopicLog log;

    DeadLetters(TopicLog log) {
        this.log = log;
    }

    /// Begins to take back the copies of these messages. What cannot be is said in the log.
    void takeBack(TopicName topic, List<Long> offsets) {
        Set<String> ends = new HashSet<>();
        offsets.forEach(offset -> ends.add("_" + offset));
        var _ = log.topics(SystemTopics.DEAD_LETTERS, "", MOST_TOPICS)
                .thenCompose(found -> CompletableFuture.allOf(found.stream()
                        .map(each -> walk(each, 1, topic, ends).toCompletableFuture())
                        .toArray(CompletableFuture[]::new)))
                .exceptionally(failure -> {
                    LOGGER.log(
                            System.Logger.Level.WARNING,
                            "dead letters of " + topic + " could not be taken back; take the messages back again",
                            failure);
                    return null;
                });
    }

    private CompletionStage<@Nullable Void> walk(TopicExtent letters, long from, TopicName topic, Set<String> ends) {
        TopicName name = letters.topic();
        return log.read(name, from, Direction.FORWARD, MESSAGES_AT_ONCE, BYTES_AT_ONCE)
                .thenCompose(page -> redact(name, page, topic, ends).thenCompose(_ -> {
                    List<Message> messages = page.messages();
                    long next = messages.isEmpty() ? 0 : messages.getLast().offset() + 1;
                    return messages.isEmpty() || next >= letters.extent().nextOffset()
                            ? CompletableFuture.completedFuture(null)
                            : walk(letters, next, topic, ends);
                }));
    }

    private CompletionStage<List<Long>> redact(TopicName letters, Page page, TopicName topic, Set<String> ends) {
        List<Long> copies = page.messages().stream()
                .filter(letter -> topic.value().equals(letter.key()) && isOf(letter.messageId(), ends))
                .map(Message::offset)
                .toList();
        return copies.isEmpty()
                ? CompletableFuture.completedFuture(copies)
                : log.redact(letters, new Redaction(copies, null));
    }

    private static boolean isOf(@Nullable String id, Set<String> ends) {
        return id != null && ends.contains(id.substring(Math.max(0, id.lastIndexOf('_'))));
    }
}
