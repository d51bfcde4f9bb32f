package io.topicstream.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.topicstream.access.ApiKeys;
import io.topicstream.access.Authentication;
import io.topicstream.access.EndedRights;
import io.topicstream.access.Grant;
import io.topicstream.access.Identity;
import io.topicstream.access.Permission;
import io.topicstream.access.Speaker;
import io.topicstream.command.CommandLimits;
import io.topicstream.command.Commands;
import io.topicstream.command.Quota;
import io.topicstream.command.Refusal;
import io.topicstream.log.Admission;
import io.topicstream.log.Draft;
import io.topicstream.log.InMemoryLog;
import io.topicstream.log.TopicExtent;
import io.topicstream.log.TopicName;
import io.topicstream.people.Memberships;
import io.topicstream.people.Notices;
import io.topicstream.policy.TopicPolicies;
import io.topicstream.protocol.ClientFrame;
import io.topicstream.protocol.ErrorCode;
import io.topicstream.protocol.ServerFrame;
import io.topicstream.protocol.WireFormat;
import io.topicstream.signal.Signal;
import io.topicstream.state.InMemoryStateStore;
import io.topicstream.testkit.Faults;
import io.topicstream.testkit.FaultyLog;
import io.topicstream.testkit.ManualClock;
import io.topicstream.testkit.RecordedPresence;
import io.topicstream.testkit.RecordingListener;
import io.topicstream.testkit.SteppedExecutor;
import io.topicstream.testkit.SteppedLane;
import io.topicstream.testkit.TestPeople;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/// Sessions whose dialect keeps them in one room at a time.
class SessionInRoomsTest {
    private static final TopicName KITCHEN = new TopicName("room:kitchen");
    private static final TopicName DEN = new TopicName("room:the~20den");
    private static final TopicName GENERAL = new TopicName("room:general");

    private final ManualClock clock = new ManualClock();
    private final SteppedExecutor engine = new SteppedExecutor(clock);
    private final SteppedExecutor loop = new SteppedExecutor(clock);
    private final InMemoryLog memory = new InMemoryLog(clock, engine, 7);
    private final FaultyLog log = new FaultyLog(memory, new Random(1), engine, Faults.NONE);
    private final InMemoryStateStore state = new InMemoryStateStore(clock, engine);
    private final SteppedLane lane = new SteppedLane(log, log, loop);
    private final RecordedPresence presence = new RecordedPresence();
    /// What was said to rooms: `kitchen + ann`, and `moving` behind it.
    private final List<String> notices = new ArrayList<>();
    private final Node node = node();
    private final LaneSessions sessions = new LaneSessions(node, lane.source(), lane.deadlines(), lane);

    private Node node() {
        Memberships durable = new Memberships(state, log, log, clock, 10, 10);
        Notices told = new Notices(this::note, clock);
        ApiKeys keys = new ApiKeys(state, new Random(2), clock);
        return new Node(
                log,
                durable,
                presence,
                TestPeople.policies(),
                keys,
                new EndedRights(state, log, keys, clock),
                new Commands(
                        log,
                        log,
                        TestPeople.of(state, log, log, durable, presence, told),
                        _ -> CompletableFuture.completedFuture(Authentication.NOT_MINE),
                        TopicPolicies.DEFAULT,
                        CommandLimits.DEFAULT),
                Quota.UNLIMITED,
                clock,
                25_000,
                told);
    }

    private Admission note(TopicName topic, byte[] signal) {
        if (Signal.decode(signal) instanceof Signal.Notice notice) {
            notices.add(topic.value().substring("room:".length())
                    + (notice.hasCome() ? " + " : " - ")
                    + notice.shownAs()
                    + (notice.byMoving() ? " moving" : ""));
        }
        return Admission.ACCEPTED;
    }

    private void settle() {
        while (engine.runAll() + loop.runAll() > 0) {
            // Each makes work for the other.
        }
    }

    private List<String> notices() {
        settle();
        List<String> all = List.copyOf(notices);
        notices.clear();
        return all;
    }

    private final class Client extends RecordingListener implements Outbound {
        private final Session session;
        private final List<ServerFrame> sent = new ArrayList<>();
        private @Nullable List<TopicExtent> opened;
        private @Nullable Refusal refused;

        Client(String id, String room) {
            this(id, room, Grant.DEFAULT);
        }

