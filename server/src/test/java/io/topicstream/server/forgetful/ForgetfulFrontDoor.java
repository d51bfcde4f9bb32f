package io.topicstream.server.forgetful;

import static io.topicstream.server.forgetful.ConnectionRows.await;

import io.topicstream.access.Anonymous;
import io.topicstream.access.ApiKeys;
import io.topicstream.access.Authentication;
import io.topicstream.access.Authenticator;
import io.topicstream.access.Authenticators;
import io.topicstream.access.Credentials;
import io.topicstream.access.FailedCredentials;
import io.topicstream.access.Grant;
import io.topicstream.access.Identity;
import io.topicstream.access.Permission;
import io.topicstream.command.CommandLimits;
import io.topicstream.command.Commands;
import io.topicstream.command.Quota;
import io.topicstream.command.Refusal;
import io.topicstream.log.Admission;
import io.topicstream.log.Extent;
import io.topicstream.log.Signals;
import io.topicstream.log.TopicExtent;
import io.topicstream.log.TopicLog;
import io.topicstream.log.TopicName;
import io.topicstream.people.Memberships;
import io.topicstream.policy.TopicPolicies;
import io.topicstream.protocol.ErrorCode;
import io.topicstream.protocol.WireFormat;
import io.topicstream.server.Engine;
import io.topicstream.server.door.RequestCredentials;
import io.topicstream.connection.ConnectionIds;
import io.topicstream.session.Node;
import io.topicstream.session.Session;
import io.topicstream.session.SessionRecord;
import io.topicstream.signal.Signal;
import io.topicstream.signal.SystemTopics;
import io.topicstream.topic.JoinReply;
import io.topicstream.topic.Listener;
import io.topicstream.transport.Endpoint;
import io.topicstream.transport.RequestHead;
import io.topicstream.transport.Transport;
import io.topicstream.transport.TransportLimits;
import io.topicstream.transport.UpgradeDecision;
import io.topicstream.transport.UpgradeHandler;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.ref.WeakReference;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/// A front door that forgets: a real WebSocket server on the real transport whose functions make the
/// session, its listener and its dialect anew for each message, out of what the ports keep, and drop them
/// when it has been run.
///
/// What it holds itself is what a function is deployed with: the ports, the commands over them, and the
/// gateway in front. It uses no [io.topicstream.log.TopicFeed].
final class ForgetfulFrontDoor implements UpgradeHandler, Gateway.Functions, AutoCloseable {
    private static final String ARRAYS = "topicstream.v1";

    private final InstantSource clock = InstantSource.system();
    private final SecureRandom random = new SecureRandom();
    private final byte[] idKey = new byte[32];
    private final ExecutorService functions = Executors.newVirtualThreadPerTaskExecutor();
    private final ConnectionRows connections;
    private final Authenticators authenticators;
    private final ApiKeys keys;
    private final Memberships durable;
    private final Node node;
    private final Gateway gateway;
    private final FanOut fanOut;
    private final RowAudience audience;
    private final Transport transport;
    private final InetSocketAddress address;
    private final Queue<WeakReference<Object>> made = new ConcurrentLinkedQueue<>();

