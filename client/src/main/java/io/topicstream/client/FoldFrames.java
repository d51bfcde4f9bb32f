package io.topicstream.client;

import io.topicstream.json.JsonObjectReader;
import io.topicstream.json.JsonObjectReader.Kind;
import io.topicstream.json.JsonObjectReader.Member;
import io.topicstream.json.JsonObjectReader.Trait;
import io.topicstream.log.About;
import io.topicstream.protocol.AboutReader;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// Reads what messages are about, and what was said about them, in frames that [ServerFrames] has read.
/// What a later server says and this version does not know counts as nothing. Immutable.
final class FoldFrames {
    private static final int MOST_USERS = 1_000;

    private static final JsonObjectReader.Builder INNER = new JsonObjectReader.Builder();
    private static final Member FIRST = INNER.add("first");
    private static final Member LAST = INNER.add("last");
    private static final Member OFFSET = INNER.add("offset");
    private static final Member TIMESTAMP = INNER.add("timestamp");
    private static final Member VALUE = INNER.add("value");
    private static final Member COUNT = INNER.add("count");
    private static final Member USERS = INNER.add("users");
    private static final Member MINE = INNER.add("mine");
    private static final Member LAST_OFFSET = INNER.add("last_offset");

    private final Member about;
    private final Member covers;
    private final Member edited;
    private final Member reactions;
    private final Member replies;

    /// @param all members of all frames: those of folds are added
    FoldFrames(JsonObjectReader.Builder all) {
        about = all.add("about");
        covers = all.add("covers");
        edited = all.add("edited");
        reactions = all.add("reactions", Trait.LIST);
        replies = all.add("replies");
    }

    /// Which message this one is about; null where it says nothing, or what this version does not know.
    @Nullable
    About about(JsonObjectReader message) {
        if (!message.has(about)) {
            return null;
        }
        byte[] raw = message.raw(about);
        return new AboutReader().read(raw, 0, raw.length);
    }

    /// Whether the reply's messages come with what was said about them.
    boolean isFolded(JsonObjectReader reply) {
        return reply.has(covers);
    }

    FoldedPage page(
            JsonObjectReader reply, byte[] text, List<FoldedMessage> messages, long epoch, long first, long next) {
        JsonObjectReader piece = object(reply, covers, text);
        return new FoldedPage(
                messages, ServerFrames.number(piece, FIRST), ServerFrames.number(piece, LAST), epoch, first, next);
    }

    /// What was said about the message that the reader has just read.
    FoldedMessage folded(JsonObjectReader in, byte[] text, ReceivedMessage message) {
        FoldedMessage.Edit edit = null;
        if (in.has(edited)) {
            JsonObjectReader object = object(in, edited, text);
            edit = new FoldedMessage.Edit(ServerFrames.number(object, OFFSET), ServerFrames.number(object, TIMESTAMP));
        }
        int count = 0;
        long last = 0;
        if (in.has(replies)) {
            JsonObjectReader object = object(in, replies, text);
            count = count(object);
            last = ServerFrames.number(object, LAST_OFFSET);
        }
        return new FoldedMessage(message, edit, reactions(in, text), count, last);
    }

    private List<FoldedMessage.Reaction> reactions(JsonObjectReader in, byte[] text) {
        List<FoldedMessage.Reaction> found = new ArrayList<>();
        if (in.has(reactions) && in.kind(reactions) == Kind.ARRAY) {
            JsonObjectReader one = INNER.build();
            in.elements(reactions, (start, end) -> {
                ServerFrames.element(one, text, start, end);
                found.add(new FoldedMessage.Reaction(
                        ServerFrames.wanted(one, VALUE),
                        count(one),
                        Objects.requireNonNullElse(one.texts(USERS, MOST_USERS), List.of()),
                        one.isTrue(MINE)));
            });
        }
        return found;
    }

    private static int count(JsonObjectReader in) {
        return (int) Math.min(ServerFrames.number(in, COUNT), Integer.MAX_VALUE);
    }

    private static JsonObjectReader object(JsonObjectReader in, Member member, byte[] text) {
        JsonObjectReader object = INNER.build();
        ServerFrames.element(object, text, in.start(member), in.end(member));
        return object;
    }
}
