package io.topicstream.server.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import io.topicstream.server.TestClient;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/// What the users of the first two keys, `ann` and `bob`, say to each other is seen by nobody else, through no socket.
/// Others are the user of the third key, guests who call themselves like the two, and who has no name at all.
public interface PrivacyScenarios {
    Deployment deployment();

    String CHAT = "dm:ann~bob";

    /// What nobody may do with the chat of others: the action, and the rest of its frame.
    List<String> WHAT_NEEDS_THE_TOPIC = List.of(
            "\"publish\",\"message\":1",
            "\"signal\",\"message\":1",
            "\"subscribe\"",
            "\"subscribe\",\"from\":\"earliest\"",
            "\"subscribe\",\"from\":1",
            "\"subscribe\",\"from\":{\"last\":100}",
            "\"subscribe\",\"from\":{\"time\":0}",
            "\"subscribe\",\"from\":{\"resume\":{\"epoch\":1,\"offset\":0}}",
            "\"subscribe\",\"durable\":true",
            "\"subscribe\",\"presence\":true",
            "\"subscribe\",\"presence\":false",
            "\"read\"",
            "\"read\",\"after\":0",
            "\"read\",\"before\":1000000",
            "\"read\",\"since\":0",
            "\"read\",\"since\":0,\"until\":9000000000000",
            "\"redact\",\"offset\":1",
            "\"delete_room\"",
            "\"ack\",\"read\":1",
            "\"ack\",\"delivered\":1",
            "\"members\"",
            "\"cursors\",\"topics\":[\"" + CHAT + "\"]",
            "\"room\",\"title\":\"mine\"");

    /// What is asked and done without the name of one topic, and so may be answered, but not with the chat.
    List<String> WHAT_LISTS = List.of(
            "\"topics\"",
            "\"topics\",\"limit\":1000",
            "\"topics\",\"prefix\":\"d\"",
            "\"topics\",\"prefix\":\"dm\"",
            "\"topics\",\"prefix\":\"dm:\"",
            "\"topics\",\"prefix\":\"" + CHAT + "\"",
            "\"topics\",\"prefix\":\"dm:\",\"start_after\":\"dm:ann~boa\"",
            "\"rooms\"",
            "\"rooms\",\"prefix\":\"dm:\"",
            "\"rooms\",\"owner\":\"ann\"",
            "\"rooms\",\"start_after\":\"" + CHAT + "\"",
            "\"cursors\"",
            "\"cursors\",\"start_after\":\"dm:ann~boa\"",
            "\"online\",\"users\":[\"ann\",\"bob\"]",
            "\"send\",\"to\":\"guest.%s\",\"message\":1",
            "\"name\",\"name\":\"%s\"",
            "\"authenticate\",\"token\":\"" + CHAT + "\"",
            "\"ping\"",
            "\"unsubscribe\",\"topic\":\"" + CHAT + "\"",
            "\"unsubscribe\",\"durable\":true,\"topic\":\"" + CHAT + "\"");

    /// Names that look like the chat's, or like many topics at once.
    List<String> LOOKS_LIKE_IT = List.of(
            "dm:bob~ann",
            "dm:ann~bob~cy",
            "dm:ann",
            "dm:",
            "dm:~",
            "dm:ann~",
            "dm:guest.ann~bob",
            "sys:user:ann",
            "sys:user:bob");

    /// Names that no topic has.
    List<String> NO_NAMES = List.of("*", "dm:*", "dm:ann~*", "dm:#", "dm:+/bob", "dm:ann%7Ebob", " dm:ann~bob", "");

    private TestClient open(String path, int who) {
        TestClient.Options options = TestClient.to(deployment().server(), path);
        return (who < 0 ? options : options.header("x-api-key", deployment().key(who))).open();
    }

    /// Each way in that there is, for everybody who is not one of the two.
    private Map<String, TestClient> strangers() {
        Map<String, TestClient> strangers = new LinkedHashMap<>();
        for (String path : deployment().nativePaths()) {
            strangers.put(path + " cy", open(path, 2));
            strangers.put(path + " nobody", open(path, -1));
        }
        strangers.put("/v1 cy as ann", open("/v1?user=ann", 2));
        strangers.put("/v1 guest ann", open("/v1?user=ann", -1));
        strangers.put("/v1 guest bob", open("/v1?user=bob&name=bob", -1));
        strangers.put(
                "/v1 guest cy", open("/v1?durable=manual&user=" + deployment().guest(), -1));
        strangers.put("/live cy", open("/live", 2));
        strangers.put("/live cy as bob", open("/live?user=bob", 2));
        strangers.put("/dev cy", open("/dev", 2));
        strangers.put("/dev nobody", open("/dev", -1));
        strangers.put("/dev tab of ann", open("/dev?clientId=ann", -1));
        strangers.put("/staging cy as ann", open("/staging?userId=ann&username=ann", 2));
        strangers.put("/staging guest bob", open("/staging?userId=bob&username=bob&token=valid_test_token", -1));
        strangers.put("/staging in a room of that name", open("/staging?userId=eve&roomId=" + CHAT, -1));
        strangers.put("/staging nobody", open("/staging", -1));
        return strangers;
    }

