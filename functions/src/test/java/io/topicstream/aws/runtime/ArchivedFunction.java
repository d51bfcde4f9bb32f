package io.topicstream.aws.runtime;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.topicstream.access.ApiKeys;
import io.topicstream.aws.dynamo.DynamoEngine;
import io.topicstream.aws.dynamo.DynamoOptions;
import io.topicstream.aws.dynamo.DynamoTable;
import io.topicstream.aws.dynamo.Dynoxide;
import io.topicstream.log.Direction;
import io.topicstream.log.Page;
import io.topicstream.log.TopicName;
import java.io.IOException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/// The archive of a function, run as Lambda runs it: by the client of the runtime's interface, in a process of its own.
abstract class ArchivedFunction {
    static final Duration PATIENCE = Duration.ofSeconds(60);

    /// How often the function is started for each figure.
    static final int STARTS = Integer.getInteger("topicstream.starts", 1);

    @TempDir
    Path folder;

    final DynamoTable table = Dynoxide.get().table();
    private final List<FunctionProcess> started = new ArrayList<>();
    private final String function;
    private final String handler;
    StubAws aws;
    DynamoEngine engine;
    String key;

    /// @param function the name of the archive
    /// @param handler the class that Lambda calls
    ArchivedFunction(String function, Class<?> handler) {
        this.function = function;
        this.handler = handler.getName();
    }

    @BeforeEach
    void open() throws Exception {
        FunctionProcess.unpacked(FunctionProcess.archive(function), folder.resolve("task"));
        aws = new StubAws();
        engine = DynamoEngine.open(table, DynamoOptions.DEFAULTS);
        key = new ApiKeys(engine.state(), new SecureRandom(), InstantSource.system())
                .create("ada", null)
                .toCompletableFuture()
                .get(PATIENCE.toSeconds(), TimeUnit.SECONDS)
                .secret();
    }

    @AfterEach
    void close() {
        started.forEach(FunctionProcess::close);
        aws.close();
        engine.close();
    }

    /// Starts it, with more variables; one that is empty is not there.
    FunctionProcess start(List<String> options, Map<String, String> more) throws IOException {
        Map<String, String> environment = new HashMap<>(FunctionProcess.environment(
                aws, table.name(), Dynoxide.get().endpoint().toString()));
        environment.putAll(more);
        environment.values().removeIf(String::isEmpty);
        FunctionProcess process = FunctionProcess.start(
                folder.resolve("task"),
                handler,
                options,
                environment,
                folder.resolve("output-" + started.size() + ".txt"));
        started.add(process);
        return process;
    }

    FunctionProcess start() throws IOException {
        return start(FunctionProcess.PLAIN, Map.of());
    }

    /// Starts it, and waits until a snapshot would be taken of it.
    FunctionProcess restored(Map<String, String> more) throws IOException {
        Map<String, String> all = new HashMap<>(more);
        all.put("AWS_LAMBDA_INITIALIZATION_TYPE", "snap-start");
        FunctionProcess process = start(FunctionProcess.SNAPSHOT, all);
        process.await(aws.snapshot);
        return process;
    }

    /// The messages of a topic, as a process reads them that has seen none.
    List<String> logged(String topic) throws Exception {
        return logged(topic, DynamoOptions.DEFAULTS);
    }

    List<String> logged(String topic, DynamoOptions options) throws Exception {
        try (DynamoEngine reader = DynamoEngine.open(table, options)) {
            Page page = reader.log()
                    .read(new TopicName(topic), 1, Direction.FORWARD, 100, 1 << 20)
                    .toCompletableFuture()
                    .get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
            return page.messages().stream()
                    .map(message -> new String(message.payload(), UTF_8))
                    .toList();
        }
    }

    // ---- how long it takes

    /// Prints how long it is to the answer to the first call, without a snapshot and after a restore.
    ///
    /// @param what is asked for
    /// @param answer what it has to say
    void printFirstCalls(String what, Map<String, String> more, byte[] call, String answer) throws IOException {
        List<Double> plain = new ArrayList<>();
        List<Double> restored = new ArrayList<>();
        for (int i = 0; i < STARTS; i++) {
            renew();
            long startNs = System.nanoTime();
            try (FunctionProcess process = start(FunctionProcess.PLAIN, more)) {
                assertThat(process.call(aws, call)).contains(answer);
                plain.add(sinceMs(startNs));
            }
            renew();
            try (FunctionProcess process = restored(more)) {
                long restoreNs = System.nanoTime();
                aws.restored.complete(null);
                assertThat(process.call(aws, call)).contains(answer);
                restored.add(sinceMs(restoreNs));
            }
        }
        print("without a snapshot, from the start of Java to " + what, plain);
        print("after a restore, to " + what, restored);
    }

    /// What a process that was killed has asked for is answered to nobody.
    void renew() throws IOException {
        aws.close();
        aws = new StubAws();
    }

    static double sinceMs(long startNs) {
        return (System.nanoTime() - startNs) / 1e6;
    }

    static void print(String what, List<Double> timesMs) {
        List<Double> sorted = timesMs.stream().sorted().toList();
        System.out.printf(
                "%s: median %.1f ms of %d, %.1f to %.1f%n",
                what, sorted.get(sorted.size() / 2), sorted.size(), sorted.getFirst(), sorted.getLast());
    }
}
