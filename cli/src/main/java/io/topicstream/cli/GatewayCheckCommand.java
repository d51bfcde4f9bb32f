package io.topicstream.cli;

import io.topicstream.gateway.definition.DefinitionException;
import io.topicstream.gateway.definition.Definitions;
import io.topicstream.gateway.model.Api;
import io.topicstream.gateway.model.Authorization;
import io.topicstream.gateway.model.Definition;
import io.topicstream.gateway.model.Definition.Finding;
import io.topicstream.gateway.model.DomainMapping;
import io.topicstream.gateway.model.Integration;
import io.topicstream.gateway.model.LocalFunction;
import io.topicstream.gateway.model.Route;
import io.topicstream.gateway.model.UsagePlan;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// `topicstream gateway check`: reads a definition, and prints what the gateway would serve and what there is to tell.
@Command(
        name = "check",
        description = "Check a definition, and list its APIs, stages, routes and functions, and what is unusual in it.",
        mixinStandardHelpOptions = true,
        versionProvider = Main.Version.class,
        footer = {"", "Ends with 78 where the definition cannot be used, and says what and where."})
final class GatewayCheckCommand implements Runnable {
    private final Surroundings surroundings;

    @Option(
            names = {"-t", "--template"},
            paramLabel = "FILE",
            required = true,
            description = "A CloudFormation or SAM template in YAML or JSON, or the short form.")
    private Path template = Path.of("");

    @Option(
            names = {"-p", "--parameter"},
            paramLabel = "NAME=VALUE",
            description = "The value of a parameter, or of AWS::Region and its like. May be given several times.")
    private Map<String, String> parameters = new LinkedHashMap<>();

    @Option(names = "--json", description = "Print each thing as JSON.")
    private boolean json;

    GatewayCheckCommand(Surroundings surroundings) {
        this.surroundings = surroundings;
    }

    @Override
    public void run() {
        Definition definition;
        try {
            definition = Definitions.read(template, parameters);
        } catch (DefinitionException e) {
            e.findings().forEach(error -> tell("error", error));
            int others = e.findings().size() - 1;
            throw new CommandFailure(
                    ExitCodes.CONFIGURATION,
                    e.findings().getFirst() + (others == 0 ? "" : " (and " + others + " more)"));
        }
        definition.apis().forEach(this::tell);
        definition.usagePlans().forEach(this::tell);
        definition.functions().forEach(this::tell);
        definition.findings().forEach(finding -> tell("finding", finding));
    }

    private void tell(Api api) {
        print(
                "api " + api.name() + " " + api.id(),
                new JsonLine().text("api", api.name()).text("id", api.id()));
        for (String stage : sorted(api.stages()).keySet()) {
            print("  stage " + stage, new JsonLine().text("stage", stage).text("of", api.id()));
        }
        for (DomainMapping mapping : api.mappings()) {
            String at = mapping.domain() + (mapping.key().isEmpty() ? "" : "/" + mapping.key());
            print(
                    "  domain " + at + " -> " + mapping.stage(),
                    new JsonLine()
                            .text("domain", at)
                            .text("stage", mapping.stage())
                            .text("of", api.id()));
        }
        for (Route route : sorted(api.routes()).values()) {
            tell(api, route);
        }
    }

    private void tell(Api api, Route route) {
        @Nullable Integration integration = route.integration();
        String type = integration == null ? "-" : integration.type().name();
        String uri = integration == null ? "" : integration.uri();
        String who = switch (route.authorization()) {
            case Authorization.Open _ -> "";
            case Authorization.Iam _ -> "AWS_IAM";
            case Authorization.ByFunction by -> "authorizer " + by.authorizer().name();
        };
        print(
                "  route " + route.key() + " -> " + (type + " " + uri).strip() + (route.twoWay() ? ", two-way" : "")
                        + (who.isEmpty() ? "" : ", " + who) + (route.apiKeyRequired() ? ", API key" : ""),
                new JsonLine()
                        .text("route", route.key())
                        .text("type", type)
                        .text("uri", uri)
                        .raw("two_way", String.valueOf(route.twoWay()))
                        .text("authorization", who.isEmpty() ? null : who)
                        .text("of", api.id()));
    }

    private void tell(UsagePlan plan) {
        print(
                "usage plan " + plan.name() + ", keys: " + plan.keys().size(),
                new JsonLine()
                        .text("usage_plan", plan.name())
                        .number("keys", plan.keys().size()));
    }

    private void tell(LocalFunction function) {
        String code = function.inlineCode() == null ? function.code().toString() : "(inline)";
        print(
                "function " + function.name() + " " + function.runtime() + " " + function.handler() + " " + code,
                new JsonLine()
                        .text("function", function.name())
                        .text("runtime", function.runtime())
                        .text("handler", function.handler())
                        .text("code", code));
    }

    private void tell(String kind, Finding finding) {
        print(
                kind + ": " + finding,
                new JsonLine()
                        .text(kind, finding.text())
                        .text("place", finding.place())
                        .text("file", finding.file().toString())
                        .number("line", finding.line()));
    }

    private void print(String line, JsonLine asJson) {
        surroundings.out().println(json ? asJson.toString() : TerminalText.safe(line));
    }

    private static <V> Map<String, V> sorted(Map<String, V> map) {
        return new TreeMap<>(map);
    }
}
