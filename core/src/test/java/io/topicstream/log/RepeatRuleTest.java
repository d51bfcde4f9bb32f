package io.topicstream.log;

import static org.assertj.core.api.Assertions.assertThat;

import io.topicstream.testkit.RecordingAppend;
import io.topicstream.testkit.RecordingLane;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class RepeatRuleTest {
    private static final TopicName TOPIC = new TopicName("room:1");
    private static final long EPOCH = 3;
    private static final long TIMESTAMP = 1_700_000_000_000L;

    private final RecordingLane lane = RecordingLane.byHand("test");
    private final Map<String, RepeatRule.Known> ids = new HashMap<>();

    /// Keeps the payloads themselves, where an engine keeps a hash.
    private record Kept(long epoch, long offset, long timestamp, int count, List<String> payloads)
            implements RepeatRule.Known {
        @Override
        public boolean isOf(List<Draft> drafts, int from) {
            return payloads.equals(payloadsOf(drafts, from, count));
        }
    }

    private static List<String> payloadsOf(List<Draft> drafts, int from, int count) {
        List<String> payloads = new ArrayList<>();
        for (Draft draft : drafts.subList(from, from + count)) {
            payloads.add(Arrays.toString(draft.payload()));
        }
        return payloads;
    }

    /// An append of messages, each written as `payload` or `payload/id`.
    private RecordingAppend append(String... messages) {
        RecordingAppend.Builder append = RecordingAppend.to(TOPIC);
        for (String message : messages) {
            String[] parts = message.split("/", 2);
            append.message(parts[0], parts.length == 1 ? null : parts[1]);
        }
        return append.on(lane);
    }

    /// Keeps what an engine would keep of an append that was stored from the offset on.
    private void store(long offset, String... messages) {
        List<Draft> drafts = append(messages).drafts();
        for (int i = 0; i < drafts.size(); i++) {
            String id = drafts.get(i).messageId();
            if (id != null) {
                int count = RepeatRule.countAt(drafts, i);
                ids.put(id, new Kept(EPOCH, offset + i, TIMESTAMP + offset, count, payloadsOf(drafts, i, count)));
            }
        }
    }

    private AppendResult resultOf(String... messages) {
        RecordingAppend append = append(messages);
        return RepeatRule.resultOf(
                append, index -> ids.get(append.drafts().get(index).messageId()));
    }

    private static AppendResult repeated(long first, long last) {
        return new AppendResult.Appended(EPOCH, first, last, TIMESTAMP + first, true);
    }

    @Test
    void anAppendWhoseIdsAreNewIsNoRepeat() {
        store(1, "1/a");

        assertThat(resultOf("1/b")).isNull();
        assertThat(resultOf("1/b", "2", "3/c")).isNull();
        assertThat(resultOf("1")).isNull();
    }

    @Test
    void aRepeatIsAnsweredAsTheFirst() {
        store(7, "1/a");

        assertThat(resultOf("1/a")).isEqualTo(repeated(7, 7));
    }

    @Test
    void anIdStandsForTheDraftsBehindItThatHaveNone() {
        store(7, "1/a", "2", "3");

        assertThat(resultOf("1/a", "2", "3")).isEqualTo(repeated(7, 9));
        assertThat(resultOf("1/a")).as("the first of them alone").isEqualTo(new AppendResult.IdConflict());
        assertThat(resultOf("1/a", "2")).isEqualTo(new AppendResult.IdConflict());
        assertThat(resultOf("1/a", "2", "3", "4")).isEqualTo(new AppendResult.IdConflict());
    }

    @Test
    void idsOnAllOfManyMakeEachRepeatableAlone() {
        store(7, "1/a", "2/b", "3/c");

        assertThat(resultOf("1/a", "2/b", "3/c")).isEqualTo(repeated(7, 9));
        assertThat(resultOf("2/b")).isEqualTo(new AppendResult.Appended(EPOCH, 8, 8, TIMESTAMP + 7, true));
        assertThat(resultOf("2/b", "3/c")).isEqualTo(new AppendResult.Appended(EPOCH, 8, 9, TIMESTAMP + 7, true));
    }

    @Test
    void appendsThatWereStoredBehindEachOtherMayBeRepeatedAsOne() {
        store(7, "1/a", "2");
        store(9, "3/b");

        assertThat(resultOf("1/a", "2", "3/b")).isEqualTo(repeated(7, 9));
    }

    @Test
    void anotherPayloadIsAConflict() {
        store(7, "1/a", "2");

        assertThat(resultOf("5/a", "2")).isEqualTo(new AppendResult.IdConflict());
        assertThat(resultOf("1/a", "5")).isEqualTo(new AppendResult.IdConflict());
    }

    @Test
    void whatIsKnownOnlyInPartIsAConflict() {
        store(7, "1/a");

        assertThat(resultOf("1/a", "2/b")).as("a new one behind").isEqualTo(new AppendResult.IdConflict());
        assertThat(resultOf("2/b", "1/a")).as("a new one in front").isEqualTo(new AppendResult.IdConflict());
        assertThat(resultOf("2", "1/a")).as("one without an id in front").isEqualTo(new AppendResult.IdConflict());
    }

    @Test
    void anotherOrderOrAMessageBetweenThemIsAConflict() {
        store(7, "1/a");
        store(9, "2/b");

        assertThat(resultOf("1/a", "2/b")).as("8 stands between them").isEqualTo(new AppendResult.IdConflict());
        assertThat(resultOf("2/b", "1/a")).isEqualTo(new AppendResult.IdConflict());
    }

    @Test
    void anAppendMayNotGiveOneIdTwice() {
        assertThat(RepeatRule.givesOneIdTwice(append("1/a"))).isFalse();
        assertThat(RepeatRule.givesOneIdTwice(append("1/a", "2", "3", "4/b"))).isFalse();
        assertThat(RepeatRule.givesOneIdTwice(append("1/a", "2", "3/a"))).isTrue();
    }

    @Test
    void anAppendWithoutIdsIsSeenAtOnce() {
        assertThat(RepeatRule.hasId(append("1", "2"))).isFalse();
        assertThat(RepeatRule.hasId(append("1", "2/a"))).isTrue();
    }
}
