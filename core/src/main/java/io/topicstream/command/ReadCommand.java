package io.topicstream.command;

import io.topicstream.access.Permission;
import io.topicstream.log.Direction;
import io.topicstream.log.Message;
import io.topicstream.log.Page;
import io.topicstream.log.TopicLog;
import io.topicstream.log.TopicName;
import io.topicstream.protocol.Query;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/// Reads a page of a topic: after an offset, before one, of a certain time, or the newest. Thread-safe.
final class ReadCommand {
    private static final long FIRST = 1;
    private static final long NO_END = Long.MAX_VALUE;

    private final TopicLog log;

    ReadCommand(TopicLog log) {
        this.log = log;
    }

    /// The page, ascending, or why not. The stage completes on a thread of the engine.
    ///
    /// @param maxBytes counted by `Message.sizeBytes`; the page has at least one message all the same
    CompletionStage<Result<Page>> run(Caller caller, Query.Read read, int maxBytes) {
        TopicName topic = read.topic();
        if (!caller.identity().may(Permission.READ, topic)) {
            return Result.refused(Refusal.forbidden("read", topic));
        }
        long first = read.after() == Query.NOT_GIVEN ? FIRST : next(read.after());
        long end = read.before() == Query.NOT_GIVEN ? NO_END : read.before();
        return Result.of(
                read.isByTime() ? byTime(read, first, end, maxBytes) : page(read, first, end, maxBytes), topic);
    }

    /// The first kept offset whose message was committed at the time or later, or the next one; or why not.
    CompletionStage<Result<Long>> find(Caller caller, TopicName topic, long time) {
        return caller.identity().may(Permission.READ, topic)
                ? Result.of(log.offsetAt(topic, time), topic)
                : Result.refused(Refusal.forbidden("read", topic));
    }

    private static long next(long offset) {
        return offset == Long.MAX_VALUE ? offset : offset + 1;
    }

    private CompletionStage<Page> byTime(Query.Read read, long first, long end, int maxBytes) {
        return offsetAt(read.topic(), read.since(), first)
                .thenCombine(
                        offsetAt(read.topic(), read.until(), end),
                        (since, until) -> page(read, Math.max(first, since), Math.min(end, until), maxBytes))
                .thenCompose(page -> page);
    }

    private CompletionStage<Long> offsetAt(TopicName topic, long time, long otherwise) {
        return time == Query.NOT_GIVEN ? CompletableFuture.completedFuture(otherwise) : log.offsetAt(topic, time);
    }

    /// Messages from the offset `first` on, and before the offset `end`.
    private CompletionStage<Page> page(Query.Read read, long first, long end, int maxBytes) {
        // Where there is nothing in between the caller still wants to know where the topic stands.
        int limit = Math.clamp(end - first, 0, read.limit());
        return switch (read.direction()) {
            case FORWARD ->
                log.read(read.topic(), first, Direction.FORWARD, limit, maxBytes)
                        .thenApply(page -> within(page, first, end));
            case BACKWARD ->
                log.read(read.topic(), Math.max(FIRST, end - 1), Direction.BACKWARD, limit, maxBytes)
                        .thenApply(page -> within(page, first, end));
        };
    }

    /// The page without what is outside: of a topic that was cut since, it may begin elsewhere.
    private static Page within(Page page, long first, long end) {
        List<Message> messages = page.messages();
        int from = 0;
        while (from < messages.size() && messages.get(from).offset() < first) {
            from++;
        }
        int to = messages.size();
        while (to > from && messages.get(to - 1).offset() >= end) {
            to--;
        }
        return to - from == messages.size() ? page : new Page(page.extent(), messages.subList(from, to));
    }
}
