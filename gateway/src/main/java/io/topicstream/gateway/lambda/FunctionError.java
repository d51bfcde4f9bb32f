package io.topicstream.gateway.lambda;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.topicstream.gateway.lambda.Functions.Invocation;
import io.topicstream.json.JsonWriter;
import java.util.Locale;
import java.util.Map;

/// What Lambda answers for a function that has failed without a word of its own.
final class FunctionError {
    /// What it says of a process that was ended by a signal, by the signal's number.
    private static final Map<Integer, String> SIGNALS =
            Map.of(4, "illegal instruction", 6, "aborted", 9, "killed", 11, "segmentation fault", 15, "terminated");

    private FunctionError() {}

    static Invocation timedOut(FunctionTask task, double seconds) {
        return of(
                "Sandbox.Timedout",
                "RequestId: " + task.requestId() + " Error: Task timed out after "
                        + String.format(Locale.ROOT, "%.2f", seconds) + " seconds");
    }

    /// @param status of the process; from 129 on, 128 and the number of a signal
    static Invocation exited(FunctionTask task, int status) {
        String how = switch (status) {
            case 0 -> "Runtime exited without providing a reason";
            default ->
                "Runtime exited with error: "
                        + (status > 128 && SIGNALS.containsKey(status - 128)
                                ? "signal: " + SIGNALS.get(status - 128)
                                : "exit status " + status);
        };
        return of("Runtime.ExitError", "RequestId: " + task.requestId() + " Error: " + how);
    }

    static Invocation notStarted(FunctionTask task, String why) {
        return of("Runtime.InvalidEntrypoint", "RequestId: " + task.requestId() + " Error: " + why);
    }

    static Invocation tooLarge(long bytes, int allowed) {
        return of(
                "Function.ResponseSizeTooLarge",
                "Response payload size " + (bytes < 0 ? "" : "(" + bytes + " bytes) ")
                        + "exceeded maximum allowed payload size (" + allowed + " bytes).");
    }

    private static Invocation of(String type, String message) {
        return new Invocation("Unhandled", json(type, message).getBytes(UTF_8));
    }

    /// The body of an error, as the runtime API has it too.
    static String json(String type, String message) {
        return "{\"errorType\":" + new JsonWriter().string(type) + ",\"errorMessage\":"
                + new JsonWriter().string(message) + "}";
    }
}
