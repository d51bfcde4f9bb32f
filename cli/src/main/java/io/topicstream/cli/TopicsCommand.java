package io.topicstream.cli;

import io.topicstream.client.TopicPage;
import io.topicstream.client.TopicPosition;
import io.topicstream.client.TopicStreamClient;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// `topicstream topics`: lists the topics that have messages.
@Command(
        name = "topics",
        description = "List topics: name and how many messages were published to it, a line each.",
        mixinStandardHelpOptions = true,
        versionProvider = Main.Version.class)
final class TopicsCommand implements Runnable {
    private static final int PAGE_TOPICS = 1000;

    private final Surroundings surroundings;

    @Mixin
    private final ServerOptions server = new ServerOptions();

    @Option(names = "--prefix", paramLabel = "TEXT", description = "Only topics whose names begin so.")
    private String prefix = "";

    @Option(names = "--json", description = "Print each topic as JSON.")
    private boolean json;

    TopicsCommand(Surroundings surroundings) {
        this.surroundings = surroundings;
    }

    @Override
    public void run() {
        try (TopicStreamClient client = server.connect(surroundings, ServerOptions.telling(surroundings))) {
            @Nullable String after = "";
            while (after != null) {
                TopicPage page = ServerOptions.answer(client.topics(prefix, after, PAGE_TOPICS));
                page.topics().forEach(this::print);
                after = page.next();
            }
        }
    }

    private void print(TopicPosition topic) {
        surroundings
                .out()
                .println(
                        json
                                ? new JsonLine()
                                        .text("topic", topic.topic())
                                        .number("epoch", topic.epoch())
                                        .number("next_offset", topic.nextOffset())
                                        .toString()
                                : topic.topic() + " " + (topic.nextOffset() - 1));
    }
}
