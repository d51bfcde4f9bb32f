package io.topicstream.gateway.backend;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.topicstream.gateway.exchange.GatewayEvent;
import io.topicstream.gateway.integration.Answer;
import io.topicstream.gateway.integration.BackEnd;
import io.topicstream.gateway.json.JsonReading;
import io.topicstream.gateway.json.NotJsonException;
import io.topicstream.gateway.mapping.Mapped;
import io.topicstream.gateway.mapping.Mappings;
import io.topicstream.gateway.model.Integration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/// No back end: templates alone make the answer. The request template renders an object with a `statusCode`, which
/// selects the integration response. Thread-safe.
public final class MockBackEnd implements BackEnd {
    private final Mappings mappings;

    public MockBackEnd(Mappings mappings) {
        this.mappings = mappings;
    }

    @Override
    public void prepare(Integration integration) {
        mappings.prepare(integration);
    }

    @Override
    public CompletionStage<Answer> call(GatewayEvent event, Integration integration) {
        try {
            return CompletableFuture.completedStage(answer(event, integration));
        } catch (RuntimeException e) {
            return CompletableFuture.completedStage(Failures.internal("The mapping failed: " + e.getMessage()));
        }
    }

    private Answer answer(GatewayEvent event, Integration integration) {
        return switch (mappings.requests().map(event, integration)) {
            case Mapped.Refused(Answer.Failed why) -> why;
            case Mapped.Request request -> {
                Integer status = status(request.body());
                yield status == null
                        ? Failures.internal("statusCode should be an integer which defined in request template")
                        : mappings.responses()
                                .map(event, integration, status.toString(), status, Map.of(), new byte[0]);
            }
        };
    }

    private static @Nullable Integer status(byte[] rendered) {
        try {
            return JsonReading.read(new String(rendered, UTF_8)) instanceof Map<?, ?> members
                            && members.get("statusCode") instanceof Integer status
                    ? status
                    : null;
        } catch (NotJsonException _) {
            return null;
        }
    }
}
