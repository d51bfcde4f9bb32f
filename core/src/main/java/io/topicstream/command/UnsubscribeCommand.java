package io.topicstream.command;

import io.topicstream.log.TopicName;
import io.topicstream.people.Memberships;
import io.topicstream.protocol.ClientFrame;
import io.topicstream.protocol.ErrorCode;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Takes a connection out of a topic's audience; with `durable` takes the topic from the user, on all
/// of its connections, for good. Listening or not, the answer is the same: afterwards it does not.
public final class UnsubscribeCommand {
    private final Memberships durable;

    public UnsubscribeCommand(Memberships durable) {
        this.durable = durable;
    }

    /// Runs it.
    ///
    /// @param answer told on the caller's own thread, once: null where it was done
    public void run(Caller caller, ClientFrame.Unsubscribe unsubscribe, Consumer<@Nullable Refusal> answer) {
        TopicName topic = unsubscribe.topic();
        String user = caller.identity().user();
        if (unsubscribe.durable() && user == null) {
            answer.accept(new Refusal(
                    ErrorCode.FORBIDDEN, "a durable subscription belongs to a user; say who you are", topic));
            return;
        }
        caller.audience().leave(caller.listener(), topic);
        if (!unsubscribe.durable() || user == null) {
            answer.accept(null);
            return;
        }
        caller.deadlines()
                .within(
                        durable.remove(user, topic),
                        (_, failure) -> answer.accept(failure == null ? null : Refusal.unavailable(topic)));
    }
}
