package io.topicstream.gateway.definition;

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
        if (one.has("Layers")) {
            one.finding("Layers", "are not put in place here; the code must hold what it needs");
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
                one.text("Runtime", ""),
                one.text("Handler", ""),
                code.path(),
                code.inline(),
                environment,
                Objects.requireNonNullElse(timeoutS, DEFAULT_TIMEOUT_S),
                Objects.requireNonNullElse(memoryMb, DEFAULT_MEMORY_MB));
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