    /// Opens it.
    ///
    /// @param stored what is kept of a session's record from one message to the next
    ForgetfulFrontDoor(Engine engine, CommandLimits limits, UnaryOperator<SessionRecord> stored) {
        random.nextBytes(idKey);
        connections = new ConnectionRows(engine.state(), stored);
        AudienceRows rows = new AudienceRows(engine.state());
        gateway = new Gateway(this, functions);
        fanOut = new FanOut(engine.log(), rows, connections, gateway, functions, this::dialects, clock);
        TopicLog log = new FedLog(engine.log(), fanOut::enqueueAppended);
        audience = new RowAudience(log, rows, connections, fanOut, clock);
        Signals signals = this::signal;

        keys = new ApiKeys(engine.state(), random, clock);
        keys.onRevocation(id -> signals.signal(SystemTopics.CREDENTIALS, new Signal.Revoked(id).encode()));
        authenticators = new Authenticators(
                List.<Authenticator>of(keys, new Anonymous(Grant.DEFAULT)),
                new FailedCredentials(clock, FailedCredentials.DEFAULT_LIMIT));
        durable = new Memberships(engine.state(), log, signals, clock, limits.durableSubscriptionsPerUser());
        Commands commands = new Commands(log, signals, durable, authenticators, TopicPolicies.DEFAULT, limits);
        TransportLimits transportLimits = TransportLimits.defaults();
        node = new Node(
                log,
                durable,
                keys,
                commands,
                Quota.UNLIMITED,
                clock,
                transportLimits.webSocket().pingInterval().toMillis());

        transport = Transport.start(1, transportLimits);
        try {
            address = transport.bind(
                    new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                    new Endpoint(
                            exchange -> exchange.respondError(404, "not_found", "not found", Map.of()),
                            this,
                            Endpoint::isLoopbackHost));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    URI uri() {
        return URI.create("http://127.0.0.1:" + address.getPort());
    }

    ApiKeys keys() {
        return keys;
    }

    /// Every session and listener that was made, as long as something still holds it.
    Queue<WeakReference<Object>> made() {
        return made;
    }

    @Override
    public void close() {
        transport.stop(Duration.ZERO, 1012).join();
        functions.close();
    }

    private FreshDialects dialects() {
        return new FreshDialects(TopicPolicies.DEFAULT.maxPayloadBytes());
    }

    // ---- what the gateway calls

    @Override
    public void onUpgrade(RequestHead request, UpgradeDecision decision) {
        functions.execute(() -> connect(request, decision));
    }

    private void connect(RequestHead request, UpgradeDecision decision) {
        boolean live = request.path().equals("/live");
        if (!live && !request.path().equals("/v1")) {
            refuse(decision, ErrorCode.NOT_FOUND, "no WebSocket is served at this path");
            return;
        }
        Credentials credentials = RequestCredentials.of(request);
        if (live && !credentials.isPresented()) {
            refuse(decision, ErrorCode.UNAUTHENTICATED, "this stage wants an API key");
            return;
        }
        switch (await(authenticators.authenticate(credentials))) {
            case Authentication.Known(Identity who) -> {
                boolean arrays = !live && decision.offeredSubprotocols().contains(ARRAYS);
                WireFormat format = live ? WireFormat.TOPICS : arrays ? WireFormat.NATIVE_ARRAYS : WireFormat.NATIVE;
                String id = new ConnectionIds(() -> 0, 0, idKey, random).next();
                open(
                        new SessionRecord(id, who, live ? "live" : "v1", format, RequestCredentials.address(request)),
                        request.query("durable") == null,
                        arrays ? ARRAYS : null,
                        decision);
            }
            case Authentication.Refused(ErrorCode code, String reason) -> refuse(decision, code, reason);
            case Authentication.NotMine() -> refuse(decision, ErrorCode.UNAUTHENTICATED, "say who you are");
        }
    }

    private void open(
            SessionRecord record, boolean joinDurable, @Nullable String subprotocol, UpgradeDecision decision) {
        connections.store(record);
        Session session = restored(record).session();
        session.open(joinDurable, new Session.Opened() {
            @Override
            public void onOpened(List<TopicExtent> subscriptions) {
                String credentialId = record.identity().credentialId();
                if (credentialId != null && keys.isRevoked(credentialId)) {
                    // Between the check and the row by which it would have been told.
                    onClosed(record.connectionId());
                    refuse(decision, ErrorCode.UNAUTHENTICATED, "the credentials are not valid");
                } else if (decision.isDecided()) {
                    onClosed(record.connectionId());
                } else {
                    decision.accept(subprotocol, gateway.socket(record.connectionId(), decision.eventLoop()));
                }
            }

            @Override
            public void onRefused(Refusal refusal) {
                onClosed(record.connectionId());
                refuse(decision, refusal.code(), refusal.reason());
            }
        });
    }

    private static void refuse(UpgradeDecision decision, ErrorCode code, String reason) {
        if (!decision.isDecided()) {
            decision.refuse(code.httpStatus(), code.wireName(), reason, Map.of());
        }
    }

    @Override
    public void onOpen(String connectionId) {
        FrameRun run = load(connectionId);
        if (run != null) {
            run.greet();
        }
    }

    @Override
    public void onText(String connectionId, byte[] text) {
        FrameRun run = load(connectionId);
        if (run != null) {
            run.run(text);
            connections.store(run.session().record());
        }
    }

    @Override
    public void onClosed(String connectionId) {
        FrameRun run = load(connectionId);
        if (run != null) {
            run.session().end();
            connections.delete(connectionId);
        }
    }

    private @Nullable FrameRun load(String connectionId) {
        SessionRecord record = connections.load(connectionId);
        return record == null ? null : restored(record);
    }

    private FrameRun restored(SessionRecord record) {
        FrameRun run = new FrameRun(node, connections, audience, gateway, dialects(), record);
        made.add(new WeakReference<>(run.session()));
        made.add(new WeakReference<>(run.listener()));
        return run;
    }

    // ---- what is said and not kept

    private Admission signal(TopicName topic, byte[] signal) {
        switch (Signal.decode(signal)) {
            case Signal.Revoked(String credentialId) -> fanOut.enqueue(() -> revoke(credentialId));
            case Signal.MembershipChanged(TopicName changed) -> {
                String user = SystemTopics.userOf(topic);
                if (user != null) {
                    fanOut.enqueue(() -> onHint(user, changed));
                }
            }
            case Signal.Said _ -> fanOut.enqueueSignal(topic, signal);
            // Nothing listens for a node here: the gateway itself reaches every connection.
            case Signal.ForConnection _, Signal.OfConnection _ -> {}
            case null -> throw new AssertionError("a signal that nobody knows");
        }
        return Admission.ACCEPTED;
    }

    private void revoke(String credentialId) {
        for (String connectionId : connections.ofCredential(credentialId)) {
            gateway.close(connectionId, ErrorCode.UNAUTHENTICATED.closeCode(), "the credentials were revoked");
        }
    }

    /// A durable subscription of the user was added or removed: all of its connections follow. Runs may
    /// cross, so each looks again after it changed something, and the last one to look sees the truth.
    private void onHint(String user, TopicName topic) {
        for (String connectionId : connections.ofUser(user)) {
            SessionRecord record = connections.load(connectionId);
            if (record == null) {
                continue;
            }
            Listener listener = new RowListener(record, connections);
            boolean settled = false;
            while (!settled) {
                boolean member = await(durable.find(user, topic)) != null;
                if (member == listener.listensTo(topic)
                        || (member && !record.identity().may(Permission.SUBSCRIBE, topic))) {
                    settled = true;
                } else if (member) {
                    audience.join(listener, topic, null, new WhenGreeted(user, connectionId));
                } else {
                    audience.leave(listener, topic);
                }
            }
            if (connections.load(connectionId) == null) {
                // It has ended meanwhile, perhaps before its new row could be seen.
                audience.leaveAll(listener);
            }
        }
    }

    /// A join that nobody asked for on this connection: it begins at once, or with the greeting where the
    /// client has not been greeted.
    private final class WhenGreeted implements JoinReply {
        private final String user;
        private final String connectionId;

        WhenGreeted(String user, String connectionId) {
            this.user = user;
            this.connectionId = connectionId;
        }

        @Override
        public void onJoined(TopicName topic, Extent extent, long commonOffset, boolean truncated, Runnable begin) {
            if (connections.isGreeted(user, connectionId)) {
                begin.run();
            }
        }

        @Override
        public void onJoinFailed(TopicName topic, @Nullable Throwable cause) {
            throw new IllegalStateException("a durable subscription was not joined", cause);
        }
    }
}
