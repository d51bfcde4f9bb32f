package io.topicstream.gateway.definition;

import io.topicstream.gateway.signature.Wildcards;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Who may call whom on AWS, as far as a definition says it: API Gateway the functions, and functions the callback
/// API. Here nobody asks for that, so what is missing is a finding and no error. What cannot be evaluated, or stands
/// elsewhere, is believed to allow everything. For one use.
final class Permissions {
    private static final String FUNCTIONS = "/functions/";
    private static final String INVOCATIONS = "/invocations";

    private final Map<String, Properties> functions = new LinkedHashMap<>();
    private final List<Permission> permissions = new ArrayList<>();
    private final Policies policies = new Policies();
    private final Map<String, Set<String>> uncovered = new LinkedHashMap<>();

    /// A permission to invoke a function.
    ///
    /// @param function its name; null for one that is not known
    /// @param source which ARNs may call; null for all
    private record Permission(
            @Nullable String function, @Nullable String source) {}

    /// Takes a resource of any type.
    void add(Properties one) {
        switch (one.resource().type()) {
            case "AWS::Lambda::Function", Serverless.FUNCTION -> addFunction(one);
            case "AWS::Lambda::Permission" -> addPermission(one);
            case "AWS::IAM::Role", "AWS::IAM::Policy", "AWS::IAM::ManagedPolicy" -> policies.add(one);
            default -> {}
        }
    }

    private void addFunction(Properties one) {
        try {
            functions.put(one.stack().functionName(one.resource()), one);
        } catch (Wrong _) {
            // Who reads the functions tells it.
            return;
        }
        policies.addFunction(one);
    }

    private void addPermission(Properties one) {
        Node.Members properties = one.resource().properties();
        @Nullable String principal = text(one, properties.at("Principal"));
        if (principal != null && !principal.equals("apigateway.amazonaws.com") && !principal.equals("*")) {
            return;
        }
        @Nullable String function = text(one, properties.at("FunctionName"));
        permissions.add(new Permission(
                function == null ? null : nameOf(function),
                properties.has("SourceArn") ? text(one, properties.at("SourceArn")) : null));
    }

    /// The text that a node comes to, or null where that is not known.
    static @Nullable String text(Properties one, Node node) {
        try {
            return one.stack().evaluate(node) instanceof Node.Text text ? text.text() : null;
        } catch (Wrong _) {
            return null;
        }
    }

    /// The name of a function in its ARN, or in what else may name it.
    private static String nameOf(String function) {
        int at = function.indexOf(":function:");
        String name = at < 0 ? function : function.substring(at + ":function:".length());
        int qualifier = name.indexOf(':');
        return qualifier < 0 ? name : name.substring(0, qualifier);
    }

    /// Looks at the routes of an API.
    void look(ApiDraft draft) {
        Account account = draft.properties.stack().account();
        Set<String> stages = stages(draft);
        for (Properties route : draft.routes.values()) {
            String target = route.text("Target", "").replaceFirst("^integrations/", "");
            @Nullable Properties integration = draft.integrations.get(target);
            if (integration != null && !integration.has("CredentialsArn")) {
                String key = route.text("RouteKey", "");
                look(
                        integration.text("IntegrationUri", ""),
                        "route " + key,
                        stages.stream()
                                .map(stage ->
                                        account.arn("execute-api", draft.properties.id() + "/" + stage + "/" + key))
                                .toList());
            }
        }
        draft.authorizers.forEach((id, authorizer) -> {
            if (!authorizer.has("AuthorizerCredentialsArn")) {
                look(
                        authorizer.text("AuthorizerUri", ""),
                        "authorizer " + authorizer.text("Name", ""),
                        List.of(account.arn("execute-api", draft.properties.id() + "/authorizers/" + id)));
            }
        });
        policies.look(draft, account, stages);
    }

    private static Set<String> stages(ApiDraft draft) {
        Set<String> names = new LinkedHashSet<>();
        draft.stages.values().forEach(stage -> names.add(stage.text("StageName", "")));
        draft.deployments.values().forEach(one -> names.add(one.text("StageName", "")));
        names.remove("");
        return names;
    }

    /// Looks whether one that calls a function may.
    ///
    /// @param caller for a sentence
    /// @param sources the ARNs by which it calls
    private void look(String uri, String caller, List<String> sources) {
        int from = uri.indexOf(FUNCTIONS);
        if (from < 0 || !uri.endsWith(INVOCATIONS) || uri.contains("${stageVariables.")) {
            return;
        }
        String name = nameOf(uri.substring(from + FUNCTIONS.length(), uri.length() - INVOCATIONS.length()));
        if (functions.containsKey(name) && !mayInvoke(name, sources)) {
            uncovered.computeIfAbsent(name, _ -> new LinkedHashSet<>()).add(caller);
        }
    }

    private boolean mayInvoke(String function, List<String> sources) {
        for (Permission one : permissions) {
            if (one.function() != null && !one.function().equals(function)) {
                continue;
            }
            String source = one.source();
            if (source == null || sources.isEmpty() || sources.stream().anyMatch(arn -> Wildcards.match(source, arn))) {
                return true;
            }
        }
        return false;
    }

    /// Tells what was found, when all APIs have been looked at.
    void tell() {
        uncovered.forEach((name, callers) -> {
            @Nullable Properties function = functions.get(name);
            boolean hasOthers = permissions.stream().anyMatch(one -> name.equals(one.function()));
            if (function != null) {
                function.finding((hasOthers
                                ? "its AWS::Lambda::Permission is for others than "
                                : "no AWS::Lambda::Permission lets API Gateway invoke it for ")
                        + String.join(", ", callers) + ": on AWS these calls fail; here they do not");
            }
        });
        policies.tell();
    }
}
