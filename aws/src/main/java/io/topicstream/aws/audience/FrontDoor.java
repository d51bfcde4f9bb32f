package io.topicstream.aws.audience;

import static io.topicstream.aws.audience.Waits.await;
import static java.nio.charset.StandardCharsets.UTF_8;

import io.topicstream.access.ApiKeys;
import io.topicstream.access.Authentication;
import io.topicstream.access.Authenticator;
import io.topicstream.access.Authenticators;
import io.topicstream.access.Credentials;
import io.topicstream.access.EndedRights;
import io.topicstream.access.FailedCredentials;
import io.topicstream.access.Identity;
import io.topicstream.access.RightfulCallers;
import io.topicstream.access.RightsEnd;
import io.topicstream.aws.audience.Callbacks.Answer;
import io.topicstream.aws.audience.Connection.Phase;
import io.topicstream.aws.audience.Task.Place;
import io.topicstream.command.Commands;
import io.topicstream.command.Quota;
import io.topicstream.command.Refusal;
import io.topicstream.dialect.Dialects;
import io.topicstream.dialect.Handshake;
import io.topicstream.door.Doorman;
import io.topicstream.door.Origins;
import io.topicstream.door.RefusedNames;
import io.topicstream.log.Admission;
import io.topicstream.log.TopicExtent;
import io.topicstream.log.TopicLog;
import io.topicstream.log.TopicName;
import io.topicstream.people.Memberships;
import io.topicstream.people.Names;
import io.topicstream.people.NodePresence;
import io.topicstream.people.Notices;
import io.topicstream.people.People;
import io.topicstream.people.PresencePolicies;
import io.topicstream.people.Receipts;
import io.topicstream.people.Redactions;
import io.topicstream.people.RoomDeletions;
import io.topicstream.people.Rooms;
import io.topicstream.protocol.ErrorCode;
import io.topicstream.protocol.WireFormat;
import io.topicstream.session.Attributes;
import io.topicstream.session.Node;
import io.topicstream.session.Opened;
import io.topicstream.session.SessionRecord;
import io.topicstream.signal.Signal;
import io.topicstream.signal.SystemTopics;
import io.topicstream.state.StateStore;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// A front door that forgets: behind a gateway that keeps the sockets, it makes the session, its listener and its
/// dialect anew for each message, out of what the ports keep, and drops them when it has been run. Blocks; thread-safe.
///
/// What it holds itself is what a function is deployed with: the ports, and the commands over them. It uses no
/// [io.topicstream.log.TopicFeed].
///
/// Nobody tells it that a connection has opened, and before it has nothing can be posted to it. So the one that lets it
/// in calls for a [Task.Greet], which asks the gateway until it is open; then it greets, and lets the messages begin.
///
/// What a call has begun may be under way when it has an answer, so all is done within a [#call].
public final class FrontDoor implements AutoCloseable {
    /// Tokens that the topics dialect's older clients send for nobody.
    private static final Set<String> GUEST_TOKENS = Set.of("valid_test_token", "valid_token");
    /// What a session has that joins the user's topics itself.
    static final String JOINS = "durable";
    /// How often clients are to ping, so that the gateway does not take them for idle: it waits ten minutes.
    private static final long PING_MS = Duration.ofMinutes(5).toMillis();

    /// How long a gateway waits for a function.
    private static final long LONGEST_FRAME_MS = 30_000;

    private final DoorSettings settings;
    private final Callbacks callbacks;
    private final Later later;
    private final Runs runs = new Runs();
    private final ConnectionRows connections;
    private final EndedRights rights;
    private final ApiKeys keys;
    private final Callers callers;
    private final Doorman doorman;
    private final Commands commands;
    private final TopicLog log;
    private final Node node;
    private final Posts posts;
    private final FanOut fanOut;
    private final Distribution distribution;
    private final RowPresence presence;
    private final RowAudience audience;
    private final Ends ends;
    private final Hints hints;
    private final InstantSource clock;
    /// In epoch milliseconds; so the first call always looks.
    private volatile long rightsLookedAtMs;

    private final Object looking = new Object();

