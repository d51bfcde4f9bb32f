package io.topicstream.server;

import io.topicstream.access.ApiKeys;
import io.topicstream.access.Authenticator;
import io.topicstream.access.Authenticators;
import io.topicstream.access.EndedRights;
import io.topicstream.access.FailedCredentials;
import io.topicstream.access.RightfulCallers;
import io.topicstream.command.CommandLimits;
import io.topicstream.command.Commands;
import io.topicstream.command.Quota;
import io.topicstream.command.RateLimits;
import io.topicstream.connection.ConnectionIds;
import io.topicstream.connection.ConnectionKey;
import io.topicstream.connection.NodeTag;
import io.topicstream.door.Doorman;
import io.topicstream.door.Hosts;
import io.topicstream.door.Origins;
import io.topicstream.door.RefusedNames;
import io.topicstream.events.admin.SinkRoutes;
import io.topicstream.gateway.GatewayMetrics;
import io.topicstream.http.ChatRoutes;
import io.topicstream.http.ConnectionRoutes;
import io.topicstream.http.HealthRoutes;
import io.topicstream.http.OpenApiRoute;
import io.topicstream.http.PresenceRoutes;
import io.topicstream.http.Readiness;
import io.topicstream.http.Readiness.Condition;
import io.topicstream.http.RoomRoutes;
import io.topicstream.http.RouteGates;
import io.topicstream.http.Routes;
import io.topicstream.http.TopicRoutes;
import io.topicstream.http.UserRoutes;
import io.topicstream.http.admin.AdminKeys;
import io.topicstream.http.admin.AdminUsers;
import io.topicstream.log.LogLimit;
import io.topicstream.log.Signals;
import io.topicstream.log.Timers;
import io.topicstream.log.Trimmed;
import io.topicstream.people.Memberships;
import io.topicstream.people.Names;
import io.topicstream.people.Notices;
import io.topicstream.people.PendingAcks;
import io.topicstream.people.People;
import io.topicstream.people.PresencePolicies;
import io.topicstream.people.Receipts;
import io.topicstream.people.Redactions;
import io.topicstream.people.RoomDeletions;
import io.topicstream.people.Rooms;
import io.topicstream.server.admin.AdminBackup;
import io.topicstream.server.admin.AdminCompaction;
import io.topicstream.server.admin.AdminRooms;
import io.topicstream.server.admin.AdminToken;
import io.topicstream.server.admin.RunDirectory;
import io.topicstream.server.config.ServerConfig;
import io.topicstream.server.config.section.ProcessSection;
import io.topicstream.server.delivery.EventLoopLane;
import io.topicstream.server.gateway.ServedGateway;
import io.topicstream.server.http.AccessFigures;
import io.topicstream.server.http.ErrorCounts;
import io.topicstream.server.http.Figures;
import io.topicstream.server.http.HomePage;
import io.topicstream.server.http.HttpDoor;
import io.topicstream.server.http.MetricsPage;
import io.topicstream.server.http.Traffic;
import io.topicstream.server.sink.EventFigures;
import io.topicstream.server.websocket.LaneFronts;
import io.topicstream.server.websocket.StageTable;
import io.topicstream.server.websocket.Stages;
import io.topicstream.session.Node;
import io.topicstream.signal.InsistentSignals;
import io.topicstream.signal.Signal;
import io.topicstream.signal.SystemTopics;
import io.topicstream.state.StateFigures;
import io.topicstream.topic.OutboundBudget;
import io.topicstream.transport.Endpoint;
import io.topicstream.transport.Ingress;
import io.topicstream.transport.TlsFiles;
import io.topicstream.transport.Transport;
import io.topicstream.transport.TransportLimits;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/// One node: an engine, the commands over it, and the front doors, put together by constructors from
/// top to bottom. Methods may be called on any thread but an event loop's.
public final class TopicStreamServer implements AutoCloseable {
    private static final System.Logger LOGGER = System.getLogger(TopicStreamServer.class.getName());
    private static final int CLOSE_CODE_RESTART = 1012;
    /// How long connections are given when the server stops; all of it has ended a second or two later.
    private static final Duration DRAIN = Duration.ofSeconds(5);
    /// How much longer than that the loops may take to end, before the engine is closed without them.
    private static final Duration LOOPS_PATIENCE = Duration.ofSeconds(4);
    /// What of that is left for all else when the ends of connections have been told.
    private static final Duration LAST_STEPS = Duration.ofMillis(500);
    /// How much longer than the connections are given all of it may take.
    private static final Duration STOP_PATIENCE = Duration.ofSeconds(10);
    /// How long the store may take for what users have acknowledged last.
    private static final Duration ACKS_PATIENCE = Duration.ofSeconds(2);
    /// How long a loop may not come to its clock before this server counts as not ready.
    private static final long LOOP_STALL_MS = 5000;
    /// For how long no thread of a store that is well stands still: each turns once a second, or after one sync.
    private static final long STORE_STILL_MS = 10_000;

