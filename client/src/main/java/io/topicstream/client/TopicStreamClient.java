package io.topicstream.client;

import io.topicstream.log.TopicName;
import io.topicstream.protocol.From;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import java.util.function.Consumer;
import java.util.function.LongFunction;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/// A client of one server: publishes, subscribes, and comes back by itself when the connection is lost.
///
/// All methods may be called from any thread, and but for [#publishWhenFree] none blocks. Futures complete, and
/// listeners are called, on threads of the builder's executor (virtual threads by default), where blocking
/// holds up nobody else.
///
/// - **Publishing**: every message has an id, so that one whose answer was lost with the connection is sent
///   again and stored once. What is not answered yet waits in a bounded buffer, also while there is no
///   connection.
/// - **Subscribing**: every message comes once, in order, also across reconnects ([Subscription]).
/// - **Reconnecting**: with exponential back-off and full jitter, never after a close code from 4000 to 4099 or
///   a refused handshake (HTTP 4xx but 408 and 429), which end the client.
///
/// ```java
/// try (var client = TopicStreamClient.builder(URI.create("ws://127.0.0.1:8080/v1")).build()) {
///     client.connect().join();
///     client.subscribe("news", From.NEW, message -> System.out.println(message.json()));
///     client.publish("news", "{\"text\":\"hello\"}").join();
/// }
/// ```
public final class TopicStreamClient implements AutoCloseable {
    private static final int ID_BYTES = 12;

    private final Conversation conversation;
    private final ClientLoop loop;
    private final Requests requests;
    private final RandomGenerator ids;

    private TopicStreamClient(Builder builder, URI address) {
        this.ids = builder.random;
        this.loop = builder.loop == null ? new ThreadLoop("topicstream-client") : builder.loop;
        HttpClient http = builder.http;
        boolean ownsHttp = http == null;
        if (http == null) {
            // On its one thread, which nothing here holds up: with an executor it reads on while a message is on
            // its way to the socket, and of an end that it reads then the socket never hears (see Socket).
            http = HttpClient.newBuilder().executor(Runnable::run).build();
        }
        ClientSettings settings = new ClientSettings(
                address,
                builder.apiKey,
                builder.token,
                builder.failFast,
                builder.connectTimeout,
                builder.backoffBase,
                builder.backoffCap,
                builder.stableAfter,
                builder.pingInterval.toMillis(),
                builder.maxWaitingBytes,
                builder.maxUnhandledBytes,
                builder.random,
                builder.callbacks,
                builder.connectionListener,
                builder.newTopicListener,
                ownsHttp);
        this.conversation = new Conversation(settings, loop, http);
        this.requests = new Requests(conversation, settings);
    }

    /// Begins a client of the server at `ws://host:port/v1` (or `wss`).
    public static Builder builder(URI address) {
        return new Builder(address);
    }

    /// Begins to connect, and from then on stays connected. A second call changes nothing.
    ///
    /// @return completes with the first welcome, however long that takes; exceptionally with
    ///     [TopicStreamException.Ended] when the client ends before. With [Builder#failFast] it ends when the
    ///     first attempt fails
    public CompletableFuture<Welcome> connect() {
        loop.execute(conversation::connect);
        return conversation.connected().copy();
    }

    /// Publishes a message: [#publish(String, String, PublishOptions)] without options.
    public CompletableFuture<Published> publish(String topic, String json) {
        return publish(topic, json, PublishOptions.DEFAULT);
    }

    /// Publishes a message. Messages that one thread publishes keep their order.
    ///
    /// @param json the payload, one JSON value
    /// @return completes when the server has stored the message; exceptionally with
    ///     [TopicStreamException.Refused] if it will not, [TopicStreamException.BufferFull] at once if too much
    ///     waits ([#publishWhenFree] waits instead), [TopicStreamException.Ended]
    /// @throws IllegalArgumentException if the topic's name or the payload is none
    public CompletableFuture<Published> publish(String topic, String json, PublishOptions options) {
        return publish(new TopicName(topic), ClientFrames.requireJson(json), options, Requests.Room.NOW);
    }

