package io.topicstream.server.forgetful;

import io.topicstream.log.Admission;
import io.topicstream.log.Append;
import io.topicstream.log.AppendResult;
import io.topicstream.log.Direction;
import io.topicstream.log.Durability;
import io.topicstream.log.Extent;
import io.topicstream.log.LogFigures;
import io.topicstream.log.Page;
import io.topicstream.log.TopicExtent;
import io.topicstream.log.TopicLog;
import io.topicstream.log.TopicName;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;

/// A log that tells of each append when it is durable, as the change stream of a table does: on the
/// engine's own thread, so it does not depend on the publisher's run, which may be over by then.
final class FedLog implements TopicLog {
    private final TopicLog log;
    private final Consumer<TopicName> appended;

    FedLog(TopicLog log, Consumer<TopicName> appended) {
        this.log = log;
        this.appended = appended;
    }

    @Override
    public Admission append(Append append) {
        return log.append(new Fed(append, appended));
    }

    private static final class Fed extends Append {
        private final Append append;

        Fed(Append append, Consumer<TopicName> appended) {
            super(
                    append.topic(),
                    append.drafts(),
                    append.from(),
                    append.idScope(),
                    append.expectedOffset(),
                    handOver -> {
                        append.lane().enqueue(handOver);
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
        return log.read(topic, from, direction, maxMessages, maxBytes);
    }

    @Override
    public CompletionStage<Long> offsetAt(TopicName topic, long timestamp) {
        return log.offsetAt(topic, timestamp);
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
