package io.topicstream.aws.lambda;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.topicstream.aws.audience.Callbacks.Answer;
import io.topicstream.aws.audience.DoorSettings;
import io.topicstream.aws.audience.FrontDoor;
import io.topicstream.aws.audience.TryAgainException;
import io.topicstream.aws.dynamo.DynamoEngine;
import io.topicstream.aws.dynamo.DynamoOptions;
import io.topicstream.aws.dynamo.DynamoTable;
import io.topicstream.aws.dynamo.Dynoxide;
import io.topicstream.log.TopicName;
import io.topicstream.log.TopicPattern;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What a workflow asks the WebSocket function for, and what it leaves to it.
@Timeout(120)
class WorkflowCallsTest {
    private static final String SERVED = "{\"served\":true}";
    private static final String LEFT_ALONE = "{\"served\":false}";
    private static final String GONE = "{\"served\":false,\"gone\":true}";

    private static final Pattern LISTENER = Pattern.compile("\"connectionId\":\"([^\"]*)\",\"clientId\":\"([^\"]*)\"");
    private static final Pattern NEXT = Pattern.compile("\"next\":\"([^\"]*)\"");

    private final DynamoTable table = Dynoxide.get().table();
    private final DynamoEngine engine = DynamoEngine.open(table, DynamoOptions.DEFAULTS);
    private final FrontDoor.Ports ports = new FrontDoor.Ports(engine.log(), engine.state(), engine.stateOfNodes());
    private final CalledFunction function = new CalledFunction(
            ports,
            DoorSettings.local()
                    .withLeftToWorkflow(List.of(new TopicPattern("left*"), new TopicPattern("room:lobby"))));

    @AfterEach
    void close() {
        function.door().close();
        engine.close();
    }

    private String ask(String call) {
        return function.handle(call.getBytes(UTF_8));
    }

    private String serve(String topic, String connectionId, int until) {
        long epoch = engine.log()
                .extent(new TopicName(topic))
                .toCompletableFuture()
                .join()
                .epoch();
        return ask("{\"until\":" + until + ", \"epoch\":" + epoch + ", \"topic\":\"" + topic + "\", \"connectionId\":\""
                + connectionId + "\", \"workflow\":\"serve\"}");
    }

    private String tell(String type, String connectionId) {
        return ask(
                "{\"workflow\":\"tell\",\"topic\":\"room:lobby\",\"connectionId\":\"" + connectionId + "\",\"type\":\""
                        + type + "\",\"sender\":\"Brave Otter\",\"timestamp\":\"2026-01-01T00:00:00.000Z\"}");
    }

    private void listen(String topic, String... connectionIds) {
        for (String connectionId : connectionIds) {
            function.connect(connectionId);
            function.doTasks();
            function.frame(connectionId, "{\"action\":\"subscribe\",\"id\":1,\"topic\":\"" + topic + "\"}");
            function.doTasks();
            function.postsTo(connectionId).clear();
        }
    }

    private static void publish(CalledFunction by, String connectionId, String topic, int message) {
        by.frame(
                connectionId,
                "{\"action\":\"publish\",\"id\":1,\"topic\":\"" + topic + "\",\"message\":" + message + "}");
        by.doTasks();
    }

    private void publish(String connectionId, String topic, int message) {
        publish(function, connectionId, topic, message);
    }

    /// The messages that a connection has got, in order.
    private List<String> messages(String connectionId) {
        return function.postsTo(connectionId).stream()
                .flatMap(post ->
                        Pattern.compile("\"message\":(\\d+)").matcher(post).results())
                .map(found -> found.group(1))
                .toList();
    }

    private List<String> listeners(String topic, List<Integer> sizes) {
        List<String> all = new ArrayList<>();
        String after = "";
        while (true) {
            String page = ask("{\"workflow\":\"listeners\",\"topic\":\"" + topic + "\",\"after\":\"" + after + "\"}");
            List<String> found = LISTENER.matcher(page)
                    .results()
                    .map(one -> one.group(1) + " " + one.group(2))
                    .map(String::strip)
                    .toList();
            sizes.add(found.size());
            all.addAll(found);
            Matcher next = NEXT.matcher(page);
            if (!next.find()) {
                return all;
            }
            after = next.group(1);
        }
    }

    // ---- what is left to it

    @Test
    void whoPublishesIsAnsweredAndDeliversNothing() {
        listen("left", "a", "b");
        listen("other", "c");

        publish("a", "left", 1);
        publish("a", "other", 2);

        assertThat(function.postsTo("a")).hasSize(2).allMatch(post -> post.contains("\"type\":\"reply\""));
        assertThat(function.postsTo("b")).isEmpty();
        assertThat(messages("c")).containsExactly("2");
    }

