package io.topicstream.server.gateway;

import io.topicstream.gateway.exchange.GatewayEvent;
import io.topicstream.gateway.integration.Answer;
import io.topicstream.gateway.integration.BackEnd;
import io.topicstream.gateway.model.Integration;
import java.util.concurrent.CompletionStage;

/// A back end that hears of the ends of connections in another way than of all else: when a server stops, its event
/// loops end before back ends have answered for all connections. Thread-safe.
///
/// @param onLoops hears of handshakes and messages
/// @param onThreads hears of ends
record LastCalls(BackEnd onLoops, BackEnd onThreads) implements BackEnd {
    @Override
    public void prepare(Integration integration) {
        onLoops.prepare(integration);
        onThreads.prepare(integration);
    }

    @Override
    public CompletionStage<Answer> call(GatewayEvent event, Integration integration) {
        return (event.cause() instanceof GatewayEvent.Disconnect ? onThreads : onLoops).call(event, integration);
    }
}
