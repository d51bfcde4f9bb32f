package io.topicstream.server.gateway;

import static java.util.stream.Collectors.joining;

import io.netty.channel.EventLoop;
import io.topicstream.access.EndedRights;
import io.topicstream.connection.Connections;
import io.topicstream.connection.LaneConnections;
import io.topicstream.door.Doorman;
import io.topicstream.gateway.Gateway;
import io.topicstream.gateway.GatewayLog;
import io.topicstream.gateway.GatewayMetrics;
import io.topicstream.gateway.RequestIds;
import io.topicstream.gateway.backend.Aside;
import io.topicstream.gateway.backend.BackEndSettings;
import io.topicstream.gateway.backend.FunctionBackEnd;
import io.topicstream.gateway.backend.HttpBackEnd;
import io.topicstream.gateway.backend.MockBackEnd;
import io.topicstream.gateway.http.CallBounds;
import io.topicstream.gateway.http.HttpCaller;
import io.topicstream.gateway.integration.BackEnd;
import io.topicstream.gateway.integration.BackEnds;
import io.topicstream.gateway.lambda.Functions;
import io.topicstream.gateway.lambda.LocalFunctions;
import io.topicstream.gateway.lambda.RemoteFunctions;
import io.topicstream.gateway.mapping.Mappings;
import io.topicstream.gateway.mapping.Templates;
import io.topicstream.gateway.model.Definition;
import io.topicstream.gateway.model.Integration;
import io.topicstream.gateway.signature.Credentials;
import io.topicstream.gateway.signature.SignatureCheck;
import io.topicstream.server.config.section.GatewaySection;
import io.topicstream.server.delivery.LaneFront;
import io.topicstream.topic.OutboundBudget;
import io.topicstream.transport.Endpoint;
import io.topicstream.transport.RequestHead;
import io.topicstream.transport.WebSocketLimits;
import java.net.URI;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/// The gateway as a server runs it: its back ends, its door and its callback API, put together by constructors,
/// and what reads its definition again. Thread-safe.
public final class ServedGateway implements AutoCloseable {
    private static final System.Logger LOGGER = System.getLogger(ServedGateway.class.getName());

    private final GatewaySection section;
    private final Gateway gateway;
    private final GatewayHosts hosts;
    /// Where answers are looked at for long, and where servers want TLS.
    private final HttpCaller caller;
    /// Where answers go on as they are.
    private final LoopCalls loopCalls;
    private final ExecutorService templating = Executors.newVirtualThreadPerTaskExecutor();
    /// Those of this machine, or null where functions run elsewhere.
    private final @Nullable LocalFunctions local;

    private final SocketTerms terms;
    private final AnswerFields fields;
    private final Arrivals arrivals = new Arrivals();
    private final Node node;
    private final DefinitionWatch watch;
    private volatile Definition definition;

    /// What the gateway needs of its node.
    ///
    /// @param connections of all nodes
    /// @param connectionsOn those of one of this node's event loops
    /// @param lanes what each of them has of its own, by the numbers of their lanes
    /// @param doorman says who is who where an API does not
    /// @param rights whose have ended
    /// @param flush sends what was written to connections on a loop, to be called on it
    /// @param budget of what waits to be sent
    /// @param limits of the node's other WebSockets
    /// @param clock the time of day
    /// @param random thread-safe
    /// @param environment where credentials may stand
    public record Node(
            Connections connections,
            Function<EventLoop, LaneConnections> connectionsOn,
            List<LaneFront> lanes,
            Doorman doorman,
            EndedRights rights,
            Consumer<EventLoop> flush,
            OutboundBudget budget,
            WebSocketLimits limits,
            InstantSource clock,
            RandomGenerator random,
            Map<String, String> environment) {}

    /// What the server around it has of its own.
    ///
    /// @param paths which are its HTTP API's, by their segments
    /// @param stages which are its stages', by their segments
    /// @param foreignPages which requests come from pages that may not call without a credential
    public record Own(
            Predicate<List<String>> paths, Predicate<List<String>> stages, Predicate<RequestHead> foreignPages) {}

    /// @param definition what was read of the section's file
    public ServedGateway(GatewaySection section, Definition definition, Node node) {
        this.section = section;
        this.node = node;
        this.definition = definition;
        this.terms =
                new SocketTerms(section.settings(), node.clock(), () -> System.nanoTime() / 1_000_000, node.budget());
        RequestIds ids = new RequestIds(node.random().nextLong());
        this.fields = new AnswerFields(ids, node.clock(), node.random());
        CallBounds bounds = new CallBounds(section.calls());
        this.caller = new HttpCaller(bounds);
        this.loopCalls = new LoopCalls(
                node.lanes().stream().map(lane -> lane.lane().loop()).toList(), bounds, caller);
        URI lambda = section.lambdaEndpoint();
        Functions invoked;
        if (lambda == null) {
            this.local = new LocalFunctions(definition.functions(), section.functions(), node.environment());
            invoked = local;
        } else {
            this.local = null;
            invoked = remote(lambda, section, caller, node);
        }
        this.gateway = new Gateway(
                definition,
                section.settings(),
                new Gateway.Ports(
                        backEnds(invoked),
                        invoked,
                        section.signingKeys().isEmpty()
                                ? null
                                : new SignatureCheck(section.signingKeys(), node.clock()),
                        node.clock(),
                        ids,
                        this::reply,
                        GatewayLog.ofSystem()));
        this.hosts = new GatewayHosts(section.settings().apiId());
        this.hosts.take(definition);
        this.watch = new DefinitionWatch(section.definition(), section.parameters(), definition, this::take, () -> {
            if (local != null) {
                local.lookAtCode();
            }
        });
    }

