package io.topicstream.cli;

import io.topicstream.json.JsonObjectReader;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `topicstream users`: blocks users of a running server, signs them out, exports what is kept of them
/// and erases them, by the administrator's token, as `topicstream keys` works.
@Command(
        name = "users",
        description = "Block users of a running server, sign them out, export their data, erase them.",
        mixinStandardHelpOptions = true,
        versionProvider = Main.Version.class)
final class UsersCommand implements Runnable {
    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public void run() {
        spec.commandLine().usage(spec.commandLine().getOut());
    }

    private static String path(String user, String what) {
        return "/admin/users/" + Administration.encoded(user) + "/" + what;
    }

    /// `topicstream users block`
    @Command(
            name = "block",
            description = "Let a user in by no door, whatever he shows, and end his connections.",
            mixinStandardHelpOptions = true,
            versionProvider = Main.Version.class)
    static final class Block implements Runnable {
        private final Surroundings surroundings;

        @Mixin
        private final Administration administration = new Administration();

        @Parameters(paramLabel = "USER", description = "The user's id; that of a guest begins with guest.")
        private String user = "";

        @Option(names = "--reason", paramLabel = "TEXT", description = "Why, for those who list the blocked ones.")
        private @Nullable String reason;

        @Option(
                names = "--until",
                paramLabel = "WHEN",
                description = "When it ends: an instant as 2030-12-31T23:59:59Z, or after 90d (s, m, h, d).")
        private @Nullable String until;

        @Option(names = "--json", description = "Print the block as JSON.")
        private boolean json;

        Block(Surroundings surroundings) {
            this.surroundings = surroundings;
        }

        @Override
        public void run() {
            String request =
                    new JsonLine().text("reason", reason).text("until", until).toString();
            String body = administration.ask(surroundings, "PUT", path(user, "block"), request);
            surroundings.out().println(json ? body.strip() : "The user " + TerminalText.safe(user) + " is blocked.");
        }
    }

    /// `topicstream users unblock`
    @Command(
            name = "unblock",
            description = "Let a blocked user in again.",
            mixinStandardHelpOptions = true,
            versionProvider = Main.Version.class)
    static final class Unblock implements Runnable {
        private final Surroundings surroundings;

        @Mixin
        private final Administration administration = new Administration();

        @Parameters(paramLabel = "USER", description = "The user's id.")
        private String user = "";

        @Option(names = "--json", description = "Print what was done as JSON.")
        private boolean json;

        Unblock(Surroundings surroundings) {
            this.surroundings = surroundings;
        }

        @Override
        public void run() {
            String body = administration.ask(surroundings, "DELETE", path(user, "block"), "");
            surroundings
                    .out()
                    .println(json ? body.strip() : "The user " + TerminalText.safe(user) + " is blocked no longer.");
        }
    }

    /// `topicstream users sign-out`
    @Command(
            name = "sign-out",
            description = "End all connections of a user, and take no token any more that was issued to him before.",
            mixinStandardHelpOptions = true,
            versionProvider = Main.Version.class)
    static final class SignOut implements Runnable {
        private final Surroundings surroundings;

        @Mixin
        private final Administration administration = new Administration();

        @Parameters(paramLabel = "USER", description = "The user's id.")
        private String user = "";

        @Option(names = "--json", description = "Print what was done as JSON.")
        private boolean json;

        SignOut(Surroundings surroundings) {
            this.surroundings = surroundings;
        }

        @Override
        public void run() {
            String body = administration.ask(surroundings, "PUT", path(user, "sign-out"), "");
            surroundings
                    .out()
                    .println(
                            json ? body.strip() : "The user " + TerminalText.safe(user) + " is signed out everywhere.");
        }
    }

    /// `topicstream users blocked`
    @Command(
            name = "blocked",
            description =
                    "List the blocked users: user, since when, until when (- for as long as nobody unblocks him), why.",
            mixinStandardHelpOptions = true,
            versionProvider = Main.Version.class)
    static final class Blocked implements Runnable {
        private static final JsonObjectReader.Builder USER_MEMBERS = new JsonObjectReader.Builder();
        private static final JsonObjectReader.Member USER = USER_MEMBERS.add("user");
        private static final JsonObjectReader.Member BLOCKED_AT = USER_MEMBERS.add("blocked_at");
        private static final JsonObjectReader.Member UNTIL = USER_MEMBERS.add("until");
        private static final JsonObjectReader.Member REASON = USER_MEMBERS.add("reason");

        private final Surroundings surroundings;

        @Mixin
        private final Administration administration = new Administration();

        @Option(names = "--json", description = "Print each as JSON.")
        private boolean json;

        Blocked(Surroundings surroundings) {
            this.surroundings = surroundings;
        }

        @Override
        public void run() {
            String after = "";
            do {
                after = page(after);
            } while (!after.isEmpty());
        }

        /// @return after whom the list goes on; empty at the end
        private String page(String after) {
            String query = "?limit=1000" + (after.isEmpty() ? "" : "&start_after=" + Administration.encoded(after));
            String body = administration.ask(surroundings, "GET", "/admin/users/blocked" + query, "");
            return Administration.print(surroundings, body, "users", USER_MEMBERS, json ? null : Blocked::line);
        }

        private static String line(JsonObjectReader user) {
            return String.join(
                    " ",
                    Administration.text(user, USER),
                    Administration.time(user, BLOCKED_AT),
                    Administration.time(user, UNTIL),
                    Administration.text(user, REASON));
        }
    }
}
