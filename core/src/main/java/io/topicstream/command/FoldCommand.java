package io.topicstream.command;

import io.topicstream.log.About;
import io.topicstream.log.Direction;
import io.topicstream.log.Message;
import io.topicstream.log.Page;
import io.topicstream.log.TopicLog;
import io.topicstream.protocol.Folded;
import io.topicstream.protocol.Query;
import io.topicstream.protocol.ReplySize;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/// Reads a page of a topic whose messages have with them what was said about them later, wherever in the
/// log that is. Edits and reactions are left out of the page; replies stay, as they have something to say
/// themselves.
///
/// A page looks at more of the log than it has messages, at most [#SPREAD] times as much and
/// [#MAX_LOOKED_AT]; it ends before the message that would make it too long, or for which too much had to
/// be read. It names the piece of the log that it covers, so the next one begins where it ended.
/// Thread-safe.
final class FoldCommand {
    /// How many messages are looked at for one that may be shown.
    static final int SPREAD = 4;
    /// How many messages are looked at for a page.
    static final int MAX_LOOKED_AT = 1_000;

    private final ReadCommand read;
    private final TopicLog log;

    FoldCommand(ReadCommand read, TopicLog log) {
        this.read = read;
        this.log = log;
    }

    /// The page, or why not. The stage completes on a thread of the engine.
    ///
    /// @param maxBytes about how long its messages may be as they are written; there is one all the same
    CompletionStage<Result<Query.FoldedPage>> run(Caller caller, Query.Read asked, int maxBytes) {
        Query.Read wide = new Query.Read(
                asked.id(),
                asked.topic(),
                asked.after(),
                asked.before(),
                asked.since(),
                asked.until(),
                Math.min(asked.limit() * SPREAD, MAX_LOOKED_AT));
        String user = caller.identity().user();
        return read.run(caller, wide, maxBytes).thenCompose(result -> switch (result) {
            case Result.Refused<Page>(Refusal refusal) -> Result.refused(refusal);
            case Result.Success<Page>(Page page) -> Result.of(fold(asked, page, user, maxBytes), asked.topic());
        });
    }

    private CompletionStage<Query.FoldedPage> fold(Query.Read asked, Page page, @Nullable String user, int maxBytes) {
        List<Message> shown = new ArrayList<>();
        List<Message> ordered = asked.direction() == Direction.FORWARD
                ? page.messages()
                : page.messages().reversed();
        for (Message message : ordered) {
            About about = message.about();
            if (about != null && !about.as().standsAlone()) {
                continue;
            }
            shown.add(message);
            if (shown.size() > asked.limit()) {
                break;
            }
        }
        // One more than may be shown: it says where the page ends.
        List<Message> wanted = shown.subList(0, Math.min(shown.size(), asked.limit()));
        return new Folding(log, asked.topic(), wanted)
                .run()
                .thenApply(folds -> made(asked, page, shown, folds, user, maxBytes));
    }

    private static Query.FoldedPage made(
            Query.Read asked, Page page, List<Message> shown, List<Fold> folds, @Nullable String user, int maxBytes) {
        List<Folded> messages = new ArrayList<>();
        for (Fold fold : folds) {
            messages.add(fold.folded(user));
        }
        int count = ReplySize.countFitting(messages, maxBytes);
        List<Folded> kept = messages.subList(0, count);
        @Nullable Message leftOut = count < shown.size() ? shown.get(count) : null;
        List<Message> lookedAt = page.messages();
        return switch (asked.direction()) {
            case FORWARD -> {
                long from = asked.after() == Query.NOT_GIVEN ? 1 : asked.after() + 1;
                long first = lookedAt.isEmpty() ? from : lookedAt.getFirst().offset();
                long last = lookedAt.isEmpty()
                        ? from - 1
                        : leftOut == null ? lookedAt.getLast().offset() : leftOut.offset() - 1;
                yield new Query.FoldedPage(asked.id(), asked.topic(), page.extent(), List.copyOf(kept), first, last);
            }
            case BACKWARD -> {
                long to = asked.before() == Query.NOT_GIVEN
                        ? page.extent().nextOffset()
                        : Math.max(1, Math.min(asked.before(), page.extent().nextOffset()));
                long last = lookedAt.isEmpty() ? to - 1 : lookedAt.getLast().offset();
                long first = lookedAt.isEmpty()
                        ? to
                        : leftOut == null ? lookedAt.getFirst().offset() : leftOut.offset() + 1;
                yield new Query.FoldedPage(
                        asked.id(), asked.topic(), page.extent(), List.copyOf(kept.reversed()), first, last);
            }
        };
    }
}
