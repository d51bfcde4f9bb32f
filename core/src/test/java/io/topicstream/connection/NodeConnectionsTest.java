package io.topicstream.connection;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.topicstream.connection.Connections.Answer;
import io.topicstream.connection.Connections.Outcome;
import io.topicstream.log.Deadlines;
import io.topicstream.log.InMemoryLog;
import io.topicstream.state.InMemoryStateStore;
import io.topicstream.testkit.Faults;
import io.topicstream.testkit.FaultyLog;
import io.topicstream.testkit.ManualClock;
import io.topicstream.testkit.SteppedExecutor;
import io.topicstream.testkit.SteppedLane;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// Two nodes of two lanes each, that share an engine and speak to each other through it.
class NodeConnectionsTest {
    private static final byte[] KEY = new byte[32];

    private final ManualClock clock = new ManualClock();
    private final SteppedExecutor engine = new SteppedExecutor(clock);
    private final InMemoryLog memory = new InMemoryLog(clock, engine, 7);
    private final InMemoryStateStore leases = new InMemoryStateStore(clock, engine);
    private final Random random = new Random(5);
    private final Server first = new Server();
    private final Server second = new Server();

    @BeforeEach
    void start() {
        settle();
    }

    private final class Server {
        final FaultyLog log = new FaultyLog(memory, random, engine, Faults.NONE);
        final SteppedExecutor loop = new SteppedExecutor(clock);
        final NodeTag tag = get(NodeTag.lease(leases, clock, random));
        final List<LaneConnections> lanes = new ArrayList<>();
        final NodeConnections connections;
        boolean ended;

        Server() {
            SteppedLane lane = new SteppedLane(log, log, loop);
            Executor thread = task -> {
                if (ended) {
                    throw new RejectedExecutionException("the loop has ended");
                }
                loop.execute(task);
            };
            for (int i = 0; i < 2; i++) {
                lanes.add(new LaneConnections(
                        new ConnectionIds(tag::tag, i, KEY, random), thread, new Deadlines(loop, loop), i));
            }
            connections = new NodeConnections(tag, lanes, log, tag::isHeld, lane.source());
            connections.start();
        }
    }

    private static final class Client implements OpenConnection {
        private final LaneConnections lane;
        private final String id;
        private final List<String> heard = new ArrayList<>();
        private boolean takes = true;

        Client(Server server, int lane) {
            this.lane = server.lanes.get(lane);
            this.id = this.lane.nextId();
            this.lane.add(this);
        }

        void end() {
            lane.remove(this, 1006, "");
        }

        @Override
        public String connectionId() {
            return id;
        }

        @Override
        public boolean post(byte[] text) {
            if (takes) {
                heard.add(new String(text, UTF_8));
            }
            return takes;
        }

        @Override
        public ConnectionInfo info() {
            return new ConnectionInfo(id, "änn", "192.0.2.7", 1_000, 2_000);
        }

        @Override
        public void close(int code, String reason) {
            heard.add(code + " " + reason);
            lane.remove(this, code, reason);
        }
    }

    private void settle() {
        for (int i = 0; i < 10; i++) {
            engine.runAll();
            first.loop.runAll();
            second.loop.runAll();
        }
    }

    private <T> T get(CompletionStage<T> stage) {
        engine.runAll();
        return stage.toCompletableFuture().join();
    }

    private Answer answer(CompletionStage<Answer> stage) {
        settle();
        assertThat(stage.toCompletableFuture()).as("an answer").isDone();
        return stage.toCompletableFuture().join();
    }

    private Outcome post(Server asking, String id) {
        return answer(asking.connections.post(id, "\"hé\"".getBytes(UTF_8))).outcome();
    }

    @Test
    void aPostReachesAConnectionOnEachLaneOfEachNode() {
        for (Server server : List.of(first, second)) {
            for (int lane = 0; lane < 2; lane++) {
                Client client = new Client(server, lane);
                assertThat(post(first, client.id)).isEqualTo(Outcome.DONE);
                assertThat(post(second, client.id)).isEqualTo(Outcome.DONE);
                assertThat(client.heard).containsExactly("\"hé\"", "\"hé\"");
            }
        }
    }

    @Test
    void whatIsToldOfAConnectionIsTheSameEverywhere() {
        Client client = new Client(second, 1);
        Answer expected = new Answer(Outcome.DONE, new ConnectionInfo(client.id, "änn", "192.0.2.7", 1_000, 2_000));

        assertThat(answer(first.connections.describe(client.id))).isEqualTo(expected);
        assertThat(answer(second.connections.describe(client.id))).isEqualTo(expected);
    }

