package io.topicstream.aws.audience;

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

/// A log of which each append is told, when who asked for it has been answered: so that the reply comes before the
/// delivery.
final class DeliveredLog implements TopicLog {
    private final TopicLog log;
    private final Consumer<TopicName> appended;

    /// @param appended told of each append that stored something, on the thread on which it was answered
    DeliveredLog(TopicLog log, Consumer<TopicName> appended) {
        this.log = log;
        this.appended = appended;
    }

    @Override
    public Admission append(Append append) {
        return log.append(new Told(append, appended));
    }

    private static final class Told extends Append {
        private final Append append;
        private final Consumer<TopicName> appended;

        Told(Append append, Consumer<TopicName> appended) {
            super(
                    append.topic(),
                    append.drafts(),
                    append.from(),
                    append.idScope(),
                    append.expectedOffset(),
                    append.lane());
            this.append = append;
            this.appended = appended;
        }

        @Override
        public void onAnswered(AppendResult result) {
            try {
                append.onAnswered(result);
            } finally {
                // What is there already may not have been delivered: who sent it may have died.
                if (result instanceof AppendResult.Appended) {
                    appended.accept(topic());
                }
            }
        }
    }

    @Override
    public CompletionStage<Page> read(TopicName topic, long from, Direction direction, int maxMessages, int maxBytes) {
        return log.read(topic, from, direction, maxMessages, maxBytes);
    }

    @Override
    public CompletionStage<Long> offsetAt(TopicName topic, long timestamp) {
        return log.offsetAt(topic, timestamp);
    }

    @Override
    public CompletionStage<List<Reference>> references(TopicName topic, long from, long to, int most) {
        return log.references(topic, from, to, most);
    }

    @Override
    public CompletionStage<Long> lastOffsetIn(TopicName topic, long epoch) {
        return log.lastOffsetIn(topic, epoch);
    }

    @Override
    public CompletionStage<Extent> extent(TopicName topic) {
        return log.extent(topic);
    }

    @Override
    public CompletionStage<List<Long>> redact(TopicName topic, Redaction redaction) {
        return log.redact(topic, redaction);
    }

    @Override
    public CompletionStage<Extent> trim(TopicName topic, long before) {
        return log.trim(topic, before);
    }

    @Override
    public CompletionStage<List<TopicExtent>> topics(String prefix, String after, int limit) {
        return log.topics(prefix, after, limit);
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
