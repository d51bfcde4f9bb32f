package io.topicstream.command;

import io.topicstream.access.Identity;
import io.topicstream.access.Permission;
import io.topicstream.log.Admission;
import io.topicstream.log.Append;
import io.topicstream.log.AppendResult;
import io.topicstream.log.Draft;
import io.topicstream.log.Headers;
import io.topicstream.log.TopicLog;
import io.topicstream.log.TopicName;
import io.topicstream.policy.TopicPolicies;
import io.topicstream.protocol.ErrorCode;
import java.util.List;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/// Adds messages to a topic: allowed? within the limits? then `log.append`. Thread-safe.
public final class PublishCommand {
    /// The most messages of one append.
    public static final int MAX_MESSAGES = 1_000;

    private final TopicLog log;
    private final TopicPolicies policies;
    private final AboutCheck aboutCheck;

    /// @param policies say how large a message may be
    PublishCommand(TopicLog log, TopicPolicies policies) {
        this.log = log;
        this.policies = policies;
        this.aboutCheck = new AboutCheck(log);
    }

    /// What became of the request to publish, before the log answers.
    public sealed interface Outcome {
        /// The log has it and will answer through [Append#onAnswered].
        enum Accepted implements Outcome {
            ACCEPTED,
            /// Over the log's soft bound: take nothing more from this publisher until the answer.
            SLOW_DOWN
        }

        /// Nothing was stored, and no answer follows.
        record Refused(Refusal refusal) implements Outcome {}
    }

    /// Publishes for somebody.
    Outcome run(Caller caller, Append append) {
        Refusal refusal = check(caller.identity(), append.topic(), append.drafts());
        if (refusal != null) {
            return new Outcome.Refused(refusal);
        }
        return admit(append);
    }

    /// Whether somebody may publish this, which may be about an earlier message: to be asked before the log
    /// is handed one that is. The stage completes on any thread.
    CompletionStage<Result<Boolean>> checkAbout(Caller caller, TopicName topic, Draft draft) {
        Refusal refusal = check(caller.identity(), topic, List.of(draft));
        return refusal == null ? aboutCheck.run(caller.identity(), topic, draft.about()) : Result.refused(refusal);
    }

    /// Hands an append to the log that was checked before. On any thread.
    Outcome admit(Append append) {
        return switch (log.append(append)) {
            case Admission.ACCEPTED -> Outcome.Accepted.ACCEPTED;
            case Admission.ACCEPTED_SLOW_DOWN -> Outcome.Accepted.SLOW_DOWN;
            case Admission.REFUSED ->
                new Outcome.Refused(new Refusal(
                        ErrorCode.OVERLOADED, "too much is being published; nothing was stored", append.topic()));
        };
    }

    /// Why these may not be published, or null where they may.
    @Nullable
    Refusal check(Identity who, TopicName topic, List<Draft> drafts) {
        if (!who.may(Permission.PUBLISH, topic)) {
            return Refusal.forbidden("publish to", topic);
        }
        if (drafts.size() > MAX_MESSAGES) {
            return new Refusal(ErrorCode.TOO_LARGE, "at most " + MAX_MESSAGES + " messages at once", topic);
        }
        int maxPayloadBytes = policies.of(topic).maxPayloadBytes();
        for (int i = 0; i < drafts.size(); i++) {
            if (drafts.get(i).payload().length > maxPayloadBytes) {
                return new Refusal(ErrorCode.TOO_LARGE, "a message is at most " + maxPayloadBytes + " bytes", topic);
            }
        }
        return null;
    }

    /// In which space the message ids of what the caller says are unique: the user's, or for an anonymous client
    /// without a name that of its connection. One without a connection too has that of its stage.
    public static String idScope(Caller caller) {
        String user = caller.identity().user();
        if (user != null) {
            return "u:" + user;
        }
        String connectionId = caller.connectionId();
        return "c:" + (connectionId == null ? caller.stage() : connectionId);
    }

    /// What is stored of what the caller says: with the display name that it has now, if it has one.
    public static Draft signed(Caller caller, Draft draft) {
        String name = caller.identity().name();
        return name == null ? draft : draft.with(Headers.NAME, name);
    }

    /// The refusal that an answer of the log means, or null where the messages are in the log.
    public static @Nullable Refusal refusal(TopicName topic, AppendResult result) {
        return switch (result) {
            case AppendResult.Appended ignored -> null;
            case AppendResult.Conflict conflict ->
                new Refusal(
                        ErrorCode.CONFLICT,
                        "the next offset is " + conflict.nextOffset(),
                        topic,
                        conflict.nextOffset());
            case AppendResult.IdConflict ignored ->
                new Refusal(ErrorCode.ID_CONFLICT, "this message_id was used for another message", topic);
            case AppendResult.Unavailable unavailable ->
                new Refusal(ErrorCode.UNAVAILABLE, unavailable.reason(), topic);
        };
    }
}
