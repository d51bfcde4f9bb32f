package io.topicstream.testkit;

import static io.topicstream.testkit.LogContractFixture.ALL;
import static io.topicstream.testkit.LogContractFixture.TOPIC;
import static io.topicstream.testkit.LogContractFixture.assertUnbroken;
import static io.topicstream.testkit.LogContractFixture.get;
import static io.topicstream.testkit.LogContractFixture.offsets;
import static io.topicstream.testkit.LogContractFixture.payloads;
import static org.assertj.core.api.Assertions.assertThat;

import io.topicstream.log.Extent;
import io.topicstream.log.Page;
import io.topicstream.log.TopicExtent;
import java.util.List;
import org.junit.jupiter.api.Test;

/// What a trim takes away, and what it leaves as it was. A part of [TopicLogContract].
interface TrimContract extends ShortWays {
    @Test
    default void aTrimLetsGoOfEverythingBeforeTheOffset() {
        storeNumbers(TOPIC, 10);
        long epoch = extent(TOPIC).epoch();

        Extent after = get(log().trim(TOPIC, 4));

        assertThat(after).isEqualTo(new Extent(epoch, 4, 11));
        assertThat(extent(TOPIC)).isEqualTo(after);
        assertUnbroken(offsets(forward(TOPIC, 1, ALL).messages()), 4, 10);
        assertUnbroken(offsets(forward(TOPIC, 1, 2).messages()), 4, 5);
        assertUnbroken(offsets(backward(TOPIC, 5, ALL).messages()), 4, 5);
        assertThat(backward(TOPIC, 3, ALL)).isEqualTo(new Page(after, List.of()));
        assertThat(get(log().offsetAt(TOPIC, 0))).isEqualTo(4);
    }

    @Test
    default void aTrimInTheMiddleOfAnAppendHoldsToTheMessage() {
        storeNumbers(TOPIC, 90);

        for (long before : List.of(2L, 45L, 90L)) {
            get(log().trim(TOPIC, before));
            assertUnbroken(offsets(all(TOPIC)), before, 90);
            assertUnbroken(offsets(backward(TOPIC, 90, ALL).messages()), before, 90);
        }
    }

    @Test
    default void offsetsGoOnAfterATrimOfEverything() {
        storeNumbers(TOPIC, 3);

        Extent after = get(log().trim(TOPIC, Long.MAX_VALUE));

        assertThat(after.firstOffset()).isEqualTo(4);
        assertThat(after.nextOffset()).isEqualTo(4);
        assertThat(forward(TOPIC, 1, ALL)).isEqualTo(new Page(after, List.of()));
        assertThat(backward(TOPIC, 9, ALL)).isEqualTo(new Page(after, List.of()));
        assertThat(get(log().offsetAt(TOPIC, 0))).isEqualTo(4);
        assertThat(topics()).containsExactly(new TopicExtent(TOPIC, after));
        assertThat(stored(RecordingAppend.to(TOPIC).message("4").expecting(4).on(lane()))
                        .firstOffset())
                .isEqualTo(4);
        assertThat(payloads(all(TOPIC))).containsExactly("4");
    }

    @Test
    default void aTrimNeverBringsBackWhatIsGone() {
        storeNumbers(TOPIC, 10);
        Extent after = get(log().trim(TOPIC, 6));

        assertThat(get(log().trim(TOPIC, 3))).isEqualTo(after);
        assertThat(get(log().trim(TOPIC, 6))).isEqualTo(after);
        assertThat(get(log().trim(TOPIC, 0))).isEqualTo(after);
        assertThat(get(log().trim(TOPIC, -1))).isEqualTo(after);
    }
}
