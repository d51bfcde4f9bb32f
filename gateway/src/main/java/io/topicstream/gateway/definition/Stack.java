package io.topicstream.gateway.definition;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// A template with the values of its parameters: what its references mean. For one thread.
///
/// Nested stacks are read when something asks for them, at the latest by [#readNested]. A name that needs
/// itself, on any way, is an error.
final class Stack implements Intrinsics.Names {
    private final Loading loading;
    private final Template template;
    private final Account account;
    private final String path;
    private final List<Path> outer;
    private final Map<String, Node> parameters;
    private final Intrinsics intrinsics;
    private final Attributes attributes = new Attributes(this);
    private final Map<String, Stack> nested = new LinkedHashMap<>();
    private final Set<String> asked = new HashSet<>();

    /// @param path the logical ids of the stacks around it and its own, each with a slash behind it; empty for
    ///     the outermost
    /// @param outer the files of the stacks around it
    /// @param given values of parameters
    private Stack(
            Loading loading,
            Template template,
            Account account,
            String path,
            List<Path> outer,
            Map<String, Node> given) {
        this.loading = loading;
        this.template = template;
        this.account = account;
        this.path = path;
        this.outer = outer;
        this.intrinsics = new Intrinsics(this, template.mappings(), template.conditions(), loading.bounds);
        this.parameters = new HashMap<>(given);
        loading.addStack(this);
        template.parameters().members().keySet().forEach(this::checkParameter);
        References.requireNoCircle(template, loading.problems);
    }

    /// The outermost stack.
    ///
    /// @param given values of parameters and of pseudo-parameters
    static Stack outermost(Loading loading, Template template, Map<String, String> given) {
        Map<String, Node> values = new HashMap<>();
        given.forEach((name, value) -> {
            if (!Account.GIVEN.contains(name)) {
                values.put(name, Node.text(value));
                if (!template.parameters().has(name)) {
                    loading.problems.error(
                            template.file(),
                            template.parameters().line(),
                            "Parameters",
                            "there is no parameter " + name
                                    + Spelling.didYouMean(
                                            name,
                                            template.parameters().members().keySet()));
                }
            }
        });
        return new Stack(loading, template, Account.of(template.file(), given), "", List.of(), values);
    }

    Template template() {
        return template;
    }

    Account account() {
        return account;
    }

    String path() {
        return path;
    }

    /// Evaluates a node.
    ///
    /// @return null for `AWS::NoValue`
    @Nullable
    Node evaluate(Node node) {
        return intrinsics.evaluate(node);
    }

    /// Whether a resource is made: whether its condition holds.
    boolean isMade(Resource resource) {
        return !(resource.attributes().at("Condition") instanceof Node.Text condition)
                || intrinsics.holds(condition.text(), condition.line());
    }

    /// The text of a property of a resource, or another one if it has none.
    String property(Resource resource, String name, String otherwise) {
        if (!resource.properties().has(name)) {
            return otherwise;
        }
        String key = resource.id() + "." + name;
        if (!asked.add(key)) {
            throw new Wrong(resource.line(), key + " asks for itself");
        }
        try {
            @Nullable Node value = evaluate(resource.properties().at(name));
            return value instanceof Node.Text text ? text.text() : otherwise;
        } finally {
            asked.remove(key);
        }
    }

    /// The name by which a function is invoked.
    String functionName(Resource function) {
        return attributes.functionName(function);
    }

    /// What `Ref` of a resource gives.
    String refOf(Resource resource) {
        return attributes.ref(resource);
    }

    @Override
    public @Nullable Node ref(String name, int line) {
        if (name.equals("AWS::NoValue")) {
            return null;
        }
        if (name.equals("AWS::NotificationARNs")) {
            return new Node.Items(List.of(), line);
        }
        @Nullable String pseudo = account.pseudo(name);
        if (pseudo != null) {
            return new Node.Text(pseudo, false, line);
        }
        if (template.parameters().has(name)) {
            return parameter(name, line);
        }
        int dot = name.indexOf('.');
        if (dot > 0
                && !template.resources().containsKey(name)
                && template.resources().containsKey(name.substring(0, dot))) {
            return generated(name.substring(0, dot), name.substring(dot + 1), line);
        }
        return new Node.Text(attributes.ref(resource(name, line)), false, line);
    }

