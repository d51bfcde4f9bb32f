package io.topicstream.command;

import io.topicstream.access.Identity;
import io.topicstream.access.Permission;
import io.topicstream.log.Admission;
import io.topicstream.log.Signals;
import io.topicstream.log.TopicName;
import io.topicstream.protocol.ClientFrame;
import io.topicstream.protocol.ErrorCode;
import io.topicstream.protocol.ServerFrame;
import io.topicstream.signal.Signal;
import org.jspecify.annotations.Nullable;

/// Says something to a topic's audience that is not kept. Thread-safe.
public final class SignalCommand {
    private final Signals signals;

    public SignalCommand(Signals signals) {
        this.signals = signals;
    }

    /// What became of a signal.
    public sealed interface Outcome {
        /// It was said, which does not mean that anybody heard it.
        enum Said implements Outcome {
            SAID,
            /// So much waits to be passed on that the sender should wait a little before the next.
            SLOW_DOWN
        }

        record Refused(Refusal refusal) implements Outcome {}
    }

    /// Says it for somebody.
    public Outcome run(Identity who, TopicName topic, byte[] payload) {
        if (!who.may(Permission.PUBLISH, topic)) {
            return new Outcome.Refused(Refusal.forbidden("publish to", topic));
        }
        if (payload.length > ClientFrame.Signal.MAX_PAYLOAD_BYTES) {
            return new Outcome.Refused(new Refusal(
                    ErrorCode.TOO_LARGE,
                    "a signal is at most " + ClientFrame.Signal.MAX_PAYLOAD_BYTES + " bytes",
                    topic));
        }
        return switch (signals.signal(topic, new Signal.Said(who.user(), payload).encode())) {
            case Admission.ACCEPTED -> Outcome.Said.SAID;
            case Admission.ACCEPTED_SLOW_DOWN -> Outcome.Said.SLOW_DOWN;
            case Admission.REFUSED ->
                new Outcome.Refused(
                        new Refusal(ErrorCode.OVERLOADED, "too much is being said; nobody was told", topic));
        };
    }

    /// The frame that a signal is, or null where clients hear nothing of it.
    public static ServerFrame.@Nullable Signal frame(TopicName topic, byte[] signal) {
        return switch (Signal.decode(signal)) {
            case Signal.Said(String from, byte[] payload) -> new ServerFrame.Signal(topic, from, payload);
            case Signal.MembershipChanged _, Signal.Revoked _, Signal.ForConnection _, Signal.OfConnection _ -> null;
            case null -> null;
        };
    }
}
