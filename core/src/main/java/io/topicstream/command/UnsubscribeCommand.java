package io.topicstream.command;

import io.topicstream.log.TopicName;
import io.topicstream.people.Memberships;
import io.topicstream.protocol.ClientFrame;
import io.topicstream.protocol.ErrorCode;
import io.topicstream.protocol.ServerFrame;
import java.util.concurrent.CompletionStage;

/// Takes a connection out of a topic's audience; with `durable` takes the topic from the user, on all
/// of its connections, for good. Listening or not, the answer is the same: afterwards it does not.
final class UnsubscribeCommand {
    private final Memberships durable;

    UnsubscribeCommand(Memberships durable) {
        this.durable = durable;
    }

    /// Runs it, on the caller's thread.
    CompletionStage<Result<ServerFrame.Unsubscribed>> run(LiveCaller caller, ClientFrame.Unsubscribe unsubscribe) {
        TopicName topic = unsubscribe.topic();
        String user = caller.identity().user();
        if (unsubscribe.durable() && user == null) {
            return Result.refused(new Refusal(
                    ErrorCode.FORBIDDEN, "a durable subscription belongs to a user; say who you are", topic));
        }
        caller.audience().leave(caller.listener(), topic);
        ServerFrame.Unsubscribed done = new ServerFrame.Unsubscribed(unsubscribe.id(), topic);
        return !unsubscribe.durable() || user == null
                ? Result.success(done)
                : Result.of(durable.remove(user, topic).thenApply(_ -> done), topic);
    }

    /// Takes a topic from a user whose connection has ended.
    void runAfterEnd(Caller caller, ClientFrame.Unsubscribe unsubscribe) {
        String user = caller.identity().user();
        if (unsubscribe.durable() && user != null) {
            var _ = durable.remove(user, unsubscribe.topic());
        }
    }
}
