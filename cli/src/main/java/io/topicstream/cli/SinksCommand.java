package io.topicstream.cli;

import io.topicstream.json.JsonObjectReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `topicstream sinks`: makes, lists, moves and deletes the webhooks that get events of a running server.
@Command(
        name = "sinks",
        description = "Manage the webhooks that get events of a running server.",
        mixinStandardHelpOptions = true,
        versionProvider = Main.Version.class)
final class SinksCommand implements Runnable {
    private static final int MOST_BYTES = 64 * 1024;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public void run() {
        spec.commandLine().usage(spec.commandLine().getOut());
    }

    private static String path(String name) {
        return "/admin/sinks/" + Administration.encoded(name);
    }

    /// `topicstream sinks list`
    @Command(
            name = "list",
            description = "List the sinks: name, state, topics, how many events wait, were posted, failed and are dead"
                    + " letters, and where it is.",
            mixinStandardHelpOptions = true,
            versionProvider = Main.Version.class)
    static final class Listing implements Runnable {
        private static final JsonObjectReader.Builder SINK = new JsonObjectReader.Builder();
        private static final JsonObjectReader.Member NAME = SINK.add("name");
        private static final JsonObjectReader.Member DISABLED = SINK.add("disabled");
        private static final JsonObjectReader.Member DEFINITION =
                SINK.add("definition", JsonObjectReader.Trait.PAYLOAD);
        private static final JsonObjectReader.Member STATUS = SINK.add("status", JsonObjectReader.Trait.PAYLOAD);

        private static final JsonObjectReader.Builder PARTS = new JsonObjectReader.Builder();
        private static final JsonObjectReader.Member URL = PARTS.add("url");
        private static final JsonObjectReader.Member TOPICS = PARTS.add("topics");
        private static final JsonObjectReader.Member LAG = PARTS.add("lag");
        private static final JsonObjectReader.Member DELIVERED = PARTS.add("delivered");
        private static final JsonObjectReader.Member FAILED = PARTS.add("failed_attempts");
        private static final JsonObjectReader.Member DEAD = PARTS.add("dead_letters");

        private final Surroundings surroundings;

        @Mixin
        private final Administration administration = new Administration();

        @Option(names = "--json", description = "Print each sink as JSON.")
        private boolean json;

        Listing(Surroundings surroundings) {
            this.surroundings = surroundings;
        }

        @Override
        public void run() {
            String body = administration.ask(surroundings, "GET", "/admin/sinks", "");
            var _ = Administration.print(surroundings, body, "sinks", SINK, json ? null : Listing::line);
        }

        private static String line(JsonObjectReader sink) {
            JsonObjectReader definition = PARTS.build();
            JsonObjectReader status = PARTS.build();
            boolean isRun = read(sink, STATUS, status);
            String url = read(sink, DEFINITION, definition) ? definition.string(URL) : null;
            return String.join(
                    " ",
                    Administration.text(sink, NAME),
                    sink.has(DISABLED) ? "disabled" : isRun ? "runs" : "waits",
                    number(isRun, status, TOPICS),
                    number(isRun, status, LAG),
                    number(isRun, status, DELIVERED),
                    number(isRun, status, FAILED),
                    number(isRun, status, DEAD),
                    Objects.requireNonNullElse(url, "-"));
        }

        private static boolean read(JsonObjectReader sink, JsonObjectReader.Member member, JsonObjectReader part) {
            if (!sink.has(member) || sink.kind(member) != JsonObjectReader.Kind.OBJECT) {
                return false;
            }
            byte[] bytes = sink.raw(member);
            return part.read(bytes, 0, bytes.length);
        }

        private static String number(boolean isThere, JsonObjectReader part, JsonObjectReader.Member member) {
            long number = isThere && part.has(member) ? part.integer(member) : JsonObjectReader.NOT_AN_INTEGER;
            return number < 0 ? "-" : Long.toString(number);
        }
    }

