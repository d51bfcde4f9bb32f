package io.topicstream.aws.runtime;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.amazonaws.services.lambda.runtime.Context;
import com.amazonaws.services.lambda.runtime.RequestStreamHandler;
import io.topicstream.aws.audience.FrontDoor;
import io.topicstream.aws.http.Begun;
import io.topicstream.aws.http.HttpFunction;
import io.topicstream.command.Quota;
import io.topicstream.events.Destinations;
import io.topicstream.events.admin.SinkParts;
import io.topicstream.events.admin.SinkRoutes;
import io.topicstream.http.Readiness;
import io.topicstream.http.Route;
import io.topicstream.http.admin.AdminKeys;
import io.topicstream.http.admin.AdminUsers;
import io.topicstream.json.JsonWriter;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;

/// The function behind an HTTP API, as Lambda calls it. Thread-safe.
public final class HttpHandler implements RequestStreamHandler {
    private final Renewed<Served> served;

    /// What serves.
    private record Served(FrontDoorParts parts, Destinations destinations, UnaryOperator<byte[]> function)
            implements AutoCloseable {
        static Served open(FunctionSettings settings, Administrator administrator) {
            FrontDoorParts parts = FrontDoorParts.open(settings, ClientParts.Sockets.KEPT);
            Destinations destinations = administrator.destinations();
            HttpFunction function = functionOf(
                    parts.door(),
                    administrator::isToken,
                    administrator.isThere() ? administrators(parts, destinations) : List.of());
            return new Served(parts, destinations, event -> parts.door().call(() -> function.handle(event)));
        }

        private static List<List<Route>> administrators(FrontDoorParts parts, Destinations destinations) {
            return List.of(
                    // There is no first time here in which everybody comes in.
                    new AdminKeys(parts.door().keys(), FrontDoorParts.CLOCK, () -> false).routes(),
                    new AdminUsers(parts.door().rights(), FrontDoorParts.CLOCK).routes(),
                    sinks(parts, destinations));
        }

        private static List<Route> sinks(FrontDoorParts parts, Destinations destinations) {
            SinkParts sinks = new SinkParts(
                    parts.door().log(),
                    parts.engine().state(),
                    parts.engine().stateOfNodes(),
                    destinations,
                    FrontDoorParts.CLOCK,
                    Map.of(),
                    // Who posts reads them again every two seconds.
                    () -> CompletableFuture.completedFuture(true));
            return new SinkRoutes(sinks).routes();
        }

        @Override
        public void close() {
            destinations.close();
            parts.close();
        }
    }

    /// As Lambda makes it.
    public HttpHandler() {
        this(System.getenv());
    }

    HttpHandler(Map<String, String> environment) {
        FunctionSettings settings = FunctionSettings.of(environment, false);
        Administrator administrator = Administrator.of(environment);
        served = Renewed.of(
                environment,
                () -> Served.open(settings, administrator),
                () -> Rehearsal.run(settings, HttpHandler::rehearse));
    }

    @Override
    public void handleRequest(InputStream input, OutputStream output, Context context) throws IOException {
        output.write(served.get().function().apply(input.readAllBytes()));
    }

    private static HttpFunction functionOf(FrontDoor door, Predicate<String> adminToken, List<List<Route>> more) {
        return new HttpFunction(new HttpFunction.Parts(
                door.log(),
                door.commands(),
                door.doorman(),
                Quota.UNLIMITED,
                FrontDoorParts.CLOCK,
                new Readiness(List.of()),
                adminToken,
                more,
                // The door waits for it itself.
                Begun.NOTHING,
                _ -> {},
                HttpFunction.BODY_BYTES,
                HttpFunction.PATIENCE));
    }

    /// Plays what a first caller may do.
    ///
    /// @return the last answer
    static byte[] rehearse(FrontDoor door, String key) {
        HttpFunction function = functionOf(door, _ -> false, List.of());
        return door.call(() -> {
            var _ = function.handle(
                    event("POST", "/topics/rehearsal/produce", key, "{\"payload\":{\"text\":\"hello\"}}"));
            var _ = function.handle(event("GET", "/topics/rehearsal/consume", key, ""));
            return function.handle(event("GET", "/topics", key, ""));
        });
    }

    /// An event, as API Gateway has it.
    static byte[] event(String method, String path, String key, String body) {
        JsonWriter json = new JsonWriter();
        json.raw('{').string("version").raw(':').string("2.0").raw(',');
        json.string("rawPath")
                .raw(':')
                .string(path)
                .raw(',')
                .string("rawQueryString")
                .raw(':')
                .string("")
                .raw(',');
        json.string("headers")
                .raw(':')
                .raw('{')
                .string("host")
                .raw(':')
                .string("localhost")
                .raw(',');
        json.string("content-type").raw(':').string("application/json").raw(',');
        json.string(Rehearsal.KEY_HEADER).raw(':').string(key).raw('}').raw(',');
        json.string("requestContext")
                .raw(':')
                .raw('{')
                .string("domainName")
                .raw(':')
                .string("localhost")
                .raw(',');
        json.string("stage")
                .raw(':')
                .string("$default")
                .raw(',')
                .string("http")
                .raw(':')
                .raw('{');
        json.string("method")
                .raw(':')
                .string(method)
                .raw(',')
                .string("path")
                .raw(':')
                .string(path)
                .raw(',');
        json.string("protocol").raw(':').string("HTTP/1.1").raw(',');
        json.string("sourceIp").raw(':').string("192.0.2.1").raw('}').raw('}').raw(',');
        json.string("body").raw(':').string(body).raw(',');
        return json.raw("\"isBase64Encoded\":false}".getBytes(UTF_8)).toByteArray();
    }
}
