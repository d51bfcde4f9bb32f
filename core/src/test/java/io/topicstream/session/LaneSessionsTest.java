package io.topicstream.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.topicstream.access.ApiKey;
import io.topicstream.access.ApiKeys;
import io.topicstream.access.Authentication;
import io.topicstream.access.DirectTopic;
import io.topicstream.access.EndedRights;
import io.topicstream.access.Grant;
import io.topicstream.access.Identity;
import io.topicstream.access.Permission;
import io.topicstream.command.CommandLimits;
import io.topicstream.command.Commands;
import io.topicstream.command.Quota;
import io.topicstream.command.Refusal;
import io.topicstream.log.Admission;
import io.topicstream.log.Append;
import io.topicstream.log.AppendResult;
import io.topicstream.log.Deadlines;
import io.topicstream.log.Draft;
import io.topicstream.log.InMemoryLog;
import io.topicstream.log.TopicExtent;
import io.topicstream.log.TopicName;
import io.topicstream.people.Memberships;
import io.topicstream.people.Notices;
import io.topicstream.policy.TopicPolicies;
import io.topicstream.protocol.ClientFrame;
import io.topicstream.protocol.ErrorCode;
import io.topicstream.protocol.From;
import io.topicstream.protocol.Query;
import io.topicstream.protocol.ServerFrame;
import io.topicstream.protocol.WireFormat;
import io.topicstream.signal.Signal;
import io.topicstream.signal.SystemTopics;
import io.topicstream.state.InMemoryStateStore;
import io.topicstream.state.StatePage;
import io.topicstream.state.StateRecord;
import io.topicstream.state.StateStore;
import io.topicstream.testkit.Faults;
import io.topicstream.testkit.FaultyLog;
import io.topicstream.testkit.ManualClock;
import io.topicstream.testkit.RecordedPresence;
import io.topicstream.testkit.RecordingListener;
import io.topicstream.testkit.SteppedExecutor;
import io.topicstream.testkit.SteppedLane;
import io.topicstream.testkit.TestPeople;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// The sessions of one lane while what they hear is lost, and while the engine owes them answers.
class LaneSessionsTest {
    private static final TopicName TOPIC = new TopicName("t");
    private static final TopicName OTHER = new TopicName("u");
    private static final byte[] ID = bytes("1");

    private final ManualClock clock = new ManualClock();
    /// As long as it is not stepped, the engine owes every answer.
    private final SteppedExecutor engine = new SteppedExecutor(clock);
    private final SteppedExecutor loop = new SteppedExecutor(clock);
    private final InMemoryLog memory = new InMemoryLog(clock, engine, 7);
    private final FaultyLog log = new FaultyLog(memory, new Random(1), engine, Faults.NONE);
    private final InMemoryStateStore state = new InMemoryStateStore(clock, engine);
    private final ApiKeys keys = new ApiKeys(state, new Random(2), clock);
    private final EndedRights rights = new EndedRights(state, (_, _) -> Admission.ACCEPTED, keys, clock);
    /// Another node, which is never out of reach.
    private final ApiKeys keysElsewhere = new ApiKeys(state, new Random(3), clock);
    /// What this node's look-ups of durable subscriptions wait for.
    private CompletableFuture<@Nullable Void> lookUps = CompletableFuture.completedFuture(null);

    private final Memberships elsewhere = new Memberships(state, memory, memory, clock, 10, 10);
    private final SteppedLane lane = new SteppedLane(log, log, loop);
    private @Nullable Authentication nextAuthentication;
    private final RecordedPresence presence = new RecordedPresence();
    private final Node node = node();
    private final LaneSessions sessions = new LaneSessions(node, lane.source(), lane.deadlines(), lane);

    LaneSessionsTest() {
        rights.onChange(sessions::onRightsChanged);
    }

    private Node node() {
        Memberships durable = new Memberships(new SlowLookUps(), log, log, clock, 10, 10);
        Notices notices = new Notices(log, clock);
        return new Node(
                log,
                durable,
                presence,
                TestPeople.policies(),
                keys,
                rights,
                new Commands(
                        log,
                        log,
                        TestPeople.of(state, log, log, durable, presence),
                        _ -> {
                            Authentication next = nextAuthentication;
                            return next == null ? new CompletableFuture<>() : CompletableFuture.completedFuture(next);
                        },
                        TopicPolicies.DEFAULT,
                        CommandLimits.DEFAULT),
                Quota.UNLIMITED,
                clock,
                25_000,
                notices);
    }

