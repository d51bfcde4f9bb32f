package io.topicstream.server.config;

import java.util.List;

/// A configuration that cannot be used, with everything that is wrong with it.
public final class ConfigException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final String[] problems;

    ConfigException(List<String> problems) {
        super(String.join(System.lineSeparator(), problems));
        this.problems = problems.toArray(String[]::new);
    }

    /// One line each: where it stands, which key, which value, what is allowed. Secrets are left out.
    public List<String> problems() {
        return List.of(problems);
    }
}
