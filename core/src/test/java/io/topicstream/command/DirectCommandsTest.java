package io.topicstream.command;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.topicstream.access.Grant;
import io.topicstream.access.Identity;
import io.topicstream.access.Permission;
import io.topicstream.log.Append;
import io.topicstream.log.AppendResult;
import io.topicstream.log.Draft;
import io.topicstream.log.InMemoryLog;
import io.topicstream.log.Lane;
import io.topicstream.log.TopicName;
import io.topicstream.log.TopicPattern;
import io.topicstream.people.Memberships;
import io.topicstream.people.Names;
import io.topicstream.people.Notices;
import io.topicstream.people.PendingAcks;
import io.topicstream.people.People;
import io.topicstream.people.Receipts;
import io.topicstream.people.Receipts.Behind;
import io.topicstream.people.Receipts.BehindPage;
import io.topicstream.people.Redactions;
import io.topicstream.people.RoomDeletions;
import io.topicstream.people.Rooms;
import io.topicstream.policy.TopicPolicies;
import io.topicstream.policy.TopicPolicy;
import io.topicstream.protocol.ClientFrame;
import io.topicstream.protocol.ErrorCode;
import io.topicstream.protocol.Query;
import io.topicstream.protocol.Query.Cursor;
import io.topicstream.protocol.ServerFrame;
import io.topicstream.state.InMemoryStateStore;
import io.topicstream.testkit.FixedPresence;
import io.topicstream.testkit.ManualClock;
import io.topicstream.testkit.SteppedExecutor;
import io.topicstream.testkit.TestPeople;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/// Sending, acknowledging and cursors as commands, for callers without a connection.
class DirectCommandsTest {
    private static final int MOST_CHATS = 3;
    private static final int LARGE = 100 * 1024;
    private static final byte[] ID = {'1'};

    private final ManualClock clock = new ManualClock();
    private final SteppedExecutor executor = new SteppedExecutor(clock);
    private final InMemoryLog log = new InMemoryLog(clock, executor, 7);
    private final InMemoryStateStore state = new InMemoryStateStore(clock, executor);
    private final Memberships memberships = new Memberships(state, log, log, clock, 10, MOST_CHATS);
    private final FixedPresence presence = new FixedPresence();
    private final Receipts receipts = new Receipts(state, log, log, presence, TestPeople.policies());
    private final Rooms rooms = new Rooms(state, log, clock);
    private final Commands commands = new Commands(
            log,
            log,
            new People(
                    memberships,
                    presence,
                    receipts,
                    new PendingAcks(receipts, clock, executor),
                    new Names(state, _ -> CompletableFuture.completedFuture(true)),
                    rooms,
                    new Notices(log, clock),
                    new Redactions(log, log),
                    new RoomDeletions(
                            log, memberships, receipts, rooms, _ -> CompletableFuture.completedFuture(true), clock)),
            _ -> new CompletableFuture<>(),
            new TopicPolicies(
                    TopicPolicy.DEFAULT,
                    List.of(new TopicPolicies.Rule(new TopicPattern("dm:*"), new TopicPolicy(10)))),
            CommandLimits.DEFAULT);

    private static Caller caller(@Nullable String user, Grant... grants) {
        List<Grant> all = grants.length == 0 ? Grant.DEFAULT : List.of(grants);
        return new TestCaller(
                user == null
                        ? Identity.anonymous(null, null, all)
                        : new Identity(user, null, Identity.Credential.API_KEY, null, all, Identity.NEVER));
    }

    private <T> Result<T> answer(CompletionStage<Result<T>> stage) {
        executor.runAll();
        return stage.toCompletableFuture().join();
    }

    private <T> T success(CompletionStage<Result<T>> stage) {
        return switch (answer(stage)) {
            case Result.Success<T>(T value) -> value;
            case Result.Refused<T>(Refusal refusal) -> throw new AssertionError(refusal.reason());
        };
    }

    private <T> ErrorCode refused(CompletionStage<Result<T>> stage) {
        return switch (answer(stage)) {
            case Result.Success<T>(T value) -> throw new AssertionError("it was done: " + value);
            case Result.Refused<T>(Refusal refusal) -> refusal.code();
        };
    }

    private CompletionStage<Result<ServerFrame.Sent>> send(Caller from, String to, String payload) {
        return commands.send(from, new ClientFrame.Send(ID, to, new Draft(payload.getBytes(UTF_8), null, null)));
    }

    private void publish(String topic) {
        log.append(
                new Append(
                        new TopicName(topic),
                        List.of(new Draft(new byte[] {'1'}, null, null)),
                        null,
                        "",
                        Append.ANY_OFFSET,
                        Lane.DIRECT) {
                    @Override
                    public void onAnswered(AppendResult result) {}
                });
        executor.runAll();
    }

    private void ack(String user, String topic, long delivered, long read) {
        success(commands.carryOut(caller(user), new ClientFrame.Ack(ID, new TopicName(topic), delivered, read)));
    }

