package io.topicstream.aws.lambda;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.topicstream.aws.audience.Callbacks.Answer;
import io.topicstream.aws.audience.DoorSettings;
import io.topicstream.aws.audience.FrontDoor;
import io.topicstream.aws.dynamo.DynamoEngine;
import io.topicstream.aws.dynamo.DynamoOptions;
import io.topicstream.aws.dynamo.DynamoTable;
import io.topicstream.aws.dynamo.Dynoxide;
import io.topicstream.aws.events.EventBus;
import io.topicstream.aws.events.EventStream;
import io.topicstream.aws.events.RecordedStream;
import io.topicstream.aws.local.Ministack;
import io.topicstream.aws.local.MinistackFunction;
import io.topicstream.json.JsonWriter;
import io.topicstream.log.TopicPattern;
import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.eventbridge.EventBridgeClient;
import software.amazon.awssdk.services.eventbridge.model.PutEventsRequestEntry;
import software.amazon.awssdk.services.eventbridge.model.Target;

/// The workflow that distributes, run by a stand-in for Step Functions: a rule of a bus starts it for what our own
/// stream of events puts there, and its tasks are done by the WebSocket function.
@Timeout(600)
class DistributionWorkflowTest {
    private static final String BUS = "chat";
    private static final String LOBBY = "room:lobby";
    /// The stand-in takes a twentieth of the time for each second of waiting that the definition says.
    private static final Map<String, String> SOON = Map.of("SFN_WAIT_SCALE", "0.05");

    private static final Duration PATIENCE = Duration.ofMinutes(2);

    private final DynamoTable table = Dynoxide.get().table();
    private final DynamoEngine engine = DynamoEngine.open(table, DynamoOptions.DEFAULTS);
    private final CalledFunction function = new CalledFunction(
            new FrontDoor.Ports(engine.log(), engine.state(), engine.stateOfNodes()),
            DoorSettings.local().withLeftToWorkflow(List.of(new TopicPattern(LOBBY))));
    private final RecordedStream stream = new RecordedStream(table);

    private final Queue<String> calls = new ConcurrentLinkedQueue<>();
    private final AtomicInteger running = new AtomicInteger();
    private final AtomicInteger mostAtOnce = new AtomicInteger();

    private Ministack aws;
    private MinistackFunction called;
    private EventBridgeClient bus;
    private EventStream events;
    private String machine;

    @BeforeEach
    void start() throws IOException {
        aws = Ministack.start(SOON);
        called = MinistackFunction.create(aws, "websocket", this::call);
        bus = EventBridgeClient.builder()
                .endpointOverride(aws.endpoint())
                .region(Region.of(Ministack.REGION))
                .credentialsProvider(Ministack.CREDENTIALS)
                .httpClientBuilder(UrlConnectionHttpClient.builder())
                .build();
        machine = createMachine();
        bus.createEventBus(create -> create.name(BUS));
        bus.putRule(rule -> rule.name("distribution")
                .eventBusName(BUS)
                .eventPattern(
                        "{\"source\":[\"chat.service\"],\"detail-type\":[\"MESSAGE_SENT\",\"CONNECTION_ESTABLISHED\","
                                + "\"CONNECTION_CLOSED\",\"SOMETHING_ELSE\"]}"));
        bus.putTargets(targets -> targets.rule("distribution")
                .eventBusName(BUS)
                .targets(Target.builder()
                        .id("workflow")
                        .arn(machine)
                        .roleArn("arn:aws:iam::" + Ministack.ACCOUNT + ":role/rule")
                        .build()));
        events = new EventStream(
                engine.log(),
                List.of(new TopicPattern("*")),
                new EventBus(bus, BUS, EventBus.CHAT_SERVICE, _ -> {}),
                (record, reason) -> {
                    throw new AssertionError(reason + ": " + record);
                },
                InstantSource.system());
    }

    @AfterEach
    void close() {
        called.close();
        bus.close();
        aws.close();
        function.door().close();
        engine.close();
    }

    private String createMachine() throws IOException {
        JsonWriter json = new JsonWriter();
        json.raw('{').string("name").raw(':').string("distribution").raw(',');
        json.string("type").raw(':').string("EXPRESS").raw(',');
        json.string("roleArn").raw(':').string("arn:aws:iam::" + Ministack.ACCOUNT + ":role/workflow");
        json.raw(',').string("definition").raw(':').string(DistributionDefinitionTest.definition(called.arn()));
        String made = aws.call(
                "states", "AWSStepFunctions.CreateStateMachine", json.raw('}').toString());
        return only(made, "\"stateMachineArn\": ?\"([^\"]*)\"");
    }

