package io.topicstream.aws.audience;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.topicstream.aws.audience.Task.Place;
import io.topicstream.log.Extent;
import io.topicstream.log.TopicExtent;
import io.topicstream.log.TopicName;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class TaskCodecTest {
    private static final TopicName TOPIC = new TopicName("room:tea");
    private static final TopicName OTHER = new TopicName("dm:ann~bob");
    private static final Place PLACE = new Place(TOPIC, 3, 1_700_000_000L, 42, Long.MAX_VALUE);

    private final TaskCodec codec = new TaskCodec();

    static Stream<Task> tasks() {
        return Stream.of(
                new Task.Greet("c=", List.of(), List.of()),
                new Task.Greet(
                        "c\"\\é=",
                        List.of(
                                new TopicExtent(TOPIC, new Extent(1_700_000_000L, 7, 42)),
                                new TopicExtent(OTHER, Extent.empty(0))),
                        List.of(PLACE, new Place(OTHER, 0, 0, 1, 1))),
                new Task.Deliver(TOPIC, 0),
                new Task.CatchUp(TOPIC, 65_535, "c"),
                new Task.Begin("c", PLACE),
                new Task.Forget("c", "ann", List.of(TOPIC, OTHER)),
                new Task.Forget("c", null, List.of()));
    }

    @ParameterizedTest
    @MethodSource("tasks")
    void aTaskIsUnderstoodAsItWasSaid(Task task) {
        byte[] said = TaskCodec.encode(task, TaskCodec.AT_ONCE);

        assertThat(TaskCodec.isTask(said)).isTrue();
        assertThat(codec.decode(said)).isEqualTo(task);
        assertThat(codec.notBeforeMs()).isEqualTo(TaskCodec.AT_ONCE);
    }

    @Test
    void aSignalIsSaidByteForByte() {
        byte[] signal = {0, 1, -1, 127, -128};

        Task task = codec.decode(TaskCodec.encode(new Task.Say(TOPIC, 2, signal), TaskCodec.AT_ONCE));

        assertThat(task).isInstanceOfSatisfying(Task.Say.class, said -> {
            assertThat(said.topic()).isEqualTo(TOPIC);
            assertThat(said.shard()).isEqualTo(2);
            assertThat(said.signal()).isEqualTo(signal);
        });
    }

    @Test
    void aTaskSaysUntilWhenItIsToWait() {
        byte[] said = TaskCodec.encode(new Task.Deliver(TOPIC, 1), 1_795_000_000_123L);

        assertThat(codec.decode(said)).isEqualTo(new Task.Deliver(TOPIC, 1));
        assertThat(codec.notBeforeMs()).isEqualTo(1_795_000_000_123L);
    }

    @Test
    void anEventOfAGatewayIsNoTask() {
        assertThat(TaskCodec.isTask("{\"requestContext\":{}}".getBytes(UTF_8))).isFalse();
        assertThat(TaskCodec.isTask(new byte[0])).isFalse();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "{\"task\":",
                "{\"task\":1}",
                "{\"task\":\"dance\"}",
                "{\"task\":\"deliver\",\"topic\":\"t\"}",
                "{\"task\":\"deliver\",\"topic\":\"t\",\"shard\":\"0\"}",
                "{\"task\":\"deliver\",\"topic\":\"no topic\",\"shard\":0}",
                "{\"task\":\"deliver\",\"topic\":\"t\",\"shard\":0,\"requestContext\":{}}",
                "{\"task\":\"say\",\"topic\":\"t\",\"shard\":0,\"signal\":\"*\"}",
                "{\"task\":\"begin\",\"connection\":\"c\",\"places\":[]}",
                "{\"task\":\"greet\",\"connection\":\"c\",\"subscriptions\":[],\"places\":[1]}",
                "{\"task\":\"forget\",\"connection\":\"c\",\"user\":\"u\"}"
            })
    void whatIsNoTaskIsRefused(String text) {
        assertThatIllegalArgumentException().isThrownBy(() -> codec.decode(text.getBytes(UTF_8)));
    }
}
