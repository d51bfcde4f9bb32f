package io.topicstream.cli;

import io.topicstream.json.JsonObjectReader;
import io.topicstream.server.admin.AdminToken;
import io.topicstream.server.admin.RunDirectory;
import io.topicstream.server.config.ServerConfig;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;

/// The routes below `/admin`, and what it takes to be let in.
final class Administration {
    private static final Duration TIMEOUT = Duration.ofSeconds(30);

    @Mixin
    private final ServerOptions server = new ServerOptions();

    /// Sends a request and answers the body of a success.
    String ask(Surroundings surroundings, String method, String path, String body) {
        return ask(surroundings, method, path, body, Administration::text);
    }

    /// What is made of the body of an answer.
    @FunctionalInterface
    interface BodyReader<T> {
        T read(InputStream body) throws IOException;
    }

    /// Sends a request and has the body of a success read as it comes, which may be of any length.
    <T> T ask(Surroundings surroundings, String method, String path, String body, BodyReader<T> reader) {
        URI base = server.address(surroundings);
        List<String> tokens = tokens(surroundings, base);
        try (HttpClient http = server.http(surroundings)) {
            HttpResponse<InputStream> response = http.send(
                    request(base, method, path, body, tokens.getFirst()), HttpResponse.BodyHandlers.ofInputStream());
            for (int i = 1; i < tokens.size() && response.statusCode() == 401; i++) {
                // A server that died left its token behind; the next one may be the right one's.
                response.body().close();
                response = http.send(
                        request(base, method, path, body, tokens.get(i)), HttpResponse.BodyHandlers.ofInputStream());
            }
            try (InputStream answer = response.body()) {
                if (response.statusCode() / 100 == 2) {
                    return reader.read(answer);
                }
                throw new CommandFailure(
                        switch (response.statusCode()) {
                            case 401, 403 -> ExitCodes.NOT_ALLOWED;
                            default -> ExitCodes.REFUSED;
                        },
                        error(response.statusCode(), text(answer)));
            }
        } catch (IOException e) {
            throw new CommandFailure(
                    ExitCodes.UNREACHABLE,
                    base + ": "
                            + ServerOptions.untrusted(e)
                                    .orElse("cannot connect: "
                                            + (e.getMessage() == null ? "nobody listens there" : e.getMessage())));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CommandFailure(ExitCodes.UNREACHABLE, "interrupted");
        }
    }

    private static HttpRequest request(URI base, String method, String path, String body, String token) {
        return HttpRequest.newBuilder(URI.create(base + path))
                .timeout(TIMEOUT)
                .header("Authorization", "Bearer " + token)
                .header("Content-Type", "application/json")
                .method(method, HttpRequest.BodyPublishers.ofString(body))
                .build();
    }

    private static String text(InputStream body) throws IOException {
        return new String(body.readAllBytes(), StandardCharsets.UTF_8);
    }

    private static String error(int status, String answer) {
        byte[] body = answer.getBytes(StandardCharsets.UTF_8);
        JsonObjectReader.Builder members = new JsonObjectReader.Builder();
        JsonObjectReader.Member errorMember = members.add("error");
        JsonObjectReader reader = members.build();
        String error = reader.read(body, 0, body.length) ? reader.string(errorMember) : null;
        return error == null ? "the server answered " + status : error;
    }

    /// Whether the server stands on the command line or in the environment.
    boolean namesServer(Surroundings surroundings) {
        return server.isNamed(surroundings);
    }

    /// Whether there is a token for the server.
    boolean hasToken(Surroundings surroundings) {
        try {
            return !tokens(surroundings, server.address(surroundings)).isEmpty();
        } catch (CommandFailure e) {
            return false;
        }
    }

