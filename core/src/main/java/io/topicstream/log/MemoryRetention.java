package io.topicstream.log;

import java.time.InstantSource;
import java.util.Comparator;
import java.util.PriorityQueue;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// Ends the messages of the [InMemoryLog] that need not be kept.
///
/// Caps are held right after each commit, for the topics that it added to. Ages are looked at in each turn, in the
/// order in which topics come due, a few at a time; and where somebody looks at a topic, before he sees it. Nothing
/// walks over topics that are idle: one that has messages waits once in the queue, until its oldest may have ended.
///
/// Owned by the log's thread; only [#trimmed] may be asked by anybody.
final class MemoryRetention {
    /// What a topic has in place of its time while it does not wait in the queue.
    static final long NOT_DUE = 0;

    private static final int DUE_A_TURN = 64;

    private final InstantSource clock;
    private final @Nullable RetentionRules rules;
    private final PriorityQueue<Due> dues = new PriorityQueue<>(Comparator.comparingLong(Due::atMs));
    private volatile Trimmed trimmed = Trimmed.NONE;

    private record Due(long atMs, TopicName topic) {}

    /// @param rules null where everything is kept for ever
    MemoryRetention(InstantSource clock, @Nullable RetentionRules rules) {
        this.clock = clock;
        this.rules = rules;
    }

    Trimmed trimmed() {
        return trimmed;
    }

    private Retention of(TopicName topic) {
        if (rules == null) {
            return Retention.FOREVER;
        }
        Retention said = rules.of(topic);
        return said == null ? Retention.DEFAULT : said;
    }

    private void await(TopicName name, MemoryTopic topic, Retention keep) {
        topic.dueMs = keep.endMs(topic.oldestTimestamp());
        dues.add(new Due(topic.dueMs, name));
    }

    /// A commit has added messages to the topic.
    void added(TopicName name, MemoryTopic topic) {
        Retention keep = of(name);
        if (keep.hasAge() && topic.dueMs == NOT_DUE) {
            await(name, topic, keep);
        }
        if (!keep.hasCap()) {
            return;
        }
        long byCount = Math.max(0, topic.size() - keep.messages());
        topic.trim(topic.firstOffset() + byCount);
        long byBytes = 0;
        while (topic.bytes() - topic.oldestBytes() >= keep.bytes()) {
            topic.trim(topic.firstOffset() + 1);
            byBytes++;
        }
        count(0, byCount, byBytes);
    }

    /// Somebody is about to look at the topic.
    void expire(TopicName name, MemoryTopic topic) {
        Retention keep = of(name);
        if (!keep.hasAge() || topic.size() == 0) {
            return;
        }
        long nowMs = clock.millis();
        long ended = 0;
        while (topic.size() > 0 && keep.endMs(topic.oldestTimestamp()) <= nowMs) {
            topic.trim(topic.firstOffset() + 1);
            ended++;
        }
        count(ended, 0, 0);
    }

    /// Looks at some of the topics that have come due.
    void expireDue(Function<TopicName, @Nullable MemoryTopic> topics) {
        if (dues.isEmpty()) {
            return;
        }
        long nowMs = clock.millis();
        for (int looks = 0; looks < DUE_A_TURN; looks++) {
            Due due = dues.peek();
            if (due == null || due.atMs > nowMs) {
                return;
            }
            dues.remove();
            MemoryTopic topic = topics.apply(due.topic);
            if (topic != null && topic.dueMs == due.atMs) {
                topic.dueMs = NOT_DUE;
                expire(due.topic, topic);
                if (topic.size() > 0) {
                    await(due.topic, topic, of(due.topic));
                }
            }
        }
    }

    private void count(long age, long count, long bytes) {
        if (age + count + bytes > 0) {
            trimmed = trimmed.plus(age, count, bytes);
        }
    }
}
