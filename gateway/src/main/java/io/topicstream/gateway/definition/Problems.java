package io.topicstream.gateway.definition;

import io.topicstream.gateway.model.Definition.Finding;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/// What there is to say of a definition while it is read: errors, and findings beside them. For one thread.
final class Problems {
    /// How many of each are kept; a file of nonsense has endless ones.
    private static final int MOST = 100;

    private final Set<Finding> errors = new LinkedHashSet<>();
    private final Set<Finding> findings = new LinkedHashSet<>();

    /// Adds a reason why the definition cannot be used.
    ///
    /// @throws Wrong if there are so many that it is not worth reading on
    void error(Path file, int line, String place, String text) {
        if (errors.size() == MOST) {
            throw new Wrong(line, "has too many errors");
        }
        errors.add(new Finding(file, line, place, text));
    }

    /// Adds something that its author may want to know.
    void finding(Path file, int line, String place, String text) {
        if (findings.size() < MOST) {
            findings.add(new Finding(file, line, place, text));
        }
    }

    List<Finding> findings() {
        return List.copyOf(findings);
    }

    boolean hasErrors() {
        return !errors.isEmpty();
    }

    /// @throws DefinitionException if there is an error
    void requireNone() throws DefinitionException {
        if (!errors.isEmpty()) {
            throw new DefinitionException(List.copyOf(errors));
        }
    }
}
