package io.topicstream.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.topicstream.client.Cursor;
import io.topicstream.client.TopicStreamClient;
import io.topicstream.server.Engine;
import io.topicstream.server.TopicStreamServer;
import io.topicstream.server.config.ServerConfig;
import io.topicstream.testkit.Network;
import io.topicstream.testkit.Seeds;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Conversations by `topicstream chat` over two servers that share an engine, each over a network that delays and
/// loses,
/// while one of the servers is away or dies. Ada and Dora are at the first, Bob and Carol at the second.
@Timeout(value = 240, threadMode = Timeout.ThreadMode.SEPARATE_THREAD) // a line that never comes is a failure
class ChatOutageTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final int LINES = 30;
    private static final int SEEN_BEFORE = 8;

    @TempDir
    private Path home;

    private final List<Network> networks = new ArrayList<>();
    private final List<TopicStreamServer> servers = new ArrayList<>();
    private final List<Door> doors = new ArrayList<>();
    private final List<Talker> talkers = new ArrayList<>();
    private Engine engine;
    private Talker ada;
    private Talker bob;
    private Talker carol;

    @BeforeEach
    void start() throws Exception {
        engine = Engine.inMemory(InstantSource.system());
        Random random = new Random(Seeds.next("a lossy network under a chat"));
        for (int i = 0; i < 2; i++) {
            Network network =
                    new Network(engine.log(), engine.feed(), engine.state(), engine.ephemeral(), random.nextLong());
            networks.add(network);
            servers.add(new TopicStreamServer(
                    new Engine(network.log(), network.feed(), network.state(), network.ephemeral(), () -> {}),
                    config(i)));
            doors.add(new Door(address(i)));
        }
        ada = talker(0, "ada");
        bob = talker(1, "bob");
        carol = talker(1, "carol");
        Talker dora = talker(0, "dora");
        ada.type("/private dora one");
        dora.awaitLine("(private) Ada: one");
        awaitCursors("dora", new Cursor("dm:guest.ada~guest.dora", 1, 1, 2, 0));
        assertThat(dora.end()).isZero();
        awaitMembers(0, "ada", "bob", "carol");
        awaitMembers(1, "ada", "bob", "carol");
    }

    @AfterEach
    void stop() throws IOException {
        talkers.forEach(Talker::close);
        for (Door door : doors) {
            door.close();
        }
        networks.forEach(Network::heal);
        servers.forEach(TopicStreamServer::close);
        networks.forEach(Network::close);
        engine.close().run();
    }

    private ServerConfig config(int server) {
        return MemoryServers.config(home.resolve("run" + server));
    }

    private InetSocketAddress address(int server) {
        return servers.get(server).address();
    }

    private Talker talker(int door, String user) {
        Talker talker = Talker.in(
                new Terminal(Map.of("TOPICSTREAM_SERVER", doors.get(door).address()), home), user, "tea");
        talkers.add(talker);
        return talker;
    }

    private Terminal at(int server) {
        return new Terminal(
                Map.of(
                        "TOPICSTREAM_SERVER",
                        "http://127.0.0.1:" + address(server).getPort()),
                home);
    }

    /// Waits until a server says that these are in the room, each with one connection.
    private void awaitMembers(int server, String... users) {
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(at(server).run("members", "room:tea").lines().stream()
                                .map(line -> line.replaceFirst(" 20\\S+Z .*", "")))
                        .containsExactlyInAnyOrderElementsOf(Stream.of(users)
                                .map(user -> "guest." + user + " 1")
                                .toList()));
    }

    private void awaitCursors(String user, Cursor... expected) {
        await().atMost(PATIENCE).untilAsserted(() -> {
            try (TopicStreamClient client = TopicStreamClient.builder(
                            URI.create("ws://127.0.0.1:" + address(0).getPort() + "/v1"))
                    .user(user)
                    .build()) {
                client.connect().join();
                assertThat(client.cursors("", 100).join().cursors().stream()
                                .filter(cursor -> cursor.topic().startsWith("dm:")))
                        .containsExactly(expected);
            }
        });
    }

    private static String[] numbered(String who) {
        return IntStream.rangeClosed(1, LINES).mapToObj(i -> who + i).toArray(String[]::new);
    }

    private static List<String> said(Talker talker, String where) {
        // Who heard her come knows Dora's name; that may be lost.
        return talker.said().stream()
                .filter(line -> line.startsWith(where))
                .map(line -> line.replace("guest.dora", "Dora"))
                .toList();
    }

    /// Ada and Bob say their lines in the room, and then something to each other and to Dora, who is away.
    private void talk() {
        ada.type(numbered("a")).type("/private bob from Ada", "/private dora two");
        bob.type(numbered("b")).type("/private ada from Bob", "/private dora hello");
        await().atMost(PATIENCE).until(() -> said(ada, "[tea] Bob").size() >= SEEN_BEFORE);
        await().atMost(PATIENCE).until(() -> said(bob, "[tea] Ada").size() >= SEEN_BEFORE);
    }

    /// All of it has come to each of them, once, in one order, and counts as read; what was said to Dora does not.
    private void awaitAll(Talker... present) {
        List<String> adas =
                Stream.of(numbered("a")).map(text -> "[tea] Ada: " + text).toList();
        List<String> bobs =
                Stream.of(numbered("b")).map(text -> "[tea] Bob: " + text).toList();
        for (Talker each : present) {
            await().atMost(PATIENCE).until(() -> said(each, "[tea]").size() >= 2 * LINES);
        }
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(said(ada, "(private"))
                        .containsExactlyInAnyOrder(
                                "(private to Dora) one",
                                "(private to Bob) from Ada",
                                "(private) Bob: from Bob",
                                "(private to Dora) two"));
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(said(bob, "(private"))
                        .containsExactlyInAnyOrder(
                                "(private) Ada: from Ada", "(private to Ada) from Bob", "(private to Dora) hello"));
        for (Talker each : present) {
            assertThat(said(each, "[tea]")).hasSize(2 * LINES).isEqualTo(said(ada, "[tea]"));
            assertThat(said(each, "[tea] Ada")).isEqualTo(adas);
            assertThat(said(each, "[tea] Bob")).isEqualTo(bobs);
        }
        awaitCursors(
                "ada",
                new Cursor("dm:guest.ada~guest.bob", 2, 2, 3, 0),
                new Cursor("dm:guest.ada~guest.dora", 2, 2, 3, 0));
        awaitCursors(
                "bob",
                new Cursor("dm:guest.ada~guest.bob", 2, 2, 3, 0),
                new Cursor("dm:guest.bob~guest.dora", 1, 1, 2, 0));
        awaitCursors(
                "dora",
                new Cursor("dm:guest.ada~guest.dora", 1, 1, 3, 1),
                new Cursor("dm:guest.bob~guest.dora", 0, 0, 2, 1));
    }

    @Test
    void aServerDiesAndItsClientsGoOnAtTheOther() {
        talk();
        // What is on its way dies with the connection, before the server knows that it is alone.
        doors.get(1).leadTo(address(0));
        networks.get(1).cutOff();

        bob.awaitTrouble("connection lost");
        bob.awaitLine("* connected again");
        carol.awaitTrouble("connection lost");
        // She was there, but does not come back.
        carol.end();
        awaitAll(ada, bob);

        awaitMembers(0, "ada", "bob");
        for (Talker each : List.of(ada, bob)) {
            each.type("/who").awaitLine("* 2 in tea");
            each.awaitLine("*   Ada (guest.ada)");
            each.awaitLine("*   Bob (guest.bob)");
        }
        assertThat(at(0).run("who", "guest.bob", "guest.carol").lines())
                .satisfiesExactly(
                        line -> assertThat(line).isEqualTo("guest.bob online -"),
                        line -> assertThat(line).startsWith("guest.carol offline"));
        assertThat(bob.err().lines()).as("only that the connection was lost").hasSize(1);
        assertThat(ada.err()).isEmpty();
    }

    @Test
    void aServerIsAwayForSecondsAndComesBack() {
        talk();
        networks.get(1).hold();

        // Its lease has ended: nobody knows any more whether those are there who are with it.
        awaitMembers(0, "ada");
        networks.get(1).heal();

        awaitAll(ada, bob, carol);
        for (int server = 0; server < 2; server++) {
            awaitMembers(server, "ada", "bob", "carol");
        }
        for (Talker each : List.of(ada, bob, carol)) {
            assertThat(each.err()).isEmpty();
            each.type("/who").awaitLine("* 3 in tea");
        }
    }

    @Test
    void whatBeganAChatIsHeardByWhoAnswersBeforeHeHasHeardIt() {
        // A port at which nobody listens.
        doors.get(1).leadTo(new InetSocketAddress(address(1).getAddress(), 1));
        bob.awaitTrouble("connection lost");
        ada.type("/private bob from Ada").awaitLine("(private to Bob) from Ada");
        bob.type("/private ada from Bob");

        doors.get(1).leadTo(address(1));

        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(said(bob, "(private"))
                        .containsExactly("(private) Ada: from Ada", "(private to Ada) from Bob"));
        ada.awaitLine("(private) Bob: from Bob");
    }
}
