package io.topicstream.cli;

import io.topicstream.client.MessagePage;
import io.topicstream.client.ReceivedMessage;
import io.topicstream.client.SubscriptionListener;
import io.topicstream.client.TopicStreamClient;
import io.topicstream.client.TopicStreamException;
import io.topicstream.log.About;
import io.topicstream.protocol.From;
import java.time.DateTimeException;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `topicstream consume`: prints a topic's messages, those that are there or with `--follow` those to come as
/// well.
@Command(
        name = "consume",
        description = "Print a topic's messages: offset and payload, a line each.",
        mixinStandardHelpOptions = true,
        versionProvider = Main.Version.class)
final class ConsumeCommand implements Runnable {
    private static final int PAGE_MESSAGES = 500;

    private final Surroundings surroundings;

    @Mixin
    private final ServerOptions server = new ServerOptions();

    @Parameters(index = "0", paramLabel = "TOPIC", description = "The topic.")
    private String topic = "";

    @Option(
            names = "--from",
            paramLabel = "WHERE",
            description = "earliest, new, an offset, last:N, or a time as 2026-01-31T12:00:00Z; without it earliest, "
                    + "with --follow new.")
    private @Nullable String where;

    @Option(names = "--limit", paramLabel = "N", description = "End after so many messages.")
    private long limit = Long.MAX_VALUE;

    @Option(
            names = {"-f", "--follow"},
            description = "Go on with what is published; a lost connection is made again and resumed.")
    private boolean follow;

    @Option(names = "--json", description = "Print each message as JSON with everything that is known of it.")
    private boolean json;

    private long printed;

    ConsumeCommand(Surroundings surroundings) {
        this.surroundings = surroundings;
    }

    @Override
    public void run() {
        From from = from();
        if (limit < 1) {
            throw new CommandFailure(ExitCodes.USAGE, "--limit is at least 1");
        }
        try (TopicStreamClient client = server.connect(surroundings, ServerOptions.telling(surroundings))) {
            if (follow) {
                follow(client, from);
            } else {
                page(client, from);
            }
        } catch (IllegalArgumentException e) {
            throw new CommandFailure(ExitCodes.USAGE, String.valueOf(e.getMessage()));
        }
    }

    private From from() {
        if (where == null) {
            return follow ? From.NEW : new From.Earliest();
        }
        try {
            if (where.equals("earliest")) {
                return new From.Earliest();
            }
            if (where.equals("new")) {
                return From.NEW;
            }
            if (where.startsWith("last:")) {
                return new From.Last(Long.parseLong(where.substring("last:".length())));
            }
            if (where.contains("T")) {
                return new From.Time(OffsetDateTime.parse(where).toInstant().toEpochMilli());
            }
            return new From.Offset(Long.parseLong(where));
        } catch (IllegalArgumentException | DateTimeException e) {
            throw new CommandFailure(
                    ExitCodes.USAGE,
                    "--from is earliest, new, an offset, last:N, or a time as 2026-01-31T12:00:00Z, not " + where);
        }
    }

    private void page(TopicStreamClient client, From from) {
        MessagePage newest = ServerOptions.answer(client.readLast(topic, 1));
        long end = newest.nextOffset();
        if (end == 1) {
            throw new CommandFailure(ExitCodes.REFUSED, "there is no topic " + topic + " (--follow waits for it)");
        }
        long next = Math.max(newest.firstOffset(), first(client, from, newest));
        while (next < end && printed < limit) {
            int count = (int) Math.min(PAGE_MESSAGES, Math.min(limit - printed, end - next));
            MessagePage page = ServerOptions.answer(client.readAfter(topic, next - 1, count));
            if (page.epoch() != newest.epoch()) {
                throw new CommandFailure(ExitCodes.REFUSED, "the topic began another life while it was read");
            }
            if (page.messages().isEmpty()) {
                return;
            }
            for (ReceivedMessage message : page.messages()) {
                if (message.offset() < end) {
                    print(message);
                }
            }
            next = page.messages().getLast().offset() + 1;
        }
    }

    private long first(TopicStreamClient client, From from, MessagePage newest) {
        return switch (from) {
            case From.New _ -> newest.nextOffset();
            case From.Earliest _ -> newest.firstOffset();
            case From.Offset(long offset) -> offset;
            case From.Last(long count) -> newest.nextOffset() - count;
            case From.Time(long timestamp) -> firstAt(client, timestamp, newest);
            case From.Resume resume -> resume.offset() + 1;
        };
    }

    /// The first offset at or after a time. Timestamps never go back within a topic, so halving finds it.
    private long firstAt(TopicStreamClient client, long timestamp, MessagePage newest) {
        long low = newest.firstOffset();
        long high = newest.nextOffset();
        while (low < high) {
            long middle = low + (high - low) / 2;
            List<ReceivedMessage> found =
                    ServerOptions.answer(client.readAfter(topic, middle - 1, 1)).messages();
            if (found.isEmpty() || found.getFirst().timestamp() >= timestamp) {
                high = middle;
            } else {
                low = found.getFirst().offset() + 1;
            }
        }
        return low;
    }

    private void follow(TopicStreamClient client, From from) {
        CompletableFuture<Void> end = new CompletableFuture<>();
        client.subscribe(topic, from, new SubscriptionListener() {
            @Override
            public void onMessage(ReceivedMessage message) {
                try {
                    if (printed < limit) {
                        print(message);
                    }
                } catch (CommandFailure failure) {
                    end.completeExceptionally(failure);
                }
                if (printed >= limit) {
                    end.complete(null);
                }
            }

            @Override
            public void onTruncated(long epoch, long firstOffset) {
                Main.tell(surroundings, "messages before offset " + firstOffset + " are not kept any more");
            }

            @Override
            public void onReset(long epoch, long commonOffset) {
                Main.tell(surroundings, "what came after offset " + commonOffset + " is not in the topic any more");
            }

            @Override
            public void onEnded(@Nullable TopicStreamException reason) {
                if (reason == null) {
                    end.complete(null);
                } else {
                    end.completeExceptionally(ServerOptions.failure(reason));
                }
            }
        });
        try {
            end.join();
        } catch (CompletionException e) {
            if (e.getCause() instanceof CommandFailure failure) {
                throw failure;
            }
            throw e;
        }
    }

    private void print(ReceivedMessage message) {
        printed++;
        surroundings
                .out()
                .println(json ? jsonLine(message) : message.offset() + "\t" + TerminalText.safe(message.json()));
    }

    static String jsonLine(ReceivedMessage message) {
        JsonLine line = new JsonLine()
                .text("topic", message.topic())
                .number("epoch", message.epoch())
                .number("offset", message.offset())
                .number("timestamp", message.timestamp())
                .text("from", message.from())
                .text("name", message.name())
                .text("message_id", message.messageId())
                .text("key", message.key())
                .raw("message", message.json());
        if (!message.headers().isEmpty()) {
            JsonLine headers = new JsonLine();
            message.headers().forEach(headers::text);
            line.raw("headers", headers.toString());
        }
        About about = message.about();
        if (about != null) {
            line.raw(
                    "about",
                    new JsonLine()
                            .number("offset", about.offset())
                            .text("as", about.as().wireName())
                            .text("value", about.value())
                            .toString());
        }
        if (message.contentType() != null) {
            line.text("content_type", message.contentType()).text("encoding", "base64");
        }
        if (message.redacted()) {
            line.raw("redacted", "true");
        }
        return line.toString();
    }
}
