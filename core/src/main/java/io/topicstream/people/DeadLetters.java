package io.topicstream.people;

import io.topicstream.log.Direction;
import io.topicstream.log.Message;
import io.topicstream.log.Page;
import io.topicstream.log.Redaction;
import io.topicstream.log.TopicExtent;
import io.topicstream.log.TopicLog;
import io.topicstream.log.TopicName;
import io.topicstream.signal.SystemTopics;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
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

    // Guarded by this.
    /// What the next walk looks for: the ends of ids, by topic. What is asked for during a walk waits here.
    private Map<String, Set<String>> wanted = new HashMap<>();
    private boolean isWalking;

    DeadLetters(TopicLog log) {
        this.log = log;
    }

    /// Begins to take back the copies of these messages. What cannot be is said in the log.
    void takeBack(TopicName topic, List<Long> offsets) {
        synchronized (this) {
            Set<String> ends = wanted.computeIfAbsent(topic.value(), _ -> new HashSet<>());
            offsets.forEach(offset -> ends.add("_" + offset));
            if (isWalking) {
                return;
            }
            isWalking = true;
        }
        walk();
    }

    /// One walk at a time, for all that was asked for until it begins: each of many would read everything.
    private void walk() {
        Map<String, Set<String>> all;
        synchronized (this) {
            all = wanted;
            wanted = new HashMap<>();
            if (all.isEmpty()) {
                isWalking = false;
                return;
            }
        }
        var _ = log.topics(SystemTopics.DEAD_LETTERS, "", MOST_TOPICS)
                .thenCompose(found -> CompletableFuture.allOf(found.stream()
                        .map(each -> walk(each, 1, all).toCompletableFuture())
                        .toArray(CompletableFuture[]::new)))
                .whenComplete((_, failure) -> {
                    if (failure != null) {
                        LOGGER.log(
                                System.Logger.Level.WARNING,
                                "dead letters of " + all.keySet()
                                        + " could not be taken back; take the messages back again",
                                failure);
                    }
                    walk();
                });
    }

    private CompletionStage<@Nullable Void> walk(TopicExtent letters, long from, Map<String, Set<String>> all) {
        TopicName name = letters.topic();
        return log.read(name, from, Direction.FORWARD, MESSAGES_AT_ONCE, BYTES_AT_ONCE)
                .thenCompose(page -> redact(name, page, all).thenCompose(_ -> {
                    List<Message> messages = page.messages();
                    long next = messages.isEmpty() ? 0 : messages.getLast().offset() + 1;
                    return messages.isEmpty() || next >= letters.extent().nextOffset()
                            ? CompletableFuture.completedFuture(null)
                            : walk(letters, next, all);
                }));
    }

    private CompletionStage<List<Long>> redact(TopicName letters, Page page, Map<String, Set<String>> all) {
        List<Long> copies = page.messages().stream()
                .filter(letter -> isOf(letter.messageId(), all.get(letter.key())))
                .map(Message::offset)
                .toList();
        return copies.isEmpty()
                ? CompletableFuture.completedFuture(copies)
                : log.redact(letters, new Redaction(copies, null));
    }

    private static boolean isOf(@Nullable String id, @Nullable Set<String> ends) {
        return id != null && ends != null && ends.contains(id.substring(Math.max(0, id.lastIndexOf('_'))));
    }
}
