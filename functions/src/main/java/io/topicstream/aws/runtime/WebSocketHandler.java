package io.topicstream.aws.runtime;

import com.amazonaws.services.lambda.runtime.Context;
import com.amazonaws.services.lambda.runtime.RequestStreamHandler;
import io.topicstream.aws.lambda.WebSocketFunction;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.Map;

/// The function behind all routes of a WebSocket API, and the one that does tasks, as Lambda calls it. Thread-safe.
public final class WebSocketHandler implements RequestStreamHandler {
    private final Renewed<FrontDoorParts> parts;

    /// As Lambda makes it.
    public WebSocketHandler() {
        this(System.getenv());
    }

    WebSocketHandler(Map<String, String> environment) {
        FunctionSettings settings = FunctionSettings.of(environment, true);
        parts = Renewed.of(
                environment,
                () -> FrontDoorParts.open(settings, ClientParts.Sockets.KEPT),
                () -> Rehearsal.run(settings, Rehearsal.More.NOTHING));
    }

    @Override
    public void handleRequest(InputStream input, OutputStream output, Context context) throws IOException {
        output.write(function(parts.get()).handle(input.readAllBytes()));
    }

    static WebSocketFunction function(FrontDoorParts parts) {
        return new WebSocketFunction(parts.door(), FrontDoorParts.CLOCK);
    }
}
