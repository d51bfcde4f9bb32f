package io.topicstream.topic;

import io.topicstream.log.Extent;
import io.topicstream.log.TopicLog;
import io.topicstream.log.TopicName;
import io.topicstream.protocol.From;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/// The offset at which a subscription begins, found from what the client named.
///
/// @param extent of the topic when it was found
/// @param offset of the first message that is wanted
/// @param commonOffset if the client saw another life of the log, the last offset that both share;
///     else [JoinReply#NO_RESET]
/// @param truncated whether something after the named position is gone
public record StartingPoint(Extent extent, long offset, long commonOffset, boolean truncated) {

    /// Finds it. The stage completes on a thread of the engine, or is complete already.
    public static CompletionStage<StartingPoint> find(TopicLog log, TopicName topic, From from) {
        return log.extent(topic).thenCompose(extent -> find(log, topic, from, extent));
    }

    private static CompletionStage<StartingPoint> find(TopicLog log, TopicName topic, From from, Extent extent) {
        long first = extent.firstOffset();
        long next = extent.nextOffset();
        return switch (from) {
            case From.New ignored -> done(at(extent, next));
            case From.Earliest ignored -> done(at(extent, first));
            case From.Last last -> done(at(extent, Math.max(first, next - last.count())));
            case From.Offset offset ->
                done(
                        offset.offset() > next
                                // All we can say is that nothing of ours comes after what it names.
                                ? new StartingPoint(extent, next, next - 1, false)
                                : after(extent, Math.max(1, offset.offset()), JoinReply.NO_RESET));
            case From.Time time ->
                log.offsetAt(topic, time.timestamp()).thenApply(offset -> at(extent, Math.clamp(offset, first, next)));
            case From.Resume resume
            when resume.epoch() > extent.epoch() ->
                // A life that this log has not had: which messages are common cannot be known.
                done(after(extent, 1, 0));
            case From.Resume resume ->
                log.lastOffsetIn(topic, resume.epoch())
                        .thenApply(common -> resume.offset() <= common
                                ? after(extent, resume.offset() + 1, JoinReply.NO_RESET)
                                : after(extent, common + 1, common));
        };
    }

    private static StartingPoint at(Extent extent, long offset) {
        return new StartingPoint(extent, offset, JoinReply.NO_RESET, false);
    }

    private static StartingPoint after(Extent extent, long offset, long commonOffset) {
        long first = extent.firstOffset();
        return new StartingPoint(extent, Math.max(first, offset), commonOffset, offset < first);
    }

    private static CompletionStage<StartingPoint> done(StartingPoint point) {
        return CompletableFuture.completedFuture(point);
    }
}
