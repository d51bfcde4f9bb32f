package io.topicstream.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.topicstream.client.Cursor;
import io.topicstream.client.TopicStreamClient;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Conversations by `topicstream chat` through a server, a process with its store on disk, that is killed and started
/// again.
@Timeout(value = 240, threadMode = Timeout.ThreadMode.SEPARATE_THREAD) // a line that never comes is a failure
class ChatKilledTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final int LINES = 40;
    private static final int SEEN_BEFORE = 10;

    @TempDir
    private Path home;

    private final List<Talker> talkers = new ArrayList<>();
    private int port;
    private ServedProcess server;

    @AfterEach
    void stop() {
        talkers.forEach(Talker::close);
        if (server != null) {
            server.close();
        }
    }

    private void serve() throws Exception {
        server = ServedProcess.start(home, port);
    }

    private Terminal terminal() {
        return new Terminal(ServedProcess.environment(home, port), home);
    }

    private Talker talker(String user) {
        Talker talker = Talker.in(terminal(), user, "tea");
        talkers.add(talker);
        return talker;
    }

    private static String[] numbered(String who) {
        return IntStream.rangeClosed(1, LINES).mapToObj(i -> who + i).toArray(String[]::new);
    }

    private static List<String> inTea(Talker talker) {
        return talker.said().stream().filter(line -> line.startsWith("[tea]")).toList();
    }

    private static List<String> inTea(Talker talker, String who) {
        return inTea(talker).stream()
                .filter(line -> line.startsWith("[tea] " + who))
                .toList();
    }

    private List<Cursor> cursors(String user) {
        try (TopicStreamClient client = TopicStreamClient.builder(URI.create("ws://127.0.0.1:" + port + "/v1"))
                .user(user)
                .build()) {
            client.connect().join();
            return client.cursors("", 100).join().cursors().stream()
                    .filter(cursor -> cursor.topic().startsWith("dm:"))
                    .toList();
        }
    }

    @Test
    void aConversationGoesOnWhereTheServerWasKilled() throws Exception {
        port = ServedProcess.freePort();
        serve();
        Talker ada = talker("ada");
        Talker bob = talker("bob");
        Talker carol = talker("carol");
        Talker dora = talker("dora");
        ada.type("/private dora one");
        dora.awaitLine("(private) Ada: one");
        ada.awaitLine("* Dora has read it");
        assertThat(dora.end()).isZero();

        // Both say more than the server lives for: some of it is on its way when it dies.
        ada.type(numbered("a")).type("/private bob after", "/private dora two");
        bob.type(numbered("b")).type("/private ada after", "/private dora three");
        await().atMost(PATIENCE).until(() -> inTea(carol).size() >= SEEN_BEFORE);
        server.kill();
        ada.awaitTrouble("connection lost");
        bob.awaitTrouble("connection lost");
        carol.awaitTrouble("connection lost");
        carol.type("while it was down");
        assertThat(inTea(carol)).as("it was in the middle").hasSizeLessThan(2 * LINES);
        serve();

        carol.awaitLine("[tea] Carol: while it was down");
        List<String> all = Stream.of(
                        Stream.of(numbered("a")).map(text -> "[tea] Ada: " + text),
                        Stream.of(numbered("b")).map(text -> "[tea] Bob: " + text),
                        Stream.of("[tea] Carol: while it was down"))
                .flatMap(lines -> lines)
                .toList();
        for (Talker each : List.of(ada, bob, carol)) {
            await().atMost(PATIENCE).until(() -> inTea(each).size() >= all.size());
            assertThat(inTea(each)).containsExactlyInAnyOrderElementsOf(all).isEqualTo(inTea(ada));
            assertThat(inTea(each, "Ada")).isEqualTo(all.subList(0, LINES));
            assertThat(inTea(each, "Bob")).isEqualTo(all.subList(LINES, 2 * LINES));
            assertThat(each.err().lines())
                    .as("only that the connection was lost")
                    .hasSize(1);
            assertThat(each.lines()).noneMatch(line -> line.matches("\\* some of what was said .*"));
        }
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(privates(bob))
                        .containsExactlyInAnyOrder(
                                "(private) Ada: after", "(private to Ada) after", "(private to Dora) three"));
        assertThat(privates(ada))
                .containsExactlyInAnyOrder(
                        "(private to Dora) one",
                        "(private to Bob) after",
                        "(private) Bob: after",
                        "(private to Dora) two");
    }

    private static List<String> privates(Talker talker) {
        return talker.said().stream()
                .filter(line -> line.startsWith("(private"))
                .toList();
    }

    @Test
    void whoIsThereAndWhatIsUnreadIsRightAfterwards() throws Exception {
        port = ServedProcess.freePort();
        serve();
        Talker ada = talker("ada");
        Talker bob = talker("bob");
        Talker carol = talker("carol");
        Talker dora = talker("dora");
        ada.type("/private dora one", "/private bob one");
        dora.awaitLine("(private) Ada: one");
        bob.awaitLine("(private) Ada: one");
        ada.awaitLine("* Dora has read it");
        assertThat(dora.end()).isZero();
        bob.type("/private ada two");
        ada.awaitLine("(private) Bob: two");

        server.kill();
        ada.awaitTrouble("connection lost");
        bob.awaitTrouble("connection lost");
        // She leaves a server that is not there, and he writes to one who is not.
        assertThat(carol.end()).isZero();
        ada.type("/private dora two", "/private dora three");
        serve();

        ada.awaitLine("(private to Dora) three");
        Terminal terminal = terminal();
        await().atMost(PATIENCE)
                .untilAsserted(
                        () -> assertThat(terminal.run("members", "room:tea").lines())
                                .satisfiesExactlyInAnyOrder(
                                        line -> assertThat(line).matches("guest\\.ada 1 20\\S+Z Ada"),
                                        line -> assertThat(line).matches("guest\\.bob 1 20\\S+Z Bob")));
        for (Talker each : List.of(ada, bob)) {
            each.type("/who").awaitLine("* 2 in tea");
            each.awaitLine("*   Ada (guest.ada)");
            each.awaitLine("*   Bob (guest.bob)");
        }
        assertThat(terminal.run("who", "guest.ada", "guest.bob", "guest.carol", "guest.dora")
                        .lines())
                .satisfiesExactly(
                        line -> assertThat(line).isEqualTo("guest.ada online -"),
                        line -> assertThat(line).isEqualTo("guest.bob online -"),
                        line -> assertThat(line).startsWith("guest.carol offline"),
                        line -> assertThat(line).startsWith("guest.dora offline"));

        // What the two have shown they have read, also what the server had not stored when it died.
        await().atMost(PATIENCE).untilAsserted(() -> {
            assertThat(cursors("bob")).containsExactly(new Cursor("dm:guest.ada~guest.bob", 2, 2, 3, 0));
            assertThat(cursors("ada"))
                    .containsExactly(
                            new Cursor("dm:guest.ada~guest.bob", 2, 2, 3, 0),
                            new Cursor("dm:guest.ada~guest.dora", 3, 3, 4, 0));
        });
        assertThat(cursors("dora")).containsExactly(new Cursor("dm:guest.ada~guest.dora", 1, 1, 4, 2));
        Talker again = talker("dora");
        await().atMost(PATIENCE)
                .untilAsserted(() ->
                        assertThat(privates(again)).containsExactly("(private) Ada: two", "(private) Ada: three"));
        await().atMost(PATIENCE)
                .untilAsserted(() ->
                        assertThat(cursors("dora")).containsExactly(new Cursor("dm:guest.ada~guest.dora", 3, 3, 4, 0)));
    }
}
