package io.topicstream.cli.aws;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.topicstream.aws.cost.Bill;
import io.topicstream.aws.cost.Meter;
import io.topicstream.aws.cost.Prices;
import io.topicstream.aws.dynamo.ArchiveOptions;
import io.topicstream.aws.dynamo.Archiver;
import io.topicstream.aws.dynamo.DynamoEngine;
import io.topicstream.aws.dynamo.DynamoOptions;
import io.topicstream.aws.dynamo.DynamoTable;
import io.topicstream.aws.lambda.ArchiveFunction;
import io.topicstream.aws.local.LocalDynamo;
import io.topicstream.aws.local.LocalStorage;
import io.topicstream.aws.local.TableStream;
import io.topicstream.aws.s3.Objects;
import io.topicstream.gateway.definition.DefinitionException;
import io.topicstream.gateway.model.Definition.Finding;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// The serverless edition on one machine with what it stands on: a table, a bucket, the archiver that moves old
/// messages from the one to the other, the function that posts to sinks, and a meter at all of it. Thread-safe.
public final class LocalStack implements AutoCloseable {
    /// How long a function of the stream is not called after the first record, so that one call has more of them.
    private static final Map<Handler, Duration> WINDOWS =
            Map.of(Handler.ARCHIVE, Duration.ofSeconds(1), Handler.EVENTS, Duration.ofMillis(100));

    /// What a schedule calls functions with.
    private static final byte[] SCHEDULED = "{\"source\":\"aws.scheduler\"}".getBytes(UTF_8);
    /// How long what runs has at the end.
    private static final Duration PATIENCE = Duration.ofSeconds(5);

    private final Meter meter = new Meter();
    private final Metered metered = new Metered(meter, InstantSource.system());
    /// What is to be closed; the last one first.
    private final Deque<AutoCloseable> opened = new ArrayDeque<>();

    private final @Nullable LocalAdministrator administrator;
    private final LocalAws aws;

    /// Where it is kept.
    ///
    /// @param dynamo a DynamoDB that runs; null: the program dynoxide is started
    /// @param table in it, made where it is missing
    /// @param s3 an S3 that runs; null: a stand-in in this process
    /// @param bucket in it, made where it is missing
    /// @param data where the stand-ins keep table and bucket; null: in memory
    public record Places(
            @Nullable URI dynamo,
            String table,
            @Nullable URI s3,
            String bucket,
            @Nullable Path data) {
        /// Whether the bucket lasts as long as the table: what is archived is in the bucket alone.
        public boolean hasArchive() {
            return dynamo == null || s3 != null || data != null;
        }
    }

    /// It cannot be opened.
    public static final class UnusableException extends Exception {
        private static final long serialVersionUID = 1L;

        /// Which part of it cannot be had.
        public enum Part {
            /// The template cannot be run here, or a parameter has a wrong value.
            TEMPLATE,
            /// A variable has a wrong value.
            SETTINGS,
            /// There is no program for the table, and no address of one that runs.
            PROGRAM,
            /// What was said does not go together.
            USAGE,
            /// The table or the bucket cannot be used.
            DATA,
            /// The port cannot be listened on.
            PORT
        }

        private final Part part;

        UnusableException(Part part, String message, @Nullable Throwable cause) {
            super(message, cause);
            this.part = part;
        }

        public Part part() {
            return part;
        }
    }

    /// Opens it.
    ///
    /// @param port on the loopback, or 0 for any
    /// @param environment where the program is looked for, and variables that count more than the template's
    /// @param home the user's
    public static LocalStack open(
            SystemTemplate template, Places places, int port, Map<String, String> environment, Path home)
            throws UnusableException {
        if (places.s3() != null && places.dynamo() == null && places.data() == null) {
            throw new UnusableException(
                    UnusableException.Part.USAGE,
                    "--s3 needs --data or --dynamodb: a table in memory ends before the bucket does",
                    null);
        }
        try {
            return new LocalStack(
                    template.plan(LocalSettings.hasEventBridge(environment)), places, port, environment, home);
        } catch (DefinitionException e) {
            throw new UnusableException(
                    UnusableException.Part.TEMPLATE,
                    e.findings().stream().map(Finding::toString).collect(Collectors.joining("\n")),
                    e);
        }
    }

    private LocalStack(LocalPlan plan, Places places, int port, Map<String, String> environment, Path home)
            throws UnusableException {
        LocalSettings settings = LocalSettings.of(plan.variables(), environment);
        boolean isOpen = false;
        try {
            URI dynamo = places.dynamo();
            LocalDynamo store =
                    toClose(dynamo == null ? dynoxide(places.data(), environment, home) : LocalDynamo.at(dynamo));
            TableStream stream = new TableStream();
            DynamoTable table = store.table(places.table(), meter, stream);
            DynamoOptions options = DynamoOptions.DEFAULTS.withRetention(
                    settings.door().policies().retention());
            Objects bucket = places.hasArchive() ? bucket(places) : null;
            if (bucket != null) {
                options = options.withLarge(bucket).withArchive(bucket);
            }
            DynamoEngine engine = DynamoEngine.open(table, options);
            opened.push(engine);
            LocalEvents events = toClose(LocalEvents.open(engine, bucket, settings, metered));
            administrator = settings.hasAdministrator()
                    ? toClose(LocalAdministrator.of(settings, engine.state(), events::onSinksChanged))
                    : null;
            // Its calls end before what they call.
            toClose(stream);
            Map<Handler, UnaryOperator<byte[]>> called = new EnumMap<>(Handler.class);
            called.put(Handler.EVENTS, events::handle);
            if (bucket != null) {
                ArchiveFunction archive =
                        new ArchiveFunction(new Archiver(table, options, ArchiveOptions.DEFAULTS), bucket);
                called.put(Handler.ARCHIVE, metered.archive(archive::handle));
            }
            call(plan, called, stream);
            aws = toClose(listening(plan, table, options, settings, port));
            metered.restart();
            isOpen = true;
        } catch (IOException e) {
            throw new UnusableException(UnusableException.Part.DATA, String.valueOf(e.getMessage()), e);
        } finally {
            if (!isOpen) {
                close();
            }
        }
    }

