package io.topicstream.rocksdb;

import io.topicstream.log.Append;
import io.topicstream.log.AppendResult;
import io.topicstream.log.Draft;
import io.topicstream.log.Lane;
import io.topicstream.log.TopicName;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// One message on its way into a log, answered on the engine's own thread.
final class Publish extends Append {
    private final CompletableFuture<AppendResult> answer = new CompletableFuture<>();

    Publish(String topic, String json, @Nullable String messageId, long expectedOffset) {
        this(topic, json, messageId, expectedOffset, Lane.DIRECT);
    }

    Publish(String topic, String json, @Nullable String messageId, long expectedOffset, Lane lane) {
        this(topic, new Draft(json.getBytes(StandardCharsets.UTF_8), messageId, null), expectedOffset, lane);
    }

    private Publish(String topic, Draft draft, long expectedOffset, Lane lane) {
        super(new TopicName(topic), List.of(draft), "ann", "u:ann", expectedOffset, lane);
    }

    static Publish to(String topic, Draft draft) {
        return new Publish(topic, draft, ANY_OFFSET, Lane.DIRECT);
    }

    static Publish to(String topic, String json) {
        return new Publish(topic, json, null, ANY_OFFSET);
    }

    CompletableFuture<AppendResult> answer() {
        return answer;
    }

    AppendResult await() throws Exception {
        return answer.get(30, TimeUnit.SECONDS);
    }

    @Override
    public void onAnswered(AppendResult result) {
        if (!answer.complete(result)) {
            throw new AssertionError("answered twice");
        }
    }
}
