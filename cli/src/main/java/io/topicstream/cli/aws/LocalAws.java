package io.topicstream.cli.aws;

import io.topicstream.aws.audience.Callbacks;
import io.topicstream.aws.audience.DoorSettings;
import io.topicstream.aws.audience.FrontDoor;
import io.topicstream.aws.dynamo.DynamoEngine;
import io.topicstream.aws.dynamo.DynamoOptions;
import io.topicstream.aws.dynamo.DynamoTable;
import io.topicstream.aws.http.Begun;
import io.topicstream.aws.http.HttpFunction;
import io.topicstream.aws.lambda.ApiGatewayCallbacks;
import io.topicstream.aws.lambda.WebSocketFunction;
import io.topicstream.command.Quota;
import io.topicstream.dialect.Dialects;
import io.topicstream.gateway.GatewaySettings;
import io.topicstream.gateway.backend.BackEndSettings;
import io.topicstream.gateway.backend.FunctionBackEnd;
import io.topicstream.gateway.definition.DefinitionException;
import io.topicstream.gateway.integration.BackEnd;
import io.topicstream.gateway.mapping.MappingLimits;
import io.topicstream.gateway.mapping.Mappings;
import io.topicstream.gateway.mapping.Templates;
import io.topicstream.gateway.model.Definition;
import io.topicstream.http.Readiness;
import io.topicstream.http.Route;
import io.topicstream.log.InMemoryLog;
import io.topicstream.server.gateway.LocalGateway;
import io.topicstream.server.local.HttpApi;
import io.topicstream.server.pages.ChatPage;
import io.topicstream.server.pages.PageFiles;
import io.topicstream.state.InMemoryStateStore;
import io.topicstream.transport.HttpHandler;
import io.topicstream.transport.TransportLimits;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/// The serverless edition on one machine: our gateway in front, the functions in this process, and a table of a
/// DynamoDB that somebody runs. Thread-safe.
public final class LocalAws implements AutoCloseable {
    /// How many environments of the function take turns.
    private static final int ENVIRONMENTS = 3;

    private final FunctionPool functions = new FunctionPool();
    private final FunctionPool httpFunctions = new FunctionPool();
    private final HttpApi http;
    private final List<Engine> engines = new ArrayList<>();
    private final List<FrontDoor> doors = new ArrayList<>();
    private final ExecutorService signals = Executors.newSingleThreadExecutor();
    private final ApiGatewayCallbacks management;
    private final LocalGateway gateway;
    private final FrontDoor first;
    private final ChatPage page = new ChatPage(PageFiles.ofChat(), null);
    private final boolean hasPage;
    private final Map<String, Dialects.Name> stages;

    /// An engine that is open.
    ///
    /// @param close ends it
    public record Engine(FrontDoor.Ports ports, Runnable close) {}

    /// What it is made of.
    ///
    /// @param engines opens where log and state are, once for each environment
    /// @param settings of the front door
    /// @param gateway how the gateway behaves
    /// @param callbacks the callback API, as functions see it
    /// @param backEnd the functions, as the gateway sees them
    /// @param clock of all of it
    public record Parts(
            Supplier<Engine> engines,
            DoorSettings settings,
            GatewaySettings gateway,
            UnaryOperator<Callbacks> callbacks,
            UnaryOperator<BackEnd> backEnd,
            InstantSource clock) {
        /// The usual ones.
        public static Parts of(DynamoTable table, DynamoOptions options) {
            return new Parts(
                    () -> {
                        DynamoEngine engine = DynamoEngine.open(table, options);
                        return new Engine(
                                new FrontDoor.Ports(engine.log(), engine.state(), engine.stateOfNodes()),
                                engine::close);
                    },
                    DoorSettings.local(),
                    GatewaySettings.DEFAULTS,
                    UnaryOperator.identity(),
                    UnaryOperator.identity(),
                    options.clock());
        }
    }

    /// What is around it.
    ///
    /// @param webSockets around each environment of their function, which takes an event or a task
    /// @param http around each environment of the one behind the HTTP API
    /// @param handler around what answers HTTP requests
    /// @param administrator who manages keys, users and sinks; null without one
    /// @param hasPage whether the chat page is served
    record Around(
            UnaryOperator<UnaryOperator<byte[]>> webSockets,
            UnaryOperator<UnaryOperator<byte[]>> http,
            UnaryOperator<HttpHandler> handler,
            @Nullable LocalAdministrator administrator,
            boolean hasPage) {
        static final Around NOTHING =
                new Around(UnaryOperator.identity(), UnaryOperator.identity(), UnaryOperator.identity(), null, true);
    }

    /// The WebSocket API of the template that comes with the command. A test may send as fast as API Gateway takes it.
    private static final class Usual {
        static final Definition DEFINITION = definition();

        private Usual() {}

        private static Definition definition() {
            try {
                return SystemTemplate.usual()
                        .with("ThrottlingBurstLimit", "5000")
                        .with("ThrottlingRateLimit", "10000")
                        .plan(false)
                        .api();
            } catch (DefinitionException e) {
                throw new IllegalStateException(e);
            }
        }
    }

