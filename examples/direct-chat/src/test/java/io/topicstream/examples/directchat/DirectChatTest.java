package io.topicstream.examples.directchat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.topicstream.examples.backend.Program;
import java.net.http.WebSocketHandshakeException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Every frame of the direct chat: real clients at the real gateway, in front of the real back end.
@Timeout(value = 240, threadMode = Timeout.ThreadMode.SEPARATE_THREAD) // a frame that never comes is a failure
class DirectChatTest {
    private static final String ONLINE = "{\"action\":\"online\"}";

    @TempDir
    private static Path folder;

    private static int port;
    private static int backEndPort;
    private static @Nullable Program gateway;
    private static @Nullable Program backEnd;

    private final List<Client> clients = new ArrayList<>();

    @BeforeAll
    static void start() throws Exception {
        port = Program.freePort();
        backEndPort = Program.freePort();
        gateway = Programs.gateway(folder, port, backEndPort);
        startBackEnd();
        gateway().awaitReady();
    }

    private static void startGateway() throws Exception {
        gateway = Programs.gateway(folder, port, backEndPort).awaitReady();
    }

    private static void startBackEnd() throws Exception {
        Map<String, String> environment = new HashMap<>(Program.SIGNED);
        environment.put("DB_TYPE", "ROCKSDB");
        environment.put("ROCKSDB_DIR", folder.resolve("names").toString());
        environment.put("HTTP_PORT", Integer.toString(backEndPort));
        backEnd = Programs.backEnd(folder, environment).awaitReady();
    }

    private static Program gateway() {
        return Objects.requireNonNull(gateway);
    }

    private static Program backEnd() {
        return Objects.requireNonNull(backEnd);
    }

    @AfterAll
    static void stop() {
        Stream.of(gateway, backEnd).forEach(program -> {
            if (program != null) {
                program.close();
            }
        });
    }

    private Client connect() {
        Client client = Client.open(url());
        clients.add(client);
        return client;
    }

    private static String url() {
        return "ws://127.0.0.1:" + port + "/dev";
    }

    private void leave(Client client) throws Exception {
        client.close();
        clients.remove(client);
    }

    /// All leave, and are gone for the next test too.
    @AfterEach
    void leaveAll() throws Exception {
        for (Client client : List.copyOf(clients)) {
            leave(client);
        }
        try (Client last = Client.open(url())) {
            last.takeName("the last one here");
            String others;
            do {
                last.say(ONLINE);
                others = last.hear(2).stream()
                        .filter(frame -> frame.startsWith(": "))
                        .findFirst()
                        .orElseThrow();
            } while (!others.equals(": []"));
        }
    }

    private static String claim(String username) {
        return "{\"action\":\"username\",\"username\":\"" + username + "\"}";
    }

    private static String message(String username, String text) {
        return "{\"action\":\"message\",\"username\":\"" + username + "\",\"message\":\"" + text + "\"}";
    }

    private static String entry(String connectionId, String username) {
        return "{\"connectionId\":\"" + connectionId + "\",\"username\":\"" + username + "\"}";
    }

    // ---- connecting, and names

    @Test
    void whoConnectsIsLetInAndHearsNothing() throws Exception {
        Client ada = connect();

        ada.assertNothingElseCame();
    }

    @Test
    void aNameIsAssigned() throws Exception {
        Client ada = connect();

        String heard = ada.ask(claim("ada"));

        assertThat(heard).matches("assigned username: ada to connection id: [A-Za-z0-9_=-]+\n");
        ada.assertNothingElseCame();
    }

    @Test
    void aNameThatIsTakenIsRefusedToOthersAndToWhoHasIt() throws Exception {
        Client ada = connect();
        Client bob = connect();
        ada.takeName("ada");

        assertThat(bob.ask(claim("ada"))).isEqualTo("could not set username");
        assertThat(ada.ask(claim("ada"))).isEqualTo("could not set username");
        ada.assertNothingElseCame();
    }

    @Test
    void anotherNameFreesTheFirst() throws Exception {
        Client ada = connect();
        Client bob = connect();
        String id = ada.takeName("ada");

        assertThat(ada.takeName("countess")).isEqualTo(id);

        bob.takeName("ada");
        assertThat(bob.ask(message("countess", "hi"))).startsWith("sent message: hi");
        assertThat(ada.hear()).isEqualTo("ada: hi");
    }

    @Test
    void aNameIsFreeWhenItsConnectionEnds() throws Exception {
        Client ada = connect();
        Client bob = connect();
        ada.takeName("ada");

        leave(ada);

        String heard;
        do { // the end is told beside what others say
            heard = bob.ask(claim("ada"));
        } while (heard.equals("could not set username"));
        assertThat(heard).startsWith("assigned username: ada");
    }

    @ParameterizedTest
    @ValueSource(strings = {"{\"action\":\"username\"}", "{\"action\":\"username\",\"username\":\"\"}"})
    void aNameIsAskedFor(String frame) throws Exception {
        assertThat(connect().ask(frame)).isEqualTo("could not set username. 'connectionId' and 'username' required");
    }