    @Test
    void whatAListenersOwnFrameBringsComesAsEver() {
        listen("left", "a");
        publish("a", "left", 1);
        publish("a", "left", 2);
        function.connect("b");
        function.doTasks();

        function.frame("b", "{\"action\":\"subscribe\",\"id\":1,\"topic\":\"left\",\"from\":1}");
        function.doTasks();

        assertThat(messages("b")).containsExactly("1", "2");
        assertThat(serve("left", "b", 2)).isEqualTo(SERVED);
        assertThat(messages("b")).containsExactly("1", "2");
    }

    @Test
    void thatSomebodyHasComeOrLeftIsNotSaidByTheCallThatLetItIn() {
        function.connectChat("a", null);
        function.doTasks();
        function.connectChat("b", null);
        function.doTasks();
        function.disconnect("b");

        assertThat(function.posts()).isEmpty();
    }

    // ---- who listens

    @Test
    void listenersComeInPagesOutOfAllShards() {
        CalledFunction before = new CalledFunction(ports, DoorSettings.local().withListenersPerShard(1));
        listen("left", "a", "b");
        publish(before, "a", "left", 1);
        publish(before, "a", "left", 2);
        publish(before, "a", "left", 3);
        List<String> all = new ArrayList<>(List.of("a", "b"));
        for (int i = 100; i < 248; i++) {
            listen("left", "n" + i);
            all.add("n" + i);
        }

        List<Integer> sizes = new ArrayList<>();
        assertThat(listeners("left", sizes)).containsExactlyInAnyOrderElementsOf(all);
        assertThat(sizes).containsExactly(100, 50);
        before.door().close();
    }

    @Test
    void aListenerHasTheClientIdThatItGave() {
        function.connectChat("a", "tab");
        function.connectChat("b", "x".repeat(150));
        function.connectChat("c", null);

        assertThat(listeners("room:lobby", new ArrayList<>()))
                .satisfiesExactly(
                        a -> assertThat(a).isEqualTo("a tab"),
                        b -> assertThat(b).startsWith("b ").hasSizeBetween(10, 100),
                        c -> assertThat(c).isEqualTo("c"));
    }

    @Test
    void ofATopicThatIsNotLeftToItNobodyIsFound() {
        listen("other", "c");

        assertThat(ask("{\"workflow\":\"listeners\",\"topic\":\"other\"}")).isEqualTo("{\"listeners\":[]}");
        assertThat(serve("other", "c", 1)).isEqualTo(LEFT_ALONE);
    }

    // ---- who is served

    @Test
    void aListenerGetsAllInOrderAndOnce() {
        listen("left", "a", "b");
        IntStream.rangeClosed(1, 5).forEach(message -> publish("a", "left", message));

        assertThat(serve("left", "b", 3)).isEqualTo(SERVED);
        assertThat(messages("b")).containsExactly("1", "2", "3", "4", "5");
        assertThat(serve("left", "b", 4)).isEqualTo(SERVED);
        assertThat(serve("left", "b", 5)).isEqualTo(SERVED);
        assertThat(messages("b")).hasSize(5);
        publish("a", "left", 6);
        assertThat(serve("left", "b", 6)).isEqualTo(SERVED);
        assertThat(messages("b")).containsExactly("1", "2", "3", "4", "5", "6");
    }

    @Test
    void whoIsAskedToServeAtOnceServesOnce() {
        listen("left", "a", "b");
        publish("a", "left", 1);
        publish("a", "left", 2);

        List<CompletableFuture<String>> calls = Stream.of(1, 2, 1, 2, 1, 2)
                .map(until -> CompletableFuture.supplyAsync(() -> {
                    while (true) {
                        try {
                            return serve("left", "b", until);
                        } catch (TryAgainException e) {
                            Thread.onSpinWait();
                        }
                    }
                }))
                .toList();

        assertThat(calls).extracting(CompletableFuture::join).containsOnly(SERVED);
        assertThat(messages("b")).containsExactly("1", "2");
    }

    @Test
    void whoWasServedWithOthersBeforeIsServedOnFromThere() {
        CalledFunction before = new CalledFunction(ports, DoorSettings.local());
        listen("left", "a", "b", "c");
        publish(before, "a", "left", 1);
        publish(before, "a", "left", 2);
        assertThat(before.postsTo("b")).hasSize(2);

        publish("a", "left", 3);
        assertThat(serve("left", "b", 3)).isEqualTo(SERVED);
        assertThat(messages("b")).containsExactly("3");

        // And back again.
        publish(before, "a", "left", 4);
        assertThat(before.postsTo("b")).hasSize(3).last().asString().contains("\"message\":4");
        assertThat(before.postsTo("c")).hasSize(4);
        before.door().close();
    }

