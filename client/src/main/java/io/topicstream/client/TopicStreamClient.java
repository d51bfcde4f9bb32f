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
import java.util.HexFormat;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.LongFunction;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/// A client of one server: publishes, subscribes, and comes back by itself when the connection is lost.
///
/// All methods may be called from any thread, and but for [#publishWhenFree] none blocks. Futures complete, and
/// listeners are called, on threads of the builder's executor (virtual threads by default), where blocking holds
/// up nobody else.
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
    /// The largest frame that is sent, in bytes: what the server takes as one WebSocket message.
    static final int MAX_FRAME_BYTES = 128 * 1024;

    private static final int REQUEST_BYTES = 256;
    private static final int ID_BYTES = 12;

    private final Conversation conversation;
    private final ClientLoop loop;
    private final RandomGenerator ids;
    private final Executor callbacks;
    private final long maxWaitingBytes;

    private TopicStreamClient(Builder builder, URI address) {
        this.ids = builder.random;
        this.callbacks = builder.callbacks;
        this.maxWaitingBytes = builder.maxWaitingBytes;
        this.loop = builder.loop == null ? new ThreadLoop("topicstream-client") : builder.loop;
        HttpClient http = builder.http;
        boolean ownsHttp = http == null;
        if (http == null) {
            http = HttpClient.newBuilder()
                    .executor(Executors.newVirtualThreadPerTaskExecutor())
                    .build();
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
                ownsHttp);
        this.conversation = new Conversation(settings, loop, http);
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
        return publish(new TopicName(topic), ClientFrames.requireJson(json), options, Room.NOW);
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
        int bytes = bytesOf(payload);
        if (bytes > MAX_FRAME_BYTES || bytes > maxWaitingBytes) {
            return publish(name, payload, options, Room.NOW);
        }
        conversation.reserveWhenFree(bytes);
        return publish(name, payload, options, Room.TAKEN);
    }

    private CompletableFuture<Published> publish(TopicName name, String payload, PublishOptions options, Room room) {
        String messageId = options.messageId() == null ? randomId(ids) : options.messageId();
        return request(
                payload,
                room,
                id -> ClientFrames.publish(id, name, payload, messageId, options),
                Sending.UNTIL_ANSWERED,
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
        return subscribe(topic, from, false, listener);
    }

    /// Listens to a topic, on all connections of the user from now on: the server remembers that the user
    /// listens, never how far ([Subscription#position] is for the application to keep).
    public Subscription subscribeDurably(String topic, From from, SubscriptionListener listener) {
        return subscribe(topic, from, true, listener);
    }

    private Subscription subscribe(String topic, From from, boolean durable, SubscriptionListener listener) {
        Subscription subscription = new Subscription(conversation, new TopicName(topic), from, durable, listener);
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
        return request(
                frame,
                Sending.UNTIL_ANSWERED,
                reply -> new MessagePage(reply.messages(), reply.epoch(), reply.firstOffset(), reply.nextOffset()));
    }

    /// Lists topics by their names.
    ///
    /// @param prefix with which the names begin, or empty
    /// @param startAfter the [TopicPage#next] of the page before, or empty
    /// @param limit 1 to 1,000; a page with long names is shorter
    public CompletableFuture<TopicPage> topics(String prefix, String startAfter, int limit) {
        return request(
                id -> ClientFrames.topics(id, prefix, startAfter, limit),
                Sending.UNTIL_ANSWERED,
                reply -> new TopicPage(reply.topics(), reply.next()));
    }

    /// Says something to those who listen to a topic now. It is not kept and may be lost; without a connection
    /// it fails with [TopicStreamException.NotConnected].
    ///
    /// @param json one JSON value of at most 8 KiB
    public CompletableFuture<Void> signal(String topic, String json) {
        TopicName name = new TopicName(topic);
        String payload = ClientFrames.requireJson(json);
        return request(id -> ClientFrames.signal(id, name, payload), Sending.NOW, reply -> reply)
                .thenRun(() -> {});
    }

    /// Shows a new token of the same user, now and on later connections.
    public CompletableFuture<Void> authenticate(String token) {
        loop.execute(() -> conversation.useToken(token));
        return request(id -> ClientFrames.authenticate(id, token), Sending.NOW, reply -> reply)
                .thenRun(() -> {});
    }

    /// Ends the client: closes the connection and the subscriptions. What is not answered yet fails with
    /// [TopicStreamException.Ended]; wait for the futures before, where the answers matter.
    @Override
    public void close() {
        loop.execute(() -> conversation.end(new TopicStreamException.Ended(1000, "the client was closed")));
    }

    /// Whether a request's place in the buffer is to be taken, or is taken already.
    private enum Room {
        NOW,
        TAKEN
    }

    private enum Sending {
        NOW,
        UNTIL_ANSWERED
    }

    private <T extends @Nullable Object> CompletableFuture<T> request(
            LongFunction<String> frame, Sending sending, Function<Heard.Reply, T> result) {
        return request("", Room.NOW, frame, sending, () -> {}, _ -> {}, result);
    }

    /// @param begin run on the loop before it is sent
    /// @param refused run on the loop when it failed
    private <T extends @Nullable Object> CompletableFuture<T> request(
            String payload,
            Room room,
            LongFunction<String> frame,
            Sending sending,
            Runnable begin,
            Consumer<TopicStreamException> refused,
            Function<Heard.Reply, T> result) {
        CompletableFuture<T> future = new CompletableFuture<>();
        int bytes = bytesOf(payload);
        if (bytes > MAX_FRAME_BYTES) {
            future.completeExceptionally(new TopicStreamException.Refused(
                    "too_large", "a message of " + bytes + " bytes is more than a server takes", false, -1));
            return future;
        }
        if (room == Room.NOW && !conversation.reserve(bytes)) {
            future.completeExceptionally(
                    new TopicStreamException.BufferFull(conversation.waitingBytes(), maxWaitingBytes));
            return future;
        }
        Consumer<Heard.Reply> onReply = reply -> {
            conversation.release(bytes);
            T value = result.apply(reply);
            callbacks.execute(() -> future.complete(value));
        };
        Consumer<TopicStreamException> onFailure = failure -> {
            conversation.release(bytes);
            refused.accept(failure);
            callbacks.execute(() -> future.completeExceptionally(failure));
        };
        loop.execute(() -> {
            begin.run();
            switch (sending) {
                case NOW -> conversation.askNow(frame, onReply, onFailure);
                case UNTIL_ANSWERED -> conversation.askUntilAnswered(frame, onReply, onFailure);
            }
        });
        return future;
    }

    private static int bytesOf(String payload) {
        return REQUEST_BYTES + payload.getBytes(StandardCharsets.UTF_8).length;
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

        /// Uses this HTTP client (its TLS settings, its proxy) and does not close it. By default each has its
        /// own.
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
