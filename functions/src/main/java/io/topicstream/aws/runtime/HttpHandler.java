package io.topicstream.aws.runtime;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.amazonaws.services.lambda.runtime.Context;
import com.amazonaws.services.lambda.runtime.RequestStreamHandler;
import io.topicstream.aws.audience.FrontDoor;
import io.topicstream.aws.http.Begun;
import io.topicstream.aws.http.HttpFunction;
import io.topicstream.command.Quota;
import io.topicstream.http.Readiness;
import io.topicstream.json.JsonWriter;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;

/// The function behind an HTTP API, as Lambda calls it. Thread-safe.
public final class HttpHandler implements RequestStreamHandler {
    private final Renewed<Served> served;

    /// What serves.
    private record Served(FrontDoorParts parts, UnaryOperator<byte[]> function) implements AutoCloseable {
        static Served open(FunctionSettings settings) {
            FrontDoorParts parts = FrontDoorParts.open(settings, ClientParts.Sockets.KEPT);
            HttpFunction function = functionOf(parts.door());
            return new Served(parts, event -> parts.door().call(() -> function.handle(event)));
        }

        @Override
        public void close() {
            parts.close();
        }
    }

    /// As Lambda makes it.
    public HttpHandler() {
        this(System.getenv());
    }

    HttpHandler(Map<String, String> environment) {
        FunctionSettings settings = FunctionSettings.of(environment, false);
        served = Renewed.of(
                environment, () -> Served.open(settings), () -> Rehearsal.run(settings, HttpHandler::rehearse));
    }

    @Override
    public void handleRequest(InputStream input, OutputStream output, Context context) throws IOException {
        output.write(served.get().function().apply(input.readAllBytes()));
    }

    private static HttpFunction functionOf(FrontDoor door) {
        return new HttpFunction(new HttpFunction.Parts(
                door.log(),
                door.commands(),
                door.doorman(),
                Quota.UNLIMITED,
                FrontDoorParts.CLOCK,
                new Readiness(List.of()),
                _ -> false,
                List.of(),
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
        HttpFunction function = functionOf(door);
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
