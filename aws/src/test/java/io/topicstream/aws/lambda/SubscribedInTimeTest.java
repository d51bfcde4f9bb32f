package io.topicstream.aws.lambda;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.topicstream.aws.audience.DoorSettings;
import io.topicstream.aws.audience.FrontDoor;
import io.topicstream.log.InMemoryLog;
import io.topicstream.state.InMemoryStateStore;
import io.topicstream.testkit.ManualClock;
import java.time.Duration;
import java.util.Queue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// The topics dialect does not say when a subscription holds, and calls for frames overtake each other: it holds from
/// when the gateway had its frame.
class SubscribedInTimeTest {
    private final ManualClock clock = new ManualClock();
    private final ExecutorService thread = Executors.newSingleThreadExecutor();
    private final InMemoryStateStore state = new InMemoryStateStore(clock, thread);
    private final CalledFunction function = new CalledFunction(
            new FrontDoor.Ports(new InMemoryLog(clock, thread, 1), state, state), DoorSettings.local(), clock);

    @AfterEach
    void close() {
        function.door().close();
        thread.shutdownNow();
    }

    private void connect(String connectionId) {
        String key = function.door()
                .keys()
                .create(connectionId, null)
                .toCompletableFuture()
                .join()
                .secret();
        assertThat(function.handle(event(
                        "CONNECT",
                        connectionId,
                        clock.millis(),
                        ",\"multiValueHeaders\":{\"X-Api-Key\":[\"" + key + "\"]}")))
                .contains("200");
        function.doTasks();
    }

    private static byte[] event(String type, String connectionId, long receivedMs, String rest) {
        return ("{\"requestContext\":{\"eventType\":\"" + type + "\",\"connectionId\":\"" + connectionId
                        + "\",\"stage\":\"live\",\"requestTimeEpoch\":" + receivedMs
                        + ",\"identity\":{\"sourceIp\":\"127.0.0.1\"}}" + rest + "}")
                .getBytes(UTF_8);
    }

    private void frame(String connectionId, long receivedMs, String action, String message) {
        String text = "{\"action\":\"" + action + "\",\"topic\":\"t\"" + message + "}";
        function.handle(event("MESSAGE", connectionId, receivedMs, ",\"body\":\"" + text.replace("\"", "\\\"") + "\""));
        function.doTasks();
    }

    private void publish(String connectionId, long receivedMs, int message) {
        frame(connectionId, receivedMs, "publish", ",\"message\":" + message);
    }

    private static String delivery(int message) {
        return "{\"topic\":\"t\",\"message\":" + message + "}";
    }

    @Test
    void whatIsPublishedWhileTheSubscriptionIsUnderWayIsDelivered() {
        connect("ann");
        connect("bob");
        publish("bob", clock.millis(), 1);
        clock.advance(Duration.ofMillis(5));
        long received = clock.millis();
        publish("bob", received, 2);
        clock.advance(Duration.ofMillis(5));
        publish("bob", clock.millis(), 3);
        clock.advance(Duration.ofMillis(5));

        frame("ann", received, "subscribe", "");

        Queue<String> posts = function.posts();
        assertThat(posts).containsExactly(delivery(2), delivery(3));
        publish("bob", clock.millis(), 4);
        assertThat(posts).containsExactly(delivery(2), delivery(3), delivery(4));
    }

    @Test
    void aSecondSubscribeBringsNothingAgain() {
        connect("ann");
        long received = clock.millis();
        frame("ann", received, "subscribe", "");
        publish("ann", received, 1);

        frame("ann", received, "subscribe", "");

        assertThat(function.posts()).containsExactly(delivery(1));
    }

    @Test
    void aGatewayWhoseTimeIsFarOffBringsNoHistory() {
        connect("ann");
        publish("ann", clock.millis(), 1);
        clock.advance(Duration.ofMinutes(1));

        frame("ann", clock.millis() / 1_000, "subscribe", "");

        assertThat(function.posts()).isEmpty();
    }
}
