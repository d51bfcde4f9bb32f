package io.topicstream.command;

import io.topicstream.access.Identity;
import io.topicstream.access.Permission;
import io.topicstream.log.Admission;
import io.topicstream.log.Signals;
import io.topicstream.log.TopicName;
import io.topicstream.protocol.ClientFrame;
import io.topicstream.protocol.ErrorCode;
import io.topicstream.protocol.ServerFrame;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/// Says something to a topic's audience that is not kept. Thread-safe.
///
/// On its way to the audience a signal is: one byte, the length of the sender's user id (0: none);
/// the id; the payload.
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
            return new Outcome.Refused(
                    new Refusal(
                            ErrorCode.TOO_LARGE,
                            "a signal is at most " + ClientFrame.Signal.MAX_PAYLOAD_BYTES + " bytes",
                            topic));
        }
        byte[] from = who.user() == null ? new byte[0] : who.user().getBytes(StandardCharsets.US_ASCII);
        byte[] signal = new byte[1 + from.length + payload.length];
        signal[0] = (byte) from.length;
        System.arraycopy(from, 0, signal, 1, from.length);
        System.arraycopy(payload, 0, signal, 1 + from.length, payload.length);
        return switch (signals.signal(topic, signal)) {
            case Admission.ACCEPTED -> Outcome.Said.SAID;
            case Admission.ACCEPTED_SLOW_DOWN -> Outcome.Said.SLOW_DOWN;
            case Admission.REFUSED ->
                new Outcome.Refused(
                        new Refusal(ErrorCode.OVERLOADED, "too much is being said; nobody was told", topic));
        };
    }

    /// The frame that a signal is.
    public static ServerFrame.Signal frame(TopicName topic, byte[] signal) {
        int length = signal[0];
        String from = length == 0 ? null : new String(signal, 1, length, StandardCharsets.US_ASCII);
        return new ServerFrame.Signal(topic, from, Arrays.copyOfRange(signal, 1 + length, signal.length));
    }
}
