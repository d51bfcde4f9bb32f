package io.topicstream.gateway.backend;

import io.topicstream.gateway.exchange.GatewayEvent;
import io.topicstream.gateway.integration.Answer;
import io.topicstream.gateway.integration.BackEnd;
import io.topicstream.gateway.mapping.MappingLimits;
import io.topicstream.gateway.mapping.Mappings;
import io.topicstream.gateway.mapping.Templates;
import io.topicstream.gateway.model.Integration;
import io.topicstream.gateway.model.Integration.ContentHandling;
import io.topicstream.gateway.model.Integration.Passthrough;
import io.topicstream.gateway.model.IntegrationResponse;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/// Integrations, made step by step.
public final class Integrations {
    public static final Mappings MAPPINGS = new Mappings(new Templates(MappingLimits.DEFAULT));

    private final Integration.Type type;
    private final String uri;
    private final Map<String, String> parameters = new HashMap<>();
    private final Map<String, String> templates = new HashMap<>();
    private final Map<String, IntegrationResponse> responses = new HashMap<>();
    private String method = "POST";
    private ContentHandling handling = ContentHandling.NONE;
    private Passthrough passthrough = Passthrough.WHEN_NO_MATCH;
    private String expression;
    private int timeoutMs = 29_000;
    private String serverName;

    private Integrations(Integration.Type type, String uri) {
        this.type = type;
        this.uri = uri;
    }

    public static Integrations of(Integration.Type type, String uri) {
        return new Integrations(type, uri);
    }

    public Integrations method(String its) {
        method = its;
        return this;
    }

    public Integrations parameter(String target, String source) {
        parameters.put(target, source);
        return this;
    }

    public Integrations template(String key, String vtl) {
        templates.put(key, vtl);
        return this;
    }

    public Integrations select(String by) {
        expression = by;
        return this;
    }

    public Integrations passthrough(Passthrough its) {
        passthrough = its;
        return this;
    }

    public Integrations handling(ContentHandling its) {
        handling = its;
        return this;
    }

    public Integrations response(String key, Map<String, String> its) {
        responses.put(key, new IntegrationResponse(key, ContentHandling.NONE, Map.of(), its, "\\$default"));
        return this;
    }

    public Integrations timeoutMs(int its) {
        timeoutMs = its;
        return this;
    }

    public Integrations serverName(String its) {
        serverName = its;
        return this;
    }

    public Integration made() {
        return new Integration(
                type,
                uri,
                method,
                handling,
                passthrough,
                parameters,
                templates,
                expression,
                timeoutMs,
                responses,
                serverName);
    }

    public static Answer call(BackEnd backEnd, GatewayEvent event, Integration integration) {
        try {
            return backEnd.call(event, integration).toCompletableFuture().get(30, TimeUnit.SECONDS);
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    public static String body(Answer answer) {
        Answer.Given given = (Answer.Given) answer;
        return given.body() == null ? null : new String(given.body(), java.nio.charset.StandardCharsets.UTF_8);
    }

    public static Answer.Failure failure(Answer answer) {
        return ((Answer.Failed) answer).why();
    }
}
