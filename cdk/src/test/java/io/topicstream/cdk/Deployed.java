package io.topicstream.cdk;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// The published template as CloudFormation understands it with some parameters: what is there, and with which values.
/// A reference to a resource becomes its id, and one to an attribute `Id.Attribute`. A reference to what is not there
/// is an error, as it is for CloudFormation.
final class Deployed {
    static final ObjectMapper JSON = new ObjectMapper();

    private static final Path PUBLISHED = Path.of("template", "topicstream.template.json");
    private static final Object NOTHING = new Object();
    private static final Pattern NAMED = Pattern.compile("\\$\\{([A-Za-z0-9:.]+)}");
    private static final Map<String, String> PSEUDO = Map.of(
            "AWS::AccountId", "111122223333",
            "AWS::Region", "eu-west-1",
            "AWS::Partition", "aws",
            "AWS::URLSuffix", "amazonaws.com",
            "AWS::StackId", "arn:aws:cloudformation:eu-west-1:111122223333:stack/chat/0-1-2",
            "AWS::StackName", "chat");

    private final Map<String, Object> template;
    private final Map<String, String> parameters = new TreeMap<>();
    private final Map<String, Map<String, Object>> resources = new LinkedHashMap<>();
    private final Map<String, String> outputs = new TreeMap<>();
    private final Set<String> there = new LinkedHashSet<>();

    /// With its defaults.
    static Deployed usual() {
        return with(Map.of());
    }