    @Test
    void aNameThatIsNoTextIsNotDecoded() throws Exception {
        assertThat(connect().ask("{\"action\":\"username\",\"username\":7}")).isEqualTo("could not decode input");
    }

    @Test
    void ofManyClaimsOfOneNameAtOnceOneWins() throws Exception {
        List<Client> all = Stream.generate(this::connect).limit(50).toList();

        all.forEach(client -> client.say(claim("queen")));

        List<String> heard = new ArrayList<>();
        for (Client client : all) {
            heard.add(client.hear().replaceFirst(" to connection id: .*", " …"));
        }
        assertThat(heard).filteredOn("assigned username: queen …\n"::equals).hasSize(1);
        assertThat(Collections.frequency(heard, "could not set username")).isEqualTo(49);
    }

    // ---- who is there

    @Test
    void whoAsksHearsOfEverybodyElseAndAnEmptyObject() throws Exception {
        Client ada = connect();
        Client bob = connect();
        ada.takeName("ada");
        String bobsId = bob.takeName("bob");

        ada.say(ONLINE);

        assertThat(ada.hear(2)).containsExactlyInAnyOrder(": [" + entry(bobsId, "bob") + "]", "{}");
        ada.assertNothingElseCame();
        bob.assertNothingElseCame();
    }

    @Test
    void whoHasNoNameYetIsInTheListWithoutOne() throws Exception {
        Client ada = connect();
        ada.takeName("ada");
        connect();

        ada.say(ONLINE);

        assertThat(ada.hear(2))
                .contains("{}")
                .anyMatch(frame -> frame.matches(": \\[\\{\"connectionId\":\"[^\"]+\",\"username\":\"\"}]"));
    }

    @Test
    void whoIsAloneHearsAnEmptyList() throws Exception {
        Client ada = connect();
        ada.takeName("ada");

        ada.say(ONLINE);

        assertThat(ada.hear(2)).containsExactlyInAnyOrder(": []", "{}");
    }

    @Test
    void whoHasNoNameHearsAnEmptyObjectAlone() throws Exception {
        Client ada = connect();

        assertThat(ada.ask(ONLINE)).isEqualTo("{}");
        ada.assertNothingElseCame();
    }

    // ---- messages

    @Test
    void aMessageReachesItsTargetAndNobodyElse() throws Exception {
        Client ada = connect();
        Client bob = connect();
        Client eve = connect();
        ada.takeName("ada");
        bob.takeName("bob");
        eve.takeName("eve");

        String heard = ada.ask(message("bob", "hello"));

        assertThat(heard).isEqualTo("sent message: hello\nto: bob");
        assertThat(bob.hear()).isEqualTo("ada: hello");
        ada.assertNothingElseCame();
        bob.assertNothingElseCame();
        eve.assertNothingElseCame();
    }

    @Test
    void aMessageToOneselfComesToo() throws Exception {
        Client ada = connect();
        ada.takeName("ada");

        ada.say(message("ada", "note"));

        assertThat(ada.hear(2)).containsExactlyInAnyOrder("ada: note", "sent message: note\nto: ada");
    }

    @ParameterizedTest
    @CsvSource({"nobody, ada", "nobody, ''"})
    void anUnknownTargetIsTold(String target, String own) throws Exception {
        Client ada = connect();
        if (!own.isEmpty()) {
            ada.takeName(own);
        }

        assertThat(ada.ask(message(target, "hello"))).isEqualTo("could not get target connectionId");
    }

    @Test
    void whoHasNoNameCannotWrite() throws Exception {
        Client ada = connect();
        Client bob = connect();
        bob.takeName("bob");

        assertThat(ada.ask(message("bob", "hello"))).isEqualTo("could not get source username");
        bob.assertNothingElseCame();
    }

    @Test
    void aTargetIsAskedFor() throws Exception {
        assertThat(connect().ask("{\"action\":\"message\",\"message\":\"to whom?\"}"))
                .isEqualTo("could not initiate connection. 'connectionId', 'username', and 'url' required");
    }

    @Test
    void aMessageMayBeEmptyAndIsPassedOnAsItIs() throws Exception {
        Client ada = connect();
        Client bob = connect();
        ada.takeName("Ada 'the' 1st");
        bob.takeName("bób 🦉");

        assertThat(ada.ask("{\"action\":\"message\",\"username\":\"bób 🦉\"}")).isEqualTo("sent message: \nto: bób 🦉");
        assertThat(bob.hear()).isEqualTo("Ada 'the' 1st: ");
        assertThat(ada.ask(message("bób 🦉", "\\\"quoted\\\" $context.stage #set\\n\\u00e9\\ud83e\\udd89 \\\\ </b>")))
                .isEqualTo("sent message: \"quoted\" $context.stage #set\né🦉 \\ </b>\nto: bób 🦉");
        assertThat(bob.hear()).isEqualTo("Ada 'the' 1st: \"quoted\" $context.stage #set\né🦉 \\ </b>");
    }