    /// @param engine where log and state are
    /// @param callbacks to the clients' gateway
    /// @param later calls that nobody waits for
    public FrontDoor(Ports engine, DoorSettings settings, Callbacks callbacks, Later later, InstantSource clock) {
        this.settings = settings;
        this.callbacks = callbacks;
        this.later = later;
        this.clock = clock;
        SecureRandom random = new SecureRandom();
        this.log = new DeliveredLog(engine.log(), this::onAppended);
        this.posts = new Posts(callbacks);
        this.connections = new ConnectionRows(engine.stateOfNodes(), clock);
        AudienceRows rows = new AudienceRows(engine.stateOfNodes(), clock);
        Turns turns = new Turns(engine.stateOfNodes(), clock);
        this.fanOut = new FanOut(
                log,
                rows,
                turns,
                connections,
                posts,
                runs,
                later,
                this::dialects,
                this::end,
                clock,
                this::endsWithoutRights,
                settings.listenersPerShard());

        this.distribution = new Distribution(
                settings::leavesToWorkflow,
                log,
                rows,
                turns,
                connections,
                fanOut,
                posts,
                this::dialects,
                this::endsWithoutRights,
                clock);

        // Who somebody is.
        this.keys = new ApiKeys(engine.state(), random, clock);
        keys.onRevocation(id -> signal(SystemTopics.CREDENTIALS, new Signal.Revoked(id).encode()));
        this.rights = new EndedRights(engine.state(), this::signal, keys, clock);
        this.callers = new Callers(keys, settings, runs::begin, clock);
        Authenticator authenticators = new RightfulCallers(
                new Authenticators(callers.members(), new FailedCredentials(clock, FailedCredentials.DEFAULT_LIMIT)),
                rights);
        this.doorman = new Doorman(
                settings.hosts(), new Origins(settings.allowedOrigins()), new RefusedNames(clock), authenticators);

        // What can be asked for.
        Notices notices = new Notices(this::signal, clock);
        Notices ofConnections = new Notices(this::signalOfConnection, clock);
        Rooms rooms = new Rooms(engine.state(), this::signal, clock);
        PresencePolicies policies = new PresencePolicies(settings.policies(), rooms);
        this.presence = new RowPresence(
                policies,
                engine.stateOfNodes(),
                connections,
                later,
                NodePresence.GRACE,
                clock,
                this::isGone,
                this::end,
                fanOut::enqueueSignal);
        this.audience = new RowAudience(log, rows, turns, fanOut, presence, notices, clock);
        Memberships memberships = new Memberships(
                engine.state(),
                log,
                this::signal,
                clock,
                settings.limits().durableSubscriptionsPerUser(),
                settings.limits().chatsPerUser());
        // Between two frames nothing waits, so acks are stored at once.
        Receipts receipts = new Receipts(engine.state(), log, this::signal, presence, policies);
        People people = new People(
                memberships,
                presence,
                receipts,
                receipts,
                new Names(
                        engine.stateOfNodes(),
                        connectionId -> CompletableFuture.completedFuture(!isGone(connectionId))),
                rooms,
                notices,
                new Redactions(log, this::signal),
                new RoomDeletions(log, memberships, receipts, rooms, rights::endRoom, clock));
        this.commands = new Commands(log, this::signal, people, authenticators, settings.policies(), settings.limits());
        this.node = new Node(
                log,
                memberships,
                presence,
                policies,
                keys,
                rights,
                commands,
                Quota.UNLIMITED,
                clock,
                PING_MS,
                ofConnections);
        this.ends = new Ends(connections, rows, callbacks, rights, notices, ofConnections, presence, commands);
        this.hints = new Hints(
                runs, later, fanOut, rows, connections, audience, policies, memberships, rights, ends, this::restored);
        rights.onChange(callers::onRightsChanged);
        rights.onChange(change -> runs.begin(() -> hints.onRightsChanged(change)));
    }

    /// What a front door stands on.
    ///
    /// @param state what is kept
    /// @param stateOfNodes what ends with connections
    public record Ports(TopicLog log, StateStore state, StateStore stateOfNodes) {}

    private void onAppended(TopicName topic) {
        if (!settings.leavesToWorkflow(topic)) {
            fanOut.enqueueAppended(topic);
        }
    }

    /// What is said of a connection that comes or ends: a workflow says it by the event that tells of it.
    private Admission signalOfConnection(TopicName topic, byte[] signal) {
        return settings.leavesToWorkflow(topic) ? Admission.ACCEPTED : signal(topic, signal);
    }

