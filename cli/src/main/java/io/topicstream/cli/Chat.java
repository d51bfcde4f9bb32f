package io.topicstream.cli;

import io.topicstream.client.ConnectionListener;
import io.topicstream.client.FoldedMessage;
import io.topicstream.client.Member;
import io.topicstream.client.MemberPage;
import io.topicstream.client.PresenceChange;
import io.topicstream.client.PublishOptions;
import io.topicstream.client.ReceivedMessage;
import io.topicstream.client.Room;
import io.topicstream.client.RoomPage;
import io.topicstream.client.Subscription;
import io.topicstream.client.SubscriptionListener;
import io.topicstream.client.TopicStreamClient;
import io.topicstream.client.TopicStreamException;
import io.topicstream.client.Welcome;
import io.topicstream.log.TopicName;
import io.topicstream.people.RoomTopic;
import io.topicstream.protocol.From;
import io.topicstream.settings.Nearest;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// One user's chat: the rooms that were entered and the one in front, the chats with single users, and what is
/// done about what is typed. Its monitor guards all of it, and nobody waits for the server while he holds it.
final class Chat implements ConnectionListener {
    static final String FIRST_ROOM = "general";

    private static final long ANSWER_SECONDS = 30;
    private static final long SHOWN_SECONDS = 5;
    private static final int HISTORY = 20;
    private static final int MOST_HISTORY = 500;
    private static final int LISTED = 100;
    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("uuuu-MM-dd HH:mm");

    private final Screen screen;
    private final Acquaintances acquaintances;
    private final ZoneId zone;
    private final int last;
    private final ChatText texts = new ChatText();
    private final CompletableFuture<@Nullable Void> ended = new CompletableFuture<>();

    private final Map<String, ChatRoom> rooms = new LinkedHashMap<>();
    private final PrivateChats privates;
    private @Nullable TopicStreamClient client;
    private @Nullable ChatRoom front;
    private volatile @Nullable String me;
    private boolean isLost;
    private boolean hadTrouble;

    /// @param last how many messages are shown of a room that is entered
    Chat(Screen screen, Acquaintances acquaintances, ZoneId zone, int last) {
        this.screen = screen;
        this.acquaintances = acquaintances;
        this.zone = zone;
        this.last = last;
        this.privates = new PrivateChats(this, screen, acquaintances);
    }

    /// Begins, with a client that is connected and that has [#onNewTopic] for new topics.
    void begin(TopicStreamClient connected, Welcome welcome) {
        synchronized (this) {
            client = connected;
            me = welcome.user();
        }
        acquaint(welcome.name());
        privates.catchUp();
    }

    /// This user is shown by a name.
    void acquaint(@Nullable String name) {
        acquaintances.user(me, name);
    }

    /// Enters the first room.
    CompletionStage<@Nullable Void> open(String room) {
        return told(() -> enter(room));
    }

    /// Completes when the chat is over: because somebody wants it, or exceptionally because it cannot go on.
    CompletableFuture<@Nullable Void> ended() {
        return ended;
    }

    /// Whether something was asked for that did not happen.
    synchronized boolean hadTrouble() {
        return hadTrouble;
    }

    TopicStreamClient client() {
        return Objects.requireNonNull(client);
    }

    /// The id of this user, or null.
    @Nullable
    String me() {
        return me;
    }

    /// A chat with one user has begun, here or elsewhere.
    @Nullable
    SubscriptionListener onNewTopic(String topic) {
        return privates.onNewTopic(topic);
    }

    // ---- what is typed

    /// Does what somebody has typed.
    ///
    /// @return completes when it is done, if only by saying why it cannot be
    CompletionStage<@Nullable Void> run(String line) {
        Typed typed;
        try {
            typed = Typed.of(line);
        } catch (IllegalArgumentException e) {
            String word = String.valueOf(e.getMessage());
            return trouble("there is no command " + word + Nearest.didYouMean(word, Typed.words())
                    + " (/help lists them; // at the beginning says a text that begins with /)");
        }
        return told(() -> run(typed));
    }

    /// Does something, and says why it cannot be done.
    private CompletionStage<@Nullable Void> told(Supplier<CompletionStage<@Nullable Void>> task) {
        CompletionStage<@Nullable Void> done;
        try {
            done = task.get();
        } catch (IllegalArgumentException | IllegalStateException e) {
            return trouble(String.valueOf(e.getMessage()));
        }
        return done.toCompletableFuture()
                .orTimeout(ANSWER_SECONDS, TimeUnit.SECONDS)
                .handle((_, failure) -> {
                    if (failure != null) {
                        var _ = trouble(reason(failure));
                    }
                    return null;
                });
    }

