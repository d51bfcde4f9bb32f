package io.topicstream.cli.aws;

import io.topicstream.gateway.definition.Resources;
import io.topicstream.gateway.definition.TemplateResource;
import io.topicstream.gateway.definition.TemplateValue;
import io.topicstream.gateway.model.Api;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// The two APIs of a template: one for WebSockets, whose routes all lead to its function, and one over HTTP with the
/// route `$default` alone. For one thread.
final class TemplateApis {
    private static final String DEFAULT = "$default";
    private static final String API_ID = "ApiId";
    private static final String URI = "IntegrationUri";
    private static final Set<String> OF_HTTP =
            Set.of("Description", "IpAddressType", "Name", "ProtocolType", "Tags", "Version");

    private final Resources resources;
    private final TemplateFunctions functions;

    TemplateApis(Resources resources, TemplateFunctions functions) {
        this.resources = resources;
        this.functions = functions;
    }

    /// The WebSocket API.
    Api webSocket() {
        List<Api> apis = resources.definition().apis();
        if (apis.size() > 1) {
            resources.refuse("has " + apis.size() + " WebSocket APIs; one runs here");
        }
        Api api = apis.getFirst();
        for (TemplateResource one : parts(TypesHere.INTEGRATION, api.id())) {
            requireFunction(one, Handler.WEB_SOCKET);
        }
        return api;
    }

    private void requireFunction(TemplateResource integration, Handler wanted) {
        String type = integration.property("IntegrationType").text();
        if (!type.equals("AWS_PROXY")) {
            integration.refuse("IntegrationType", "is " + type + "; here it is AWS_PROXY");
        }
        String uri = integration.property(URI).text();
        if (functions.named(uri) != wanted) {
            integration.refuse(URI, "is '" + uri + "', and leads not to the function " + wanted.className());
        }
    }

    private List<TemplateResource> parts(String type, String api) {
        return resources.made(type).stream()
                .filter(one -> one.property(API_ID).text().equals(api))
                .toList();
    }

    /// How many requests the API over HTTP lets through.
    LocalPlan.Throttle http() {
        List<TemplateResource> apis = resources.made(TypesHere.API).stream()
                .filter(one -> one.property("ProtocolType").text().equals("HTTP"))
                .toList();
        if (apis.isEmpty()) {
            resources.refuse("has no HTTP API");
            return LocalPlan.Throttle.NONE;
        }
        apis.stream()
                .skip(1)
                .forEach(other ->
                        other.refuse("is an HTTP API beside " + apis.getFirst().id() + "; one runs here"));
        TemplateResource api = apis.getFirst();
        for (String property : api.properties()) {
            if (!OF_HTTP.contains(property)) {
                api.refuse(property, "does not run here");
            }
        }
        parts(TypesHere.INTEGRATION, api.ref()).forEach(this::checkHttpIntegration);
        List<TemplateResource> routes = parts(TypesHere.ROUTE, api.ref());
        routes.forEach(this::checkHttpRoute);
        if (routes.isEmpty()) {
            api.refuse("has no route " + DEFAULT);
        }
        List<TemplateResource> stages = parts(TypesHere.STAGE, api.ref());
        if (stages.isEmpty()) {
            api.refuse("has no stage " + DEFAULT);
        }
        return stages.stream().map(TemplateApis::throttle).toList().stream()
                .findFirst()
                .orElse(LocalPlan.Throttle.NONE);
    }

    private void checkHttpIntegration(TemplateResource integration) {
        requireFunction(integration, Handler.HTTP);
        String version = integration.property("PayloadFormatVersion").text();
        if (!version.equals("2.0")) {
            integration.refuse("PayloadFormatVersion", "is '" + version + "'; the function takes 2.0");
        }
        if (!integration.property("RequestParameters").isNothing()) {
            integration.refuse("RequestParameters", "does not run here");
        }
    }

    private void checkHttpRoute(TemplateResource route) {
        String key = route.property("RouteKey").text();
        if (!key.equals(DEFAULT)) {
            route.refuse("RouteKey", "is '" + key + "'; the HTTP API has the route " + DEFAULT + " alone here");
        }
        String type = route.property("AuthorizationType").text();
        if (!type.isEmpty() && !type.equals("NONE")) {
            route.refuse("AuthorizationType", "is " + type + "; here it is NONE");
        }
        String target = route.property("Target").text();
        boolean isThere = resources.made(TypesHere.INTEGRATION).stream()
                .anyMatch(one -> target.equals("integrations/" + one.ref())
                        && one.property(API_ID)
                                .text()
                                .equals(route.property(API_ID).text()));
        if (!isThere) {
            route.refuse("Target", "is '" + target + "', which is no integration of the HTTP API");
        }
    }

    private static LocalPlan.Throttle throttle(TemplateResource stage) {
        String name = stage.property("StageName").text();
        if (!name.equals(DEFAULT)) {
            stage.refuse("StageName", "is '" + name + "'; the HTTP API has the stage " + DEFAULT + " alone here");
        }
        if (!stage.property("RouteSettings").isNothing()) {
            stage.refuse("RouteSettings", "does not run here; what holds for all routes is DefaultRouteSettings");
        }
        TemplateValue settings = stage.property("DefaultRouteSettings");
        Double burst = number(stage, settings, "ThrottlingBurstLimit");
        return new LocalPlan.Throttle(
                number(stage, settings, "ThrottlingRateLimit"),
                burst == null ? null : Integer.valueOf(burst.intValue()));
    }

    private static @Nullable Double number(TemplateResource stage, TemplateValue settings, String name) {
        String text = settings.texts().get(name);
        if (text == null) {
            return null;
        }
        if (!text.matches("[0-9]{1,9}(\\.[0-9]{1,9})?")) {
            stage.refuse("DefaultRouteSettings", name + " is '" + text + "'; it has to be a number from 0");
            return null;
        }
        return Double.valueOf(text);
    }
}