    /// Opens it.
    ///
    /// @param port on the loopback, or 0 for any
    /// @throws IOException if it cannot listen there
    public LocalAws(Parts parts, int port) throws IOException {
        this(parts, Around.NOTHING, port);
    }

    /// Opens it with something around its functions.
    LocalAws(Parts parts, Around around, int port) throws IOException {
        this(parts, around, Usual.DEFINITION, port);
    }

    /// Opens it with another definition of the WebSocket API.
    LocalAws(Parts parts, Around around, Definition definition, int port) throws IOException {
        this.http = new HttpApi(httpFunctions::call);
        this.hasPage = around.hasPage();
        this.stages = stages(definition, parts.settings());
        Set<String> paths = definition.apis().getFirst().stages().keySet();
        BackEnd backEnd = parts.backEnd()
                .apply(new FunctionBackEnd(
                        functions, new Mappings(new Templates(MappingLimits.DEFAULT)), BackEndSettings.DEFAULTS));
        this.gateway = LocalGateway.open(
                new LocalGateway.Parts(
                        definition,
                        parts.gateway(),
                        null,
                        backEnd,
                        functions,
                        parts.clock(),
                        () -> System.nanoTime() / 1_000_000,
                        new InMemoryLog(parts.clock(), signals, 1),
                        new InMemoryStateStore(parts.clock(), signals),
                        TransportLimits.defaults()),
                new LocalGateway.Beside(
                        around.handler().apply(http),
                        path -> !paths.contains(path.getFirst()) || path.size() > 1,
                        (_, decision) -> decision.refuse(404, "not_found", "there is no such stage", Map.of()),
                        _ -> false,
                        _ -> false),
                new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
        this.management = ApiGatewayCallbacks.local(
                uri().resolve("/" + paths.stream().sorted().findFirst().orElseThrow()));
        Callbacks callbacks = parts.callbacks().apply(management);
        try {
            for (int i = 0; i < ENVIRONMENTS; i++) {
                Engine engine = parts.engines().get();
                engines.add(engine);
                FrontDoor door = new FrontDoor(engine.ports(), parts.settings(), callbacks, functions, parts.clock());
                doors.add(door);
                HttpFunction answering =
                        new HttpFunction(httpParts(engine, door, parts.clock(), around.administrator()));
                httpFunctions.add(around.http().apply(event -> door.call(() -> answering.handle(event))));
                functions.add(around.webSockets().apply(new WebSocketFunction(door, parts.clock())::handle));
            }
        } catch (RuntimeException e) {
            close();
            throw e;
        }
        this.first = doors.getFirst();
    }

    private HttpFunction.Parts httpParts(
            Engine engine, FrontDoor door, InstantSource clock, @Nullable LocalAdministrator administrator) {
        List<List<Route>> more = new ArrayList<>();
        if (hasPage) {
            more.add(page.routes());
        }
        if (administrator != null) {
            more.addAll(administrator.routes(engine.ports(), door, clock));
        }
        return new HttpFunction.Parts(
                door.log(),
                door.commands(),
                door.doorman(),
                Quota.UNLIMITED,
                clock,
                new Readiness(List.of()),
                presented -> administrator != null && administrator.isToken(presented),
                more,
                // The door waits for it itself.
                Begun.NOTHING,
                _ -> {},
                HttpFunction.BODY_BYTES,
                HttpFunction.PATIENCE);
    }

    /// What is spoken under the stages that there are.
    private static Map<String, Dialects.Name> stages(Definition definition, DoorSettings settings) {
        Map<String, Dialects.Name> stages = new TreeMap<>(settings.stages());
        stages.keySet().retainAll(definition.apis().getFirst().stages().keySet());
        return stages;
    }

    /// Where it is.
    public URI uri() {
        return URI.create("http://127.0.0.1:" + gateway.address().getPort());
    }

    /// Where the chat page is; null where it was not built.
    public @Nullable String chatPage() {
        return hasPage && page.isBuilt() ? uri() + ChatPage.PATH : null;
    }

    /// The address of the stage that speaks a dialect; null if no stage does.
    public @Nullable String webSocket(Dialects.Name dialect) {
        String base = "ws" + uri().toString().substring("http".length());
        return stages.entrySet().stream()
                .filter(stage -> stage.getValue() == dialect)
                .map(stage -> base + "/" + stage.getKey())
                .findFirst()
                .orElse(null);
    }

    /// The secret of the API key that is made here for this user: the same one after a restart, until it is revoked.
    public String keyOf(String user) {
        return new KeptKeys(first.keys(), engines.getFirst().ports().state()).secretOf(user);
    }

    /// One of the environments, for those who administer keys and rights.
    public FrontDoor door() {
        return first;
    }

    /// The callback API, at the address of one of the stages.
    Callbacks management() {
        return management;
    }

    /// The gateway in front.
    public LocalGateway gateway() {
        return gateway;
    }

    @Override
    public void close() {
        gateway.stop(Duration.ZERO).join();
        http.close();
        functions.close();
        httpFunctions.close();
        doors.forEach(FrontDoor::close);
        engines.forEach(engine -> engine.close().run());
        management.close();
        signals.shutdown();
    }
}
