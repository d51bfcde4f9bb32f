package io.topicstream.server.scenario;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.topicstream.server.JsonTexts;
import io.topicstream.server.TestClient;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/// The contract of the rooms dialect on the stage `/staging`, row by row. Each story has rooms and people of its own.
/// What is said of those who move is a signal, which may be lost where signals are.
public interface StagingStageScenarios {
    Deployment deployment();

    /// How long something is waited for that may be lost.
    Duration A_WHILE = Duration.ofSeconds(2);

    Pattern CHAT = Pattern.compile(
            "\\{\"type\":\"chat\",\"data\":\\{\"messageId\":\"([0-9a-f-]{36})\",\"roomId\":\"([^\"]*)\","
                    + "\"senderId\":\"([^\"]*)\",\"senderName\":\"([^\"]*)\",\"message\":(\".*\"),\"timestamp\":(\\d+)}}");
    Pattern PRIVATE = Pattern.compile("\\{\"type\":\"private_message\",\"data\":\\{\"senderId\":\"([^\"]*)\","
            + "\"senderName\":\"([^\"]*)\",\"message\":(\".*\"),\"timestamp\":(\\d+)}}");

    /// A room, or somebody, that no other story knows.
    private String fresh(String what) {
        return what + "-" + deployment().topic();
    }

    private static String chat(String text) {
        return "{\"type\":\"chat\",\"message\":\"" + text + "\"}";
    }

    private static Matcher match(Pattern pattern, String frame) {
        Matcher matcher = pattern.matcher(frame);
        assertThat(matcher.matches()).as(frame).isTrue();
        return matcher;
    }

    /// The frame without its time, which is now, in seconds.
    private static String timeless(String frame) {
        long timestamp = JsonTexts.number(frame, "timestamp");
        assertThat(Instant.ofEpochSecond(timestamp))
                .isBetween(Instant.now().minusSeconds(60), Instant.now().plusSeconds(60));
        return frame.replace("\"timestamp\":" + timestamp, "\"timestamp\":T");
    }

    private static String error(String message) {
        return "{\"type\":\"error\",\"data\":{\"message\":\"" + message + "\",\"timestamp\":T}}";
    }

    private static void closeAll(TestClient... clients) {
        for (TestClient client : clients) {
            client.close();
        }
    }

    /// Moves, again where those who should hear it may not have; answers with what the one who moves is told.
    private void move(TestClient client, String room, String user) {
        for (int i = 1; ; i++) {
            client.send("{\"type\":\"join_room\",\"roomId\":\"" + room + "\"}");
            Optional<String> told = client.within(A_WHILE, "\"user_joined\"");
            if (told.isPresent()) {
                assertThat(timeless(told.get()))
                        .isEqualTo("{\"type\":\"user_joined\",\"data\":{\"userId\":\"" + user + "\",\"username\":\""
                                + user + "\",\"roomId\":\"" + room + "\",\"timestamp\":T}}");
                return;
            }
            assertThat(i).as("times it was tried").isLessThan(deployment().timesToSay());
        }
    }

    @Test
    default void whoSaysNothingIsAnonymousInGeneral() {
        TestClient client = TestClient.to(deployment().server(), "/staging").open();

        String welcome = client.next();

        assertThat(timeless(welcome))
                .matches(
                        "\\{\"type\":\"welcome\",\"data\":\\{\"connectionId\":\"[A-Za-z0-9_=-]{20}\",\"userId\":\"anonymous\","
                                + "\"roomId\":\"general\",\"message\":\"Welcome to room general!\",\"timestamp\":T}}");
        client.close();
    }

