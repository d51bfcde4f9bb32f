package io.topicstream.cli;

import io.topicstream.client.Member;
import io.topicstream.client.MemberPage;
import io.topicstream.client.TopicStreamClient;
import java.time.Instant;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `topicstream members`: lists who is in a topic.
@Command(
        name = "members",
        description = "List who is in a topic: id, number of connections, since when, and name, a line each.",
        mixinStandardHelpOptions = true,
        versionProvider = Main.Version.class)
final class MembersCommand implements Runnable {
    private static final int PAGE_MEMBERS = 1000;

    private final Surroundings surroundings;

    @Mixin
    private final ServerOptions server = new ServerOptions();

    @Parameters(index = "0", paramLabel = "TOPIC", description = "The topic; that of a room is room:NAME.")
    private String topic = "";

    @Option(names = "--json", description = "Print each member as JSON.")
    private boolean json;

    MembersCommand(Surroundings surroundings) {
        this.surroundings = surroundings;
    }

    @Override
    public void run() {
        try (TopicStreamClient client = server.connect(surroundings, ServerOptions.telling(surroundings))) {
            @Nullable String after = "";
            while (after != null) {
                MemberPage page = ServerOptions.answer(client.members(topic, after, PAGE_MEMBERS));
                page.members().forEach(this::print);
                after = page.next();
            }
        } catch (IllegalArgumentException e) {
            throw new CommandFailure(ExitCodes.USAGE, String.valueOf(e.getMessage()));
        }
    }

    private void print(Member member) {
        surroundings
                .out()
                .println(
                        json
                                ? new JsonLine()
                                        .text("user", member.user())
                                        .text("name", member.name())
                                        .number("connections", member.connections())
                                        .number("since", member.since())
                                        .toString()
                                : Objects.requireNonNullElse(member.user(), "-") + " " + member.connections() + " "
                                        + Instant.ofEpochMilli(member.since()) + " "
                                        + TerminalText.line(Objects.requireNonNullElse(member.name(), "-")));
    }
}