    private final Engine engine;
    private final Transport transport;
    private final LaneFronts lanes;
    private final NodeTag tag;
    private final PresenceThread presence;
    private final EndedRights rights;
    private final SinkThread sinks;
    private final InetSocketAddress address;
    private final @Nullable TlsFiles tls;
    private final boolean onlyTls;
    private final @Nullable InetSocketAddress tlsAddress;
    private final AdminToken adminToken;
    private final Granted granted;
    private final Duration stopDelay;
    private final @Nullable FreeSpace freeSpace;
    private final DataOfUsers ofUsers;
    private final AdminBackup backup;
    private final ReadinessLog readinessLog;
    private final PendingAcks acks;
    private final @Nullable ServedGateway gateway;
    private final ChatPageStart chatPage;
    private final AuthenticatorChain chain;
    private volatile boolean stopping;

    /// Opens the configured engine and serves it.
    ///
    /// @throws StartException with one plain sentence, where that cannot be
    public static TopicStreamServer start(ServerConfig config) throws StartException {
        Engine engine = Engine.open(config);
        try {
            return new TopicStreamServer(engine, config);
        } catch (StartException | RuntimeException e) {
            engine.close().run();
            throw e;
        }
    }

    /// Serves an engine that is open; it is closed when the server stops, unless it is [Engine#shared].
    ///
    /// @throws StartException with one plain sentence, where that cannot be; the engine is then left open
    public TopicStreamServer(Engine engine, ServerConfig config) throws StartException {
        this.engine = engine;
        this.stopDelay = config.listen().stopDelay();
        this.freeSpace = switch (config.process().engine()) {
            case ROCKSDB -> new FreeSpace(config.data().dir());
            case MEMORY -> null;
        };
        InstantSource clock = InstantSource.system();
        SecureRandom random = new SecureRandom();
        CommandLimits limits = config.commands();
        this.granted = Granted.by(config);
        TransportLimits transportLimits = granted.limits().transport(config.http(), config.webSocket());
        ErrorCounts errors = new ErrorCounts();
        LogLimit logLimit = new LogLimit(clock);
        Traffic traffic = new Traffic(errors, logLimit, config.log().access());

        this.tls = StartChecks.openTls(config);
        GatewayStart gatewayStart = GatewayStart.of(config);

        // Who somebody is.
        ApiKeys keys = new ApiKeys(engine.state(), random, clock);
        StartChecks.requireKnownCallers(config, answer(keys.isAny()));
        Timers timers = (task, delayMs) -> CompletableFuture.delayedExecutor(delayMs, TimeUnit.MILLISECONDS)
                .execute(task);
        Signals ofRecords = new InsistentSignals(engine.feed(), timers, random);
        keys.onRevocation(
                credentialId -> ofRecords.signal(SystemTopics.CREDENTIALS, new Signal.Revoked(credentialId).encode()));
        this.chain = new AuthenticatorChain(config, keys, clock);
        FailedCredentials failures =
                new FailedCredentials(clock, config.access().wrongCredentialsPerMinute());
        EndedRights rights = new EndedRights(engine.state(), ofRecords, keys, clock);
        answer(rights.catchUp());
        this.rights = rights;
        Authenticator authenticators = new RightfulCallers(new Authenticators(chain.members(), failures), rights);
        Doorman doorman = new Doorman(
                new Hosts(config.listen().bind(), config.listen().allowedHosts()),
                new Origins(config.listen().allowedOrigins()),
                new RefusedNames(clock),
                authenticators);

        // What can be asked for.
        Memberships durable = new Memberships(
                engine.state(),
                engine.log(),
                ofRecords,
                clock,
                limits.durableSubscriptionsPerUser(),
                limits.chatsPerUser());
        Rooms rooms = new Rooms(engine.state(), ofRecords, clock);
        PresencePolicies policies = new PresencePolicies(config.policies(), rooms);
        this.presence = new PresenceThread(engine, policies, config, clock, random);
        this.sinks = new SinkThread(engine, config, clock, random);
        presence.presence().tell(sinks.events());
        Receipts receipts = new Receipts(engine.state(), engine.log(), engine.feed(), presence.presence(), policies);
        this.acks = new PendingAcks(receipts, clock, timers);
        Notices notices = new Notices(engine.feed(), clock);
        RoomDeletions deletions = new RoomDeletions(engine.log(), durable, receipts, rooms, rights::endRoom, clock);
        People people = new People(
                durable,
                presence.presence(),
                receipts,
                acks,
                new Names(engine.ephemeral(), this::mayBeOpen),
                rooms,
                notices,
                new Redactions(engine.log(), ofRecords),
                deletions);
        this.ofUsers = new DataOfUsers(engine, people, keys, rights, clock, timers);
        Commands commands =
                new Commands(engine.log(), engine.feed(), people, authenticators, config.policies(), limits);
        Quota quota = RateLimits.of(
                config.rates().connection(),
                config.rates().user(),
                config.stageRates(),
                granted.limits().total(),
                clock);
        Node node = new Node(
                engine.log(),
                durable,
                presence.presence(),
                policies,
                keys,
                rights,
                commands,
                quota,
                clock,
                transportLimits.webSocket().pingInterval().toMillis(),
                notices);

        // How its connections are found.
        byte[] idKey = answer(ConnectionKey.of(engine.state(), random));
        this.tag = answer(NodeTag.lease(engine.ephemeral(), clock, random));

        // What it says of itself.
        ServerFigures figures = new ServerFigures(() -> chain.figures(failures, rights, quota));
        this.readinessLog = new ReadinessLog(figures.readiness(), logLimit);

        // Where it is asked.
        this.transport = Transport.start(config.process().eventLoops(), transportLimits);
        OutboundBudget outbound = new OutboundBudget(granted.limits().outboundBytes());
        this.lanes = new LaneFronts(
                transport.eventLoops(),
                node,
                engine.feed(),
                outbound,
                random,
                config.policies().maxPayloadBytes(),
                tag,
                presence.presence()::isAnyAlive,
                lane -> new ConnectionIds(tag::tag, lane, idKey, random),
                errors::count,
                sinks.events());
        rights.onChange(chain::onRightsChanged);
        rights.onChange(lanes::tellRights);
        rights.watch(timers);
        presence.presence().start(tag.tag(), lanes::tellPresence, lanes::claimNamesAgain);
        this.gateway = gatewayStart == null ? null : gatewayStart.open(lanes, doorman, rights, outbound, clock, random);

        // What HTTP is answered.
        this.backup = new AdminBackup(engine.backups(), clock);
        StageTable stageTable = new StageTable(config.stages());
        this.chatPage = ChatPageStart.of(config);
        Routes routes = new Routes(
                List.of(
                        new TopicRoutes(engine.log().durability(), commands).routes(),
                        new UserRoutes(engine.log().durability(), commands).routes(),
                        new PresenceRoutes(commands).routes(),
                        new RoomRoutes(commands).routes(),
                        new ChatRoutes(commands).routes(),
                        chatPage.routes(),
                        new HomePage(Version.TEXT, stageTable.first(), chatPage.path()).routes(),
                        new HealthRoutes(figures.readiness()).routes(),
                        new OpenApiRoute().routes(),
                        new MetricsPage(figures, errors, traffic).routes(),
                        new AdminKeys(keys, clock, chain.endGuests()).routes(),
                        new AdminUsers(rights, clock).routes(),
                        backup.routes(),
                        new SinkRoutes(sinks.sinks().parts()).routes(),
                        ofUsers.routes(),
                        new AdminRooms(rooms, deletions).routes(),
                        new AdminCompaction(engine.compaction()).routes(),
                        new ConnectionRoutes(lanes.connections()).routes()),
                new RouteGates(doorman, this::isAdminToken, traffic::onWrongAdminToken),
                path -> stageTable.at(path) != null);
        try {
            StartChecks.requireOwnPaths(config, routes);
        } catch (StartException e) {
            stopTransport(Duration.ZERO, Duration.ZERO).join();
            throw e;
        }
        Stages stages = new Stages(stageTable, doorman, rights, lanes);
        HttpDoor http = new HttpDoor(routes, doorman, lanes::lane, engine.log(), quota, clock, errors::count);
        Ingress plain = new Ingress(
                config.proxies().trusted()::contains, config.proxies().proxyProtocol(), null);
        Endpoint own = new Endpoint(
                http,
                stages,
                doorman::servesHost,
                doorman::onForeignHost,
                http::refusalFields,
                Routes::isHealth,
                traffic,
                plain);
        Endpoint endpoint = gateway == null ? own : gateway.before(own, GatewayStart.own(routes, stageTable, doorman));
        Integer tlsPort = config.tls() == null ? null : config.tls().port();
        this.onlyTls = tls != null && tlsPort == null;
        this.address = reserve(config, config.listen().port(), tls != null && onlyTls ? endpoint.over(tls) : endpoint);
        this.tlsAddress = tls == null || tlsPort == null ? null : reserve(config, tlsPort, endpoint.over(tls));
        try {
            this.adminToken = writeAdminToken(config, address, random);
        } catch (StartException e) {
            stopTransport(Duration.ZERO, Duration.ZERO).join();
            throw e;
        }
        if (tls != null) {
            tls.watch();
        }
        if (gateway != null) {
            gateway.watch();
        }
        tag.keep(timers);
        chain.start();
        ofUsers.resume();
        // Nobody is answered before there is a token to hold theirs against.
        transport.open();
        sinks.sinks().start();
        readinessLog.start();
    }

