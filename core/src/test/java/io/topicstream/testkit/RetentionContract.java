package io.topicstream.testkit;

import static io.topicstream.testkit.LogContractFixture.ALL;
import static io.topicstream.testkit.LogContractFixture.OTHER;
import static io.topicstream.testkit.LogContractFixture.TOPIC;
import static io.topicstream.testkit.LogContractFixture.assertUnbroken;
import static io.topicstream.testkit.LogContractFixture.awaitUntil;
import static io.topicstream.testkit.LogContractFixture.get;
import static io.topicstream.testkit.LogContractFixture.offsets;
import static org.assertj.core.api.Assertions.assertThat;

import io.topicstream.log.AppendResult.Appended;
import io.topicstream.log.Extent;
import io.topicstream.log.Retention;
import io.topicstream.log.RetentionRules;
import io.topicstream.log.TopicName;
import io.topicstream.log.Trimmed;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;

/// Which messages end by themselves, and what stays as it was when they have. A part of [TopicLogContract].
///
/// An engine may act a little late, never early. Where a test says that something is still there, another topic shows
/// first that the engine has looked since.
interface RetentionContract extends ShortWays {
    /// Its messages end a second after they were published, so that it shows whether the engine has looked.
    TopicName PROBE = new TopicName("probe");

    Retention A_SECOND = Keeping.age(Duration.ofSeconds(1));

    @Test
    default void aTopicKeepsTheMessagesThatItsCountAllows() throws Exception {
        keep(Keeping.messages(5));

        publish(TOPIC, 5);
        probe();
        assertUnbroken(offsets(all(TOPIC)), 1, 5);

        publish(TOPIC, 1);
        awaitFirst(TOPIC, 2);
        publish(TOPIC, 10);
        awaitFirst(TOPIC, 12);
        assertUnbroken(offsets(all(TOPIC)), 12, 16);
        assertUnbroken(offsets(backward(TOPIC, 16, ALL).messages()), 12, 16);
        assertThat(get(log().offsetAt(TOPIC, 0))).isEqualTo(12);
        assertThat(trimmed().byCount()).isEqualTo(11);
    }

    @Test
    default void whatIsKeptIsNoLessThanTheCountAndAtMostOneBatchMore() throws Exception {
        keep(Keeping.messages(250));

        storeNumbers(TOPIC, 1000);

        awaitUntil("the front goes", () -> kept(extent(TOPIC)) < 350);
        probe();
        assertThat(kept(extent(TOPIC))).isBetween(250L, 349L);
        assertThat(all(TOPIC)).hasSize((int) kept(extent(TOPIC)));
    }

    @Test
    default void oneMessageIsKeptWhereOneIsAllowed() throws Exception {
        keep(Keeping.messages(1));

        publish(TOPIC, 3);

        awaitFirst(TOPIC, 3);
        assertUnbroken(offsets(all(TOPIC)), 3, 3);
    }

    @Test
    default void aTopicKeepsTheBytesThatAreAllowed() throws Exception {
        keep(Keeping.bytes(20_000));
        String large = "\"" + "x".repeat(1_000) + "\"";

        for (int i = 0; i < 15; i++) {
            store(TOPIC, large);
        }
        probe();
        assertThat(kept(extent(TOPIC))).isEqualTo(15);

        for (int i = 0; i < 60; i++) {
            store(TOPIC, large);
        }
        awaitUntil("the front goes", () -> kept(extent(TOPIC)) <= 20);
        probe();
        assertThat(kept(extent(TOPIC))).isBetween(14L, 20L);
        assertThat(trimmed().byBytes()).isEqualTo(75 - kept(extent(TOPIC)));
    }

    @Test
    default void aMessageThatIsLargerThanAllIsKeptUntilTheNext() throws Exception {
        keep(Keeping.bytes(1));

        store(TOPIC, "1");
        probe();
        assertUnbroken(offsets(all(TOPIC)), 1, 1);

        store(TOPIC, "2");
        awaitFirst(TOPIC, 2);
        assertUnbroken(offsets(all(TOPIC)), 2, 2);
    }

    @Test
    default void aMessageIsKeptUntilItIsAsOldAsItMayBe() throws Exception {
        keep(Keeping.age(Duration.ofSeconds(60)));
        publish(TOPIC, 2);
        engine().clock().advance(Duration.ofSeconds(30));
        publish(TOPIC, 2);

        advance(Duration.ofMillis(29_999));
        assertUnbroken(offsets(all(TOPIC)), 1, 4);

        engine().clock().advance(Duration.ofSeconds(1));
        awaitFirst(TOPIC, 3);
        assertUnbroken(offsets(all(TOPIC)), 3, 4);
        engine().clock().advance(Duration.ofSeconds(31));
        awaitFirst(TOPIC, 5);
        assertThat(trimmed()).isEqualTo(new Trimmed(4 + probed(), 0, 0));
    }