    private byte[] call(byte[] event) {
        calls.add(new String(event, UTF_8));
        int now = running.incrementAndGet();
        mostAtOnce.accumulateAndGet(now, Math::max);
        try {
            return function.handle(new String(event, UTF_8).getBytes(UTF_8)).getBytes(UTF_8);
        } finally {
            running.decrementAndGet();
        }
    }

    // ---- what a test does

    /// What has changed since the last time is told to the bus, as the table's stream has it told.
    private void tell() {
        byte[] answer = events.handle(RecordedStream.event(stream.changes(System.currentTimeMillis())));
        assertThat(new String(answer, UTF_8)).isEqualTo("{\"batchItemFailures\":[]}");
    }

    private void connect(String connectionId, String clientId) {
        assertThat(function.connectChat(connectionId, clientId)).contains("200");
        function.doTasks();
    }

    /// Has all that was changed until now be known, without an event.
    private void settle() {
        var _ = stream.changes(System.currentTimeMillis());
        function.posts().clear();
    }

    private void say(String connectionId, String content) {
        function.frame(connectionId, "{\"action\":\"sendMessage\",\"content\":\"" + content + "\"}");
    }

    private static String only(String text, String pattern) {
        return Pattern.compile(pattern)
                .matcher(text)
                .results()
                .map(found -> found.group(1))
                .findFirst()
                .orElseThrow(() -> new AssertionError(text));
    }

    private List<String> executions() {
        String all = aws.call("states", "AWSStepFunctions.ListExecutions", "{\"stateMachineArn\":\"" + machine + "\"}");
        return Pattern.compile("\"executionArn\": ?\"([^\"]*)\"")
                .matcher(all)
                .results()
                .map(found -> found.group(1))
                .toList();
    }

    private String describe(String execution) {
        return aws.call("states", "AWSStepFunctions.DescribeExecution", "{\"executionArn\":\"" + execution + "\"}");
    }

    private static boolean isRunning(String described) {
        return described.contains("\"RUNNING\"");
    }

    /// Waits until so many have been started and have ended.
    ///
    /// @return how they ended, in any order
    private List<String> ended(int count) {
        long untilNs = System.nanoTime() + PATIENCE.toNanos();
        while (true) {
            List<String> all = executions().stream().map(this::describe).toList();
            if (all.size() == count && all.stream().noneMatch(DistributionWorkflowTest::isRunning)) {
                return all;
            }
            assertThat(System.nanoTime()).as("%s in %s", all, aws.log()).isLessThan(untilNs);
            LockSupport.parkNanos(Duration.ofMillis(50).toNanos());
        }
    }

    private long callsOf(String part) {
        return calls.stream().filter(call -> call.contains(part)).count();
    }

    private List<String> contents(String connectionId) {
        return function.postsTo(connectionId).stream()
                .map(post -> only(post, "\"content\":\"([^\"]*)\""))
                .toList();
    }

    private static List<String> ids(String of, int count) {
        return IntStream.rangeClosed(1, count).mapToObj(i -> of + i).toList();
    }

    // ---- the rules

