package io.topicstream.cli;

import io.topicstream.cli.migrate.Move;
import io.topicstream.cli.migrate.Place;
import io.topicstream.migration.MigrationException;
import io.topicstream.migration.MigrationProgress;
import io.topicstream.migration.MigrationReport;
import java.net.URI;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/// `topicstream migrate`: moves everything from the store of a server that does not run into the serverless edition's,
/// or back.
@Command(
        name = "migrate",
        description = "Move everything from a stopped server to the serverless edition, or back.",
        mixinStandardHelpOptions = true,
        versionProvider = Main.Version.class,
        footer = {
            "",
            "The source is only read; nobody may serve it or the target meanwhile. What was cut off is run again with",
            "the same options, and goes on. At the end both are read and compared. docs/migrate.md says what is moved."
        })
final class MigrateCommand implements Runnable {
    private final Surroundings surroundings;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Option(
            names = "--from",
            paramLabel = "STORE",
            required = true,
            description = "rocksdb:DIR, a data directory, or dynamodb:TABLE.")
    private String from = "";

    @Option(
            names = "--to",
            paramLabel = "STORE",
            required = true,
            description = "The other one. A table has no rows yet; a directory is empty, or is made.")
    private String to = "";

    @Option(
            names = "--bucket",
            paramLabel = "NAME",
            description = "The bucket beside the table. Without it a message has at most 380 KB there.")
    private @Nullable String bucket;

    @Option(
            names = "--dynamodb",
            paramLabel = "URL",
            description = "A stand-in for DynamoDB, in place of the one of your account.")
    private @Nullable URI dynamo;

    @Option(names = "--s3", paramLabel = "URL", description = "A stand-in for S3, in place of the one of your account.")
    private @Nullable URI s3;

    @Option(names = "--json", description = "Print what was moved as JSON.")
    private boolean json;

    MigrateCommand(Surroundings surroundings) {
        this.surroundings = surroundings;
    }

    @Override
    public void run() {
        Place source = place(from);
        Place target = place(to);
        if (source instanceof Place.Table == target instanceof Place.Table) {
            throw new ParameterException(
                    spec.commandLine(), "one of --from and --to is rocksdb:DIR, the other one dynamodb:TABLE");
        }
        if (s3 != null && bucket == null) {
            throw new ParameterException(spec.commandLine(), "--s3 needs --bucket");
        }
        try {
            tell(source, target, new Move(source, target, bucket, dynamo, s3).run(this::remark, progress()));
        } catch (MigrationException e) {
            throw new CommandFailure(ExitCodes.DATA, String.valueOf(e.getMessage()));
        }
    }

    private Place place(String text) {
        try {
            return Place.of(text);
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), String.valueOf(e.getMessage()), e);
        }
    }

    private void remark(String sentence) {
        surroundings.err().println(TerminalText.safe(sentence));
    }

    /// Tells every few seconds, and of each step.
    private MigrationProgress progress() {
        return new MigrationProgress() {
            private static final long BETWEEN_NS = 5_000_000_000L;
            private @Nullable Step told;
            private long toldAtNs;

            @Override
            public synchronized void at(Step step, long topics, long messages, long records) {
                long nowNs = System.nanoTime();
                if (step == told && nowNs - toldAtNs < BETWEEN_NS) {
                    return;
                }
                told = step;
                toldAtNs = nowNs;
                surroundings
                        .err()
                        .println(
                                switch (step) {
                                    case COPYING_TOPICS -> "copying: " + Reports.contents(topics, messages);
                                    case COPYING_STATE -> "copying: " + records + " records of state";
                                    case COMPARING ->
                                        "comparing: " + Reports.contents(topics, messages) + ", " + records
                                                + " records of state";
                                });
            }
        };
    }

    private void tell(Place source, Place target, MigrationReport report) {
        if (json) {
            surroundings
                    .out()
                    .println(new JsonLine()
                            .text("from", source.toString())
                            .text("to", target.toString())
                            .raw("was_finished", Boolean.toString(report.wasFinished()))
                            .number("epoch", report.epoch())
                            .number("topics", report.topics())
                            .number("messages", report.messages())
                            .number("message_ids", report.ids())
                            .number("state_records", report.records())
                            .number("large_messages", report.largeMessages())
                            .toString());
            return;
        }
        String there = TerminalText.safe(target.toString());
        String here = TerminalText.safe(source.toString());
        if (report.wasFinished()) {
            surroundings.out().println(there + " was filled from " + here + " before; nothing was done");
            return;
        }
        surroundings
                .out()
                .println(there + " has what is in " + here + ": " + Reports.contents(report.topics(), report.messages())
                        + ", " + report.ids() + " message ids, " + report.records() + " records of state");
        surroundings
                .out()
                .println("both were read and compared; a new epoch begins in " + there + ": " + report.epoch());
        if (report.largeMessages() > 0 && target instanceof Place.Table) {
            surroundings
                    .out()
                    .println(report.largeMessages() + " of the messages are longer than 120 KiB: API Gateway delivers"
                            + " none of these. Clients on WebSockets are told that they are left out; HTTP has them");
        }
    }
}
