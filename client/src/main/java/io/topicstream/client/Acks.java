package io.topicstream.client;

import io.topicstream.log.TopicName;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// How far the user has come, as far as the server has not taken it yet. Owned by the client's loop.
///
/// Of each topic one ack is under way at a time, and what comes meanwhile is said after it, all in one. What
/// the server has not answered is said again: on the next connection, or a little later where it asks for that.
final class Acks {
    private final Conversation conversation;
    private final Map<TopicName, Entry> entries = new LinkedHashMap<>();

    /// What is to be said of one topic.
    private static final class Entry {
        private long delivered = Receipt.UNCHANGED;
        private long read = Receipt.UNCHANGED;
        /// Told when the server has taken, or refused, what was to be said.
        private List<Consumer<@Nullable TopicStreamException>> waiting = new ArrayList<>();

        private final Backoff tries;
        private boolean isUnderWay;

        private Entry(Backoff tries) {
            this.tries = tries;
        }

        private void add(long newDelivered, long newRead) {
            delivered = Math.max(delivered, newDelivered);
            read = Math.max(read, newRead);
        }

        private boolean isEmpty() {
            return delivered == Receipt.UNCHANGED && read == Receipt.UNCHANGED;
        }
    }

    Acks(Conversation conversation) {
        this.conversation = conversation;
    }

    /// Says that the user has come so far, now or as soon as there is a connection.
    ///
    /// @param delivered an offset or [Receipt#UNCHANGED]
    /// @param read an offset or [Receipt#UNCHANGED]
    /// @param whenTaken told null when the server has taken it, or why it will not; null where nobody waits for
    ///     it
    void say(TopicName topic, long delivered, long read, @Nullable Consumer<@Nullable TopicStreamException> whenTaken) {
        Entry entry = entries.computeIfAbsent(topic, _ -> new Entry(conversation.newBackoff()));
        entry.add(delivered, read);
        if (whenTaken != null) {
            entry.waiting.add(whenTaken);
        }
        ask(topic, entry);
    }

    void onOpened() {
        new LinkedHashMap<>(entries).forEach(this::ask);
    }

    /// Nothing more will be said.
    void end(TopicStreamException reason) {
        List<Entry> all = List.copyOf(entries.values());
        entries.clear();
        all.forEach(entry -> entry.waiting.forEach(each -> each.accept(reason)));
    }

    private void ask(TopicName topic, Entry entry) {
        if (entry.isUnderWay || entry.isEmpty() || !conversation.isOpen()) {
            return;
        }
        long delivered = entry.delivered;
        long read = entry.read;
        List<Consumer<@Nullable TopicStreamException>> asked = entry.waiting;
        entry.isUnderWay = true;
        entry.delivered = Receipt.UNCHANGED;
        entry.read = Receipt.UNCHANGED;
        entry.waiting = new ArrayList<>();
        conversation.ask(
                id -> ClientFrames.ack(id, topic, delivered, read),
                _ -> {
                    asked.forEach(each -> each.accept(null));
                    goOn(topic, entry);
                },
                failure -> {
                    if (isForGood(failure)) {
                        asked.forEach(each -> each.accept(failure));
                        goOn(topic, entry);
                        return;
                    }
                    entry.isUnderWay = false;
                    entry.add(delivered, read);
                    entry.waiting.addAll(0, asked);
                    conversation.laterOnThisConnection(() -> ask(topic, entry), entry.tries);
                });
    }

    private void goOn(TopicName topic, Entry entry) {
        entry.isUnderWay = false;
        entry.tries.reset();
        if (entry.isEmpty()) {
            entries.remove(topic, entry);
        } else {
            ask(topic, entry);
        }
    }

    private static boolean isForGood(TopicStreamException failure) {
        return failure instanceof TopicStreamException.Refused refused && !refused.isRetryable();
    }
}
