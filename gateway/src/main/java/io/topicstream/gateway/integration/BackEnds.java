package io.topicstream.gateway.integration;

import io.topicstream.gateway.exchange.GatewayEvent;
import io.topicstream.gateway.model.Integration;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/// All kinds of back ends, by the types of integrations. Thread-safe, as each of them is.
public final class BackEnds implements BackEnd {
    private final Map<Integration.Type, BackEnd> byType;

    /// @param byType who calls which; an integration of another type fails
    public BackEnds(Map<Integration.Type, BackEnd> byType) {
        this.byType = byType.isEmpty() ? Map.of() : new EnumMap<>(byType);
    }

    @Override
    public void prepare(Integration integration) {
        BackEnd backEnd = byType.get(integration.type());
        if (backEnd != null) {
            backEnd.prepare(integration);
        }
    }

    @Override
    public CompletionStage<Answer> call(GatewayEvent event, Integration integration) {
        BackEnd backEnd = byType.get(integration.type());
        if (backEnd == null) {
            return CompletableFuture.completedStage(new Answer.Failed(
                    Answer.Failure.INTERNAL, "No back end of the type " + integration.type() + " is served here."));
        }
        return backEnd.call(event, integration);
    }
}
