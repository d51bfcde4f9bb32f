package io.topicstream.server.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import io.topicstream.server.JsonTexts;
import io.topicstream.server.TestClient;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/// The contract of the chat dialect on the stage `/dev`: one room for all, row by row.
///
/// All stories meet in the one room, so each looks only for what its own people say; what is said of those who come
/// and go is a signal, which may be lost where signals are.
public interface DevStageScenarios {
    Deployment deployment();

    /// How long something is waited for that may be lost.
    Duration A_WHILE = Duration.ofSeconds(2);

    Pattern NOTICE = Pattern.compile(
            "\\{\"action\":\"(\\$connect|\\$disconnect)\",\"content\":\"User ([A-Z][a-z]+[A-Z][a-z]+\\d+) has"
                    + " (joined|left) the chat\",\"sender\":\"System\",\"timestamp\":\"([^\"]+)\"\\}");
    Pattern MESSAGE = Pattern.compile(
            "\\{\"action\":\"sendMessage\",\"content\":(\".*\"),\"sender\":\"([^\"]+)\",\"timestamp\":\"([^\"]+)\"\\}");

    private static String send(String text) {
        return "{\"action\":\"sendMessage\",\"content\":\"" + text + "\"}";
    }

    /// A text that nobody else says.
    private String text(String what) {
        return what + " " + deployment().topic();
    }

    private static Matcher match(Pattern pattern, String frame) {
        Matcher matcher = pattern.matcher(frame);
        assertThat(matcher.matches()).as(frame).isTrue();
        return matcher;
    }

    private static void assertIsNow(String time) {
        assertThat(time).matches("\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}Z");
        assertThat(Instant.parse(time))
                .isBetween(Instant.now().minusSeconds(60), Instant.now().plusSeconds(60));
    }

    /// Says something and hears it, so that the name is known by which the others see the client.
    private String nameOf(TestClient client) {
        return introduced(client).name();
    }

    /// By what name a client is seen, and what it heard until it knew.
    record Introduced(String name, List<String> heard) {}

    private Introduced introduced(TestClient client) {
        String text = text("who am I?");
        client.send(send(text));
        List<String> heard = new ArrayList<>();
        do {
            heard.add(client.next());
        } while (!heard.getLast().contains(text));
        return new Introduced(match(MESSAGE, heard.getLast()).group(2), heard);
    }

    private static void closeAll(TestClient... clients) {
        for (TestClient client : clients) {
            client.close();
        }
    }

    @Test
    default void whoConnectsIsAnnouncedToAllAndToItself() {
        TestClient watcher = deployment().dev("");
        for (int i = 1; ; i++) {
            TestClient newcomer = deployment().dev("");
            Introduced known = introduced(newcomer);
            String name = known.name();
            Optional<String> own = known.heard().stream()
                    .filter(frame -> frame.contains("User " + name + " has joined the chat"))
                    .findFirst()
                    .or(() -> newcomer.within(A_WHILE, "User " + name + " has joined the chat"));
            Optional<String> seen = watcher.within(A_WHILE, "User " + name + " has joined the chat");
            newcomer.close();
            if (own.isPresent() && seen.isPresent()) {
                Matcher notice = match(NOTICE, own.get());
                assertThat(notice.group(1)).isEqualTo("$connect");
                assertThat(notice.group(2)).isEqualTo(name);
                assertThat(notice.group(3)).isEqualTo("joined");
                assertIsNow(notice.group(4));
                assertThat(seen).isEqualTo(own);
                break;
            }
            assertThat(i).as("times it was tried").isLessThan(deployment().timesToSay());
        }
        watcher.close();
    }

