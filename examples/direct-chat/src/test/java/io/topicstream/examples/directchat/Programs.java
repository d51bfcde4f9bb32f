package io.topicstream.examples.directchat;

import io.topicstream.examples.backend.Program;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;

/// The two programs of the direct chat, as processes.
final class Programs {
    private Programs() {}

    /// Starts the back end.
    static Program backEnd(Path folder, Map<String, String> environment) throws IOException {
        return Program.start(folder, "back-end", environment, Program.java(BackEnd.class.getName()));
    }

    /// Starts the gateway with the API of the direct chat.
    static Program gateway(Path folder, int port, int backEndPort) throws IOException {
        return Program.gateway(
                folder,
                port,
                "--template",
                Path.of("gateway.yaml").toAbsolutePath().toString(),
                "--parameter",
                "BACK_END=127.0.0.1:" + backEndPort,
                "--parameter",
                "CALLBACKS=http://127.0.0.1:" + port + "/dev");
    }
}
