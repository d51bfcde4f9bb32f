package io.topicstream.aws.lambda;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.topicstream.aws.audience.DoorSettings;
import io.topicstream.aws.audience.FrontDoor;
import io.topicstream.aws.audience.Task;
import io.topicstream.aws.audience.TaskCodec;
import io.topicstream.log.InMemoryLog;
import io.topicstream.log.TopicName;
import io.topicstream.state.InMemoryStateStore;
import java.time.InstantSource;
import java.util.Base64;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Payloads that no gateway would make, and events with what clients can put into them.
class HostileEventsTest {
    private static final TopicName TOPIC = new TopicName("t");

    private static final String PUBLISH = "{\"action\":\"publish\",\"topic\":\"t\",\"message\":1}";

    private final ExecutorService thread = Executors.newSingleThreadExecutor();
    private final InMemoryLog log = new InMemoryLog(InstantSource.system(), thread, 1);
    private final InMemoryStateStore state = new InMemoryStateStore(InstantSource.system(), thread);
    private final CalledFunction function =
            new CalledFunction(new FrontDoor.Ports(log, state, state), DoorSettings.local());

    @AfterEach
    void end() {
        thread.shutdownNow();
    }

    private static String message(String rest) {
        return "{\"requestContext\":{\"eventType\":\"MESSAGE\",\"connectionId\":\"c\",\"stage\":\"v1\"}" + rest + "}";
    }

    private static String handshake(String headers, String parameters) {
        return "{\"multiValueHeaders\":{" + headers + "},\"multiValueQueryStringParameters\":{" + parameters
                + "},\"requestContext\":{\"eventType\":\"CONNECT\",\"connectionId\":\"n\",\"stage\":\"v1\","
                + "\"identity\":{\"sourceIp\":\"192.0.2.1\"}}}";
    }

    private String connect(String headers, String parameters) {
        return function.handle(handshake(headers, parameters).getBytes(UTF_8));
    }

    private void open() {
        function.connect("c");
        function.doTasks();
        function.posts().clear();
    }

    private long published() {
        return log.extent(TOPIC).toCompletableFuture().join().nextOffset() - 1;
    }

