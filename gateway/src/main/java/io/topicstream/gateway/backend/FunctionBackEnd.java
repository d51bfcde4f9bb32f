package io.topicstream.gateway.backend;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.topicstream.gateway.exchange.GatewayEvent;
import io.topicstream.gateway.integration.Answer;
import io.topicstream.gateway.integration.BackEnd;
import io.topicstream.gateway.integration.ProxyEvent;
import io.topicstream.gateway.json.JsonReading;
import io.topicstream.gateway.json.NotJsonException;
import io.topicstream.gateway.lambda.FunctionNames;
import io.topicstream.gateway.lambda.Functions;
import io.topicstream.gateway.mapping.Mapped;
import io.topicstream.gateway.mapping.Mappings;
import io.topicstream.gateway.model.Integration;
import io.topicstream.gateway.model.StageText;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;

/// A function: AWS_PROXY gets the event as it is, AWS what a template makes of it. Thread-safe.
public final class FunctionBackEnd implements BackEnd {
    /// The field whose value `Event` says that nobody waits for the function.
    private static final String INVOCATION_TYPE = "X-Amz-Invocation-Type";

    /// How much longer than it may a port of functions is waited for. It has the deadline; this one is for its faults.
    private static final int PATIENCE_MS = 1_000;

    private static final byte[] NOTHING = "{}".getBytes(UTF_8);

    private final Functions functions;
    private final Mappings mappings;
    private final BackEndSettings settings;

    public FunctionBackEnd(Functions functions, Mappings mappings, BackEndSettings settings) {
        this.functions = functions;
        this.mappings = mappings;
        this.settings = settings;
    }

    @Override
    public void prepare(Integration integration) {
        mappings.prepare(integration);
    }

    @Override
    public CompletionStage<Answer> call(GatewayEvent event, Integration integration) {
        String uri = StageText.of(integration.uri(), event.stage().variables());
        String name = uri == null ? null : FunctionNames.ofUri(uri);
        if (name == null) {
            return CompletableFuture.completedStage(
                    Failures.internal("'" + integration.uri() + "' names no function of this stage."));
        }
        CompletionStage<Answer> answer;
        try {
            answer = integration.type() == Integration.Type.AWS_PROXY
                    ? proxied(name, event, integration)
                    : mapped(name, event, integration);
        } catch (RuntimeException e) {
            answer = CompletableFuture.failedStage(e);
        }
        return answer.toCompletableFuture()
                .copy()
                .orTimeout(integration.timeoutMs() + PATIENCE_MS, TimeUnit.MILLISECONDS)
                .exceptionally(failure -> Failures.of("The function " + name, failure));
    }

    private CompletionStage<Answer> proxied(String name, GatewayEvent event, Integration integration) {
        boolean connecting = event.cause() instanceof GatewayEvent.Connect;
        return functions
                .invoke(name, ProxyEvent.of(event), Duration.ofMillis(integration.timeoutMs()))
                .thenApply(invocation -> invocation.error() == null
                        ? ProxyResult.read(invocation.payload(), connecting, settings)
                        : Failures.internal("The function " + name + " failed (" + invocation.error() + "): "
                                + errorMessage(invocation.payload())));
    }

    private CompletionStage<Answer> mapped(String name, GatewayEvent event, Integration integration) {
        return switch (mappings.requests().map(event, integration)) {
            case Mapped.Refused(Answer.Failed why) -> CompletableFuture.completedStage(why);
            case Mapped.Request request -> {
                byte[] payload = request.body().length == 0 ? NOTHING : request.body();
                if ("Event".equals(AnswerHeaders.first(request.headers(), INVOCATION_TYPE))) {
                    yield functions
                            .invokeLater(name, payload)
                            .thenApply(
                                    _ -> mappings.responses().map(event, integration, "", 200, Map.of(), new byte[0]));
                }
                yield functions
                        .invoke(name, payload, Duration.ofMillis(integration.timeoutMs()))
                        .thenApply(invocation -> mappings.responses()
                                .map(
                                        event,
                                        integration,
                                        errorMessage(invocation.payload()),
                                        200,
                                        Map.of(),
                                        invocation.payload()));
            }
        };
    }

    /// The member `errorMessage` of a payload; empty if it has none.
    private static String errorMessage(byte[] payload) {
        if (payload.length == 0 || payload[0] != '{') {
            return "";
        }
        try {
            return JsonReading.read(new String(payload, UTF_8)) instanceof Map<?, ?> members
                            && members.get("errorMessage") instanceof String message
                    ? message
                    : "";
        } catch (NotJsonException _) {
            return "";
        }
    }
}
