package io.topicstream.gateway.definition;

import io.topicstream.gateway.model.Definition.Finding;
import java.io.Serial;
import java.util.List;

/// Why a definition cannot be used: every error that was found in it.
public final class DefinitionException extends Exception {
    @Serial
    private static final long serialVersionUID = 1L;

    @SuppressWarnings("serial") // never serialized
    private final List<Finding> findings;

    /// @param findings the errors, at least one
    public DefinitionException(List<Finding> findings) {
        super(findings.getFirst() + (findings.size() == 1 ? "" : ", and " + (findings.size() - 1) + " more"));
        this.findings = List.copyOf(findings);
    }

    /// The errors, in the order of the file.
    public List<Finding> findings() {
        return findings;
    }
}
