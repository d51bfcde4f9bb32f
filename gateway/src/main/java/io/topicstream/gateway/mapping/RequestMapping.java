package io.topicstream.gateway.mapping;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.topicstream.gateway.exchange.GatewayEvent;
import io.topicstream.gateway.expression.ContextVariables;
import io.topicstream.gateway.expression.SelectionExpression;
import io.topicstream.gateway.integration.Answer;
import io.topicstream.gateway.integration.Answer.Failure;
import io.topicstream.gateway.json.JsonBody;
import io.topicstream.gateway.model.Integration;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.velocity.Template;
import org.jspecify.annotations.Nullable;

/// Makes requests to back ends of events. Thread-safe; what an integration says of templates and parameters
/// is parsed once.
public final class RequestMapping {
    private final Templates templates;
    private final ByIdentity<Integration, Plan> plans = new ByIdentity<>(this::plan);

    /// One that renders with an engine.
    public RequestMapping(Templates templates) {
        this.templates = templates;
    }

    /// What an integration says of requests.
    private record Plan(List<Target> targets, TemplateChoice choice) {}

    private Plan plan(Integration integration) {
        return new Plan(
                Target.ofRequest(integration.requestParameters(), "RequestParameters"),
                TemplateChoice.of(
                        proxy(integration) ? Map.of() : integration.requestTemplates(),
                        proxy(integration) ? null : integration.templateSelectionExpression(),
                        SelectionExpression.Use.TEMPLATE,
                        "Request",
                        templates));
    }

    private static boolean proxy(Integration integration) {
        return switch (integration.type()) {
            case AWS_PROXY, HTTP_PROXY -> true;
            case AWS, HTTP, MOCK, TOPICSTREAM -> false;
        };
    }

    /// Parses all that an integration says of requests, before the first event.
    ///
    /// @throws MappingException with the place of what is wrong
    public void prepare(Integration integration) {
        plans.of(integration);
    }

    /// Makes the request for an event. Of proxies the body stays as it is; their parameters are mapped all
    /// the same.
    ///
    /// @throws MappingException if the integration was never prepared, and is not as it must be
    public Mapped map(GatewayEvent event, Integration integration) {
        Plan plan = plans.of(integration);
        ContextVariables context = ContextVariables.of(event);
        Map<String, List<String>> headers = Map.of();
        Map<String, List<String>> query = Map.of();
        Map<String, String> path = Map.of();
        if (!plan.targets.isEmpty()) {
            headers = new LinkedHashMap<>();
            query = new LinkedHashMap<>();
            path = new LinkedHashMap<>();
            Source.Scope scope = new Source.Scope(event, context, null, JsonBody.NONE);
            for (Target target : plan.targets) {
                List<String> values = target.source().values(scope);
                for (String value : values) {
                    if (!target.allows(value)) {
                        return refused(
                                Failure.INTERNAL,
                                "The value for " + target.name() + " has characters that may not be sent.");
                    }
                }
                if (values.isEmpty()) {
                    continue;
                }
                switch (target.kind()) {
                    case HEADER -> headers.put(target.name(), List.copyOf(values));
                    case QUERY -> query.put(target.name(), List.copyOf(values));
                    case PATH -> path.put(target.name(), values.getLast());
                }
            }
        }
        String text = event.json().text();
        if (!proxy(integration)) {
            Template template = plan.choice.select(expression -> expression.evaluate(event));
            if (template != null) {
                try {
                    text = templates.render(template, event, context, event.json());
                } catch (TemplateFailure e) {
                    return refused(Failure.INTERNAL, template.getName() + ": " + e.getMessage());
                }
            } else if (!passes(integration.passthrough(), plan.choice)) {
                return refused(
                        Failure.UNSUPPORTED_MEDIA_TYPE,
                        "There is no template for the body, and it may not be passed on.");
            }
        }
        byte[] body = body(text, integration.contentHandling());
        return body == null
                ? refused(Failure.INTERNAL, "The body is not base64.")
                : new Mapped.Request(body, headers, query, path);
    }

    private static boolean passes(Integration.Passthrough passthrough, TemplateChoice choice) {
        return switch (passthrough) {
            case WHEN_NO_MATCH -> true;
            case WHEN_NO_TEMPLATES -> choice.none();
            case NEVER -> false;
        };
    }

    private static byte @Nullable [] body(String text, Integration.ContentHandling handling) {
        return switch (handling) {
            // Messages are texts already.
            case NONE, CONVERT_TO_TEXT -> text.getBytes(UTF_8);
            case CONVERT_TO_BINARY -> decoded(text);
        };
    }

    /// What base64 stands for; null if the text is no base64.
    static byte @Nullable [] decoded(String text) {
        try {
            return Base64.getDecoder().decode(text.strip());
        } catch (IllegalArgumentException e) {
            return null;
        }
    }

    private static Mapped refused(Failure why, String detail) {
        return new Mapped.Refused(new Answer.Failed(why, detail));
    }
}
