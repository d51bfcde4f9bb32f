package io.topicstream.cli;

import io.topicstream.client.Subscription;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// A room that was entered, as the chat sees it. Guarded by the chat's monitor.
final class ChatRoom {
    /// How many lines of a room that is not in front are kept to be shown.
    private static final int MOST_UNSEEN = 500;

    private final String topic;
    private final String label;
    private final Shown shown = new Shown();
    private final AboutMessages messages;
    private final Deque<ChatLine> unseen = new ArrayDeque<>();
    private long unread;
    private boolean isOpen;
    private @Nullable Subscription subscription;

    /// @param label the room's name, safe to show
    /// @param me this user's id, or null
    ChatRoom(String topic, String label, @Nullable String me) {
        this.topic = topic;
        this.label = label;
        this.messages = new AboutMessages(me);
    }

    AboutMessages messages() {
        return messages;
    }

    String topic() {
        return topic;
    }

    String label() {
        return label;
    }

    Shown shown() {
        return shown;
    }

    /// How many lines have come since the room was in front.
    long unread() {
        return unread;
    }

    /// Whether the user was told that he is in it. Until then its lines are kept.
    boolean isOpen() {
        return isOpen;
    }

    void open() {
        isOpen = true;
    }

    void begin(Subscription itsSubscription) {
        subscription = itsSubscription;
    }

    /// Stops listening to it.
    void end() {
        Objects.requireNonNull(subscription).close();
        shown.end();
    }

    /// Keeps a line for the time when the room is in front.
    void keep(ChatLine line) {
        unread++;
        unseen.addLast(line);
        if (unseen.size() > MOST_UNSEEN) {
            unseen.removeFirst();
        }
    }

    /// Shows what was kept.
    void showUnseen(Screen screen) {
        if (unread > unseen.size()) {
            screen.show(ChatLine.notice(
                    (unread - unseen.size()) + " lines of " + label + " are not shown; /history has the last ones"));
        }
        unseen.forEach(screen::show);
        unseen.clear();
        unread = 0;
    }
}