        Client(String id, String room, List<Grant> grants) {
            super(id);
            session = new Session(
                    node,
                    sessions,
                    new SessionRecord(
                            id,
                            Identity.anonymous(id, null, grants),
                            "staging",
                            WireFormat.ROOMS,
                            InetAddress.getLoopbackAddress(),
                            new Attributes(Map.of(Speaker.ROOM, room, Speaker.USER_ID, id))),
                    this,
                    this);
            setWritable(false);
            session.open(true, new Opened() {
                @Override
                public void onOpened(List<TopicExtent> subscriptions) {
                    opened = subscriptions;
                }

                @Override
                public void onRefused(Refusal refusal) {
                    refused = refusal;
                }
            });
        }

        /// As a connection does when its socket is open.
        Client greeted() {
            settle();
            setWritable(true);
            session.greet(opened == null ? List.of() : opened);
            lane.onWritable(this);
            session.announce();
            return this;
        }

        Client run(ClientFrame... frames) {
            for (ClientFrame frame : frames) {
                session.accept(frame);
            }
            settle();
            return this;
        }

        @Override
        protected void onEntered(TopicName topic) {
            session.onEntered(topic);
        }

        @Override
        protected void onLeft(TopicName topic) {
            session.onLeft(topic);
        }

        @Override
        public void send(ServerFrame frame) {
            sent.add(frame);
        }

        @Override
        public void comeBackLater() {}

        @Override
        public void close(int code, String reason) {}

        @Override
        public void setReading(boolean reading) {}
    }

    private static ClientFrame say(String json) {
        return new ClientFrame.Say(null, new Draft(json.getBytes(StandardCharsets.UTF_8), null, null), true);
    }

    private static ClientFrame join(String room) {
        return new ClientFrame.Move(null, room, false);
    }

    private static ClientFrame leave() {
        return new ClientFrame.Move(null, "general", true);
    }

    @Test
    void aConnectionIsInItsRoomBeforeItIsGreetedAndAnnouncedAfterwards() {
        Client ann = new Client("ann", "kitchen");
        settle();

        assertThat(ann.opened).isEmpty();
        assertThat(ann.topics()).containsExactly(KITCHEN);
        assertThat(presence.told()).containsExactly("opened ann", "ann enters room:kitchen");
        Client bob = new Client("bob", "kitchen").greeted().run(say("1"));
        assertThat(bob.heard()).containsExactly("1 1");
        assertThat(notices()).containsExactly("kitchen + bob");
        assertThat(ann.heard()).isEmpty();

        ann.greeted();
        assertThat(ann.heard()).containsExactly("1 1");
        assertThat(notices()).containsExactly("kitchen + ann");
    }

    @Test
    void whoIsBehindIsAnnouncedWhenItHears() {
        Client ann = new Client("ann", "kitchen");
        settle();
        new Client("bob", "kitchen").greeted().run(say("1"));
        assertThat(notices()).containsExactly("kitchen + bob");

        // Its socket takes nothing yet, so it stays behind.
        ann.session.announce();
        settle();
        assertThat(notices).isEmpty();
        ann.setWritable(true);
        lane.onWritable(ann);
        settle();
        loop.advance(Duration.ofSeconds(1));
        settle();
        assertThat(notices()).containsExactly("kitchen + ann");
    }

    @Test
    void whoStaysBehindIsAnnouncedAllTheSame() {
        Client ann = new Client("ann", "kitchen");
        settle();
        new Client("bob", "kitchen").greeted().run(say("1"));
        assertThat(notices()).containsExactly("kitchen + bob");

        ann.session.announce();
        loop.advance(Duration.ofMillis(1_900));
        assertThat(notices).isEmpty();
        loop.advance(Duration.ofMillis(300));
        assertThat(notices()).containsExactly("kitchen + ann");
    }

    @Test
    void whoMayNotListenToTheRoomIsRefused() {
        Client ann = new Client("ann", "kitchen", List.of(new Grant("room:den", EnumSet.of(Permission.SUBSCRIBE))));
        settle();

        assertThat(ann.opened).isNull();
        assertThat(ann.refused).extracting(Refusal::code).isEqualTo(ErrorCode.FORBIDDEN);
        assertThat(ann.topics()).isEmpty();
    }

