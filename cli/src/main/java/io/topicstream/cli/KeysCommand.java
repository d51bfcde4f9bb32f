package io.topicstream.cli;

import io.topicstream.access.ApiKey;
import io.topicstream.access.ApiKeys;
import io.topicstream.access.Expiry;
import io.topicstream.access.Grant;
import io.topicstream.access.Identity;
import io.topicstream.access.Permission;
import io.topicstream.json.JsonObjectReader;
import io.topicstream.server.Engine;
import io.topicstream.server.StartException;
import io.topicstream.server.admin.AdminToken;
import io.topicstream.server.admin.RunDirectory;
import io.topicstream.server.config.ServerConfig;
import io.topicstream.server.config.section.ProcessSection;
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
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
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
            List<String> tokens = tokens(surroundings, base);
            HttpResponse<String> response = send(surroundings, base, method, path, body, tokens.getFirst());
            for (int i = 1; i < tokens.size() && response.statusCode() == 401; i++) {
                // A server that died left its token behind; the next one may be the right one's.
                response = send(surroundings, base, method, path, body, tokens.get(i));
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

        private HttpResponse<String> send(
                Surroundings surroundings, URI base, String method, String path, String body, String token) {
            HttpRequest request = HttpRequest.newBuilder(URI.create(base + path))
                    .timeout(TIMEOUT)
                    .header("Authorization", "Bearer " + token)
                    .header("Content-Type", "application/json")
                    .method(method, HttpRequest.BodyPublishers.ofString(body))
                    .build();
            try (HttpClient http = server.http(surroundings)) {
                return http.send(request, HttpResponse.BodyHandlers.ofString(StandardCharsets.UTF_8));
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

        private static String error(HttpResponse<String> response) {
            byte[] body = response.body().getBytes(StandardCharsets.UTF_8);
            JsonObjectReader.Builder members = new JsonObjectReader.Builder();
            JsonObjectReader.Member errorMember = members.add("error");
            JsonObjectReader reader = members.build();
            String error = reader.read(body, 0, body.length) ? reader.string(errorMember) : null;
            return error == null ? "the server answered " + response.statusCode() : error;
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

        @Option(
                names = "--grants",
                paramLabel = "TOPICS=ALLOW",
                description =
                        "What it may do where, as 'orders*=publish,read'; may be given several times. Without it: "
                                + "publish, subscribe, read and presence on every topic.")
        private List<String> grants = List.of();

        @Option(
                names = "--allow",
                paramLabel = "ALLOW",
                description = "What it may do on every topic, as publish,read or metrics.")
        private List<String> allow = List.of();

        @Option(
                names = "--expires",
                paramLabel = "WHEN",
                description = "When it ends: an instant as 2030-12-31T23:59:59Z, or after 90d (s, m, h, d).")
        private @Nullable String expires;

        @Option(
                names = "--data",
                paramLabel = "DIR",
                description = "Make it in the store in this directory, whose server is stopped.")
        private @Nullable String data;

        @Option(names = "--json", description = "Print the key and what is known of it as JSON.")
        private boolean json;

        Create(Surroundings surroundings) {
            this.surroundings = surroundings;
        }

        @Override
        public void run() {
            String body;
            try {
                List<Grant> all = grants();
                long expiresAtMs = expires == null ? Identity.NEVER : Expiry.parse(expires, System.currentTimeMillis());
                body = data == null ? askServer(all) : createInStore(data, all, expiresAtMs);
            } catch (IllegalArgumentException e) {
                throw new CommandFailure(ExitCodes.USAGE, String.valueOf(e.getMessage()));
            }
            JsonObjectReader.Builder members = new JsonObjectReader.Builder();
            JsonObjectReader.Member idMember = members.add("id");
            JsonObjectReader.Member keyMember = members.add("key");
            JsonObjectReader.Member guestsEnded = members.add("guests_ended");
            JsonObjectReader reader = members.build();
            byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
            String key = reader.read(bytes, 0, bytes.length) ? reader.string(keyMember) : null;
            if (key == null) {
                throw new CommandFailure(ExitCodes.REFUSED, unexpected());
            }
            if (reader.has(guestsEnded)) {
                Main.tell(
                        surroundings,
                        "note: from now on callers without a credential are not let in (access.anonymous is auto); on"
                                + " would let them in beside keys");
            }
            String id = Objects.requireNonNullElse(reader.string(idMember), "-");
            try {
                if (json) {
                    surroundings.out().println(body.strip());
                } else {
                    surroundings.out().println("The key of " + name + ", id " + id + ". Keep it safe:");
                    surroundings.out().println(TerminalText.safe(key));
                }
            } catch (CommandFailure unseen) {
                throw new CommandFailure(
                        unseen.exitCode(),
                        "the key " + id + " of " + name + " was made and could not be shown: revoke it (keys revoke "
                                + name + " --id " + id + ")");
            }
        }

        private List<Grant> grants() {
            List<Grant> all = new ArrayList<>();
            grants.forEach(one -> {
                if (one.indexOf('=') < 0) {
                    throw new IllegalArgumentException("--grants is TOPICS=ALLOW, as 'orders*=publish,read'");
                }
                all.add(Grant.parse(one));
            });
            allow.forEach(one -> {
                if (one.indexOf('=') >= 0) {
                    throw new IllegalArgumentException("--allow is a list of permissions; --grants has topics too");
                }
                all.add(Grant.parse(one));
            });
            return all;
        }

        private String askServer(List<Grant> all) {
            JsonLine request = new JsonLine().text("name", name).text("expires", expires);
            if (!all.isEmpty()) {
                request.raw("grants", json(all));
            }
            return administration.ask(surroundings, "POST", "/admin/keys", request.toString());
        }

        /// Makes it without a server, for one that listens where others can reach it and so wants a key first.
        ///
        /// @return what a server would have answered
        private String createInStore(String directory, List<Grant> all, long expiresAtMs) {
            ServerConfig config =
                    SettingFlags.loadWithData(null, surroundings, directory).config();
            if (config.process().engine() == ProcessSection.Engine.MEMORY) {
                throw new CommandFailure(ExitCodes.USAGE, "the engine is memory, and it keeps no keys");
            }
            Engine engine;
            try {
                engine = Engine.open(config);
            } catch (StartException e) {
                throw Serving.failure(e);
            }
            try {
                ApiKey.Created created = new ApiKeys(engine.state(), new SecureRandom(), InstantSource.system())
                        .create(name, all.isEmpty() ? null : all, expiresAtMs)
                        .toCompletableFuture()
                        .join();
                JsonLine answer = new JsonLine()
                        .text("id", created.key().id())
                        .text("name", name)
                        .text("key", created.secret())
                        .text("hint", created.key().hint())
                        .number("created_at", created.key().createdAtMs());
                if (expiresAtMs != Identity.NEVER) {
                    answer.number("expires_at", expiresAtMs);
                }
                return answer.raw("grants", json(all.isEmpty() ? Grant.DEFAULT : all))
                        .toString();
            } finally {
                engine.close().run();
            }
        }

        private static String json(List<Grant> grants) {
            return grants.stream()
                    .map(grant -> new JsonLine()
                            .text("topics", grant.pattern())
                            .raw(
                                    "allow",
                                    Stream.of(Permission.values())
                                            .filter(grant.permissions()::contains)
                                            .map(permission -> '"' + permission.wireName() + '"')
                                            .collect(Collectors.joining(",", "[", "]")))
                            .toString())
                    .collect(Collectors.joining(",", "[", "]"));
        }
    }

    /// `topicstream keys list`
    @Command(
            name = "list",
            description =
                    "List the keys: name, id, how the key ends; when it was made, when it expires, and when it was "
                            + "last used, give or take an hour (- for never).",
            mixinStandardHelpOptions = true,
            versionProvider = Main.Version.class)
    static final class Listing implements Runnable {
        private static final JsonObjectReader.Builder KEY_MEMBERS = new JsonObjectReader.Builder();
        private static final JsonObjectReader.Member NAME = KEY_MEMBERS.add("name");
        private static final JsonObjectReader.Member ID = KEY_MEMBERS.add("id");
        private static final JsonObjectReader.Member HINT = KEY_MEMBERS.add("hint");
        private static final JsonObjectReader.Member CREATED_AT = KEY_MEMBERS.add("created_at");
        private static final JsonObjectReader.Member EXPIRES_AT = KEY_MEMBERS.add("expires_at");
        private static final JsonObjectReader.Member LAST_USED_AT = KEY_MEMBERS.add("last_used_at");

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
            JsonObjectReader.Builder members = new JsonObjectReader.Builder();
            JsonObjectReader.Member keys = members.add("keys", JsonObjectReader.Trait.LIST);
            JsonObjectReader reader = members.build();
            if (!reader.read(body, 0, body.length) || !reader.has(keys)) {
                throw new CommandFailure(ExitCodes.REFUSED, unexpected());
            }
            JsonObjectReader key = KEY_MEMBERS.build();
            reader.elements(keys, (start, end) -> {
                if (!key.read(body, start, end)) {
                    throw new CommandFailure(ExitCodes.REFUSED, unexpected());
                }
                surroundings
                        .out()
                        .println(
                                json
                                        ? new String(body, start, end - start, StandardCharsets.UTF_8)
                                        : TerminalText.safe(String.join(
                                                " ",
                                                text(key, NAME),
                                                text(key, ID),
                                                text(key, HINT),
                                                time(key, CREATED_AT),
                                                time(key, EXPIRES_AT),
                                                time(key, LAST_USED_AT))));
            });
        }

        private static String text(JsonObjectReader key, JsonObjectReader.Member member) {
            return Objects.requireNonNullElse(key.string(member), "-");
        }

        private static String time(JsonObjectReader key, JsonObjectReader.Member member) {
            long ms = key.has(member) ? key.integer(member) : JsonObjectReader.NOT_AN_INTEGER;
            return ms < 0 ? "-" : Instant.ofEpochMilli(ms).toString();
        }
    }

    /// `topicstream keys revoke`
    @Command(
            name = "revoke",
            description = "Revoke one or all keys of a user, and end the connections that use them.",
            mixinStandardHelpOptions = true,
            versionProvider = Main.Version.class)
    static final class Revoke implements Runnable {
        private final Surroundings surroundings;

        @Mixin
        private final Administration administration = new Administration();

        @Parameters(paramLabel = "NAME", description = "The user.")
        private String name = "";

        @Option(names = "--id", paramLabel = "ID", description = "Revoke the key with this id and leave the others.")
        private @Nullable String id;

        @Option(names = "--json", description = "Print what was revoked as JSON.")
        private boolean json;

        Revoke(Surroundings surroundings) {
            this.surroundings = surroundings;
        }

        @Override
        public void run() {
            String path = "/admin/keys/" + encoded(name) + (id == null ? "" : "?id=" + encoded(id));
            String body = administration.ask(surroundings, "DELETE", path, "");
            String told = id == null
                    ? "The keys of " + TerminalText.safe(name) + " are revoked."
                    : "The key " + TerminalText.safe(id) + " of " + TerminalText.safe(name) + " is revoked.";
            surroundings.out().println(json ? body.strip() : told);
        }

        private static String encoded(String text) {
            return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
        }
    }
}