    private BackEnd backEnds(Functions functions) {
        BackEndSettings settings = section.backEnds();
        Mappings mappings = new Mappings(new Templates(section.templates()));
        // Templates are rendered where the answer comes, which is to be no event loop.
        BackEnd http = new HttpBackEnd(caller, mappings, settings);
        BackEnd function = new FunctionBackEnd(functions, mappings, settings);
        return new BackEnds(Map.of(
                Integration.Type.HTTP,
                new Aside(http, templating),
                Integration.Type.HTTP_PROXY,
                new LastCalls(new HttpBackEnd(loopCalls, mappings, settings), http),
                Integration.Type.AWS,
                new Aside(function, templating),
                Integration.Type.AWS_PROXY,
                function,
                Integration.Type.MOCK,
                new Aside(new MockBackEnd(mappings), templating),
                Integration.Type.TOPICSTREAM,
                new TopicStreamBackEnd(
                        mappings.requests(),
                        node.lanes(),
                        new TalkOpening(arrivals, node.doorman(), node.rights()),
                        section.settings().limits().maxMessageBytes())));
    }

    private static Functions remote(URI endpoint, GatewaySection section, HttpCaller caller, Node node) {
        @Nullable String id = node.environment().get("AWS_ACCESS_KEY_ID");
        @Nullable String secret = node.environment().get("AWS_SECRET_ACCESS_KEY");
        Credentials credentials = id == null || secret == null
                ? null
                : new Credentials(id, secret, node.environment().get("AWS_SESSION_TOKEN"));
        return new RemoteFunctions(
                caller,
                new RemoteFunctions.Settings(endpoint, section.settings().region(), credentials, Map.of()),
                node.clock());
    }

    /// Sends to a client what a back end answered. What the client does not take is dropped, as the port says.
    private void reply(String connectionId, byte[] message) {
        if (message.length <= Connections.MAX_POST_BYTES) {
            var _ = node.connections().post(connectionId, message);
        }
    }

    /// The endpoint with the gateway in front of what it served before.
    public Endpoint before(Endpoint endpoint, Own own) {
        ServerRules rules = new ServerRules(hosts, own.paths()::test, own.stages()::test, own.foreignPages()::test);
        SignatureCheck signatures = section.keys() == null ? null : new SignatureCheck(section.keys(), node.clock());
        return new Endpoint(
                new CallbackApi(
                        gateway,
                        node.connections(),
                        new CallbackApi.Surroundings(
                                endpoint.http(),
                                rules,
                                () -> signatures != null || definition.apis().size() > 1,
                                node.flush()),
                        section.settings(),
                        signatures,
                        fields),
                new GatewayDoor(
                        gateway,
                        endpoint.upgrade(),
                        rules::isForOthers,
                        node.connectionsOn(),
                        terms,
                        node.limits(),
                        fields,
                        arrivals),
                host -> endpoint.hostAllowed().test(host) || hosts.isOurs(host),
                endpoint.hostRefused(),
                endpoint.refusalFields(),
                endpoint.anyHost(),
                endpoint.observer(),
                endpoint.ingress());
    }

    /// Reads the definition again whenever its files change, from now on.
    public void watch() {
        DefinitionWatch.tell(definition.findings());
        tellOfFunctions(definition);
        watch.start();
    }

    /// Runs another definition from now on, also on connections that are open.
    void take(Definition another) {
        gateway.take(another);
        if (local != null) {
            local.take(another.functions());
        }
        hosts.take(another);
        definition = another;
        tellOfFunctions(another);
    }

    /// Says which functions run here.
    private void tellOfFunctions(Definition served) {
        if (local == null) {
            return;
        }
        String here = served.functions().stream()
                .filter(function -> LocalFunctions.run(function.runtime()))
                .map(function -> function.name() + " (" + function.runtime() + ")")
                .collect(joining(", "));
        if (!here.isEmpty()) {
            LOGGER.log(System.Logger.Level.INFO, "functions that run here: " + here);
        }
    }

    /// What was counted.
    public List<GatewayMetrics.Series> metrics() {
        return gateway.metrics().series();
    }

    /// Waits until back ends have heard of the ends of connections, and closes.
    ///
    /// @param within how long they are given; then their calls are cut
    public CompletableFuture<Void> stop(Duration within) {
        watch.close();
        return gateway.endsTold()
                .orTimeout(within.toNanos(), TimeUnit.NANOSECONDS)
                .exceptionally(_ -> {
                    LOGGER.log(
                            System.Logger.Level.WARNING,
                            "the server ends before back ends have answered for all connections that were closed");
                    return null;
                })
                .thenRun(this::close);
    }

    /// What it runs.
    public Definition definition() {
        return definition;
    }

    /// The id of its only API in place of the one in the definition, or null.
    public @Nullable String apiId() {
        return section.settings().apiId();
    }

    @Override
    public void close() {
        watch.close();
        if (local != null) {
            local.close();
        }
        loopCalls.close();
        caller.close();
        templating.shutdown();
    }
}