    private CompletionStage<@Nullable Void> run(Typed typed) {
        if (typed.command() == null) {
            return typed.rest().isEmpty() ? done() : say(typed.rest());
        }
        return switch (typed.command()) {
            case CHAT -> typed.rest().isEmpty() ? usage(typed.command()) : say(typed.rest());
            case JOIN -> typed.rest().isEmpty() ? usage(typed.command()) : enter(typed.rest());
            case LEAVE -> leave();
            case PRIVATE -> {
                List<String> parts = typed.firstAndRest();
                yield parts.getLast().isEmpty()
                        ? usage(typed.command())
                        : privates.tell(parts.getFirst(), parts.getLast());
            }
            case REPLY, EDIT, REACT -> sayAbout(typed);
            case ROOMS -> listRooms();
            case WHO -> typed.rest().isEmpty() ? listMembers() : privates.tellWhether(typed.rest());
            case HISTORY -> showHistory(typed.rest());
            case NAME -> typed.rest().isEmpty() ? usage(typed.command()) : name(typed.rest());
            case HELP -> help();
            case QUIT -> {
                ended.complete(null);
                yield done();
            }
        };
    }

    static CompletionStage<@Nullable Void> done() {
        return CompletableFuture.completedFuture(null);
    }

    private CompletionStage<@Nullable Void> usage(Typed.Command command) {
        return trouble("it is written " + command.usage());
    }

    synchronized CompletionStage<@Nullable Void> trouble(String what) {
        hadTrouble = true;
        screen.show(ChatLine.trouble(TerminalText.line(what)));
        return done();
    }

    CompletionStage<@Nullable Void> notice(String what) {
        screen.show(ChatLine.notice(what));
        return done();
    }

    static String reason(Throwable failure) {
        Throwable cause =
                failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
        return switch (cause) {
            case TimeoutException _ -> "the server did not answer within " + ANSWER_SECONDS + " seconds";
            case TopicStreamException refused -> String.valueOf(refused.getMessage());
            case IllegalArgumentException bad -> String.valueOf(bad.getMessage());
            default -> "this should not have happened: " + cause;
        };
    }

    private CompletionStage<@Nullable Void> help() {
        for (Typed.Command command : Typed.Command.values()) {
            screen.show(ChatLine.notice(String.format("%-20s %s", command.usage(), command.meaning())));
        }
        return done();
    }

    private ChatRoom front() {
        ChatRoom room = front;
        if (room == null) {
            throw new IllegalStateException("you are in no room; /join ROOM enters one");
        }
        return room;
    }

    private CompletionStage<@Nullable Void> say(String text) {
        return publish(ChatText.json(text), PublishOptions.DEFAULT);
    }

    private synchronized CompletionStage<@Nullable Void> sayAbout(Typed typed) {
        AboutMessages.Typing typing = AboutMessages.Typing.of(typed.rest());
        if (typing.text().isEmpty()) {
            return usage(Objects.requireNonNull(typed.command()));
        }
        AboutMessages messages = front().messages();
        return switch (typed.command()) {
            case REPLY -> publish(ChatText.json(typing.text()), messages.replying(typing));
            case EDIT -> publish(ChatText.json(typing.text()), messages.editing(typing));
            case REACT -> publish("null", messages.reacting(typing));
            case null, default -> throw new IllegalStateException("not about a message: " + typed);
        };
    }

    private synchronized CompletionStage<@Nullable Void> publish(String json, PublishOptions options) {
        ChatRoom room = front();
        return client().publish(room.topic(), json, options).thenCompose(published -> {
            synchronized (this) {
                return untilShown(room.shown(), published.offset());
            }
        });
    }

    /// Waits, but not for long, until something that was said is shown here too.
    static CompletionStage<@Nullable Void> untilShown(Shown shown, long offset) {
        CompletableFuture<@Nullable Void> until = new CompletableFuture<>();
        var _ = shown.of(offset).whenComplete((_, _) -> until.complete(null));
        return until.completeOnTimeout(null, SHOWN_SECONDS, TimeUnit.SECONDS);
    }

    // ---- rooms

    /// Enters a room, or brings it to the front.
    synchronized CompletionStage<@Nullable Void> enter(String name) {
        TopicName topic = RoomTopic.of(name);
        if (topic == null) {
            return trouble("a room's name is not empty, and not so long");
        }
        ChatRoom known = rooms.get(topic.value());
        if (known != null) {
            bringToFront(known);
            return notice("you are in " + known.label());
        }
        ChatRoom room = new ChatRoom(topic.value(), TerminalText.line(name), me);
        Subscription subscription =
                client().subscribe(topic.value(), last == 0 ? From.NEW : new From.Last(last), new RoomListener(room));
        room.begin(subscription);
        rooms.put(topic.value(), room);
        acquaintances.room(name);
        bringToFront(room);
        return subscription
                .ready()
                .thenCompose(_ -> client().members(room.topic(), "", LISTED).handle((page, failure) -> page))
                .thenCompose(page -> entered(room, page));
    }

