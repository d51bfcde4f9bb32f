package io.topicstream.testkit;

import io.topicstream.log.Append;
import io.topicstream.log.AppendResult;
import io.topicstream.log.Draft;
import io.topicstream.log.TopicName;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/// An append that keeps its answer, insists on getting only one, and reports to its [RecordingLane].
public final class RecordingAppend extends Append {
    private final RecordingLane recordingLane;
    private final CompletableFuture<AppendResult> answer = new CompletableFuture<>();

    private RecordingAppend(Builder builder, RecordingLane lane) {
        super(builder.topic, builder.draftsInTheEnd(), builder.from, builder.idScope, builder.expectedOffset, lane);
        this.recordingLane = lane;
    }

    /// Begins an append to the topic.
    public static Builder to(TopicName topic) {
        return new Builder(topic);
    }

    /// Completes on the lane's thread.
    public CompletableFuture<AppendResult> answer() {
        return answer;
    }

    @Override
    public void onAnswered(AppendResult result) {
        recordingLane.hear(new Heard.Answered(recordingLane.handOver(), this, result));
        if (!answer.complete(result)) {
            recordingLane.fail(new AssertionError(this + " was answered twice: " + answer.join() + ", then " + result));
        }
    }

    @Override
    public String toString() {
        return "append of " + drafts().size() + " to " + topic() + " on " + recordingLane;
    }

    /// What the append will be; each method answers the builder itself.
    public static final class Builder {
        private final TopicName topic;
        private final List<Draft> drafts = new ArrayList<>();
        private @Nullable String from;
        private @Nullable String withheldFrom;
        private String idScope = "u:somebody";
        private long expectedOffset = ANY_OFFSET;

        private Builder(TopicName topic) {
            this.topic = topic;
        }

        /// Adds a message with the JSON text and nothing else.
        public Builder message(String json) {
            return message(json, null);
        }

        /// Adds a message with an id.
        public Builder message(String json, @Nullable String messageId) {
            return draft(new Draft(json.getBytes(StandardCharsets.UTF_8), messageId, null));
        }

        /// Adds a message.
        public Builder draft(Draft draft) {
            drafts.add(draft);
            return this;
        }

        /// Names the publishing user, whose ids are then in a scope of their own.
        public Builder from(String user) {
            this.from = user;
            this.idScope = "u:" + user;
            return this;
        }

        /// Withholds all of its messages from listeners with the tag.
        public Builder withheldFrom(String tag) {
            this.withheldFrom = tag;
            return this;
        }

        private List<Draft> draftsInTheEnd() {
            String tag = withheldFrom;
            return tag == null
                    ? List.copyOf(drafts)
                    : drafts.stream().map(draft -> draft.withheldFrom(tag)).toList();
        }

        public Builder idScope(String scope) {
            this.idScope = scope;
            return this;
        }

        public Builder expecting(long offset) {
            this.expectedOffset = offset;
            return this;
        }

        /// Ends the building.
        public RecordingAppend on(RecordingLane lane) {
            return new RecordingAppend(this, lane);
        }
    }
}