    /// What a store answers while the server is put together.
    private static <T> T answer(CompletionStage<T> stage) throws StartException {
        try {
            return stage.toCompletableFuture().join();
        } catch (CompletionException e) {
            throw new StartException(StartException.Cause.DATA, "the store does not answer: " + e.getCause(), e);
        }
    }

    private InetSocketAddress reserve(ServerConfig config, int port, Endpoint endpoint) throws StartException {
        InetAddress bind = config.listen().bind();
        try {
            return transport.reserve(new InetSocketAddress(bind, port), endpoint);
        } catch (IOException e) {
            stopTransport(Duration.ZERO, Duration.ZERO).join();
            throw StartException.cannotListen(bind, port, e);
        }
    }

    /// Writes it to the first of the places for it that can be written to.
    private static AdminToken writeAdminToken(ServerConfig config, InetSocketAddress address, SecureRandom random)
            throws StartException {
        List<String> failures = new ArrayList<>();
        for (Path directory : RunDirectory.of(
                config.admin().runDir(),
                System.getenv(),
                Path.of(System.getProperty("user.home")),
                config.process().engine() == ProcessSection.Engine.ROCKSDB
                        ? config.data().dir()
                        : null)) {
            try {
                return AdminToken.write(directory, address, random);
            } catch (IOException e) {
                failures.add(String.valueOf(e.getMessage()));
            }
        }
        throw new StartException(
                StartException.Cause.FILES,
                "the administrator's token cannot be written: " + String.join("; ", failures)
                        + ". Set server.run_dir to a directory that this user may write to");
    }

