package io.topicstream.people;

import io.topicstream.log.Redaction;
import io.topicstream.log.Signals;
import io.topicstream.log.TopicLog;
import io.topicstream.log.TopicName;
import io.topicstream.signal.Signal;
import java.util.List;
import java.util.concurrent.CompletionStage;

/// Takes messages back, and then tells those who listen to the topic, on all nodes. The signal is a hint, the
/// log is the truth: who misses it finds what was taken back when he reads again. What sinks did not take of it is
/// taken back soon after. Thread-safe.
public final class Redactions {
    private final TopicLog log;
    private final Signals signals;
    private final DeadLetters deadLetters;

    /// @param signals that are said again where they are refused
    public Redactions(TopicLog log, Signals signals) {
        this.log = log;
        this.signals = signals;
        this.deadLetters = new DeadLetters(log);
    }

    /// Takes them back; answers with the offsets of those that are kept, when that is durable and was told.
    public CompletionStage<List<Long>> takeBack(TopicName topic, Redaction redaction) {
        return log.redact(topic, redaction).thenApply(offsets -> {
            if (!offsets.isEmpty()) {
                var _ = signals.signal(topic, new Signal.Redacted(offsets).encode());
                if (!redaction.forgetsAuthors()) {
                    // An erasure comes to them by itself: they are from their authors too.
                    deadLetters.takeBack(topic, offsets);
                }
            }
            return offsets;
        });
    }
}