    @Test
    default void whereAllHasEndedOffsetsGoOn() throws Exception {
        keep(A_SECOND);
        publish(TOPIC, 3);
        long epoch = extent(TOPIC).epoch();
        engine().clock().advance(Duration.ofSeconds(2));
        awaitFirst(TOPIC, 4);

        assertThat(extent(TOPIC)).isEqualTo(new Extent(epoch, 4, 4));
        assertThat(forward(TOPIC, 1, ALL).messages()).isEmpty();
        assertThat(get(log().lastOffsetIn(TOPIC, epoch))).isEqualTo(3);
        assertThat(topics()).extracting(topic -> topic.topic()).contains(TOPIC);
        if (engine().survivesReopen()) {
            engine().reopen();
            assertThat(extent(TOPIC)).isEqualTo(new Extent(epoch, 4, 4));
            assertThat(get(log().lastOffsetIn(TOPIC, epoch))).isEqualTo(3);
        }
        Appended next =
                stored(RecordingAppend.to(TOPIC).message("4").expecting(4).on(lane()));
        assertThat(next.firstOffset()).isEqualTo(4);
        engine().clock().advance(Duration.ofSeconds(2));
        awaitFirst(TOPIC, 5);
    }

    @Test
    default void topicsThatNobodyTouchesEndToo() throws Exception {
        keep(A_SECOND);
        for (int i = 0; i < 200; i++) {
            store(new TopicName("idle:" + i), "1");
        }

        engine().clock().advance(Duration.ofSeconds(2));

        awaitUntil(
                "all have ended",
                () -> topics().stream().allMatch(topic -> topic.extent().isEmpty()));
        assertThat(topics()).hasSize(200).allMatch(topic -> topic.extent().nextOffset() == 2);
    }

    @Test
    default void theFirstLimitThatIsReachedEndsAMessage() throws Exception {
        keep(new Retention(10_000, 3, 1 << 20));

        publish(TOPIC, 5);
        awaitFirst(TOPIC, 3);
        engine().clock().advance(Duration.ofSeconds(11));
        awaitFirst(TOPIC, 6);

        assertThat(trimmed()).isEqualTo(new Trimmed(3, 2, 0));
    }

    @Test
    default void aClockThatIsSetBackOrStandsStillEndsNothing() throws Exception {
        keep(Keeping.age(Duration.ofMinutes(30)));
        publish(TOPIC, 1);

        engine().clock().advance(Duration.ofHours(-1));
        publish(TOPIC, 1);
        probe();
        assertUnbroken(offsets(all(TOPIC)), 1, 2);

        // The second one has the timestamp of the first: time does not go back within a topic.
        publish(OTHER, 1);
        engine().clock().advance(Duration.ofMinutes(40));
        awaitFirst(OTHER, 2);
        advance(Duration.ofMinutes(49));
        assertUnbroken(offsets(all(TOPIC)), 1, 2);
        publish(OTHER, 1);

        engine().clock().advance(Duration.ofMinutes(3));
        awaitFirst(TOPIC, 3);
        assertUnbroken(offsets(all(OTHER)), 2, 2);
        engine().clock().advance(Duration.ofMinutes(31));
        awaitFirst(OTHER, 3);
    }

    @Test
    default void aClockThatJumpsAheadEndsWhatIsTooOldByItAndNoMore() throws Exception {
        keep(Keeping.age(Duration.ofDays(2)));
        publish(TOPIC, 1);
        engine().clock().advance(Duration.ofDays(1));
        publish(TOPIC, 1);

        engine().clock().advance(Duration.ofDays(1));
        publish(TOPIC, 1);
        engine().clock().advance(Duration.ofHours(2));
        awaitFirst(TOPIC, 2);
        assertUnbroken(offsets(all(TOPIC)), 2, 3);

        // What was published while it was ahead is kept for the longer.
        engine().clock().advance(Duration.ofDays(-1));
        publish(TOPIC, 1);
        engine().clock().advance(Duration.ofDays(2).minusHours(1));
        awaitFirst(TOPIC, 3);
        probe();
        assertUnbroken(offsets(all(TOPIC)), 3, 4);
    }