    @Test
    void whoIsGoneIsClearedAndSaidToBe() {
        listen("left", "a", "b", "c");
        publish("a", "left", 1);
        function.answers("b", () -> Answer.GONE);

        assertThat(serve("left", "b", 1)).isEqualTo(GONE);

        assertThat(listeners("left", new ArrayList<>())).containsExactly("a", "c");
        assertThat(serve("left", "b", 1)).isEqualTo(GONE);
        assertThat(serve("left", "nobody", 1)).isEqualTo(GONE);
        assertThat(serve("left", "c", 1)).isEqualTo(SERVED);
    }

    @Test
    void whoDoesNotListenAnyMoreIsLeftAlone() {
        listen("left", "a", "b");
        publish("a", "left", 1);
        function.frame("b", "{\"action\":\"unsubscribe\",\"id\":1,\"topic\":\"left\"}");

        assertThat(serve("left", "b", 1)).isEqualTo(LEFT_ALONE);
        assertThat(messages("b")).isEmpty();
    }

    @Test
    void whoTakesNothingIsToBeTriedAgainAndMissesNothing() {
        listen("left", "a", "b");
        publish("a", "left", 1);
        function.answers("b", () -> Answer.BUSY);

        for (int i = 0; i < 2; i++) {
            assertThatExceptionOfType(TryAgainException.class).isThrownBy(() -> serve("left", "b", 1));
        }
        function.answers("b", () -> Answer.DONE);

        assertThat(serve("left", "b", 1)).isEqualTo(SERVED);
        assertThat(messages("b")).containsExactly("1");
    }

    @Test
    void whatWasPostedBeforeTheClientTookNoMoreIsNotPostedAgain() {
        function.connectChat("a", "one");
        function.connectChat("b", null);
        function.doTasks();
        for (String content : List.of("x", "y", "z")) {
            function.frame("a", "{\"action\":\"sendMessage\",\"content\":\"" + content + "\"}");
        }
        AtomicInteger left = new AtomicInteger(2);
        function.answers("b", () -> left.getAndDecrement() > 0 ? Answer.DONE : Answer.BUSY);

        assertThatExceptionOfType(TryAgainException.class).isThrownBy(() -> serve("room:lobby", "b", 3));
        function.answers("b", () -> Answer.DONE);
        assertThat(serve("room:lobby", "b", 3)).isEqualTo(SERVED);

        assertThat(function.postsTo("b"))
                .extracting(post -> post.replaceAll(",\"sender\".*", ""))
                .containsExactly(
                        "{\"action\":\"sendMessage\",\"content\":\"x\"",
                        "{\"action\":\"sendMessage\",\"content\":\"y\"",
                        "{\"action\":\"sendMessage\",\"content\":\"z\"");
    }

    @Test
    void whoWasLeftOutGetsWhatOthersSayAndNotItsOwn() {
        function.connectChat("a", "one");
        function.connectChat("a2", "one");
        function.connectChat("b", "two");
        function.doTasks();
        function.frame("a", "{\"action\":\"sendMessage\",\"content\":\"own\"}");
        function.frame("b", "{\"action\":\"sendMessage\",\"content\":\"of b\"}");

        assertThat(serve("room:lobby", "a2", 2)).isEqualTo(SERVED);

        assertThat(function.postsTo("a2")).singleElement().asString().contains("of b");
    }

    @Test
    void whereTheTableDoesNotAnswerItIsToBeTriedAgain() {
        listen("left", "a");
        publish("a", "left", 1);
        engine.close();

        assertThatExceptionOfType(TryAgainException.class)
                .isThrownBy(() -> ask(
                        "{\"workflow\":\"serve\",\"topic\":\"left\",\"connectionId\":\"a\",\"epoch\":1,\"until\":1}"));
        assertThatExceptionOfType(TryAgainException.class).isThrownBy(() -> listeners("left", new ArrayList<>()));
    }

    // ---- who is told

    @Test
    void aListenerIsToldWhoHasComeInItsOwnDialect() {
        function.connectChat("a", null);
        function.doTasks();
        listen("room:lobby", "n");
        // That somebody listens there is said by no event, and so by the call, as ever.
        assertThat(function.postsTo("a")).singleElement().asString().contains("User ann has joined");
        function.postsTo("a").clear();

        assertThat(tell("CONNECTION_ESTABLISHED", "a")).isEqualTo(SERVED);
        assertThat(tell("CONNECTION_CLOSED", "a")).isEqualTo(SERVED);
        assertThat(tell("CONNECTION_CLOSED", "n")).isEqualTo(SERVED);

        assertThat(function.postsTo("a"))
                .containsExactly(
                        "{\"action\":\"$connect\",\"content\":\"User Brave Otter has joined the chat\","
                                + "\"sender\":\"System\",\"timestamp\":\"2026-01-01T00:00:00.000Z\"}",
                        "{\"action\":\"$disconnect\",\"content\":\"User Brave Otter has left the chat\","
                                + "\"sender\":\"System\",\"timestamp\":\"2026-01-01T00:00:00.000Z\"}");
        assertThat(function.postsTo("n")).isEmpty();
    }

