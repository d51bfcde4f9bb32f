package io.topicstream.gateway.definition;

/// How much a definition may be and ask for. One budget holds for a file and all that it names, so that neither
/// aliases nor texts put into texts nor nested stacks can make a small file a huge work. For one thread.
final class Bounds {
    /// The most bytes of a file: twice what CloudFormation takes.
    static final int FILE_BYTES = 2 << 20;
    /// The deepest nesting of lists and mappings in a file.
    static final int DEPTH = 100;
    /// The most nodes of a file, with what its aliases repeat.
    static final int NODES = 400_000;
    /// The most resources of a template: four times what CloudFormation takes.
    static final int RESOURCES = 2_000;
    /// The deepest nesting of stacks.
    static final int STACK_DEPTH = 8;
    /// The most stacks in all.
    static final int STACKS = 50;

    /// How deep values may stand in values, over all references: the call stack has to hold it.
    private static final int EVALUATION_DEPTH = 150;

    private static final long STEPS = 4_000_000;
    private static final long CHARACTERS = 64 << 20;

    private long steps = STEPS;
    private long characters = CHARACTERS;
    private int stacks = STACKS;
    private int depth;

    /// Begins a value within a value. What begins ends with [#leave].
    void enter(int line) {
        depth++;
        if (depth > EVALUATION_DEPTH) {
            depth--;
            throw new Wrong(line, "is nested too deep, over all that it refers to");
        }
    }

    void leave() {
        depth--;
    }

    /// Counts a node that is evaluated, and the text that comes of it.
    void charge(int line, int textCharacters) {
        steps--;
        characters -= textCharacters;
        if (steps < 0 || characters < 0) {
            throw new Wrong(
                    line, "asks for more than a definition may: its values are put together from too many pieces");
        }
    }

    /// Counts a stack.
    void chargeStack(int line, int depth) {
        stacks--;
        if (stacks < 0) {
            throw new Wrong(line, "is one nested stack too many; " + STACKS + " are read at most");
        }
        if (depth > STACK_DEPTH) {
            throw new Wrong(line, "is nested too deep; stacks stand in stacks " + STACK_DEPTH + " levels deep at most");
        }
    }
}
