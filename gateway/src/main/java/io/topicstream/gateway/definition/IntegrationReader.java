package io.topicstream.gateway.definition;

import io.topicstream.gateway.model.Integration;
import io.topicstream.gateway.model.Integration.ContentHandling;
import io.topicstream.gateway.model.Integration.Passthrough;
import io.topicstream.gateway.model.IntegrationResponse;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Reads integrations with their responses.
final class IntegrationReader {
    private static final int TEMPLATE_BYTES = 300 << 10;
    private static final Pattern URL = Pattern.compile("(?i)https?://[^\\s@/?#\\p{Cntrl}]+([/?][^\\s\\p{Cntrl}]*)?");
    private static final Set<String> KNOWN = Set.of(
            "ApiId",
            "ConnectionId",
            "ConnectionType",
            "ContentHandlingStrategy",
            "CredentialsArn",
            "Description",
            "IntegrationMethod",
            "IntegrationType",
            "IntegrationUri",
            "PassthroughBehavior",
            "PayloadFormatVersion",
            "RequestParameters",
            "RequestTemplates",
            "TemplateSelectionExpression",
            "TimeoutInMillis",
            "TlsConfig");
    private static final Map<String, String> REFUSED = Map.of(
            "IntegrationSubtype", "is of HTTP APIs only",
            "ResponseParameters", "is of HTTP APIs only; a WebSocket API has IntegrationResponses");
    private static final Set<String> OF_RESPONSE = Set.of(
            "ApiId",
            "ContentHandlingStrategy",
            "IntegrationId",
            "IntegrationResponseKey",
            "ResponseParameters",
            "ResponseTemplates",
            "TemplateSelectionExpression");

    /// The integrations of an API by their ids.
    Map<String, Integration> read(ApiDraft draft) {
        Map<String, Integration> integrations = new LinkedHashMap<>();
        draft.integrations.forEach((id, one) ->
                integrations.put(id, integration(one, draft.integrationResponses.getOrDefault(id, List.of()))));
        draft.integrationResponses.forEach((id, responses) -> {
            if (!draft.integrations.containsKey(id)) {
                responses.forEach(
                        one -> one.error("IntegrationId", "there is no integration '" + id + "' of this API"));
            }
        });
        return integrations;
    }

    private static Integration integration(Properties one, List<Properties> responses) {
        one.requireKnown(KNOWN, REFUSED);
        one.require("IntegrationType");
        Integration.Type type = Integration.Type.valueOf(
                one.oneOf("IntegrationType", "AWS_PROXY", "AWS", "HTTP_PROXY", "HTTP", "MOCK"));
        @Nullable Integration toTopics = TopicStreamMetadata.read(one, type);
        if (toTopics != null) {
            return toTopics;
        }
        boolean isOverHttp = type == Integration.Type.HTTP || type == Integration.Type.HTTP_PROXY;
        boolean isFunction = type == Integration.Type.AWS || type == Integration.Type.AWS_PROXY;
        if (isOverHttp) {
            one.require("IntegrationUri", "IntegrationMethod");
        } else if (isFunction) {
            one.require("IntegrationUri");
        }
        String uri = isFunction ? FunctionUri.checked(one, "IntegrationUri") : isOverHttp ? url(one) : "";
        @Nullable
        Integer timeoutMs = one.integer("TimeoutInMillis", Integration.MIN_TIMEOUT_MS, Integration.MAX_TIMEOUT_MS);
        if (one.oneOf("ConnectionType", "INTERNET", "VPC_LINK").equals("VPC_LINK")) {
            one.require("ConnectionId");
            one.finding("ConnectionType", "there are no VPC links here: " + uri + " is called as it stands");
        }
        if (one.text("PayloadFormatVersion", "1.0").equals("2.0")) {
            one.finding("PayloadFormatVersion", "is of HTTP APIs; the events of a WebSocket API have one form");
        }
        return new Integration(
                type,
                uri,
                method(one, isFunction),
                contentHandling(one),
                Passthrough.valueOf(one.oneOf("PassthroughBehavior", "WHEN_NO_MATCH", "WHEN_NO_TEMPLATES", "NEVER")),
                mappings(one),
                templates(one, "RequestTemplates"),
                one.text("TemplateSelectionExpression"),
                Objects.requireNonNullElse(timeoutMs, Integration.MAX_TIMEOUT_MS),
                responses(one, type, responses),
                serverName(one));
    }

    private static String url(Properties one) {
        String url = one.text("IntegrationUri", "");
        if (!url.isEmpty() && !URL.matcher(url).matches()) {
            one.error(
                    "IntegrationUri",
                    "is a URL that begins with http:// or https:// and has no user in it, not '" + url + "'");
        }
        return url;
    }

    private static String method(Properties one, boolean isFunction) {
        String method =
                one.oneOf("IntegrationMethod", "POST", "GET", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS", "ANY");
        if (isFunction && !method.equals("POST")) {
            one.finding("IntegrationMethod", "is not POST: functions are invoked by POST");
        } else if (method.equals("ANY")) {
            one.finding("IntegrationMethod", "ANY is taken as POST: a message has no method of its own");
        }
        return isFunction || method.equals("ANY") ? "POST" : method;
    }

    private static ContentHandling contentHandling(Properties one) {
        return one.has("ContentHandlingStrategy")
                ? ContentHandling.valueOf(one.oneOf("ContentHandlingStrategy", "CONVERT_TO_BINARY", "CONVERT_TO_TEXT"))
                : ContentHandling.NONE;
    }

    private static Map<String, String> mappings(Properties one) {
        Map<String, String> mappings = one.texts("RequestParameters");
        mappings.forEach((target, source) -> {
            @Nullable String wrong = Expressions.mappingTarget(target);
            if (wrong == null) {
                wrong = Expressions.mappingSource(source);
            }
            if (wrong != null) {
                one.error("RequestParameters." + target, wrong);
            }
        });
        return mappings;
    }

    private static Map<String, String> templates(Properties one, String name) {
        Map<String, String> templates = one.texts(name);
        templates.forEach((key, template) -> {
            if (template.getBytes(StandardCharsets.UTF_8).length > TEMPLATE_BYTES) {
                one.error(name + "." + key, "is larger than 300 KiB");
            }
        });
        return templates;
    }

    private static @Nullable String serverName(Properties one) {
        return one.members("TlsConfig").at("ServerNameToVerify") instanceof Node.Text name ? name.text() : null;
    }

    private static Map<String, IntegrationResponse> responses(
            Properties of, Integration.Type type, List<Properties> responses) {
        boolean isProxy = type == Integration.Type.AWS_PROXY || type == Integration.Type.HTTP_PROXY;
        Map<String, IntegrationResponse> read = new LinkedHashMap<>();
        for (Properties one : responses) {
            one.requireKnown(OF_RESPONSE, Map.of());
            one.require("IntegrationResponseKey");
            String key = one.text("IntegrationResponseKey", "$default");
            @Nullable String wrong = Expressions.responseKey(key);
            if (wrong != null) {
                one.error("IntegrationResponseKey", wrong);
            }
            if (isProxy) {
                one.finding("is without effect: " + of.resource().id() + " passes the answer on as it is");
            }
            IntegrationResponse response = new IntegrationResponse(
                    key,
                    contentHandling(one),
                    one.texts("ResponseParameters"),
                    templates(one, "ResponseTemplates"),
                    one.text("TemplateSelectionExpression"));
            if (read.put(key, response) != null) {
                one.error("IntegrationResponseKey", "there is another response with the key " + key);
            }
        }
        return read;
    }
}