    private Admission signal(TopicName topic, byte[] signal) {
        return hints.signal(topic, signal);
    }

    private void end(String connectionId) {
        ends.end(connectionId);
    }

    /// Before it closes a connection it looks once more: another environment may have let it in since it was told that
    /// it may again.
    private boolean endsWithoutRights(Connection connection) {
        if (rights.endOf(connection.session().identity()) == null) {
            return false;
        }
        look();
        return ends.endsWithoutRights(connection);
    }

    private boolean isGone(String connectionId) {
        return callbacks.describe(connectionId) == Answer.GONE;
    }

    private FreshDialects dialects() {
        return new FreshDialects(settings.policies().maxPayloadBytes());
    }

    private FrameRun restored(ConnectionRows.Row row) {
        return new FrameRun(node, connections, audience, callbacks, posts, dialects(), row);
    }

    /// What clients can ask for, for the other doors of the same functions.
    public Commands commands() {
        return commands;
    }

    /// Who may come in, for the other doors of the same functions.
    public Doorman doorman() {
        return doorman;
    }

    /// What a workflow asks for that delivers.
    public Distribution distribution() {
        return distribution;
    }

    /// The log, of which each append is delivered.
    public TopicLog log() {
        return log;
    }

    /// The API keys, for those who administer them.
    public ApiKeys keys() {
        return keys;
    }

    /// Whose rights have ended, for those who administer them.
    public EndedRights rights() {
        return rights;
    }

    /// Asks nobody outside any more who callers are. The ports are not its own.
    @Override
    public void close() {
        callers.close();
    }

    // ---- what a gateway tells

    /// Handles a call of a function: looks first whose rights have ended, unless that was done just now, and returns
    /// when all has ended that the call has begun.
    public <T> T call(Supplier<T> handling) {
        return runs.within(() -> {
            catchUp();
            return handling.get();
        });
    }

    /// One looks at a time: what an older look finds must not come behind what a newer one has found. The others wait
    /// for it, for what they do must not pass it.
    private void catchUp() {
        if (hasLooked()) {
            return;
        }
        synchronized (looking) {
            if (!hasLooked()) {
                look();
            }
        }
    }

    private void look() {
        synchronized (looking) {
            long nowMs = clock.millis();
            await(rights.catchUp());
            rightsLookedAtMs = nowMs;
        }
    }

    private boolean hasLooked() {
        long sinceMs = clock.millis() - rightsLookedAtMs;
        return sinceMs >= 0 && sinceMs < EndedRights.LOOK_MS;
    }

    /// A client wants to connect.
    public Opening.Answer connect(Opening opening) {
        Dialects.Name dialect = settings.stages().get(opening.stage());
        if (dialect == null) {
            return refused(ErrorCode.NOT_FOUND, "there is no stage \"" + opening.stage() + "\"");
        }
        Handshake handshake = new Handshake(dialect, opening.parameter(), opening.subprotocols());
        Authentication.Refused problem = handshake.problem();
        if (problem != null) {
            return refused(problem);
        }
        List<String> origins = opening.origins();
        Credentials credentials = handshake.credentials(
                opening.credentials(), origins.isEmpty() ? null : origins.getFirst(), GUEST_TOKENS);
        Authentication.Refused turnedAway = doorman.turnsAway(origins, opening.host(), credentials);
        if (turnedAway != null) {
            return refused(turnedAway);
        }
        if (dialect == Dialects.Name.TOPICS && !credentials.isPresented()) {
            return refused(Handshake.KEY_WANTED);
        }
        Authentication found = await(doorman.ask(credentials));
        if (!(found instanceof Authentication.Known(Identity who))) {
            return refused(Doorman.refusal(found));
        }
        Identity named = handshake.identity(who, opening.connectionId());
        Attributes attributes = Attributes.of(handshake.attributes(named));
        SessionRecord record = new SessionRecord(
                opening.connectionId(),
                named,
                opening.stage(),
                dialect.format(handshake.takesArrays()),
                opening.address(),
                // What is learnt of later has to know it too.
                handshake.joinsDurable() ? attributes : attributes.with(JOINS, "manual"));
        return open(record, handshake.joinsDurable(), handshake.subprotocol());
    }

    private static Opening.Answer refused(Authentication.Refused why) {
        return refused(why.code(), why.reason());
    }

