package io.topicstream.command;

import io.topicstream.access.Identity;
import io.topicstream.access.Permission;
import io.topicstream.log.Signals;
import io.topicstream.log.TopicName;
import io.topicstream.protocol.ErrorCode;
import io.topicstream.protocol.ServerFrame;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// Says something to a topic's audience that is not kept. Thread-safe.
///
/// On its way to the audience a signal is: one byte, the length of the sender's user id (0: none);
/// the id; the payload.
public final class SignalCommand {
    /// The largest payload of a signal.
    public static final int MAX_PAYLOAD_BYTES = 8 * 1024;

    private final Signals signals;

    public SignalCommand(Signals signals) {
        this.signals = signals;
    }

    /// Sends it, or says why not. That it was sent does not mean that anybody heard it.
    public @Nullable Refusal run(Identity who, TopicName topic, byte[] payload) {
        if (!who.may(Permission.PUBLISH, topic)) {
            return Refusal.forbidden("publish to", topic);
        }
        if (payload.length > MAX_PAYLOAD_BYTES) {
            return new Refusal(ErrorCode.TOO_LARGE, "a signal is at most " + MAX_PAYLOAD_BYTES + " bytes", topic);
        }
        byte[] from = who.user() == null ? new byte[0] : who.user().getBytes(StandardCharsets.US_ASCII);
        byte[] signal = new byte[1 + from.length + payload.length];
        signal[0] = (byte) from.length;
        System.arraycopy(from, 0, signal, 1, from.length);
        System.arraycopy(payload, 0, signal, 1 + from.length, payload.length);
        signals.signal(topic, signal);
        return null;
    }

    /// The frame that a signal is.
    public static ServerFrame.Signal frame(TopicName topic, byte[] signal) {
        int length = signal[0];
        String from = length == 0 ? null : new String(signal, 1, length, StandardCharsets.US_ASCII);
        return new ServerFrame.Signal(topic, from, Arrays.copyOfRange(signal, 1 + length, signal.length));
    }
}
