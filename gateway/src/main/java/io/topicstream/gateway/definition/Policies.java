package io.topicstream.gateway.definition;

import io.topicstream.gateway.signature.Wildcards;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// What the roles of a definition allow of the callback API. For one use.
final class Policies {
    private static final String ACTION = "execute-api:ManageConnections";
    /// Policies of AWS by the beginnings of their names that say nothing of the callback API.
    private static final List<String> UNRELATED = List.of(
            "AWSLambda",
            "AWSXRay",
            "AWSXray",
            "AmazonAPIGatewayPushToCloudWatchLogs",
            "AmazonDynamoDB",
            "AmazonS3",
            "AmazonSQS",
            "CloudWatch");

    /// What a statement allows the callback API to be asked, and where it stands.
    ///
    /// @param resources patterns of ARNs; empty where they are not known
    private record Statement(Properties of, List<String> resources) {}

    private final List<Statement> statements = new ArrayList<>();
    private final Set<String> roles = new HashSet<>();
    private final List<@Nullable String> rolesOfFunctions = new ArrayList<>();
    private final Set<Statement> useful = new HashSet<>();
    private boolean isAnyPolicy;
    /// Whether something allows what is not said here.
    private boolean isUnknown;

    /// Takes a role or a policy.
    void add(Properties one) {
        isAnyPolicy = true;
        Node.Members properties = one.resource().properties();
        if (one.resource().type().equals("AWS::IAM::Role")) {
            @Nullable
            String arn = Permissions.text(
                    one,
                    Node.call("Fn::GetAtt", Node.items(Node.text(one.resource().id()), Node.text("Arn"))));
            if (arn != null) {
                roles.add(arn);
            }
            items(one, properties.at("Policies")).forEach(policy -> {
                if (policy instanceof Node.Members members) {
                    addDocument(one, members.at("PolicyDocument"));
                }
            });
            items(one, properties.at("ManagedPolicyArns")).forEach(this::addManaged);
        } else {
            addDocument(one, properties.at("PolicyDocument"));
        }
    }

    /// Takes the policies of a function, or its role.
    void addFunction(Properties one) {
        Node.Members properties = one.resource().properties();
        if (properties.has("Role")) {
            rolesOfFunctions.add(Permissions.text(one, properties.at("Role")));
            return;
        }
        if (!one.resource().type().equals(Serverless.FUNCTION)) {
            return;
        }
        isAnyPolicy = true;
        for (Node policy : items(one, properties.at("Policies"))) {
            switch (policy) {
                case Node.Text _ -> addManaged(policy);
                case Node.Members members when members.has("Statement") -> addDocument(one, members);
                // A template of SAM's; none of them is about the callback API.
                case Node.Members _ -> {}
                case Node.Items _, Node.Nothing _ -> {}
            }
        }
    }

    private void addManaged(Node policy) {
        String arn = policy instanceof Node.Text text ? text.text() : "";
        String name = arn.substring(arn.lastIndexOf('/') + 1);
        isUnknown |= UNRELATED.stream().noneMatch(name::startsWith);
    }

    private void addDocument(Properties one, Node document) {
        @Nullable Node value = evaluated(one, document);
        if (!(value instanceof Node.Members members)) {
            isUnknown = true;
            return;
        }
        for (Node statement : list(members.at("Statement"))) {
            if (statement instanceof Node.Members allowed
                    && allowed.textAt("Effect").equals("Allow")) {
                addStatement(one, allowed);
            }
        }
    }

    private void addStatement(Properties one, Node.Members statement) {
        if (statement.has("NotAction") || statement.has("NotResource")) {
            isUnknown = true;
            return;
        }
        boolean isMeant = list(statement.at("Action")).stream()
                .anyMatch(action -> action instanceof Node.Text text
                        && Wildcards.match(text.text().toLowerCase(Locale.ROOT), ACTION.toLowerCase(Locale.ROOT)));
        if (isMeant) {
            statements.add(new Statement(
                    one,
                    list(statement.at("Resource")).stream()
                            .map(resource -> resource instanceof Node.Text text ? text.text() : "*")
                            .toList()));
        }
    }

    /// Looks whether anybody may post to connections of an API.
    void look(ApiDraft draft, Account account, Set<String> stages) {
        boolean isAllowed = false;
        for (Statement one : statements) {
            boolean matches = one.resources().stream()
                    .anyMatch(pattern -> stages.stream()
                            .anyMatch(stage -> Wildcards.match(
                                    pattern,
                                    account.arn(
                                            "execute-api",
                                            draft.properties.id() + "/" + stage
                                                    + "/POST/@connections/{connectionId}"))));
            if (matches) {
                useful.add(one);
                isAllowed = true;
            }
        }
        if (!isAllowed && statements.isEmpty() && isKnown() && isSilent(draft)) {
            draft.properties.finding("no route answers, and no policy of this definition allows " + ACTION
                    + ": on AWS nothing ever reaches a client; here it does");
        }
    }

    private boolean isKnown() {
        return isAnyPolicy && !isUnknown && roles.containsAll(rolesOfFunctions);
    }

    /// Whether an API has routes for messages and none of them is answered.
    private static boolean isSilent(ApiDraft draft) {
        boolean hasMessages = false;
        for (String id : draft.routes.keySet()) {
            @Nullable Properties route = draft.routes.get(id);
            if (route == null) {
                continue;
            }
            String key = route.text("RouteKey", "");
            boolean isOfMessages = !key.equals("$connect") && !key.equals("$disconnect");
            if (isOfMessages
                    && (route.has("RouteResponseSelectionExpression") || draft.routeResponses.containsKey(id))) {
                return false;
            }
            hasMessages |= isOfMessages && route.has("Target");
        }
        return hasMessages;
    }

    /// Tells of permissions that are of no use, when all APIs have been looked at.
    void tell() {
        for (Statement one : statements) {
            if (!useful.contains(one) && !one.resources().isEmpty()) {
                one.of()
                        .finding("allows " + ACTION + " on " + String.join(", ", one.resources())
                                + ", which lets nobody post: AWS asks for"
                                + " …:API/STAGE/POST/@connections/{connectionId}, with these words at the end");
            }
        }
    }

    private static List<Node> items(Properties one, Node node) {
        if (node instanceof Node.Nothing) {
            return List.of();
        }
        @Nullable Node value = evaluated(one, node);
        return value == null ? List.of(Node.text("")) : list(value);
    }

    /// What a node comes to, or null where that is not known.
    private static @Nullable Node evaluated(Properties one, Node node) {
        try {
            return one.stack().evaluate(node);
        } catch (Wrong _) {
            return null;
        }
    }

    private static List<Node> list(Node node) {
        return switch (node) {
            case Node.Items several -> several.items();
            case Node.Nothing _ -> List.of();
            case Node.Text _, Node.Members _ -> List.of(node);
        };
    }
}