    /// Publishes a message as [#publish(String, String, PublishOptions)] does, but where too much waits for the
    /// server's answers, it waits too until the message has room: what a loop should use that has more messages
    /// than the buffer takes. Without a connection it waits for one.
    ///
    /// @throws InterruptedException if the thread is interrupted while it waits; nothing was published then
    public CompletableFuture<Published> publishWhenFree(String topic, String json, PublishOptions options)
            throws InterruptedException {
        TopicName name = new TopicName(topic);
        String payload = ClientFrames.requireJson(json);
        int bytes = Requests.bytesOf(payload);
        if (!requests.fits(bytes)) {
            return publish(name, payload, options, Requests.Room.NOW);
        }
        conversation.reserveWhenFree(bytes);
        return publish(name, payload, options, Requests.Room.TAKEN);
    }

    private CompletableFuture<Published> publish(
            TopicName name, String payload, PublishOptions options, Requests.Room room) {
        String messageId = options.messageId() == null ? randomId(ids) : options.messageId();
        return requests.ask(
                payload,
                room,
                id -> ClientFrames.publish(id, name, payload, messageId, options),
                Requests.Sending.UNTIL_ANSWERED,
                () -> quietly(name, options, subscription -> subscription.onQuietPublish(messageId)),
                _ -> quietly(name, options, subscription -> subscription.onQuietRefused(messageId)),
                reply -> {
                    quietly(
                            name,
                            options,
                            subscription -> subscription.onQuietPublished(messageId, reply.epoch(), reply.offset()));
                    return new Published(name.value(), messageId, reply.epoch(), reply.offset(), reply.timestamp());
                });
    }

    private void quietly(TopicName topic, PublishOptions options, Consumer<Subscription> task) {
        if (!options.echo()) {
            Subscription subscription = conversation.subscription(topic);
            if (subscription != null) {
                task.accept(subscription);
            }
        }
    }

    private static String randomId(RandomGenerator random) {
        byte[] bytes = new byte[ID_BYTES];
        random.nextBytes(bytes);
        return HexFormat.of().formatHex(bytes);
    }

    /// Listens to a topic until the subscription is closed. Without a connection it begins with the next one.
    ///
    /// @param from where to begin; later connections go on where the last one ended
    /// @throws IllegalArgumentException if the topic's name is none
    /// @throws IllegalStateException if this client has a subscription to the topic
    public Subscription subscribe(String topic, From from, SubscriptionListener listener) {
        return subscribe(topic, from, SubscribeOptions.DEFAULT, listener);
    }

    /// Listens to a topic, on all connections of the user from now on: the server remembers that the user
    /// listens, never how far ([Subscription#position] is for the application to keep).
    public Subscription subscribeDurably(String topic, From from, SubscriptionListener listener) {
        return subscribe(topic, from, SubscribeOptions.DEFAULT.withDurable(), listener);
    }

    /// Listens to a topic, as [#subscribe(String, From, SubscriptionListener)] does, and to more than its
    /// messages.
    public Subscription subscribe(String topic, From from, SubscribeOptions options, SubscriptionListener listener) {
        Subscription subscription = new Subscription(conversation, new TopicName(topic), from, options, listener);
        if (!conversation.claim(subscription)) {
            throw new IllegalStateException("this client has a subscription to " + topic);
        }
        loop.execute(() -> conversation.add(subscription));
        return subscription;
    }

    /// Reads messages after an offset, ascending.
    ///
    /// @param after exclusive; 0 for the beginning
    /// @param limit 1 to 1,000; fewer come where they would be more than 100 KiB
    public CompletableFuture<MessagePage> readAfter(String topic, long after, int limit) {
        TopicName name = new TopicName(topic);
        return page(id -> ClientFrames.readAfter(id, name, after, limit));
    }

    /// Reads the messages before an offset, ascending; those nearest to it where not all fit.
    public CompletableFuture<MessagePage> readBefore(String topic, long before, int limit) {
        TopicName name = new TopicName(topic);
        return page(id -> ClientFrames.readBefore(id, name, before, limit));
    }

