package io.topicstream.client;

import io.topicstream.log.TopicName;
import java.net.http.HttpClient;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.LongFunction;
import org.jspecify.annotations.Nullable;

/// What a client and its server have to say to each other, over one connection after the other. Owned by the
/// client's loop but for the few methods that say otherwise.
///
/// A request stays until it is answered. After a lost connection the subscriptions are asked for first, each
/// from its own position, then the requests that are still open are sent again, in their order: a read may run
/// twice, and a publish has a message id by which the server knows it again. So what an application asked for
/// happens once, however often the connection breaks.
final class Conversation implements Socket.Events {
    private static final System.Logger LOGGER = System.getLogger(Conversation.class.getName());

    /// A server may be trying to tell us to stay away: close codes 4000 to 4099.
    private static final int FIRST_FINAL_CODE = 4000;
    private static final int LAST_FINAL_CODE = 4099;
    private static final int TRY_AGAIN_LATER = 1013;
    private static final int TOO_LARGE = 1009;
    private static final int FAILURES_OF_A_BUSY_SERVER = 4;
    private static final int CALL_BYTES = 128;
    private static final int MAX_ARRAY_CHARS = 32 * 1024;

    private final ClientSettings settings;
    private final ClientLoop loop;
    private final HttpClient http;
    private final Backoff backoff;
    private final ServerFrames decoder = new ServerFrames();
    private final Mailbox connectionCalls;
    private final CompletableFuture<Welcome> connected = new CompletableFuture<>();
    /// Of all threads: what waits for an answer.
    private final AtomicLong waitingBytes = new AtomicLong();
    /// Of all threads: those that wait for room in the buffer, here, and how many they are.
    private final Object room = new Object();
    private final AtomicInteger roomSought = new AtomicInteger();
    /// Of all threads: which topics have a subscription.
    private final Map<TopicName, Subscription> claims = new ConcurrentHashMap<>();

    private final Map<TopicName, Subscription> subscriptions = new LinkedHashMap<>();
    /// In the order in which they were first asked.
    private final Map<Long, Request> requests = new TreeMap<>();
    private final Acks acks = new Acks(this);
    private final ClaimedName claimedName = new ClaimedName(this);
    private final ServerClock serverClock = new ServerClock();
    private final @Nullable NewTopics newTopics;
    private @Nullable Socket socket;
    private @Nullable Welcome welcome;
    private String token;
    private long nextId = 1;
    private boolean open;
    private boolean begun;
    private boolean everConnected;
    private int maxArrayChars = MAX_ARRAY_CHARS;
    private long openedAtMs;
    private long lastHeardMs;
    private long lastSentMs;
    private long stayAwayUntilMs;
    private ClientLoop.@Nullable Timer reconnect;
    private ClientLoop.@Nullable Timer keepAlive;
    private TopicStreamException.@Nullable Ended end;

    /// Something that the server will answer.
    ///
    /// @param tries how long to wait before it is sent again where an error may go away; null where it is not,
    ///     and fails with its connection, or if it belongs to a subscription is forgotten
    private record Request(
            long id,
            String frame,
            @Nullable Backoff tries,
            Consumer<Heard.Reply> onReply,
            Consumer<TopicStreamException> onFailure) {}

    Conversation(ClientSettings settings, ClientLoop loop, HttpClient http) {
        this.settings = settings;
        this.loop = loop;
        this.http = http;
        this.token = settings.token();
        this.backoff = newBackoff();
        this.connectionCalls = mailbox(() -> {});
        NewTopicListener listener = settings.newTopicListener();
        this.newTopics = listener == null ? null : new NewTopics(this, listener);
    }

    /// The waits between the tries of one thing.
    Backoff newBackoff() {
        return new Backoff(
                settings.backoffBase().toMillis(), settings.backoffCap().toMillis(), settings.random());
    }

    ClientLoop loop() {
        return loop;
    }

    /// Any thread.
    Mailbox mailbox(Runnable onDrained) {
        return new Mailbox(settings.callbacks(), settings.maxUnhandledBytes(), onDrained);
    }

    /// Any thread. Completes futures where the application's code may hang on them.
    void callBack(Runnable task) {
        settings.callbacks().execute(task);
    }

    /// Any thread.
    CompletableFuture<Welcome> connected() {
        return connected;
    }

    /// Any thread. Takes room in the buffer; false where there is none.
    boolean reserve(long bytes) {
        long now = waitingBytes.addAndGet(bytes);
        if (now > settings.maxWaitingBytes()) {
            waitingBytes.addAndGet(-bytes);
            return false;
        }
        return true;
    }

    /// Any thread.
    long waitingBytes() {
        return waitingBytes.get();
    }

