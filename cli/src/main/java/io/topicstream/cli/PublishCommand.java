package io.topicstream.cli;

import io.topicstream.client.PublishOptions;
import io.topicstream.client.Published;
import io.topicstream.client.TopicStreamClient;
import io.topicstream.json.JsonWriter;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `topicstream publish`: adds messages to a topic, one from the command line or one for each line of the
/// input.
@Command(
        name = "publish",
        description = "Publish a message, or with - one for each line of the standard input.",
        mixinStandardHelpOptions = true,
        versionProvider = Main.Version.class)
final class PublishCommand implements Runnable {
    /// How many may wait for their answer.
    private static final int MAX_WAITING = 500;

    private final Surroundings surroundings;

    @Mixin
    private final ServerOptions server = new ServerOptions();

    @Parameters(index = "0", paramLabel = "TOPIC", description = "The topic.")
    private String topic = "";

    @Parameters(
            index = "1",
            arity = "0..1",
            paramLabel = "MESSAGE",
            description = "The message, JSON; - or nothing reads lines from the standard input.")
    private String message = "-";

    @Option(names = "--text", description = "Take the message, or each line, as text instead of JSON.")
    private boolean text;

    @Option(
            names = "--message-id",
            paramLabel = "ID",
            description = "Store the message once, however often it is published with this id.")
    private @Nullable String messageId;

    @Option(names = "--key", paramLabel = "KEY", description = "What the message is about, for its readers.")
    private @Nullable String key;

    @Option(
            names = "--expected-offset",
            paramLabel = "N",
            description = "Refuse the message if it would get another offset.")
    private long expectedOffset = PublishOptions.ANY_OFFSET;

    @Option(names = "--json", description = "Say where it was stored as JSON, one line each.")
    private boolean json;

    PublishCommand(Surroundings surroundings) {
        this.surroundings = surroundings;
    }

    @Override
    public void run() {
        boolean fromInput = message.equals("-");
        if (fromInput && (messageId != null || expectedOffset != PublishOptions.ANY_OFFSET)) {
            throw new CommandFailure(ExitCodes.USAGE, "--message-id and --expected-offset are for a single message");
        }
        PublishOptions options;
        try {
            options = new PublishOptions(messageId, key, expectedOffset, true);
        } catch (IllegalArgumentException e) {
            throw new CommandFailure(ExitCodes.USAGE, String.valueOf(e.getMessage()));
        }
        try (TopicStreamClient client = server.connect(surroundings, ServerOptions.telling(surroundings))) {
            if (fromInput) {
                publishLines(client, options);
            } else {
                print(ServerOptions.answer(publish(client, message, options, "")));
            }
        }
    }

    private void publishLines(TopicStreamClient client, PublishOptions options) {
        ArrayDeque<CompletableFuture<Published>> waiting = new ArrayDeque<>();
        try (BufferedReader lines = new BufferedReader(new InputStreamReader(
                surroundings.in(),
                StandardCharsets.UTF_8
                        .newDecoder()
                        .onMalformedInput(CodingErrorAction.REPORT)
                        .onUnmappableCharacter(CodingErrorAction.REPORT)))) {
            long number = 0;
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                number++;
                if (line.isBlank() && !text) {
                    continue;
                }
                waiting.add(publish(client, line, options, "line " + number + ": "));
                while (waiting.size() >= MAX_WAITING
                        || (!waiting.isEmpty() && waiting.peek().isDone())) {
                    print(ServerOptions.answer(waiting.remove()));
                }
            }
        } catch (CharacterCodingException e) {
            throw new CommandFailure(ExitCodes.USAGE, "the standard input is not UTF-8");
        } catch (IOException e) {
            throw new CommandFailure(ExitCodes.USAGE, "the standard input cannot be read: " + e.getMessage());
        } finally {
            tellRest(waiting);
        }
    }

    /// Waits for all answers, and tells them. After a bad line too, and where nobody can be told: what was taken
    /// on is published.
    private void tellRest(ArrayDeque<CompletableFuture<Published>> waiting) {
        CommandFailure first = null;
        while (!waiting.isEmpty()) {
            try {
                print(ServerOptions.answer(waiting.remove()));
            } catch (CommandFailure failure) {
                first = first == null ? failure : first;
            }
        }
        if (first != null) {
            throw first;
        }
    }

    private CompletableFuture<Published> publish(
            TopicStreamClient client, String payload, PublishOptions options, String where) {
        try {
            return client.publish(topic, text ? new JsonWriter().string(payload).toString() : payload, options);
        } catch (IllegalArgumentException e) {
            String reason = String.valueOf(e.getMessage());
            throw new CommandFailure(
                    ExitCodes.USAGE,
                    where + reason + (reason.contains("JSON") ? " (--text publishes it as text)" : ""));
        }
    }

    private void print(Published published) {
        surroundings
                .out()
                .println(
                        json
                                ? new JsonLine()
                                        .text("topic", published.topic())
                                        .number("epoch", published.epoch())
                                        .number("offset", published.offset())
                                        .number("timestamp", published.timestamp())
                                        .text("message_id", published.messageId())
                                        .toString()
                                : published.topic() + " " + published.offset());
    }
}
