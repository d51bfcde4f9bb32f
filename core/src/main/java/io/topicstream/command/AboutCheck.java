package io.topicstream.command;

import io.topicstream.access.Identity;
import io.topicstream.log.About;
import io.topicstream.log.Direction;
import io.topicstream.log.Message;
import io.topicstream.log.Page;
import io.topicstream.log.TopicLog;
import io.topicstream.log.TopicName;
import io.topicstream.protocol.ErrorCode;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/// Whether somebody may say something about an earlier message: it is there, and no edit or reaction
/// itself, which refer to a message and not to each other; an edit is its author's. So what is folded is
/// one step deep.
///
/// It looks into the log, which answers later; the message may be gone when the other one gets its place.
/// That does no harm: nothing is shown of it then. Thread-safe.
final class AboutCheck {
    private final TopicLog log;

    AboutCheck(TopicLog log) {
        this.log = log;
    }

    /// Whether the caller may publish this; the stage completes on a thread of the engine, or has already.
    CompletionStage<Result<Boolean>> run(Identity who, TopicName topic, @Nullable About about) {
        if (about == null) {
            return Result.success(true);
        }
        if (about.as().hasValue() && who.user() == null) {
            return refused(
                    ErrorCode.FORBIDDEN,
                    "a reaction comes from a user; say who you are: with a credential, or as ?user=",
                    topic);
        }
        if (about.as() == About.As.EDIT && !isProven(who)) {
            return refused(
                    ErrorCode.FORBIDDEN,
                    "only who has a credential can edit: a guest's id is claimed by anybody who likes",
                    topic);
        }
        CompletionStage<Result<Page>> read = Result.of(log.read(topic, about.offset(), Direction.FORWARD, 1, 1), topic);
        return Result.then(read, page -> {
            Refusal refusal = refusal(who, topic, about, page);
            return refusal == null ? new Result.Success<>(true) : new Result.Refused<>(refusal);
        });
    }

    private static boolean isProven(Identity who) {
        return who.user() != null && who.credential() != Identity.Credential.NONE;
    }

    private static CompletionStage<Result<Boolean>> refused(ErrorCode code, String reason, TopicName topic) {
        return CompletableFuture.completedFuture(new Result.Refused<>(new Refusal(code, reason, topic)));
    }

    private static @Nullable Refusal refusal(Identity who, TopicName topic, About about, Page page) {
        long offset = about.offset();
        if (offset < page.extent().firstOffset()) {
            return new Refusal(ErrorCode.NOT_FOUND, "message " + offset + " is kept no longer", topic);
        }
        if (page.messages().isEmpty() || page.messages().getFirst().offset() != offset) {
            return new Refusal(ErrorCode.NOT_FOUND, "there is no message " + offset + " in this topic", topic);
        }
        Message target = page.messages().getFirst();
        About itself = target.about();
        if (itself != null && !itself.as().standsAlone()) {
            return new Refusal(
                    ErrorCode.BAD_FRAME,
                    "message " + offset + " is only about message " + itself.offset() + " ("
                            + itself.as().wireName() + "); name that one",
                    topic);
        }
        if (about.as() != About.As.EDIT) {
            return null;
        }
        if (target.kind() == Message.Kind.REDACTED) {
            return new Refusal(ErrorCode.NOT_FOUND, "message " + offset + " was taken away", topic);
        }
        return target.from() != null && target.from().equals(who.user())
                ? null
                : new Refusal(ErrorCode.FORBIDDEN, "only its author can edit message " + offset, topic);
    }
}
