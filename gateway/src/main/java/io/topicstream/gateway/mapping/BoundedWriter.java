package io.topicstream.gateway.mapping;

import java.io.Writer;

/// Collects what a template writes, and no more than it may. Of one thread.
final class BoundedWriter extends Writer {
    private final Budget budget;
    private final StringBuilder text = new StringBuilder(256);

    BoundedWriter(Budget budget) {
        this.budget = budget;
    }

    @Override
    public void write(char[] chars, int from, int length) {
        room(length);
        text.append(chars, from, length);
    }

    @Override
    public void write(String chars, int from, int length) {
        room(length);
        text.append(chars, from, from + length);
    }

    @Override
    public void write(int c) {
        room(1);
        text.append((char) c);
    }

    private void room(int length) {
        if (length > budget.limits().outputChars() - text.length()) {
            throw new TemplateFailure(
                    "The template's result has more than " + budget.limits().outputChars() + " characters.");
        }
    }

    @Override
    public void flush() {
        // There is nowhere to.
    }

    @Override
    public void close() {
        // There is nothing to.
    }

    @Override
    public String toString() {
        return text.toString();
    }
}