    private static boolean speaksNative(String stranger) {
        return stranger.startsWith("/v1") || stranger.startsWith("/ ");
    }

    private static String asked(TestClient client, String frame) {
        client.send("{\"id\":\"asked\"," + frame + "}");
        return client.await("\"id\":\"asked\"");
    }

    private static String asked(TestClient client, String action, String topic) {
        return asked(client, "\"action\":" + action + ",\"topic\":\"" + topic + "\"");
    }

    /// Ann and Bob talk, in every way in which two can.
    private void talk(TestClient ann, TestClient bob, TestClient annInRooms, TestClient bobInRooms, String secret) {
        bob.send("{\"action\":\"subscribe\",\"id\":\"s\",\"topic\":\"" + CHAT + "\"}");
        bob.await("\"id\":\"s\"");
        ann.send("{\"action\":\"send\",\"id\":\"1\",\"to\":\"bob\",\"message\":{\"text\":\"" + secret
                + "\"},\"headers\":{\"a\":\"" + secret + "\"},\"key\":\"" + secret + "\"}");
        bob.await(secret);
        bob.send("{\"action\":\"publish\",\"id\":\"2\",\"topic\":\"" + CHAT + "\",\"message\":\"" + secret + "\"}");
        ann.await(secret);
        for (int i = 0; i < deployment().timesToSay(); i++) {
            ann.send("{\"action\":\"signal\",\"topic\":\"" + CHAT + "\",\"message\":\"" + secret + "\"}");
        }
        bob.send("{\"action\":\"ack\",\"id\":\"3\",\"topic\":\"" + CHAT + "\",\"read\":1000000}");
        bob.await("\"id\":\"3\"");
        annInRooms.send("{\"type\":\"private_message\",\"targetUserId\":\"bob\",\"message\":\"" + secret + " 4\"}");
        bobInRooms.await(secret + " 4");
        bob.await(secret + " 4");
    }

    /// The three users of a deployment are one and the same in all stories: each has its own secret.
    private String secret() {
        return "secret." + deployment().topic();
    }

    @Test
    default void whatTwoSayToEachOtherComesOutOfNobodyElsesSocket() {
        String secret = secret();
        TestClient ann = open("/v1", 0);
        TestClient bob = open("/v1", 1);
        TestClient annInRooms = open("/staging", 0);
        TestClient bobInRooms = open("/staging", 1);
        awaitOnline(ann, "bob");
        Map<String, TestClient> strangers = strangers();
        strangers.forEach((name, stranger) -> {
            if (speaksNative(name)) {
                stranger.await("\"type\":\"welcome\"");
            }
        });

        talk(ann, bob, annInRooms, bobInRooms, secret);

        strangers.forEach((name, stranger) -> {
            stranger.close();
            assertThat(stranger.pending()).as(name).noneMatch(frame -> frame.contains(secret));
            assertThat(stranger.pending()).as(name).noneMatch(frame -> frame.contains(CHAT) && !isOfItsOwnRoom(frame));
        });
        annInRooms.close();
        bobInRooms.close();
        end(ann, bob);
    }

    /// Other stories have the same two users, and know nothing of a chat.
    static void end(TestClient ann, TestClient bob) {
        for (TestClient own : List.of(ann, bob)) {
            asked(own, "\"unsubscribe\",\"durable\":true", CHAT);
            own.close();
        }
    }

    /// A room may be called like the chat; it is another topic, and only its welcome says the name.
    private static boolean isOfItsOwnRoom(String frame) {
        return frame.contains("\"type\":\"welcome\",\"data\"") && frame.contains("Welcome to room " + CHAT);
    }

    private void awaitOnline(TestClient client, String user) {
        long deadline = System.nanoTime() + Duration.ofSeconds(20).toNanos();
        while (!asked(client, "\"action\":\"online\",\"users\":[\"" + user + "\"]")
                .contains("\"online\":true")) {
            assertThat(System.nanoTime()).as(user + " is online").isLessThan(deadline);
        }
    }