    @Override
    public Node attribute(String id, String attribute, int line) {
        Resource resource = resource(id, line);
        boolean isStack = isStack(resource);
        if (isStack && attribute.startsWith("Outputs.")) {
            return output(resource, attribute.substring("Outputs.".length()), line);
        }
        if (resource.type().startsWith("Custom::") || resource.type().equals("AWS::CloudFormation::CustomResource")) {
            loading.problems.finding(
                    template.file(), line, id, "does not run here: its attribute " + attribute + " is made up");
        }
        return new Node.Text(attributes.attribute(resource, attribute), false, line);
    }

    /// What SAM makes beside a resource of its own, as it lets templates name it: `Api.Stage`, `Function.Alias`.
    private Node generated(String id, String what, int line) {
        Resource resource = resource(id, line);
        if (resource.type().equals(Serverless.FUNCTION) && (what.equals("Alias") || what.equals("Version"))) {
            String qualifier = what.equals("Version") ? "1" : property(resource, "AutoPublishAlias", "live");
            String arn = attributes.functionArn(attributes.functionName(resource));
            return new Node.Text(arn + ":" + qualifier, false, line);
        }
        if (what.equals("Stage")) {
            for (Resource stage : template.resources().values()) {
                if (stage.type().equals("AWS::ApiGatewayV2::Stage")
                        && stage.place().equals(id)) {
                    return new Node.Text(attributes.ref(stage), false, line);
                }
            }
        }
        throw new Wrong(line, "there is no " + what + " of " + id);
    }

    private Resource resource(String id, int line) {
        @Nullable Resource resource = template.resources().get(id);
        if (resource == null) {
            Set<String> known = new HashSet<>(template.resources().keySet());
            known.addAll(template.parameters().members().keySet());
            throw new Wrong(line, "there is no parameter or resource " + id + Spelling.didYouMean(id, known));
        }
        if (!isMade(resource)) {
            throw new Wrong(
                    line,
                    "there is no resource " + id + ": its condition "
                            + resource.attributes().textAt("Condition") + " does not hold");
        }
        return resource;
    }

    private Node parameter(String name, int line) {
        Node.Members declared = template.parameters().membersAt(name);
        Node value = parameters.getOrDefault(name, declared.at("Default"));
        String type = declared.textAt("Type");
        if (!(value instanceof Node.Text text) || (type.contains("SSM::") && !parameters.containsKey(name))) {
            throw new Wrong(line, "the parameter " + name + " has no value; give it one: --parameter " + name + "=…");
        }
        if (!type.equals("CommaDelimitedList") && !type.contains("List<")) {
            return new Node.Text(text.text(), false, line);
        }
        List<Node> items = new ArrayList<>();
        for (String item : text.text().split(",", -1)) {
            items.add(new Node.Text(item.strip(), false, line));
        }
        return new Node.Items(text.text().isEmpty() ? List.of() : items, line);
    }

    private void checkParameter(String name) {
        Node.Members declared = template.parameters().membersAt(name);
        Node value = parameters.getOrDefault(name, declared.at("Default"));
        if (!(value instanceof Node.Text text)) {
            return;
        }
        @Nullable String wrong = ParameterCheck.problem(declared, text.text());
        if (wrong != null) {
            loading.problems.error(template.file(), declared.line(), "Parameters." + name, wrong);
        }
    }

    static boolean isStack(Resource resource) {
        return resource.type().equals("AWS::CloudFormation::Stack")
                || resource.type().equals("AWS::Serverless::Application");
    }

    private Node output(Resource resource, String name, int line) {
        Stack inner = nested(resource);
        Node.Members outputs = inner.template.outputs();
        if (!outputs.has(name)) {
            throw new Wrong(
                    line,
                    "there is no output " + name + " of " + resource.id()
                            + Spelling.didYouMean(name, outputs.members().keySet()));
        }
        Node.Members output = outputs.membersAt(name);
        if (output.at("Condition") instanceof Node.Text condition
                && !inner.intrinsics.holds(condition.text(), condition.line())) {
            throw new Wrong(line, "there is no output " + name + ": its condition does not hold");
        }
        String key = resource.id() + ".Outputs." + name;
        if (!asked.add(key)) {
            throw new Wrong(line, key + " asks for itself");
        }
        try {
            @Nullable Node value = inner.evaluate(output.at("Value"));
            if (value == null || value instanceof Node.Nothing) {
                throw new Wrong(line, "the output " + name + " of " + resource.id() + " has no value");
            }
            return value;
        } catch (Wrong e) {
            throw new Wrong(line, "the output " + name + " of " + resource.id() + ": " + e.text());
        } finally {
            asked.remove(key);
        }
    }

