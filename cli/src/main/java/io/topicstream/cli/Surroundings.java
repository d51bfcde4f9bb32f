package io.topicstream.cli;

import java.io.Console;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;

/// What a command finds around it, so that a test can be the terminal.
///
/// @param isTerminal whether both the input and the output are a terminal, at which somebody sits
/// @param home the user's home directory
record Surroundings(
        InputStream in, Output out, PrintStream err, boolean isTerminal, Map<String, String> environment, Path home) {
    static Surroundings ofProcess() {
        return new Surroundings(
                System.in,
                new Output(new FileOutputStream(FileDescriptor.out)),
                new PrintStream(System.err, true, StandardCharsets.UTF_8),
                isTerminalOfProcess(),
                System.getenv(),
                Path.of(System.getProperty("user.home")));
    }

    @SuppressWarnings("SystemConsoleNull") // in JDK 25 it is null again where there is no terminal
    private static boolean isTerminalOfProcess() {
        Console console = System.console();
        return console != null && console.isTerminal();
    }

    /// A variable of the environment, or what stands in for one that is missing or empty.
    String variable(String name, String otherwise) {
        String value = environment.get(name);
        return value == null || value.isEmpty() ? otherwise : value;
    }
}
