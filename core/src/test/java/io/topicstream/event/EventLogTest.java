package io.topicstream.event;

import static org.assertj.core.api.Assertions.assertThat;

import io.topicstream.connection.ConnectionInfo;
import io.topicstream.connection.OpenConnection;
import io.topicstream.log.Direction;
import io.topicstream.log.InMemoryLog;
import io.topicstream.log.Message;
import io.topicstream.log.TopicName;
import io.topicstream.signal.SystemTopics;
import io.topicstream.testkit.LogLines;
import io.topicstream.testkit.ManualClock;
import io.topicstream.testkit.SteppedExecutor;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

class EventLogTest {
    private static final TopicName LOBBY = new TopicName("room:lobby");

    private final ManualClock clock = new ManualClock();
    private final SteppedExecutor loop = new SteppedExecutor(clock);
    private final InMemoryLog log = new InMemoryLog(clock, loop, 1);

    private record Connection(String connectionId) implements OpenConnection {
        @Override
        public boolean post(byte[] text) {
            return false;
        }

        @Override
        public ConnectionInfo info() {
            return new ConnectionInfo(connectionId, "ann", "192.0.2.1", 1_000, 2_000);
        }

        @Override
        public String stage() {
            return "v1";
        }

        @Override
        public void close(int code, String reason) {}
    }

    private List<Message> messages(TopicName topic) {
        loop.runAll();
        var asked = log.read(topic, 1, Direction.FORWARD, 100, 1_000_000).toCompletableFuture();
        loop.runAll();
        return asked.join().messages();
    }

    private List<String> written(TopicName topic) {
        return messages(topic).stream()
                .map(Message::json)
                .map(json -> new String(json, StandardCharsets.UTF_8))
                .toList();
    }

    @Test
    void connectionsAreWrittenDownWithoutTheirAddresses() {
        EventLog events = new EventLog(log, false, clock);
        events.want(true, false);

        events.opened(new Connection("c1"));
        events.closed(new Connection("c1"), 1001, "going \"away\"");
        events.joined(LOBBY, "ann");

        assertThat(written(SystemTopics.CONNECTION_EVENTS))
                .containsExactly(
                        "{\"type\":\"io.topicstream.connection.opened\",\"source\":\"/connections\",\"subject\":\"c1\","
                                + "\"data\":{\"connection_id\":\"c1\",\"stage\":\"v1\",\"user\":\"ann\","
                                + "\"connected_at\":1000}}",
                        "{\"type\":\"io.topicstream.connection.closed\",\"source\":\"/connections\",\"subject\":\"c1\","
                                + "\"data\":{\"connection_id\":\"c1\",\"stage\":\"v1\",\"user\":\"ann\","
                                + "\"connected_at\":1000,\"code\":1001,\"reason\":\"going \\\"away\\\"\"}}");
        assertThat(written(SystemTopics.PRESENCE_EVENTS)).isEmpty();
    }

    @Test
    void addressesAreThereWhereTheyAreWanted() {
        EventLog events = new EventLog(log, true, clock);
        events.want(true, true);

        events.opened(new Connection("c1"));
        events.joined(LOBBY, "ann");
        events.left(LOBBY, "ann");

        assertThat(written(SystemTopics.CONNECTION_EVENTS))
                .hasSize(1)
                .allMatch(event -> event.contains("\"address\":\"192.0.2.1\""));
        assertThat(written(SystemTopics.PRESENCE_EVENTS))
                .containsExactly(
                        "{\"type\":\"io.topicstream.presence.joined\",\"source\":\"/topics/room:lobby\","
                                + "\"subject\":\"ann\",\"data\":{\"topic\":\"room:lobby\",\"user\":\"ann\"}}",
                        "{\"type\":\"io.topicstream.presence.left\",\"source\":\"/topics/room:lobby\","
                                + "\"subject\":\"ann\",\"data\":{\"topic\":\"room:lobby\",\"user\":\"ann\"}}");
    }

    @Test
    void anEventIsFromTheUserWhomItNamesSoThatAnErasureFindsIt() {
        EventLog events = new EventLog(log, false, clock);
        events.want(true, true);

        events.opened(new Connection("c1"));
        events.joined(LOBBY, "bob");

        assertThat(messages(SystemTopics.CONNECTION_EVENTS))
                .extracting(Message::from)
                .containsExactly("ann");
        assertThat(messages(SystemTopics.PRESENCE_EVENTS))
                .extracting(Message::from)
                .containsExactly("bob");
    }

    @Test
    void whatNobodyWantsIsNotWritten() {
        EventLog events = new EventLog(log, true, clock);

        events.opened(new Connection("c1"));
        events.joined(LOBBY, "ann");

        assertThat(written(SystemTopics.CONNECTION_EVENTS)).isEmpty();
        assertThat(written(SystemTopics.PRESENCE_EVENTS)).isEmpty();
    }

    @Test
    void whatTheLogHasNoRoomForIsLostAndSaidOnce() {
        EventLog events = new EventLog(log, false, clock);
        events.want(true, false);
        Connection connection = new Connection("c1");
        try (LogLines lines = new LogLines()) {
            for (int i = 0; i < EventLog.MOST_WAITING; i++) {
                events.opened(connection);
            }
            assertThat(events.lost()).isZero();
            events.opened(connection);
            events.opened(connection);
            assertThat(events.lost()).isEqualTo(2);
            loop.runAll();
            events.opened(connection);
            assertThat(events.lost()).isEqualTo(2);
            log.close();
            events.opened(connection);

            assertThat(events.lost()).isGreaterThanOrEqualTo(3);
            assertThat(lines.with("the log has no room for what happens")).hasSize(1);
        }
    }
}