    @Test
    default void theWelcomeShowsWhatWasGiven() {
        TestClient client = TestClient.to(
                        deployment().server(),
                        "/staging?userId=Jos%C3%A9&username=Jos%C3%A9+B.&roomId=caf%C3%A9%20%7E&token=valid_test_token")
                .open();

        assertThat(timeless(client.next()))
                .contains(
                        "\"userId\":\"José\",\"roomId\":\"café ~\",\"message\":\"Welcome to room café ~!\",\"timestamp\":T}}");

        client.send(chat("hi"));
        Matcher heard = match(CHAT, client.await("\"chat\""));
        assertThat(heard.group(2)).isEqualTo("café ~");
        assertThat(heard.group(3)).isEqualTo("José");
        assertThat(heard.group(4)).isEqualTo("José B.");
        client.close();
    }

    @Test
    default void aTokenThatIsKnownIsTakenAndAnotherRefused() {
        deployment().staging("?token=valid_token").close();
        assertThat(TestClient.to(deployment().server(), "/staging?token=wrong").refusedWith())
                .isEqualTo(401);
        assertThat(TestClient.to(deployment().server(), "/staging?token=valid_else")
                        .refusedWith())
                .isEqualTo(401);
    }

    @Test
    default void aMessageReachesAllInTheRoomAndNobodyElse() {
        String room = fresh("room");
        TestClient ann = deployment().staging("?userId=ann&username=Ann&roomId=" + room);
        TestClient bob = deployment().staging("?userId=bob&roomId=" + room);
        TestClient elsewhere = deployment().staging("?userId=cy&roomId=" + fresh("other"));

        ann.send("{\"type\":\"chat\",\"message\":\"  Hello \\\"all\\\" \"}");

        Matcher heard = match(CHAT, bob.next());
        assertThat(heard.group(2)).isEqualTo(room);
        assertThat(heard.group(3)).isEqualTo("ann");
        assertThat(heard.group(4)).isEqualTo("Ann");
        assertThat(heard.group(5)).isEqualTo("\"  Hello \\\"all\\\" \"");
        assertThat(timeless(heard.group())).contains("\"timestamp\":T");
        assertThat(ann.next()).isEqualTo(heard.group());

        bob.send("{\"message\":\"without a type\"}");
        heard = match(CHAT, ann.next());
        assertThat(heard.group(3)).isEqualTo("bob");
        assertThat(heard.group(4)).isEqualTo("bob");
        assertThat(bob.next()).isEqualTo(heard.group());
        elsewhere.send("{\"type\":\"ping\"}");
        assertThat(elsewhere.next()).contains("\"pong\"");
        closeAll(ann, bob, elsewhere);
    }

    @Test
    default void aMessageMayGoToAnotherRoom() {
        String room = fresh("room");
        String own = fresh("own");
        TestClient ann = deployment().staging("?userId=ann&roomId=" + own);
        TestClient bob = deployment().staging("?userId=bob&roomId=" + room);

        ann.send("{\"type\":\"chat\",\"message\":\"over there\",\"roomId\":\"" + room + "\"}");
        assertThat(match(CHAT, bob.next()).group(2)).isEqualTo(room);
        ann.send("{\"type\":\"chat\",\"message\":\"here\",\"roomId\":\"\"}");
        assertThat(match(CHAT, ann.next()).group(5)).isEqualTo("\"here\"");
        closeAll(ann, bob);
    }