    /// Reads the newest messages, ascending.
    public CompletableFuture<MessagePage> readLast(String topic, int limit) {
        TopicName name = new TopicName(topic);
        return page(id -> ClientFrames.readLast(id, name, limit));
    }

    private CompletableFuture<MessagePage> page(LongFunction<String> frame) {
        return requests.ask(
                frame,
                Requests.Sending.UNTIL_ANSWERED,
                reply -> new MessagePage(reply.messages(), reply.epoch(), reply.firstOffset(), reply.nextOffset()));
    }

    /// Reads messages after an offset, ascending, with what was said about each of them: without edits and
    /// reactions. A page may have no message and not be the last; read on after [FoldedPage#last], until
    /// that is not higher.
    ///
    /// @param limit 1 to 1,000
    public CompletableFuture<FoldedPage> readFoldedAfter(String topic, long after, int limit) {
        TopicName name = new TopicName(topic);
        return foldedPage(id -> ClientFrames.foldAfter(id, name, after, limit));
    }

    /// The same of the messages before an offset, those nearest to it: of the newest before
    /// [Long#MAX_VALUE]. Read on before [FoldedPage#first].
    public CompletableFuture<FoldedPage> readFoldedBefore(String topic, long before, int limit) {
        TopicName name = new TopicName(topic);
        return foldedPage(id -> ClientFrames.foldBefore(id, name, before, limit));
    }

    private CompletableFuture<FoldedPage> foldedPage(LongFunction<String> frame) {
        return requests.ask(
                frame,
                Requests.Sending.UNTIL_ANSWERED,
                reply -> Requests.told(reply, Told.Folded.class).page());
    }

    /// Lists topics by their names.
    ///
    /// @param prefix with which the names begin, or empty
    /// @param startAfter the [TopicPage#next] of the page before, or empty
    /// @param limit 1 to 1,000; a page with long names is shorter
    public CompletableFuture<TopicPage> topics(String prefix, String startAfter, int limit) {
        return requests.ask(
                id -> ClientFrames.topics(id, prefix, startAfter, limit),
                Requests.Sending.UNTIL_ANSWERED,
                reply -> new TopicPage(reply.topics(), reply.next()));
    }

    /// Says something to those who listen to a topic now. It is not kept and may be lost; without a connection
    /// it fails with [TopicStreamException.NotConnected].
    ///
    /// @param json one JSON value of at most 8 KiB
    public CompletableFuture<Void> signal(String topic, String json) {
        TopicName name = new TopicName(topic);
        String payload = ClientFrames.requireJson(json);
        return requests.ask(id -> ClientFrames.signal(id, name, payload), Requests.Sending.NOW, reply -> reply)
                .thenRun(() -> {});
    }

    /// Says something to one user, on all devices of both: [#send(String, String, PublishOptions)] without
    /// options.
    public CompletableFuture<Sent> send(String user, String json) {
        return send(user, json, PublishOptions.DEFAULT);
    }

    /// Says something to one user, on all devices of both. It is a message of the topic of the two
    /// ([Sent#topic]), stored once, and waits where the other one is away.
    ///
    /// @param user the other one's id
    /// @param json the payload, one JSON value
    /// @param options with message id, key and headers
    /// @return as [#publish(String, String, PublishOptions)]
    /// @throws IllegalArgumentException if the payload is not JSON, or the options name an offset or want no
    ///     echo
    public CompletableFuture<Sent> send(String user, String json, PublishOptions options) {
        if (options.expectedOffset() != PublishOptions.ANY_OFFSET || !options.echo()) {
            throw new IllegalArgumentException("a message to a user has no expected offset, and comes back");
        }
        String payload = ClientFrames.requireJson(json);
        String messageId = options.messageId() == null ? randomId(ids) : options.messageId();
        return requests.ask(
                payload,
                id -> ClientFrames.send(id, user, payload, messageId, options),
                Requests.Sending.UNTIL_ANSWERED,
                reply -> {
                    Told.Sent told = Requests.told(reply, Told.Sent.class);
                    return new Sent(
                            told.topic(), messageId, reply.epoch(), reply.offset(), reply.timestamp(), told.online());
                });
    }