    @BeforeEach
    void start() {
        sessions.start();
        settle();
    }

    private void settle() {
        for (int i = 0; i < 30; i++) {
            engine.runAll();
            loop.advance(Duration.ofMillis(100));
        }
    }

    /// The engine does not answer.
    private void waitInVain() {
        loop.advance(Duration.ofMillis(Deadlines.MAX_MS));
    }

    /// The state, whose look-ups may be answered late, as where they have a thread of their own.
    private final class SlowLookUps implements StateStore {
        @Override
        public CompletionStage<@Nullable StateRecord> get(String partition, String key) {
            CompletableFuture<@Nullable Void> wait = lookUps;
            return state.get(partition, key).thenCompose(record -> wait.thenApply(_ -> record));
        }

        @Override
        public CompletionStage<Long> put(String partition, String key, byte[] value, long ifVersion, long expiresAtMs) {
            return state.put(partition, key, value, ifVersion, expiresAtMs);
        }

        @Override
        public CompletionStage<Boolean> delete(String partition, String key, long ifVersion) {
            return state.delete(partition, key, ifVersion);
        }

        @Override
        public CompletionStage<Long> advance(String partition, String key, long number) {
            return state.advance(partition, key, number);
        }

        @Override
        public CompletionStage<StatePage> scan(String partition, String prefix, String after, int limit) {
            return state.scan(partition, prefix, after, limit);
        }
    }

    /// The engine and the lane go on by one step each.
    private void step() {
        engine.runAll();
        loop.runAll();
    }

    private <T> T get(CompletionStage<T> stage) {
        engine.runAll();
        return stage.toCompletableFuture().join();
    }

