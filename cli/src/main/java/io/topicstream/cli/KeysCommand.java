package io.topicstream.cli;

import io.topicstream.protocol.JsonObjectReader;
import io.topicstream.server.config.AdminToken;
import io.topicstream.server.config.RunDirectory;
import java.io.IOException;
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
import java.util.Objects;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `topicstream keys`: makes, lists and revokes API keys of a running server, by the administrator's token that
/// the server left in the user's run directory.
@Command(
        name = "keys",
        description = "Manage the API keys of a running server.",
        mixinStandardHelpOptions = true,
        versionProvider = Main.Version.class)
final class KeysCommand implements Runnable {
    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public void run() {
        spec.commandLine().usage(spec.commandLine().getOut());
    }

    /// The routes below `/admin`, and what it takes to be let in.
    static final class Administration {
        private static final Duration TIMEOUT = Duration.ofSeconds(30);

        @Mixin
        private final ServerOptions server = new ServerOptions();

        /// Sends a request and answers the body of a success.
        String ask(Surroundings surroundings, String method, String path, String body) {
            URI base = server.address(surroundings);
            HttpRequest request = HttpRequest.newBuilder(URI.create(base + path))
                    .timeout(TIMEOUT)
                    .header("Authorization", "Bearer " + token(surroundings, base))
                    .header("Content-Type", "application/json")
                    .method(method, HttpRequest.BodyPublishers.ofString(body))
                    .build();
            HttpResponse<String> response;
            try (HttpClient http = server.http(surroundings)) {
                response = http.send(request, HttpResponse.BodyHandlers.ofString(StandardCharsets.UTF_8));
            } catch (IOException e) {
                throw new CommandFailure(
                        ExitCodes.UNREACHABLE,
                        base + ": cannot connect" + (e.getMessage() == null ? "" : ": " + e.getMessage()));
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new CommandFailure(ExitCodes.UNREACHABLE, "interrupted");
            }
            if (response.statusCode() / 100 != 2) {
                throw new CommandFailure(
                        switch (response.statusCode()) {
                            case 401, 403 -> ExitCodes.NOT_ALLOWED;
                            default -> ExitCodes.REFUSED;
                        },
                        error(response));
            }
            return response.body();
        }

        private static String error(HttpResponse<String> response) {
            byte[] body = response.body().getBytes(StandardCharsets.UTF_8);
            JsonObjectReader reader = JsonObjectReader.of("error");
            String error = reader.read(body, 0, body.length) ? reader.string(0) : null;
            return error == null ? "the server answered " + response.statusCode() : error;
        }

        /// Whether the server stands on the command line or in the environment.
        boolean namesServer(Surroundings surroundings) {
            return server.isNamed(surroundings);
        }

        /// Whether there is a token for the server.
        boolean hasToken(Surroundings surroundings) {
            try {
                return !token(surroundings, server.address(surroundings)).isEmpty();
            } catch (CommandFailure e) {
                return false;
            }
        }

        /// The token of the server at this address; it is only ever sent to this machine.
        private static String token(Surroundings surroundings, URI base) {
            int port = base.getPort() >= 0 ? base.getPort() : base.getScheme().equals("https") ? 443 : 80;
            String given = surroundings.variable("TOPICSTREAM_ADMIN_TOKEN", "");
            if (!given.isEmpty()) {
                return given;
            }
            String found;
            try {
                InetAddress address = InetAddress.getByName(base.getHost());
                if (!address.isLoopbackAddress() && NetworkInterface.getByInetAddress(address) == null) {
                    throw new CommandFailure(
                            ExitCodes.NOT_ALLOWED,
                            "this is done on the server's own machine, or with its token in $TOPICSTREAM_ADMIN_TOKEN");
                }
                String configured = surroundings.variable("TOPICSTREAM_SERVER_RUN_DIR", "");
                found = AdminToken.read(
                        RunDirectory.of(
                                configured.isEmpty() ? null : Path.of(configured),
                                surroundings.environment(),
                                surroundings.home()),
                        port);
            } catch (IOException | InvalidPathException e) {
                throw new CommandFailure(ExitCodes.NOT_ALLOWED, String.valueOf(e.getMessage()));
            }
            if (found == null) {
                throw new CommandFailure(
                        ExitCodes.NOT_ALLOWED,
                        "no server of this user listens on port " + port
                                + " (--server names another; the server's server.run_dir goes into"
                                + " $TOPICSTREAM_SERVER_RUN_DIR)");
            }
            return found;
        }
    }

