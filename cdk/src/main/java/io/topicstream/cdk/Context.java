package io.topicstream.cdk;

import software.amazon.awscdk.App;

/// What is chosen when the app runs: its context, as in `-c environment=prod`.
final class Context implements Source {
    private final App app;

    /// @throws IllegalArgumentException that says each value that is wrong
    Context(App app) {
        this.app = app;
        StringBuilder wrong = new StringBuilder();
        for (Input input : Input.values()) {
            String value = text(input);
            if (!input.form().matches(value)) {
                wrong.append(input.contextName())
                        .append(input.isHidden() ? " (hidden)" : " is \"" + value + "\"; it")
                        .append(" has to be ")
                        .append(input.form().words())
                        .append(". ");
            }
        }
        if (!wrong.isEmpty()) {
            throw new IllegalArgumentException(wrong.toString().strip());
        }
    }

    @Override
    public String text(Input input) {
        Object value = app.getNode().tryGetContext(input.contextName());
        return value == null ? input.usual() : value.toString();
    }

    @Override
    public Number number(Input input) {
        return Integer.valueOf(text(input));
    }

    @Override
    public Choice isTrue(Input input) {
        return Choice.of(text(input).equals("true"));
    }

    @Override
    public Choice isGiven(Input input) {
        String none = input.form() instanceof Input.Form.Range ? "0" : "";
        return Choice.of(!text(input).equals(none));
    }

    @Override
    public Choice either(String name, Choice one, Choice other) {
        return Choice.of(!one.isNever() || !other.isNever());
    }

    @Override
    public Choice both(String name, Choice one, Choice other) {
        return Choice.of(!one.isNever() && !other.isNever());
    }

    @Override
    public Number archiveDays() {
        return Retention.archiveDays(text(Input.MESSAGE_RETENTION_HOURS));
    }
}