    @Test
    void aCloseIsHandedOnWithItsReason() {
        Client client = new Client(second, 0);

        assertThat(answer(first.connections.close(client.id, 4242, "genug")).outcome())
                .isEqualTo(Outcome.DONE);
        assertThat(client.heard).containsExactly("4242 genug");
        assertThat(answer(first.connections.close(client.id, 4242, "genug")).outcome())
                .isEqualTo(Outcome.GONE);
    }

    @Test
    void aConnectionThatHasEndedIsGone() {
        Client client = new Client(second, 0);
        client.end();

        assertThat(post(first, client.id)).isEqualTo(Outcome.GONE);
        assertThat(post(second, client.id)).isEqualTo(Outcome.GONE);
    }

    @Test
    void aClientThatTakesNothingIsBusy() {
        Client client = new Client(second, 0);
        client.takes = false;

        assertThat(post(first, client.id)).isEqualTo(Outcome.BUSY);
        assertThat(post(second, client.id)).isEqualTo(Outcome.BUSY);
    }

    @Test
    void anIdThatNobodyMadeIsUnknown() {
        String id = new ConnectionIds(second.tag::tag, 0, anotherKey(), random).next();

        assertThat(post(first, id)).isEqualTo(Outcome.UNKNOWN);
        assertThat(post(first, "nonsense")).isEqualTo(Outcome.UNKNOWN);
        assertThat(post(first, "")).isEqualTo(Outcome.UNKNOWN);
    }

    private static byte[] anotherKey() {
        byte[] key = KEY.clone();
        key[0] = 1;
        return key;
    }

    @Test
    void whatIsOnANodeThatHasEndedIsGoneAtOnce() {
        Client client = new Client(second, 0);
        second.tag.end();
        settle();

        assertThat(post(first, client.id)).isEqualTo(Outcome.GONE);
    }

    @Test
    void whatIsOnANodeThatDiedIsGoneWhenItsLeaseHasEnded() {
        Client client = new Client(second, 0);
        second.connections.stop();
        CompletionStage<Answer> asked = first.connections.describe(client.id);
        settle();
        assertThat(asked.toCompletableFuture()).isNotDone();
        first.loop.advance(Duration.ofMillis(Deadlines.MAX_MS));
        assertThat(answer(asked).outcome()).isEqualTo(Outcome.UNREACHABLE);

        clock.advance(Duration.ofMillis(NodeTag.LEASE_MS));
        assertThat(post(first, client.id)).isEqualTo(Outcome.GONE);
    }

    @Test
    void whatIsLostOnTheWayIsAnsweredInTheEnd() {
        Client client = new Client(second, 0);
        second.log.breakDown();
        settle();

        CompletionStage<Answer> asked = first.connections.post(client.id, "1".getBytes(UTF_8));
        settle();
        first.loop.advance(Duration.ofMillis(Deadlines.MAX_MS));
        assertThat(answer(asked).outcome()).isEqualTo(Outcome.UNREACHABLE);
        assertThat(first.lanes.get(0).waiting()).isZero();

        second.log.heal();
        for (int i = 0; i < 30; i++) {
            engine.runAll();
            second.loop.advance(Duration.ofMillis(100));
        }
        assertThat(post(first, client.id)).as("after the loss").isEqualTo(Outcome.DONE);
    }

    @Test
    void moreQuestionsThanMayWaitAreNotAsked() {
        Client client = new Client(second, 0);
        second.connections.stop();
        List<CompletionStage<Answer>> asked = new ArrayList<>();
        for (int i = 0; i < 1_100; i++) {
            asked.add(first.connections.describe(client.id));
        }
        settle();

        assertThat(first.lanes.get(0).waiting()).isEqualTo(1_024);
        assertThat(asked.stream().filter(one -> one.toCompletableFuture().isDone()))
                .hasSize(76)
                .allSatisfy(one -> assertThat(answer(one).outcome()).isEqualTo(Outcome.BUSY));
        first.loop.advance(Duration.ofMillis(Deadlines.MAX_MS));
        assertThat(first.lanes.get(0).waiting()).isZero();
    }

    @Test
    void aLaneThatHasEndedAnswersToo() {
        Client client = new Client(second, 0);
        second.ended = true;

        assertThat(post(second, client.id)).isEqualTo(Outcome.UNREACHABLE);
        assertThat(post(first, client.id)).isEqualTo(Outcome.GONE);
    }

