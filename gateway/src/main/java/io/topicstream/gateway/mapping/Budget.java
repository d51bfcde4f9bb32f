package io.topicstream.gateway.mapping;

/// What is left for one rendering: of steps, of characters, of time. Of one thread.
final class Budget {
    /// The clock is looked at once in so many steps.
    private static final int STEPS_A_LOOK = 64;

    private final MappingLimits limits;
    private final long endNs;
    private int steps;
    private long work;

    Budget(MappingLimits limits) {
        this.limits = limits;
        this.endNs = System.nanoTime() + limits.timeMs() * 1_000_000L;
    }

    MappingLimits limits() {
        return limits;
    }

    /// One more turn, call or insertion.
    void step() {
        if (++steps > limits.steps()) {
            throw new TemplateFailure("The template takes more than " + limits.steps() + " steps.");
        }
        if (steps % STEPS_A_LOOK == 0) {
            look();
        }
    }

    /// A text of so many characters is made. Asked before it is.
    void chars(long count) {
        if (count > limits.outputChars()) {
            throw new TemplateFailure(
                    "The template makes a text of more than " + limits.outputChars() + " characters.");
        }
        work += count;
        if (work > limits.workChars()) {
            throw new TemplateFailure("The template puts together more than " + limits.workChars() + " characters.");
        }
    }

    private void look() {
        if (System.nanoTime() - endNs > 0) {
            throw new TemplateFailure("The template takes longer than " + limits.timeMs() + " ms.");
        }
    }
}
