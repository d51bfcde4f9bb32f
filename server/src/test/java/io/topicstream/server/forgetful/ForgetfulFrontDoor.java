package io.topicstream.server.forgetful;

import static io.topicstream.server.forgetful.Trips.await;

import io.topicstream.access.Anonymous;
import io.topicstream.access.ApiKeys;
import io.topicstream.access.Authentication;
import io.topicstream.access.Authenticator;
import io.topicstream.access.Authenticators;
import io.topicstream.access.Credentials;
import io.topicstream.access.DirectTopic;
import io.topicstream.access.EndedRights;
import io.topicstream.access.FailedCredentials;
import io.topicstream.access.Grant;
import io.topicstream.access.Identity;
import io.topicstream.access.Permission;
import io.topicstream.access.RightfulCallers;
import io.topicstream.access.RightsChange;
import io.topicstream.access.RightsEnd;
import io.topicstream.command.CommandLimits;
import io.topicstream.command.Commands;
import io.topicstream.command.Quota;
import io.topicstream.command.Refusal;
import io.topicstream.dialect.Dialects;
import io.topicstream.dialect.Entrance;
import io.topicstream.door.Doorman;
import io.topicstream.log.Admission;
import io.topicstream.log.Extent;
import io.topicstream.log.Signals;
import io.topicstream.log.TopicExtent;
import io.topicstream.log.TopicLog;
import io.topicstream.log.TopicName;
import io.topicstream.people.Attendances;
import io.topicstream.people.Membership;
import io.topicstream.people.Memberships;
import io.topicstream.people.Names;
import io.topicstream.people.NodePresence;
import io.topicstream.people.Notices;
import io.topicstream.people.People;
import io.topicstream.people.PresencePolicies;
import io.topicstream.people.Rooms;
import io.topicstream.policy.PresencePolicy;
import io.topicstream.policy.TopicPolicies;
import io.topicstream.protocol.ErrorCode;
import io.topicstream.server.Engine;
import io.topicstream.server.forgetful.Connection.Phase;
import io.topicstream.session.Attributes;
import io.topicstream.session.ClaimedName;
import io.topicstream.session.Node;
import io.topicstream.session.Opened;
import io.topicstream.session.SessionRecord;
import io.topicstream.signal.Signal;
import io.topicstream.signal.SystemTopics;
import io.topicstream.state.StateStore;
import io.topicstream.testkit.TestPeople;
import io.topicstream.topic.Attendance;
import io.topicstream.topic.JoinReply;
import io.topicstream.transport.WebSocketLimits;
import java.lang.ref.WeakReference;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// A front door that forgets: a function behind the real gateway that makes the session, its listener and its
/// dialect anew for each message, out of what the ports keep, and drops them when it has been run.
///
/// What it holds itself is what a function is deployed with: the ports, the commands over them, and the
/// gateway in front. It uses no [io.topicstream.log.TopicFeed].
///
/// Nobody tells it that a connection has opened. So $connect calls a further run, which asks the gateway until it
/// has; then it greets, and lets the messages begin.
final class ForgetfulFrontDoor implements AutoCloseable {
    private static final String ARRAYS = "topicstream.v1";
    private static final Set<String> GUEST_TOKENS = Set.of("valid_test_token", "valid_token");
    /// How long $connect may take, and a little more.
    private static final long OPENING_MS = 30_000;

    private static final long LOOK_MS = 20;
    /// What a session has that joins the user's topics itself.
    private static final String JOINS = "durable";

    private final SecureRandom random = new SecureRandom();
    private final byte[] idKey = new byte[32];
    private final Queue<Trips.Cost> costs = new ConcurrentLinkedQueue<>();
    private final ExecutorService functions = Executors.newVirtualThreadPerTaskExecutor();
    private final Runs runs = new Runs(functions, costs::add);
    private final ConnectionRows connections;
    private final AudienceRows rows;
    private final Authenticator authenticators;
    private final ApiKeys keys;
    private final EndedRights rights;
    private final Memberships durable;
    private final Node node;
    private final Gateway gateway;
    private final Posts posts;
    private final FanOut fanOut;
    private final PresencePolicies policies;
    private final RowPresence presence;
    private final Notices notices;
    private final RowAudience audience;
    private final Queue<WeakReference<Object>> made = new ConcurrentLinkedQueue<>();