    @Test
    void twoHundredListenersAreServedByTheRules() {
        List<String> sames = ids("same", 5);
        List<String> gone = ids("gone", 7);
        List<String> throttled = ids("throttled", 6);
        List<String> plain = new ArrayList<>(ids("plain", 100));
        List<String> others = ids("other", 81);
        sames.forEach(id -> connect(id, "one"));
        Stream.of(gone, throttled, plain).flatMap(List::stream).forEach(id -> connect(id, null));
        others.forEach(id -> connect(id, "client-" + id));
        connect("stuck", "two");
        settle();
        gone.forEach(id -> function.answers(id, () -> Answer.GONE));
        throttled.forEach(id -> {
            AtomicInteger left = new AtomicInteger(4);
            function.answers(id, () -> left.getAndDecrement() > 0 ? Answer.BUSY : Answer.DONE);
        });
        function.answers("stuck", () -> Answer.BUSY);

        say("same1", "hello");
        assertThat(function.posts()).isEmpty();
        tell();
        String ended = ended(1).getFirst();

        // Each listener once, and nobody with the sender's client id.
        Stream.of(plain, throttled, others)
                .flatMap(List::stream)
                .forEach(id -> assertThat(contents(id)).as(id).containsExactly("hello"));
        assertThat(function.posts()).hasSize(100 + 6 + 81);
        sames.forEach(id -> assertThat(callsOf("\"" + id + "\"")).as(id).isZero());
        // Pages, and ten at a time.
        assertThat(callsOf("\"listeners\"")).isBetween(2L, 3L);
        assertThat(mostAtOnce.get()).isBetween(2, 10);
        // Who is gone is so after one question, and is cleared.
        gone.forEach(id -> assertThat(callsOf("\"" + id + "\"")).as(id).isOne());
        // Who was throttled was asked for again.
        throttled.forEach(id -> assertThat(callsOf("\"" + id + "\"")).as(id).isEqualTo(2));
        // Who takes nothing was tried to the last, and is to be seen.
        assertThat(callsOf("\"stuck\"")).isEqualTo(5);
        assertThat(ended).contains("\"FAILED\"", "TopicStream.ListenersNotServed");
        assertThat(history(executions().getFirst()))
                .contains("\"connectionId\":\"stuck\",\"outcome\":\"failed\"")
                .contains("io.topicstream.aws.audience.TryAgainException")
                .doesNotContain("\"connectionId\":\"plain1\",\"outcome\":\"failed\"");

        // The next message brings what was missed, and nothing twice. That some have left would be told by others.
        settle();
        function.answers("stuck", () -> Answer.DONE);
        calls.clear();
        say("plain1", "again");
        tell();

        assertThat(ended(2)).anyMatch(one -> one.contains("\"SUCCEEDED\""));
        assertThat(contents("stuck")).containsExactly("hello", "again");
        assertThat(contents("other7")).containsExactly("hello", "again");
        // Who gave no client id gets its own, and so do all who were left out before.
        assertThat(contents("plain1")).containsExactly("hello", "again");
        sames.forEach(id -> assertThat(contents(id)).as(id).containsExactly("again"));
        gone.forEach(id -> assertThat(callsOf("\"" + id + "\"")).as(id).isZero());
    }

    private String history(String execution) {
        return aws.call(
                        "states",
                        "AWSStepFunctions.GetExecutionHistory",
                        "{\"executionArn\":\"" + execution + "\",\"maxResults\":1000}")
                .replace("\\\"", "\"")
                .replace("\": ", "\":")
                .replace(", \"", ",\"");
    }

    @Test
    void whoComesAndLeavesIsToldToTheChatByTheTypeOfTheEvent() {
        connect("a", null);
        connect("b", "tab");
        settle();
        function.postsTo("a").clear();
        function.postsTo("b").clear();

        connect("c", "tab");
        tell();
        ended(1);
        // Those with its client id too: that it has come is no message.
        for (String id : List.of("a", "b", "c")) {
            assertThat(contents(id)).as(id).singleElement().asString().matches("User .* has joined the chat");
        }
        String name = only(function.postsTo("a").element(), "User (.*) has joined");

        function.disconnect("c");
        tell();
        ended(2);
        for (String id : List.of("a", "b")) {
            assertThat(contents(id)).as(id).hasSize(2).endsWith("User " + name + " has left the chat");
        }
        assertThat(contents("c")).hasSize(1);
    }

    @Test
    void nothingElseCausesFrames() {
        connect("a", null);
        settle();

        put("SOMETHING_ELSE", "{\"topic\":\"room:lobby\",\"epoch\":1,\"offset\":1}");
        put("CONNECTION_ESTABLISHED", "{\"action\":\"$connect\",\"connectionId\":\"n\",\"sender\":\"ann\"}");
        put("MESSAGE_SENT", "{\"action\":\"sendMessage\",\"content\":\"of another system\"}");
        assertThat(ended(3)).allMatch(one -> one.contains("\"SUCCEEDED\""));
        assertThat(calls).isEmpty();

        // A topic that is not left to it is asked for once, and has no listeners for it.
        put("MESSAGE_SENT", "{\"topic\":\"other\",\"epoch\":1,\"offset\":1}");
        assertThat(ended(4)).allMatch(one -> one.contains("\"SUCCEEDED\""));
        assertThat(calls).hasSize(1);
        assertThat(function.posts()).isEmpty();
    }

    private void put(String type, String detail) {
        PutEventsRequestEntry entry = PutEventsRequestEntry.builder()
                .eventBusName(BUS)
                .source("chat.service")
                .detailType(type)
                .detail(detail)
                .build();
        assertThat(bus.putEvents(put -> put.entries(entry)).failedEntryCount()).isZero();
    }
}
