package io.topicstream.gateway.definition;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/// One reading of a definition with all that it names: what all its stacks share. For one thread.
final class Loading {
    final Problems problems = new Problems();
    final Bounds bounds = new Bounds();
    private final Set<Path> files = new LinkedHashSet<>();
    private final List<Stack> stacks = new ArrayList<>();

    /// Notes a file that was read.
    void addFile(Path file) {
        files.add(file);
    }

    List<Path> files() {
        return List.copyOf(files);
    }

    /// Notes a stack; the outer one comes before those in it.
    void addStack(Stack stack) {
        stacks.add(stack);
    }

    /// All stacks that are known so far.
    List<Stack> stacks() {
        return List.copyOf(stacks);
    }
}
