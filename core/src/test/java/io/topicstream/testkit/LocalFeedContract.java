package io.topicstream.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.topicstream.log.AppendResult.Appended;
import io.topicstream.log.TopicName;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.Test;

/// What the feeds of engines in the server's own process keep beside [TopicFeedContract]: one
/// [io.topicstream.log.HandOver] carries everything that one commit has for a lane. A [TopicFeed] over a
/// network cannot, since answers and batches come on different connections.
public abstract class LocalFeedContract extends TopicFeedContract {

    @Test
    void theAnswerComesBeforeTheBatchAndInTheSameHandOver() {
        RecordingLane own = newLane();
        RecordingFollower follower = follow(TOPIC, own);
        get(follower.followed());

        for (int i = 1; i <= 20; i++) {
            stored(RecordingAppend.to(TOPIC).message(Integer.toString(i)).on(own));
        }
        awaitHeard(follower, 20);

        List<Heard> heard = own.heard().stream()
                .filter(what -> what instanceof Heard.Answered || what instanceof Heard.Committed)
                .toList();
        assertThat(heard).hasSize(40);
        for (int i = 0; i < heard.size(); i += 2) {
            Heard.Answered answered = (Heard.Answered) heard.get(i);
            Heard.Committed committed = (Heard.Committed) heard.get(i + 1);
            assertThat(((Appended) answered.result()).firstOffset())
                    .isEqualTo(committed.batch().firstOffset());
            assertThat(answered.handOver()).isEqualTo(committed.handOver());
        }
    }

    @Test
    void oneHandOverCarriesAllThatOneCommitHasForTheLane() throws Exception {
        List<RecordingLane> own = List.of(newLane(), newLane());
        List<TopicName> rooms = List.of(TOPIC, OTHER);
        List<Callable<Void>> tasks = new ArrayList<>();
        for (RecordingLane lane : own) {
            for (TopicName room : rooms) {
                get(follow(room, lane).followed());
            }
            tasks.add(() -> {
                List<RecordingAppend> appends = new ArrayList<>();
                for (int i = 0; i < 300; i++) {
                    RecordingAppend append =
                            RecordingAppend.to(rooms.get(i % 2)).message("1").on(lane);
                    appends.add(append);
                    submit(append);
                }
                appends.forEach(append -> get(append.answer()));
                return null;
            });
        }

        together(tasks);

        for (RecordingLane lane : own) {
            awaitUntil(
                    "both rooms are heard whole",
                    () -> lane.heard(Heard.Committed.class).stream()
                                    .mapToInt(heard -> heard.batch().messages().size())
                                    .sum()
                            == 600);
            // Where the message of each answer was heard, if its batch came in the same hand-over behind the answer.
            List<Heard> heard = lane.heard();
            int answers = 0;
            for (int i = 0; i < heard.size(); i++) {
                if (!(heard.get(i) instanceof Heard.Answered answered)) {
                    continue;
                }
                answers++;
                long offset = ((Appended) answered.result()).firstOffset();
                TopicName topic = answered.append().topic();
                List<Heard.Committed> in = heard.subList(i + 1, heard.size()).stream()
                        .takeWhile(later -> later.handOver() == answered.handOver())
                        .filter(Heard.Committed.class::isInstance)
                        .map(Heard.Committed.class::cast)
                        .filter(committed -> committed.follower().topic().equals(topic)
                                && committed.batch().firstOffset() <= offset
                                && offset < committed.batch().nextOffset())
                        .toList();
                assertThat(in)
                        .as("batch of offset %d of %s behind its answer", offset, topic)
                        .hasSize(1);
            }
            assertThat(answers).isEqualTo(300);
            // … and within a hand-over no answer stands behind a batch.
            for (int i = 1; i < heard.size(); i++) {
                if (heard.get(i) instanceof Heard.Answered && heard.get(i - 1) instanceof Heard.Committed committed) {
                    assertThat(heard.get(i).handOver()).isGreaterThan(committed.handOver());
                }
            }
        }
    }
}