    /// `topicstream sinks put`
    @Command(
            name = "put",
            description = "Make a sink, or change the one of this name, which then goes on where it is. The secret of a"
                    + " new one stands alone in the last line, and is not shown again.",
            mixinStandardHelpOptions = true,
            versionProvider = Main.Version.class)
    static final class Put implements Runnable {
        private final Surroundings surroundings;

        @Mixin
        private final Administration administration = new Administration();

        @Parameters(index = "0", paramLabel = "NAME", description = "Its name.")
        private String name = "";

        @Parameters(
                index = "1",
                paramLabel = "FILE",
                description = "What it is, as JSON: {\"url\", \"topics\"?, \"also\"?, \"rules\"?, …}; - for the input.")
        private String file = "";

        Put(Surroundings surroundings) {
            this.surroundings = surroundings;
        }

        @Override
        public void run() {
            String answer = administration.ask(surroundings, "PUT", path(name), body());
            JsonObjectReader.Builder members = new JsonObjectReader.Builder();
            JsonObjectReader.Member secret = members.add("secret");
            JsonObjectReader reader = Administration.read(members, answer);
            String made = reader.string(secret);
            String told = "The sink " + TerminalText.safe(name) + " is there";
            if (made == null) {
                surroundings.out().println(told + ".");
            } else {
                surroundings.out().println(told + ". Its secret, for who receives it:");
                surroundings.out().println(TerminalText.safe(made));
            }
        }

        private String body() {
            try {
                byte[] read = file.equals("-")
                        ? surroundings.in().readNBytes(MOST_BYTES + 1)
                        : Files.readAllBytes(Path.of(file));
                if (read.length > MOST_BYTES) {
                    throw new CommandFailure(ExitCodes.USAGE, "a sink is at most 64 KiB of JSON");
                }
                return new String(read, StandardCharsets.UTF_8);
            } catch (IOException e) {
                throw new CommandFailure(ExitCodes.USAGE, "the file " + file + " cannot be read");
            }
        }
    }

    /// `topicstream sinks delete`
    @Command(
            name = "delete",
            description = "Delete a sink. Its dead letters stay.",
            mixinStandardHelpOptions = true,
            versionProvider = Main.Version.class)
    static final class Delete implements Runnable {
        private final Surroundings surroundings;

        @Mixin
        private final Administration administration = new Administration();

        @Parameters(paramLabel = "NAME", description = "Its name.")
        private String name = "";

        Delete(Surroundings surroundings) {
            this.surroundings = surroundings;
        }

        @Override
        public void run() {
            var _ = administration.ask(surroundings, "DELETE", path(name), "");
            surroundings.out().println("The sink " + TerminalText.safe(name) + " is deleted.");
        }
    }

    /// `topicstream sinks replay`
    @Command(
            name = "replay",
            description = "Have a sink get events again, or leave some out; a sink that was disabled is enabled.",
            mixinStandardHelpOptions = true,
            versionProvider = Main.Version.class)
    static final class Replay implements Runnable {
        private final Surroundings surroundings;

        @Mixin
        private final Administration administration = new Administration();

        @Parameters(paramLabel = "NAME", description = "Its name.")
        private String name = "";

        @Option(names = "--topic", paramLabel = "TOPIC", description = "Of this topic; without it of all.")
        private @Nullable String topic;

        @Option(
                names = "--from",
                required = true,
                paramLabel = "WHERE",
                description = "first, next, an instant as 2030-12-31T23:59:59Z, or with --topic an offset.")
        private String from = "";

        Replay(Surroundings surroundings) {
            this.surroundings = surroundings;
        }

        @Override
        public void run() {
            JsonLine request = new JsonLine().text("topic", topic);
            if (from.matches("[0-9]{1,18}")) {
                request.number("from", Long.parseLong(from));
            } else {
                request.text("from", from);
            }
            var _ = administration.ask(surroundings, "POST", path(name) + "/replay", request.toString());
            surroundings.out().println("The sink " + TerminalText.safe(name) + " goes on from there.");
        }
    }
}
