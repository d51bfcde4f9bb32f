package io.topicstream.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.topicstream.access.ApiKeys;
import io.topicstream.access.Authentication;
import io.topicstream.access.EndedRights;
import io.topicstream.access.Grant;
import io.topicstream.access.Identity;
import io.topicstream.access.Permission;
import io.topicstream.command.CommandLimits;
import io.topicstream.command.Commands;
import io.topicstream.command.Quota;
import io.topicstream.command.Refusal;
import io.topicstream.log.About;
import io.topicstream.log.Admission;
import io.topicstream.log.Append;
import io.topicstream.log.Direction;
import io.topicstream.log.Draft;
import io.topicstream.log.HandOver;
import io.topicstream.log.InMemoryLog;
import io.topicstream.log.Message;
import io.topicstream.log.Page;
import io.topicstream.log.TopicExtent;
import io.topicstream.log.TopicName;
import io.topicstream.people.Memberships;
import io.topicstream.people.Notices;
import io.topicstream.policy.TopicPolicies;
import io.topicstream.protocol.ClientFrame;
import io.topicstream.protocol.ErrorCode;
import io.topicstream.protocol.From;
import io.topicstream.protocol.Query;
import io.topicstream.protocol.ReplySize;
import io.topicstream.protocol.ServerFrame;
import io.topicstream.protocol.WireFormat;
import io.topicstream.state.InMemoryStateStore;
import io.topicstream.state.StatePage;
import io.topicstream.state.StateRecord;
import io.topicstream.testkit.ManualClock;
import io.topicstream.testkit.MessageLists;
import io.topicstream.testkit.RecordedPresence;
import io.topicstream.testkit.SteppedExecutor;
import io.topicstream.testkit.TestPeople;
import io.topicstream.topic.DeliveryLane;
import io.topicstream.topic.Encoded;
import io.topicstream.topic.Encoding;
import io.topicstream.topic.Listener;
import io.topicstream.topic.OutboundBudget;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class SessionTest {
    private static final TopicName TOPIC = new TopicName("t");
    private static final int ROOM_BYTES = 1 << 20;
    private static final TopicName READ_ONLY = new TopicName("read.only");

    private final ManualClock clock = new ManualClock();
    private final SteppedExecutor executor = new SteppedExecutor(clock);
    private final InMemoryLog log =
            new InMemoryLog(clock, executor, new InMemoryLog.Settings(7, 4_000, 1_000_000, Duration.ofHours(24)));
    private final InMemoryStateStore state = new InMemoryStateStore(clock, executor);
    private final AtomicReference<Authentication> nextAuthentication = new AtomicReference<>(Authentication.NOT_MINE);
    private Admission admission = Admission.ACCEPTED;
    private Quota quota = Quota.UNLIMITED;
    private final RecordedPresence presence = new RecordedPresence();
    private final TestLane lane = new TestLane();
    private final Client client = new Client("c1", identity("ann", Identity.NEVER));

    private static Identity identity(String user, long expiresAtMs) {
        return new Identity(
                user,
                null,
                Identity.Credential.API_KEY,
                "key-" + user,
                List.of(
                        new Grant("read.only", EnumSet.of(Permission.READ)),
                        new Grant("t*", EnumSet.of(Permission.PUBLISH, Permission.READ, Permission.SUBSCRIBE))),
                expiresAtMs);
    }

    private static ClientFrame.Publish publish(int id, TopicName topic) {
        return publish(id, topic, "1", Append.ANY_OFFSET);
    }

    private static ClientFrame.Publish publish(int id, TopicName topic, String json, long expected) {
        return new ClientFrame.Publish(
                bytes(String.valueOf(id)), topic, new Draft(bytes(json), null, null), expected, true);
    }

    private static ClientFrame.Subscribe subscribe(int id, TopicName topic, boolean durable) {
        return new ClientFrame.Subscribe(bytes(String.valueOf(id)), topic, From.NEW, durable);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    @Test
    void publishesAreAnsweredInTheOrderOfTheirFramesThoughOneIsRefusedAtOnce() {
        client.session.accept(publish(1, TOPIC));
        client.session.accept(publish(2, READ_ONLY));
        client.session.accept(publish(3, TOPIC));
        assertThat(client.sent).isEmpty();

        executor.runAll();

        assertThat(client.sent).extracting(SessionTest::described).containsExactly("1 at 1", "2 forbidden", "3 at 2");
    }

    private static ClientFrame.Publish reply(int id, long offset) {
        Draft draft = new Draft(bytes(String.valueOf(id)), null, null).about(new About(offset, About.As.REPLY, null));
        return new ClientFrame.Publish(bytes(String.valueOf(id)), TOPIC, draft, Append.ANY_OFFSET, true);
    }

    @Test
    void framesBehindAMessageThatIsAboutAnotherWaitForItAndAreAnsweredInTheirOrder() {
        client.session.accept(publish(1, TOPIC));
        executor.runAll();
        client.sent.clear();
        client.session.accept(publish(2, TOPIC));
        client.session.accept(reply(3, 1));
        client.session.accept(publish(4, TOPIC));
        client.session.accept(reply(5, 9));
        client.session.accept(publish(6, TOPIC));
        assertThat(client.session.isIdle()).isFalse();

        executor.runAll();

        assertThat(client.sent)
                .extracting(SessionTest::described)
                .containsExactly("2 at 2", "3 at 3", "4 at 4", "5 not_found", "6 at 5");
        assertThat(client.session.isIdle()).isTrue();
    }

    @Test
    void whatWasSaidBehindAMessageThatIsAboutAnotherIsSaidInOrderThoughTheConnectionEnds() {
        client.session.accept(publish(1, TOPIC, "1", Append.ANY_OFFSET));
        executor.runAll();
        client.session.accept(reply(2, 1));
        client.session.accept(publish(3, TOPIC, "3", Append.ANY_OFFSET));
        client.session.accept(reply(4, 1));
        client.session.accept(reply(5, 9));
        client.session.accept(publish(6, TOPIC, "6", Append.ANY_OFFSET));

        client.session.end();
        executor.runAll();

        var page = log.read(TOPIC, 1, Direction.FORWARD, 10, 1 << 20).toCompletableFuture();
        executor.runAll();
        assertThat(page.join().messages())
                .extracting(message -> new String(message.payload(), StandardCharsets.UTF_8))
                .containsExactly("1", "2", "3", "4", "6");
    }

    @Test
    void aConflictIsAnsweredWithTheNextOffset() {
        client.session.accept(publish(1, TOPIC, "1", 5));

        executor.runAll();

        assertThat(client.sent).singleElement().isInstanceOfSatisfying(ServerFrame.Error.class, error -> {
            assertThat(error.code()).isEqualTo(ErrorCode.CONFLICT);
            assertThat(error.nextOffset()).isEqualTo(1);
        });
    }

    @Test
    void framesBehindASubscribeWaitUntilItHasTakenEffect() {
        client.session.accept(subscribe(1, TOPIC, true));
        client.session.accept(publish(2, TOPIC));
        client.session.accept(new ClientFrame.Ping(bytes("3")));
        assertThat(client.sent).isEmpty();

        executor.runAll();

        assertThat(client.sent)
                .extracting(SessionTest::described)
                .containsExactly("1 subscribed at 1", "3 pong", "2 at 1");
        assertThat(client.delivered).containsExactly(1L);
    }

    @Test
    void presenceIsToldOfTheConnectionAndOfTheTopicsInWhichItIsSeen() {
        TopicName room = new TopicName("t:1");
        Client listening = new Client("c2", identity("ann", Identity.NEVER));
        assertThat(presence.told()).containsExactly("opened c1", "opened c2");

        listening.session.accept(new ClientFrame.Subscribe(bytes("1"), TOPIC, From.NEW, false));
        listening.session.accept(new ClientFrame.Subscribe(bytes("2"), room, From.NEW, false, false));
        executor.runAll();
        assertThat(presence.told()).isEmpty();
        // Without the permission it may not hear it, and so not ask for it.
        listening.session.accept(new ClientFrame.Subscribe(bytes("3"), room, From.NEW, false, true));
        executor.runAll();
        assertThat(listening.sent.getLast())
                .isInstanceOfSatisfying(
                        ServerFrame.Error.class,
                        error -> assertThat(error.message()).isEqualTo("not allowed to see who is in this topic"));
        assertThat(presence.told()).isEmpty();
    }

    @Test
    void oneWhoIsSeenLeavesByEveryEnd() {
        Identity who = new Identity("bob", null, Identity.Credential.API_KEY, "key-bob", Grant.DEFAULT, Identity.NEVER);
        Client bob = new Client("c3", who);
        TopicName room = new TopicName("room:1");
        presence.told();
        bob.session.accept(new ClientFrame.Subscribe(bytes("1"), room, From.NEW, false));
        bob.session.accept(new ClientFrame.Subscribe(bytes("2"), TOPIC, From.NEW, false, true));
        executor.runAll();
        assertThat(presence.told()).containsExactly("c3 enters room:1", "c3 enters t");
        assertThat(bob.hears(room)).isTrue();

        bob.session.accept(new ClientFrame.Subscribe(bytes("3"), room, new From.Earliest(), false));
        bob.session.accept(new ClientFrame.Subscribe(bytes("4"), TOPIC, null, false));
        executor.runAll();
        assertThat(presence.told()).as("who starts again stays").isEmpty();
        assertThat(bob.hears(room)).isTrue();

        bob.session.accept(new ClientFrame.Unsubscribe(bytes("5"), room, false));
        bob.session.accept(new ClientFrame.Subscribe(bytes("6"), TOPIC, null, false, false));
        executor.runAll();
        assertThat(presence.told()).containsExactly("c3 leaves room:1", "c3 leaves t");

        bob.session.accept(new ClientFrame.Subscribe(bytes("7"), room, From.NEW, false));
        executor.runAll();
        presence.told();
        bob.session.end();
        assertThat(presence.told()).containsExactly("closed c3");
    }

    @Test
    void tooManyFramesBehindASubscribeStopReadingUntilTheyHaveRun() {
        client.session.accept(subscribe(0, TOPIC, false));
        for (int i = 1; i < HeldFrames.MOST_FRAMES; i++) {
            client.session.accept(new ClientFrame.Ping(bytes(String.valueOf(i))));
        }
        assertThat(client.reading).isTrue();

        client.session.accept(new ClientFrame.Ping(bytes("64")));
        assertThat(client.reading).isFalse();
        executor.runAll();

        assertThat(client.reading).isTrue();
        assertThat(client.sent).hasSize(65);
    }

    @Test
    void aPublisherIsNotReadWhileTheLogIsOverItsSoftBound() {
        String large = "\"" + "x".repeat(3_000) + "\"";
        client.session.accept(publish(1, TOPIC, large, Append.ANY_OFFSET));
        assertThat(client.reading).isTrue();

        client.session.accept(publish(2, TOPIC, large, Append.ANY_OFFSET));
        assertThat(client.reading).isFalse();
        executor.runAll();

        assertThat(client.reading).isTrue();
        assertThat(client.sent).extracting(SessionTest::described).containsExactly("1 at 1", "2 at 2");
    }

    @Test
    void aFrameWithoutAnIdIsAnsweredOnlyIfItFails() {
        client.session.accept(
                new ClientFrame.Publish(null, TOPIC, new Draft(bytes("1"), null, null), Append.ANY_OFFSET, true));
        client.session.accept(
                new ClientFrame.Publish(null, READ_ONLY, new Draft(bytes("1"), null, null), Append.ANY_OFFSET, true));

        executor.runAll();

        assertThat(client.sent).extracting(SessionTest::described).containsExactly("null forbidden");
    }

    @Test
    void whatIsDurableFailsWithoutAUser() {
        Client guest = new Client(
                "c2", Identity.anonymous(null, null, List.of(new Grant("*", EnumSet.of(Permission.SUBSCRIBE)))));

        guest.session.accept(subscribe(1, TOPIC, true));
        executor.runAll();

        assertThat(guest.sent).extracting(SessionTest::described).containsExactly("1 forbidden");
        assertThat(guest.listensTo(TOPIC)).isFalse();
    }

    @Test
    void historyNeedsTheRightToRead() {
        Client writer = new Client(
                "c3",
                new Identity(
                        "bob",
                        null,
                        Identity.Credential.API_KEY,
                        null,
                        List.of(new Grant("*", EnumSet.of(Permission.SUBSCRIBE))),
                        Identity.NEVER));

        writer.session.accept(new ClientFrame.Subscribe(bytes("1"), TOPIC, new From.Earliest(), false));
        writer.session.accept(subscribe(2, TOPIC, false));
        executor.runAll();

        assertThat(writer.sent).extracting(SessionTest::described).containsExactly("1 forbidden", "2 subscribed at 1");
    }

    @Test
    void whenTheCredentialsEndNothingMoreRuns() {
        Client brief = new Client("c4", identity("ann", clock.millis() + 1_000));
        clock.advance(Duration.ofSeconds(2));

        brief.session.accept(publish(1, TOPIC));

        executor.runAll();
        assertThat(brief.closedWith).isEqualTo(4001);
        assertThat(log.figures().acceptedMessages()).isZero();
    }

    @Test
    void authenticatingRenewsTheSameUserAndEndsTheConnectionOfAnother() {
        nextAuthentication.set(new Authentication.Known(identity("ann", clock.millis() + 60_000)));
        client.session.accept(new ClientFrame.Authenticate(bytes("1"), "token"));
        client.session.accept(new ClientFrame.Ping(bytes("2")));
        executor.runAll();
        assertThat(client.session.identity().expiresAtMs()).isEqualTo(clock.millis() + 60_000);
        assertThat(client.closedWith).isZero();

        nextAuthentication.set(new Authentication.Known(identity("eve", Identity.NEVER)));
        client.session.accept(new ClientFrame.Authenticate(bytes("3"), "token"));
        executor.runAll();

        assertThat(client.closedWith).isEqualTo(4003);
    }

    @Test
    void anEndedSessionLeavesItsAudiencesAndSaysNothingMore() {
        client.session.accept(subscribe(1, TOPIC, false));
        executor.runAll();
        client.session.accept(publish(2, TOPIC));

        client.session.end();
        executor.runAll();

        assertThat(client.sent).extracting(SessionTest::described).containsExactly("1 subscribed at 1");
        assertThat(client.delivered).isEmpty();
        assertThat(lane.liveSubscriptions()).isZero();
    }

    // ---- queries

    private static Query.Read read(int id) {
        return new Query.Read(bytes(String.valueOf(id)), TOPIC, Query.NOT_GIVEN, Query.NOT_GIVEN, 10);
    }

    @Test
    void eightQueriesRunAtOnceAndWhatComesBehindWaitsInOrder() {
        for (int i = 1; i <= Session.MAX_QUERIES + 1; i++) {
            client.session.accept(read(i));
        }
        client.session.accept(new ClientFrame.Ping(bytes("p")));
        assertThat(lane.budget().usedBytes()).isEqualTo((long) Session.MAX_QUERIES * ReplySize.MAX_BYTES);
        assertThat(client.sent).isEmpty();

        executor.runAll();

        assertThat(client.sent)
                .extracting(SessionTest::described)
                .containsExactly(
                        "1 read", "p pong", "2 read", "3 read", "4 read", "5 read", "6 read", "7 read", "8 read",
                        "9 read");
        assertThat(lane.budget().usedBytes()).isZero();
        assertThat(client.session.isIdle()).isTrue();
    }

    @Test
    void aQueryWithoutAnIdIsNotRun() {
        client.session.accept(new Query.Read(null, READ_ONLY, 0, Query.NOT_GIVEN, 10));
        client.session.accept(new Query.Topics(null, "", 10, ""));
        client.session.accept(new Query.Read(null, new TopicName("forbidden"), 0, Query.NOT_GIVEN, 10));

        assertThat(client.session.isIdle()).isTrue();
        assertThat(lane.budget().usedBytes()).isZero();
        executor.runAll();
        assertThat(client.sent).isEmpty();
    }

    @Test
    void queriesBeyondTheFramesThatAreHeldStopReading() {
        for (int i = 0; i < Session.MAX_QUERIES + HeldFrames.MOST_FRAMES - 1; i++) {
            client.session.accept(read(i));
        }
        assertThat(client.reading).isTrue();

        client.session.accept(read(1_000));
        assertThat(client.reading).isFalse();
        executor.runAll();

        assertThat(client.reading).isTrue();
        assertThat(client.sent).hasSize(Session.MAX_QUERIES + HeldFrames.MOST_FRAMES);
    }

    @Test
    void whereAllRoomIsTakenAQueryThatIsAloneGetsASmallReplyAndTheNextWaits() {
        for (int i = 0; i < 20; i++) {
            client.session.accept(publish(i, TOPIC, "\"" + "x".repeat(1_000) + "\"", Append.ANY_OFFSET));
            executor.runAll();
        }
        client.sent.clear();
        lane.budget().take(ROOM_BYTES);
        client.session.accept(read(1));
        client.session.accept(read(2));
        assertThat(lane.budget().usedBytes()).isEqualTo(ROOM_BYTES + OutboundBudget.SMALL_PAGE_BYTES);
        executor.runAll();
        lane.budget().release(ROOM_BYTES);
        client.session.accept(read(3));
        executor.runAll();

        assertThat(client.sent)
                .extracting(frame -> ((Query.ReadPage) frame).messages().size())
                .containsExactly(3, 3, 10);
        assertThat(lane.budget().usedBytes()).isZero();
    }

    @Test
    void aQueryForWhichThereIsNoRoomIsAskedAgainALittleLater() {
        client.session.accept(read(1));
        lane.budget().take(ROOM_BYTES);
        client.session.accept(read(2));
        lane.budget().release(ROOM_BYTES);
        executor.advance(Duration.ofSeconds(1));

        assertThat(client.sent).extracting(SessionTest::described).containsExactly("1 read", "2 read");
        assertThat(lane.budget().usedBytes()).isZero();
    }

    @Test
    void theRoomOfAQueryIsGivenBackThoughTheSessionEndsBeforeTheAnswer() {
        client.session.accept(read(1));
        assertThat(lane.budget().usedBytes()).isPositive();

        client.session.end();
        executor.runAll();

        assertThat(lane.budget().usedBytes()).isZero();
        assertThat(client.sent).isEmpty();
    }

    // ---- faults

    @Test
    void aReplyThatCannotBeMadeEndsTheConnectionInsteadOfLeavingTheOthersWaiting() {
        client.session.accept(publish(1, TOPIC));
        client.session.accept(publish(2, TOPIC));
        client.fault = new OutOfMemoryError("no direct memory");

        assertThatThrownBy(executor::runAll).isSameAs(client.fault);
        client.fault = null;
        executor.runAll();

        assertThat(client.closedWith).isEqualTo(1011);
        assertThat(client.session.isIdle()).isTrue();
    }

    // ---- clients that take nothing

    @Test
    void framesOfAClientThatTakesNothingWaitUntilItDoes() {
        client.takes = false;
        for (int i = 1; i <= 100; i++) {
            client.session.accept(new ClientFrame.Ping(bytes(String.valueOf(i))));
        }
        assertThat(client.sent).isEmpty();
        assertThat(client.reading).isFalse();

        client.takes = true;
        client.session.onRoom();

        assertThat(client.sent).hasSize(100);
        assertThat(client.reading).isTrue();
    }

    @Test
    void whatAllConnectionsHoldIsBoundedAndGivenBack() {
        client.takes = false;
        for (int i = 1; i <= 1_000; i++) {
            client.session.accept(new ClientFrame.Ping(bytes(String.valueOf(i))));
        }
        assertThat(lane.budget().usedBytes()).isBetween(200_000L, 300_000L);
        lane.budget().take(2 * ROOM_BYTES - 250_000);
        Client other = new Client("c5", identity("bob", Identity.NEVER));
        other.takes = false;
        for (int i = 1; i <= 1_000 && other.closedWith == 0; i++) {
            other.session.accept(new ClientFrame.Ping(bytes(String.valueOf(i))));
        }
        assertThat(other.closedWith).isEqualTo(1013);
        lane.budget().release(2 * ROOM_BYTES - 250_000);

        client.takes = true;
        client.session.onRoom();

        assertThat(client.sent).hasSize(1_000);
        assertThat(client.closedWith).isZero();
        assertThat(lane.budget().usedBytes()).isZero();
    }

    @Test
    void aThousandHeldFramesThatTakeEffectAtOnceDoNotNest() throws InterruptedException {
        client.takes = false;
        for (int i = 1; i <= 1_000; i++) {
            client.session.accept(subscribe(i, new TopicName("forbidden"), false));
        }
        client.takes = true;

        Thread small = new Thread(null, client.session::onRoom, "small", 128 * 1024);
        small.start();
        small.join();

        assertThat(client.sent).hasSize(1_000);
    }

    @Test
    void whoSignalsTooMuchWaitsALittle() {
        admission = Admission.ACCEPTED_SLOW_DOWN;
        client.session.accept(new ClientFrame.Signal(bytes("1"), TOPIC, bytes("1")));
        client.session.accept(new ClientFrame.Signal(bytes("2"), TOPIC, bytes("1")));
        assertThat(client.reading).isFalse();
        assertThat(client.sent).hasSize(1);

        admission = Admission.ACCEPTED;
        executor.advance(Duration.ofSeconds(1));

        assertThat(client.reading).isTrue();
        assertThat(client.sent).hasSize(2);
    }

    @Test
    void aSignalThatIsNotPassedOnIsRefused() {
        admission = Admission.REFUSED;
        client.session.accept(new ClientFrame.Signal(bytes("1"), TOPIC, bytes("1")));

        assertThat(client.sent).extracting(SessionTest::described).containsExactly("1 overloaded");
    }

    @Test
    void aFrameBeyondTheQuotaIsAnsweredInItsPlaceAndNothingIsRun() {
        client.session.accept(publish(0, TOPIC));
        quota = (_, _) -> false;

        client.session.accept(publish(1, TOPIC));
        client.session.accept(subscribe(2, TOPIC, true));
        client.session.accept(new ClientFrame.Unsubscribe(bytes("3"), TOPIC, false));
        client.session.accept(new Query.Read(bytes("4"), TOPIC, 0, Query.NOT_GIVEN, 1));
        client.session.accept(new ClientFrame.Signal(bytes("5"), TOPIC, bytes("1")));
        client.session.accept(new ClientFrame.Authenticate(bytes("6"), "token"));
        client.session.accept(new ClientFrame.Ping(bytes("7")));
        executor.runAll();

        assertThat(client.sent)
                .extracting(SessionTest::described)
                .containsExactly(
                        "2 rate_limited",
                        "3 rate_limited",
                        "4 rate_limited",
                        "5 rate_limited",
                        "6 rate_limited",
                        "7 pong",
                        "0 at 1",
                        "1 rate_limited");
        assertThat(client.topics()).isEmpty();
        assertThat(lane.budget().usedBytes()).isZero();

        quota = Quota.UNLIMITED;
        client.session.accept(publish(8, TOPIC));
        executor.runAll();
        assertThat(described(client.sent.getLast())).isEqualTo("8 at 2");
    }

    @Test
    void aTopicThatIsNotLeftForWantOfQuotaIsPutBackAsBefore() {
        client.session.accept(subscribe(1, TOPIC, true));
        executor.runAll();
        quota = (_, _) -> false;

        client.session.accept(new ClientFrame.Unsubscribe(bytes("2"), TOPIC, false));
        client.session.accept(new ClientFrame.Unsubscribe(bytes("3"), TOPIC, true));
        executor.runAll();

        assertThat(client.topics()).containsExactly(TOPIC);
        assertThat(client.memberships()).containsExactly(TOPIC);
        assertThat(client.sent)
                .extracting(SessionTest::described)
                .containsExactly("1 subscribed at 1", "2 rate_limited", "3 rate_limited");
    }

    @Test
    void anActionThatNobodyKnowsIsRefused() {
        client.session.accept(new ClientFrame.Unknown(bytes("2"), "fly"));

        assertThat(client.sent)
                .extracting(frame -> ((ServerFrame.Error) frame).message())
                .containsExactly("no such action: fly");
    }

    private static ClientFrame.Name claim(int id, String name) {
        return new ClientFrame.Name(bytes(String.valueOf(id)), name);
    }

    private List<String> claimedNames() {
        CompletableFuture<StatePage> page = state.scan("names", "", "", 10).toCompletableFuture();
        executor.runAll();
        return page.join().records().stream().map(StateRecord::key).toList();
    }

    @Test
    void aClaimedNameIsTheSessionsForTheFramesBehindIt() {
        client.session.accept(publish(1, TOPIC));
        client.session.accept(claim(2, "Ann"));
        client.session.accept(publish(3, TOPIC));
        executor.runAll();

        assertThat(client.sent).extracting(SessionTest::described).containsExactly("1 at 1", "2 is Ann", "3 at 2");
        assertThat(client.session.record().identity().name()).isEqualTo("Ann");
        assertThat(presence.told()).contains("c1 is Ann");
        CompletableFuture<Page> page =
                log.read(TOPIC, 1, Direction.FORWARD, 10, 1 << 20).toCompletableFuture();
        executor.runAll();
        assertThat(page.join().messages()).extracting(Message::name).containsExactly(null, "Ann");
        assertThat(page.join().messages().getFirst().details()).isNull();
    }

    @Test
    void aSecondNameFreesTheFirstAndTheEndFreesTheLast() {
        client.session.accept(claim(1, "Ann"));
        client.session.accept(claim(2, "ANN"));
        executor.runAll();
        assertThat(claimedNames()).containsExactly("ann");
        client.session.accept(claim(3, "Bea"));
        executor.runAll();
        assertThat(claimedNames()).containsExactly("bea");
        Client other = new Client("c5", identity("bob", Identity.NEVER));
        other.session.accept(claim(1, "bea"));
        executor.runAll();
        assertThat(other.sent).extracting(SessionTest::described).containsExactly("1 conflict");
        assertThat(other.session.record().identity().name()).isNull();

        other.session.end();
        client.session.end();
        executor.runAll();

        assertThat(claimedNames()).isEmpty();
    }

    @Test
    void aClaimThatIsAnsweredAfterTheEndIsGivenBack() {
        client.session.accept(claim(1, "Ann"));
        client.session.end();
        executor.runAll();

        assertThat(client.sent).isEmpty();
        assertThat(claimedNames()).isEmpty();
    }

    @Test
    void aClaimedNameStaysWhereTheCredentialsAreRenewed() {
        client.session.accept(claim(1, "Ann"));
        nextAuthentication.set(new Authentication.Known(identity("ann", Identity.NEVER)));
        client.session.accept(new ClientFrame.Authenticate(bytes("2"), "token"));
        executor.runAll();

        assertThat(client.session.record().identity().name()).isEqualTo("Ann");
        assertThat(SessionCodec.decode(SessionCodec.encode(client.session.record())))
                .isEqualTo(client.session.record());
    }

    private static String described(ServerFrame frame) {
        return switch (frame) {
            case ServerFrame.Published published -> text(published.id()) + " at " + published.offset();
            case ServerFrame.Error error ->
                text(error.id()) + " " + error.code().wireName();
            case ServerFrame.Subscribed subscribed ->
                text(subscribed.id()) + " subscribed at " + subscribed.extent().nextOffset();
            case ServerFrame.Named named -> text(named.id()) + " is " + named.name();
            case ServerFrame.Pong pong -> text(pong.id()) + " pong";
            case Query.ReadPage page -> text(page.id()) + " read";
            default -> frame.toString();
        };
    }

    private static String text(byte @Nullable [] id) {
        return id == null ? "null" : new String(id, StandardCharsets.UTF_8);
    }

    private final class Client extends Listener implements Outbound {
        private final Session session;
        private final List<ServerFrame> sent = new ArrayList<>();
        private final List<Long> delivered = new ArrayList<>();
        private final MessageLists encoding = new MessageLists();
        private boolean reading = true;
        private boolean takes = true;
        private int closedWith;
        private @Nullable Error fault;

        Client(String id, Identity identity) {
            super(id);
            session = new Session(
                    lane.node,
                    lane.sessions,
                    new SessionRecord(id, identity, "v1", WireFormat.NATIVE, InetAddress.getLoopbackAddress()),
                    this,
                    this);
            session.open(true, new Opened() {
                @Override
                public void onOpened(List<TopicExtent> subscriptions) {}

                @Override
                public void onRefused(Refusal refusal) {
                    throw new AssertionError(refusal);
                }
            });
            executor.runAll();
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
            if (fault != null) {
                throw fault;
            }
            sent.add(frame);
        }

        @Override
        public boolean hasRoom() {
            return takes;
        }

        @Override
        public int reserve(int bytes, boolean alone) {
            int room = lane.budget().acquire(bytes, alone);
            if (room == 0) {
                comeBackLater();
            }
            return room;
        }

        @Override
        public void sendReserved(ServerFrame reply, int reserved) {
            send(reply);
            lane.budget().release(reserved);
        }

        @Override
        public void release(int reserved) {
            lane.budget().release(reserved);
        }

        @Override
        public boolean hold(int bytes) {
            return lane.budget().hold(bytes);
        }

        @Override
        public void comeBackLater() {
            lane.serveLater(this);
        }

        @Override
        protected void onRoom() {
            session.onRoom();
        }

        @Override
        public void close(int code, String reason) {
            closedWith = code;
            session.end();
        }

        @Override
        public void setReading(boolean newReading) {
            reading = newReading;
        }

        @Override
        protected Encoding encoding() {
            return encoding;
        }

        @Override
        protected boolean isWritable() {
            return true;
        }

        @Override
        protected boolean isDrained() {
            return true;
        }

        @Override
        protected boolean offer(Encoded run) {
            ((MessageLists.Run) run).messages().forEach(message -> delivered.add(message.offset()));
            return true;
        }

        @Override
        protected void writePage(Encoded page, Runnable onSent) {
            offer(page);
            onSent.run();
        }

        @Override
        protected void onTruncated(TopicName topic, long epoch, long firstOffset) {}

        @Override
        protected void onReset(TopicName topic, long epoch, long commonOffset) {}
    }

    private final class TestLane extends DeliveryLane {
        private final Node node;
        private final LaneSessions sessions;

        TestLane() {
            super(log, log, new OutboundBudget(ROOM_BYTES), SLICE_LISTENERS, PENDING_BYTES, new Random(1));
            Memberships durable = new Memberships(state, log, log, clock, 10, 10);
            Notices notices = new Notices(log, clock);
            ApiKeys keys = new ApiKeys(state, new Random(2), clock);
            node = new Node(
                    log,
                    durable,
                    presence,
                    TestPeople.policies(),
                    keys,
                    new EndedRights(state, log, keys, clock),
                    new Commands(
                            log,
                            (_, _) -> admission,
                            TestPeople.of(state, log, log, durable, presence),
                            _ -> CompletableFuture.completedFuture(nextAuthentication.get()),
                            TopicPolicies.DEFAULT,
                            CommandLimits.DEFAULT),
                    (caller, payloadBytes) -> quota.take(caller, payloadBytes),
                    clock,
                    25_000,
                    notices);
            sessions = new LaneSessions(node, source(), deadlines(), this);
        }

        @Override
        public void enqueue(HandOver handOver) {
            executor.execute(() -> {
                accept(handOver);
                endTurn();
            });
        }

        @Override
        protected boolean inLane() {
            return true;
        }

        @Override
        protected void execute(Runnable task) {
            executor.execute(task);
        }

        @Override
        protected void schedule(Runnable task, long delayMs) {
            executor.schedule(task, delayMs);
        }

        @Override
        protected void flush() {}
    }
}