    @Test
    default void whatCannotBeDoneIsAnsweredInTheWordsOfTheContract() {
        TestClient client = deployment().staging("?roomId=" + fresh("room"));

        expectError(client, "{\"type\":\"chat\"}", "Message cannot be empty");
        expectError(client, "{\"type\":\"chat\",\"message\":\" \\t\\n\\u00a0\"}", "Message cannot be empty");
        expectError(client, "{\"type\":\"chat\",\"message\":7}", "Message cannot be empty");
        expectError(client, "{}", "Message cannot be empty");
        expectError(client, "{\"type\":\"join_room\"}", "Room ID required");
        expectError(client, "{\"type\":\"join_room\",\"roomId\":\"\"}", "Room ID required");
        expectError(client, "{\"type\":\"join_room\",\"roomId\":7}", "Room ID required");
        String incomplete = "Target user ID and message required for private messages";
        expectError(client, "{\"type\":\"private_message\"}", incomplete);
        expectError(client, "{\"type\":\"private_message\",\"targetUserId\":\"bob\"}", incomplete);
        expectError(client, "{\"type\":\"private_message\",\"targetUserId\":\"bob\",\"message\":\"\"}", incomplete);
        expectError(client, "{\"type\":\"private_message\",\"targetUserId\":\"\",\"message\":\"x\"}", incomplete);
        expectError(client, "{\"type\":\"dance\"}", "Unknown message type: dance");
        expectError(client, "{\"type\":7}", "Unknown message type: 7");
        expectError(client, "{\"type\":", "Invalid JSON format");
        expectError(client, "hello", "Invalid JSON format");
        expectError(client, "", "Invalid JSON format");
        for (String noObject : new String[] {"[]", "7", "\"x\"", "null", "true"}) {
            client.send(noObject);
            assertThat(client.next())
                    .matches(
                            "\\{\"message\":\"Internal server error\",\"connectionId\":\"[^\"]+\",\"requestId\":\"[^\"]+\"}");
        }
        client.send("{\"type\":\"ping\"}");
        assertThat(timeless(client.next())).isEqualTo("{\"type\":\"pong\",\"data\":{\"timestamp\":T}}");
        client.close();
    }

    private static void expectError(TestClient client, String frame, String error) {
        client.send(frame);
        assertThat(timeless(client.next())).as(frame).isEqualTo(error(error));
    }

    @Test
    default void whoJoinsAnotherRoomIsAnnouncedInBoth() {
        String from = fresh("from");
        String to = fresh("to");
        String user = fresh("dee");
        TestClient stays = deployment().staging("?userId=ann&roomId=" + from);
        TestClient there = deployment().staging("?userId=bob&roomId=" + to);
        TestClient mover = deployment().staging("?userId=" + user + "&roomId=" + from);

        Optional<String> left = Optional.empty();
        Optional<String> joined = Optional.empty();
        for (int i = 0; i < deployment().timesToSay() && (left.isEmpty() || joined.isEmpty()); i++) {
            move(mover, to, user);
            joined = there.within(A_WHILE, "\"user_joined\"");
            left = stays.within(A_WHILE, "\"user_left\"");
            if (left.isEmpty() || joined.isEmpty()) {
                move(mover, from, user);
            }
        }

        String rest = "\"data\":{\"userId\":\"" + user + "\",\"username\":\"" + user + "\",\"roomId\":\"";
        assertThat(timeless(joined.orElseThrow()))
                .isEqualTo("{\"type\":\"user_joined\"," + rest + to + "\",\"timestamp\":T}}");
        assertThat(timeless(left.orElseThrow()))
                .isEqualTo("{\"type\":\"user_left\"," + rest + from + "\",\"timestamp\":T}}");

        mover.send(chat("here I am"));
        assertThat(match(CHAT, there.await("\"chat\"")).group(2)).isEqualTo(to);
        assertThat(mover.await("\"chat\"")).contains("here I am");
        stays.send(chat("gone?"));
        assertThat(stays.await("\"chat\"")).contains("gone?");
        there.send(chat("last"));
        assertThat(mover.await("\"chat\"")).contains("last");
        closeAll(stays, there, mover);
    }

    @Test
    default void theNextMessageGoesToTheRoomThatWasJoinedBeforeIt() {
        if (!deployment().ordersFrames()) {
            return;
        }
        String to = fresh("to");
        TestClient there = deployment().staging("?userId=bob&roomId=" + to);
        TestClient mover = deployment().staging("?userId=dee&roomId=" + fresh("from"));

        mover.send("{\"type\":\"join_room\",\"roomId\":\"" + to + "\"}").send(chat("here"));

        assertThat(match(CHAT, there.await("\"chat\"")).group(5)).isEqualTo("\"here\"");
        assertThat(match(CHAT, mover.await("\"chat\"")).group(2)).isEqualTo(to);
        closeAll(there, mover);
    }