    /// Opens it.
    ///
    /// @param clock of the engine too
    /// @param stored what is kept of a session's record from one message to the next
    ForgetfulFrontDoor(
            Engine engine,
            InstantSource clock,
            CommandLimits limits,
            Weather weather,
            UnaryOperator<SessionRecord> stored) {
        random.nextBytes(idKey);
        StateStore store = new CountedStore(engine.state(), weather.answerMs());
        connections = new ConnectionRows(store, clock, stored);
        rows = new AudienceRows(store, clock);
        gateway = new Gateway(this::onEvent, functions, weather);
        posts = new Posts(gateway);
        TopicLog log = new FedLog(engine.log(), this::onAppended, weather.answerMs());
        fanOut = new FanOut(
                log, rows, connections, posts, runs, this::dialects, this::end, clock, this::endsWithoutRights);
        notices = new Notices(this::signal, clock);
        policies = new PresencePolicies(TopicPolicies.DEFAULT, new Rooms(store, this::signal, clock));
        presence = new RowPresence(
                policies,
                store,
                connections,
                runs,
                NodePresence.GRACE,
                clock,
                this::isGone,
                this::end,
                fanOut::enqueueSignal);
        audience = new RowAudience(log, rows, fanOut, presence, notices, clock);
        Signals signals = this::signal;

        keys = new ApiKeys(store, random, clock);
        keys.onRevocation(id -> signals.signal(SystemTopics.CREDENTIALS, new Signal.Revoked(id).encode()));
        rights = new EndedRights(store, signals, keys, clock);
        rights.onChange(change -> runs.begin("rights", () -> onRightsChanged(change)));
        authenticators = new RightfulCallers(
                new Authenticators(
                        List.<Authenticator>of(keys, new Anonymous(Grant.DEFAULT)),
                        new FailedCredentials(clock, FailedCredentials.DEFAULT_LIMIT)),
                rights);
        durable = new Memberships(
                store, log, signals, clock, limits.durableSubscriptionsPerUser(), limits.chatsPerUser());
        // Between two frames nothing waits, so acks are stored at once.
        People people = TestPeople.of(
                store,
                log,
                signals,
                durable,
                presence,
                new Names(store, this::mayBeOpen),
                notices,
                rights::endRoom,
                clock);
        Commands commands = new Commands(log, signals, people, authenticators, TopicPolicies.DEFAULT, limits);
        node = new Node(
                log,
                durable,
                presence,
                policies,
                keys,
                rights,
                commands,
                Quota.UNLIMITED,
                clock,
                WebSocketLimits.defaults().pingInterval().toMillis(),
                notices);
    }

    URI uri() {
        return gateway.uri();
    }

    ApiKeys keys() {
        return keys;
    }

    EndedRights rights() {
        return rights;
    }

    Gateway gateway() {
        return gateway;
    }

    Posts posts() {
        return posts;
    }

    /// What each run has cost.
    Queue<Trips.Cost> costs() {
        return costs;
    }

    /// Every session and listener that was made, as long as something still holds it.
    Queue<WeakReference<Object>> made() {
        return made;
    }

    @Override
    public void close() {
        gateway.close();
        runs.close();
    }

    private void onAppended(TopicName topic) {
        fanOut.enqueueAppended(topic);
    }

    private FreshDialects dialects() {
        return new FreshDialects(TopicPolicies.DEFAULT.maxPayloadBytes());
    }

    // ---- what the gateway calls

    private ProxiedResult onEvent(ProxiedEvent event) {
        return switch (event.type()) {
            case "CONNECT" -> {
                CompletableFuture<ProxiedResult> result = new CompletableFuture<>();
                runs.now("connect", () -> result.complete(connect(event)));
                yield result.join();
            }
            case "MESSAGE" -> {
                runs.now("frame", () -> onText(event.connectionId(), event.body()));
                yield ProxiedResult.OK;
            }
            case "DISCONNECT" -> {
                runs.now("end", () -> end(event.connectionId()));
                yield ProxiedResult.OK;
            }
            default -> throw new IllegalArgumentException(event.type());
        };
    }

