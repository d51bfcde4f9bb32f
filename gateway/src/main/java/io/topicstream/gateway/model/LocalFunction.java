package io.topicstream.gateway.model;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// A function whose code stands beside the definition.
///
/// @param name by which it is invoked; the last part of its ARN
/// @param runtime for instance `nodejs22.x`, `python3.13`, `java25`
/// @param handler which of its code is run, for instance `index.handler`
/// @param code a folder or an archive; of a function with `inlineCode` the folder of the definition
/// @param inlineCode the code itself where the definition holds it, to stand in a file `index`, or null
/// @param environment variables of its process
/// @param timeoutS how long an invocation may take, in seconds, 1 to 900
/// @param memoryMb what it may take, in MiB
/// @param reservedConcurrency how many invocations may run at once, from 0, or null where it says nothing
/// @param layers folders whose content it finds beside its code, each laid out as Lambda has them in `/opt`
public record LocalFunction(
        String name,
        String runtime,
        String handler,
        Path code,
        @Nullable String inlineCode,
        Map<String, String> environment,
        int timeoutS,
        int memoryMb,
        @Nullable Integer reservedConcurrency,
        List<Path> layers) {
    public LocalFunction {
        environment = Map.copyOf(environment);
        layers = List.copyOf(layers);
    }
}
