package io.topicstream.gateway.integration;

import io.topicstream.gateway.exchange.GatewayEvent;
import io.topicstream.gateway.model.Integration;
import java.util.concurrent.CompletionStage;

/// Calls one kind of back end. Thread-safe; does not block.
public interface BackEnd {
    /// Reads what an integration says, before the first event comes to it.
    ///
    /// @throws RuntimeException with a sentence, if something in it is not as it must be: calls by it will fail
    default void prepare(Integration integration) {}

    /// Makes a request of the event and sends it.
    ///
    /// @return completes on any thread, within the integration's time-out and a little more, and never fails
    CompletionStage<Answer> call(GatewayEvent event, Integration integration);
}