    @Test
    default void whoLeavesARoomIsInGeneral() {
        String room = fresh("room");
        String user = fresh("dee");
        TestClient stays = deployment().staging("?userId=ann&roomId=" + room);
        TestClient general = deployment().staging("?userId=bob");
        TestClient leaver = deployment().staging("?userId=" + user + "&roomId=" + room);

        Optional<String> left = Optional.empty();
        for (int i = 0; i < deployment().timesToSay() && left.isEmpty(); i++) {
            if (i > 0) {
                move(leaver, room, user);
            }
            leaver.send("{\"type\":\"leave_room\"}");
            left = stays.within(A_WHILE, "\"user_left\"");
        }

        assertThat(timeless(left.orElseThrow()))
                .isEqualTo("{\"type\":\"user_left\",\"data\":{\"userId\":\"" + user + "\",\"username\":\"" + user
                        + "\",\"roomId\":\"" + room + "\",\"timestamp\":T}}");
        String text = fresh("in general");
        leaver.send(chat(text));
        assertThat(match(CHAT, general.await(text)).group(2)).isEqualTo("general");
        Optional<String> own = Optional.empty();
        for (int i = 0; i < deployment().timesToSay() && own.isEmpty(); i++) {
            leaver.send("{\"type\":\"leave_room\"}");
            own = leaver.within(A_WHILE, "\"userId\":\"" + user);
        }
        assertThat(own.orElseThrow()).contains("\"user_left\"").contains("\"roomId\":\"general\"");
        closeAll(stays, general, leaver);
    }

    @Test
    default void nobodyIsToldOfThoseWhoConnectAndDisconnect() {
        String room = fresh("room");
        TestClient stays = deployment().staging("?userId=ann&roomId=" + room);

        deployment().staging("?userId=bob&roomId=" + room).close();
        deployment().staging("?userId=cy&roomId=" + room).abort();
        TestClient last = deployment().staging("?userId=dee&roomId=" + room);
        last.send(chat("anybody?"));

        assertThat(stays.next()).contains("anybody?");
        closeAll(stays, last);
        assertThat(stays.pending()).isEmpty();
    }

    @Test
    default void activeRoomsAreListedWithTheirConnections() {
        String one = fresh("one room");
        String two = fresh("two");
        TestClient ann = deployment().staging("?userId=ann&roomId=" + one.replace(" ", "%20"));
        TestClient annAgain = deployment().staging("?userId=ann&roomId=" + one.replace(" ", "%20"));
        TestClient bob = deployment().staging("?userId=bob&roomId=" + two);

        expectRooms(
                bob,
                "{\"roomId\":\"" + one + "\",\"activeUsers\":2}",
                "{\"roomId\":\"" + two + "\",\"activeUsers\":1}");
        annAgain.close();
        move(ann, two, "ann");

        expectRooms(bob, "{\"roomId\":\"" + two + "\",\"activeUsers\":2}");
        await().untilAsserted(() -> assertThat(rooms(bob)).doesNotContain(one));
        closeAll(ann, bob);
    }

    private static String rooms(TestClient client) {
        client.send("{\"type\":\"room_list\"}");
        String list = client.await("\"room_list\"");
        assertThat(timeless(list))
                .startsWith("{\"type\":\"room_list\",\"data\":{\"rooms\":[")
                .endsWith("],\"timestamp\":T}}");
        return list;
    }

    private static void expectRooms(TestClient client, String... rooms) {
        await().atMost(Duration.ofSeconds(20))
                .untilAsserted(() -> assertThat(rooms(client)).contains(rooms));
    }