    private static String unexpected() {
        return "the server's answer is not the expected one";
    }

    /// `topicstream keys create`
    @Command(
            name = "create",
            description = "Make an API key. It stands alone in the last line, and is not shown again.",
            mixinStandardHelpOptions = true,
            versionProvider = Main.Version.class)
    static final class Create implements Runnable {
        private final Surroundings surroundings;

        @Mixin
        private final Administration administration = new Administration();

        @Parameters(paramLabel = "NAME", description = "The user whose key it is; one user may have several.")
        private String name = "";

        @Option(names = "--json", description = "Print the key and what is known of it as JSON.")
        private boolean json;

        Create(Surroundings surroundings) {
            this.surroundings = surroundings;
        }

        @Override
        public void run() {
            String body = administration.ask(
                    surroundings,
                    "POST",
                    "/admin/keys",
                    new JsonLine().text("name", name).toString());
            JsonObjectReader reader = JsonObjectReader.of("id", "key", "guests_ended");
            byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
            String key = reader.read(bytes, 0, bytes.length) ? reader.string(1) : null;
            if (key == null) {
                throw new CommandFailure(ExitCodes.REFUSED, unexpected());
            }
            if (reader.has(2)) {
                Main.tell(
                        surroundings,
                        "note: from now on callers without a credential are not let in (access.anonymous is auto); on"
                                + " would let them in beside keys");
            }
            if (json) {
                surroundings.out().println(body.strip());
            } else {
                surroundings.out().println("The key of " + name + ", id " + reader.string(0) + ". Keep it safe:");
                surroundings.out().println(TerminalText.safe(key));
            }
        }
    }

    /// `topicstream keys list`
    @Command(
            name = "list",
            description = "List the keys: name, id, how the key begins, when it was made.",
            mixinStandardHelpOptions = true,
            versionProvider = Main.Version.class)
    static final class Listing implements Runnable {
        private final Surroundings surroundings;

        @Mixin
        private final Administration administration = new Administration();

        @Option(names = "--json", description = "Print each key as JSON.")
        private boolean json;

        Listing(Surroundings surroundings) {
            this.surroundings = surroundings;
        }

        @Override
        public void run() {
            byte[] body =
                    administration.ask(surroundings, "GET", "/admin/keys", "").getBytes(StandardCharsets.UTF_8);
            JsonObjectReader reader = JsonObjectReader.of("keys").withLists(0);
            if (!reader.read(body, 0, body.length) || !reader.has(0)) {
                throw new CommandFailure(ExitCodes.REFUSED, unexpected());
            }
            JsonObjectReader key = JsonObjectReader.of("name", "id", "hint", "created_at");
            reader.elements(0, (start, end) -> {
                if (!key.read(body, start, end)) {
                    throw new CommandFailure(ExitCodes.REFUSED, unexpected());
                }
                surroundings
                        .out()
                        .println(
                                json
                                        ? new String(body, start, end - start, StandardCharsets.UTF_8)
                                        : TerminalText.safe(text(key, 0) + " " + text(key, 1) + " " + text(key, 2) + " "
                                                + Instant.ofEpochMilli(Math.max(0, key.integer(3)))));
            });
        }

        private static String text(JsonObjectReader key, int member) {
            return Objects.requireNonNullElse(key.string(member), "-");
        }
    }

    /// `topicstream keys revoke`
    @Command(
            name = "revoke",
            description = "Revoke all keys of a user, and end the connections that use them.",
            mixinStandardHelpOptions = true,
            versionProvider = Main.Version.class)
    static final class Revoke implements Runnable {
        private final Surroundings surroundings;

        @Mixin
        private final Administration administration = new Administration();

        @Parameters(paramLabel = "NAME", description = "The user.")
        private String name = "";

        @Option(names = "--json", description = "Print what was revoked as JSON.")
        private boolean json;

        Revoke(Surroundings surroundings) {
            this.surroundings = surroundings;
        }

        @Override
        public void run() {
            String segment = URLEncoder.encode(name, StandardCharsets.UTF_8).replace("+", "%20");
            String body = administration.ask(surroundings, "DELETE", "/admin/keys/" + segment, "");
            surroundings
                    .out()
                    .println(json ? body.strip() : "The keys of " + TerminalText.safe(name) + " are revoked.");
        }
    }
}
