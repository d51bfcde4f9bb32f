package io.topicstream.command;

import io.topicstream.access.Identity;
import io.topicstream.access.Permission;
import io.topicstream.log.Direction;
import io.topicstream.log.Page;
import io.topicstream.log.TopicLog;
import io.topicstream.log.TopicName;
import io.topicstream.protocol.ClientFrame;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/// Reads a page of a topic: after an offset, before one, or the newest. Thread-safe.
public final class ReadCommand {
    private final TopicLog log;

    public ReadCommand(TopicLog log) {
        this.log = log;
    }

    /// The page, ascending, or why not. The stage completes on a thread of the engine.
    ///
    /// @param maxBytes counted by `Message.sizeBytes`; the page has at least one message all the same
    public CompletionStage<Result<Page>> run(Identity who, ClientFrame.Read read, int maxBytes) {
        if (!who.may(Permission.READ, read.topic())) {
            return CompletableFuture.completedFuture(new Result.Refused<>(Refusal.forbidden("read", read.topic())));
        }
        TopicName topic = read.topic();
        CompletionStage<Page> page;
        if (read.after() != ClientFrame.NOT_GIVEN) {
            long from = read.after() == Long.MAX_VALUE ? read.after() : read.after() + 1;
            page = log.read(topic, from, Direction.FORWARD, read.limit(), maxBytes);
        } else if (read.before() == ClientFrame.NOT_GIVEN) {
            page = log.read(topic, Long.MAX_VALUE, Direction.BACKWARD, read.limit(), maxBytes);
        } else {
            // Before 0 or 1 there is nothing, but the caller still wants to know where the topic stands.
            int limit = read.before() <= 1 ? 0 : read.limit();
            page = log.read(topic, Math.max(1, read.before() - 1), Direction.BACKWARD, limit, maxBytes);
        }
        return Result.of(page, topic);
    }
}
