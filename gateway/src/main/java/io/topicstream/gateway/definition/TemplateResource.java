package io.topicstream.gateway.definition;

import java.util.Set;
import java.util.TreeSet;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// A resource that a template makes: its properties with their functions worked out, and what references to it give.
/// What is wrong with one is gathered, see [Resources#requireNoErrors]. For one thread.
public final class TemplateResource {
    private final Properties properties;
    private final Problems problems;

    TemplateResource(Properties properties, Problems problems) {
        this.properties = properties;
        this.problems = problems;
    }

    /// Its logical id; of one in a nested stack with those of the stacks around it before it.
    public String id() {
        return properties.stack().path() + properties.resource().id();
    }

    /// Its type, for instance `AWS::DynamoDB::Table`.
    public String type() {
        return properties.resource().type();
    }

    /// What `Ref` of it gives.
    public String ref() {
        return asked(properties::id);
    }

    /// What `Fn::GetAtt` of it gives.
    public String attribute(String name) {
        return asked(
                () -> properties.stack().attribute(properties.resource().id(), name, line()) instanceof Node.Text text
                        ? text.text()
                        : "");
    }

    /// A property; nothing where it is missing or wrong.
    public TemplateValue property(String name) {
        @Nullable Node value = properties.value(name);
        return value == null ? TemplateValue.nothing() : new TemplateValue(value);
    }

    /// The names of its properties.
    public Set<String> properties() {
        Set<String> there =
                new TreeSet<>(properties.resource().properties().members().keySet());
        there.removeIf(name -> !properties.has(name));
        return there;
    }

    /// Notes that it cannot be used.
    public void refuse(String why) {
        properties.error(type() + " " + why);
    }

    /// Notes that it cannot be used because of a property.
    public void refuse(String property, String why) {
        properties.error(property, "(" + type() + ") " + why);
    }

    private int line() {
        return properties.resource().line();
    }

    private String asked(Supplier<String> what) {
        try {
            return what.get();
        } catch (Wrong e) {
            problems.error(
                    properties.stack().template().file(),
                    e.line() == 0 ? line() : e.line(),
                    properties.resource().place(),
                    e.text());
            return "";
        }
    }
}
