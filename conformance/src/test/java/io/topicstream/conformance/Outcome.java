package io.topicstream.conformance;

import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// What an SDK made of a call, as its caller tells it: one line.
sealed interface Outcome {
    /// It was done.
    ///
    /// @param said of a connection that was described: both times in milliseconds, the address, the user agent
    record Ok(List<String> said) implements Outcome {}

    /// The server refused it.
    ///
    /// @param type the SDK's own type of the error, or empty where it is none of the API's
    /// @param code what the SDK says is the error's name
    record Refused(String type, int status, String code) implements Outcome {}

    /// There was no answer.
    record Failed(String why) implements Outcome {}

    static Outcome of(String line) {
        String[] words = line.split("\t", -1);
        return switch (words[0]) {
            case "ok" -> new Ok(List.copyOf(Arrays.asList(words).subList(1, words.length)));
            case "refused" -> new Refused(words[1], Integer.parseInt(words[2]), words[3]);
            default -> new Failed(line);
        };
    }

    default String line() {
        return switch (this) {
            case Ok(List<String> said) ->
                Stream.concat(Stream.of("ok"), said.stream()).collect(Collectors.joining("\t"));
            case Refused(String type, int status, String code) -> "refused\t" + type + "\t" + status + "\t" + code;
            case Failed(String why) -> "failed\t" + why.replaceAll("\\s+", " ");
        };
    }
}