    @Test
    void aConnectionThatIsNotOpenYetIsToBeTriedAgain() {
        function.connectChat("a", null);
        function.answers("a", () -> Answer.GONE);
        assertThatExceptionOfType(TryAgainException.class).isThrownBy(() -> tell("CONNECTION_ESTABLISHED", "a"));

        function.answers("a", () -> Answer.BUSY);
        assertThatExceptionOfType(TryAgainException.class).isThrownBy(() -> tell("CONNECTION_ESTABLISHED", "a"));

        function.answers("a", () -> Answer.DONE);
        function.doTasks();
        assertThat(tell("CONNECTION_ESTABLISHED", "a")).isEqualTo(SERVED);
        function.answers("a", () -> Answer.GONE);
        assertThat(tell("CONNECTION_CLOSED", "a")).isEqualTo(GONE);
        assertThat(listeners("room:lobby", new ArrayList<>())).isEmpty();
    }

    // ---- what cannot be asked

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"workflow\":null}",
                "{\"workflow\":1}",
                "{\"workflow\":\"dance\",\"topic\":\"left\"}",
                "{\"workflow\":\"listeners\"}",
                "{\"workflow\":\"listeners\",\"topic\":\"\"}",
                "{\"workflow\":\"listeners\",\"topic\":\"left\",\"after\":7}",
                "{\"workflow\":\"listeners\",\"topic\":\"left\",\"after\":\"x\"}",
                "{\"workflow\":\"listeners\",\"topic\":\"left\",\"after\":\"-1 x\"}",
                "{\"workflow\":\"listeners\",\"topic\":\"left\",\"after\":\"0 \"}",
                "{\"workflow\":\"listeners\",\"topic\":\"left\",\"after\":\"0 \\u0000\"}",
                "{\"workflow\":\"listeners\",\"topic\":\"left\",\"after\":\"99999999999 x\"}",
                "{\"workflow\":\"serve\",\"topic\":\"left\",\"connectionId\":\"a\"}",
                "{\"workflow\":\"serve\",\"topic\":\"left\",\"connectionId\":\"a\",\"epoch\":1,\"until\":\"1\"}",
                "{\"workflow\":\"serve\",\"topic\":\"left\",\"connectionId\":\"\\u0000\",\"epoch\":1,\"until\":1}",
                "{\"workflow\":\"serve\",\"topic\":\"left\",\"connectionId\":[\"a\"],\"epoch\":1,\"until\":1}",
                "{\"workflow\":\"tell\",\"topic\":\"room:lobby\",\"connectionId\":\"a\",\"type\":\"MESSAGE_SENT\",\"sender\":\"x\",\"timestamp\":\"2026-01-01T00:00:00Z\"}",
                "{\"workflow\":\"tell\",\"topic\":\"room:lobby\",\"connectionId\":\"a\",\"type\":\"CONNECTION_CLOSED\",\"sender\":\"x\",\"timestamp\":\"today\"}",
                "{\"workflow\":\"listeners\",\"topic\":\"left\",\"requestContext\":{\"eventType\":\"CONNECT\"}}",
                "{\"workflow\":\"listeners\",\"topic\":\"left\",\"task\":\"deliver\",\"shard\":0}",
                "{\"workflow\":\"listeners\",\"workflow\":\"serve\",\"topic\":\"left\"}"
            })
    void whatCannotBeAskedIsSaidToBeSo(String call) {
        listen("left", "a");

        assertThatIllegalArgumentException().isThrownBy(() -> ask(call));
        assertThat(function.postsTo("a")).isEmpty();
    }

    @Test
    void aFrameThatLooksLikeACallIsAFrame() {
        listen("left", "a");

        function.frame("a", "{\"workflow\":\"listeners\",\"topic\":\"left\"}");

        assertThat(function.postsTo("a")).singleElement().asString().contains("\"type\":\"error\"");
    }

    @Test
    void whatIsBeyondTheEndServesAllThatThereIs() {
        listen("left", "a", "b");
        publish("a", "left", 1);

        assertThat(serve("left", "b", Integer.MAX_VALUE)).isEqualTo(SERVED);
        assertThat(messages("b")).containsExactly("1");
    }
}
