package io.topicstream.command;

import io.topicstream.access.Identity;
import io.topicstream.access.Permission;
import io.topicstream.log.Direction;
import io.topicstream.log.Message;
import io.topicstream.log.Page;
import io.topicstream.log.Redaction;
import io.topicstream.log.Reference;
import io.topicstream.log.TopicLog;
import io.topicstream.log.TopicName;
import io.topicstream.people.Redactions;
import io.topicstream.people.RoomRecord;
import io.topicstream.people.Rooms;
import io.topicstream.protocol.ClientFrame;
import io.topicstream.protocol.ErrorCode;
import io.topicstream.protocol.ServerFrame;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// Takes a message back, with its last 999 edits. Thread-safe.
///
/// Its author may, the owner of the room that it stands in, and who has `admin` there; the first two only
/// where they showed a credential: anybody may call himself like a guest.
final class RedactCommand {
    private static final int MOST_EDITS = Redaction.MAX_OFFSETS - 1;

    private final TopicLog log;
    private final Rooms rooms;
    private final Redactions redactions;

    RedactCommand(TopicLog log, Rooms rooms, Redactions redactions) {
        this.log = log;
        this.rooms = rooms;
        this.redactions = redactions;
    }

    /// That it is taken back, or why not. The stage completes on a thread of the engine.
    CompletionStage<Result<ServerFrame.TakenBack>> run(Caller caller, ClientFrame.Redact frame) {
        TopicName topic = frame.topic();
        Identity who = caller.identity();
        if (who.may(Permission.ADMIN, topic)) {
            return takeBack(frame);
        }
        // Of the reserved topics nothing is told, not even what there is.
        boolean isReached = !topic.isReserved() || mayDoSomething(who, topic);
        if (!isReached || who.user() == null || who.credential() == Identity.Credential.NONE) {
            return Result.refused(Refusal.forbidden("take a message back in", topic));
        }
        return Result.of(isTheirs(who.user(), frame), topic).thenCompose(answer -> switch (answer) {
            case Result.Success<Boolean>(Boolean isTheirs) when isTheirs -> takeBack(frame);
            case Result.Success<Boolean> _ -> Result.refused(Refusal.forbidden("take back others' messages in", topic));
            case Result.Refused<Boolean>(Refusal refusal) -> Result.refused(refusal);
        });
    }

    private static boolean mayDoSomething(Identity who, TopicName topic) {
        return who.may(Permission.PUBLISH, topic) || who.may(Permission.READ, topic);
    }

    private CompletionStage<Boolean> isTheirs(String user, ClientFrame.Redact frame) {
        CompletionStage<Page> page = frame.offset() < 1
                ? log.read(frame.topic(), 1, Direction.FORWARD, 0, 1)
                : log.read(frame.topic(), frame.offset(), Direction.FORWARD, 1, 1);
        return page.thenCompose(read -> {
            List<Message> messages = read.messages();
            Message message = messages.isEmpty() ? null : messages.getFirst();
            boolean isAuthor = message != null && message.offset() == frame.offset() && user.equals(message.from());
            return isAuthor || !Rooms.isRoom(frame.topic())
                    ? CompletableFuture.completedFuture(isAuthor)
                    : rooms.find(frame.topic()).thenApply(room -> isOwner(user, room));
        });
    }

    /// The message, and what it was edited to: an edit has all of its text.
    private CompletionStage<Redaction> withEdits(TopicName topic, long offset) {
        if (offset < 1 || offset == Long.MAX_VALUE) {
            return CompletableFuture.completedFuture(Redaction.of(offset));
        }
        return log.references(topic, offset, offset + 1, MOST_EDITS)
                .thenApply(references -> new Redaction(
                        Stream.concat(
                                        Stream.of(offset),
                                        references.stream()
                                                .filter(one -> one.group() == Reference.Group.EDITS)
                                                .map(Reference::offset))
                                .toList(),
                        null));
    }

    private static boolean isOwner(String user, @Nullable RoomRecord room) {
        return room != null && room.owner().equals(user);
    }

    private CompletionStage<Result<ServerFrame.TakenBack>> takeBack(ClientFrame.Redact frame) {
        TopicName topic = frame.topic();
        return Result.then(
                Result.of(withEdits(topic, frame.offset()).thenCompose(all -> redactions.takeBack(topic, all)), topic),
                offsets -> !offsets.contains(frame.offset())
                        ? new Result.Refused<>(
                                new Refusal(ErrorCode.NOT_FOUND, "the topic keeps no message with this offset", topic))
                        : new Result.Success<>(new ServerFrame.TakenBack(frame.id(), topic, frame.offset())));
    }
}
