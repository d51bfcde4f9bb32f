package io.topicstream.cli;

import io.topicstream.aws.dynamo.DynamoOptions;
import io.topicstream.aws.dynamo.DynamoTable;
import io.topicstream.aws.local.LocalDynamo;
import io.topicstream.cli.aws.LocalAws;
import io.topicstream.server.config.section.LogSection;
import io.topicstream.server.logging.ServerLog;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// `topicstream dev aws`: runs the serverless edition in this process until it is told to end.
@Command(
        name = "aws",
        description = "Run the serverless edition on this machine: its functions behind a gateway, without an account.",
        mixinStandardHelpOptions = true,
        versionProvider = Main.Version.class,
        footer = {
            "",
            "Log and state are in a table of DynamoDB: of the open stand-in dynoxide, which is started, or of another",
            "one that runs. What differs from AWS and from a server: docs/aws.md"
        })
final class DevAwsCommand implements Runnable {
    private static final Duration LONGEST_STOP = Duration.ofSeconds(20);

    private final Surroundings surroundings;

    @Option(names = "--port", paramLabel = "PORT", description = "On the loopback; 8080 by default, 0 for any.")
    private int port = 8080;

    @Option(
            names = "--dynamodb",
            paramLabel = "URL",
            description = "A DynamoDB that runs already, in place of the program dynoxide.")
    private @Nullable URI dynamo;

    @Option(names = "--table", paramLabel = "NAME", description = "Its table, made where it is missing.")
    private String table = "topicstream";

    @Option(
            names = "--data",
            paramLabel = "DIR",
            description = "Where dynoxide keeps the table; in memory where nothing is said.")
    private @Nullable Path data;

    @Option(names = "--json", description = "Say where it listens as one line of JSON.")
    private boolean json;

    DevAwsCommand(Surroundings surroundings) {
        this.surroundings = surroundings;
    }

    @Override
    public void run() {
        LastWords.install();
        ServerLog log = ServerLog.install(
                new LogSection(LogSection.Level.INFO, LogSection.Format.TEXT, false), new FileOutputStream(FileDescriptor.err));
        LocalDynamo store = dynamo == null ? start() : LocalDynamo.at(dynamo);
        LocalAws aws = open(store);
        Stopping stopping = new Stopping(
                surroundings,
                () -> CompletableFuture.runAsync(() -> {
                    aws.close();
                    store.close();
                }),
                LONGEST_STOP,
                code -> {
                    log.flush();
                    surroundings.out().flush();
                    Runtime.getRuntime().halt(code);
                });
        Runtime.getRuntime().addShutdownHook(Thread.ofPlatform().name("stop").unstarted(stopping));
        ready(aws);
        try {
            // Until the signal: what it starts ends the process.
            new CountDownLatch(1).await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            aws.close();
        }
    }

    private LocalDynamo start() {
        Path program = LocalDynamo.find(surroundings.environment(), surroundings.home());
        if (program == null) {
            throw new CommandFailure(
                    ExitCodes.CONFIGURATION,
                    "the program dynoxide, an open stand-in for DynamoDB, is not installed: docs/aws.md has the"
                            + " command. Or name a DynamoDB that runs by --dynamodb");
        }
        try {
            if (data != null) {
                Files.createDirectories(data);
            }
            return LocalDynamo.start(program, data == null ? null : data.resolve("dynamodb.sqlite"));
        } catch (IOException e) {
            throw new CommandFailure(ExitCodes.DATA, "dynoxide cannot be run: " + e.getMessage());
        }
    }

    private LocalAws open(LocalDynamo store) {
        DynamoTable found;
        try {
            found = store.table(table);
        } catch (IOException e) {
            throw new CommandFailure(ExitCodes.DATA, String.valueOf(e.getMessage()));
        }
        try {
            return new LocalAws(LocalAws.Parts.of(found, DynamoOptions.DEFAULTS), port);
        } catch (IOException e) {
            throw new CommandFailure(
                    ExitCodes.CANNOT_LISTEN, "cannot listen on 127.0.0.1:" + port + ": " + e.getMessage());
        }
    }

    private void ready(LocalAws aws) {
        String http = aws.uri().toString();
        String webSocket = "ws" + http.substring("http".length());
        String key = aws.door()
                .keys()
                .create("developer", null)
                .toCompletableFuture()
                .join()
                .secret();
        surroundings
                .out()
                .println(
                        json
                                ? new JsonLine()
                                        .text("ready", http)
                                        .text("websocket", webSocket + "/v1")
                                        .number("port", aws.uri().getPort())
                                        .number("pid", ProcessHandle.current().pid())
                                        .text("key", key)
                                        .text("chat", aws.chatPage())
                                        .toString()
                                : "ready: " + http + "  " + webSocket + "/v1"
                                        + "\nAn API key: " + key
                                        + "\n  wscat -c " + webSocket + "/v1"
                                        + "\n  wscat -c " + webSocket + "/live -H 'x-api-key: " + key + "'"
                                        + "\n  curl -d '{\"message\":\"hello\"}' " + http + "/v1/topics/news"
                                        + (aws.chatPage() == null ? "" : "\nChat in a browser: " + aws.chatPage()));
    }
}
