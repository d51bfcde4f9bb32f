package io.topicstream.cli.aws;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.topicstream.gateway.definition.DefinitionException;
import io.topicstream.gateway.definition.Resources;
import io.topicstream.gateway.definition.TemplateResource;
import io.topicstream.gateway.model.Api;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// The template that deploys TopicStream, or a changed copy of it, and what of it runs on this machine. What cannot run
/// here, and has an effect, is an error that names it.
public record SystemTemplate(@Nullable Path file, Map<String, String> parameters) {
    /// Stands for the hash of a token that is made at the start.
    static final String HASH_OF_OUR_TOKEN = "0".repeat(64);

    private static final String NAME = "topicstream.template.json";

    /// What holds on this machine where no parameter is given.
    private static final Map<String, String> USUAL = Map.of(
            "AllowGuests", "true",
            "AdminTokenSha256", HASH_OF_OUR_TOKEN,
            // Code is not taken from archives.
            "AssetsBucket", "not-on-this-machine",
            "Revision", "this-command",
            "AWS::StackName", "topicstream");

    /// @param file null for the one that comes with the command
    /// @param parameters those that are given
    public SystemTemplate {
        parameters = Map.copyOf(parameters);
    }

    /// The one that comes with the command.
    public static SystemTemplate usual() {
        return new SystemTemplate(null, Map.of());
    }

    /// The same with one more parameter.
    SystemTemplate with(String name, String value) {
        Map<String, String> all = new HashMap<>(parameters);
        all.put(name, value);
        return new SystemTemplate(file, all);
    }

    /// What of it runs here.
    ///
    /// @param hasEventBridge whether an EventBridge runs for its buses
    /// @throws DefinitionException with all that is wrong, and all that cannot run here
    LocalPlan plan(boolean hasEventBridge) throws DefinitionException {
        Resources resources = read(new Resources.Values(parameters, USUAL));
        Map<String, String> withoutEffect = new TreeMap<>();
        for (TemplateResource one : resources.made()) {
            String reason = TypesHere.withoutEffect(one.type());
            String notRun = TypesHere.notRun(one.type());
            if (reason != null) {
                withoutEffect.put(one.id(), reason);
            } else if (notRun != null) {
                one.refuse(notRun);
            }
        }
        TemplateFunctions functions = TemplateFunctions.of(resources);
        TemplateApis apis = new TemplateApis(resources, functions);
        Api api = apis.webSocket();
        LocalPlan.Throttle http = apis.http();
        Map<String, String> variables =
                functions.variables(api.id(), api.stages().keySet());
        TemplateSources sources = new TemplateSources(resources, functions, withoutEffect);
        TemplateResource table = functions.table();
        TemplateResource bucket = functions.bucket();
        for (TemplateResource one : resources.made()) {
            boolean isStore = one.type().equals(TypesHere.TABLE) || one.type().equals(TypesHere.BUCKET);
            if (isStore && one != table && one != bucket) {
                withoutEffect.put(one.id(), "no function has it");
            }
        }
        List<LocalPlan.Stream> streams = table == null ? List.of() : sources.streams(table);
        List<LocalPlan.Clock> clocks = sources.clocks(hasEventBridge);
        resources.requireNoErrors();
        return new LocalPlan(
                resources.definition(),
                http,
                variables,
                streams,
                clocks,
                !resources.made(TypesHere.DISTRIBUTION).isEmpty(),
                withoutEffect);
    }

    private Resources read(Resources.Values values) throws DefinitionException {
        return file == null ? Resources.parse(Path.of(NAME), text(), values) : Resources.read(file, values);
    }

    private static String text() {
        try (InputStream in = SystemTemplate.class.getResourceAsStream(NAME)) {
            if (in == null) {
                throw new IllegalStateException(NAME + " is not in the archive");
            }
            return new String(in.readAllBytes(), UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
