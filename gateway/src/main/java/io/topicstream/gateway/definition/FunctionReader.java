package io.topicstream.gateway.definition;

import io.topicstream.gateway.lambda.LocalFunctions;
import io.topicstream.gateway.model.LocalFunction;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Finds the code of functions that stands beside a template: where the template says, where CDK notes it, or
/// where the Serverless Framework puts its archive. A function whose code is elsewhere is invoked by its name.
final class FunctionReader {
    private static final int DEFAULT_TIMEOUT_S = 3;
    private static final int DEFAULT_MEMORY_MB = 128;

    private final Set<String> names = new HashSet<>();

    List<LocalFunction> read(List<Properties> functions) {
        List<LocalFunction> found = new ArrayList<>();
        for (Properties one : functions) {
            @Nullable LocalFunction function = function(one);
            if (function != null) {
                found.add(function);
            }
        }
        return found;
    }

    private @Nullable LocalFunction function(Properties one) {
        one.requireText("FunctionName");
        if (one.isWrong("FunctionName")) {
            return null;
        }
        String name = one.stack().functionName(one.resource());
        if (!names.add(name)) {
            one.error("FunctionName", "there is another function of the name " + name);
        }
        for (String property : one.resource().properties().members().keySet()) {
            String meant = Spelling.didYouMean(property, LIKELY);
            if (!LIKELY.contains(property) && !meant.isEmpty() && !OTHER.contains(property)) {
                one.finding(property, "is unknown" + meant);
            }
        }
        @Nullable Code code = code(one);
        if (code == null) {
            return null;
        }
        one.require("Runtime", "Handler");
        String runtime = one.text("Runtime", "");
        if (!runtime.isEmpty() && !LocalFunctions.run(runtime)) {
            one.finding("Runtime", runtime + " does not run here; the function is invoked by its name");
        }
        @Nullable Integer timeoutS = one.integer("Timeout", 1, 900);
        @Nullable Integer memoryMb = one.integer("MemorySize", 128, 32_768);
        Map<String, String> environment = Map.of();
        if (one.members("Environment").at("Variables") instanceof Node.Members variables) {
            environment = one.texts("Environment.Variables", variables);
            environment.forEach((variable, value) -> {
                if (value.contains("{{resolve:")) {
                    one.finding(
                            "Environment.Variables." + variable, "is resolved on AWS only; the text stays as it is");
                }
            });
        }
        return new LocalFunction(
                name,
                runtime,
                one.text("Handler", ""),
                code.path(),
                code.inline(),
                environment,
                Objects.requireNonNullElse(timeoutS, DEFAULT_TIMEOUT_S),
                Objects.requireNonNullElse(memoryMb, DEFAULT_MEMORY_MB),
                one.integer("ReservedConcurrentExecutions", 0, 1_000),
                layers(one));
    }

    /// The folders of layers that stand beside the template too. Others are told of.
    private static List<Path> layers(Properties one) {
        List<Path> layers = new ArrayList<>();
        if (one.resource().properties().at("Layers") instanceof Node.Items items) {
            for (Node item : items.items()) {
                @Nullable Path folder = layer(one, item);
                if (folder == null) {
                    one.finding("Layers", "has one that is no folder here; the code must hold what it needs");
                } else {
                    layers.add(folder);
                }
            }
        } else if (one.has("Layers")) {
            one.finding("Layers", "are not put in place here; the code must hold what it needs");
        }
        return layers;
    }

    private static @Nullable Path layer(Properties one, Node item) {
        if (!(item instanceof Node.Members members && members.at("Ref") instanceof Node.Text id)) {
            return null;
        }
        @Nullable Resource layer = one.stack().template().resources().get(id.text());
        if (layer == null || !layer.type().endsWith("::LayerVersion")) {
            return null;
        }
        String written = layer.attributes().membersAt("Metadata").textAt("aws:asset:path");
        try {
            if (written.isEmpty()) {
                String property = layer.type().equals("AWS::Serverless::LayerVersion") ? "ContentUri" : "Content";
                @Nullable Node value = one.stack().evaluate(layer.properties().at(property));
                written = value instanceof Node.Text text ? text.text() : "";
            }
            Path folder = one.stack().beside(written, layer.line());
            return !written.isEmpty() && Files.isDirectory(folder) ? folder : null;
        } catch (Wrong e) {
            return null;
        }
    }