    @Test
    void whatCannotBeAskedIsRefusedAtOnce() {
        Client client = new Client(first, 0);

        assertThatThrownBy(() -> first.connections.post(client.id, new byte[Connections.MAX_POST_BYTES + 1]))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> first.connections.close(client.id, 1006, ""))
                .isInstanceOf(IllegalArgumentException.class);
        assertThat(answer(first.connections.post(client.id, new byte[Connections.MAX_POST_BYTES]))
                        .outcome())
                .isEqualTo(Outcome.DONE);
    }

    // ---- tags

    @Test
    void aLeaseIsRenewedForAsLongAsItsNodeLives() {
        SteppedExecutor timers = new SteppedExecutor(clock);
        second.tag.keep(timers);
        for (int i = 0; i < 100; i++) {
            timers.advance(Duration.ofSeconds(1));
            engine.runAll();
        }
        assertThat(get(first.tag.isHeld(second.tag.tag()))).isTrue();
        assertThat(get(first.tag.isHeld(first.tag.tag())))
                .as("which nobody renewed")
                .isFalse();

        second.tag.end();
        assertThat(get(first.tag.isHeld(second.tag.tag()))).isFalse();
    }

    /// As where the machine slept.
    @Test
    void aLeaseThatHasEndedIsTakenAgain() {
        SteppedExecutor timers = new SteppedExecutor(clock);
        second.tag.keep(timers);
        clock.advance(Duration.ofHours(8));
        assertThat(get(first.tag.isHeld(second.tag.tag()))).isFalse();
        timers.advance(Duration.ofMillis(1));
        engine.runAll();

        assertThat(get(first.tag.isHeld(second.tag.tag()))).isTrue();
    }

    @Test
    void aStoreThatIsAwayForAWhileIsAskedAgain() {
        SteppedExecutor timers = new SteppedExecutor(clock);
        NodeTag tag = get(NodeTag.lease(leases, clock, new Random(9)));
        tag.keep(timers);
        timers.advance(Duration.ofMillis(NodeTag.LEASE_MS / 3));
        // The store owes this answer for longer than the lease lasts.
        clock.advance(Duration.ofMinutes(5));
        engine.runAll();
        timers.advance(Duration.ofMillis(NodeTag.LEASE_MS / 3));
        engine.runAll();

        assertThat(get(first.tag.isHeld(tag.tag()))).isTrue();
    }

    /// The renewal is answered after the end.
    @Test
    void aTagThatIsGivenBackWhileItIsRenewedIsFree() {
        SteppedExecutor timers = new SteppedExecutor(clock);
        NodeTag tag = get(NodeTag.lease(leases, clock, new Random(9)));
        tag.keep(timers);
        timers.advance(Duration.ofMillis(NodeTag.LEASE_MS / 3));
        tag.end();
        engine.runAll();
        assertThat(get(first.tag.isHeld(tag.tag()))).isFalse();

        NodeTag another = get(NodeTag.lease(leases, clock, new Random(9)));
        another.keep(timers);
        another.end();
        timers.advance(Duration.ofMillis(NodeTag.LEASE_MS));
        engine.runAll();
        assertThat(get(first.tag.isHeld(another.tag()))).isFalse();
        assertThat(timers.timerCount()).as("renewals that go on").isZero();
    }

    @Test
    void aConnectionMayBeOpenWhereItIsKnownOrAsLongAsItsNodeLives() {
        Client here = new Client(first, 1);
        Client there = new Client(second, 0);
        assertThat(mayBeOpen(here.id)).isTrue();
        assertThat(mayBeOpen(there.id)).isTrue();
        assertThat(mayBeOpen("no id")).isFalse();

        here.end();
        there.end();

        assertThat(mayBeOpen(here.id)).isFalse();
        // What has ended on another node is not asked for.
        assertThat(mayBeOpen(there.id)).isTrue();
        second.tag.end();
        settle();
        assertThat(mayBeOpen(there.id)).isFalse();
    }

    private boolean mayBeOpen(String id) {
        CompletionStage<Boolean> asked = first.connections.mayBeOpen(id);
        settle();
        return asked.toCompletableFuture().join();
    }

    @Test
    void noTwoNodesHaveTheSameTag() {
        // Both draw the same numbers.
        NodeTag one = get(NodeTag.lease(leases, clock, new Random(1)));
        NodeTag another = get(NodeTag.lease(leases, clock, new Random(1)));

        assertThat(one.tag()).isNotEqualTo(another.tag());
    }

    @Test
    void allNodesHaveOneKey() {
        CompletionStage<byte[]> one = ConnectionKey.of(leases, new Random(1));
        CompletionStage<byte[]> another = ConnectionKey.of(leases, new Random(2));

        assertThat(get(one)).hasSize(32).isEqualTo(get(another));
        assertThat(get(ConnectionKey.of(leases, new Random(3)))).isEqualTo(get(one));
    }
}