    private Query.CursorList cursors(Caller caller, @Nullable List<String> topics, int limit, String after, int bytes) {
        Query.Cursors asked = new Query.Cursors(
                ID, topics == null ? null : topics.stream().map(TopicName::new).toList(), limit, after);
        return (Query.CursorList) success(commands.ask(caller, asked, bytes));
    }

    private static List<String> names(Query.CursorList list) {
        return list.cursors().stream().map(cursor -> cursor.topic().value()).toList();
    }

    // ---- send

    @Test
    void aSendSaysWhereItIsAndWhetherTheOtherOneIsOnline() {
        presence.comeOnline("bob");

        ServerFrame.Sent sent = success(send(caller("cy"), "bob", "1"));
        ServerFrame.Sent back = success(send(caller("bob"), "cy", "2"));

        assertThat(sent.topic()).isEqualTo(new TopicName("dm:bob~cy"));
        assertThat(sent.offset()).isEqualTo(1);
        assertThat(sent.online()).isTrue();
        assertThat(back.topic()).isEqualTo(sent.topic());
        assertThat(back.offset()).isEqualTo(2);
        assertThat(back.online()).isFalse();
    }

    @Test
    void whoIsNobodyOrMayNotOrSaysTooMuchChangesNothing() {
        assertThat(refused(send(caller(null), "bob", "1"))).isEqualTo(ErrorCode.FORBIDDEN);
        assertThat(refused(send(caller("ann", new Grant("room:*", EnumSet.allOf(Permission.class))), "bob", "1")))
                .isEqualTo(ErrorCode.FORBIDDEN);
        assertThat(refused(send(caller("ann"), "bob", "12345678901"))).isEqualTo(ErrorCode.TOO_LARGE);
        for (String to : List.of("", "a~b", "a b", "guest.", "x".repeat(97))) {
            assertThat(refused(send(caller("ann"), to, "1"))).as(to).isEqualTo(ErrorCode.BAD_FRAME);
        }

        CompletionStage<List<TopicName>> own = memberships.list("ann");
        executor.runAll();
        assertThat(own.toCompletableFuture().join()).isEmpty();
        assertThat(success(send(caller("ann"), "x".repeat(96), "1234567890")).offset())
                .isEqualTo(1);
    }

    @Test
    void aUserWithTooManyChatsBeginsNoneAndGetsNone() {
        for (int i = 0; i < MOST_CHATS; i++) {
            success(send(caller("ann"), "u" + i, "1"));
        }

        assertThat(refused(send(caller("ann"), "bob", "1"))).isEqualTo(ErrorCode.LIMIT_EXCEEDED);
        assertThat(refused(send(caller("bob"), "ann", "1"))).isEqualTo(ErrorCode.LIMIT_EXCEEDED);
        assertThat(success(send(caller("u1"), "ann", "1")).offset()).isEqualTo(2);
        assertThat(success(send(caller("bob"), "cy", "1")).offset()).isEqualTo(1);
    }

    // ---- acks and cursors

    @Test
    void whatIsUnreadIsWhatComesAfterTheLastThatWasRead() {
        success(send(caller("ann"), "bob", "1"));
        success(send(caller("ann"), "bob", "2"));
        success(send(caller("ann"), "bob", "3"));
        TopicName chat = new TopicName("dm:ann~bob");

        assertThat(cursors(caller("bob"), null, 10, "", LARGE).cursors()).containsExactly(new Cursor(chat, 0, 0, 4));
        ack("bob", "dm:ann~bob", 3, 1);

        Cursor cursor = cursors(caller("bob"), List.of("dm:ann~bob"), 10, "", LARGE)
                .cursors()
                .getFirst();
        assertThat(cursor).isEqualTo(new Cursor(chat, 3, 1, 4));
        assertThat(cursor.unread()).isEqualTo(2);
        assertThat(cursors(caller("ann"), List.of("dm:ann~bob", "none"), 10, "", LARGE)
                        .cursors())
                .containsExactly(new Cursor(chat, 0, 0, 4), new Cursor(new TopicName("none"), 0, 0, 1));
    }

    @Test
    void whatWaitsToBeStoredIsSeenByItsOwner() {
        publish("t");
        publish("t");
        ack("ann", "t", 1, 1);
        commands.carryOut(caller("ann"), new ClientFrame.Ack(null, new TopicName("t"), 2, 2));
        commands.carryOut(caller("ann"), new ClientFrame.Ack(null, new TopicName("t"), 9, Query.NOT_GIVEN));

        assertThat(cursors(caller("ann"), null, 10, "", LARGE).cursors())
                .containsExactly(new Cursor(new TopicName("t"), 2, 2, 3));
    }