    // ---- what is no event

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "null",
                "[]",
                "{}",
                "{\"requestContext\":1}",
                "{\"requestContext\":{}}",
                "{\"requestContext\":{\"connectionId\":\"c\",\"stage\":\"v1\"}}",
                "{\"requestContext\":{\"eventType\":\"DANCE\",\"connectionId\":\"c\",\"stage\":\"v1\"}}",
                "{\"requestContext\":{\"eventType\":\"MESSAGE\",\"stage\":\"v1\"}}",
                "{\"requestContext\":{\"eventType\":\"MESSAGE\",\"connectionId\":1,\"stage\":\"v1\"}}",
                "{\"requestContext\":{\"eventType\":\"DISCONNECT\",\"connectionId\":null}}",
                "{\"requestContext\":{\"eventType\":\"CONNECT\",\"connectionId\":\"n\",\"stage\":\"v1\"},\"multiValueHeaders\":{}}",
                "{\"requestContext\":{\"eventType\":\"CONNECT\",\"connectionId\":\"n\",\"stage\":\"v1\",\"identity\":{\"sourceIp\":\"x\"}},\"multiValueHeaders\":{}}",
                "{\"requestContext\":{\"eventType\":\"CONNECT\",\"connectionId\":\"n\",\"identity\":{\"sourceIp\":\"192.0.2.1\"}},\"multiValueHeaders\":{}}",
                "{\"requestContext\":{\"eventType\":\"CONNECT\",\"connectionId\":\"n\",\"stage\":\"v1\",\"identity\":{\"sourceIp\":\"192.0.2.1\"}}}",
                "{\"requestContext\":{\"eventType\":\"MESSAGE\",\"connectionId\":\"c\"},\"requestContext\":{}}"
            })
    void whatIsNoEventIsRefused(String payload) {
        assertThatIllegalArgumentException().isThrownBy(() -> function.handle(payload.getBytes(UTF_8)));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                ",\"body\":1",
                ",\"body\":{\"action\":\"ping\"}",
                ",\"body\":\"§§\",\"isBase64Encoded\":true",
                ",\"body\":\"wyg=\",\"isBase64Encoded\":true"
            })
    void aBodyThatIsNoTextIsRefused(String body) {
        open();

        assertThatIllegalArgumentException()
                .isThrownBy(() -> function.handle(message(body).getBytes(UTF_8)));
        assertThat(function.posts()).isEmpty();
    }

    @Test
    void whatIsNotUtf8IsRefused() {
        open();
        byte[] event = message(",\"body\":\"?\"").getBytes(UTF_8);
        event[event.length - 3] = (byte) 0xC3;

        assertThatIllegalArgumentException().isThrownBy(() -> function.handle(event));
    }

    @Test
    void anEventThatNestsTooDeepIsRefused() {
        String deep = ",\"x\":" + "[".repeat(50_000) + "]".repeat(50_000);

        assertThatIllegalArgumentException()
                .isThrownBy(() -> function.handle(message(deep).getBytes(UTF_8)));
    }

    @Test
    void aBodyInBase64IsTheSameAsText() {
        open();
        String frame = Base64.getEncoder().encodeToString("{\"action\":\"ping\",\"id\":1}".getBytes(UTF_8));

        function.handle(
                message(",\"body\":\"" + frame + "\",\"isBase64Encoded\":true").getBytes(UTF_8));

        assertThat(function.posts()).containsExactly("{\"type\":\"pong\",\"id\":1}");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", ",\"body\":null", ",\"body\":\"\""})
    void nothingIsNoFrame(String body) {
        open();

        function.handle(message(body).getBytes(UTF_8));

        assertThat(function.posts()).singleElement().asString().contains("\"code\":\"bad_frame\"");
    }

    // ---- connections that nobody has

    @Test
    void aFrameOfAnUnknownConnectionIsNobodys() {
        function.frame("nobody", PUBLISH);
        function.disconnect("nobody");
        for (String id : new String[] {"x".repeat(900), "\\u0000"}) {
            assertThatIllegalArgumentException().isThrownBy(() -> function.frame(id, PUBLISH));
        }

        assertThat(function.posts()).isEmpty();
        assertThat(published()).isZero();
    }

    // ---- what only looks like a task

    @Test
    void aFrameThatLooksLikeATaskIsAFrame() {
        open();
        String task = new String(TaskCodec.encode(new Task.Deliver(TOPIC, 0), TaskCodec.AT_ONCE), UTF_8);

        function.frame("c", task);

        assertThat(function.posts()).singleElement().asString().contains("\"type\":\"error\"");
    }

    @Test
    void anEventWithATaskInItIsRefused() {
        open();
        String event = message(",\"body\":\"{}\"");

        assertThatIllegalArgumentException()
                .isThrownBy(() -> function.handle(
                        ("{\"task\":\"forget\",\"connection\":\"c\",\"topics\":[]," + event.substring(1))
                                .getBytes(UTF_8)))
                .withMessageContaining("requestContext");
    }

    // ---- what hides a credential

    private static String many(String value) {
        return IntStream.range(0, 200)
                .mapToObj(i -> "\"n" + i + "\":[\"" + value + "\"],")
                .collect(Collectors.joining());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "\"X-Api-Key\":[\"wrong\"] | 401",
                "\"x-api-key\":[\"wrong\"],\"X-Api-Key\":[\"wrong\"] | 40",
                "\"x-api-key\":[\"wrong\",\"wrong too\"] | 40",
                "\"Authorization\":[\"Bearer wrong\"] | 401",
                "\"Origin\":[\"https://evil.example\"] | 403",
                "\"origin\":[\"http://localhost\"],\"ORIGIN\":[\"https://evil.example\"] | 40"
            })
    void noNumberOfFieldsHidesOne(String field, String status) {
        assertThat(connect(many("v") + field, "")).startsWith("{\"statusCode\":" + status);
        assertThat(connect(many("v") + "\"Host\":[\"localhost\"]", "")).isEqualTo("{\"statusCode\":200}");
    }

    @Test
    void noNumberOfParametersHidesOne() {
        assertThat(connect("", many("v") + "\"token\":[\"wrong\"]")).startsWith("{\"statusCode\":401");
    }

    @Test
    void moreThanCanBeReadIsNotLeftOut() {
        String values = "\"v\"" + ",\"v\"".repeat(1_000);

        assertThatIllegalArgumentException().isThrownBy(() -> connect("\"a\":[" + values + "]", ""));
        assertThatIllegalArgumentException().isThrownBy(() -> connect("\"a\":1", ""));
        assertThatIllegalArgumentException().isThrownBy(() -> connect("\"a\":[1]", ""));
        assertThatIllegalArgumentException().isThrownBy(() -> connect("", "\"a\":\"v\""));
    }
}
