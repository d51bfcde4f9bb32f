package io.topicstream.people;

import static io.topicstream.people.PresenceNodesFixture.who;
import static org.assertj.core.api.Assertions.assertThat;

import io.topicstream.log.TopicName;
import io.topicstream.people.PresenceNodesFixture.Server;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/// Who is told, as events, of those who join and leave.
class PresenceEventsTest {
    private static final TopicName TOPIC = new TopicName("t");
    /// A room may have an owner, so it is looked up what holds for it.
    private static final TopicName ROOM = new TopicName("room:lobby");

    private final PresenceNodesFixture nodes = new PresenceNodesFixture(Duration.ofSeconds(3), 1);
    private final Server server = nodes.start();

    private void enter(TopicName topic, String connection, String user) {
        server.presence.opened(who(connection, user));
        server.presence.enter(topic, who(connection, user));
    }

    private void leave(TopicName topic, String connection, String user) {
        server.presence.leave(topic, who(connection, user));
    }

    @Test
    void aUserOnTwoDevicesJoinsAndLeavesOnce() {
        enter(TOPIC, "c1", "ann");
        enter(TOPIC, "c2", "ann");
        leave(TOPIC, "c1", "ann");
        nodes.settle();
        assertThat(server.events()).containsExactly("t +ann");

        leave(TOPIC, "c2", "ann");
        nodes.settle();
        assertThat(server.events()).containsExactly("t -ann");
    }

    @Test
    void whoIsTheFirstInARoomHasJoinedIt() {
        enter(ROOM, "c1", "ann");
        nodes.settle();

        assertThat(server.events()).containsExactly("room:lobby +ann");
    }

    @Test
    void whoComesAndGoesBeforeTheRoomIsKnownHasJoinedAndLeft() {
        nodes.isDurableStill = true;
        enter(ROOM, "c1", "ann");
        nodes.settle();
        enter(ROOM, "c2", "bob");
        leave(ROOM, "c1", "ann");
        nodes.settle();
        assertThat(server.events()).isEmpty();

        nodes.isDurableStill = false;
        nodes.settle();
        assertThat(server.events()).containsExactly("room:lobby +ann", "room:lobby -ann", "room:lobby +bob");
    }

    @Test
    void aRoomThatIsEmptyAgainIsLookedUpForThoseWhoWereThere() {
        nodes.isDurableStill = true;
        enter(ROOM, "c1", "ann");
        nodes.settle();
        leave(ROOM, "c1", "ann");
        // The store has not answered for so long that the question is asked anew.
        nodes.pass(Duration.ofSeconds(20));
        assertThat(server.events()).isEmpty();

        nodes.isDurableStill = false;
        nodes.pass(Duration.ofSeconds(5));
        assertThat(server.events()).containsExactly("room:lobby +ann", "room:lobby -ann");
    }

    @Test
    void whoComesAndGoesManyTimesMeanwhileIsToldOfAsHeIs() {
        nodes.isDurableStill = true;
        for (int i = 0; i < 100; i++) {
            enter(ROOM, "c1", "ann");
            nodes.settle();
            leave(ROOM, "c1", "ann");
            nodes.settle();
        }
        enter(ROOM, "c1", "ann");
        nodes.settle();

        nodes.isDurableStill = false;
        nodes.settle();
        assertThat(server.events())
                .hasSizeBetween(1, 17)
                .startsWith("room:lobby +ann")
                .endsWith("room:lobby +ann");
    }

    @Test
    void whereOnlyNumbersAreToldNobodyIsNamed() {
        enter(new TopicName("hall"), "c1", "ann");
        enter(new TopicName("room:hall"), "c1", "ann");
        leave(new TopicName("room:hall"), "c1", "ann");
        nodes.settle();

        assertThat(server.events()).isEmpty();
    }
}
