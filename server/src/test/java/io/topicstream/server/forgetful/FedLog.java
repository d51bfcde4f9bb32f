package io.topicstream.server.forgetful;

import io.topicstream.log.Admission;
import io.topicstream.log.Append;
import io.topicstream.log.AppendResult;
import io.topicstream.log.Direction;
import io.topicstream.log.Durability;
import io.topicstream.log.Extent;
import io.topicstream.log.LogFigures;
import io.topicstream.log.Page;
import io.topicstream.log.Redaction;
import io.topicstream.log.Reference;
import io.topicstream.log.TopicExtent;
import io.topicstream.log.TopicLog;
import io.topicstream.log.TopicName;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;

/// A log that tells of each append when it is durable, as the change stream of a table does: on the
/// engine's own thread, so it does not depend on the publisher's run, which may be over by then. Its calls are
/// counted ([Trips]).
final class FedLog implements TopicLog {
    private final TopicLog log;
    private final Consumer<TopicName> appended;
    private final long answerMs;

    /// @param answerMs how long each answer but those of appends takes, at least
    FedLog(TopicLog log, Consumer<TopicName> appended, long answerMs) {
        this.log = log;
        this.answerMs = answerMs;
        this.appended = appended;
    }

    @Override
    public Admission append(Append append) {
        return log.append(new Fed(append, appended, Trips.counted()));
    }

    private static final class Fed extends Append {
        private final Append append;

        Fed(Append append, Consumer<TopicName> appended, Consumer<Runnable> counted) {
            super(
                    append.topic(),
                    append.drafts(),
                    append.from(),
                    append.idScope(),
                    append.expectedOffset(),
                    handOver -> {
                        counted.accept(() -> append.lane().enqueue(handOver));
                        appended.accept(append.topic());
                    });
            this.append = append;
        }

        @Override
        public void onAnswered(AppendResult result) {
            append.onAnswered(result);
        }
    }

    @Override
    public CompletionStage<Page> read(TopicName topic, long from, Direction direction, int maxMessages, int maxBytes) {
        return Trips.counted(log.read(topic, from, direction, maxMessages, maxBytes), answerMs);
    }

    @Override
    public CompletionStage<Long> offsetAt(TopicName topic, long timestamp) {
        return Trips.counted(log.offsetAt(topic, timestamp), answerMs);
    }

    @Override
    public CompletionStage<List<Reference>> references(TopicName topic, long from, long to, int most) {
        return Trips.counted(log.references(topic, from, to, most), answerMs);
    }

    @Override
    public CompletionStage<Long> lastOffsetIn(TopicName topic, long epoch) {
        return Trips.counted(log.lastOffsetIn(topic, epoch), answerMs);
    }

    @Override
    public CompletionStage<Extent> extent(TopicName topic) {
        return Trips.counted(log.extent(topic), answerMs);
    }

    @Override
    public CompletionStage<List<Long>> redact(TopicName topic, Redaction redaction) {
        return Trips.counted(log.redact(topic, redaction), answerMs);
    }

    @Override
    public CompletionStage<Extent> trim(TopicName topic, long before) {
        return Trips.counted(log.trim(topic, before), answerMs);
    }

    @Override
    public CompletionStage<List<TopicExtent>> topics(String prefix, String after, int limit) {
        return Trips.counted(log.topics(prefix, after, limit), answerMs);
    }

    @Override
    public Durability durability() {
        return log.durability();
    }

    @Override
    public LogFigures figures() {
        return log.figures();
    }
}
