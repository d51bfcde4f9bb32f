package io.topicstream.cli;

import io.topicstream.gateway.model.Definition;
import io.topicstream.json.JsonWriter;
import io.topicstream.server.TopicStreamServer;
import io.topicstream.server.config.LoadedConfig;
import io.topicstream.server.gateway.ServedGateway;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// `topicstream gateway`: runs the WebSocket APIs of a template, beside the server's own stages, until the process is
/// told to end; takes the template anew whenever it changes.
@Command(
        name = "gateway",
        description = "Run the WebSocket APIs of API Gateway that a template defines. Says where each stage is.",
        mixinStandardHelpOptions = true,
        versionProvider = Main.Version.class,
        footer = {
            "",
            "The template is CloudFormation or SAM, in YAML or JSON. When it changes it is taken anew, and connections",
            "stay open; a broken one is reported, and the one of before stays. All settings are those of serve."
        })
final class GatewayCommand implements Runnable {
    private final Surroundings surroundings;

    @Mixin
    private final SettingFlags settings = new SettingFlags();

    @Option(names = "--template", paramLabel = "FILE", description = "The template; gateway.definition says it too.")
    private @Nullable String template;

    @Option(
            names = "--parameter",
            paramLabel = "NAME=VALUE",
            description = "The value of a parameter of the template; may be given several times.")
    private Map<String, String> parameters = new LinkedHashMap<>();

    @Option(
            names = "--lambda-endpoint",
            paramLabel = "URL",
            description =
                    "Where functions are invoked by Lambda's Invoke API, in place of running them here: for instance"
                            + " sam local start-lambda.")
    private @Nullable String lambdaEndpoint;

    @Option(
            names = "--domain-name",
            paramLabel = "HOST[:PORT]",
            description = "What events name as domainName, in place of the host that the client asked for.")
    private @Nullable String domainName;

    @Option(names = "--json", description = "Say where everything is as lines of JSON.")
    private boolean json;

    GatewayCommand(Surroundings surroundings) {
        this.surroundings = surroundings;
    }

    @Override
    public void run() {
        settings.flag("--template", "gateway.definition", template);
        settings.flag("--parameter", "gateway.parameters", parameters.isEmpty() ? null : yaml(parameters));
        settings.flag("--lambda-endpoint", "gateway.lambda_endpoint", lambdaEndpoint);
        settings.flag("--domain-name", "gateway.domain_name", domainName);
        LoadedConfig loaded = settings.load(surroundings);
        if (loaded.config().gateway() == null) {
            throw new CommandFailure(
                    ExitCodes.USAGE,
                    "which template? Name it by --template, or by gateway.definition in the configuration");
        }
        new Serving(surroundings, json).run(loaded, this::sayWhereStagesAre);
    }

    /// The texts as one line that YAML reads.
    private static String yaml(Map<String, String> texts) {
        StringBuilder line = new StringBuilder("{");
        texts.forEach((name, text) -> line.append(line.length() == 1 ? "" : ", ")
                .append(quoted(name))
                .append(": ")
                .append(quoted(text)));
        return line.append('}').toString();
    }

    private static String quoted(String text) {
        return new JsonWriter().string(text).toString();
    }

    private void sayWhereStagesAre(TopicStreamServer server) {
        ServedGateway gateway = Objects.requireNonNull(server.gateway(), "there is a definition");
        String plain = Serving.base(server);
        String base = server.tlsAddress() == null ? plain : "https://" + Serving.authority(server.tlsAddress());
        Definition definition = gateway.definition();
        for (StageUrl stage : StageUrl.of(definition, gateway.apiId(), base)) {
            surroundings
                    .out()
                    .println(
                            json
                                    ? new JsonLine()
                                            .text("api", stage.api())
                                            .text("stage", stage.stage())
                                            .text("websocket", stage.webSocket())
                                            .text("callbacks", stage.callbacks())
                                            .toString()
                                    : "stage " + stage.stage() + " of " + stage.api() + ": " + stage.webSocket()
                                            + "  callbacks " + stage.callbacks());
        }
        if (definition.apis().isEmpty()) {
            Main.tell(surroundings, "note: the template has no WebSocket API");
        }
    }
}