    /// Takes a message back, for good: it keeps its place, and what it said is gone for all.
    ///
    /// @param offset of a message of this user's, or of anybody's where the user owns the room or has `admin`
    ///     there
    /// @return completes when it is taken back; exceptionally with [TopicStreamException.Refused] if it will
    /// not be
    public CompletableFuture<@Nullable Void> redact(String topic, long offset) {
        TopicName name = new TopicName(topic);
        return requests.ask(id -> ClientFrames.redact(id, name, offset), Requests.Sending.UNTIL_ANSWERED, _ -> null);
    }

    /// Says that the messages of a topic up to this offset have arrived at the user. It is said until the
    /// server has taken it, also on later connections; of several for one topic the highest counts.
    ///
    /// @return completes when the server has taken it; exceptionally with [TopicStreamException.Refused] if it
    ///     will not, or with [TopicStreamException.BufferFull] where too much waits to be told (it is said all
    ///     the same)
    public CompletableFuture<Void> ackDelivered(String topic, long offset) {
        return requests.ack(new TopicName(topic), offset, Receipt.UNCHANGED);
    }

    /// Says that the user has read the messages of a topic up to this offset, as [#ackDelivered] does.
    public CompletableFuture<Void> ackRead(String topic, long offset) {
        return requests.ack(new TopicName(topic), Receipt.UNCHANGED, offset);
    }

    /// Asks how far the user has come in these topics.
    ///
    /// @param topics at most 500
    /// @return by topic, each once
    public CompletableFuture<List<Cursor>> cursors(List<String> topics) {
        List<String> names =
                topics.stream().map(topic -> new TopicName(topic).value()).toList();
        return cursors(names, "", new ArrayList<>());
    }

    private CompletableFuture<List<Cursor>> cursors(List<String> names, String after, List<Cursor> found) {
        return cursorPage(id -> ClientFrames.cursors(id, names, after)).thenCompose(page -> {
            found.addAll(page.cursors());
            return page.next() == null ? CompletableFuture.completedFuture(found) : cursors(names, page.next(), found);
        });
    }

    /// Asks how far the user has come in all topics of which the server knows that.
    ///
    /// @param startAfter the [CursorPage#next] of the page before, or empty
    /// @param limit 1 to 1,000
    public CompletableFuture<CursorPage> cursors(String startAfter, int limit) {
        return cursorPage(id -> ClientFrames.cursors(id, startAfter, limit));
    }

    private CompletableFuture<CursorPage> cursorPage(LongFunction<String> frame) {
        return requests.ask(
                frame,
                Requests.Sending.UNTIL_ANSWERED,
                reply -> Requests.told(reply, Told.Cursors.class).page());
    }

    /// Lists who is in a topic.
    ///
    /// @param startAfter the [MemberPage#next] of the page before, or empty
    /// @param limit 1 to 1,000
    public CompletableFuture<MemberPage> members(String topic, String startAfter, int limit) {
        TopicName name = new TopicName(topic);
        return requests.ask(
                id -> ClientFrames.members(id, name, startAfter, limit),
                Requests.Sending.UNTIL_ANSWERED,
                reply -> Requests.told(reply, Told.Members.class).page());
    }

    /// Asks which of these users are online, on any device.
    ///
    /// @param users at most 500 ids
    /// @return in their order
    public CompletableFuture<List<OnlineUser>> online(List<String> users) {
        List<String> asked = List.copyOf(users);
        return requests.ask(
                id -> ClientFrames.online(id, asked),
                Requests.Sending.UNTIL_ANSWERED,
                reply -> Requests.told(reply, Told.Online.class).users());
    }

    /// Claims a display name, now and on later connections.
    ///
    /// @return completes with the name; exceptionally with [TopicStreamException.Refused] `conflict` where
    ///     another user who is online has it
    public CompletableFuture<String> name(String name) {
        return requests.ask(id -> ClientFrames.name(id, name), Requests.Sending.UNTIL_ANSWERED, reply -> {
            String given = Requests.told(reply, Told.Named.class).name();
            conversation.claimedName().onGiven(given);
            return given;
        });
    }

