package io.topicstream.command;

import io.topicstream.access.Permission;
import io.topicstream.log.Direction;
import io.topicstream.log.Page;
import io.topicstream.log.TopicLog;
import io.topicstream.log.TopicName;
import io.topicstream.protocol.Query;
import java.util.concurrent.CompletionStage;

/// Reads a page of a topic: after an offset, before one, or the newest. Thread-safe.
final class ReadCommand {
    private final TopicLog log;

    ReadCommand(TopicLog log) {
        this.log = log;
    }

    /// The page, ascending, or why not. The stage completes on a thread of the engine.
    ///
    /// @param maxBytes counted by `Message.sizeBytes`; the page has at least one message all the same
    CompletionStage<Result<Page>> run(Caller caller, Query.Read read, int maxBytes) {
        if (!caller.identity().may(Permission.READ, read.topic())) {
            return Result.refused(Refusal.forbidden("read", read.topic()));
        }
        TopicName topic = read.topic();
        CompletionStage<Page> page;
        if (read.after() != Query.NOT_GIVEN) {
            long from = read.after() == Long.MAX_VALUE ? read.after() : read.after() + 1;
            page = log.read(topic, from, Direction.FORWARD, read.limit(), maxBytes);
        } else if (read.before() == Query.NOT_GIVEN) {
            page = log.read(topic, Long.MAX_VALUE, Direction.BACKWARD, read.limit(), maxBytes);
        } else {
            // Before 0 or 1 there is nothing, but the caller still wants to know where the topic stands.
            int limit = read.before() <= 1 ? 0 : read.limit();
            page = log.read(topic, Math.max(1, read.before() - 1), Direction.BACKWARD, limit, maxBytes);
        }
        return Result.of(page, topic);
    }
}
