package io.topicstream.people;

import io.topicstream.access.DirectTopic;
import io.topicstream.log.Direction;
import io.topicstream.log.Message;
import io.topicstream.log.Page;
import io.topicstream.log.Redaction;
import io.topicstream.log.Timers;
import io.topicstream.log.TopicExtent;
import io.topicstream.log.TopicLog;
import io.topicstream.log.TopicName;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// Finds what a user has said: walks through all topics, those of the system too, and through all their
/// messages. There is no index of who said what.
///
/// A user has said what is from him, and all that stands in the chat with oneself.
///
/// It takes one page of a topic at a time, 1,000 messages or 1 MiB, and pauses for [#PAUSE_MS] between
/// two, and after each 50 topics: so it goes at a bounded pace, and no chain of answers grows deep. A
/// visitor who is not done with a page keeps it waiting.
final class SaidWalk {
    /// Between two pages, in milliseconds.
    static final long PAUSE_MS = 2;

    private static final int TOPICS_AT_ONCE = 50;
    private static final int MESSAGES_AT_ONCE = Redaction.MAX_OFFSETS;
    private static final int BYTES_AT_ONCE = 1 << 20;

    private final TopicLog log;
    private final Timers timers;
    private final String user;
    private final TopicName notes;
    private final Visitor visitor;

    /// What is done with what is found. The calls follow each other.
    interface Visitor {
        /// Whether the walk is to end where it is.
        boolean isOver();

        /// Some of a topic, by offset; at least one. The walk goes on when the stage completes.
        CompletionStage<?> onSaid(TopicName topic, List<Message> said);

        /// A topic was walked through.
        void onThrough(TopicName topic);

        /// Some topics were walked through.
        ///
        /// @return whether to go on
        CompletionStage<Boolean> onSomeThrough();
    }

    /// @param timers run tasks on any thread
    SaidWalk(TopicLog log, Timers timers, String user, Visitor visitor) {
        this.log = log;
        this.timers = timers;
        this.user = user;
        this.notes = notesOf(user);
        this.visitor = visitor;
    }

    /// The chat of a user with oneself.
    static TopicName notesOf(String user) {
        return DirectTopic.of(user, user).name();
    }

    /// Walks through the topics.
    ///
    /// @param after topics come strictly after this one; empty to begin at the front
    /// @return false where it was ended before
    CompletionStage<Boolean> from(String after) {
        if (visitor.isOver()) {
            return CompletableFuture.completedFuture(false);
        }
        return log.topics("", after, TOPICS_AT_ONCE)
                .thenCompose(topics -> topics.isEmpty()
                        ? CompletableFuture.completedFuture(true)
                        : topics(topics, 0)
                                .thenCompose(_ -> visitor.onSomeThrough())
                                .thenCompose(goesOn -> goesOn
                                        ? afterPause(() ->
                                                from(topics.getLast().topic().value()))
                                        : CompletableFuture.completedFuture(false)));
    }

    private CompletionStage<@Nullable Void> topics(List<TopicExtent> topics, int at) {
        if (at == topics.size() || visitor.isOver()) {
            return nothing();
        }
        TopicExtent each = topics.get(at);
        return topic(each.topic(), each.extent().firstOffset(), each.extent().nextOffset())
                .thenCompose(_ -> {
                    if (visitor.isOver()) {
                        // This topic may not be walked through.
                        return nothing();
                    }
                    visitor.onThrough(each.topic());
                    return topics(topics, at + 1);
                });
    }

    /// Walks through a topic, from an offset on, up to where it ended.
    private CompletionStage<@Nullable Void> topic(TopicName topic, long from, long end) {
        if (from >= end || visitor.isOver()) {
            return nothing();
        }
        return log.read(topic, from, Direction.FORWARD, MESSAGES_AT_ONCE, BYTES_AT_ONCE)
                .thenCompose(page -> page(topic, page))
                .thenCompose(
                        next -> next <= from || next >= end ? nothing() : afterPause(() -> topic(topic, next, end)));
    }

    /// @return where to read on
    private CompletionStage<Long> page(TopicName topic, Page page) {
        if (page.messages().isEmpty()) {
            return CompletableFuture.completedFuture(Long.MAX_VALUE);
        }
        long next = page.messages().getLast().offset() + 1;
        List<Message> said = topic.equals(notes)
                ? page.messages()
                : page.messages().stream()
                        .filter(message -> user.equals(message.from()))
                        .toList();
        return said.isEmpty()
                ? CompletableFuture.completedFuture(next)
                : visitor.onSaid(topic, said).thenApply(_ -> next);
    }

    private static CompletionStage<@Nullable Void> nothing() {
        return CompletableFuture.<@Nullable Void>completedFuture(null);
    }

    private <T extends @Nullable Object> CompletionStage<T> afterPause(Supplier<CompletionStage<T>> step) {
        CompletableFuture<@Nullable Void> pause = new CompletableFuture<>();
        timers.schedule(() -> pause.complete(null), PAUSE_MS);
        return pause.thenCompose(_ -> step.get());
    }
}
