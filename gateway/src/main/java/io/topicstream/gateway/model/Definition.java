package io.topicstream.gateway.model;

import java.nio.file.Path;
import java.util.List;

/// All that one definition holds.
///
/// @param apis its WebSocket APIs
/// @param usagePlans who with an API key may use them
/// @param functions whose code stands beside it
/// @param findings what of it was not understood, or will not be as its author may think
/// @param files that it was read from; when one changes, it is read anew
public record Definition(
        List<Api> apis,
        List<UsagePlan> usagePlans,
        List<LocalFunction> functions,
        List<Finding> findings,
        List<Path> files) {
    public Definition {
        apis = List.copyOf(apis);
        usagePlans = List.copyOf(usagePlans);
        functions = List.copyOf(functions);
        findings = List.copyOf(findings);
        files = List.copyOf(files);
    }

    /// Something to tell of a place in a definition.
    ///
    /// @param file where it stands
    /// @param line its line, from 1, or 0 where it is not known
    /// @param place resource and property, for instance `ChatApi.Properties.ProtocolType`; empty for the whole file
    /// @param text what is to be said, a sentence
    public record Finding(Path file, int line, String place, String text) {
        @Override
        public String toString() {
            return file + (line == 0 ? "" : ":" + line) + ": " + (place.isEmpty() ? "" : place + ": ") + text;
        }
    }
}
