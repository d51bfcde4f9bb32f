package io.topicstream.testkit;

import io.topicstream.log.Retention;
import io.topicstream.log.RetentionRules;
import io.topicstream.log.TopicName;
import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Rules of what is kept, for tests: by the beginning of the topic's name, the longest counts.
public record Keeping(Map<String, Retention> rules) implements RetentionRules {
    public static Keeping all(Retention retention) {
        return new Keeping(Map.of("", retention));
    }

    /// A number of messages.
    public static Retention messages(long most) {
        return new Retention(Retention.UNLIMITED, most, Retention.UNLIMITED);
    }

    /// A number of bytes.
    public static Retention bytes(long most) {
        return new Retention(Retention.UNLIMITED, Retention.UNLIMITED, most);
    }

    /// A time.
    public static Retention age(Duration most) {
        return new Retention(most.toMillis(), Retention.UNLIMITED, Retention.UNLIMITED);
    }

    @Override
    public @Nullable Retention of(TopicName topic) {
        String best = null;
        for (String beginning : rules.keySet()) {
            if (topic.value().startsWith(beginning) && (best == null || beginning.length() > best.length())) {
                best = beginning;
            }
        }
        return best == null ? null : rules.get(best);
    }

    @Override
    public long fingerprint() {
        return rules.hashCode();
    }
}