    @Test
    void cursorsComeByNameInPagesOfWhatIsTheUsersAndWhatItAcknowledged() {
        List<String> all = new ArrayList<>();
        for (String name : List.of("a", "b", "c", "d", "e", "f", "g")) {
            publish(name);
            all.add(name);
        }
        for (String name : List.of("a", "d", "e", "g")) {
            memberships.add("ann", new TopicName(name));
        }
        for (String name : List.of("b", "c", "e", "f")) {
            ack("ann", name, 1, 1);
        }
        executor.runAll();

        for (int limit : new int[] {1, 2, 3, 7, 10}) {
            List<String> found = new ArrayList<>();
            Query.CursorList page = cursors(caller("ann"), null, limit, "", LARGE);
            found.addAll(names(page));
            while (page.next() != null) {
                page = cursors(caller("ann"), null, limit, page.next(), LARGE);
                assertThat(page.cursors()).hasSizeLessThanOrEqualTo(limit);
                found.addAll(names(page));
            }
            assertThat(found).as("by " + limit).isEqualTo(all);
        }
        Query.CursorList named = cursors(caller("ann"), List.of("g", "a", "b", "a"), 2, "", LARGE);
        assertThat(names(named)).containsExactly("a", "b");
        assertThat(named.next()).isEqualTo("b");
        assertThat(names(cursors(caller("ann"), List.of("g", "a", "b"), 2, "b", LARGE)))
                .containsExactly("g");
        Query.CursorList small = cursors(caller("ann"), null, 10, "", 300);
        assertThat(names(small)).containsExactly("a", "b");
        assertThat(small.next()).isEqualTo("b");
        assertThat(names(cursors(caller("ann"), null, 10, "", 1))).containsExactly("a");
    }

    @Test
    void cursorsAreShownToTheirUserAndTheAdministrator() {
        success(send(caller("ann"), "bob", "1"));
        publish("t");
        ack("bob", "t", 1, 1);
        Query.Cursors all = new Query.Cursors(null, null, 10, "");
        Caller admin = caller("root", new Grant("*", EnumSet.allOf(Permission.class)));

        assertThat(names(success(commands.cursors(caller("bob"), "bob", all, LARGE))))
                .containsExactly("dm:ann~bob", "t");
        // Chats are the two users' own, before an administrator too.
        assertThat(names(success(commands.cursors(admin, "bob", all, LARGE)))).containsExactly("t");
        assertThat(refused(commands.cursors(caller("ann"), "bob", all, LARGE))).isEqualTo(ErrorCode.FORBIDDEN);
        assertThat(refused(commands.cursors(caller(null), "bob", all, LARGE))).isEqualTo(ErrorCode.FORBIDDEN);
        assertThat(refused(commands.cursors(admin, "b b", all, LARGE))).isEqualTo(ErrorCode.BAD_FRAME);
        assertThat(refused(commands.ask(
                        caller("cy"), new Query.Cursors(ID, List.of(new TopicName("dm:ann~bob")), 1, ""), LARGE)))
                .isEqualTo(ErrorCode.FORBIDDEN);
    }

    @Test
    void aPlaceInAListThatNoAnswerNamedIsRefused() {
        TopicName room = new TopicName("room:tea");
        for (String place : List.of("x", "u", "u\u0001", "m\u00E9", "m" + "x".repeat(300))) {
            assertThat(refused(commands.notReceived(caller("ann"), new Query.Members(null, room, 2, place), 3)))
                    .as(place)
                    .isEqualTo(ErrorCode.BAD_FRAME);
        }
    }

    @Test
    void whoHasNotReceivedAMessageIsWhoAcknowledgedLessOrIsThereAndAcknowledgedNothing() {
        TopicName room = new TopicName("room:r");
        for (int i = 0; i < 3; i++) {
            publish("room:r");
        }
        ack("ann", "room:r", 3, 3);
        ack("bob", "room:r", 2, 2);
        ack("cy", "room:r", 1, 1);
        for (String user : List.of("ann", "bob", "dan", "eve", "fay")) {
            presence.enter(room, user);
        }
        List<Behind> found = new ArrayList<>();
        String next = "";
        int pages = 0;
        while (next != null) {
            BehindPage page = success(commands.notReceived(caller("ann"), new Query.Members(null, room, 2, next), 3));
            assertThat(page.behind()).hasSizeLessThanOrEqualTo(2);
            found.addAll(page.behind());
            next = page.next();
            pages++;
        }

        assertThat(found)
                .containsExactly(
                        new Behind("bob", 2),
                        new Behind("cy", 1),
                        new Behind("dan", 0),
                        new Behind("eve", 0),
                        new Behind("fay", 0));
        assertThat(pages).isGreaterThan(2);
        assertThat(success(commands.notReceived(caller("ann"), new Query.Members(null, room, 100, ""), 3))
                        .behind())
                .isEqualTo(found);
        Query.Members chat = new Query.Members(null, new TopicName("dm:ann~bob"), 10, "");
        assertThat(success(commands.notReceived(caller("ann"), chat, 1)).behind())
                .containsExactly(new Behind("ann", 0), new Behind("bob", 0));
        assertThat(refused(commands.notReceived(caller("cy"), chat, 1))).isEqualTo(ErrorCode.FORBIDDEN);
        assertThat(refused(commands.notReceived(caller("ann"), new Query.Members(null, room, 10, "x"), 1)))
                .isEqualTo(ErrorCode.BAD_FRAME);
    }
}
