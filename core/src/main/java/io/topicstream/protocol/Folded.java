package io.topicstream.protocol;

import static io.topicstream.json.JsonWriter.ascii;

import io.topicstream.json.JsonWriter;
import io.topicstream.log.About;
import io.topicstream.log.Message;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A message with what was said about it later.
///
/// @param message with the payload of its last edit, if it was edited
/// @param edit the offset and time of its last edit, or null
/// @param reactions in the order in which their values came
/// @param replies how many and which was the last; null without replies
public record Folded(
        Message message,
        @Nullable Edit edit,
        List<Reaction> reactions,
        @Nullable Replies replies) {
    /// The most different values of a message that are told; those that came first.
    public static final int MAX_REACTIONS = 50;
    /// The most users who are named for one value; those who came first.
    public static final int MAX_USERS = 20;
    /// The most users who are named for one message, for all values together.
    public static final int MAX_USERS_OF_ALL = 200;

    private static final byte[] M_EDITED = ascii(",\"edited\":{\"offset\":");
    private static final byte[] M_TIMESTAMP = ascii(",\"timestamp\":");
    private static final byte[] M_REACTIONS = ascii(",\"reactions\":[{\"value\":");
    private static final byte[] MORE_REACTIONS = ascii(",{\"value\":");
    private static final byte[] M_COUNT = ascii(",\"count\":");
    private static final byte[] M_USERS = ascii(",\"users\":[");
    private static final byte[] M_MINE = ascii("],\"mine\":true}");
    private static final byte[] NOT_MINE = ascii("]}");
    private static final byte[] M_REPLIES = ascii(",\"replies\":{\"count\":");
    private static final byte[] M_LAST_OFFSET = ascii(",\"last_offset\":");
    private static final byte[] M_ABOUT = ascii(",\"about\":{\"offset\":");
    private static final byte[] M_AS = ascii(",\"as\":");
    private static final byte[] M_VALUE = ascii(",\"value\":");

    /// The last edit of a message.
    ///
    /// @param timestamp epoch milliseconds
    public record Edit(long offset, long timestamp) {}

    /// What some have reacted with.
    ///
    /// @param count of users
    /// @param users who came first, at most [#MAX_USERS]
    /// @param mine whether who asks is among them
    public record Reaction(String value, int count, List<String> users, boolean mine) {}

    /// What was answered.
    public record Replies(int count, long lastOffset) {}

    /// How many bytes [#write] writes, or a few more.
    int bytes() {
        int bytes = edit == null ? 0 : 80;
        for (int i = 0; i < reactions.size(); i++) {
            Reaction reaction = reactions.get(i);
            bytes += 64 + JsonWriter.stringBytes(reaction.value());
            for (int k = 0; k < reaction.users().size(); k++) {
                bytes += 1 + JsonWriter.stringBytes(reaction.users().get(k));
            }
        }
        return bytes + (replies == null ? 0 : 80) + (reactions.isEmpty() ? 0 : 32);
    }

    /// Writes the members that it has beside those of its message, each with a comma in front.
    public void write(JsonWriter out) {
        if (edit != null) {
            out.raw(M_EDITED).number(edit.offset());
            out.raw(M_TIMESTAMP).number(edit.timestamp()).raw('}');
        }
        for (int i = 0; i < reactions.size(); i++) {
            Reaction reaction = reactions.get(i);
            out.raw(i == 0 ? M_REACTIONS : MORE_REACTIONS).string(reaction.value());
            out.raw(M_COUNT).number(reaction.count()).raw(M_USERS);
            for (int k = 0; k < reaction.users().size(); k++) {
                if (k > 0) {
                    out.raw(',');
                }
                out.string(reaction.users().get(k));
            }
            out.raw(reaction.mine() ? M_MINE : NOT_MINE);
        }
        if (!reactions.isEmpty()) {
            out.raw(']');
        }
        if (replies != null) {
            out.raw(M_REPLIES).number(replies.count());
            out.raw(M_LAST_OFFSET).number(replies.lastOffset()).raw('}');
        }
    }

    /// Writes which message another one is about, as a member with a comma in front.
    public static void write(About about, JsonWriter out) {
        out.raw(M_ABOUT).number(about.offset());
        out.raw(M_AS).string(about.as().wireName());
        if (about.value() != null) {
            out.raw(M_VALUE).string(about.value());
        }
        out.raw('}');
    }

    /// How many bytes that has.
    static int bytes(About about) {
        int bytes = M_ABOUT.length
                + JsonWriter.digitsOf(about.offset())
                + M_AS.length
                + 2
                + about.as().wireName().length()
                + 1;
        return about.value() == null ? bytes : bytes + M_VALUE.length + JsonWriter.stringBytes(about.value());
    }
}