    private record Code(Path path, @Nullable String inline) {}

    /// What a misspelt property of a function was meant to be.
    private static final Set<String> LIKELY = Set.of(
            "AutoPublishAlias",
            "Code",
            "CodeUri",
            "Environment",
            "FunctionName",
            "Handler",
            "InlineCode",
            "MemorySize",
            "PackageType",
            "ReservedConcurrentExecutions",
            "Runtime",
            "Timeout");
    /// Other properties, near one of these by their letters.
    private static final Set<String> OTHER = Set.of("Role", "Tags", "Tracing", "Events", "Layers");

    private static @Nullable Code code(Properties one) {
        boolean isSam = one.resource().type().equals(Serverless.FUNCTION);
        if (one.text("PackageType", "Zip").equals("Image")) {
            one.finding("PackageType", "is an image; it is not run here, but invoked by its name");
            return null;
        }
        Path template = one.stack().template().file();
        String asset = one.resource().attributes().membersAt("Metadata").textAt("aws:asset:path");
        if (!asset.isEmpty()) {
            return existing(one, isSam ? "CodeUri" : "Code", asset);
        }
        if (isSam && one.has("InlineCode")) {
            return new Code(folderOf(template), one.text("InlineCode", ""));
        }
        String property = isSam ? "CodeUri" : "Code";
        if (!isSam && !one.resource().properties().has(property)) {
            one.error(property, "is missing");
            return null;
        }
        Node written = one.resource().properties().at(property);
        if (written instanceof Node.Members members && !Node.isCall(members)) {
            return ofMembers(one, property, members);
        }
        String path = one.text(property, ".");
        return path.startsWith("s3://") ? ofKey(one, property, path) : existing(one, property, path);
    }

    /// The code of a function whose `Code` has members. Names of buckets are not asked for: they may be parameters
    /// that only a deployment has.
    private static @Nullable Code ofMembers(Properties one, String property, Node.Members members) {
        try {
            if (members.has("ZipFile")) {
                @Nullable Node text = one.stack().evaluate(members.at("ZipFile"));
                return text instanceof Node.Text code
                        ? new Code(folderOf(one.stack().template().file()), code.text())
                        : null;
            }
            if (members.has("ImageUri")) {
                one.finding(property, "is an image; it is not run here, but invoked by its name");
                return null;
            }
            @Nullable Node key = one.stack().evaluate(members.at(members.has("Key") ? "Key" : "S3Key"));
            return ofKey(one, property, key instanceof Node.Text text ? text.text() : "");
        } catch (Wrong e) {
            if (members.has("ZipFile")) {
                one.error(property, e.text());
                return null;
            }
            return ofKey(one, property, "");
        }
    }

    /// Code in a bucket: tools leave what they put there beside the template, under the last part of its key or, where
    /// that is a hash, as `asset.HASH`.
    private static @Nullable Code ofKey(Properties one, String property, String key) {
        String last = key.substring(key.lastIndexOf('/') + 1);
        if (last.matches("[A-Za-z0-9._-]+")) {
            for (String name : List.of(last, "asset." + last, "asset." + last.replaceFirst("\\.zip$", ""))) {
                Path path = one.stack().beside(name, one.resource().line());
                if (Files.exists(path)) {
                    return new Code(path, null);
                }
            }
        }
        one.finding(property, "is in a bucket; the function is not run here, but invoked by its name");
        return null;
    }

    private static @Nullable Code existing(Properties one, String property, String relative) {
        Path path;
        try {
            path = one.stack().beside(relative, one.resource().line());
        } catch (Wrong e) {
            one.error(property, e.text());
            return null;
        }
        if (!Files.exists(path)) {
            one.finding(property, path + " is not there; the function is not run here, but invoked by its name");
            return null;
        }
        return new Code(path, null);
    }

    private static Path folderOf(Path template) {
        @Nullable Path folder = template.toAbsolutePath().normalize().getParent();
        return folder == null ? template : folder;
    }
}