    @Test
    void aMoveTakesTheConnectionAlong() {
        Client ann = new Client("ann", "kitchen").greeted();
        Client bob = new Client("bob", "kitchen").greeted();
        assertThat(notices()).hasSize(2);
        presence.told();

        ann.run(join("the den"), say("1"));
        bob.run(say("2"));

        assertThat(notices()).containsExactly("kitchen - ann moving", "the~20den + ann moving");
        assertThat(ann.topics()).containsExactly(DEN);
        assertThat(ann.heard()).containsExactly("1 1");
        assertThat(bob.heard()).containsExactly("1 2");
        assertThat(ann.session.record().attribute(Speaker.ROOM)).isEqualTo("the den");
        assertThat(ann.session.record().attribute(Speaker.USER_ID)).isEqualTo("ann");
        assertThat(presence.told()).containsExactlyInAnyOrder("ann enters room:the~20den", "ann leaves room:kitchen");
        assertThat(ann.sent.stream().filter(frame -> frame instanceof ServerFrame.Error))
                .isEmpty();
    }

    @Test
    void whoLeavesIsInGeneralWhereNobodyIsTold() {
        Client ann = new Client("ann", "kitchen").greeted();
        assertThat(notices()).hasSize(1);

        ann.run(leave(), say("1"));
        assertThat(notices()).containsExactly("kitchen - ann moving");
        assertThat(ann.topics()).containsExactly(GENERAL);
        assertThat(ann.heard()).containsExactly("1 1");

        ann.run(leave());
        assertThat(notices()).containsExactly("general - ann moving");
        assertThat(ann.topics()).containsExactly(GENERAL);
    }

    @Test
    void whoJoinsItsOwnRoomIsAnnouncedThereAndStays() {
        Client ann = new Client("ann", "kitchen").greeted();
        assertThat(notices()).hasSize(1);

        ann.run(join("kitchen"), say("1"));

        assertThat(notices()).containsExactly("kitchen + ann moving");
        assertThat(ann.heard()).containsExactly("1 1");
    }

    @Test
    void whoMayNotMoveThereStaysWhereItIs() {
        Client ann = new Client(
                        "ann",
                        "kitchen",
                        List.of(new Grant("room:kitchen", EnumSet.of(Permission.SUBSCRIBE, Permission.PUBLISH))))
                .greeted();
        assertThat(notices()).hasSize(1);

        ann.run(join("den"), join("x".repeat(300)), say("1"));

        assertThat(notices()).isEmpty();
        assertThat(ann.topics()).containsExactly(KITCHEN);
        assertThat(ann.heard()).containsExactly("1 1");
        assertThat(ann.sent)
                .filteredOn(frame -> frame instanceof ServerFrame.Error)
                .extracting("code")
                .containsExactly(ErrorCode.FORBIDDEN, ErrorCode.BAD_TOPIC);
    }

    @Test
    void theEndIsToldToThoseWhoWereToldOfTheBeginning() {
        Client ann = new Client("ann", "kitchen").greeted();
        Client bob = new Client("bob", "kitchen");
        assertThat(notices()).containsExactly("kitchen + ann");

        bob.session.end();
        ann.run(join("the den"));
        assertThat(notices()).hasSize(2);
        ann.session.end();

        assertThat(notices()).containsExactly("the~20den - ann");
        assertThat(presence.told()).contains("closed ann", "closed bob");
        assertThat(ann.topics()).isEmpty();
    }

    @Test
    void whoEndsBeforeItCouldHearIsAnnouncedAllTheSame() {
        Client ann = new Client("ann", "kitchen");
        settle();
        new Client("bob", "kitchen").greeted().run(say("1"));
        assertThat(notices()).containsExactly("kitchen + bob");

        ann.session.announce();
        ann.session.end();
        loop.advance(Duration.ofSeconds(3));

        assertThat(notices()).containsExactly("kitchen + ann", "kitchen - ann");
    }

    @Test
    void anEndWhileItMovesLeavesNothingBehind() {
        Client ann = new Client("ann", "kitchen").greeted();
        assertThat(notices()).hasSize(1);

        ann.session.accept(join("the den"));
        ann.session.end();

        assertThat(notices()).containsExactly("kitchen - ann");
        assertThat(ann.topics()).isEmpty();
        assertThat(presence.told()).doesNotContain("ann enters room:the~20den");
    }
}
