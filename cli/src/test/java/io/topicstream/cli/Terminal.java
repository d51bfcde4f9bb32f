package io.topicstream.cli;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/// Runs commands in this process, and keeps what they say.
final class Terminal {
    /// What a command did.
    record Run(int exitCode, String out, String err) {
        List<String> lines() {
            return out.lines().toList();
        }
    }

    private final Map<String, String> environment;
    private final Path home;

    Terminal(Map<String, String> environment, Path home) {
        this.environment = environment;
        this.home = home;
    }

    Run run(String... arguments) {
        return runWithInput("", arguments);
    }

    Run runWithInput(String input, String... arguments) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        int code = run(input, out, err, arguments);
        return new Run(code, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
    }

    /// Runs a command whose output goes nowhere: the system refuses it for this reason.
    Run runUnheard(String reason, String input, String... arguments) {
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        OutputStream refused = new OutputStream() {
            @Override
            public void write(int b) throws IOException {
                throw new IOException(reason);
            }
        };
        int code = run(input, refused, err, arguments);
        return new Run(code, "", err.toString(StandardCharsets.UTF_8));
    }

    private int run(String input, OutputStream out, OutputStream err, String... arguments) {
        return run(new ByteArrayInputStream(input.getBytes(StandardCharsets.UTF_8)), out, err, arguments);
    }

    /// Runs a command whose input comes while it runs.
    int run(InputStream input, OutputStream out, OutputStream err, String... arguments) {
        return Main.run(
                new Surroundings(
                        input,
                        new Output(out),
                        new PrintStream(err, true, StandardCharsets.UTF_8),
                        false,
                        environment,
                        home),
                arguments);
    }
}