    private ProxiedResult connect(ProxiedEvent event) {
        Dialects.Name dialect = dialect(event.stage());
        Entrance entrance = dialect.entrance(event::parameter);
        String problem = entrance.problem();
        if (problem != null) {
            return ProxiedResult.refused(ErrorCode.BAD_FRAME, problem);
        }
        Credentials credentials = entrance.claiming(credentials(event)).without(Credentials.Place.QUERY, GUEST_TOKENS);
        if (dialect == Dialects.Name.TOPICS && !credentials.isPresented()) {
            return ProxiedResult.refused(ErrorCode.UNAUTHENTICATED, "this stage wants an API key");
        }
        Authentication found = await(authenticators.authenticate(credentials));
        if (!(found instanceof Authentication.Known(Identity who))) {
            return refused(Doorman.refusal(found));
        }
        boolean arrays = event.headers("Sec-WebSocket-Protocol").stream()
                .flatMap(offers -> Stream.of(offers.split(",", -1)))
                .anyMatch(offer -> offer.strip().equals(ARRAYS));
        Identity named = entrance.identity(who, event.connectionId());
        return open(
                new SessionRecord(
                        event.connectionId(),
                        named,
                        event.stage(),
                        dialect.format(arrays),
                        event.address(),
                        attributes(entrance, named, event)),
                event.parameter("durable") == null,
                arrays ? ARRAYS : null);
    }

    /// What is spoken on a stage.
    private static Dialects.Name dialect(String stage) {
        return switch (stage) {
            case "v1" -> Dialects.Name.NATIVE;
            case "live" -> Dialects.Name.TOPICS;
            case "dev" -> Dialects.Name.CHAT;
            case "staging" -> Dialects.Name.ROOMS;
            default -> throw new IllegalArgumentException(stage);
        };
    }

    /// What a handshake shows of its caller, as [io.topicstream.door.RequestCredentials] has it of a request.
    private static Credentials credentials(ProxiedEvent event) {
        Credentials credentials =
                Credentials.none(event.address(), event.address().isLoopbackAddress());
        for (String key : event.headers("x-api-key")) {
            credentials = credentials.with(Credentials.Place.API_KEY_HEADER, key);
        }
        for (String authorization : event.headers("Authorization")) {
            credentials = credentials.withAuthorization(authorization);
        }
        for (String token : event.parameters("token")) {
            credentials = credentials.with(Credentials.Place.QUERY, token);
        }
        return credentials;
    }

    private static Attributes attributes(Entrance entrance, Identity who, ProxiedEvent event) {
        Attributes known = Attributes.of(entrance.attributes(who));
        return event.parameter("durable") == null ? known : known.with(JOINS, "manual");
    }

    private ProxiedResult open(SessionRecord record, boolean joinDurable, @Nullable String subprotocol) {
        String id = record.connectionId();
        FrameRun run = restored(connections.create(Connection.connecting(record)));
        CompletableFuture<ProxiedResult> result = new CompletableFuture<>();
        run.session().open(joinDurable, new Opened() {
            @Override
            public void onOpened(List<TopicExtent> subscriptions) {
                RightsEnd ended = rights.endOf(record.identity());
                if (ended != null) {
                    // Between the check and the row by which it would have been told.
                    end(id);
                    result.complete(refused(ended.refused()));
                } else {
                    List<RowAudience.Place> places = run.places();
                    runs.begin("greet", () -> greet(id, subscriptions, places));
                    result.complete(ProxiedResult.accepted(subprotocol));
                }
            }

            @Override
            public void onRefused(Refusal refusal) {
                end(id);
                result.complete(ProxiedResult.refused(refusal.code(), refusal.reason()));
            }
        });
        return result.join();
    }

    private static ProxiedResult refused(Authentication.Refused why) {
        return ProxiedResult.refused(why.code(), why.reason());
    }

    /// Greets the client, and lets the messages come: a run that $connect has called, since nothing can be posted
    /// before that is answered.
    private void greet(String connectionId, List<TopicExtent> subscriptions, List<RowAudience.Place> places) {
        ConnectionRows.Row row = awaitOpen(connectionId) ? connections.load(connectionId) : null;
        if (row == null) {
            end(connectionId);
            return;
        }
        if (endsWithoutRights(row.connection().session())) {
            // When they ended, the connection could not be closed yet.
            return;
        }
        FrameRun run = restored(row);
        run.session().greet(subscriptions);
        if (run.isGone()) {
            end(connectionId);
        } else if (run.listener().change(connection -> connection.in(Phase.OPEN))) {
            audience.beginAll(places);
            places.forEach(place -> attend(run.listener(), place.topic()));
            run.session().announce();
        }
    }