    @Test
    default void nobodyElseGetsAtItByAskingOnANativeSocket() {
        String secret = secret();
        TestClient ann = open("/v1", 0);
        asked(ann, "\"action\":\"send\",\"to\":\"bob\",\"message\":\"" + secret + "\"");

        strangers().forEach((name, stranger) -> {
            if (speaksNative(name)) {
                for (String action : WHAT_NEEDS_THE_TOPIC) {
                    assertThat(asked(stranger, action, CHAT))
                            .as(name + " " + action)
                            .containsAnyOf("\"code\":\"forbidden\"", "\"code\":\"bad_topic\"");
                }
                for (String topic : LOOKS_LIKE_IT) {
                    for (String action : List.of("\"subscribe\",\"from\":\"earliest\"", "\"read\",\"after\":0")) {
                        assertThat(asked(stranger, action, topic))
                                .as(name + " " + action + " " + topic)
                                .contains("\"code\":\"forbidden\"");
                    }
                }
                for (String topic : NO_NAMES) {
                    assertThat(asked(stranger, "\"subscribe\"", topic))
                            .as(name + " " + topic)
                            .contains("\"code\":\"bad_topic\"");
                }
                for (String action : WHAT_LISTS) {
                    String answer = asked(
                            stranger,
                            "\"action\":" + action.formatted(deployment().topic()));
                    assertThat(answer).as(name + " " + action).doesNotContain(secret);
                    if (!action.startsWith("\"unsubscribe\"")) {
                        assertThat(answer).as(name + " " + action).doesNotContain(CHAT);
                    }
                }
            }
            stranger.close();
            assertThat(stranger.pending()).as(name).noneMatch(frame -> frame.contains(secret));
        });
        TestClient bob = open("/v1", 1);
        assertThat(asked(bob, "\"read\"", CHAT)).as("one of the two").contains(secret);
        end(ann, bob);
    }

    @Test
    default void everyActionIsAmongThoseThatAreTried() throws IOException {
        String page = Files.readString(Path.of("..", "docs", "protocol.md"));
        String table =
                page.substring(page.indexOf("\n## Actions\n"), page.indexOf("\n### ", page.indexOf("\n## Actions\n")));
        Set<String> actions = Pattern.compile("(?m)^\\| `(\\w+)` \\|")
                .matcher(table)
                .results()
                .map(match -> match.group(1))
                .collect(Collectors.toCollection(TreeSet::new));
        Set<String> tried = new TreeSet<>();
        for (List<String> some : List.of(WHAT_NEEDS_THE_TOPIC, WHAT_LISTS)) {
            some.forEach(action -> tried.add(action.replaceFirst("^\"(\\w+)\".*", "$1")));
        }

        assertThat(actions).contains("subscribe", "ping");
        assertThat(tried).isEqualTo(actions);
    }

    @Test
    default void nobodyElseGetsAtItByAskingInAnotherDialect() {
        String secret = secret();
        TestClient ann = open("/v1", 0);
        asked(ann, "\"action\":\"send\",\"to\":\"bob\",\"message\":{\"text\":\"" + secret + "\"}");

        List<TestClient> strangers = new ArrayList<>();
        TestClient live = open("/live", 2);
        for (String topic : List.of(CHAT, "dm:bob~ann", "dm:", "dm:*", "*")) {
            for (String action : List.of(
                    "\"action\":\"subscribe\"",
                    "\"action\":\"publish\",\"message\":1",
                    "\"ACTION\":\"x\",\"action\":\"subscribe\"")) {
                live.send("{" + action + ",\"topic\":\"" + topic + "\"}");
                assertThat(live.next()).as(action + " " + topic).contains("Internal server error");
            }
        }
        live.send("{\"action\":\"unsubscribe\",\"topic\":\"" + CHAT + "\"}");
        live.send("{\"action\":\"read\",\"topic\":\"" + CHAT + "\",\"after\":0}");
        strangers.add(live);
        for (int who : new int[] {2, -1}) {
            TestClient dev = open("/dev?clientId=bob", who);
            for (String frame : List.of(
                    "{\"action\":\"sendMessage\",\"content\":\"hm\",\"topic\":\"" + CHAT + "\"}",
                    "{\"action\":\"subscribe\",\"topic\":\"" + CHAT + "\",\"from\":\"earliest\"}",
                    "{\"action\":\"read\",\"id\":1,\"topic\":\"" + CHAT + "\"}")) {
                dev.send(frame);
            }
            strangers.add(dev);
            TestClient rooms = open("/staging?userId=ann", who);
            for (String room : List.of(CHAT, "../" + CHAT, "bob", "ann~bob", ":" + CHAT, "~3A" + CHAT)) {
                rooms.send("{\"type\":\"join_room\",\"roomId\":\"" + room + "\"}");
                rooms.send("{\"type\":\"chat\",\"roomId\":\"" + room + "\",\"message\":\"hm\"}");
            }
            rooms.send("{\"type\":\"subscribe\",\"topic\":\"" + CHAT + "\"}");
            rooms.send("{\"type\":\"leave_room\"}");
            rooms.send("{\"type\":\"room_list\"}");
            assertThat(rooms.await("\"type\":\"room_list\"")).doesNotContain(secret, "ann~bob\",\"active\"");
            strangers.add(rooms);
        }
        // What is said now finds them wherever they have got to.
        asked(ann, "\"action\":\"send\",\"to\":\"bob\",\"message\":{\"text\":\"" + secret + "\"}");

        for (TestClient stranger : strangers) {
            stranger.close();
            assertThat(stranger.pending()).noneMatch(frame -> frame.contains(secret));
        }
        TestClient bob = open("/v1", 1);
        assertThat(asked(bob, "\"read\"", CHAT)).as("the two have said it").contains(secret);
        assertThat(asked(bob, "\"read\"", CHAT))
                .as("nobody else has said anything")
                .doesNotContain("hm");
        end(ann, bob);
    }
}
