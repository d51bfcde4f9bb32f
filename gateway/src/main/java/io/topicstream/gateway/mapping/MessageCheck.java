package io.topicstream.gateway.mapping;

import io.topicstream.gateway.expression.SelectionExpression;
import io.topicstream.gateway.json.JsonBody;
import io.topicstream.gateway.model.Api;
import io.topicstream.gateway.model.Model;
import io.topicstream.gateway.model.Route;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// Checks the messages of a route against its models. Immutable and thread-safe.
public final class MessageCheck {
    private final @Nullable SelectionExpression expression;

    /// By the values of the expression.
    private final Map<String, ModelSchema> schemas;

    private MessageCheck(@Nullable SelectionExpression expression, Map<String, ModelSchema> schemas) {
        this.expression = expression;
        this.schemas = Map.copyOf(schemas);
    }

    /// The check of a route; one that lets all pass where the route has no model selection expression.
    ///
    /// @throws MappingException if a model is not there or is no schema, or the expression is wrong
    public static MessageCheck of(Api api, Route route) {
        String text = route.modelSelectionExpression();
        if (text == null) {
            return new MessageCheck(null, Map.of());
        }
        SelectionExpression expression;
        try {
            expression = SelectionExpression.parse(text, SelectionExpression.Use.MODEL);
        } catch (IllegalArgumentException e) {
            throw new MappingException("ModelSelectionExpression", String.valueOf(e.getMessage()), e);
        }
        Map<String, ModelSchema> schemas = new LinkedHashMap<>();
        new TreeMap<>(route.requestModels()).forEach((key, name) -> {
            Model model = api.models().get(name);
            if (model == null) {
                throw new MappingException("RequestModels['" + key + "']", "There is no model " + name + ".");
            }
            schemas.put(key, ModelSchema.of(model, api.models()));
        });
        return new MessageCheck(expression, schemas);
    }

    /// Checks a message.
    ///
    /// @return null if it is as its model says, else what is not, a text for
    ///     `$context.error.validationErrorString`
    public @Nullable String problem(JsonBody body) {
        if (expression == null) {
            return null;
        }
        ModelSchema schema = schemas.get(expression.evaluate(body));
        if (schema == null) {
            schema = schemas.get(Api.DEFAULT);
        }
        if (schema == null) {
            return "There is no model for this message";
        }
        return schema.problem(body);
    }
}
