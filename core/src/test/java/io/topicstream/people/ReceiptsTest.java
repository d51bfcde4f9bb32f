package io.topicstream.people;

import static org.assertj.core.api.Assertions.assertThat;

import io.topicstream.log.TopicName;
import io.topicstream.people.Receipts.Behind;
import io.topicstream.people.Receipts.BehindPage;
import io.topicstream.protocol.Query;
import io.topicstream.testkit.Seeds;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ReceiptsTest {
    private static final TopicName CHAT = new TopicName("dm:ann~bob");
    private static final TopicName ROOM = new TopicName("room:r");
    private static final long NOT_GIVEN = Query.NOT_GIVEN;

    private final ReceiptsFixture fixture = new ReceiptsFixture();
    private final Receipts receipts = fixture.receipts;

    private void ack(TopicName topic, String user, long delivered, long read) {
        fixture.answer(receipts.take(user, topic, new Progress(delivered, read), true));
    }

    @ParameterizedTest
    @CsvSource({
        // delivered, read, then what is stored
        "3, -1, 3, 0",
        "-1, 3, 3, 3",
        "2, 4, 4, 4",
        "4, 2, 4, 2",
        "0, 0, 0, 0",
        "5, 5, 5, 5",
        "6, -1, 5, 0",
        "-1, 9223372036854775807, 5, 5"
    })
    void whatWasReadHasArrivedAndNothingIsPastTheEnd(long delivered, long read, long storedDelivered, long storedRead) {
        fixture.publish(CHAT, 5);

        ack(CHAT, "ann", delivered, read);

        assertThat(fixture.stored("ann", CHAT)).isEqualTo(new Progress(storedDelivered, storedRead));
        assertThat(fixture.stored("bob", CHAT)).isEqualTo(new Progress(0, 0));
    }

    @Test
    void theyOnlyGoUp() {
        fixture.publish(CHAT, 5);
        ack(CHAT, "ann", 4, 2);

        ack(CHAT, "ann", 3, 1);
        assertThat(fixture.stored("ann", CHAT)).isEqualTo(new Progress(4, 2));
        ack(CHAT, "ann", NOT_GIVEN, 3);
        assertThat(fixture.stored("ann", CHAT)).isEqualTo(new Progress(4, 3));
        ack(CHAT, "ann", 5, NOT_GIVEN);
        assertThat(fixture.stored("ann", CHAT)).isEqualTo(new Progress(5, 3));
    }

    @Test
    void whatIsStoredAlreadyIsNeitherWrittenNorToldAgain() {
        fixture.publish(CHAT, 5);
        ack(CHAT, "ann", 4, 2);
        assertThat(fixture.advances).isEqualTo(3);
        assertThat(fixture.told).containsExactly("dm:ann~bob ann 4 2");

        ack(CHAT, "ann", 4, 2);
        ack(CHAT, "ann", 1, 1);
        assertThat(fixture.advances).isEqualTo(3);
        assertThat(fixture.told).hasSize(1);

        ack(CHAT, "ann", NOT_GIVEN, 3);
        assertThat(fixture.advances).isEqualTo(4);
        assertThat(fixture.told).containsExactly("dm:ann~bob ann 4 2", "dm:ann~bob ann -1 3");
    }

    @Test
    void twoNodesAtOnceLeaveTheHighest() {
        long seed = Seeds.next("receipts of two nodes");
        Random random = new Random(seed);
        for (int round = 0; round < 100; round++) {
            ReceiptsFixture both = new ReceiptsFixture(random);
            both.publish(CHAT, 9);
            List<Receipts> nodes = List.of(both.receipts, both.node());
            List<CompletionStage<?>> acks = new ArrayList<>();
            long delivered = 0;
            long read = 0;
            for (int i = 0; i < 6; i++) {
                Progress acked = new Progress(random.nextInt(10), random.nextInt(10));
                delivered = Math.max(delivered, Math.max(acked.delivered(), acked.read()));
                read = Math.max(read, acked.read());
                acks.add(nodes.get(i % 2).take("ann", CHAT, acked, true));
            }
            acks.forEach(both::answer);

            assertThat(both.stored("ann", CHAT)).as("seed " + seed).isEqualTo(new Progress(delivered, read));
        }
    }

    @Test
    void theAudienceOfARoomIsToldWhileItIsSmall() {
        fixture.publish(ROOM, 5);
        fixture.publish(new TopicName("t"), 5);
        for (int i = 0; i < Receipts.MOST_TOLD; i++) {
            fixture.presence.enter(ROOM, "u" + i);
        }
        ack(ROOM, "u1", 1, NOT_GIVEN);
        assertThat(fixture.told).containsExactly("room:r u1 1 -1");

        fixture.presence.enter(ROOM, "one more");
        ack(ROOM, "u1", 2, NOT_GIVEN);
        ack(new TopicName("t"), "u1", 2, NOT_GIVEN);
        assertThat(fixture.told).hasSize(1);
        assertThat(fixture.stored("u1", ROOM)).isEqualTo(new Progress(2, 0));
    }

    @Test
    void aUsersTopicsComeInPagesEachOnce() {
        List<TopicName> topics = List.of(
                new TopicName("a"),
                new TopicName("a+b"),
                new TopicName("a.d"),
                new TopicName("ab"),
                new TopicName("b"));
        for (TopicName topic : topics) {
            fixture.publish(topic, 1);
        }
        ack(topics.get(0), "ann", 1, 1);
        ack(topics.get(1), "ann", 1, NOT_GIVEN);
        ack(topics.get(2), "ann", 1, 1);
        ack(topics.get(3), "ann", 1, NOT_GIVEN);
        ack(topics.get(4), "ann", 1, 1);

        for (int limit = 1; limit <= 6; limit++) {
            List<TopicName> found = new ArrayList<>();
            Receipts.Page page = fixture.answer(receipts.topics("ann", "", limit));
            found.addAll(page.topics());
            while (!page.isLast()) {
                page = fixture.answer(
                        receipts.topics("ann", page.topics().getLast().value(), limit));
                assertThat(page.topics()).hasSizeLessThanOrEqualTo(limit);
                found.addAll(page.topics());
            }
            assertThat(found).as("by " + limit).isEqualTo(topics);
        }
        assertThat(fixture.answer(receipts.topics("bob", "", 10)).topics()).isEmpty();
    }

    @Test
    void whoHasNotReceivedAMessageIsAskedOfTheTopic() {
        fixture.publish(ROOM, 5);
        ack(ROOM, "ann", 5, 5);
        ack(ROOM, "bob", 4, 4);
        ack(ROOM, "cy", 5, NOT_GIVEN);
        ack(ROOM, "dan", 1, NOT_GIVEN);

        assertThat(fixture.answer(receipts.behind(ROOM, 5, "", 10)))
                .isEqualTo(new BehindPage(List.of(new Behind("bob", 4), new Behind("dan", 1)), null));
        assertThat(fixture.answer(receipts.behind(ROOM, 5, "", 2)))
                .isEqualTo(new BehindPage(List.of(new Behind("bob", 4)), "bob"));
        assertThat(fixture.answer(receipts.behind(ROOM, 5, "bob", 2)))
                .isEqualTo(new BehindPage(List.of(new Behind("dan", 1)), null));
        assertThat(fixture.answer(receipts.behind(ROOM, 1, "", 10)).behind()).isEmpty();
        assertThat(fixture.answer(receipts.isKnown(ROOM, "dan"))).isTrue();
        assertThat(fixture.answer(receipts.isKnown(ROOM, "eve"))).isFalse();
    }
}
