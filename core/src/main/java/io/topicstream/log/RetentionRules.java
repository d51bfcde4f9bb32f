package io.topicstream.log;

import org.jspecify.annotations.Nullable;

/// Which retention holds for which topic: what an engine is handed where it is opened. The same as long as it is open.
///
/// May be asked on any thread, often, and makes nothing.
public interface RetentionRules {
    /// Nothing is said of any topic: each engine's default holds.
    RetentionRules NOTHING_SAID = new RetentionRules() {
        @Override
        public @Nullable Retention of(TopicName topic) {
            return null;
        }

        @Override
        public long fingerprint() {
            return 1;
        }
    };

    /// What is kept of the topic; null where nothing says so, and the engine's default holds.
    @Nullable
    Retention of(TopicName topic);

    /// The same for the same rules, and another for others: after a change, an engine looks at what it has.
    long fingerprint();
}