    /// Any thread. Takes room in the buffer as soon as there is some.
    void reserveWhenFree(long bytes) throws InterruptedException {
        if (reserve(bytes)) {
            return;
        }
        synchronized (room) {
            roomSought.incrementAndGet();
            try {
                while (!reserve(bytes)) {
                    room.wait();
                }
            } finally {
                roomSought.decrementAndGet();
            }
        }
    }

    /// Any thread.
    void release(long bytes) {
        waitingBytes.addAndGet(-bytes);
        // Whoever seeks says so first and then looks; here it is the other way round. So one of the two sees it.
        if (roomSought.get() > 0) {
            synchronized (room) {
                room.notifyAll();
            }
        }
    }

    // ---- connecting

    void connect() {
        if (!begun && end == null) {
            begun = true;
            attempt();
        }
    }

    private void attempt() {
        reconnect = null;
        if (end == null) {
            socket = Socket.open(
                    http,
                    settings.address(),
                    settings.headers(token),
                    settings.connectTimeout(),
                    loop,
                    maxArrayChars,
                    this);
        }
    }

    boolean isOpen() {
        return open;
    }

    @Override
    public void onOpened(Socket opened) {
        if (opened != socket || end != null) {
            return;
        }
        open = true;
        openedAtMs = loop.nowMs();
        lastHeardMs = openedAtMs;
        lastSentMs = openedAtMs;
        stayAwayUntilMs = 0;
        claimedName.onOpened();
        for (Subscription subscription : List.copyOf(subscriptions.values())) {
            subscription.ask();
        }
        for (Request request : List.copyOf(requests.values())) {
            if (request.tries() != null) {
                send(request.frame());
            }
        }
        acks.onOpened();
        keepAlive(settings.pingMs());
    }

    @Override
    public void onSignOfLife(Socket from) {
        lastHeardMs = loop.nowMs();
    }

    /// Looks twice per ping interval whether it is time to say that we are here, and whether the server still
    /// is.
    private void keepAlive(long pingMs) {
        if (keepAlive != null) {
            keepAlive.cancel();
        }
        keepAlive = loop.schedule(
                () -> {
                    Socket current = socket;
                    if (!open || current == null) {
                        return;
                    }
                    long now = loop.nowMs();
                    if (now - lastHeardMs >= 2 * pingMs) {
                        current.abort("the server has been silent for " + (now - lastHeardMs) + " ms");
                        return;
                    }
                    if (now - lastSentMs >= pingMs / 2) {
                        send(ClientFrames.PING);
                    }
                    keepAlive(pingMs);
                },
                Math.max(1, pingMs / 2));
    }

    @Override
    public void onClosed(Socket gone, int code, String reason, long retryAfterMs, @Nullable Throwable cause) {
        if (gone != socket || end != null) {
            return;
        }
        boolean wasOpen = open;
        lose();
        boolean refusedForGood = code >= 400 && code < 500 && code != 408 && code != 429;
        if (refusedForGood || (code >= FIRST_FINAL_CODE && code <= LAST_FINAL_CODE)) {
            end(new TopicStreamException.Ended(code, reason, cause));
            return;
        }
        if (!everConnected && settings.failFast()) {
            end(new TopicStreamException.Ended(code, reason, cause));
            return;
        }
        if (wasOpen && loop.nowMs() - openedAtMs >= settings.stableAfter().toMillis()) {
            backoff.reset();
        }
        if (code == TRY_AGAIN_LATER || code == 503) {
            backoff.atLeast(FAILURES_OF_A_BUSY_SERVER);
        }
        if (code == TOO_LARGE) {
            sendLess(gone);
        }
        long waitMs = backoff.nextMs();
        long awayMs = Math.max(retryAfterMs, stayAwayUntilMs - loop.nowMs());
        if (awayMs > 0) {
            waitMs += awayMs;
        }
        comeBackIn(waitMs, code, reason);
    }

    private void comeBackIn(long waitMs, int code, String reason) {
        long inMs = waitMs;
        connectionCalls.enqueue(() -> settings.connectionListener().onDisconnected(code, reason, inMs), CALL_BYTES);
        reconnect = loop.schedule(this::attempt, waitMs);
    }

    /// The server takes no WebSocket message as large as one of ours was. First go without arrays; if that was
    /// not it, the largest request is the one that can never be sent.
    private void sendLess(Socket gone) {
        if (gone.sentArray()) {
            maxArrayChars = 0;
            return;
        }
        requests.values().stream()
                .max(Comparator.comparingInt(request -> request.frame().length()))
                .ifPresent(request -> {
                    requests.remove(request.id());
                    request.onFailure()
                            .accept(new TopicStreamException.Refused(
                                    "too_large", "the server takes no message of this size", false, Heard.NOT_GIVEN));
                });
    }