    @Test
    default void whoLeavesOrVanishesIsAnnouncedToThoseLeft() {
        TestClient watcher = deployment().dev("");
        for (boolean abruptly : new boolean[] {false, true}) {
            for (int i = 1; ; i++) {
                TestClient leaver = deployment().dev("");
                String name = nameOf(leaver);
                if (abruptly) {
                    leaver.abort();
                } else {
                    leaver.close();
                }
                Optional<String> seen = left(watcher, name);
                if (seen.isPresent()) {
                    Matcher notice = match(NOTICE, seen.get());
                    assertThat(notice.group(1)).isEqualTo("$disconnect");
                    assertThat(notice.group(3)).isEqualTo("left");
                    assertIsNow(notice.group(4));
                    break;
                }
                assertThat(i).as("times it was tried").isLessThan(deployment().timesToSay());
            }
        }
        watcher.close();
    }

    /// Where nobody is told of an end, it is found when something is sent there.
    private Optional<String> left(TestClient watcher, String name) {
        for (int i = 0; i < 5; i++) {
            watcher.send(send(text("still there?")));
            Optional<String> notice = watcher.within(A_WHILE, "User " + name + " has left the chat");
            if (notice.isPresent()) {
                return notice;
            }
        }
        return Optional.empty();
    }

    @Test
    default void aMessageIsDeliveredToAllAndWithoutAClientIdToItsSenderToo() {
        TestClient sender = deployment().dev("");
        TestClient other = deployment().dev("?clientId=other");
        String name = nameOf(sender);
        String text = text("Hello \\\"you\\\" 👋 é");

        sender.send(send(text));

        Matcher heard = match(MESSAGE, other.await(text));
        assertThat(heard.group(1)).isEqualTo('"' + text + '"');
        assertThat(heard.group(2)).isEqualTo(name).matches("[A-Z][a-z]+[A-Z][a-z]+\\d+");
        assertIsNow(heard.group(3));
        assertThat(match(MESSAGE, sender.await(text)).group()).isEqualTo(heard.group());
        closeAll(sender, other);
    }

    @Test
    default void tabsWithOneClientIdDoNotHearEachOther() {
        String id = "tab-" + deployment().topic();
        TestClient one = deployment().dev("?clientId=" + id);
        TestClient two = deployment().dev("?clientId=" + id);
        TestClient another = deployment().dev("?clientId=" + id + "x");
        String first = text("first");
        String second = text("second");

        one.send(send(first));
        assertThat(another.await(first)).contains("sendMessage");
        another.send(send(second));

        for (TestClient tab : List.of(one, two)) {
            List<String> heard = new ArrayList<>();
            do {
                heard.add(tab.await("sendMessage"));
            } while (!heard.getLast().contains(second));
            assertThat(heard).noneMatch(frame -> frame.contains(first));
        }
        another.close();
        closeAll(one, two);
        assertThat(another.pending()).noneMatch(frame -> frame.contains(second));
    }

    @Test
    default void whatCannotBeSentIsAnsweredWithSilenceAndNotStored() {
        TestClient client = deployment().dev("");
        TestClient reader = deployment().client();
        String before = text("before");
        client.send(send(before));
        client.await(before);
        long offset = newest(reader);

        client.send("{\"action\":\"sendMessage\"}")
                .send(send(""))
                .send(send("x".repeat(151)))
                .send("{\"action\":\"sendMessage\",\"content\":\"" + "👋".repeat(75) + "x\"}")
                .send("{\"action\":\"sendMessage\",\"content\":7}")
                .send("{\"action\":\"sendMessage\",\"content\":null}")
                .send("{\"action\":\"sendMessage\",\"content\":[\"x\"]}")
                .send("{\"action\":\"receiveMessage\",\"content\":\"x\"}")
                .send("{\"action\":\"systemMessage\",\"content\":\"x\"}")
                .send("{\"action\":\"dance\"}")
                .send("{\"content\":\"x\"}")
                .send("{\"action\":")
                .send("[]")
                .send("7");
        String last = text("after");
        client.send(send(last));

        String frame = client.await("sendMessage");
        assertThat(frame).contains(last);
        assertThat(newest(reader)).isEqualTo(offset + 1);
        closeAll(client, reader);
        assertThat(client.pending()).noneMatch(rest -> !rest.contains("the chat"));
    }

