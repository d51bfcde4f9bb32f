package io.topicstream.aws.lambda;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.topicstream.aws.audience.Distribution;
import io.topicstream.aws.audience.DoorSettings;
import io.topicstream.aws.audience.FrontDoor;
import io.topicstream.aws.cost.Assumption;
import io.topicstream.aws.cost.Billable;
import io.topicstream.aws.cost.Meter;
import io.topicstream.aws.cost.Prices;
import io.topicstream.aws.cost.Units;
import io.topicstream.aws.cost.Units.Consistency;
import io.topicstream.aws.dynamo.DynamoEngine;
import io.topicstream.aws.dynamo.DynamoOptions;
import io.topicstream.aws.dynamo.DynamoTable;
import io.topicstream.aws.dynamo.Dynoxide;
import io.topicstream.aws.metering.DynamoMetering;
import io.topicstream.log.TopicName;
import io.topicstream.log.TopicPattern;
import java.io.IOException;
import java.math.RoundingMode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;

/// What it costs to leave the delivery to a workflow: what its calls ask of the table is metered, the rest is counted
/// as the estimates count it.
@Timeout(300)
class WorkflowCostTest {
    private static final Path PAGE = Path.of("..", "docs", "aws.md");
    private static final long MILLION = 1_000_000;
    private static final TopicName TOPIC = new TopicName("left");
    private static final int LISTENERS = 10;
    private static final int ROUNDS = 5;
    private static final long MESSAGE_BYTES = 900;
    private static final long EVENT_BYTES = 2_000;
    private static final long AT_ONCE = 10;
    /// How long the workflow waits for a call of the function.
    private static final Duration STEP = Duration.ofMillis(50);

    private static final long WORKFLOW_MB = 64;

    /// What the calls ask of the table.
    private record Asked(Units publish, Units listeners, Units serve) {}

    @Test
    void theTableOfTheWorkflowIsComputed() throws IOException {
        Asked asked = metered();
        System.out.println(asked);

        assertThat(Files.readAllLines(PAGE).stream()
                        .dropWhile(line -> !line.startsWith("| by the workflow |"))
                        .skip(2)
                        .takeWhile(line -> line.startsWith("|")))
                .containsExactly(row(asked, 10), row(asked, 1_000));
    }

    private static String row(Asked asked, long fanOut) {
        return String.format(
                Locale.ROOT,
                "| a million messages, each to %,d | %,.2f |",
                fanOut,
                Prices.list().cost(message(asked, fanOut).times(MILLION)).setScale(2, RoundingMode.HALF_UP));
    }

    private static Units message(Asked asked, long fanOut) {
        long frame = MESSAGE_BYTES + Assumption.FRAME_BYTES.value();
        Units published = Units.webSocketMessage(frame)
                .plus(toClient(Assumption.REPLY_BYTES.value()))
                .plus(call(0))
                .plus(asked.publish())
                .plus(Units.event(EVENT_BYTES));
        // A full page may have been the last one: that is asked for.
        long full = fanOut / Distribution.PAGE;
        Units pages = call(0).plus(asked.listeners())
                .plus(call(0).plus(Units.read(0, Consistency.STRONG))
                        .plus(Units.read(Distribution.PAGE * Assumption.SUBSCRIBER_BYTES.value(), Consistency.STRONG))
                        .times(full));
        long steps = 1 + full + Math.ceilDiv(fanOut, AT_ONCE);
        Units workflow = Units.workflow(WORKFLOW_MB, STEP.multipliedBy(steps));
        Units each = call(Assumption.DELIVERY_MS.value()).plus(asked.serve()).plus(toClient(frame));
        return published.plus(pages).plus(workflow).plus(each.times(fanOut));
    }

    private static Units call(long more) {
        return Units.functionCall(
                Assumption.FUNCTION_MB.value(), Duration.ofMillis(Assumption.FUNCTION_MS.value() + more));
    }

    private static Units toClient(long bytes) {
        return Units.webSocketMessage(bytes).plus(Units.of(Billable.BYTES_OUT, bytes));
    }

    /// What one of each call asks for, where the function knows the topic.
    private static Asked metered() {
        Meter meter = new Meter();
        DynamoTable table = Dynoxide.get().table();
        try (DynamoDbClient client = Dynoxide.get().newClient(new DynamoMetering(meter));
                DynamoEngine engine =
                        DynamoEngine.open(new DynamoTable(client, table.name()), DynamoOptions.DEFAULTS)) {
            CalledFunction function = new CalledFunction(
                    new FrontDoor.Ports(engine.log(), engine.state(), engine.stateOfNodes()),
                    DoorSettings.local().withLeftToWorkflow(List.of(new TopicPattern(TOPIC.value()))),
                    // Whose rights have ended is looked at once in half a second, which is no part of a call.
                    InstantSource.fixed(Instant.now()));
            List<String> ids = IntStream.range(0, LISTENERS)
                    .mapToObj(i -> "connection-" + i)
                    .toList();
            function.connect("publisher");
            ids.forEach(id -> {
                function.connect(id);
                function.doTasks();
                function.frame(id, "{\"action\":\"subscribe\",\"id\":1,\"topic\":\"" + TOPIC.value() + "\"}");
            });
            function.doTasks();
            Asked last = null;
            for (int round = 1; round <= ROUNDS; round++) {
                meter.restart();
                function.frame(
                        "publisher",
                        "{\"action\":\"publish\",\"id\":1,\"topic\":\"" + TOPIC.value() + "\",\"message\":\""
                                + "x".repeat((int) MESSAGE_BYTES - 2) + "\",\"message_id\":\"0190b6a1-7c1e-7000-8000-"
                                + String.format(Locale.ROOT, "%012d", round) + "\"}");
                Units publish = meter.units();
                meter.restart();
                ask(function, "{\"workflow\":\"listeners\",\"topic\":\"" + TOPIC.value() + "\"}");
                Units listeners = meter.units();
                long epoch =
                        engine.log().extent(TOPIC).toCompletableFuture().join().epoch();
                meter.restart();
                ask(function, serve(ids.getFirst(), epoch, round));
                last = new Asked(publish, listeners, meter.units());
                for (String id : ids) {
                    ask(function, serve(id, epoch, round));
                }
            }
            function.door().close();
            return Objects.requireNonNull(last);
        }
    }

    private static String serve(String id, long epoch, int until) {
        return "{\"workflow\":\"serve\",\"topic\":\"" + TOPIC.value() + "\",\"connectionId\":\"" + id + "\",\"epoch\":"
                + epoch + ",\"until\":" + until + "}";
    }

    private static void ask(CalledFunction function, String call) {
        assertThat(function.handle(call.getBytes(UTF_8))).doesNotContain("false");
    }
}