    /// It is seen in a topic of its user's as the topic's policy says.
    private void attend(RowListener listener, TopicName topic) {
        Identity who = listener.connection().session().identity();
        Attendance attendance = Attendances.of(await(policies.of(topic)), who, topic, null);
        if (attendance != Attendance.NONE) {
            audience.attend(listener, topic, attendance);
        }
    }

    /// Waits until the upgrade is answered.
    ///
    /// @return false if that took too long, or it is closed again
    private boolean awaitOpen(String connectionId) {
        for (long waitedMs = 0; waitedMs < OPENING_MS && !runs.isClosed(); waitedMs += LOOK_MS) {
            if (gateway.describe(connectionId) == Gateway.Answer.DONE) {
                return true;
            }
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(LOOK_MS));
        }
        return false;
    }

    private void onText(String connectionId, String text) {
        ConnectionRows.Row row = connections.load(connectionId);
        if (row != null) {
            FrameRun run = restored(row);
            run.run(text.getBytes(StandardCharsets.UTF_8));
            if (run.isGone()) {
                end(connectionId);
            }
        }
    }

    /// Whether a connection may be open. Its end may have been told to nobody, but the gateway knows.
    private CompletionStage<Boolean> mayBeOpen(String connectionId) {
        return CompletableFuture.completedFuture(!isGone(connectionId));
    }

    private boolean isGone(String connectionId) {
        return gateway.describe(connectionId) == Gateway.Answer.GONE;
    }

    /// Takes away what a connection leaves behind.
    private void end(String connectionId) {
        Connection was = connections.end(connectionId);
        if (was != null) {
            ClaimedName.ended(was.session(), node.commands());
            leaveRoom(was);
            List<CompletionStage<?>> all = connections.deleteOthers(was);
            was.topics().forEach(topic -> all.add(rows.delete(topic, connectionId)));
            String user = was.session().identity().user();
            if (user != null) {
                all.add(presence.seen(user));
            }
            Trips.awaitAll(all);
            presence.closed(was.session().present(), was.topics());
        }
    }

    private void leaveRoom(Connection was) {
        TopicName topic = was.session().room();
        if (topic != null && was.phase() == Phase.OPEN) {
            notices.tell(topic, was.session(), false, false);
        }
        was.topics().forEach(heard -> notices.tellOfListener(heard, was.session(), false));
    }

    private FrameRun restored(ConnectionRows.Row row) {
        FrameRun run = new FrameRun(node, connections, audience, gateway, posts, dialects(), row);
        made.add(new WeakReference<>(run.session()));
        made.add(new WeakReference<>(run.listener()));
        return run;
    }

    // ---- what is said and not kept

    private Admission signal(TopicName topic, byte[] signal) {
        switch (Signal.decode(signal)) {
            // All nodes are one here, and the one that has changed something knows it.
            case Signal.Revoked _, Signal.RightsChanged _ -> {}
            case Signal.MembershipChanged(TopicName changed) -> {
                String user = SystemTopics.userOf(topic);
                if (user != null) {
                    runs.begin("hint", () -> onHint(user, changed));
                }
            }
            case Signal.RoomChanged(TopicName room) -> runs.begin("room", () -> onRoomChanged(room));
            case Signal.Said _, Signal.Presence _, Signal.Notice _, Signal.Receipt _, Signal.Redacted _ ->
                fanOut.enqueueSignal(topic, signal);
            // Nothing listens for a node here: the gateway itself reaches every connection.
            case Signal.ForConnection _, Signal.OfConnection _, Signal.MembersChanged _ -> {}
            case null -> throw new AssertionError("a signal that nobody knows");
        }
        return Admission.ACCEPTED;
    }

    /// Those who listen to the room are seen there as its owner has said since.
    private void onRoomChanged(TopicName room) {
        PresencePolicy policy = await(policies.of(room));
        for (AudienceRows.Row listening : rows.all(room)) {
            ConnectionRows.Row row = connections.load(listening.connectionId());
            if (row != null && row.connection().phase() == Phase.OPEN) {
                Identity who = row.connection().session().identity();
                audience.attend(new RowListener(row, connections), room, Attendances.of(policy, who, room, null));
            }
        }
    }

    /// Those who listen to the room do so no longer, and are told.
    private void onRoomDeleted(TopicName room) {
        for (AudienceRows.Row listening : rows.all(room)) {
            ConnectionRows.Row row = connections.load(listening.connectionId());
            if (row != null && row.connection().phase() == Phase.OPEN) {
                FrameRun run = restored(row);
                run.run(session -> session.onRoomDeleted(room));
                if (run.isGone()) {
                    end(listening.connectionId());
                }
            }
        }
    }

    private void onRightsChanged(RightsChange change) {
        List<String> concerned = switch (change) {
            case RightsChange.OfCredential(String id) -> connections.ofCredential(id);
            case RightsChange.OfUser(String user) -> connections.ofUser(user);
            case RightsChange.SignedOut(String user) -> connections.ofUser(user);
            case RightsChange.OfRoom(TopicName room) -> {
                onRoomDeleted(room);
                yield List.of();
            }
            case RightsChange.Any() -> List.of();
        };
        for (String connectionId : concerned) {
            ConnectionRows.Row row = connections.load(connectionId);
            if (row != null) {
                SessionRecord session = row.connection().session();
                var _ = ends(session, rights.endBy(change, session.identity()));
            }
        }
    }

    private boolean endsWithoutRights(SessionRecord session) {
        return ends(session, rights.endOf(session.identity()));
    }

    private boolean ends(SessionRecord session, @Nullable RightsEnd ended) {
        if (ended != null) {
            gateway.close(session.connectionId(), ended.closeCode(), ended.reason());
        }
        return ended != null;
    }

    /// A durable subscription of the user was added or removed: all of its connections follow. Runs may
    /// cross, so each looks again after it changed something, and the last one to look sees the truth.
    private void onHint(String user, TopicName topic) {
        for (String connectionId : connections.ofUser(user)) {
            ConnectionRows.Row row = connections.load(connectionId);
            if (row != null) {
                follow(user, topic, new RowListener(row, connections));
            }
        }
    }

    private void follow(String user, TopicName topic, RowListener listener) {
        SessionRecord session = listener.connection().session();
        Identity who = session.identity();
        // Who joins itself what is the user's cannot join a chat that it was not told of.
        boolean joins = session.attribute(JOINS) == null || DirectTopic.orNull(topic) != null;
        while (listener.connection().phase() != Phase.ENDED && listener.format().joins(topic)) {
            Membership membership = await(durable.find(user, topic));
            boolean member = membership != null;
            if (member == listener.listensTo(topic) || (member && !(joins && who.may(Permission.SUBSCRIBE, topic)))) {
                return;
            }
            if (membership != null) {
                audience.joinFirst(listener, topic, membership.start(), new WhenGreeted(listener.connectionId()));
            } else {
                audience.leave(listener, topic);
            }
        }
    }

    /// A join that nobody asked for on this connection: it begins at once, or later where the client has not been
    /// greeted.
    private final class WhenGreeted implements JoinReply {
        private final String connectionId;

        WhenGreeted(String connectionId) {
            this.connectionId = connectionId;
        }

        @Override
        public void onJoined(TopicName topic, Extent extent, long commonOffset, boolean truncated, Runnable begin) {
            begin(topic, begin);
        }

        private void begin(TopicName topic, Runnable begin) {
            ConnectionRows.Row row = connections.load(connectionId);
            if (row == null || runs.isClosed()) {
                return;
            }
            switch (row.connection().phase()) {
                case OPEN -> {
                    begin.run();
                    attend(new RowListener(row, connections), topic);
                }
                case CONNECTING -> runs.beginLater("begin", LOOK_MS, () -> begin(topic, begin));
                case ENDED -> {}
            }
        }

        @Override
        public void onJoinFailed(TopicName topic, @Nullable Throwable cause) {
            if (cause != null) {
                throw new IllegalStateException("a durable subscription was not joined", cause);
            }
        }
    }
}
