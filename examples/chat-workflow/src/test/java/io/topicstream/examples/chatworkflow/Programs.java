package io.topicstream.examples.chatworkflow;

import io.topicstream.examples.backend.Program;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/// The three programs of the chat, as processes: they know one another by their ports.
final class Programs implements AutoCloseable {
    static final String SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    static final String TOKEN = "the-token-of-the-back-end";

    private final Path folder;
    final int port = Program.freePort();
    final int backEndPort = Program.freePort();
    final int workerPort = Program.freePort();
    final Program gateway;
    private final String callbacks;
    Program backEnd;
    Program worker;

    /// Starts all of them.
    ///
    /// @param callbacks where the worker posts; empty for the gateway itself
    Programs(Path folder, String callbacks) throws IOException {
        this.folder = folder;
        this.callbacks = callbacks.isEmpty() ? "http://127.0.0.1:" + port + "/lobby" : callbacks;
        Path server = server(folder, workerPort);
        gateway = Program.gateway(
                folder,
                port,
                "--config",
                server.toString(),
                "--template",
                Path.of("gateway.yaml").toAbsolutePath().toString(),
                "--parameter",
                "BACK_END=127.0.0.1:" + backEndPort,
                "--set",
                "access.anonymous=on",
                "--set",
                "gateway.signatures=" + (callbacks.isEmpty() ? "verify" : "off"));
        backEnd = start("back-end", BackEnd.class);
        worker = start("worker", Worker.class);
        gateway.awaitReady();
        backEnd.awaitReady();
        worker.awaitReady();
    }

    /// Makes what the server is told.
    static Path server(Path folder, int workerPort) throws IOException {
        return Files.writeString(
                folder.resolve("server.yaml"),
                Files.readString(Path.of("server.yaml"))
                        .replace("http://WORKER/", "http://127.0.0.1:" + workerPort + "/")
                        .replace("secret: SECRET", "secret: " + SECRET)
                        .replace("token: TOKEN", "token: " + TOKEN));
    }

    private Program start(String name, Class<?> program) throws IOException {
        Map<String, String> environment = new HashMap<>(Program.SIGNED);
        environment.put("HTTP_PORT", Integer.toString(name.equals("worker") ? workerPort : backEndPort));
        environment.put("ROCKSDB_DIR", folder.resolve("records").toString());
        environment.put("BUS_URL", "http://127.0.0.1:" + port + "/topics/chat-events");
        environment.put("BUS_TOKEN", TOKEN);
        environment.put("BACK_END_URL", "http://127.0.0.1:" + backEndPort);
        environment.put("CALLBACKS_URL", callbacks);
        environment.put("WEBHOOK_SECRET", SECRET);
        return Program.start(folder, name, environment, Program.java(program.getName()));
    }

    void restartBackEnd() throws IOException {
        backEnd = start("back-end", BackEnd.class).awaitReady();
    }

    void restartWorker() throws IOException {
        worker = start("worker", Worker.class).awaitReady();
    }

    String url() {
        return "ws://127.0.0.1:" + port + "/lobby";
    }

    @Override
    public void close() {
        gateway.close();
        backEnd.close();
        worker.close();
    }
}
