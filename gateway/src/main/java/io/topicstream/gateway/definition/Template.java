package io.topicstream.gateway.definition;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// A template as it was written, by its sections. Immutable.
///
/// @param resources by their logical ids, in their order; those of SAM are expanded
record Template(
        Path file,
        Node.Members parameters,
        Node.Members mappings,
        Node.Members conditions,
        Node.Members outputs,
        Map<String, Resource> resources) {
    private static final Set<String> SECTIONS = Set.of(
            "AWSTemplateFormatVersion",
            "Description",
            "Metadata",
            "Parameters",
            "Rules",
            "Mappings",
            "Conditions",
            "Transform",
            "Globals",
            "Hooks",
            "Resources",
            "Outputs");
    private static final Set<String> TRANSFORMS =
            Set.of("AWS::Serverless-2016-10-31", "AWS::LanguageExtensions", "AWS::SecretsManager-2020-07-23");

    /// Reads what a file holds, as it was written.
    ///
    /// @throws Wrong where it cannot be read
    static Node readFile(Path file) {
        return parse(file, text(file));
    }

    /// Reads a text, as it was written.
    ///
    /// @param file what it is called
    /// @throws Wrong where it cannot be read
    static Node parse(Path file, String text) {
        String start = text.stripLeading();
        boolean isJson = start.startsWith("{") || start.startsWith("[");
        if (!isJson || file.toString().endsWith(".yaml") || file.toString().endsWith(".yml")) {
            return YamlNodes.read(text);
        }
        return JsonNodes.read(text);
    }

    private static String text(Path file) {
        if (!Files.isRegularFile(file)) {
            throw new Wrong(0, Files.exists(file) ? "is not a file" : "is not there");
        }
        try (InputStream in = Files.newInputStream(file)) {
            byte[] bytes = in.readNBytes(Bounds.FILE_BYTES + 1);
            if (bytes.length > Bounds.FILE_BYTES) {
                throw new Wrong(0, "is larger than " + (Bounds.FILE_BYTES >> 20) + " MiB");
            }
            String text = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
            return text.startsWith("\uFEFF") ? text.substring(1) : text;
        } catch (CharacterCodingException e) {
            throw new Wrong(0, "is not text in UTF-8");
        } catch (IOException e) {
            throw new Wrong(0, "cannot be read: " + e.getMessage());
        }
    }

    /// Makes a template of what a file holds.
    ///
    /// @throws Wrong where it is no template
    static Template of(Path file, Node root, Problems problems) {
        if (!(root instanceof Node.Members sections)) {
            throw new Wrong(root.line(), "is no template: it is " + root.kind());
        }
        sections.members().forEach((name, section) -> {
            if (!SECTIONS.contains(name)) {
                problems.error(
                        file,
                        section.line(),
                        name,
                        "is no section of a template" + Spelling.didYouMean(name, SECTIONS));
            }
        });
        requireKnownTransforms(sections.at("Transform"));
        Map<String, Resource> resources = new LinkedHashMap<>();
        if (!(sections.at("Resources") instanceof Node.Members listed)
                || listed.members().isEmpty()) {
            throw new Wrong(sections.line(), "has no Resources");
        }
        if (listed.members().size() > Bounds.RESOURCES) {
            throw new Wrong(listed.line(), "has more than " + Bounds.RESOURCES + " resources");
        }
        Serverless serverless = new Serverless(sections.membersAt("Globals"));
        listed.members().forEach((id, node) -> {
            try {
                for (Resource one : serverless.expand(resource(id, node))) {
                    if (resources.put(one.id(), one) != null) {
                        throw new Wrong(node.line(), "there are two resources of the name " + one.id());
                    }
                }
            } catch (Wrong e) {
                problems.error(file, e.line() == 0 ? node.line() : e.line(), e.placeIn(id), e.text());
            }
        });
        return new Template(
                file,
                sections.membersAt("Parameters"),
                sections.membersAt("Mappings"),
                sections.membersAt("Conditions"),
                sections.membersAt("Outputs"),
                resources);
    }

    private static Resource resource(String id, Node node) {
        if (id.startsWith("Fn::")) {
            throw new Wrong(node.line(), id + " is not supported here; write the resources out");
        }
        if (!(node instanceof Node.Members members)) {
            throw new Wrong(node.line(), "a resource is a mapping with a Type, not " + node.kind());
        }
        String type = members.textAt("Type");
        if (type.isEmpty()) {
            throw new Wrong(node.line(), "has no Type");
        }
        Node properties = members.at("Properties");
        if (!(properties instanceof Node.Members) && !(properties instanceof Node.Nothing)) {
            throw new Wrong(properties.line(), "Properties is a mapping, not " + properties.kind());
        }
        return new Resource(id, type, members.membersAt("Properties"), members, node.line(), Map.of());
    }

    private static void requireKnownTransforms(Node transform) {
        switch (transform) {
            case Node.Nothing _ -> {}
            case Node.Text name -> {
                if (!TRANSFORMS.contains(name.text())) {
                    throw new Wrong(
                            name.line(),
                            "the transform " + name.text() + " runs on AWS only; load what it makes of this");
                }
            }
            case Node.Items several -> several.items().forEach(Template::requireKnownTransforms);
            case Node.Members macro ->
                throw new Wrong(
                        macro.line(),
                        "the transform " + macro.textAt("Name") + " runs on AWS only; load what it makes of this");
        }
    }

    /// The resources on which one depends by `DependsOn`.
    static List<String> dependencies(Resource resource) {
        return switch (resource.attributes().at("DependsOn")) {
            case Node.Text one -> List.of(one.text());
            case Node.Items several ->
                several.items().stream()
                        .filter(Node.Text.class::isInstance)
                        .map(item -> ((Node.Text) item).text())
                        .toList();
            case Node.Members _, Node.Nothing _ -> List.of();
        };
    }
}
