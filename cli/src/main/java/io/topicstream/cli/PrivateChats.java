package io.topicstream.cli;

import io.topicstream.access.DirectTopic;
import io.topicstream.access.Identity;
import io.topicstream.client.Cursor;
import io.topicstream.client.CursorPage;
import io.topicstream.client.OnlineUser;
import io.topicstream.client.Receipt;
import io.topicstream.client.ReceivedMessage;
import io.topicstream.client.Sent;
import io.topicstream.client.SubscriptionListener;
import io.topicstream.client.TopicStreamException;
import io.topicstream.log.TopicName;
import io.topicstream.protocol.From;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/// The chats of this user with single others: what is typed to them, and what they say. Guarded by the chat's
/// monitor.
final class PrivateChats {
    /// How many messages of a private chat are shown that came while this user was away.
    private static final int MOST_MISSED = 50;
    /// Of how many private chats it listens to the old ones; a server has a limit for all of a connection.
    private static final int MOST_OLD = 300;

    private static final int PAGE_CURSORS = 500;

    private final Chat owner;
    private final Screen screen;
    private final Acquaintances acquaintances;
    /// By topic.
    private final Map<String, PrivateChat> all = new HashMap<>();
    /// Whether all chats that there were at some time are in it. Then another one has begun since.
    private boolean isWhole;

    PrivateChats(Chat owner, Screen screen, Acquaintances acquaintances) {
        this.owner = owner;
        this.screen = screen;
        this.acquaintances = acquaintances;
    }

    /// Says something to a user, who is meant by an id or a name.
    CompletionStage<@Nullable Void> tell(String typed, String text) {
        return meant(typed)
                .thenCompose(user -> owner.client().send(user, ChatText.json(text)))
                .thenCompose(this::onSent);
    }

    private CompletionStage<@Nullable Void> onSent(Sent sent) {
        synchronized (owner) {
            PrivateChat chat = find(sent.topic());
            if (chat == null) {
                return Chat.done();
            }
            if (all.putIfAbsent(sent.topic(), chat) == null) {
                listen(chat, beginning(sent.offset()));
            }
            return Chat.untilShown(chat.shown(), sent.offset())
                    .thenCompose(_ -> sent.online()
                            ? Chat.done()
                            : owner.notice(nameOf(chat) + " is not online; the message waits"));
        }
    }

    private CompletionStage<String> meant(String typed) {
        List<String> known = acquaintances.meant(typed);
        if (known.size() > 1) {
            throw new IllegalArgumentException("several have the name " + typed + ": " + String.join(", ", known));
        }
        if (known.size() == 1) {
            return CompletableFuture.completedFuture(known.getFirst());
        }
        List<String> spellings = spellings(typed, owner.me());
        return owner.client()
                .online(spellings)
                .handle((users, _) -> users == null ? spellings.getFirst() : likeliest(users));
    }

    /// The ids that may be meant, the likelier one first. Among guests nobody types what all their ids begin
    /// with.
    private static List<String> spellings(String typed, @Nullable String me) {
        if (typed.startsWith(Identity.GUEST_PREFIX)) {
            return List.of(typed);
        }
        String guest = Identity.GUEST_PREFIX + typed;
        return me != null && me.startsWith(Identity.GUEST_PREFIX) ? List.of(guest, typed) : List.of(typed, guest);
    }

    private static String likeliest(List<OnlineUser> users) {
        return users.stream()
                .filter(OnlineUser::online)
                .findFirst()
                .or(() -> users.stream().filter(user -> user.lastSeen() != null).findFirst())
                .orElse(users.getFirst())
                .user();
    }

    /// Tells whether a user is online.
    CompletionStage<@Nullable Void> tellWhether(String typed) {
        return meant(typed)
                .thenCompose(user -> owner.client().online(List.of(user)))
                .thenCompose(users -> owner.notice(describe(users.getFirst())));
    }

    private String describe(OnlineUser user) {
        String who = TerminalText.line(user.user());
        Long seen = user.lastSeen();
        if (user.online()) {
            return who + " is online";
        }
        return who + (seen == null ? " is not online" : " was last here " + owner.time(seen));
    }

    private String nameOf(PrivateChat chat) {
        return owner.isMe(chat.other()) ? "yourself" : TerminalText.line(acquaintances.nameOf(chat.other()));
    }

    /// The chat of this topic, made anew where it is not there yet; null where the topic is not one of this
    /// user's.
    private @Nullable PrivateChat find(String topic) {
        PrivateChat known = all.get(topic);
        String me = owner.me();
        TopicName name = TopicName.orNull(topic);
        if (known != null || me == null || name == null) {
            return known;
        }
        DirectTopic pair = DirectTopic.orNull(name);
        return pair == null || !DirectTopic.isOf(name, me) ? null : new PrivateChat(topic, pair.other(me));
    }

