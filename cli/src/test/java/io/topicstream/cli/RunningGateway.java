package io.topicstream.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.topicstream.gateway.json.JsonBody;
import io.topicstream.gateway.json.JsonLocation;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.WebSocket;
import java.net.http.WebSocketHandshakeException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// The command `topicstream gateway` in a process of its own.
final class RunningGateway implements AutoCloseable {
    private static final Pattern API = Pattern.compile("\\(([a-z0-9]{10})\\)");
    private static final HttpClient HTTP = HttpClient.newHttpClient();

    private final Path directory;
    private final Process process;
    private final String webSocket;
    private final String callbacks;
    private final String api;

    /// @param directory for what it leaves
    /// @param arguments of the command
    RunningGateway(Path directory, String... arguments) throws IOException {
        this.directory = directory;
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                ServeProcessTest.shippedClassPath(),
                Main.class.getName(),
                "gateway",
                "--json",
                "--port",
                "0",
                "--set",
                "engine=memory",
                "--set",
                "event_loops=1",
                "--set",
                "server.run_dir=" + directory.resolve("run")));
        command.addAll(List.of(arguments));
        this.process = new ProcessBuilder(command)
                .directory(directory.toFile())
                .redirectError(directory.resolve("log").toFile())
                .start();
        JsonBody stage;
        try {
            stage = JsonBody.of(firstLine(process.inputReader()));
        } catch (IOException | RuntimeException e) {
            process.destroyForcibly();
            throw e;
        }
        this.api = API.matcher(stage.at(JsonLocation.parse("api")).text())
                .results()
                .map(found -> found.group(1))
                .findFirst()
                .orElse("");
        this.webSocket = stage.at(JsonLocation.parse("websocket")).text();
        this.callbacks = stage.at(JsonLocation.parse("callbacks")).text();
    }

    /// What it says of its stage, when it is ready.
    private String firstLine(BufferedReader out) throws IOException {
        String first = out.readLine();
        if (first == null) {
            throw new IOException(log());
        }
        String line = first;
        while (line != null && !line.contains("ready")) {
            line = out.readLine();
        }
        return first;
    }

    /// The id of its only API.
    String api() {
        return api;
    }

    /// Where connections of its only stage are posted to.
    String callbacks() {
        return callbacks;
    }

    String log() throws IOException {
        return Files.readString(directory.resolve("log"));
    }

    Process process() {
        return process;
    }

    /// The figures of the server.
    String metrics() throws Exception {
        URI page = URI.create(callbacks).resolve("/metrics");
        return HTTP.send(HttpRequest.newBuilder(page).build(), HttpResponse.BodyHandlers.ofString())
                .body();
    }

    /// Posts to a connection.
    ///
    /// @return the status
    int post(String connectionId, String text) throws Exception {
        URI uri = URI.create(callbacks + "/@connections/" + URLEncoder.encode(connectionId, UTF_8));
        return HTTP.send(
                        HttpRequest.newBuilder(uri)
                                .POST(HttpRequest.BodyPublishers.ofString(text))
                                .build(),
                        HttpResponse.BodyHandlers.discarding())
                .statusCode();
    }

    /// Connects a client.
    ///
    /// @param query with its question mark, or empty
    Client open(String query) {
        Client client = new Client();
        client.socket = HTTP.newWebSocketBuilder()
                .buildAsync(URI.create(webSocket + query), client)
                .join();
        return client;
    }

    /// The status with which a handshake is refused.
    int refusal(String query) {
        try {
            open(query).close();
            return 101;
        } catch (CompletionException e) {
            if (e.getCause() instanceof WebSocketHandshakeException refused) {
                return refused.getResponse().statusCode();
            }
            throw e;
        }
    }

    @Override
    public void close() {
        process.destroy();
        try {
            if (process.waitFor(30, TimeUnit.SECONDS)) {
                return;
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        process.destroyForcibly();
    }

    /// A client, and what it has heard.
    static final class Client implements WebSocket.Listener, AutoCloseable {
        private final LinkedBlockingQueue<String> heard = new LinkedBlockingQueue<>();
        private final StringBuilder part = new StringBuilder();
        private @Nullable WebSocket socket;

        @Override
        public @Nullable CompletionStage<?> onText(WebSocket from, CharSequence text, boolean last) {
            part.append(text);
            if (last) {
                heard.add(part.toString());
                part.setLength(0);
            }
            from.request(1);
            return null;
        }

        void send(String text) {
            WebSocket open = socket;
            if (open != null) {
                open.sendText(text, true).join();
            }
        }

        /// The next message.
        String next() throws InterruptedException {
            String text = heard.poll(20, TimeUnit.SECONDS);
            if (text == null) {
                throw new AssertionError("nothing came");
            }
            return text;
        }

        /// How many messages came that nobody asked for.
        int waiting() {
            return heard.size();
        }

        @Override
        public void close() {
            WebSocket open = socket;
            if (open != null && !open.isOutputClosed()) {
                open.sendClose(WebSocket.NORMAL_CLOSURE, "").join();
            }
        }
    }
}
