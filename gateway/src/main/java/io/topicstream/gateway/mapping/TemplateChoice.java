package io.topicstream.gateway.mapping;

import io.topicstream.gateway.expression.SelectionExpression;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import org.apache.velocity.Template;
import org.jspecify.annotations.Nullable;

/// The templates of an integration or of a response, and what selects one of them. Immutable and thread-safe.
final class TemplateChoice {
    private static final String DEFAULT = "$default";

    /// What an API selects that says nothing about it.
    private static final String JSON = "application/json";

    private final Map<String, Template> templates;
    private final @Nullable SelectionExpression expression;

    private TemplateChoice(Map<String, Template> templates, @Nullable SelectionExpression expression) {
        this.templates = Map.copyOf(templates);
        this.expression = expression;
    }

    /// Parses all of it.
    ///
    /// @param place what to put in front of the names of its parts
    /// @throws MappingException with the place
    static TemplateChoice of(
            Map<String, String> texts,
            @Nullable String expression,
            SelectionExpression.Use use,
            String place,
            Templates engine) {
        Map<String, Template> templates = new LinkedHashMap<>();
        new TreeMap<>(texts)
                .forEach((key, text) -> templates.put(key, engine.parse(text, place + "Templates['" + key + "']")));
        try {
            return new TemplateChoice(
                    templates, expression == null ? null : SelectionExpression.parse(expression, use));
        } catch (IllegalArgumentException e) {
            throw new MappingException(place + "TemplateSelectionExpression", String.valueOf(e.getMessage()), e);
        }
    }

    boolean none() {
        return templates.isEmpty();
    }

    /// The template for an event, or null if there is none for it.
    @Nullable
    Template select(Function<SelectionExpression, String> evaluate) {
        Template selected = templates.get(expression == null ? JSON : evaluate.apply(expression));
        return selected == null ? templates.get(DEFAULT) : selected;
    }
}