    /// Forgets the connection.
    private void lose() {
        open = false;
        socket = null;
        welcome = null;
        if (keepAlive != null) {
            keepAlive.cancel();
            keepAlive = null;
        }
        subscriptions.values().forEach(Subscription::onDisconnected);
        if (newTopics != null) {
            newTopics.onDisconnected();
        }
        List<Request> lost = requests.values().stream()
                .filter(request -> request.tries() == null)
                .toList();
        for (Request request : lost) {
            requests.remove(request.id());
            request.onFailure().accept(new TopicStreamException.NotConnected("the connection was lost"));
        }
    }

    /// Ends for good. Runs once.
    void end(TopicStreamException.Ended reason) {
        if (end != null) {
            return;
        }
        end = reason;
        Socket current = socket;
        lose();
        if (reconnect != null) {
            reconnect.cancel();
        }
        if (current != null) {
            current.close(1000, "");
        }
        for (Subscription subscription : List.copyOf(subscriptions.values())) {
            subscription.end(reason.code() == 1000 ? null : reason);
        }
        List<Request> unanswered = List.copyOf(requests.values());
        requests.clear();
        for (Request request : unanswered) {
            request.onFailure().accept(reason);
        }
        acks.end(reason);
        callBack(() -> connected.completeExceptionally(reason));
        connectionCalls.enqueue(() -> settings.connectionListener().onEnded(reason), CALL_BYTES);
        // The close frame leaves, or is given up, within a second.
        loop.schedule(
                () -> {
                    if (settings.ownsHttp()) {
                        http.shutdownNow();
                    }
                    loop.end();
                },
                1100);
    }

    // ---- asking

    /// Sends something that nobody answers, if there is a connection.
    void tell(String frame) {
        if (open) {
            send(frame);
        }
    }

    private void send(String frame) {
        Socket current = socket;
        if (current != null) {
            lastSentMs = loop.nowMs();
            current.send(frame);
        }
    }

    /// Asks on this connection, for a subscription that asks anew on the next one.
    void ask(LongFunction<String> frame, Consumer<Heard.Reply> onReply, Consumer<TopicStreamException> onFailure) {
        if (!open) {
            return;
        }
        long id = nextId++;
        Request request = new Request(id, frame.apply(id), null, onReply, onFailure);
        requests.put(id, request);
        send(request.frame());
    }

    /// Asks on this connection or the next ones until there is an answer that another try would not change.
    void askUntilAnswered(
            LongFunction<String> frame, Consumer<Heard.Reply> onReply, Consumer<TopicStreamException> onFailure) {
        if (end != null) {
            onFailure.accept(end);
            return;
        }
        long id = nextId++;
        Request request = new Request(id, frame.apply(id), newBackoff(), onReply, onFailure);
        requests.put(id, request);
        if (open) {
            send(request.frame());
        }
    }

    /// Asks on this connection or not at all.
    void askNow(LongFunction<String> frame, Consumer<Heard.Reply> onReply, Consumer<TopicStreamException> onFailure) {
        if (end != null) {
            onFailure.accept(end);
        } else if (open) {
            ask(frame, onReply, onFailure);
        } else {
            onFailure.accept(new TopicStreamException.NotConnected("there is no connection"));
        }
    }

    /// Later connections send it with all others.
    private void sendAgainLater(Request request, Backoff tries) {
        requests.put(request.id(), request);
        Socket current = socket;
        loop.schedule(
                () -> {
                    if (open && socket == current && requests.containsKey(request.id())) {
                        send(request.frame());
                    }
                },
                tries.nextMs());
    }

    /// Runs something again after a while, unless the connection is another one then.
    void laterOnThisConnection(Runnable task, Backoff tries) {
        Socket current = socket;
        loop.schedule(
                () -> {
                    if (open && socket == current) {
                        task.run();
                    }
                },
                tries.nextMs());
    }

    void useToken(String newToken) {
        token = newToken;
    }

    /// How far the user has come in a topic.
    void ack(TopicName topic, long delivered, long read, @Nullable Consumer<@Nullable TopicStreamException> whenTaken) {
        if (end == null) {
            acks.say(topic, delivered, read, whenTaken);
        } else if (whenTaken != null) {
            whenTaken.accept(end);
        }
    }

    /// Whether a time is still to come on the server.
    boolean isToCome(long time) {
        return serverClock.isToCome(time, loop.nowMs());
    }

    ClaimedName claimedName() {
        return claimedName;
    }

    // ---- subscriptions

    /// Any thread. Takes the topic for one subscription; false where it has one.
    boolean claim(Subscription subscription) {
        return claims.putIfAbsent(subscription.name(), subscription) == null;
    }

    /// Any thread. The topic may have another subscription, which begins after this one has left.
    void release(Subscription subscription) {
        claims.remove(subscription.name(), subscription);
    }

    void add(Subscription subscription) {
        if (end != null) {
            subscription.end(end);
        } else {
            subscriptions.put(subscription.name(), subscription);
            if (open) {
                subscription.ask();
            }
        }
    }