    @Test
    default void nativeClientsInTheRoomHearAndAreHeard() {
        String room = fresh("room");
        TestClient ann = deployment().client(0);
        ann.send("{\"action\":\"subscribe\",\"id\":1,\"topic\":\"room:" + room + "\"}");
        ann.await("\"id\":1");
        TestClient bob = deployment().staging("?userId=bob&username=Bob&roomId=" + room);

        bob.send(chat("hi"));
        assertThat(ann.await("\"type\":\"message\""))
                .contains("\"from\":\"guest.bob\",\"name\":\"Bob\",\"message\":{\"text\":\"hi\"}")
                .doesNotContain("_as");
        assertThat(bob.await("\"chat\"")).contains("\"hi\"");
        ann.send("{\"action\":\"publish\",\"topic\":\"room:" + room + "\",\"message\":{\"text\":\"h\\u00ee\"}}");
        Matcher heard = match(CHAT, bob.await("\"chat\""));
        assertThat(heard.group(3)).isEqualTo("ann");
        assertThat(heard.group(4)).isEqualTo("ann");
        assertThat(heard.group(5)).isEqualTo("\"h\\u00ee\"");
        ann.send("{\"action\":\"publish\",\"topic\":\"room:" + room + "\",\"message\":{\"n\":[1]}}");
        assertThat(match(CHAT, bob.await("\"chat\"")).group(5)).isEqualTo("\"{\\\"n\\\":[1]}\"");
        closeAll(ann, bob);
    }

    @Test
    default void theChatAndTheRoomOfItsNameAreOne() {
        TestClient chat = deployment().dev("");
        TestClient rooms = deployment().staging("?userId=ann&username=Ann&roomId=lobby");
        String text = fresh("from the rooms");

        rooms.send(chat(text));

        assertThat(chat.await(text)).contains("\"sender\":\"Ann\"");
        String back = fresh("from the chat");
        chat.send("{\"action\":\"sendMessage\",\"content\":\"" + back + "\"}");
        assertThat(match(CHAT, rooms.await(back)).group(2)).isEqualTo("lobby");
        closeAll(chat, rooms);
    }

    /// Says it to the user, again where it is not known yet that the user is online.
    private void tell(TestClient from, String user, String text, TestClient to) {
        String frame = "{\"type\":\"private_message\",\"targetUserId\":\"" + user + "\",\"message\":\"" + text + "\"}";
        from.send(frame);
        for (int i = 0; i < 200; i++) {
            Optional<String> heard = to.within(Duration.ofMillis(100), "\"private_message\"");
            if (heard.isPresent()) {
                assertThat(match(PRIVATE, heard.get()).group(3)).isEqualTo('"' + text + '"');
                return;
            }
            // Only who was told that it was not sent says it again.
            if (from.within(Duration.ZERO, "Target user not found").isPresent()) {
                from.send(frame);
            }
        }
        throw new AssertionError("not heard: " + text);
    }

