package io.topicstream.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.topicstream.testkit.RecordingAppend;
import io.topicstream.testkit.RecordingFollower;
import io.topicstream.testkit.RecordingLane;
import java.util.List;
import org.junit.jupiter.api.Test;

class HandOverTest {
    private static final TopicName TOPIC = new TopicName("room:1");
    private static final AppendResult GONE = new AppendResult.Unavailable("away");

    private final RecordingLane lane = RecordingLane.byHand("test");
    private final HandOverStack home = new HandOverStack();

    @Test
    void anErrorInTellingOneKeepsNobodyElseFromHearingAndIsThrownAfterwards() {
        HandOver handOver = new HandOver(home);
        RecordingAppend behind = RecordingAppend.to(TOPIC).message("1").on(lane);
        RecordingFollower listening = new RecordingFollower(TOPIC, lane);
        handOver.answer(failing(new StackOverflowError("the first")), GONE);
        handOver.answer(failing(new IllegalStateException("only logged")), GONE);
        handOver.answer(failing(new OutOfMemoryError("the second")), GONE);
        handOver.answer(behind, GONE);
        handOver.lost(listening);

        lane.enqueue(handOver);
        assertThatThrownBy(lane::drain).hasMessage("the first");

        assertThat(behind.answer()).isCompletedWithValue(GONE);
        assertThat(listening.lost()).isCompleted();
    }

    @Test
    void itGoesBackToItsEngineAlsoAfterAnError() {
        HandOver handOver = new HandOver(home);
        handOver.answer(failing(new StackOverflowError("planted")), GONE);

        assertThatThrownBy(handOver::run).isInstanceOf(StackOverflowError.class).hasMessage("planted");

        assertThat(home.takeAll()).isSameAs(handOver);
        assertThat(handOver.isEmpty()).isTrue();
    }

    private static Append failing(Throwable fault) {
        return new Append(
                TOPIC, List.of(new Draft(new byte[] {'1'}, null, null)), null, "", Append.ANY_OFFSET, Lane.DIRECT) {
            @Override
            public void onAnswered(AppendResult result) {
                switch (fault) {
                    case RuntimeException e -> throw e;
                    case Error e -> throw e;
                    default -> throw new AssertionError(fault);
                }
            }
        };
    }
}