    // ---- what no route takes

    @ParameterizedTest
    @ValueSource(
            strings = {"{\"action\":\"dance\"}", "{\"action\":\"$connect\"}", "{}", "hello", "[1]", "{\"action\":"})
    void whatNoRouteTakesIsForbiddenAndTheConnectionGoesOn(String frame) throws Exception {
        Client ada = connect();

        assertThat(ada.ask(frame))
                .matches("\\{\"message\": \"Forbidden\", \"connectionId\":\"[^\"]+\", \"requestId\":\"[^\"]+\"\\}");

        ada.takeName("ada");
    }

    // ---- a back end that goes and comes

    @Test
    void namesOutliveABackEndThatIsKilled() throws Exception {
        Client ada = connect();
        Client bob = connect();
        ada.takeName("ada");
        String bobsId = bob.takeName("bob");

        backEnd().kill();
        startBackEnd();

        ada.say(ONLINE);
        assertThat(ada.hear(2)).containsExactlyInAnyOrder(": [" + entry(bobsId, "bob") + "]", "{}");
        assertThat(ada.ask(claim("bob"))).isEqualTo("could not set username");
        assertThat(ada.ask(message("bob", "still there?"))).isEqualTo("sent message: still there?\nto: bob");
        assertThat(bob.hear()).isEqualTo("ada: still there?");
    }

    @Test
    void whileTheBackEndIsDownMessagesFailAndNobodyIsLetIn() throws Exception {
        Client ada = connect();
        ada.takeName("ada");
        backEnd().kill();
        try {
            String failed =
                    "\\{\"message\": \"Internal server error\", \"connectionId\":\"[^\"]+\", \"requestId\":\"[^\"]+\"\\}";
            assertThat(ada.ask(message("ada", "anybody?"))).matches(failed);
            assertThat(ada.ask(ONLINE)).matches(failed);
            assertThat(ada.ask(claim("countess"))).matches(failed);
            assertThatThrownBy(this::connect)
                    .hasCauseInstanceOf(WebSocketHandshakeException.class)
                    .satisfies(e -> assertThat(((WebSocketHandshakeException) e.getCause())
                                    .getResponse()
                                    .statusCode())
                            .isEqualTo(504));
        } finally {
            startBackEnd();
        }

        assertThat(ada.ask(message("ada", "here again"))).isNotEmpty();
        assertThat(ada.hear()).isNotEmpty();
    }

    @Test
    void aNameOfAConnectionThatEndedUnheardIsFreedByTheFirstMessageToIt() throws Exception {
        Client ada = connect();
        Client bob = connect();
        ada.takeName("ada");
        bob.takeName("bob");
        backEnd().kill();
        leave(bob);
        startBackEnd();

        assertThat(ada.ask(message("bob", "hello"))).isEqualTo("could not send message");

        assertThat(ada.ask(message("bob", "hello"))).isEqualTo("could not get target connectionId");
        connect().takeName("bob");
    }

    @Test
    void aNameOfAConnectionThatWentDownWithTheGatewayIsFreedByTheFirstMessageToIt() throws Exception {
        Client bob = connect();
        bob.takeName("bob");
        gateway().kill();
        clients.clear();
        startGateway();
        Client ada = connect();
        ada.takeName("ada");

        assertThat(ada.ask(claim("bob"))).isEqualTo("could not set username");
        assertThat(ada.ask(message("bob", "hello"))).isEqualTo("could not send message");

        connect().takeName("bob");
    }

    // ---- how long a message may be

    @Test
    void aMessageHasALongestLength() throws Exception {
        Client ada = connect();
        Client bob = connect();
        ada.takeName("ada");
        bob.takeName("bob");
        int most = 128 * 1024 - message("bob", "").length();

        assertThat(ada.ask(message("bob", "x".repeat(most))))
                .startsWith("sent message: xxx")
                .endsWith("xxx\nto: bob");
        assertThat(bob.hear()).isEqualTo("ada: " + "x".repeat(most));

        ada.say(message("bob", "x".repeat(most + 1)));
        assertThat(ada.closeCode()).isEqualTo(1009);
        clients.remove(ada);
    }

    // ---- what is logged

    @Test
    void bothLogWhatHappenedAndNotWhatWasSaid() throws Exception {
        Client ada = connect();
        String id = ada.takeName("ada");

        ada.say(message("ada", "a word for nobody else"));
        ada.hear(2);

        assertThat(backEnd().err())
                .containsPattern(
                        "\\{\"time\":\"[^\"]+\",\"level\":\"info\",\"message\":\"request\",\"path\":\"/message\","
                                + "\"connectionId\":\"" + id + "\",\"status\":200,\"ms\":\\d+}\n")
                .doesNotContain("a word for");
        assertThat(gateway().err())
                .contains("\"event\": \"CONNECT\", \"route\": \"$connect\"")
                .contains("\"event\": \"MESSAGE\", \"route\": \"username\", \"connectionId\": \"" + id
                        + "\", \"status\": \"200\"")
                .doesNotContain("a word for");
    }
}