    @Test
    default void otherRulesHoldFromTheNextStartOnForWhatIsThere() throws Exception {
        if (!engine().survivesReopen()) {
            return;
        }
        publish(TOPIC, 10);
        publish(OTHER, 10);
        engine().clock().advance(Duration.ofDays(1));
        publish(OTHER, 10);

        reopen(Map.of("room:1", Keeping.messages(4)));
        awaitFirst(TOPIC, 7);
        assertThat(extent(OTHER).firstOffset()).isEqualTo(1);

        reopen(Map.of("room:2", Keeping.age(Duration.ofHours(5)), "room:1", Retention.FOREVER));
        awaitFirst(OTHER, 11);
        publish(TOPIC, 10);
        assertUnbroken(offsets(all(TOPIC)), 7, 20);

        engine().reopen();
        engine().clock().advance(Duration.ofHours(7));
        awaitFirst(OTHER, 21);

        reopen(Map.of("room:", Retention.FOREVER));
        publish(OTHER, 1);
        advance(Duration.ofDays(400));
        assertUnbroken(offsets(all(OTHER)), 21, 21);
        assertUnbroken(offsets(all(TOPIC)), 7, 20);
    }

    @Test
    default void whereNothingIsSaidMessagesEndAfterThirtyDays() throws Exception {
        engine().reopenKeeping(new Keeping(Map.of(PROBE.value(), A_SECOND)));
        publish(TOPIC, 1);

        advance(Duration.ofDays(30).minusMinutes(1));
        assertUnbroken(offsets(all(TOPIC)), 1, 1);

        engine().clock().advance(Duration.ofHours(2));
        awaitFirst(TOPIC, 2);
    }

    @Test
    default void theIdOfAMessageThatHasEndedIsStillKnown() throws Exception {
        keep(Keeping.messages(1));
        Appended first = stored(RecordingAppend.to(TOPIC).message("1", "id").on(lane()));
        publish(TOPIC, 2);
        awaitFirst(TOPIC, 3);

        Appended repeat = stored(RecordingAppend.to(TOPIC).message("1", "id").on(lane()));

        assertThat(repeat.repeated()).isTrue();
        assertThat(repeat.firstOffset()).isEqualTo(first.firstOffset());
        assertThat(extent(TOPIC).nextOffset()).isEqualTo(4);
    }

    @Test
    default void aTrimByHandAndRetentionGoTogether() throws Exception {
        keep(new Retention(60_000, 5, Retention.UNLIMITED));
        publish(TOPIC, 20);
        awaitFirst(TOPIC, 16);

        assertThat(get(log().trim(TOPIC, 19)).firstOffset()).isEqualTo(19);
        publish(TOPIC, 4);
        awaitFirst(TOPIC, 20);
        assertThat(get(log().trim(TOPIC, 3)).firstOffset()).isEqualTo(20);
        assertThat(get(log().trim(TOPIC, Long.MAX_VALUE)).firstOffset()).isEqualTo(25);
        publish(TOPIC, 1);
        engine().clock().advance(Duration.ofSeconds(62));
        awaitFirst(TOPIC, 26);
    }

    // ---- short ways

    private void keep(Retention retention) throws Exception {
        reopen(Map.of("", retention));
    }

    private void reopen(Map<String, Retention> rules) throws Exception {
        Map<String, Retention> all = new java.util.HashMap<>(rules);
        all.put(PROBE.value(), A_SECOND);
        RetentionRules keeping = new Keeping(all);
        engine().reopenKeeping(keeping);
    }

    /// Each message in a commit of its own.
    private void publish(TopicName topic, int count) {
        for (int i = 0; i < count; i++) {
            store(topic, "0");
        }
    }

    /// Waits until the engine has looked for what is too much. Two seconds go by.
    private void probe() {
        store(PROBE, "0");
        long end = extent(PROBE).nextOffset();
        engine().clock().advance(Duration.ofSeconds(2));
        awaitFirst(PROBE, end);
    }

    /// Moves the clock, and waits until the engine has looked for what is too old by it.
    private void advance(Duration by) {
        engine().clock().advance(by.minusSeconds(2));
        probe();
    }

    private long probed() {
        return extent(PROBE).nextOffset() - 1;
    }

    private Trimmed trimmed() {
        return log().figures().trimmed();
    }

    private static long kept(Extent extent) {
        return extent.nextOffset() - extent.firstOffset();
    }

    private void awaitFirst(TopicName topic, long first) {
        awaitUntil(topic + " begins at " + first, () -> extent(topic).firstOffset() >= first);
        assertThat(extent(topic).firstOffset()).isEqualTo(first);
    }
}