    @Test
    default void aPrivateMessageReachesAllDevicesOfTheUserAndNobodyElse() {
        String ann = fresh("ann");
        String bob = fresh("bob");
        String room = fresh("room");
        TestClient sender = deployment().staging("?userId=" + ann + "&username=Ann&roomId=" + room);
        TestClient senderAgain = deployment().staging("?userId=" + ann + "&roomId=" + room);
        TestClient one = deployment().staging("?userId=" + bob + "&roomId=" + room);
        TestClient two = deployment().staging("?userId=" + bob);
        TestClient natively =
                TestClient.to(deployment().server(), "/v1?user=" + bob).open();
        natively.await("\"welcome\"");
        TestClient third = deployment().staging("?userId=" + fresh("cy") + "&roomId=" + room);
        TestClient chat = deployment().dev("");

        tell(sender, bob, "psst", one);

        String heard = two.await("\"private_message\"");
        Matcher message = match(PRIVATE, heard);
        assertThat(message.group(1)).isEqualTo(ann);
        assertThat(message.group(2)).isEqualTo("Ann");
        assertThat(message.group(3)).isEqualTo("\"psst\"");
        assertThat(timeless(heard)).contains("\"timestamp\":T");
        assertThat(natively.await("\"type\":\"message\""))
                .contains("\"topic\":\"dm:guest." + ann + "~guest." + bob + "\"")
                .contains("\"message\":{\"text\":\"psst\"}");
        // Another in the same direction, and one back: what is withheld once is withheld again.
        tell(sender, bob, "again", one);
        tell(one, ann, "back", sender);
        assertThat(match(PRIVATE, senderAgain.await("\"private_message\"")).group(3))
                .isEqualTo("\"back\"");
        for (TestClient nobody : new TestClient[] {sender, senderAgain, third}) {
            nobody.send("{\"type\":\"ping\"}");
            assertThat(nobody.next()).contains("\"pong\"");
        }
        closeAll(sender, senderAgain, one, two, natively, third, chat);
        assertThat(chat.pending()).noneMatch(frame -> frame.contains("psst"));
        assertThat(third.pending()).isEmpty();
    }

    @Test
    default void toSomebodyWhoIsNotThereNothingIsSentAndNothingKept() {
        String ann = fresh("ann");
        String bob = fresh("bob");
        TestClient sender = deployment().staging("?userId=" + ann);

        expectError(
                sender,
                "{\"type\":\"private_message\",\"targetUserId\":\"" + bob + "\",\"message\":\"psst\"}",
                "Target user not found or offline");

        TestClient natively =
                TestClient.to(deployment().server(), "/v1?user=" + bob).open();
        natively.send("{\"action\":\"read\",\"id\":1,\"topic\":\"dm:guest." + ann + "~guest." + bob + "\"}");
        assertThat(natively.await("\"id\":1")).contains("\"messages\":[]").contains("\"next_offset\":1}");
        closeAll(sender, natively);
    }

    @Test
    default void toOneselfAPrivateMessageReachesTheUsersOtherDevices() {
        String ann = fresh("ann");
        TestClient one = deployment().staging("?userId=" + ann);
        TestClient two = deployment().staging("?userId=" + ann);

        one.send("{\"type\":\"private_message\",\"targetUserId\":\"" + ann + "\",\"message\":\"note\"}");

        assertThat(two.await("\"private_message\"")).contains("\"note\"");
        assertThat(one.await("\"private_message\"")).contains("\"note\"");
        closeAll(one, two);
    }

    @Test
    default void aThirdUserSeesPrivateMessagesAtNoDoor() {
        String ann = fresh("ann");
        String bob = fresh("bob");
        String topic = "dm:guest." + ann + "~guest." + bob;
        TestClient sender = deployment().staging("?userId=" + ann);
        TestClient target = deployment().staging("?userId=" + bob);
        TestClient natively = deployment().client(0);
        TestClient live = deployment().live(0);
        tell(sender, bob, "psst", target);

        for (String action : new String[] {"subscribe", "read", "members"}) {
            natively.send("{\"action\":\"" + action + "\",\"id\":1,\"topic\":\"" + topic + "\"}");
            assertThat(natively.await("\"id\":1")).contains("\"code\":\"forbidden\"");
        }
        live.send("{\"action\":\"subscribe\",\"topic\":\"" + topic + "\"}");
        assertThat(live.next()).contains("Internal server error");
        TestClient third = deployment().staging("?userId=" + fresh("cy") + "&roomId=" + topic);
        third.send("{\"type\":\"join_room\",\"roomId\":\"" + topic + "\"}");
        tell(sender, bob, "still secret", target);
        closeAll(sender, target, natively, live, third);
        assertThat(third.pending()).noneMatch(frame -> frame.contains("secret"));
        assertThat(natively.pending()).noneMatch(frame -> frame.contains(topic));
        assertThat(live.pending()).isEmpty();
    }
}