    /// The offset of the newest message in the room.
    private static long newest(TestClient reader) {
        reader.send("{\"action\":\"read\",\"id\":1,\"topic\":\"room:lobby\",\"limit\":1}");
        return JsonTexts.number(reader.await("\"type\":\"reply\""), "next_offset") - 1;
    }

    @Test
    default void aHundredAndFiftyUnitsAreTakenAndNothingIsTrimmed() {
        TestClient client = deployment().dev("");
        String padded = "  " + text("padded") + "  ";

        client.send(send("👋".repeat(75)));
        assertThat(client.await("👋")).contains("\"" + "👋".repeat(75) + "\"");
        client.send(send(padded + "x".repeat(150 - padded.length())));
        assertThat(client.await("padded")).contains("\"" + padded);
        client.close();
    }

    @Test
    default void nativeClientsAreInTheRoomToo() {
        TestClient chat = deployment().dev("");
        TestClient ann = deployment().client(0);
        ann.send("{\"action\":\"subscribe\",\"id\":1,\"topic\":\"room:lobby\"}");
        ann.await("\"id\":1");
        String name = nameOf(chat);
        String text = text("from the chat");

        chat.send(send(text));
        assertThat(ann.await(text)).contains("\"name\":\"" + name + "\",\"message\":{\"text\":\"" + text + "\"}");

        String mark = text("from ann");
        ann.send("{\"action\":\"publish\",\"topic\":\"room:lobby\",\"message\":{\"text\":\"" + mark + "\"}}");
        assertThat(chat.await(mark)).contains("\"content\":\"" + mark + "\",\"sender\":\"ann\"");
        ann.send("{\"action\":\"publish\",\"topic\":\"room:lobby\",\"message\":{\"mark\":\"" + mark + "\"}}");
        assertThat(chat.await(mark)).contains("\"content\":\"{\\\"mark\\\":\\\"" + mark + "\\\"}\",\"sender\":\"ann\"");
        closeAll(chat, ann);
    }

    @Test
    default void whoComesByAnotherStageIsAnnouncedToo() {
        TestClient watcher = deployment().dev("");
        Set<String> missing = new TreeSet<>(Set.of(
                "native joined",
                "native left",
                "rooms joined",
                "rooms left",
                "rooms moved back",
                "rooms disconnected"));
        for (int i = 0; i <= deployment().timesToSay() && !missing.isEmpty(); i++) {
            String name = text("Zoe").replace(" ", ".");
            TestClient ann = TestClient.to(deployment().server(), "/v1?user=zoe&name=" + name)
                    .open();
            ann.send("{\"action\":\"subscribe\",\"id\":1,\"topic\":\"room:lobby\"}");
            expect(watcher, name + " has joined", "native joined", missing);
            ann.send("{\"action\":\"unsubscribe\",\"id\":2,\"topic\":\"room:lobby\"}");
            expect(watcher, name + " has left", "native left", missing);
            ann.close();

            TestClient bob = deployment().staging("?userId=" + name + "&roomId=lobby");
            expect(watcher, name + " has joined", "rooms joined", missing);
            bob.send("{\"type\":\"join_room\",\"roomId\":\"den\"}");
            expect(watcher, name + " has left", "rooms left", missing);
            bob.send("{\"type\":\"join_room\",\"roomId\":\"lobby\"}");
            expect(watcher, name + " has joined", "rooms moved back", missing);
            bob.close();
            if (left(watcher, name).isPresent()) {
                missing.remove("rooms disconnected");
            }
        }
        assertThat(missing).isEmpty();
        watcher.close();
    }

    /// Waits for a notice, which may be lost.
    private static void expect(TestClient watcher, String notice, String what, Set<String> missing) {
        if (watcher.within(A_WHILE, "User " + notice + " the chat").isPresent()) {
            missing.remove(what);
        }
    }
}
