package io.topicstream.client;

import io.topicstream.log.About;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// The last messages of a topic as they are to be shown: takes what a subscription hears, and puts edits,
/// reactions and replies together with the messages that they are about.
///
/// It knows only what it was told. So it begins with a page that the server has folded ([#begin]), or with
/// the first message of the topic; what is about an older message changes nothing. Used by one thread at a
/// time, such as that of a subscription's calls.
///
/// ```java
/// var shown = new FoldedMessages(100, "ada");
/// client.subscribe("team", new From.Last(100), message -> {
///     FoldedMessage changed = shown.add(message);
///     if (changed != null) {
///         show(changed);
///     }
/// });
/// ```
public final class FoldedMessages {
    /// The most different values that are kept for one message.
    public static final int MAX_VALUES = 50;
    /// The most users who are known by their ids for one value.
    public static final int MAX_USERS = 1_000;

    private final int most;
    private final @Nullable String user;
    private final NavigableMap<Long, Entry> entries = new TreeMap<>();

    /// @param most how many messages are kept, at least 1: the last ones
    /// @param user this client's user, or null
    public FoldedMessages(int most, @Nullable String user) {
        if (most < 1) {
            throw new IllegalArgumentException("at least one message is kept, not " + most);
        }
        this.most = most;
        this.user = user;
    }

    private static final class Entry {
        private ReceivedMessage message;
        private FoldedMessage.@Nullable Edit edit;
        private final Map<String, Users> reactions = new LinkedHashMap<>();
        private int replies;
        private long lastReply;

        Entry(ReceivedMessage message) {
            this.message = message;
        }
    }

    /// Those who react with one value: some by their ids, of others only how many.
    private static final class Users {
        private final Set<String> known = new LinkedHashSet<>();
        private int others;
        private boolean mine;
    }

    /// Takes the messages of a page that are not there yet, with what was said about them up to now. A
    /// subscription from the page's [FoldedPage#nextOffset] on tells the rest.
    public void begin(FoldedPage page) {
        for (FoldedMessage folded : page.messages()) {
            Entry entry = new Entry(folded.message());
            entry.edit = folded.edited();
            entry.replies = folded.replies();
            entry.lastReply = folded.lastReply();
            for (FoldedMessage.Reaction reaction : folded.reactions()) {
                Users users = new Users();
                users.known.addAll(reaction.users());
                users.others = Math.max(0, reaction.count() - users.known.size());
                users.mine = reaction.mine();
                if (users.mine && user != null && users.others > 0 && users.known.add(user)) {
                    users.others--;
                }
                entry.reactions.put(reaction.value(), users);
            }
            entries.putIfAbsent(folded.message().offset(), entry);
        }
        keepTheLast();
    }

    /// Takes the next message.
    ///
    /// @return what is to be shown anew: the message itself, or the one that an edit or a reaction is
    ///     about; null where that is not there, and where nothing changes
    public @Nullable FoldedMessage add(ReceivedMessage message) {
        About about = message.about();
        Entry meant = about == null ? null : entries.get(about.offset());
        if (about != null && !about.as().standsAlone()) {
            return meant != null && changes(meant, about, message) ? folded(meant) : null;
        }
        if (meant != null && message.offset() > meant.lastReply) {
            meant.replies++;
            meant.lastReply = message.offset();
        }
        Entry entry = new Entry(message);
        entries.put(message.offset(), entry);
        keepTheLast();
        return folded(entry);
    }

    private void keepTheLast() {
        while (entries.size() > most) {
            entries.pollFirstEntry();
        }
    }

    private boolean changes(Entry entry, About about, ReceivedMessage said) {
        return switch (about.as()) {
            case REPLY -> false;
            case EDIT -> {
                boolean isNew = entry.edit == null || entry.edit.offset() < said.offset();
                if (isNew && !entry.message.redacted()) {
                    entry.edit = new FoldedMessage.Edit(said.offset(), said.timestamp());
                    entry.message = entry.message.saying(said);
                }
                yield isNew && !entry.message.redacted();
            }
            case REACTION -> reacts(entry, about.value(), said.from());
            case UNREACTION -> takesBack(entry, about.value(), said.from());
        };
    }

    private boolean reacts(Entry entry, @Nullable String value, @Nullable String who) {
        if (value == null
                || who == null
                || (!entry.reactions.containsKey(value) && entry.reactions.size() == MAX_VALUES)) {
            return false;
        }
        Users users = entry.reactions.computeIfAbsent(value, _ -> new Users());
        if (users.known.size() == MAX_USERS && !users.known.contains(who)) {
            users.others++;
        } else if (!users.known.add(who)) {
            return false;
        }
        users.mine |= who.equals(user);
        return true;
    }

    private boolean takesBack(Entry entry, @Nullable String value, @Nullable String who) {
        Users users = value == null ? null : entry.reactions.get(value);
        if (users == null || who == null) {
            return false;
        }
        if (!users.known.remove(who)) {
            if (users.others == 0) {
                return false;
            }
            users.others--;
        }
        users.mine &= !who.equals(user);
        if (users.known.isEmpty() && users.others == 0) {
            entry.reactions.remove(value);
        }
        return true;
    }

    private static FoldedMessage folded(Entry entry) {
        List<FoldedMessage.Reaction> reactions = new ArrayList<>();
        entry.reactions.forEach((value, users) -> reactions.add(new FoldedMessage.Reaction(
                value, users.known.size() + users.others, List.copyOf(users.known), users.mine)));
        return new FoldedMessage(entry.message, entry.edit, reactions, entry.replies, entry.lastReply);
    }

    /// The message with this offset, or null where it is not kept.
    public @Nullable FoldedMessage get(long offset) {
        Entry entry = entries.get(offset);
        return entry == null ? null : folded(entry);
    }

    /// All that are kept, ascending.
    public List<FoldedMessage> list() {
        return entries.values().stream().map(FoldedMessages::folded).toList();
    }
}
