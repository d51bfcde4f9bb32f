package io.topicstream.gateway.definition;

import io.topicstream.gateway.model.Definition;
import io.topicstream.gateway.model.Definition.Finding;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// A CloudFormation template with the values of its parameters: its WebSocket APIs, and all resources that it makes,
/// for who runs more of it than those. For one thread.
public final class Resources {
    private final Path file;
    private final Loading loading;
    private final Definition definition;
    private final List<TemplateResource> made;

    /// Values for parameters, and for pseudo-parameters such as `AWS::Region`.
    ///
    /// @param given each of a parameter that there is
    /// @param usual what holds for those that there are, where nothing is given, in place of a default
    public record Values(Map<String, String> given, Map<String, String> usual) {
        public Values {
            given = Map.copyOf(given);
            usual = Map.copyOf(usual);
        }

        private Map<String, String> of(Template template) {
            Map<String, String> all = new HashMap<>(usual);
            all.keySet().removeIf(name -> !template.parameters().has(name) && !Account.GIVEN.contains(name));
            all.putAll(given);
            return all;
        }
    }

    private Resources(Path file, Loading loading, Definition definition) {
        this.file = file;
        this.loading = loading;
        this.definition = definition;
        this.made = made(loading);
    }

    /// Reads a file and the nested stacks that it names; see [Definitions#read].
    ///
    /// @throws DefinitionException with all that is wrong with parameters and WebSocket APIs
    public static Resources read(Path file, Values values) throws DefinitionException {
        try {
            return of(file, Template.readFile(file), values);
        } catch (Wrong e) {
            throw exception(file, e);
        }
    }

    /// Reads a text.
    ///
    /// @param file what it is called
    /// @throws DefinitionException with all that is wrong with parameters and WebSocket APIs
    public static Resources parse(Path file, String text, Values values) throws DefinitionException {
        try {
            return of(file, Template.parse(file, text), values);
        } catch (Wrong e) {
            throw exception(file, e);
        }
    }

    private static Resources of(Path file, Node root, Values values) throws DefinitionException {
        Loading loading = new Loading();
        loading.addFile(file);
        try {
            Template template = Template.of(file, root, loading.problems);
            Map<String, String> chosen = values.of(template);
            requireValues(loading, template, chosen);
            Stack.outermost(loading, template, chosen).readNested();
            loading.problems.requireNone();
            return new Resources(file, loading, new Assembly(loading).definition());
        } catch (Wrong e) {
            loading.problems.requireNone();
            throw e;
        }
    }

    private static DefinitionException exception(Path file, Wrong wrong) {
        return new DefinitionException(List.of(new Finding(file, wrong.line(), "", wrong.text())));
    }

    /// A deployment is refused without them, whether anything asks for them or not.
    private static void requireValues(Loading loading, Template template, Map<String, String> chosen) {
        template.parameters().members().forEach((name, node) -> {
            if (!chosen.containsKey(name)
                    && !template.parameters().membersAt(name).has("Default")) {
                loading.problems.error(template.file(), node.line(), "Parameters." + name, "must have a value");
            }
        });
    }

    private static List<TemplateResource> made(Loading loading) {
        List<TemplateResource> made = new ArrayList<>();
        for (Stack stack : loading.stacks()) {
            for (Resource one : stack.template().resources().values()) {
                if (stack.isMade(one)) {
                    made.add(new TemplateResource(new Properties(stack, one, loading.problems), loading.problems));
                }
            }
        }
        return List.copyOf(made);
    }

    /// The WebSocket APIs.
    public Definition definition() {
        return definition;
    }

    /// The resources whose conditions hold, in the order of the template.
    public List<TemplateResource> made() {
        return made;
    }

    /// Those of a type.
    public List<TemplateResource> made(String type) {
        return made.stream().filter(one -> one.type().equals(type)).toList();
    }

    /// Notes that the template cannot be used.
    public void refuse(String why) {
        loading.problems.error(file, 0, "", why);
    }

    /// Ends the reading where something is wrong.
    ///
    /// @throws DefinitionException with all that was refused, or was found wrong where it was asked for
    public void requireNoErrors() throws DefinitionException {
        loading.problems.requireNone();
    }
}
