package io.topicstream.cli;

import io.topicstream.aws.cost.Bill;
import io.topicstream.aws.cost.Meter;
import io.topicstream.cli.aws.LocalAws;
import io.topicstream.cli.aws.LocalStack;
import io.topicstream.server.config.section.LogSection;
import io.topicstream.server.logging.ServerLog;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.net.URI;
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
            "one that runs. Old messages move to a bucket of the open stand-in S3Proxy, or of another S3 that runs.",
            "Sinks get their events; the administrator's token is printed.",
            "What AWS would have billed is told at the end, and at any time at /cost. What differs from AWS and from",
            "a server: docs/aws.md"
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
            description = "Where the stand-ins keep table and bucket; in memory where nothing is said.")
    private @Nullable Path data;

    @Option(names = "--s3", paramLabel = "URL", description = "An S3 that runs already; with --data or --dynamodb.")
    private @Nullable URI s3;

    @Option(names = "--bucket", paramLabel = "NAME", description = "Its bucket, made where it is missing.")
    private String bucket = "topicstream";

    @Option(names = "--json", description = "Say where it listens as one line of JSON.")
    private boolean json;

    DevAwsCommand(Surroundings surroundings) {
        this.surroundings = surroundings;
    }

    @Override
    public void run() {
        LastWords.install();
        ServerLog log = ServerLog.install(
                new LogSection(LogSection.Level.INFO, LogSection.Format.TEXT, false),
                new FileOutputStream(FileDescriptor.err));
        LocalStack stack = open();
        Stopping stopping =
                new Stopping(surroundings, () -> CompletableFuture.runAsync(() -> end(stack)), LONGEST_STOP, code -> {
                    log.flush();
                    surroundings.out().flush();
                    Runtime.getRuntime().halt(code);
                });
        Runtime.getRuntime().addShutdownHook(Thread.ofPlatform().name("stop").unstarted(stopping));
        ready(stack.aws(), stack.adminToken());
        try {
            // Until the signal: what it starts ends the process.
            new CountDownLatch(1).await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            stack.close();
        }
    }

    private LocalStack open() {
        try {
            return LocalStack.open(
                    new LocalStack.Places(dynamo, table, s3, bucket, data),
                    port,
                    surroundings.environment(),
                    surroundings.home());
        } catch (LocalStack.UnusableException e) {
            throw new CommandFailure(
                    switch (e.part()) {
                        case SETTINGS, PROGRAM -> ExitCodes.CONFIGURATION;
                        case USAGE -> ExitCodes.USAGE;
                        case DATA -> ExitCodes.DATA;
                        case PORT -> ExitCodes.CANNOT_LISTEN;
                    },
                    String.valueOf(e.getMessage()));
        }
    }

    private void end(LocalStack stack) {
        stack.close();
        Bill cost = stack.cost();
        try {
            if (json) {
                CostReport.json("serverless", cost)
                        .forEach(line -> surroundings.out().println(line));
            } else {
                surroundings.out().println("What AWS would have billed, in US dollars at list prices:");
                Meter.report(cost).forEach(line -> surroundings.out().println("  " + line));
            }
        } catch (CommandFailure e) {
            // Nobody reads it any more. It ends in order all the same.
            System.getLogger(DevAwsCommand.class.getName()).log(System.Logger.Level.DEBUG, "nobody reads the bill", e);
        }
    }

    private void ready(LocalAws aws, @Nullable String adminToken) {
        String http = aws.uri().toString();
        String webSocket = "ws" + http.substring("http".length());
        String key = aws.keyOf("developer");
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
                                        .text("admin_token", adminToken)
                                        .text("chat", aws.chatPage())
                                        .toString()
                                : "ready: " + http + "  " + webSocket + "/v1"
                                        + "\nAn API key: " + key
                                        + "\n  wscat -c " + webSocket + "/v1"
                                        + "\n  wscat -c " + webSocket + "/live -H 'x-api-key: " + key + "'"
                                        + "\n  curl -H 'Content-Type: application/json' -d '{\"payload\":\"hello\"}' "
                                        + http + "/topics/news/produce"
                                        + "\n  curl " + http + "/cost"
                                        + (adminToken == null
                                                ? ""
                                                : "\nThe administrator's token, for keys, users and sinks: "
                                                        + adminToken)
                                        + (aws.chatPage() == null ? "" : "\nChat in a browser: " + aws.chatPage()));
    }
}