    private static Opening.Answer refused(ErrorCode code, String reason) {
        return new Opening.Answer.Refused(code.httpStatus(), code.wireName(), reason);
    }

    private Opening.Answer open(SessionRecord record, boolean joinDurable, @Nullable String subprotocol) {
        String id = record.connectionId();
        FrameRun run = restored(connections.create(Connection.connecting(record)));
        try {
            return open(run, joinDurable, subprotocol);
        } catch (RuntimeException e) {
            // The handshake fails, and of one that fails the gateway tells no end.
            end(id);
            throw e;
        }
    }

    private Opening.Answer open(FrameRun run, boolean joinDurable, @Nullable String subprotocol) {
        SessionRecord record = run.session().record();
        String id = record.connectionId();
        CompletableFuture<Opening.Answer> answer = new CompletableFuture<>();
        run.session().open(joinDurable, new Opened() {
            @Override
            public void onOpened(List<TopicExtent> subscriptions) {
                RightsEnd ended = rights.endOf(record.identity());
                if (ended != null) {
                    // Between the check and the row by which it would have been told.
                    end(id);
                    answer.complete(
                            refused(ended.refused().code(), ended.refused().reason()));
                } else {
                    later.call(new Task.Greet(id, subscriptions, run.places()), Duration.ZERO);
                    answer.complete(new Opening.Answer.Accepted(subprotocol));
                }
            }

            @Override
            public void onRefused(Refusal refusal) {
                end(id);
                answer.complete(refused(refusal.code(), refusal.reason()));
            }
        });
        return await(answer);
    }

    /// A client has sent a message.
    ///
    /// @param receivedMs when the gateway had it, in epoch milliseconds
    public void message(String connectionId, String text, long receivedMs) {
        ConnectionRows.Row row = connections.load(connectionId);
        if (row != null && !endsWithoutRights(row.connection())) {
            FrameRun run = restored(row);
            if (run.listener().format() == WireFormat.TOPICS) {
                // The dialect tells nobody when a subscription holds, so it holds for all that is sent after it.
                run.listener().startFrom(Math.max(receivedMs, clock.millis() - LONGEST_FRAME_MS));
            }
            run.run(text.getBytes(UTF_8));
            if (run.isGone()) {
                end(connectionId);
            }
        }
    }

    /// A connection has ended.
    public void disconnected(String connectionId) {
        end(connectionId);
    }

    // ---- what calls call for

    /// Does a task.
    public void run(Task task) {
        switch (task) {
            case Task.Greet(String connectionId, List<TopicExtent> subscriptions, List<Place> places) ->
                greet(connectionId, subscriptions, places);
            case Task.Deliver(TopicName topic, int shard) -> fanOut.deliver(topic, shard);
            case Task.CatchUp(TopicName topic, int shard, String connectionId) ->
                fanOut.deliver(topic, shard, connectionId);
            case Task.Say(TopicName topic, int shard, byte[] signal) -> fanOut.say(topic, shard, signal);
            case Task.Begin(String connectionId, Place place) -> hints.begin(connectionId, place);
            case Task.Forget(String connectionId, String user, List<TopicName> topics) ->
                presence.forget(connectionId, user, topics);
        }
    }

    /// Greets the client, and lets the messages come.
    private void greet(String connectionId, List<TopicExtent> subscriptions, List<Place> places) {
        OpeningWait opening = new OpeningWait(connectionId, connections);
        ConnectionRows.Row row = opening.untilOpen(callbacks) ? connections.load(connectionId) : null;
        if (row == null) {
            end(connectionId);
            return;
        }
        if (row.connection().phase() == Phase.ENDED || endsWithoutRights(row.connection())) {
            // When its rights ended it could not be closed yet.
            return;
        }
        // Else a call before this one has greeted it, and may have died before it let the messages come.
        boolean isNew = row.connection().phase() == Phase.CONNECTING;
        FrameRun run = restored(row);
        if (isNew) {
            run.whileOpening(opening, () -> run.session().greet(subscriptions));
        }
        if (run.isGone()) {
            end(connectionId);
        } else if (run.listener().change(connection -> connection.in(Phase.OPEN))) {
            audience.beginAll(run.session().record(), places);
            places.forEach(place -> hints.attend(run.listener(), place.topic()));
            if (isNew) {
                run.session().announce();
            }
        }
    }
}
