package io.topicstream.gateway.mapping;

import com.networknt.schema.AbsoluteIri;
import com.networknt.schema.Error;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SchemaRegistryConfig;
import com.networknt.schema.SpecificationVersion;
import com.networknt.schema.regex.RegularExpression;
import com.networknt.schema.resource.SchemaLoader;
import io.topicstream.gateway.json.JsonBody;
import io.topicstream.gateway.json.JsonReading;
import io.topicstream.gateway.json.JsonText;
import io.topicstream.gateway.json.NotJsonException;
import io.topicstream.gateway.model.Model;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// The schema of a model: JSON Schema, draft 4. Immutable and thread-safe.
///
/// It refers to other models as API Gateway has it, by
/// `https://apigateway.amazonaws.com/restapis/{id}/models/{name}`; nothing is fetched. Its regular
/// expressions share a budget for each message, so that a check ends in time.
final class ModelSchema {
    private static final String MODELS = "https://apigateway.amazonaws.com/restapis/";
    private static final String META_SCHEMA = "http://json-schema.org/draft-04/schema";

    /// How often characters may be looked at by the patterns of one check, beside some times each.
    private static final long FREE_LOOKS = 1_000_000;

    private static final int LOOKS_A_CHAR = 64;

    /// The most characters of what is said of a message.
    private static final int MAX_PROBLEM_CHARS = 1_024;

    /// What is left for the check that this thread is at.
    private static final ThreadLocal<long[]> LOOKS = ThreadLocal.withInitial(() -> new long[] {FREE_LOOKS});

    private final Schema schema;

    private ModelSchema(Schema schema) {
        this.schema = schema;
    }

    /// Parses a model's schema, and those of the models that it refers to.
    ///
    /// @throws MappingException that names the model
    static ModelSchema of(Model model, Map<String, Model> models) {
        String place = "Model '" + model.name() + "'";
        try {
            SchemaRegistryConfig config = SchemaRegistryConfig.builder()
                    .failFast(true)
                    .preloadSchema(true)
                    .regularExpressionFactory(ModelSchema::pattern)
                    .build();
            SchemaLoader loader = SchemaLoader.builder()
                    .resourceLoaders(loaders -> loaders.resources(iri -> text(iri, models)))
                    .allow(ModelSchema::known)
                    .build();
            SchemaRegistry registry = SchemaRegistry.withDefaultDialect(
                    SpecificationVersion.DRAFT_4,
                    builder -> builder.schemaRegistryConfig(config).schemaLoader(loader));
            Schema schema = registry.getSchema(node(tree(model)));
            schema.initializeValidators();
            ModelSchema made = new ModelSchema(schema);
            // A reference that leads nowhere, or back to itself, shows now.
            made.schema.validate(JsonNodeFactory.instance.objectNode());
            return made;
        } catch (NotJsonException e) {
            throw new MappingException(place, "The schema is not JSON: " + e.getMessage(), e);
        } catch (StackOverflowError e) {
            throw new MappingException(place, "The schema refers to itself without end.", e);
        } catch (RuntimeException e) {
            throw new MappingException(place, "The schema is not understood: " + e.getMessage(), e);
        }
    }

    /// What a model's text is, always as draft 4, whatever it says it is.
    private static Object tree(Model model) throws NotJsonException {
        if (!(JsonReading.read(model.schema()) instanceof Map<?, ?> schema)) {
            throw new IllegalArgumentException("it is no JSON object");
        }
        schema.remove("$schema");
        return schema;
    }

    private static boolean known(AbsoluteIri iri) {
        String text = iri.toString();
        return text.startsWith(MODELS) || text.equals(META_SCHEMA);
    }

    private static @Nullable String text(String iri, Map<String, Model> models) {
        if (!iri.startsWith(MODELS)) {
            return null;
        }
        Model model = models.get(iri.substring(iri.lastIndexOf('/') + 1));
        if (model == null) {
            throw new IllegalArgumentException("there is no model " + iri);
        }
        try {
            return JsonText.json(tree(model));
        } catch (NotJsonException e) {
            throw new IllegalArgumentException("the schema of the model " + model.name() + " is not JSON", e);
        }
    }

    private static RegularExpression pattern(String expression) {
        BoundedPattern pattern = BoundedPattern.of(expression);
        return text -> {
            try {
                return pattern.finds(text, LOOKS.get());
            } catch (BoundedPattern.GaveUpException e) {
                throw new TemplateFailure("a pattern of the model takes too long");
            }
        };
    }

    /// Checks a message.
    ///
    /// @return null if it is as the schema says, else what is not
    @Nullable
    String problem(JsonBody body) {
        if (!body.isJson()) {
            return "The message is not JSON";
        }
        LOOKS.get()[0] = FREE_LOOKS + (long) LOOKS_A_CHAR * body.text().length();
        try {
            List<Error> errors = schema.validate(node(body.value()));
            if (errors.isEmpty()) {
                return null;
            }
            String problem = errors.getFirst().toString();
            return problem.length() <= MAX_PROBLEM_CHARS ? problem : problem.substring(0, MAX_PROBLEM_CHARS);
        } catch (TemplateFailure e) {
            return e.getMessage();
        } catch (StackOverflowError e) {
            return "The message is nested too deeply for its model";
        } catch (RuntimeException e) {
            // What a client sent must not be an error of ours.
            return "The message cannot be checked: " + e.getMessage();
        }
    }

    private static JsonNode node(@Nullable Object value) {
        JsonNodeFactory nodes = JsonNodeFactory.instance;
        return switch (value) {
            case null -> nodes.nullNode();
            case String text -> nodes.stringNode(text);
            case Boolean truth -> nodes.booleanNode(truth);
            case Integer number -> nodes.numberNode(number);
            case Long number -> nodes.numberNode(number);
            case BigInteger number -> nodes.numberNode(number);
            case BigDecimal number -> nodes.numberNode(number);
            case Number number -> nodes.numberNode(number.doubleValue());
            case Map<?, ?> map -> {
                ObjectNode object = nodes.objectNode();
                map.forEach((name, member) -> object.set(String.valueOf(name), node(member)));
                yield object;
            }
            case List<?> list -> {
                ArrayNode array = nodes.arrayNode();
                list.forEach(element -> array.add(node(element)));
                yield array;
            }
            default -> throw new IllegalArgumentException("not JSON");
        };
    }
}