    /// Makes a room of a topic, or changes what is kept of it.
    ///
    /// @param title what it is about, at most 200 characters; null leaves it as it is
    public CompletableFuture<Room> room(String topic, @Nullable String title) {
        TopicName name = new TopicName(topic);
        return requests.ask(
                id -> ClientFrames.room(id, name, title),
                Requests.Sending.UNTIL_ANSWERED,
                reply -> Requests.told(reply, Told.RoomPut.class).room());
    }

    /// Lists rooms by their topics.
    ///
    /// @param owner the id of the user whose they are, or null for all
    /// @param prefix with which the topics begin, or empty
    /// @param startAfter the [RoomPage#next] of the page before, or empty
    /// @param limit 1 to 1,000
    public CompletableFuture<RoomPage> rooms(@Nullable String owner, String prefix, String startAfter, int limit) {
        return requests.ask(
                id -> ClientFrames.rooms(id, owner, prefix, startAfter, limit),
                Requests.Sending.UNTIL_ANSWERED,
                reply -> Requests.told(reply, Told.Rooms.class).page());
    }

    /// Shows a new token of the same user, now and, when the server has taken it, on later connections.
    public CompletableFuture<Void> authenticate(String token) {
        return requests.ask(id -> ClientFrames.authenticate(id, token), Requests.Sending.NOW, reply -> {
                    conversation.useToken(token);
                    return reply;
                })
                .thenRun(() -> {});
    }

    /// Ends the client: closes the connection and the subscriptions. What is not answered yet fails with
    /// [TopicStreamException.Ended]; wait for the futures before, where the answers matter.
    @Override
    public void close() {
        loop.execute(() -> conversation.end(new TopicStreamException.Ended(1000, "the client was closed")));
    }

    /// Says how a client is to be. Not thread-safe.
    public static final class Builder {
        private final URI address;
        private String apiKey = "";
        private String token = "";
        private @Nullable String user;
        private @Nullable String name;
        private boolean failFast;
        private Duration connectTimeout = Duration.ofSeconds(10);
        private Duration backoffBase = Duration.ofMillis(200);
        private Duration backoffCap = Duration.ofSeconds(10);
        private Duration stableAfter = Duration.ofSeconds(10);
        private Duration pingInterval = Duration.ofSeconds(25);
        private long maxWaitingBytes = 8L * 1024 * 1024;
        private long maxUnhandledBytes = 4L * 1024 * 1024;
        private RandomGenerator random = new SecureRandom();
        private Executor callbacks = Executors.newVirtualThreadPerTaskExecutor();
        private ConnectionListener connectionListener;
        private @Nullable NewTopicListener newTopicListener;
        private @Nullable HttpClient http;
        private @Nullable ClientLoop loop;

        private Builder(URI address) {
            String scheme = address.getScheme();
            if (!"ws".equals(scheme) && !"wss".equals(scheme)) {
                throw new IllegalArgumentException("the address begins with ws:// or wss://");
            }
            if (address.getHost() == null || address.getRawFragment() != null) {
                throw new IllegalArgumentException("the address names a host, and nothing after #");
            }
            this.address = address;
            this.connectionListener = new LoggedConnection(address, InstantSource.system());
        }

        /// An API key, sent as `x-api-key`.
        public Builder apiKey(String newApiKey) {
            apiKey = newApiKey;
            return this;
        }

        /// A token, sent as `Authorization: Bearer`. [TopicStreamClient#authenticate] renews it.
        public Builder token(String newToken) {
            token = newToken;
            return this;
        }

        /// As whom a client without credentials wants to be known, where the server is open to such. The
        /// default is a random id: by it the server knows the client's messages again after a reconnect.
        public Builder user(String newUser) {
            user = newUser;
            return this;
        }

        /// The display name, likewise.
        public Builder name(String newName) {
            name = newName;
            return this;
        }

        /// Ends the client when its very first attempt to connect fails, instead of trying again.
        public Builder failFast(boolean yes) {
            failFast = yes;
            return this;
        }