    private synchronized CompletionStage<@Nullable Void> entered(ChatRoom room, @Nullable MemberPage page) {
        if (room.equals(rooms.get(room.topic()))) {
            notice("you are in " + room.label() + (page == null ? "" : with(page)));
            room.open();
            if (room.equals(front)) {
                room.showUnseen(screen);
            }
        }
        return done();
    }

    private String with(MemberPage page) {
        List<String> others = page.members().stream()
                .filter(member -> member.user() == null || !member.user().equals(me))
                .map(this::shown)
                .toList();
        long more = page.count() - page.members().size();
        return others.isEmpty()
                ? ", alone"
                : " with " + String.join(", ", others) + (more > 0 ? " and " + more + " more" : "");
    }

    private String shown(Member member) {
        acquaintances.user(member.user(), member.name());
        return shown(member.user(), member.name());
    }

    static String shown(@Nullable String user, @Nullable String name) {
        return TerminalText.line(name != null ? name : user != null ? user : "somebody");
    }

    private void bringToFront(ChatRoom room) {
        front = room;
        if (room.isOpen()) {
            room.showUnseen(screen);
        }
        tellStanding();
    }

    private synchronized CompletionStage<@Nullable Void> leave() {
        ChatRoom left = front();
        if (left.label().equals(FIRST_ROOM) && rooms.size() == 1) {
            return trouble("you are in " + FIRST_ROOM + ", where everybody goes who leaves; /quit ends the chat");
        }
        left.end();
        rooms.remove(left.topic());
        front = null;
        notice("you have left " + left.label());
        if (rooms.isEmpty()) {
            return enter(FIRST_ROOM);
        }
        ChatRoom before = List.copyOf(rooms.values()).getLast();
        bringToFront(before);
        return notice("you are in " + before.label());
    }

    /// Says where the user is, and how much has come elsewhere.
    private void tellStanding() {
        String elsewhere = rooms.values().stream()
                .filter(room -> room.unread() > 0 && !room.equals(front))
                .map(room -> room.label() + " " + room.unread())
                .collect(Collectors.joining(", "));
        ChatRoom room = front;
        screen.standing((room == null ? "" : room.label())
                + (elsewhere.isEmpty() ? "" : " (" + elsewhere + ")")
                + (isLost ? " (no connection)" : ""));
    }

    private CompletionStage<@Nullable Void> listRooms() {
        return client().rooms(null, RoomTopic.PREFIX, "", LISTED).thenCompose(this::list);
    }

    private synchronized CompletionStage<@Nullable Void> list(RoomPage page) {
        if (page.rooms().isEmpty()) {
            notice("nobody is in any room");
        }
        for (Room each : page.rooms()) {
            String name = RoomTopic.roomOf(new TopicName(each.topic()));
            acquaintances.room(name);
            notice((rooms.containsKey(each.topic()) ? "> " : "  ") + TerminalText.line(name) + " (" + each.members()
                    + ")" + (each.title() == null ? "" : " " + TerminalText.line(each.title())));
        }
        return page.next() == null ? done() : notice("and more");
    }

    private synchronized CompletionStage<@Nullable Void> listMembers() {
        ChatRoom room = front();
        return client().members(room.topic(), "", LISTED).thenCompose(page -> {
            notice(page.count() + " in " + room.label());
            page.members().forEach(member -> notice("  " + describe(member)));
            long more = page.count() - page.members().size();
            return more > 0 && page.next() != null ? notice("  and " + more + " more") : done();
        });
    }

    private String describe(Member member) {
        String shown = shown(member);
        return shown
                + (member.user() == null || member.user().equals(shown)
                        ? ""
                        : " (" + TerminalText.line(member.user()) + ")")
                + (member.connections() > 1 ? ", " + member.connections() + " connections" : "");
    }

    private synchronized CompletionStage<@Nullable Void> showHistory(String count) {
        ChatRoom room = front();
        int most = HISTORY;
        if (!count.isEmpty()) {
            if (!count.matches("[1-9]\\d{0,2}") || Integer.parseInt(count) > MOST_HISTORY) {
                return trouble("/history takes a number from 1 to " + MOST_HISTORY);
            }
            most = Integer.parseInt(count);
        }
        return client().readFoldedBefore(room.topic(), Long.MAX_VALUE, most).thenCompose(page -> {
            synchronized (this) {
                if (page.messages().isEmpty()) {
                    return notice("nothing was said in " + room.label() + " yet");
                }
                for (FoldedMessage folded : page.messages()) {
                    ReceivedMessage message = folded.message();
                    String where = "[" + room.label() + " " + time(message.timestamp()) + " #" + message.offset() + "]";
                    screen.show(said(
                            where,
                            message,
                            room.messages().answered(message, texts) + text(message) + AboutMessages.marks(folded)));
                }
                return done();
            }
        });
    }

