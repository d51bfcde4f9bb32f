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
import io.topicstream.server.config.ServerConfig;
import io.topicstream.server.config.section.ProcessSection;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
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
                throw Administration.unexpected();
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
            String body = administration.ask(surroundings, "GET", "/admin/keys", "");
            var _ = Administration.print(surroundings, body, "keys", KEY_MEMBERS, json ? null : Listing::line);
        }

        private static String line(JsonObjectReader key) {
            return String.join(
                    " ",
                    Administration.text(key, NAME),
                    Administration.text(key, ID),
                    Administration.text(key, HINT),
                    Administration.time(key, CREATED_AT),
                    Administration.time(key, EXPIRES_AT),
                    Administration.time(key, LAST_USED_AT));
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
            String path = "/admin/keys/"
                    + Administration.encoded(name)
                    + (id == null ? "" : "?id=" + Administration.encoded(id));
            String body = administration.ask(surroundings, "DELETE", path, "");
            String told = id == null
                    ? "The keys of " + TerminalText.safe(name) + " are revoked."
                    : "The key " + TerminalText.safe(id) + " of " + TerminalText.safe(name) + " is revoked.";
            surroundings.out().println(json ? body.strip() : told);
        }
    }
}
