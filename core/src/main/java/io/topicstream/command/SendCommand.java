package io.topicstream.command;

import io.topicstream.access.DirectTopic;
import io.topicstream.access.Identity;
import io.topicstream.log.Append;
import io.topicstream.log.AppendResult;
import io.topicstream.log.Draft;
import io.topicstream.log.Durability;
import io.topicstream.log.TopicName;
import io.topicstream.people.Memberships;
import io.topicstream.people.Presence;
import io.topicstream.protocol.ClientFrame;
import io.topicstream.protocol.ErrorCode;
import io.topicstream.protocol.ServerFrame;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;

/// Says something to one user: in the chat of the two, which becomes a topic of both before the message gets
/// its place. So the first message too reaches all devices that are connected, and is in the log for those who
/// are away. Thread-safe.
final class SendCommand {
    /// How long a message waits for whether the other user has a connection; then it goes on as if not.
    private static final long ONLINE_MS = 500;

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
        TopicName topic = DirectTopic.of(user, send.to()).name();
        Draft draft = PublishCommand.signed(caller, send.draft());
        Refusal refusal = publish.check(caller.identity(), topic, List.of(draft));
        if (refusal != null) {
            return Result.refused(refusal);
        }
        if (draft.about() == null) {
            return send(send, topic, draft, user, caller);
        }
        return publish.checkAbout(caller, topic, draft).thenCompose(checked -> switch (checked) {
            case Result.Success<Boolean> _ -> send(send, topic, draft, user, caller);
            case Result.Refused<Boolean>(Refusal refused) -> Result.refused(refused);
        });
    }

    private CompletionStage<Result<ServerFrame.Sent>> send(
            ClientFrame.Send send, TopicName topic, Draft draft, String user, Caller caller) {
        DirectTopic chat = DirectTopic.of(user, send.to());
        Message message = new Message(send, topic, draft, user, caller);
        // Known before the message gets its place: the reply comes before the message is delivered to its sender,
        // and cannot wait for anything then.
        CompletionStage<Boolean> online = presence.online(List.of(send.to()))
                .thenApply(users -> !users.isEmpty() && users.getFirst().online())
                .exceptionally(_ -> false)
                .toCompletableFuture()
                .copy()
                .completeOnTimeout(false, ONLINE_MS, TimeUnit.MILLISECONDS);
        var _ = memberships
                .addChat(chat)
                .thenAcceptBoth(online, (full, isOnline) -> {
                    if (full == null) {
                        append(message, isOnline);
                    } else {
                        message.refused(tooMany(full.equals(user), topic));
                    }
                })
                .whenComplete((_, failure) -> {
                    if (failure != null) {
                        message.refused(Refusal.unavailable(topic));
                    }
                });
        return message.sent;
    }

    private void append(Message message, boolean isOnline) {
        message.isOnline = isOnline;
        if (publish.admit(message) instanceof PublishCommand.Outcome.Refused(Refusal refusal)) {
            message.refused(refusal);
        }
    }

    private static Refusal tooMany(boolean isCallers, TopicName topic) {
        return new Refusal(
                ErrorCode.LIMIT_EXCEEDED,
                isCallers
                        ? "you have too many chats; leave one for good: unsubscribe from it with \"durable\":true"
                        : "this user has too many chats to begin another one",
                topic);
    }

    /// The message on its way through the log, and its answer: made on the caller's thread in the turn in which the
    /// log answers, which is before the message is delivered there.
    private final class Message extends Append {
        private final ClientFrame.Send send;
        private final CompletableFuture<Result<ServerFrame.Sent>> sent = new CompletableFuture<>();
        /// Set before the log has it.
        private boolean isOnline;

        Message(ClientFrame.Send send, TopicName topic, Draft draft, String from, Caller caller) {
            super(
                    topic,
                    List.of(draft),
                    from,
                    draft.messageId() == null ? "" : PublishCommand.idScope(caller),
                    ANY_OFFSET,
                    caller.answerLane());
            this.send = send;
        }

        void refused(Refusal refusal) {
            sent.complete(new Result.Refused<>(refusal));
        }

        @Override
        public void onAnswered(AppendResult answer) {
            if (answer instanceof AppendResult.Appended appended) {
                sent.complete(new Result.Success<>(new ServerFrame.Sent(
                        send.id(),
                        topic(),
                        appended.epoch(),
                        appended.firstOffset(),
                        appended.timestamp(),
                        durability,
                        isOnline)));
            } else {
                Refusal refusal = PublishCommand.refusal(topic(), answer);
                refused(refusal == null ? Refusal.unavailable(topic()) : refusal);
            }
        }
    }
}
