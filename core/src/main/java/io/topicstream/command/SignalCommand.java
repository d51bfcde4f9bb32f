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
import java.util.List;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/// Says something to a topic's audience that is not kept. Thread-safe.
public final class SignalCommand {
    // Made once: they are the results of nearly all signals.
    private static final CompletionStage<Result<Said>> SAID = Result.success(Said.SAID);
    private static final CompletionStage<Result<Said>> SLOW_DOWN = Result.success(Said.SLOW_DOWN);

    private final Signals signals;

    SignalCommand(Signals signals) {
        this.signals = signals;
    }

    /// What became of a signal.
    public enum Said {
        /// It was said, which does not mean that anybody heard it.
        SAID,
        /// So much waits to be passed on that the sender should wait a little before the next.
        SLOW_DOWN
    }

    /// Says it for somebody. The result is there at once.
    CompletionStage<Result<Said>> run(Caller caller, ClientFrame.Signal signal) {
        TopicName topic = signal.topic();
        Identity who = caller.identity();
        if (!who.may(Permission.PUBLISH, topic)) {
            return Result.refused(Refusal.forbidden("publish to", topic));
        }
        if (signal.payload().length > ClientFrame.Signal.MAX_PAYLOAD_BYTES) {
            return Result.refused(new Refusal(
                    ErrorCode.TOO_LARGE,
                    "a signal is at most " + ClientFrame.Signal.MAX_PAYLOAD_BYTES + " bytes",
                    topic));
        }
        return switch (signals.signal(topic, new Signal.Said(who.user(), signal.payload()).encode())) {
            case Admission.ACCEPTED -> SAID;
            case Admission.ACCEPTED_SLOW_DOWN -> SLOW_DOWN;
            case Admission.REFUSED ->
                Result.refused(new Refusal(ErrorCode.OVERLOADED, "too much is being said; nobody was told", topic));
        };
    }

    /// The frame that a signal is, or null where clients hear nothing of it.
    public static ServerFrame.@Nullable ToAudience frame(TopicName topic, byte[] signal) {
        return switch (Signal.decode(signal)) {
            case Signal.Said(String from, byte[] payload) -> new ServerFrame.Signal(topic, from, payload);
            case Signal.Presence(Boolean hasCome, String user, String name, long count) ->
                new ServerFrame.Presence(
                        topic, hasCome == null ? null : new ServerFrame.Arrival(hasCome, user, name), count);
            case Signal.Notice(boolean came, boolean byMoving, String user, String shownAs, String name, long time) ->
                new ServerFrame.Notice(topic, came, byMoving, user, shownAs, name, time);
            case Signal.Receipt(String user, long delivered, long read) ->
                new ServerFrame.Receipt(topic, user, delivered, read);
            case Signal.Redacted(List<Long> offsets) -> new ServerFrame.Redacted(topic, offsets);
            case Signal.MembershipChanged _,
                    Signal.Revoked _,
                    Signal.RoomChanged _,
                    Signal.RightsChanged _,
                    Signal.ForConnection _,
                    Signal.OfConnection _,
                    Signal.MembersChanged _ -> null;
            case null -> null;
        };
    }
}
