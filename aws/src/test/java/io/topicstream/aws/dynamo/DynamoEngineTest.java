package io.topicstream.aws.dynamo;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.topicstream.log.Admission;
import io.topicstream.log.AppendResult;
import io.topicstream.log.LogUnavailableException;
import io.topicstream.log.TopicName;
import io.topicstream.state.StateRecord;
import io.topicstream.state.StateStore;
import io.topicstream.testkit.RecordingAppend;
import io.topicstream.testkit.RecordingLane;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// The engine as a whole: what one of its tables has, and how it ends.
@Timeout(120)
class DynamoEngineTest {
    private static final TopicName TOPIC = new TopicName("room:1");

    private final DynamoTable table = Dynoxide.get().table();

    private static <T> T get(CompletionStage<T> stage) throws Exception {
        return stage.toCompletableFuture().get(30, TimeUnit.SECONDS);
    }

    private static byte[] value(StateRecord found) {
        return found == null ? null : found.value();
    }

    @Test
    void theLogAndBothStatesShareATableAndNothingElse() throws Exception {
        try (RecordingLane lane = RecordingLane.threaded("engine");
                DynamoEngine one = DynamoEngine.open(table, DynamoOptions.DEFAULTS);
                DynamoEngine other = DynamoEngine.open(table, DynamoOptions.DEFAULTS)) {
            RecordingAppend append = RecordingAppend.to(TOPIC).message("1").on(lane);
            one.log().append(append);
            assertThat(get(append.answer())).isInstanceOf(AppendResult.Appended.class);
            get(one.state().put("p", "k", "kept".getBytes(UTF_8), StateStore.ANY_VERSION, StateStore.NEVER));
            get(one.stateOfNodes().put("p", "k", "node".getBytes(UTF_8), StateStore.ANY_VERSION, StateStore.NEVER));

            assertThat(get(other.log().extent(TOPIC)).nextOffset()).isEqualTo(2);
            assertThat(value(get(other.state().get("p", "k")))).asString(UTF_8).isEqualTo("kept");
            assertThat(value(get(other.stateOfNodes().get("p", "k"))))
                    .asString(UTF_8)
                    .isEqualTo("node");
        }
    }

    @Test
    void aNewEpochIsAboveTheOneBefore() throws Exception {
        long before;
        try (DynamoEngine engine = DynamoEngine.open(table, DynamoOptions.DEFAULTS)) {
            before = get(engine.log().extent(TOPIC)).epoch();
        }

        try (DynamoEngine engine = DynamoEngine.openInNewEpoch(table, DynamoOptions.DEFAULTS)) {
            assertThat(get(engine.log().extent(TOPIC)).epoch()).isGreaterThan(before);
        }
    }

    @Test
    void afterItsEndItTakesNothing() throws Exception {
        DynamoEngine engine = DynamoEngine.open(table, DynamoOptions.DEFAULTS);

        engine.close();

        try (RecordingLane lane = RecordingLane.threaded("engine")) {
            assertThat(engine.log()
                            .append(RecordingAppend.to(TOPIC).message("1").on(lane)))
                    .isEqualTo(Admission.REFUSED);
        }
        assertThatThrownBy(() -> get(engine.log().extent(TOPIC))).hasCauseInstanceOf(LogUnavailableException.class);
        assertThatThrownBy(() -> get(engine.state().get("p", "k"))).hasCauseInstanceOf(LogUnavailableException.class);
        assertThatThrownBy(() -> get(engine.stateOfNodes().get("p", "k")))
                .hasCauseInstanceOf(LogUnavailableException.class);
    }
}
