package io.topicstream.bench;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/// Redis as the peer of durable publishing: streams in an append-only file that is synced before
/// any answer.
final class RedisPeer {
    private static final String PROGRAM = "redis-server";

    private RedisPeer() {}

    /// The program on this machine's path, if there is one.
    static Optional<Path> program() {
        String path = System.getenv("PATH");
        return Pattern.compile(":")
                .splitAsStream(path == null ? "" : path)
                .map(folder -> Path.of(folder, PROGRAM))
                .filter(Files::isExecutable)
                .findFirst();
    }

    /// The command for [ServerProcess#start].
    ///
    /// @throws LoadFailure if Redis is not installed
    static List<String> command() {
        Path program = program().orElseThrow(() -> new LoadFailure(PROGRAM + " is not on the path"));
        return List.of(
                program.toString(),
                "--port",
                "{port}",
                "--bind",
                "127.0.0.1",
                "--dir",
                "{dir}",
                "--save",
                "",
                "--appendonly",
                "yes",
                "--appendfsync",
                "always");
    }
}