    /// @param parameters those that are not as usual
    static Deployed with(Map<String, String> parameters) {
        try {
            return new Deployed(map(JSON.readValue(PUBLISHED.toFile(), Object.class)), parameters);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// With all that can be switched on.
    static Map<String, String> everything() {
        Map<String, String> all = new TreeMap<>();
        for (String name : SWITCHES) {
            all.put(name, "true");
        }
        all.put("AdminTokenSha256", "0".repeat(64));
        all.put("AlarmEmail", "somebody@example.com");
        all.put("AllowedOrigins", "https://pages.example.com");
        all.put("CertificateArn", "arn:aws:acm:eu-west-1:111122223333:certificate/0-1");
        all.put("DomainName", "chat.example.com");
        all.put("FunctionConcurrency", "100");
        all.put("UserPoolClientId", "abc");
        all.put("UserPoolId", "eu-west-1_Abc");
        return all;
    }

    /// The parameters that are yes or no.
    static final List<String> SWITCHES = switches();

    private static List<String> switches() {
        List<String> names = new ArrayList<>();
        for (Input input : Input.values()) {
            if (input.form() instanceof Input.Form.OneOf(List<String> values) && values.contains("true")) {
                names.add(input.parameter());
            }
        }
        return List.copyOf(names);
    }

    /// As usual; each switch turned; each thing that may be missing given; all on, and all off.
    static List<Map<String, String>> choices() {
        List<Map<String, String>> choices = new ArrayList<>();
        choices.add(Map.of());
        Map<String, String> off = new TreeMap<>();
        for (String name : SWITCHES) {
            choices.add(Map.of(name, "true"));
            choices.add(Map.of(name, "false"));
            off.put(name, "false");
        }
        everything().forEach((name, value) -> {
            if (!SWITCHES.contains(name)) {
                choices.add(Map.of(name, value));
            }
        });
        for (String environment : List.of("staging", "prod")) {
            choices.add(Map.of("Environment", environment));
        }
        choices.add(Map.of("EnableEvents", "true", "EnableWorkflow", "true"));
        choices.add(Map.of("EnableEvents", "true", "EnableWorkflow", "true", "EnableMonitoring", "false"));
        choices.add(everything());
        choices.add(off);
        return choices;
    }

    private Deployed(Map<String, Object> template, Map<String, String> given) {
        this.template = template;
        map(template.get("Parameters"))
                .forEach((name, parameter) -> parameters.put(
                        name,
                        map(parameter).getOrDefault("Default", "Given" + name).toString()));
        given.forEach((name, value) -> {
            if (parameters.put(name, value) == null) {
                throw new AssertionError("there is no parameter " + name);
            }
        });
        Map<String, Object> all = map(template.get("Resources"));
        all.forEach((id, resource) -> {
            if (holds(map(resource).get("Condition"))) {
                there.add(id);
            }
        });
        for (String id : there) {
            Map<String, Object> resource = map(all.get(id));
            try {
                Map<String, Object> resolved = new LinkedHashMap<>(resource);
                resolved.put("Properties", resolve(resource.getOrDefault("Properties", Map.of())));
                resources.put(id, resolved);
            } catch (AssertionError e) {
                throw new AssertionError(id + " with " + given + ": " + e.getMessage(), e);
            }
            Object on = resource.get("DependsOn");
            if (on != null) {
                List<?> ids = on instanceof List<?> list ? list : List.of(on);
                if (!there.containsAll(ids)) {
                    throw new AssertionError(id + " with " + given + " depends on what is not there: " + ids);
                }
            }
        }
        map(template.get("Outputs")).forEach((name, output) -> {
            if (holds(map(output).get("Condition"))) {
                outputs.put(name, resolve(map(output).get("Value")).toString());
            }
        });
    }

    Map<String, Map<String, Object>> resources() {
        return resources;
    }

    /// Those of a type, by their ids.
    Map<String, Map<String, Object>> ofType(String type) {
        return having(resource -> type.equals(resource.get("Type")));
    }

    Map<String, Map<String, Object>> having(Predicate<Map<String, Object>> what) {
        Map<String, Map<String, Object>> found = new TreeMap<>(resources);
        found.values().removeIf(what.negate());
        return found;
    }

    /// A property of a resource, by its path.
    Object property(String id, String... path) {
        Object value = resources.get(id).get("Properties");
        for (String part : path) {
            value = value instanceof List<?> list
                    ? list.get(Integer.parseInt(part))
                    : map(value).get(part);
        }
        return value;
    }

    Map<String, String> outputs() {
        return outputs;
    }

    private boolean holds(Object condition) {
        return condition == null || isTrue(map(template.get("Conditions")).get((String) condition));
    }

    private boolean isTrue(Object expression) {
        Map.Entry<String, Object> only = map(expression).entrySet().iterator().next();
        return switch (only.getKey()) {
            case "Condition" -> holds(only.getValue());
            case "Fn::Equals" -> {
                List<?> both = (List<?>) only.getValue();
                yield resolve(both.get(0))
                        .toString()
                        .equals(resolve(both.get(1)).toString());
            }
            case "Fn::Not" -> !isTrue(((List<?>) only.getValue()).getFirst());
            case "Fn::And" -> ((List<?>) only.getValue()).stream().allMatch(this::isTrue);
            case "Fn::Or" -> ((List<?>) only.getValue()).stream().anyMatch(this::isTrue);
            default -> throw new AssertionError("a condition of another kind: " + only);
        };
    }

    private Object resolve(Object value) {
        if (value instanceof List<?> list) {
            List<Object> resolved = new ArrayList<>();
            for (Object item : list) {
                Object one = resolve(item);
                if (!NOTHING.equals(one)) {
                    resolved.add(one);
                }
            }
            return resolved;
        }
        if (!(value instanceof Map<?, ?>)) {
            return value;
        }
        Map<String, Object> map = map(value);
        if (map.size() == 1) {
            Map.Entry<String, Object> only = map.entrySet().iterator().next();
            String function = only.getKey();
            if (function.equals("Ref") || function.startsWith("Fn::")) {
                return call(function, only.getValue());
            }
        }
        Map<String, Object> resolved = new LinkedHashMap<>();
        map.forEach((name, item) -> {
            Object one = resolve(item);
            if (!NOTHING.equals(one)) {
                resolved.put(name, one);
            }
        });
        return resolved;
    }

    private Object call(String function, Object argument) {
        return switch (function) {
            case "Ref" -> reference((String) argument);
            case "Fn::GetAtt" -> {
                List<?> both = (List<?>) argument;
                yield required((String) both.getFirst()) + "." + both.getLast();
            }
            case "Fn::If" -> {
                List<?> parts = (List<?>) argument;
                yield resolve(parts.get(holds(parts.getFirst()) ? 1 : 2));
            }
            case "Fn::Join" -> {
                List<?> join = (List<?>) argument;
                List<String> texts = new ArrayList<>();
                ((List<?>) resolve(join.get(1))).forEach(text -> texts.add(text.toString()));
                yield String.join((String) join.getFirst(), texts);
            }
            case "Fn::Sub" ->
                NAMED.matcher((String) argument).replaceAll(name -> Matcher.quoteReplacement(named(name.group(1))));
            case "Fn::Split" -> {
                List<?> split = (List<?>) resolve(argument);
                yield List.of(
                        split.get(1).toString().split(Pattern.quote(split.get(0).toString()), -1));
            }
            case "Fn::Select" -> {
                List<?> select = (List<?>) resolve(argument);
                yield ((List<?>) select.get(1))
                        .get(Integer.parseInt(select.get(0).toString()));
            }
            case "Fn::FindInMap" -> {
                List<?> path = (List<?>) resolve(argument);
                yield map(map(map(template.get("Mappings")).get((String) path.get(0)))
                                .get((String) path.get(1)))
                        .get((String) path.get(2));
            }
            default -> throw new AssertionError("a function of another kind: " + function);
        };
    }

    private String named(String name) {
        int dot = name.indexOf('.');
        return dot < 0 ? reference(name).toString() : required(name.substring(0, dot)) + name.substring(dot);
    }

    private Object reference(String name) {
        if (name.equals("AWS::NoValue")) {
            return NOTHING;
        }
        String value = PSEUDO.getOrDefault(name, parameters.get(name));
        return value == null ? required(name) : value;
    }

    private String required(String id) {
        if (!there.contains(id)) {
            throw new AssertionError(id + " is not there");
        }
        return id;
    }

    @SuppressWarnings("unchecked")
    static Map<String, Object> map(Object value) {
        return value == null ? Map.of() : (Map<String, Object>) value;
    }
}
