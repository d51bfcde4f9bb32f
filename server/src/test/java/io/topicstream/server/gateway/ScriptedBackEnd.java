package io.topicstream.server.gateway;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.topicstream.gateway.exchange.GatewayEvent;
import io.topicstream.gateway.integration.Answer;
import io.topicstream.gateway.integration.BackEnd;
import io.topicstream.gateway.model.Integration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/// A back end that notes every event and answers as the test says.
final class ScriptedBackEnd implements BackEnd {
    /// What came, in its order: `CONNECT`, `MESSAGE hello`, `DISCONNECT 1000 bye`.
    private final LinkedBlockingQueue<String> events = new LinkedBlockingQueue<>();

    private volatile Function<GatewayEvent, CompletionStage<Answer>> script = _ -> done(200, "");
    volatile String connectionId = "";

    static CompletionStage<Answer> done(int status, String body) {
        return done(status, Map.of(), body);
    }

    static CompletionStage<Answer> done(int status, Map<String, List<String>> headers, String body) {
        return CompletableFuture.completedFuture(new Answer.Given(status, headers, body.getBytes(UTF_8), null));
    }

    void answer(Function<GatewayEvent, CompletionStage<Answer>> as) {
        script = as;
    }

    @Override
    public CompletionStage<Answer> call(GatewayEvent event, Integration integration) {
        connectionId = event.peer().connectionId();
        events.add(
                switch (event.cause()) {
                    case GatewayEvent.Connect _ -> "CONNECT";
                    case GatewayEvent.Message message -> "MESSAGE " + message.text();
                    case GatewayEvent.Disconnect(int code, String reason) -> "DISCONNECT " + code + " " + reason;
                });
        return script.apply(event);
    }

    /// The next event.
    String next() throws InterruptedException {
        String event = events.poll(20, TimeUnit.SECONDS);
        if (event == null) {
            throw new AssertionError("no event came");
        }
        return event;
    }

    /// Whether nothing has come that was not taken.
    boolean isQuiet() {
        return events.isEmpty();
    }
}