    /// Reads the stacks in this one that nothing has asked for yet.
    void readNested() {
        for (Resource resource : template.resources().values()) {
            if (isStack(resource)) {
                try {
                    if (isMade(resource)) {
                        nested(resource).readNested();
                    }
                } catch (Wrong e) {
                    loading.problems.error(template.file(), line(e, resource), resource.place(), e.text());
                }
            }
        }
    }

    private static int line(Wrong wrong, Resource resource) {
        return wrong.line() == 0 ? resource.line() : wrong.line();
    }

    private Stack nested(Resource resource) {
        @Nullable Stack known = nested.get(resource.id());
        if (known != null) {
            return known;
        }
        Path file = fileOf(resource);
        List<Path> around = new ArrayList<>(outer);
        around.add(template.file());
        if (around.stream().anyMatch(one -> isSame(one, file))) {
            throw new Wrong(resource.line(), "the template " + file + " holds itself");
        }
        loading.bounds.chargeStack(resource.line(), around.size());
        if (!asked.add(resource.id())) {
            throw new Wrong(resource.line(), "the stack " + resource.id() + " asks for itself");
        }
        try {
            loading.addFile(file);
            Template inner = Template.of(file, readFile(file, resource), loading.problems);
            Map<String, Node> given = new HashMap<>();
            Node.Members passed = resource.properties().membersAt("Parameters");
            passed.members().forEach((name, node) -> {
                if (!inner.parameters().has(name)) {
                    throw new Wrong(
                            node.line(),
                            "the template " + file.getFileName() + " has no parameter " + name
                                    + Spelling.didYouMean(
                                            name, inner.parameters().members().keySet()));
                }
                @Nullable Node value = evaluate(node);
                if (value != null) {
                    given.put(name, Node.text(passedOn(value)));
                }
            });
            Stack stack =
                    new Stack(loading, inner, account.within(resource.id()), path + resource.id() + "/", around, given);
            nested.put(resource.id(), stack);
            return stack;
        } finally {
            asked.remove(resource.id());
        }
    }

    private static Node readFile(Path file, Resource resource) {
        try {
            return Template.readFile(file);
        } catch (Wrong e) {
            throw new Wrong(resource.line(), file + (e.line() == 0 ? "" : ":" + e.line()) + " " + e.text());
        }
    }

    private static String passedOn(Node value) {
        return switch (value) {
            case Node.Text text -> text.text();
            case Node.Items list ->
                String.join(",", list.items().stream().map(Stack::passedOn).toList());
            case Node.Members map -> throw new Wrong(map.line(), "a parameter is a text or a list, not a mapping");
            case Node.Nothing _ -> "";
        };
    }

    private static boolean isSame(Path one, Path other) {
        return one.toAbsolutePath().normalize().equals(other.toAbsolutePath().normalize());
    }

    /// The file of a nested stack: what tools noted beside it, or where it says that it is.
    private Path fileOf(Resource resource) {
        String asset = resource.attributes().membersAt("Metadata").textAt("aws:asset:path");
        String property = resource.type().equals("AWS::CloudFormation::Stack") ? "TemplateURL" : "Location";
        if (!asset.isEmpty()) {
            return beside(asset, resource.line());
        }
        Node written = resource.properties().at(property);
        @Nullable Node location = evaluate(written);
        if (!(location instanceof Node.Text text)) {
            throw new Wrong(
                    resource.line(),
                    property
                            + (location instanceof Node.Members
                                    ? " is an application of the repository on AWS; only templates on this machine are read"
                                    : " is missing"));
        }
        if (text.text().matches("(https?|s3)://.*")) {
            throw new Wrong(
                    text.line(), property + " is a template on the network; only templates on this machine are read");
        }
        return beside(text.text(), text.line());
    }

    /// A path that stands in the template, as a file.
    Path beside(String relative, int line) {
        try {
            return template.file()
                    .resolveSibling(relative.replaceFirst("^file://", ""))
                    .normalize();
        } catch (InvalidPathException e) {
            throw new Wrong(line, "'" + relative + "' is no path: " + e.getReason());
        }
    }
}