    /// Asked when somebody wants a name that another has: by then all of the server is there.
    private CompletionStage<Boolean> mayBeOpen(String connectionId) {
        return lanes.connections().mayBeOpen(connectionId);
    }

    private boolean isAdminToken(String presented) {
        return adminToken.matches(presented);
    }

    /// The path of the chat page; null where there is none.
    public @Nullable String chatPage() {
        return chatPage.path();
    }

    /// Why there is no chat page; null where there is one, or where there is to be none.
    public @Nullable String chatPageAbsence() {
        return chatPage.absence();
    }

    /// What an operator should know about its limits, in one line each.
    public List<String> notes() {
        return granted.notes();
    }

    /// Where it listens.
    public InetSocketAddress address() {
        return address;
    }

    /// The gateway's part of it; null where it has none.
    public @Nullable ServedGateway gateway() {
        return gateway;
    }

    /// Whether it speaks TLS, and nothing else, where it listens.
    public boolean isTlsOnly() {
        return onlyTls;
    }

    /// Where it listens for TLS too, if that is a second port; else null.
    public @Nullable InetSocketAddress tlsAddress() {
        return tlsAddress;
    }

    /// Stops in phases: not ready, no new connections, clients are told and closed spread out, then the
    /// engine. Completes when all of it has ended, which takes no longer than [#longestStop] unless something is
    /// stuck; a second call does nothing.
    public CompletableFuture<Void> stop() {
        return stop(stopDelay, DRAIN);
    }

    /// The same at once but with this time for the connections.
    public CompletableFuture<Void> stop(Duration drain) {
        return stop(Duration.ZERO, drain);
    }

    /// How long [#stop()] may take. What has not ended then never will.
    public Duration longestStop() {
        return stopDelay.plus(DRAIN).plus(STOP_PATIENCE);
    }