    private CompletionStage<@Nullable Void> name(String wanted) {
        return client().name(wanted).thenCompose(name -> {
            acquaintances.user(me, name);
            return notice("you are shown as " + TerminalText.line(name));
        });
    }

    /// A time as it is shown here.
    String time(long epochMs) {
        return TIME.format(Instant.ofEpochMilli(epochMs).atZone(zone));
    }

    /// What a message says.
    String text(ReceivedMessage message) {
        return texts.of(message);
    }

    private ChatLine said(String where, ReceivedMessage message, String text) {
        acquaintances.user(message.from(), message.name());
        return new ChatLine(
                isMe(message.from()) ? ChatLine.Kind.OWN : ChatLine.Kind.SAID,
                where,
                shown(message.from(), message.name()),
                text);
    }

    boolean isMe(@Nullable String user) {
        return user != null && user.equals(me);
    }

    /// Told of one room.
    /// What is said of messages that were taken back.
    static String removed(int messages) {
        return messages == 1 ? "message removed" : messages + " messages removed";
    }

    private final class RoomListener implements SubscriptionListener {
        private final ChatRoom room;

        RoomListener(ChatRoom room) {
            this.room = room;
        }

        @Override
        public void onMessage(ReceivedMessage message) {
            synchronized (Chat.this) {
                if (isHere()) {
                    show(lineOf(message));
                    room.shown().upTo(message.offset());
                }
            }
        }

        private ChatLine lineOf(ReceivedMessage message) {
            room.messages().add(message);
            String which = message.about() == null ? "" : "#" + message.about().offset();
            String who = shown(message.from(), message.name());
            ChatLine line = AboutMessages.line(message, which, who, text(message));
            return line != null
                    ? line
                    : said("[" + room.label() + "]", message, room.messages().answered(message, texts) + text(message));
        }

        /// What the terminal shows stays there; it is said at least that it is gone.
        @Override
        public void onRedacted(List<Long> offsets) {
            synchronized (Chat.this) {
                if (isHere()) {
                    show(ChatLine.notice("[" + room.label() + "] " + removed(offsets.size())));
                }
            }
        }

        @Override
        public void onPresence(PresenceChange change) {
            synchronized (Chat.this) {
                boolean came = change.event() == PresenceChange.Event.JOIN;
                if (came) {
                    acquaintances.user(change.user(), change.name());
                }
                if (isHere() && room.equals(front) && !isMe(change.user())) {
                    switch (change.event()) {
                        case JOIN, LEAVE ->
                            screen.show(ChatLine.notice(shown(change.user(), change.name())
                                    + (came ? " has come to " : " has left ")
                                    + room.label()));
                        case COUNT -> {}
                    }
                }
            }
        }

        @Override
        public void onTruncated(long epoch, long firstOffset) {
            onGap("some of what was said in " + room.label() + " is not kept any more");
        }

        @Override
        public void onReset(long epoch, long commonOffset) {
            onGap("some of what was said last in " + room.label() + " is lost");
        }

        private void onGap(String what) {
            synchronized (Chat.this) {
                if (isHere()) {
                    screen.show(ChatLine.notice(what));
                }
            }
        }

        @Override
        public void onEnded(@Nullable TopicStreamException reason) {
            synchronized (Chat.this) {
                if (reason instanceof TopicStreamException.Refused && rooms.remove(room.topic(), room)) {
                    room.shown().end();
                    if (room.isOpen()) {
                        // Who only tried to enter it is told already.
                        var _ = trouble(room.label() + " is closed to you: " + reason.getMessage());
                    }
                    front = rooms.isEmpty() ? null : List.copyOf(rooms.values()).getLast();
                    tellStanding();
                }
            }
        }

        private void show(ChatLine line) {
            if (room.equals(front) && room.isOpen()) {
                screen.show(line);
            } else {
                room.keep(line);
                tellStanding();
            }
        }

        private boolean isHere() {
            return room.equals(rooms.get(room.topic()));
        }
    }

    // ---- the connection

    @Override
    public void onConnected(Welcome welcome) {
        synchronized (this) {
            if (!isLost) {
                return;
            }
            isLost = false;
            screen.show(ChatLine.notice("connected again"));
            tellStanding();
            if (client != null) {
                privates.catchUp();
            }
        }
    }

    @Override
    public void onDisconnected(int code, String reason, long retryInMs) {
        synchronized (this) {
            if (!isLost) {
                isLost = true;
                screen.show(ChatLine.trouble("connection lost: " + TerminalText.line(reason) + "; trying again"));
                tellStanding();
            }
        }
    }

    @Override
    public void onEnded(TopicStreamException.Ended reason) {
        ended.completeExceptionally(ServerOptions.failure(reason));
    }
}
