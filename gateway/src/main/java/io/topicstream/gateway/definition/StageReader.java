package io.topicstream.gateway.definition;

import io.topicstream.gateway.model.DomainMapping;
import io.topicstream.gateway.model.Route;
import io.topicstream.gateway.model.RouteSettings;
import io.topicstream.gateway.model.Stage;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Reads the stages of an API, its deployments, and what domains lead to its stages.
final class StageReader {
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_-]{1,128}");
    private static final Pattern VARIABLE = Pattern.compile("[A-Za-z0-9_]+");
    private static final Pattern VALUE = Pattern.compile("[A-Za-z0-9\\-._~:/?#&=,]+");
    private static final Pattern MAPPING_KEY = Pattern.compile("[A-Za-z0-9$\\-_.+!*'()/]{0,300}");
    private static final Set<String> RESERVED = Set.of("ping", "sping");
    private static final Set<String> KNOWN = Set.of(
            "AccessLogSettings",
            "AccessPolicyId",
            "ApiId",
            "AutoDeploy",
            "ClientCertificateId",
            "DefaultRouteSettings",
            "DeploymentId",
            "Description",
            "RouteSettings",
            "StageName",
            "StageVariables",
            "Tags");
    private static final Set<String> OF_SETTINGS = Set.of(
            "DataTraceEnabled",
            "DetailedMetricsEnabled",
            "LoggingLevel",
            "ThrottlingBurstLimit",
            "ThrottlingRateLimit");

    private final ApiDraft draft;
    private final Map<String, Route> routes;
    private final boolean mayLog;
    private final Map<String, Stage> stages = new LinkedHashMap<>();
    private final Set<Properties> checked = new HashSet<>();

    /// @param mayLog whether the account has a role for logs
    StageReader(ApiDraft draft, Map<String, Route> routes, boolean mayLog) {
        this.draft = draft;
        this.routes = routes;
        this.mayLog = mayLog;
    }

    /// The stages by their names.
    Map<String, Stage> stages() {
        draft.stages.values().forEach(this::addStage);
        for (Properties one : draft.deployments.values()) {
            one.requireKnown(Set.of("ApiId", "Description", "StageName"), Map.of());
            @Nullable String name = one.text("StageName");
            if (name == null) {
                continue;
            }
            if (stages.containsKey(name)) {
                one.finding(
                        "StageName", "names the stage " + name + ", which stands beside it; AWS would make it twice");
            } else {
                one.requireMatch("StageName", NAME, "letters, digits, _ and -, 128 at most");
                stages.put(name, new Stage(name, Map.of(), RouteSettings.NONE, Map.of(), null));
                warnOfMissingRoutes(one);
            }
        }
        if (stages.isEmpty()) {
            draft.properties.finding("has no stage: nobody can reach it");
        }
        return stages;
    }

    private void addStage(Properties one) {
        one.requireKnown(KNOWN, Map.of());
        one.require("StageName");
        one.requireMatch("StageName", NAME, "letters, digits, _ and -, 128 at most");
        String name = one.text("StageName", "");
        if (RESERVED.contains(name)) {
            one.finding("StageName", "/" + name + " is a path that AWS keeps for itself");
        }
        checkDeployment(one);
        Map<String, String> variables = one.texts("StageVariables");
        variables.forEach((variable, value) -> {
            if (!VARIABLE.matcher(variable).matches()) {
                one.error("StageVariables." + variable, "a stage variable's name has letters, digits and _ only");
            } else if (!VALUE.matcher(value).matches()) {
                one.error(
                        "StageVariables." + variable,
                        "a stage variable's value has letters, digits and -._~:/?#&=, only, not '" + value + "'");
            }
        });
        Node.Members defaults = one.members("DefaultRouteSettings");
        RouteSettings general = settings(one, "DefaultRouteSettings", defaults);
        if (one.has("DefaultRouteSettings") && general.throttlingBurst() == null && general.throttlingRate() == null) {
            one.finding(
                    "DefaultRouteSettings",
                    "says nothing of throttling: no limit here; but Terraform and Pulumi send 0 for what is missing, and"
                            + " then AWS answers every handshake with 429");
        }
        Map<String, RouteSettings> particular = new LinkedHashMap<>();
        one.members("RouteSettings").members().forEach((key, value) -> {
            String place = "RouteSettings." + key;
            if (!routes.containsKey(key)) {
                one.error(place, "there is no route with the key " + key + Spelling.didYouMean(key, routes.keySet()));
            } else if (value instanceof Node.Members members) {
                particular.put(key, settings(one, place, members));
            } else {
                one.error(place, "is a mapping, not " + value.kind());
            }
        });
        Stage stage = new Stage(name, variables, general, particular, accessLogFormat(one));
        if (!name.isEmpty() && stages.put(name, stage) != null) {
            one.error("StageName", "there is another stage of the name " + name);
        }
    }

    private void checkDeployment(Properties one) {
        boolean deploysItself = one.bool("AutoDeploy");
        @Nullable String id = one.text("DeploymentId");
        if (id == null) {
            if (!deploysItself && !one.has("DeploymentId")) {
                one.finding("has neither AutoDeploy nor a DeploymentId: on AWS nobody can connect to it");
            }
            return;
        }
        if (deploysItself) {
            one.finding("DeploymentId", "is without effect beside AutoDeploy");
            return;
        }
        @Nullable Properties deployment = draft.deployments.get(id);
        if (deployment == null) {
            one.error("DeploymentId", "there is no deployment '" + id + "' of this API");
        } else {
            warnOfMissingRoutes(deployment);
        }
    }

    /// Tells of routes that need not be there when the deployment is made.
    private void warnOfMissingRoutes(Properties deployment) {
        if (!checked.add(deployment)) {
            return;
        }
        Template template = deployment.stack().template();
        Set<String> before = References.before(template, deployment.resource().id());
        Set<String> missing = new TreeSet<>();
        for (Properties route : draft.routes.values()) {
            if (route.stack() == deployment.stack()
                    && !before.contains(route.resource().id())) {
                missing.add(route.text("RouteKey", ""));
            }
        }
        if (!missing.isEmpty()) {
            deployment.finding("does not depend on the routes " + String.join(", ", missing)
                    + ": on AWS they may be missing from the stage; here all routes are live");
        }
    }

    private RouteSettings settings(Properties one, String place, Node.Members members) {
        for (String name : members.members().keySet()) {
            if (!OF_SETTINGS.contains(name)) {
                one.error(place + "." + name, "is no setting of a route" + Spelling.didYouMean(name, OF_SETTINGS));
            }
        }
        String level = members.has("LoggingLevel") ? members.textAt("LoggingLevel") : "OFF";
        RouteSettings.Logging logging = switch (level) {
            case "OFF" -> RouteSettings.Logging.OFF;
            case "ERROR" -> RouteSettings.Logging.ERROR;
            case "INFO" -> RouteSettings.Logging.INFO;
            default -> {
                one.error(place + ".LoggingLevel", "is OFF, ERROR or INFO, not '" + level + "'");
                yield RouteSettings.Logging.OFF;
            }
        };
        if (logging != RouteSettings.Logging.OFF && !mayLog) {
            one.finding(
                    place + ".LoggingLevel",
                    "CloudWatch Logs role ARN must be set in account settings to enable logging: AWS says so where no"
                            + " AWS::ApiGateway::Account was ever made; here there is a log without it");
        }
        @Nullable Double burst = limit(one, place, members, "ThrottlingBurstLimit");
        return new RouteSettings(
                logging,
                flag(one, place, members, "DataTraceEnabled"),
                flag(one, place, members, "DetailedMetricsEnabled"),
                burst == null ? null : Integer.valueOf((int) Math.min(burst, Integer.MAX_VALUE)),
                limit(one, place, members, "ThrottlingRateLimit"));
    }

    private static boolean flag(Properties one, String place, Node.Members members, String name) {
        @Nullable Boolean value = members.has(name) ? Properties.bool(members.at(name)) : Boolean.FALSE;
        if (value == null) {
            one.error(place + "." + name, "is true or false");
        }
        return Objects.requireNonNullElse(value, false);
    }

    private static @Nullable Double limit(Properties one, String place, Node.Members members, String name) {
        if (!members.has(name)) {
            return null;
        }
        @Nullable Double value = Properties.number(members.at(name));
        if (value == null || (name.endsWith("BurstLimit") && value != Math.rint(value))) {
            one.error(place + "." + name, "is a number from 0");
            return null;
        }
        if (value == 0) {
            one.finding(place + "." + name, "is 0, which lets nothing through");
        }
        return value;
    }

    private static @Nullable String accessLogFormat(Properties one) {
        Node.Members settings = one.members("AccessLogSettings");
        for (String name : settings.members().keySet()) {
            if (!name.equals("DestinationArn") && !name.equals("Format")) {
                one.error("AccessLogSettings." + name, "is no setting of an access log");
            }
        }
        if (!one.has("AccessLogSettings")) {
            return null;
        }
        if (!settings.has("DestinationArn")) {
            one.finding("AccessLogSettings.DestinationArn", "is missing; AWS wants to know where the log goes");
        }
        String format = settings.textAt("Format");
        if (format.isEmpty()) {
            one.finding("AccessLogSettings.Format", "is missing: there is no access log");
            return null;
        }
        if (!format.contains("$context.requestId") && !format.contains("$context.extendedRequestId")) {
            one.error("AccessLogSettings.Format", "must contain $context.requestId or $context.extendedRequestId");
        }
        return format;
    }

    /// What leads from domains to the stages. Read after them.
    ///
    /// @param domains by their ids, which are their names
    List<DomainMapping> mappings(Map<String, Properties> domains) {
        List<DomainMapping> mappings = new ArrayList<>();
        for (Properties one : draft.mappings.values()) {
            one.requireKnown(Set.of("ApiId", "ApiMappingKey", "DomainName", "Stage"), Map.of());
            one.require("DomainName", "Stage");
            one.requireMatch("ApiMappingKey", MAPPING_KEY, "a path of letters, digits and $-_.+!*'(), 300 at most");
            String domain = one.text("DomainName", "").toLowerCase(Locale.ROOT);
            String stage = one.text("Stage", "");
            if (one.has("Stage") && !stages.containsKey(stage)) {
                one.error(
                        "Stage",
                        "there is no stage '" + stage + "' of this API" + Spelling.didYouMean(stage, stages.keySet()));
            }
            if (one.has("DomainName") && domains.values().stream().noneMatch(known -> isOf(known, domain))) {
                one.finding("DomainName", domain + " is no AWS::ApiGatewayV2::DomainName of this definition");
            }
            domains.values().stream()
                    .filter(known -> isOf(known, domain) && known.has("MutualTlsAuthentication"))
                    .forEach(known -> known.error("MutualTlsAuthentication", "a WebSocket API has no mutual TLS"));
            String key = one.text("ApiMappingKey", "").replaceAll("^/+|/+$", "");
            if (!key.equals(stage)) {
                one.finding(
                        "ApiMappingKey",
                        "is not the stage's name: https://${domainName}/${stage}, as back ends usually"
                                + " build it, leads nowhere; here " + "the callback API is at https://" + domain
                                + (key.isEmpty() ? "" : "/" + key));
            }
            mappings.add(new DomainMapping(domain, key, stage));
        }
        return mappings;
    }

    private static boolean isOf(Properties known, String domain) {
        return known.text("DomainName", "").equalsIgnoreCase(domain);
    }
}