    private CompletableFuture<Void> stop(Duration delay, Duration drain) {
        synchronized (this) {
            if (stopping) {
                return CompletableFuture.completedFuture(null);
            }
            stopping = true;
        }
        readinessLog.close();
        rights.stop();
        Duration patience = delay.plus(drain).plus(LOOPS_PATIENCE);
        CompletableFuture<Void> loopsEnded =
                stopTransport(delay, drain).completeOnTimeout(null, patience.toMillis(), TimeUnit.MILLISECONDS);
        return loopsEnded.thenRunAsync(() -> {
            try {
                adminToken.close();
            } catch (IOException e) {
                LOGGER.log(
                        System.Logger.Level.WARNING,
                        "the administrator's token stays behind",
                        new UncheckedIOException(e));
            }
            ofUsers.stop();
            backup.stop();
            sinks.end();
            storeLastAcks();
            // Again, for where the loops have not ended: an engine that is closed has no leases to renew.
            tag.end();
            presence.end();
            engine.close().run();
        });
    }

    /// What clients were not answered for is stored all the same, if the store takes it now.
    private void storeLastAcks() {
        acks.flush()
                .toCompletableFuture()
                .completeOnTimeout(null, ACKS_PATIENCE.toMillis(), TimeUnit.MILLISECONDS)
                .join();
    }

    private CompletableFuture<Void> stopTransport(Duration delay, Duration drain) {
        // Once its loop has ended, a lane belongs to the thread that saw it end.
        if (tls != null) {
            tls.close();
        }
        long untilNs = System.nanoTime()
                + delay.plus(drain).plus(LOOPS_PATIENCE).minus(LAST_STEPS).toNanos();
        return transport
                .stop(delay, drain, CLOSE_CODE_RESTART)
                .thenRun(lanes::close)
                .thenRun(chain::close)
                .thenCompose(_ -> gateway == null
                        ? CompletableFuture.completedFuture(null)
                        : gateway.stop(Duration.ofNanos(Math.max(0, untilNs - System.nanoTime()))))
                .thenRun(tag::end)
                .thenCompose(_ -> presence.stop())
                .thenCompose(_ -> sinks.stop());
    }

    /// Stops at once, and waits for it.
    @Override
    public void close() {
        stop(Duration.ZERO).join();
    }

    private final class ServerFigures implements Figures {
        private final Supplier<AccessFigures> access;
        private final Readiness readiness = new Readiness(List.of(
                new Condition("running", "the server is stopping", () -> !stopping),
                new Condition(
                        "loops_running", "an event loop does not run", () -> transport.slowestLoopMs() < LOOP_STALL_MS),
                new Condition("store_takes_writes", "the store takes no writes", this::storeTakesWrites),
                new Condition(
                        "store_turns",
                        "a thread of the store stands still",
                        () -> engine.log().figures().stillMs() < STORE_STILL_MS)));

        ServerFigures(Supplier<AccessFigures> access) {
            this.access = access;
        }

        @Override
        public long acceptedMessages() {
            return engine.log().figures().acceptedMessages();
        }

        @Override
        public long committedMessages() {
            return engine.log().figures().committedMessages();
        }

        @Override
        public Trimmed trimmedMessages() {
            return engine.log().figures().trimmed();
        }

        @Override
        public long deliveredMessages() {
            return sum(EventLoopLane::delivered);
        }

        @Override
        public long queueBytes() {
            return engine.log().figures().queuedBytes();
        }

        @Override
        public long liveSubscriptions() {
            return sum(EventLoopLane::liveSubscriptions);
        }

        @Override
        public long catchingUpSubscriptions() {
            return sum(EventLoopLane::catchingUpSubscriptions);
        }

        @Override
        public StateFigures ephemeral() {
            return engine.ephemeralFigures().get();
        }

        @Override
        public AccessFigures access() {
            return access.get();
        }

        @Override
        public long connections() {
            return transport.connections();
        }

        @Override
        public long connectionLimit() {
            return granted.limits().total();
        }

        @Override
        public long freeBytes() {
            return freeSpace == null ? -1 : freeSpace.lastKnownBytes();
        }

        @Override
        public List<GatewayMetrics.Series> gateway() {
            return gateway == null ? List.of() : gateway.metrics();
        }

        @Override
        public EventFigures events() {
            return sinks.figures();
        }

        @Override
        public String version() {
            return Version.TEXT;
        }

        @Override
        public boolean storeTakesWrites() {
            return engine.log().figures().takesWrites();
        }

        @Override
        public Readiness readiness() {
            return readiness;
        }

        @Override
        public long slowestLoopMs() {
            return transport.slowestLoopMs();
        }

        @Override
        public long incompleteBytes() {
            return transport.incompleteBytes();
        }

        @Override
        public long answerBytes() {
            return transport.answerBytes();
        }

        private long sum(ToLongFunction<EventLoopLane> figure) {
            return lanes.lanes().stream().mapToLong(figure).sum();
        }
    }
}