    private void listen(PrivateChat chat, long from) {
        var _ = owner.client().subscribe(chat.topic(), new From.Offset(from), new Listener(chat));
    }

    /// A chat has begun, here or elsewhere.
    @Nullable
    SubscriptionListener onNewTopic(String topic) {
        synchronized (owner) {
            PrivateChat chat = find(topic);
            if (chat == null || all.putIfAbsent(topic, chat) != null) {
                return null;
            }
            if (isWhole) {
                listen(chat, 1);
                return null;
            }
            return new Listener(chat);
        }
    }

    /// Where a chat is listened to that shows itself by a message. What was said before in a new one may have come
    /// while
    /// there was no connection.
    private long beginning(long offset) {
        return isWhole ? 1 : offset;
    }

    /// Finds the chats with single users, and what was said there that this user has not seen.
    void catchUp() {
        List<Cursor> found = new ArrayList<>();
        var _ = cursors("", found).handle((_, failure) -> {
            // Those with something new first: there may be more than one connection listens to. A server that does
            // not tell has none.
            if (failure == null) {
                found.removeIf(cursor -> !cursor.topic().startsWith(DirectTopic.PREFIX));
                found.sort(Comparator.comparing(cursor -> cursor.unread() == 0));
                found.forEach(this::catchUp);
                synchronized (owner) {
                    isWhole = found.stream().allMatch(cursor -> all.containsKey(cursor.topic()));
                }
            }
            return null;
        });
    }

    private CompletionStage<@Nullable Void> cursors(String after, List<Cursor> found) {
        return owner.client().cursors(after, PAGE_CURSORS).thenCompose((CursorPage page) -> {
            found.addAll(page.cursors());
            return page.next() == null ? Chat.done() : cursors(page.next(), found);
        });
    }

    private void catchUp(Cursor cursor) {
        synchronized (owner) {
            PrivateChat chat = all.size() < MOST_OLD ? find(cursor.topic()) : null;
            if (chat == null || all.putIfAbsent(cursor.topic(), chat) != null) {
                return;
            }
            long first = cursor.read() + 1;
            if (cursor.nextOffset() - first > MOST_MISSED) {
                first = cursor.nextOffset() - MOST_MISSED;
                owner.notice((first - cursor.read() - 1) + " private messages with " + nameOf(chat) + " are not shown");
            }
            listen(chat, first);
        }
    }

    /// Told of the chat with one user.
    private final class Listener implements SubscriptionListener {
        private final PrivateChat chat;

        Listener(PrivateChat chat) {
            this.chat = chat;
        }

        @Override
        public void onMessage(ReceivedMessage message) {
            synchronized (owner) {
                acquaintances.user(message.from(), message.name());
                boolean isOwn = owner.isMe(message.from());
                String who = Chat.shown(message.from(), message.name());
                ChatLine line = AboutMessages.line(message, "a private message", who, owner.text(message));
                screen.show(
                        line != null
                                ? line
                                : new ChatLine(
                                        ChatLine.Kind.PRIVATE,
                                        isOwn ? "(private to " + nameOf(chat) + ")" : "(private)",
                                        isOwn ? null : who,
                                        owner.text(message)));
                if (isOwn) {
                    chat.said(message.offset());
                    showMark();
                }
                chat.shown().upTo(message.offset());
                // The screen has shown it, so it is read. What the server makes of that is nothing to tell here.
                var _ = owner.client().ackRead(chat.topic(), message.offset()).exceptionally(_ -> null);
            }
        }

        @Override
        public void onRedacted(List<Long> offsets) {
            synchronized (owner) {
                owner.notice("(private) " + Chat.removed(offsets.size()));
            }
        }

        @Override
        public void onReceipt(Receipt receipt) {
            synchronized (owner) {
                if (receipt.user().equals(chat.other()) && !owner.isMe(chat.other())) {
                    chat.onReceipt(receipt);
                    showMark();
                }
            }
        }

        private void showMark() {
            String mark = chat.mark();
            if (mark != null) {
                owner.notice(nameOf(chat) + " " + mark);
            }
        }

        @Override
        public void onEnded(@Nullable TopicStreamException reason) {
            synchronized (owner) {
                chat.shown().end();
                if (reason instanceof TopicStreamException.Refused) {
                    all.remove(chat.topic(), chat);
                    owner.trouble(String.valueOf(reason.getMessage()));
                }
            }
        }
    }
}
