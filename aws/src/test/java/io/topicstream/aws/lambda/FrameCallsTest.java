package io.topicstream.aws.lambda;

import static org.assertj.core.api.Assertions.assertThat;

import io.topicstream.aws.audience.DoorSettings;
import io.topicstream.aws.audience.FrontDoor;
import io.topicstream.aws.dynamo.DynamoEngine;
import io.topicstream.aws.dynamo.DynamoOptions;
import io.topicstream.aws.dynamo.DynamoTable;
import io.topicstream.aws.dynamo.Dynoxide;
import io.topicstream.command.CommandLimits;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import software.amazon.awssdk.core.interceptor.Context;
import software.amazon.awssdk.core.interceptor.ExecutionAttributes;
import software.amazon.awssdk.core.interceptor.ExecutionInterceptor;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;

/// How many calls of DynamoDB a frame is: as the documents say, and no more after a change.
@Timeout(300)
class FrameCallsTest {
    private static final Pattern ROW = Pattern.compile("(?m)^\\| ([^|]+) \\| ([0-9]+) \\|");
    private static final int MOST_IN_SEQUENCE = 20;

    private final AtomicInteger calls = new AtomicInteger();
    private final Steps steps = new Steps();
    private final DynamoDbClient client = Dynoxide.get().newClient(new ExecutionInterceptor() {
        @Override
        public void beforeTransmission(Context.BeforeTransmission context, ExecutionAttributes attributes) {
            calls.incrementAndGet();
        }
    });
    private final DynamoEngine engine =
            DynamoEngine.open(new DynamoTable(client, Dynoxide.get().table().name()), DynamoOptions.DEFAULTS);
    private final CalledFunction function = new CalledFunction(
            new FrontDoor.Ports(engine.log(), engine.state(), steps.of(engine.stateOfNodes())),
            DoorSettings.local().withLimits(new CommandLimits(1_000, 500, 1_000)));

    @AfterEach
    void close() {
        engine.close();
        client.close();
    }

    private int count(Runnable step) {
        int before = calls.get();
        step.run();
        return calls.get() - before;
    }

    private Map<String, Integer> measured() {
        Map<String, Integer> found = new LinkedHashMap<>();
        // The first calls of a process learn where things stand.
        function.connect("first");
        function.doTasks();
        function.frame("first", "{\"action\":\"subscribe\",\"id\":1,\"topic\":\"t\"}");
        function.frame("first", "{\"action\":\"publish\",\"id\":2,\"topic\":\"t\",\"message\":1}");
        function.frame("first", "{\"action\":\"publish\",\"id\":3,\"topic\":\"t\",\"message\":2}");
        function.posts().clear();

        found.put("a handshake", count(() -> function.connect("second")));
        found.put("its greeting", count(function::doTasks));
        found.put("`ping`", count(() -> function.frame("second", "{\"action\":\"ping\",\"id\":1}")));
        found.put(
                "`subscribe`",
                count(() -> function.frame("second", "{\"action\":\"subscribe\",\"id\":1,\"topic\":\"t\"}")));
        // It joins the other one.
        function.frame("first", "{\"action\":\"publish\",\"id\":4,\"topic\":\"t\",\"message\":3}");
        found.put(
                "`publish`, with its delivery to two",
                count(() ->
                        function.frame("first", "{\"action\":\"publish\",\"id\":5,\"topic\":\"t\",\"message\":4}")));
        found.put(
                "`publish` with a `message_id`, likewise",
                count(() -> function.frame(
                        "first",
                        "{\"action\":\"publish\",\"id\":6,\"topic\":\"t\",\"message_id\":\"m\",\"message\":5}")));
        found.put(
                "`signal`, to two",
                count(() -> function.frame("first", "{\"action\":\"signal\",\"topic\":\"t\",\"message\":6}")));
        found.put(
                "`read` of a page",
                count(() -> function.frame("second", "{\"action\":\"read\",\"id\":7,\"topic\":\"t\"}")));
        found.put(
                "`unsubscribe`",
                count(() -> function.frame("second", "{\"action\":\"unsubscribe\",\"id\":8,\"topic\":\"t\"}")));
        found.put("the end of a connection", count(() -> function.disconnect("second")));
        assertThat(function.posts())
                .filteredOn(post -> post.contains("\"type\":\"message\"") && post.contains("\"offset\":4,"))
                .hasSize(2);
        return found;
    }

    @Test
    void aFrameIsAsManyCallsAsTheDocumentsSay() throws IOException {
        // Whose rights have ended is looked up twice a second, which is one call more.
        Map<String, Integer> measured = measured();
        Map<String, Integer> documented = documented();

        assertThat(measured.keySet()).isEqualTo(documented.keySet());
        measured.forEach((frame, made) -> assertThat(made)
                .as(frame + " of " + measured)
                .isBetween(documented.get(frame), documented.get(frame) + 1));
    }

    @Test
    void connectingAUserWithFiveHundredDurableSubscriptionsTakesFewStepsHoweverManyThereAre() {
        function.connect("first");
        function.doTasks();
        for (int i = 0; i < 500; i++) {
            function.frame(
                    "first", "{\"action\":\"subscribe\",\"id\":1,\"topic\":\"topic." + i + "\",\"durable\":true}");
        }
        function.doTasks();
        function.posts().clear();
        List<Integer> inSequence = new ArrayList<>();

        steps.reset();
        function.connect("second");
        inSequence.add(steps.inSequence());
        steps.reset();
        function.doTasks();
        inSequence.add(steps.inSequence());

        System.out.println("a user with 500 durable subscriptions, questions in sequence: " + inSequence);
        assertThat(function.posts()).anySatisfy(post -> assertThat(post).contains("\"type\":\"welcome\"", "topic.499"));
        assertThat(inSequence).allSatisfy(each -> assertThat(each).isLessThanOrEqualTo(MOST_IN_SEQUENCE));
    }

    private static Map<String, Integer> documented() throws IOException {
        String page = Files.readString(Path.of("../docs/aws.md"));
        int frames = page.indexOf("### Calls of a frame");
        Matcher rows = ROW.matcher(page.substring(frames, page.indexOf("\n## ", frames)));
        Map<String, Integer> found = new LinkedHashMap<>();
        while (rows.find()) {
            found.put(rows.group(1).trim(), Integer.parseInt(rows.group(2)));
        }
        return found;
    }
}