        /// How long an attempt to connect may take; 10 s by default.
        public Builder connectTimeout(Duration timeout) {
            connectTimeout = timeout;
            return this;
        }

        /// The bound of the first wait before reconnecting, which then doubles, and the highest; 200 ms and 10
        /// s by default. Each wait is drawn evenly from 0 to its bound. It begins anew after a connection that
        /// held for `stable` (10 s).
        public Builder backoff(Duration base, Duration cap, Duration stable) {
            if (base.toMillis() < 1 || cap.compareTo(base) < 0) {
                throw new IllegalArgumentException("a back-off has 1 ms <= base <= cap");
            }
            backoffBase = base;
            backoffCap = cap;
            stableAfter = stable;
            return this;
        }

        /// How long the client stays silent at most before it says that it is there; 25 s by default, or less
        /// where the server asks for less. A server that is silent for twice as long is taken for dead. The JDK
        /// does not notice the end of every connection by itself, so this is also how long one that was lost
        /// may go unnoticed.
        public Builder pingInterval(Duration interval) {
            if (interval.toMillis() < 2) {
                throw new IllegalArgumentException("a ping interval is at least 2 ms");
            }
            pingInterval = interval;
            return this;
        }

        /// How much may wait for the server's answers, in bytes; 8 MiB by default. Beyond it a publish fails at
        /// once.
        public Builder maxWaitingBytes(long bytes) {
            maxWaitingBytes = bytes;
            return this;
        }

        /// How much may wait for the listener of one subscription, in bytes of memory; 4 MiB by default. Beyond
        /// it the subscription pauses.
        public Builder maxUnhandledBytes(long bytes) {
            maxUnhandledBytes = bytes;
            return this;
        }

        /// Where message ids and the jitter of the back-off come from; it must be thread-safe. A [SecureRandom]
        /// by default.
        public Builder random(RandomGenerator source) {
            random = source;
            return this;
        }

        /// Where futures complete and listeners are called; virtual threads by default. It must not refuse
        /// tasks nor run them at once on the calling thread.
        public Builder callbacks(Executor executor) {
            callbacks = executor;
            return this;
        }

        /// Is told how the connection fares. By default what fails goes to the log, at most once a minute.
        public Builder connectionListener(ConnectionListener listener) {
            connectionListener = listener;
            return this;
        }

        /// Is asked who listens to topics to which nobody has subscribed here and of which messages come. By
        /// default such messages are dropped.
        public Builder newTopicListener(NewTopicListener listener) {
            newTopicListener = listener;
            return this;
        }

        /// Uses this HTTP client (its TLS settings, its proxy) and does not close it. By default each has its
        /// own. Where its executor is not `Runnable::run`, the end of a connection that comes right behind
        /// a message may be noticed only by the silence of two pings.
        public Builder httpClient(HttpClient client) {
            http = client;
            return this;
        }

        /// Steps the client's thread by hand, in tests.
        Builder loop(ClientLoop newLoop) {
            loop = newLoop;
            return this;
        }

        /// Makes the client, which does nothing before [TopicStreamClient#connect].
        public TopicStreamClient build() {
            StringBuilder query = new StringBuilder(address.getRawQuery() == null ? "" : address.getRawQuery() + "&");
            // Each topic is resumed by its position; the server should not begin with any by itself.
            query.append("durable=manual");
            if (apiKey.isEmpty() && token.isEmpty()) {
                parameter(query, "user", user == null ? "c-" + randomId(random) : user);
                if (name != null) {
                    parameter(query, "name", name);
                }
            }
            String path = address.getRawPath() == null || address.getRawPath().isEmpty() ? "/" : address.getRawPath();
            URI full = URI.create(address.getScheme() + "://" + address.getRawAuthority() + path + "?" + query);
            return new TopicStreamClient(this, full);
        }

        private static void parameter(StringBuilder query, String parameter, String value) {
            query.append('&')
                    .append(parameter)
                    .append('=')
                    .append(URLEncoder.encode(value, StandardCharsets.UTF_8).replace("+", "%20"));
        }
    }
}
