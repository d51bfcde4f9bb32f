package io.topicstream.cli.aws;

import io.topicstream.gateway.definition.DefinitionException;
import io.topicstream.gateway.definition.Definitions;
import io.topicstream.gateway.model.Definition;
import java.nio.file.Path;
import java.util.Map;

/// A definition of a WebSocket API that a test has written.
final class ApiFile {
    private ApiFile() {}

    static Definition read(Path file) {
        try {
            return Definitions.read(file, Map.of());
        } catch (DefinitionException e) {
            throw new AssertionError(e);
        }
    }
}
