package io.topicstream.conformance;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// A process with an SDK in it, that makes one call after the other.
final class Caller implements AutoCloseable {
    private final Process process;
    private final BufferedWriter in;
    private final BufferedReader out;
    private final Path errors;

    /// @param errors the file for what the process says beside its answers
    Caller(Sdk sdk, Sdk.Site site, Path errors) throws Exception {
        this(sdk.process(site), errors);
    }

    Caller(ProcessBuilder builder, Path errors) throws IOException {
        this.errors = errors;
        process = builder.redirectError(errors.toFile()).start();
        in = process.outputWriter(UTF_8);
        out = process.inputReader(UTF_8);
    }

    Outcome call(Call call) throws IOException {
        in.write(call.line() + "\n");
        in.flush();
        String line = out.readLine();
        if (line == null) {
            throw new AssertionError("the caller has ended: " + Files.readString(errors));
        }
        return Outcome.of(line);
    }

    @Override
    public void close() {
        process.destroyForcibly().onExit().join();
    }
}