    private <T extends AutoCloseable> T toClose(T one) {
        opened.push(one);
        return one;
    }

    private static LocalDynamo dynoxide(@Nullable Path data, Map<String, String> environment, Path home)
            throws UnusableException {
        Path program = LocalDynamo.find(environment, home);
        if (program == null) {
            throw new UnusableException(
                    UnusableException.Part.PROGRAM,
                    "the program dynoxide, an open stand-in for DynamoDB, is not installed: docs/aws.md has the"
                            + " command. Or name a DynamoDB that runs by --dynamodb",
                    null);
        }
        try {
            if (data != null) {
                Files.createDirectories(data);
            }
            return LocalDynamo.start(program, data == null ? null : data.resolve("dynamodb.sqlite"));
        } catch (IOException e) {
            throw new UnusableException(UnusableException.Part.DATA, "dynoxide cannot be run: " + e.getMessage(), e);
        }
    }

    private Objects bucket(Places places) throws IOException {
        URI s3 = places.s3();
        Path data = places.data();
        LocalStorage storage = toClose(
                s3 == null ? LocalStorage.start(data == null ? null : data.resolve("s3")) : LocalStorage.at(s3));
        return storage.bucket(places.bucket(), meter);
    }

    /// Has functions called as on AWS: for what the stream tells, and by clocks. The first call finds what was written
    /// before this process began.
    private void call(LocalPlan plan, Map<Handler, UnaryOperator<byte[]>> called, TableStream stream) {
        for (LocalPlan.Stream one : plan.streams()) {
            UnaryOperator<byte[]> function = called.get(one.handler());
            if (function != null) {
                stream.follow(one.filters(), one.batch(), WINDOWS.getOrDefault(one.handler(), Duration.ZERO), function);
            }
        }
        for (LocalPlan.Clock one : plan.clocks()) {
            UnaryOperator<byte[]> function = called.get(one.handler());
            if (function != null) {
                schedule(one.handler().name().toLowerCase(Locale.ROOT), one.every(), () -> {
                    var _ = function.apply(SCHEDULED);
                });
            }
        }
    }

    /// Has something called at once, and again and again. At the end what runs is interrupted: it may die at any time.
    private void schedule(String name, Duration between, Runnable call) {
        ScheduledExecutorService schedule = Executors.newSingleThreadScheduledExecutor(
                Thread.ofPlatform().daemon().name(name).factory());
        opened.push(() -> {
            schedule.shutdownNow();
            var _ = schedule.awaitTermination(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
        });
        var _ = schedule.scheduleWithFixedDelay(
                () -> {
                    try {
                        call.run();
                    } catch (RuntimeException e) {
                        System.getLogger(LocalStack.class.getName())
                                .log(System.Logger.Level.WARNING, name + " was not done: " + e.getMessage(), e);
                    }
                },
                0,
                between.toMillis(),
                TimeUnit.MILLISECONDS);
    }

    private LocalAws listening(
            LocalPlan plan, DynamoTable table, DynamoOptions options, LocalSettings settings, int port)
            throws UnusableException {
        LocalAws.Parts usual = LocalAws.Parts.of(table, options);
        try {
            return new LocalAws(
                    new LocalAws.Parts(
                            usual.engines(),
                            settings.door(),
                            usual.gateway(),
                            metered::callbacks,
                            usual.backEnd(),
                            usual.clock()),
                    new LocalAws.Around(
                            metered::webSockets,
                            metered::http,
                            handler -> new CostPage(
                                    new HttpThrottle(handler, plan.http(), usual.clock()), () -> Meter.report(cost())),
                            administrator,
                            plan.hasPage()),
                    plan.api(),
                    port);
        } catch (IOException e) {
            throw new UnusableException(
                    UnusableException.Part.PORT, "cannot listen on 127.0.0.1:" + port + ": " + e.getMessage(), e);
        }
    }

    /// The functions with the gateway in front.
    public LocalAws aws() {
        return aws;
    }

    /// The administrator's token, where it was made here; null where the settings have the hash of another one, or
    /// none.
    public @Nullable String adminToken() {
        return administrator == null ? null : administrator.token();
    }

    /// What AWS would have billed since it was opened, at list prices.
    public Bill cost() {
        return metered.bill(Prices.list());
    }

    @Override
    public void close() {
        while (!opened.isEmpty()) {
            try {
                opened.pop().close();
            } catch (Exception e) {
                System.getLogger(LocalStack.class.getName())
                        .log(System.Logger.Level.WARNING, "not all was closed in order", e);
            }
        }
    }
}