    private void publish(TopicName topic) {
        var _ = memory.append(
                new Append(topic, List.of(new Draft(bytes("1"), null, null)), null, "", Append.ANY_OFFSET, lane) {
                    @Override
                    public void onAnswered(AppendResult result) {}
                });
        settle();
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static Identity identity(@Nullable String credentialId, Identity.Credential kind) {
        return new Identity(
                "ann",
                null,
                kind,
                credentialId,
                List.of(new Grant("*", EnumSet.of(Permission.PUBLISH, Permission.READ, Permission.SUBSCRIBE))),
                Identity.NEVER);
    }

    private static ClientFrame.Subscribe subscribe(TopicName topic, boolean durable) {
        return new ClientFrame.Subscribe(ID, topic, From.NEW, durable);
    }

    private static ClientFrame.Unsubscribe unsubscribe() {
        return new ClientFrame.Unsubscribe(ID, TOPIC, true);
    }

    private final class Client extends RecordingListener implements Outbound {
        private final Session session;
        private final List<ServerFrame> sent = new ArrayList<>();
        private @Nullable List<TopicExtent> opened;
        private @Nullable Refusal refused;
        private int closedWith;

        Client(String id) {
            this(id, true, identity("a-token", Identity.Credential.STATIC_TOKEN));
        }

        Client(String id, boolean joinDurable, Identity identity) {
            super(id);
            session = new Session(
                    node,
                    sessions,
                    new SessionRecord(id, identity, "v1", WireFormat.NATIVE, InetAddress.getLoopbackAddress()),
                    this,
                    this);
            session.open(joinDurable, new Opened() {
                @Override
                public void onOpened(List<TopicExtent> subscriptions) {
                    opened = subscriptions;
                }

                @Override
                public void onRefused(Refusal refusal) {
                    refused = refusal;
                    session.end();
                }
            });
        }

        Client settled() {
            settle();
            assertThat(opened).isNotNull();
            return this;
        }

        Client run(ClientFrame... frames) {
            for (ClientFrame frame : frames) {
                session.accept(frame);
            }
            return this;
        }

        List<String> answers() {
            List<String> answers = sent.stream()
                    .map(frame -> frame instanceof ServerFrame.Error error
                            ? error.code().wireName()
                            : frame.getClass().getSimpleName())
                    .toList();
            sent.clear();
            return answers;
        }

        @Override
        public void send(ServerFrame frame) {
            sent.add(frame);
        }

        @Override
        public void comeBackLater() {}

        @Override
        public void close(int code, String reason) {
            closedWith = code;
            session.end();
        }

        @Override
        public void setReading(boolean reading) {}
    }

    // ---- what is missed while the feed is lost

    @Test
    void anUnsubscribeThatNobodyHeardOfTakesEffectAndPlainSubscriptionsStay() {
        Client ann = new Client("c1").settled();
        get(elsewhere.add("ann", TOPIC));
        settle();
        ann.run(subscribe(OTHER, false));
        settle();
        assertThat(ann.topics()).containsExactlyInAnyOrder(TOPIC, OTHER);
        assertThat(ann.memberships()).containsExactly(TOPIC);

        log.breakDown();
        settle();
        get(elsewhere.remove("ann", TOPIC));
        settle();
        assertThat(ann.listensTo(TOPIC)).isTrue();
        log.heal();
        settle();

        assertThat(ann.topics()).containsExactly(OTHER);
        publish(OTHER);
        assertThat(ann.heard()).containsExactly("1 1");
    }

    @Test
    void aSubscriptionThatNobodyHeardOfBeginsWhereItBegan() {
        Client ann = new Client("c1").settled();
        publish(TOPIC);
        log.breakDown();
        settle();
        get(elsewhere.add("ann", TOPIC));
        publish(TOPIC);
        publish(TOPIC);

        log.heal();
        settle();
        publish(TOPIC);

        assertThat(ann.heard()).containsExactly("2 1", "3 1", "4 1");
    }

    @Test
    void aTopicThatAConnectionLeftAloneIsNotPutBack() {
        Client ann = new Client("c1").settled();
        ann.run(subscribe(TOPIC, true));
        settle();
        ann.run(new ClientFrame.Unsubscribe(ID, TOPIC, false));
        settle();

        log.loseFeeds();
        settle();

        assertThat(ann.topics()).isEmpty();
        get(elsewhere.remove("ann", TOPIC));
        get(elsewhere.add("ann", TOPIC));
        settle();
        assertThat(ann.topics()).as("subscribed to anew").containsExactly(TOPIC);
    }

    @Test
    void aKeyThatWasRevokedMeanwhileEndsItsConnectionsAndNoOthers() {
        ApiKey key = get(keysElsewhere.create("ann", null)).key();
        ApiKey another = get(keysElsewhere.create("ann", null)).key();
        Client revoked = new Client("c1", true, identity(key.id(), Identity.Credential.API_KEY)).settled();
        Client stays = new Client("c2", true, identity(another.id(), Identity.Credential.API_KEY)).settled();
        Client bearer = new Client("c3", true, identity("no-key", Identity.Credential.STATIC_TOKEN)).settled();

        log.breakDown();
        settle();
        get(keysElsewhere.revoke(key.id()));
        settle();
        assertThat(revoked.closedWith).isZero();
        log.heal();
        settle();

        assertThat(revoked.closedWith).isEqualTo(4001);
        assertThat(stays.closedWith).isZero();
        assertThat(bearer.closedWith).isZero();
        assertThat(keys.isRevoked(key.id())).isTrue();
    }

    // ---- hints

    @Test
    void aManualConnectionIsNotJoinedByAHint() {
        Client manual = new Client("c1", false, identity("a-token", Identity.Credential.STATIC_TOKEN)).settled();
        Client ann = new Client("c2").settled();

        get(elsewhere.add("ann", TOPIC));
        settle();
        log.loseFeeds();
        settle();

        assertThat(manual.topics()).isEmpty();
        assertThat(ann.topics()).containsExactly(TOPIC);
    }

    @Test
    void aManualConnectionIsPutIntoAChatThatItWasNotToldOfFromItsFirstMessage() {
        DirectTopic old = DirectTopic.of("ann", "bob");
        DirectTopic chat = DirectTopic.of("ann", "cy");
        get(elsewhere.addChat(old));
        Client manual = new Client("c1", false, identity("a-token", Identity.Credential.STATIC_TOKEN)).settled();
        Client ann = new Client("c2").settled();

        get(elsewhere.addChat(chat));
        publish(chat.name());
        publish(old.name());

        assertThat(manual.topics()).containsExactly(chat.name());
        assertThat(manual.heard()).containsExactly("1 1");
        assertThat(ann.topics()).containsExactlyInAnyOrder(old.name(), chat.name());
        get(elsewhere.remove("ann", chat.name()));
        settle();
        assertThat(manual.topics()).isEmpty();
        get(elsewhere.addChat(chat));
        settle();
        assertThat(manual.topics()).containsExactly(chat.name());
    }

    @Test
    void aChatOfWhichAManualConnectionDidNotHearIsFoundAfterALoss() {
        DirectTopic chat = DirectTopic.of("ann", "cy");
        Client manual = new Client("c1", false, identity("a-token", Identity.Credential.STATIC_TOKEN)).settled();
        log.breakDown();
        get(elsewhere.addChat(chat));
        publish(chat.name());
        assertThat(manual.topics()).isEmpty();

        log.heal();
        settle();

        assertThat(manual.heard()).containsExactly("1 1");
    }

    @Test
    void aManualConnectionIsTakenOutOfWhatTheGreetingNamed() {
        get(elsewhere.add("ann", TOPIC));
        Client manual = new Client("c1", false, identity("a-token", Identity.Credential.STATIC_TOKEN)).settled();
        manual.run(new ClientFrame.Subscribe(ID, TOPIC, new From.Earliest(), false));
        settle();
        assertThat(manual.topics()).containsExactly(TOPIC);

        log.breakDown();
        get(elsewhere.remove("ann", TOPIC));
        settle();
        log.heal();
        settle();

        assertThat(manual.topics()).isEmpty();
    }

    @Test
    void aJoinByAHintThatCannotBeIsTriedAgain() {
        Client ann = new Client("c1").settled();
        log.set(new Faults(0, 0, 0, 0, 1, 0, 0, 0, 0));
        get(elsewhere.add("ann", TOPIC));
        publish(TOPIC);
        assertThat(ann.heard()).isEmpty();

        log.set(Faults.NONE);
        settle();

        assertThat(ann.heard()).containsExactly("1 1");
    }

    @Test
    void aMembershipOfTheFirstVersionIsFromNew() {
        byte[] since = ByteBuffer.allocate(Long.BYTES).putLong(clock.millis()).array();
        Client ann = new Client("c1").settled();
        publish(TOPIC);
        get(state.put("subscriptions/ann", "t", since, StateStore.ANY_VERSION, StateStore.NEVER));

        var _ = memory.signal(SystemTopics.ofUser("ann"), new Signal.MembershipChanged(new TopicName("t")).encode());
        settle();
        publish(TOPIC);

        assertThat(ann.heard()).containsExactly("2 1");
        assertThat(ann.memberships()).containsExactly(TOPIC);
    }

    // ---- hints of before a change of mind

    private Client subscribedDurably() {
        Client ann = new Client("c1").settled();
        ann.run(subscribe(TOPIC, true));
        settle();
        publish(TOPIC);
        assertThat(ann.answers()).containsExactly("Subscribed");
        assertThat(ann.heard()).containsExactly("1 1");
        return ann;
    }

    /// A hint comes late, or a second time, and the store is asked.
    private void hearOfTheTopic() {
        var _ = memory.signal(SystemTopics.ofUser("ann"), new Signal.MembershipChanged(new TopicName("t")).encode());
        step();
        assertThat(engine.readyCount()).as("the look-up").isOne();
    }

    @Test
    void aLookUpOfBeforeAnUnsubscribeThatIsUnderWayDoesNotPutTheConnectionBack() {
        Client ann = subscribedDurably();
        hearOfTheTopic();

        ann.run(unsubscribe());
        step();

        assertThat(ann.answers()).containsExactly("Unsubscribed");
        assertThat(ann.topics()).isEmpty();
        settle();
        publish(TOPIC);
        assertThat(ann.topics()).isEmpty();
        assertThat(ann.heard()).isEmpty();
    }

    @Test
    void aLookUpOfBeforeAnUnsubscribeThatIsAnsweredAfterItDoesNotPutTheConnectionBack() {
        Client ann = subscribedDurably();
        lookUps = new CompletableFuture<>();
        hearOfTheTopic();

        ann.run(unsubscribe());
        step();
        assertThat(ann.answers()).containsExactly("Unsubscribed");
        lookUps.complete(null);
        loop.runAll();

        assertThat(ann.topics()).isEmpty();
        settle();
        publish(TOPIC);
        assertThat(ann.topics()).isEmpty();
        assertThat(ann.heard()).isEmpty();
    }

    @Test
    void whoSubscribesAgainRightAfterUnsubscribingHearsNothingTwice() {
        Client ann = subscribedDurably();
        hearOfTheTopic();

        ann.run(unsubscribe(), new ClientFrame.Subscribe(ID, TOPIC, null, true));
        settle();
        publish(TOPIC);

        assertThat(ann.answers()).containsExactly("Unsubscribed", "Subscribed");
        assertThat(ann.memberships()).containsExactly(TOPIC);
        assertThat(ann.heard()).containsExactly("2 1");
    }

    @Test
    void whoLeavesATopicAloneRightAfterSubscribingIsNotPutBackByItsOwnHint() {
        Client ann = new Client("c1").settled();

        ann.run(subscribe(TOPIC, true), new ClientFrame.Unsubscribe(ID, TOPIC, false));
        settle();
        assertThat(ann.answers()).containsExactly("Subscribed", "Unsubscribed");
        assertThat(ann.topics()).isEmpty();
        hearOfTheTopic();
        settle();
        publish(TOPIC);

        assertThat(ann.topics()).isEmpty();
        assertThat(ann.heard()).isEmpty();
        get(elsewhere.remove("ann", TOPIC));
        get(elsewhere.add("ann", TOPIC));
        publish(TOPIC);
        assertThat(ann.heard()).as("subscribed to anew").containsExactly("2 1");
    }

    // ---- an engine that owes answers

    @Test
    void aConnectionThatCannotBeginIsRefusedInTimeAndForgotten() {
        Client ann = new Client("c1");

        waitInVain();
        assertThat(ann.refused).isNotNull();
        assertThat(ann.refused.code()).isEqualTo(ErrorCode.UNAVAILABLE);
        settle();
        get(elsewhere.add("ann", TOPIC));
        settle();

        assertThat(ann.opened).isNull();
        assertThat(ann.topics()).isEmpty();
    }

    @Test
    void whatWaitsIsAnsweredInTimeAndTheFramesBehindItRun() {
        nextAuthentication = null;
        for (ClientFrame frame : List.of(
                subscribe(TOPIC, false),
                subscribe(TOPIC, true),
                new ClientFrame.Unsubscribe(ID, TOPIC, true),
                new ClientFrame.Authenticate(ID, "token"))) {
            Client ann = new Client("c1").settled();

            ann.run(frame, new ClientFrame.Ping(ID));
            assertThat(ann.answers()).isEmpty();
            waitInVain();
            assertThat(ann.answers()).as("%s", frame).containsExactly("unavailable", "Pong");

            settle();
            assertThat(ann.answers()).as("what came late").isEmpty();
            assertThat(ann.session.isIdle()).isTrue();
            ann.session.end();
            settle();
        }
    }

    @Test
    void aSubscriptionThatWasNotAnsweredInTimeIsLeftAgain() {
        Client ann = new Client("c1").settled();
        ann.run(subscribe(TOPIC, false));
        waitInVain();
        assertThat(ann.answers()).containsExactly("unavailable");

        settle();
        publish(TOPIC);

        assertThat(ann.topics()).isEmpty();
        assertThat(ann.heard()).isEmpty();
        ann.run(subscribe(TOPIC, false));
        settle();
        publish(TOPIC);
        assertThat(ann.heard()).containsExactly("2 1");
    }

    @Test
    void queriesAreAnsweredInTime() {
        Client ann = new Client("c1").settled();

        ann.run(new Query.Read(ID, TOPIC, 0, Query.NOT_GIVEN, 10), new Query.Topics(ID, "", 10, ""));
        waitInVain();

        assertThat(ann.answers()).containsExactly("unavailable", "unavailable");
        settle();
        assertThat(ann.answers()).isEmpty();
        assertThat(ann.session.isIdle()).isTrue();
    }

    @Test
    void credentialsThatAreRevokedWhileTheyAreCheckedEndTheConnection() {
        ApiKey key = get(keysElsewhere.create("ann", null)).key();
        Client ann = new Client("c1").settled();
        keys.enqueueRevokedElsewhere(key.id());

        nextAuthentication = new Authentication.Known(identity(key.id(), Identity.Credential.API_KEY));
        ann.run(new ClientFrame.Authenticate(ID, "token"));
        settle();

        assertThat(ann.closedWith).isEqualTo(4001);
    }
}
