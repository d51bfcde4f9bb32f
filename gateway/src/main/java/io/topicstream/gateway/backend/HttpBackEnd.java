package io.topicstream.gateway.backend;

import io.topicstream.gateway.exchange.GatewayEvent;
import io.topicstream.gateway.http.HttpAnswer;
import io.topicstream.gateway.http.HttpCalls;
import io.topicstream.gateway.integration.Answer;
import io.topicstream.gateway.integration.BackEnd;
import io.topicstream.gateway.mapping.Mapped;
import io.topicstream.gateway.mapping.Mappings;
import io.topicstream.gateway.model.Integration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/// An HTTP server: HTTP_PROXY gets the message as it is, HTTP what a template makes of it. Thread-safe.
///
/// A proxy's `$connect` has the client's header fields and query too. All else that goes out was mapped, or is what
/// API Gateway adds to every call.
public final class HttpBackEnd implements BackEnd {
    private final HttpRequests requests;
    private final Mappings mappings;

    public HttpBackEnd(HttpCalls calls, Mappings mappings, BackEndSettings settings) {
        this.requests = new HttpRequests(calls, settings);
        this.mappings = mappings;
    }

    @Override
    public void prepare(Integration integration) {
        mappings.prepare(integration);
    }

    @Override
    public CompletionStage<Answer> call(GatewayEvent event, Integration integration) {
        HttpRequests.Ready request;
        try {
            switch (mappings.requests().map(event, integration)) {
                case Mapped.Refused(Answer.Failed why) -> {
                    return CompletableFuture.completedStage(why);
                }
                case Mapped.Request mapped -> request = requests.of(event, integration, mapped);
            }
        } catch (RuntimeException e) {
            return CompletableFuture.completedStage(
                    Failures.internal("No request can be made to " + integration.uri() + ": " + e.getMessage()));
        }
        return request.send().handle((answer, failure) -> {
            try {
                return failure == null ? answer(event, integration, answer) : Failures.of(request.server(), failure);
            } catch (RuntimeException e) {
                return Failures.of(request.server(), e);
            }
        });
    }

    private Answer answer(GatewayEvent event, Integration integration, HttpAnswer answer) {
        if (integration.type() == Integration.Type.HTTP) {
            return mappings.responses()
                    .map(
                            event,
                            integration,
                            Integer.toString(answer.status()),
                            answer.status(),
                            answer.headers(),
                            answer.body());
        }
        return new Answer.Given(
                answer.status(),
                // They are for handshakes.
                event.handshake() == null ? Map.of() : AnswerHeaders.passedOn(answer.headers()),
                answer.body().length == 0 ? null : answer.body(),
                AnswerHeaders.first(answer.headers(), "content-type"));
    }
}
