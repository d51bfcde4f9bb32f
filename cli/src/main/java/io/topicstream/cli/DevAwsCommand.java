package io.topicstream.cli;

import io.topicstream.aws.cost.Bill;
import io.topicstream.aws.cost.Meter;
import io.topicstream.cli.aws.LocalAws;
import io.topicstream.cli.aws.LocalStack;
import io.topicstream.cli.aws.SystemTemplate;
import io.topicstream.dialect.Dialects;
import io.topicstream.server.config.section.LogSection;
import io.topicstream.server.logging.ServerLog;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
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
            "What runs is what the template deploys on AWS. What of it cannot run here is an error that names it.",
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

    @Option(
            names = {"-t", "--template"},
            paramLabel = "FILE",
            description = "A changed copy of the template, in place of the one that comes with the command.")
    private @Nullable Path template;

    @Option(
            names = {"-p", "--parameter"},
            paramLabel = "NAME=VALUE",
            description = "The value of a parameter of the template. May be given several times.")
    private Map<String, String> parameters = new LinkedHashMap<>();

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
                    new SystemTemplate(template, parameters),
                    new LocalStack.Places(dynamo, table, s3, bucket, data),
                    port,
                    surroundings.environment(),
                    surroundings.home());
        } catch (LocalStack.UnusableException e) {
            throw new CommandFailure(
                    switch (e.part()) {
                        case TEMPLATE, SETTINGS, PROGRAM -> ExitCodes.CONFIGURATION;
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
        String webSocket = aws.webSocket(Dialects.Name.NATIVE);
        String key = aws.keyOf("developer");
        if (json) {
            surroundings
                    .out()
                    .println(new JsonLine()
                            .text("ready", http)
                            .text("websocket", webSocket)
                            .number("port", aws.uri().getPort())
                            .number("pid", ProcessHandle.current().pid())
                            .text("key", key)
                            .text("admin_token", adminToken)
                            .text("chat", aws.chatPage())
                            .toString());
            return;
        }
        String topics = aws.webSocket(Dialects.Name.TOPICS);
        surroundings
                .out()
                .println("ready: " + http + (webSocket == null ? "" : "  " + webSocket)
                        + "\nAn API key: " + key
                        + (webSocket == null ? "" : "\n  wscat -c " + webSocket)
                        + (topics == null ? "" : "\n  wscat -c " + topics + " -H 'x-api-key: " + key + "'")
                        + "\n  curl -H 'Content-Type: application/json' -d '{\"payload\":\"hello\"}' "
                        + http + "/topics/news/produce"
                        + "\n  curl " + http + "/cost"
                        + (adminToken == null
                                ? ""
                                : "\nThe administrator's token, for keys, users and sinks: " + adminToken)
                        + (aws.chatPage() == null ? "" : "\nChat in a browser: " + aws.chatPage()));
    }
}
