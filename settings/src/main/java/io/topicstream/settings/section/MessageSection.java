package io.topicstream.settings.section;

import static io.topicstream.settings.Units.KIB;

import io.topicstream.command.CommandLimits;
import io.topicstream.settings.Kind;
import io.topicstream.settings.Rows;
import io.topicstream.settings.Setting;
import io.topicstream.settings.Values;

/// What commands take: makes [CommandLimits], and the size of messages that [PolicySection] begins with. A
/// payload fits into a WebSocket message and into a body.
public final class MessageSection {
    public static final Rows ROWS = new Rows();

    public static final Setting<Long> PAYLOAD_BYTES = ROWS.add(
            "limits.messages.payload_bytes",
            PoliciesKind.MAX_MESSAGE,
            120 * KIB,
            "Largest payload of a message, where no policy says otherwise");
    private static final Setting<Integer> SUBSCRIPTIONS_PER_CONNECTION = ROWS.add(
            "limits.subscriptions.per_connection",
            Kind.number(1, 1_000_000),
            500,
            "Topics that one connection may listen to");
    private static final Setting<Integer> DURABLE_SUBSCRIPTIONS_PER_USER = ROWS.add(
            "limits.subscriptions.durable_per_user", Kind.number(1, 100_000), 500, "Durable subscriptions of one user");
    private static final Setting<Integer> CHATS_PER_USER = ROWS.add(
            "limits.subscriptions.chats_per_user",
            Kind.number(1, 100_000),
            1_000,
            "Chats of one user with others (dm:); they count for nothing else");

    private MessageSection() {}

    /// What the settings say.
    public static CommandLimits of(Values values) {
        return new CommandLimits(
                values.get(SUBSCRIPTIONS_PER_CONNECTION),
                values.get(DURABLE_SUBSCRIPTIONS_PER_USER),
                values.get(CHATS_PER_USER));
    }
}
