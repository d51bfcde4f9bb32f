package io.topicstream.cdk;

import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import software.amazon.awscdk.CfnCondition;
import software.amazon.awscdk.CfnMapping;
import software.amazon.awscdk.CfnParameter;
import software.amazon.awscdk.Fn;
import software.amazon.awscdk.ICfnConditionExpression;
import software.amazon.awscdk.Stack;
import software.amazon.awscdk.Token;

/// What is chosen when a template is deployed: its parameters.
final class Parameters implements Source {
    private static final String DAYS = "Days";

    private final Stack stack;
    private final Map<Input, CfnParameter> parameters = new EnumMap<>(Input.class);
    private final Map<String, Choice> choices = new LinkedHashMap<>();

    Parameters(Stack stack) {
        this(stack, Input.values());
    }

    /// @param inputs what can be chosen
    Parameters(Stack stack, Input... inputs) {
        this.stack = stack;
        for (Input input : inputs) {
            parameters.put(input, parameter(stack, input));
        }
    }

    private static CfnParameter parameter(Stack stack, Input input) {
        CfnParameter.Builder parameter = CfnParameter.Builder.create(stack, input.parameter())
                .description(input.description())
                .defaultValue(input.usual())
                .noEcho(input.isHidden());
        switch (input.form()) {
            case Input.Form.Pattern(String pattern) -> parameter.type("String").allowedPattern(pattern);
            case Input.Form.OneOf(List<String> values) ->
                parameter.type("String").allowedValues(values);
            case Input.Form.Range(int least, int most) ->
                parameter.type("Number").minValue(least).maxValue(most);
        }
        return parameter.build();
    }

    private CfnParameter of(Input input) {
        return Objects.requireNonNull(parameters.get(input));
    }

    @Override
    public String text(Input input) {
        return Fn.ref(input.parameter());
    }

    @Override
    public Number number(Input input) {
        return Token.asNumber(of(input).getValue());
    }

    @Override
    public Choice isTrue(Input input) {
        return choice(input.parameter() + "IsTrue", Fn.conditionEquals(text(input), "true"));
    }

    @Override
    public Choice isGiven(Input input) {
        String none = input.form() instanceof Input.Form.Range ? "0" : "";
        return choice(input.parameter() + "IsGiven", Fn.conditionNot(Fn.conditionEquals(text(input), none)));
    }

    @Override
    public Choice either(String name, Choice one, Choice other) {
        return choice(name, Fn.conditionOr(condition(one), condition(other)));
    }

    @Override
    public Choice both(String name, Choice one, Choice other) {
        return choice(name, Fn.conditionAnd(condition(one), condition(other)));
    }

    private static CfnCondition condition(Choice choice) {
        return ((Choice.Asked) choice).condition();
    }

    /// One of the template's own.
    Choice choice(String name, ICfnConditionExpression expression) {
        return choices.computeIfAbsent(
                name,
                _ -> new Choice.Asked(CfnCondition.Builder.create(stack, name)
                        .expression(expression)
                        .build()));
    }

    @Override
    public Number archiveDays() {
        Map<String, Map<String, Object>> days = new TreeMap<>();
        for (String hours : Retention.HOURS) {
            days.put(hours, Map.of(DAYS, Retention.archiveDays(hours)));
        }
        CfnMapping mapping =
                CfnMapping.Builder.create(stack, "Retention").mapping(days).build();
        return Token.asNumber(Fn.findInMap(mapping.getLogicalId(), text(Input.MESSAGE_RETENTION_HOURS), DAYS));
    }
}