    void forget(Subscription subscription) {
        release(subscription);
        subscriptions.remove(subscription.name(), subscription);
        if (newTopics != null) {
            newTopics.onLeft(subscription.name());
        }
    }

    @Nullable
    Subscription subscription(TopicName topic) {
        return subscriptions.get(topic);
    }

    /// Whether a message's sender is this client's user.
    boolean isOurs(@Nullable String from) {
        return welcome != null && from != null && from.equals(welcome.user());
    }

    // ---- listening

    @Override
    public void onText(Socket from, String message) {
        if (from != socket) {
            return;
        }
        try {
            decoder.read(message, this::onHeard);
        } catch (IllegalArgumentException e) {
            from.abort(String.valueOf(e.getMessage()));
        }
    }

    private void onHeard(Heard heard) {
        switch (heard) {
            case Heard.Message(ReceivedMessage message) -> onMessage(message);
            case Heard.Reply reply -> {
                Request request = requests.remove(reply.id());
                if (request != null) {
                    request.onReply().accept(reply);
                }
            }
            case Heard.Error error -> onError(error);
            case Heard.Signal(String topic, @Nullable String who, String json) ->
                tell(topic, subscription -> subscription.onSignal(who, json));
            case Heard.Presence(String topic, PresenceChange change) ->
                tell(topic, subscription -> subscription.onPresence(change));
            case Heard.Receipt(String topic, Receipt receipt) ->
                tell(topic, subscription -> subscription.onReceipt(receipt));
            case Heard.Redacted(String topic, List<Long> offsets) ->
                tell(topic, subscription -> subscription.onRedacted(offsets));
            case Heard.Truncated(String topic, long epoch, long firstOffset) ->
                tell(topic, subscription -> subscription.onTruncated(epoch, firstOffset));
            case Heard.Reset(String topic, long epoch, long commonOffset) ->
                tell(topic, subscription -> subscription.onReset(epoch, commonOffset));
            case Heard.RoomDeleted(String topic) ->
                tell(
                        topic,
                        subscription -> subscription.end(new TopicStreamException.Refused(
                                "not_found", "the room was deleted", false, Heard.NOT_GIVEN)));
            case Heard.Greeting(Welcome greeting) -> onWelcome(greeting);
            case Heard.Draining(long reconnectInMs) -> onDraining(reconnectInMs);
            case Heard.Pong _, Heard.Unknown _ -> {}
        }
    }

    private void onMessage(ReceivedMessage message) {
        TopicName topic = TopicName.orNull(message.topic());
        if (topic == null) {
            return;
        }
        Subscription subscription = subscriptions.get(topic);
        if (subscription != null) {
            subscription.onMessage(message);
        } else if (newTopics != null) {
            newTopics.onMessage(topic, message.offset());
        }
    }

    private void tell(String topic, Consumer<Subscription> event) {
        TopicName name = TopicName.orNull(topic);
        Subscription subscription = name == null ? null : subscriptions.get(name);
        if (subscription != null) {
            event.accept(subscription);
        }
    }

    private void onError(Heard.Error error) {
        Request request = requests.remove(error.id());
        String topic = error.topic();
        TopicStreamException.Refused refused =
                new TopicStreamException.Refused(error.code(), error.message(), error.retryable(), error.nextOffset());
        if (request != null && request.tries() != null && error.retryable()) {
            sendAgainLater(request, request.tries());
        } else if (request != null) {
            request.onFailure().accept(refused);
        } else if (topic != null && error.code().equals("forbidden")) {
            // New credentials do not permit it: the subscription has ended.
            tell(topic, subscription -> subscription.end(refused));
        } else {
            LOGGER.log(System.Logger.Level.WARNING, "the server answered {0}: {1}", error.code(), error.message());
        }
    }

    private void onWelcome(Welcome greeting) {
        welcome = greeting;
        serverClock.onWelcome(greeting.serverTime(), loop.nowMs());
        everConnected = true;
        if (greeting.pingMs() > 0) {
            keepAlive(Math.min(greeting.pingMs(), settings.pingMs()));
        }
        callBack(() -> connected.complete(greeting));
        connectionCalls.enqueue(() -> settings.connectionListener().onConnected(greeting), CALL_BYTES);
    }

    /// The server is about to stop: stay as long as it serves, leave when its time is up, and come back after
    /// that.
    private void onDraining(long reconnectInMs) {
        Socket current = socket;
        stayAwayUntilMs = loop.nowMs() + reconnectInMs;
        loop.schedule(
                () -> {
                    if (open && socket == current && current != null) {
                        current.close(1001, "");
                        lose();
                        comeBackIn(backoff.nextMs(), 1001, "the server is about to stop");
                    }
                },
                reconnectInMs);
    }
}
