package io.topicstream.gateway.mapping;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.topicstream.gateway.exchange.GatewayEvent;
import io.topicstream.gateway.expression.ContextVariables;
import io.topicstream.gateway.expression.SelectionExpression;
import io.topicstream.gateway.expression.SelectionExpression.Returned;
import io.topicstream.gateway.integration.Answer;
import io.topicstream.gateway.integration.Answer.Failure;
import io.topicstream.gateway.json.JsonBody;
import io.topicstream.gateway.mapping.BoundedPattern.GaveUpException;
import io.topicstream.gateway.model.Integration;
import io.topicstream.gateway.model.Integration.ContentHandling;
import io.topicstream.gateway.model.IntegrationResponse;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.velocity.Template;
import org.jspecify.annotations.Nullable;

/// Makes answers of what back ends that are no proxies return. Thread-safe; what an integration says of its
/// responses is parsed once.
public final class ResponseMapping {
    private static final String DEFAULT = "$default";

    private final Templates templates;
    private final ByIdentity<Integration, List<Plan>> plans = new ByIdentity<>(this::plans);

    /// One that renders with an engine.
    public ResponseMapping(Templates templates) {
        this.templates = templates;
    }

    /// What an integration says of one kind of answer.
    ///
    /// @param pattern what selects it, or null for the default
    private record Plan(
            @Nullable BoundedPattern pattern, ContentHandling handling, List<Target> targets, TemplateChoice choice) {}

    /// In the order of their keys, the default last.
    private List<Plan> plans(Integration integration) {
        List<Plan> made = new ArrayList<>();
        Plan last = null;
        for (Map.Entry<String, IntegrationResponse> entry : new TreeMap<>(integration.responses()).entrySet()) {
            String key = entry.getKey();
            Plan plan = plan(key, entry.getValue());
            if (plan.pattern == null) {
                last = plan;
            } else {
                made.add(plan);
            }
        }
        if (last != null) {
            made.add(last);
        }
        return List.copyOf(made);
    }

    private Plan plan(String key, IntegrationResponse response) {
        String place = "IntegrationResponse '" + key + "': ";
        BoundedPattern pattern = null;
        if (!key.equals(DEFAULT)) {
            boolean slashes = key.length() >= 2 && key.startsWith("/") && key.endsWith("/");
            try {
                pattern = BoundedPattern.of(
                        slashes ? key.substring(1, key.length() - 1) : java.util.regex.Pattern.quote(key));
            } catch (IllegalArgumentException e) {
                throw new MappingException(place + "IntegrationResponseKey", String.valueOf(e.getMessage()), e);
            }
        }
        return new Plan(
                pattern,
                response.contentHandling(),
                Target.ofAnswer(response.responseParameters(), place + "ResponseParameters"),
                TemplateChoice.of(
                        response.templates(),
                        response.templateSelectionExpression(),
                        SelectionExpression.Use.RESPONSE_TEMPLATE,
                        place + "Response",
                        templates));
    }

    /// Parses all that an integration says of answers, before the first event.
    ///
    /// @throws MappingException with the place of what is wrong
    public void prepare(Integration integration) {
        plans.of(integration);
    }

    /// Makes the answer to an event. Of a handshake, a `statusCode` in the mapped body is the answer's
    /// status.
    ///
    /// @param selector what the keys of the integration's responses are matched with: the status code, or
    ///     the error message of a function; empty for a function that did not fail
    /// @param status what the back end said; 200 for a function
    /// @param headers by their names as given
    /// @param body as it came; is not changed
    /// @return [Failure#INTERNAL] where no response is selected, or its template cannot be rendered
    /// @throws MappingException if the integration was never prepared, and is not as it must be
    public Answer map(
            GatewayEvent event,
            Integration integration,
            String selector,
            int status,
            Map<String, List<String>> headers,
            byte[] body) {
        Plan plan;
        try {
            plan = select(plans.of(integration), selector);
        } catch (GaveUpException e) {
            return failed("The keys of the responses take too long to match.");
        }
        if (plan == null) {
            return failed("There is no response for this answer of the back end, and no $default.");
        }
        Returned returned = new Returned(status, headers);
        ContextVariables context = ContextVariables.of(event);
        boolean toText = plan.handling == ContentHandling.CONVERT_TO_TEXT;
        JsonBody text = JsonBody.of(toText ? Base64.getEncoder().encodeToString(body) : new String(body, UTF_8));
        Map<String, List<String>> mapped = new LinkedHashMap<>();
        Source.Scope scope = new Source.Scope(event, context, returned, text);
        for (Target target : plan.targets) {
            List<String> values = target.source().values(scope);
            if (!values.stream().allMatch(target::allows)) {
                return failed("The value for " + target.name() + " has characters that may not be sent.");
            }
            if (!values.isEmpty()) {
                mapped.put(target.name(), List.copyOf(values));
            }
        }
        Template template = plan.choice.select(expression -> expression.evaluate(event, returned));
        byte[] result = toText ? text.text().getBytes(UTF_8) : body.clone();
        if (template != null) {
            try {
                text = JsonBody.of(templates.render(template, event, context, text));
            } catch (TemplateFailure e) {
                return failed(template.getName() + ": " + e.getMessage());
            }
            result = text.text().getBytes(UTF_8);
        }
        if (plan.handling == ContentHandling.CONVERT_TO_BINARY) {
            result = RequestMapping.decoded(text.text());
            if (result == null) {
                return failed("The answer's body is not base64.");
            }
        }
        String contentType = template == null
                ? returned.values("content-type").stream().findFirst().orElse(null)
                : null;
        return new Answer.Given(
                event.cause() instanceof GatewayEvent.Connect ? status(text, status) : status,
                mapped,
                result.length == 0 && template == null ? null : result,
                contentType == null && text.isObject() ? "application/json" : contentType);
    }

    /// The first whose pattern matches, else the default. What did not fail is the default's.
    private static @Nullable Plan select(List<Plan> plans, String selector) throws GaveUpException {
        for (Plan plan : plans) {
            if (plan.pattern == null || (!selector.isEmpty() && plan.pattern.matches(selector))) {
                return plan;
            }
        }
        return null;
    }

    private static int status(JsonBody body, int otherwise) {
        return body.value() instanceof Map<?, ?> object
                        && object.get("statusCode") instanceof Integer status
                        && status >= 100
                        && status <= 599
                ? status
                : otherwise;
    }

    private static Answer failed(String detail) {
        return new Answer.Failed(Failure.INTERNAL, detail);
    }
}
