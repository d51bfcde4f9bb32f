package io.topicstream.cli;

import io.topicstream.client.OnlineUser;
import io.topicstream.client.TopicStreamClient;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `topicstream who`: says which users are online.
@Command(
        name = "who",
        description = "Say which users are online: id, online or offline, and when last seen, a line each.",
        mixinStandardHelpOptions = true,
        versionProvider = Main.Version.class)
final class WhoCommand implements Runnable {
    /// As many as the server takes at once.
    private static final int MOST_AT_ONCE = 500;

    private final Surroundings surroundings;

    @Mixin
    private final ServerOptions server = new ServerOptions();

    @Parameters(index = "0..*", arity = "1..*", paramLabel = "USER", description = "Ids of users.")
    private List<String> users = new ArrayList<>();

    @Option(names = "--json", description = "Print each user as JSON.")
    private boolean json;

    WhoCommand(Surroundings surroundings) {
        this.surroundings = surroundings;
    }

    @Override
    public void run() {
        try (TopicStreamClient client = server.connect(surroundings, ServerOptions.telling(surroundings))) {
            for (int from = 0; from < users.size(); from += MOST_AT_ONCE) {
                List<String> some = users.subList(from, Math.min(users.size(), from + MOST_AT_ONCE));
                ServerOptions.answer(client.online(some)).forEach(this::print);
            }
        }
    }

    private void print(OnlineUser user) {
        Long seen = user.lastSeen();
        surroundings
                .out()
                .println(
                        json
                                ? new JsonLine()
                                        .text("user", user.user())
                                        .raw("online", Boolean.toString(user.online()))
                                        .raw("last_seen", String.valueOf(seen))
                                        .toString()
                                : TerminalText.line(user.user()) + " " + (user.online() ? "online" : "offline") + " "
                                        + (seen == null ? "-" : Instant.ofEpochMilli(seen)));
    }
}