    /// The tokens that the server at this address may have; they are only ever sent to this machine.
    private static List<String> tokens(Surroundings surroundings, URI base) {
        int port = base.getPort() >= 0 ? base.getPort() : base.getScheme().equals("https") ? 443 : 80;
        String given = surroundings.variable("TOPICSTREAM_ADMIN_TOKEN", "");
        if (!given.isEmpty()) {
            return List.of(given);
        }
        List<String> found;
        try {
            InetAddress address = InetAddress.getByName(base.getHost());
            if (!address.isLoopbackAddress() && NetworkInterface.getByInetAddress(address) == null) {
                throw new CommandFailure(
                        ExitCodes.NOT_ALLOWED,
                        "this is done on the server's own machine, or with its token in $TOPICSTREAM_ADMIN_TOKEN");
            }
            found = AdminToken.read(runDirectories(surroundings), address, port);
        } catch (IOException | InvalidPathException e) {
            throw new CommandFailure(ExitCodes.NOT_ALLOWED, String.valueOf(e.getMessage()));
        }
        if (found.isEmpty()) {
            throw new CommandFailure(
                    ExitCodes.NOT_ALLOWED,
                    "no server of this user listens on port " + port
                            + " (--server names another; the server's server.run_dir goes into"
                            + " $TOPICSTREAM_SERVER_RUN_DIR)");
        }
        return found;
    }

    private static List<Path> runDirectories(Surroundings surroundings) {
        @Nullable Path configured;
        @Nullable Path data;
        try {
            ServerConfig config =
                    SettingFlags.loadWithData(null, surroundings, null).config();
            configured = config.admin().runDir();
            data = config.data().dir();
        } catch (CommandFailure notForUs) {
            // What is wrong with a server's configuration is told by the commands that use it.
            String variable = surroundings.variable("TOPICSTREAM_SERVER_RUN_DIR", "");
            configured = variable.isEmpty() ? null : Path.of(variable);
            data = null;
        }
        return RunDirectory.of(configured, surroundings.environment(), surroundings.home(), data);
    }

    /// A part of a path: the text, with what has a meaning in paths written out.
    static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
    }

    // ---- what is read of answers

    /// An answer that can be read, or a failure.
    static JsonObjectReader read(JsonObjectReader.Builder members, String body) {
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        JsonObjectReader reader = members.build();
        if (!reader.read(bytes, 0, bytes.length)) {
            throw unexpected();
        }
        return reader;
    }

    /// Prints each element of a list in an answer.
    ///
    /// @param list the member that is the list
    /// @param members of an element
    /// @param line an element as people read it; null to print it as JSON
    /// @return after which element the list goes on (`next`); empty at its end
    static String print(
            Surroundings surroundings,
            String body,
            String list,
            JsonObjectReader.Builder members,
            @Nullable Function<JsonObjectReader, String> line) {
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        JsonObjectReader.Builder answer = new JsonObjectReader.Builder();
        JsonObjectReader.Member elements = answer.add(list, JsonObjectReader.Trait.LIST);
        JsonObjectReader.Member next = answer.add("next");
        JsonObjectReader reader = answer.build();
        if (!reader.read(bytes, 0, bytes.length) || !reader.has(elements)) {
            throw unexpected();
        }
        JsonObjectReader element = members.build();
        reader.elements(elements, (start, end) -> {
            if (!element.read(bytes, start, end)) {
                throw unexpected();
            }
            surroundings
                    .out()
                    .println(
                            line == null
                                    ? new String(bytes, start, end - start, StandardCharsets.UTF_8)
                                    : TerminalText.safe(line.apply(element)));
        });
        return Objects.requireNonNullElse(reader.string(next), "");
    }

    /// A text of an answer; `-` where it is not there.
    static String text(JsonObjectReader answer, JsonObjectReader.Member member) {
        return Objects.requireNonNullElse(answer.string(member), "-");
    }

    /// An instant of an answer; `-` where it is not there.
    static String time(JsonObjectReader answer, JsonObjectReader.Member member) {
        long ms = answer.has(member) ? answer.integer(member) : JsonObjectReader.NOT_AN_INTEGER;
        return ms < 0 ? "-" : Instant.ofEpochMilli(ms).toString();
    }

    static CommandFailure unexpected() {
        return new CommandFailure(ExitCodes.REFUSED, "the server's answer is not the expected one");
    }
}
