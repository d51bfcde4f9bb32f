package io.topicstream.command;

import io.topicstream.access.DirectTopic;
import io.topicstream.access.Identity;
import io.topicstream.log.Append;
import io.topicstream.log.AppendResult;
import io.topicstream.log.Draft;
import io.topicstream.log.Durability;
import io.topicstream.log.Lane;
import io.topicstream.log.TopicName;
import io.topicstream.people.Memberships;
import io.topicstream.people.Presence;
import io.topicstream.protocol.ClientFrame;
import io.topicstream.protocol.ErrorCode;
import io.topicstream.protocol.ServerFrame;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/// Says something to one user: in the chat of the two, which becomes a topic of both before the message gets
/// its place. So the first message too reaches all devices that are connected, and is in the log for those who
/// are away. Thread-safe.
final class SendCommand {
    private final PublishCommand publish;
    private final Memberships memberships;
    private final Presence presence;
    private final Durability durability;

    /// @param durability of the log
    SendCommand(PublishCommand publish, Memberships memberships, Presence presence, Durability durability) {
        this.publish = publish;
        this.memberships = memberships;
        this.presence = presence;
        this.durability = durability;
    }

    /// Sends it for somebody.
    CompletionStage<Result<ServerFrame.Sent>> run(Caller caller, ClientFrame.Send send) {
        String user = caller.identity().user();
        if (user == null) {
            return Result.refused(new Refusal(
                    ErrorCode.FORBIDDEN,
                    "a message to a user comes from a user; say who you are: with a credential, or as ?user=",
                    null));
        }
        if (!Identity.isValidId(send.to())) {
            return Result.refused(new Refusal(
                    ErrorCode.BAD_FRAME,
                    "a user's id is 1 to " + Identity.MAX_USER_LENGTH + " characters of A-Z a-z 0-9 . _ @ + -",
                    null));
        }
        DirectTopic chat = DirectTopic.of(user, send.to());
        TopicName topic = chat.name();
        Draft draft = PublishCommand.signed(caller, send.draft());
        Refusal refusal = publish.check(caller.identity(), topic, List.of(draft));
        if (refusal != null) {
            return Result.refused(refusal);
        }
        Message message = new Message(topic, draft, user, PublishCommand.idScope(caller), caller.answerLane());
        // Asked meanwhile: it does not keep the message waiting.
        CompletionStage<Boolean> online = presence.online(List.of(send.to()))
                .thenApply(users -> !users.isEmpty() && users.getFirst().online())
                .exceptionally(_ -> false);
        return memberships
                .addChat(chat)
                .thenCompose(full -> full == null
                        ? append(send, message, online)
                        : Result.<ServerFrame.Sent>refused(tooMany(full.equals(user), topic)))
                .exceptionally(_ -> new Result.Refused<>(Refusal.unavailable(topic)));
    }

    private static Refusal tooMany(boolean isCallers, TopicName topic) {
        return new Refusal(
                ErrorCode.LIMIT_EXCEEDED,
                isCallers
                        ? "you have too many chats; leave one for good: unsubscribe from it with \"durable\":true"
                        : "this user has too many chats to begin another one",
                topic);
    }

    private CompletionStage<Result<ServerFrame.Sent>> append(
            ClientFrame.Send send, Message message, CompletionStage<Boolean> online) {
        return switch (publish.admit(message)) {
            case PublishCommand.Outcome.Refused(Refusal refusal) -> Result.refused(refusal);
            case PublishCommand.Outcome.Accepted _ ->
                message.result.thenCombine(online, (result, isOnline) -> sent(send, message.topic(), result, isOnline));
        };
    }

    private Result<ServerFrame.Sent> sent(
            ClientFrame.Send send, TopicName topic, AppendResult result, boolean isOnline) {
        if (result instanceof AppendResult.Appended appended) {
            return new Result.Success<>(new ServerFrame.Sent(
                    send.id(),
                    topic,
                    appended.epoch(),
                    appended.firstOffset(),
                    appended.timestamp(),
                    durability,
                    isOnline));
        }
        Refusal refusal = PublishCommand.refusal(topic, result);
        return new Result.Refused<>(refusal == null ? Refusal.unavailable(topic) : refusal);
    }

    /// The message on its way through the log.
    private static final class Message extends Append {
        private final CompletableFuture<AppendResult> result = new CompletableFuture<>();

        Message(TopicName topic, Draft draft, @Nullable String from, String idScope, Lane lane) {
            super(topic, List.of(draft), from, draft.messageId() == null ? "" : idScope, ANY_OFFSET, lane);
        }

        @Override
        public void onAnswered(AppendResult answer) {
            result.complete(answer);
        }
    }
}
