package io.topicstream.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.topicstream.server.StartException;
import io.topicstream.server.TopicStreamServer;
import io.topicstream.server.config.ServerConfig;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// `topicstream chat` by several users at one server, in this process and without a terminal.
@Timeout(value = 180, threadMode = Timeout.ThreadMode.SEPARATE_THREAD) // a line that never comes is a failure
class ChatTest {
    @TempDir
    private Path home;

    private final List<Talker> talkers = new ArrayList<>();
    private TopicStreamServer server;
    private Terminal terminal;

    @BeforeEach
    void start() throws StartException {
        serve("0");
    }

    private void serve(String port) throws StartException {
        server = TopicStreamServer.start(ServerConfig.load(
                        null,
                        Map.of(),
                        Map.of(
                                "data.dir",
                                home.resolve("data").toString(),
                                "server.port",
                                port,
                                "event_loops",
                                "1",
                                "access.anonymous",
                                "on",
                                "server.run_dir",
                                home.resolve("run").toString()))
                .config());
        terminal = terminal(Map.of());
    }

    private Terminal terminal(Map<String, String> more) {
        Map<String, String> environment = new TreeMap<>(more);
        environment.put(
                "TOPICSTREAM_SERVER", "http://127.0.0.1:" + server.address().getPort());
        environment.put("TOPICSTREAM_SERVER_RUN_DIR", home.resolve("run").toString());
        return new Terminal(environment, home);
    }

    @AfterEach
    void stop() {
        talkers.forEach(Talker::close);
        server.close();
    }

    private Talker talker(String user, String room, String... more) {
        Talker talker = Talker.in(terminal, user, room, more);
        talkers.add(talker);
        return talker;
    }

    // ---- rooms

    @Test
    void twoInARoomTalk() {
        Talker ada = talker("ada", "tea");
        Talker bob = talker("bob", "tea");
        ada.awaitLine("* Bob has come to tea");

        ada.type("hello");
        bob.awaitLine("[tea] Ada: hello");
        bob.type("/chat hi Ada", "//shrug");
        ada.awaitLine("[tea] Bob: /shrug");

        List<String> said = List.of("[tea] Ada: hello", "[tea] Bob: hi Ada", "[tea] Bob: /shrug");
        assertThat(ada.said()).isEqualTo(said);
        assertThat(bob.said()).isEqualTo(said);
        assertThat(bob.lines()).contains("* you are guest.bob", "* you are in tea with Ada");
        assertThat(bob.end()).isZero();
        ada.awaitLine("* Bob has left tea");
        assertThat(ada.type("/quit").exitCode()).isZero();
        assertThat(ada.err()).isEmpty();
    }

    @Test
    void whatWasSaidBeforeIsShownToWhoComes() {
        Talker ada = talker("ada", "tea");
        ada.type("1", "2", "3").awaitLine("[tea] Ada: 3");

        assertThat(talker("bob", "tea", "--last", "2").type("/history 1", "4").awaitLine("[tea] Bob: 4"))
                .isNotEmpty();

        assertThat(talkers.getLast().said())
                .satisfiesExactly(
                        line -> assertThat(line).isEqualTo("[tea] Ada: 2"),
                        line -> assertThat(line).isEqualTo("[tea] Ada: 3"),
                        line -> assertThat(line).matches("\\[tea 20\\d\\d-\\d\\d-\\d\\d \\d\\d:\\d\\d #3] Ada: 3"),
                        line -> assertThat(line).isEqualTo("[tea] Bob: 4"));
        Talker eve = talker("eve", "tea", "--last", "0");
        assertThat(eve.type("/join coffee", "/history").end()).isZero();
        assertThat(eve.said()).isEmpty();
        assertThat(eve.lines()).contains("* nothing was said in coffee yet");
    }

    @Test
    void aRoomThatWasEnteredGoesOnWhileAnotherIsInFront() {
        Talker ada = talker("ada", "tea");
        Talker bob = talker("bob", "tea");
        ada.type("/join Café 5 €~").awaitLine("* you are in Café 5 €~");
        bob.type("in tea").awaitLine("[tea] Bob: in tea");
        ada.type("in the café").awaitLine("[Café 5 €~] Ada: in the café");
        assertThat(ada.said()).containsExactly("[Café 5 €~] Ada: in the café");
        assertThat(bob.said()).containsExactly("[tea] Bob: in tea");

        ada.type("/join tea").awaitLine("[tea] Bob: in tea");
        ada.awaitLine("* you are in tea");
        ada.type("/leave").awaitLine("* you are in Café 5 €~");
        bob.awaitLine("* Ada has left tea");
        ada.type("/leave").awaitLine("* you are in general");
        bob.type("alone").awaitLine("[tea] Bob: alone");
        ada.type("/leave");
        ada.awaitTrouble("where everybody goes who leaves");

        assertThat(ada.said()).doesNotContain("[tea] Bob: alone");
        assertThat(ada.end()).isEqualTo(ExitCodes.REFUSED);
    }

    @Test
    void roomsAndThoseInThemAreListed() {
        Talker ada = talker("ada", "tea");
        Talker bob = talker("bob", "tea");
        Talker again = talker("bob", "tea");
        ada.type("/who");

        ada.awaitLine("* 2 in tea");
        ada.awaitLine("*   Ada (guest.ada)");
        ada.awaitLine("*   Bob (guest.bob), 2 connections");
        bob.type("/join coffee").awaitLine("* you are in coffee");
        bob.type("/rooms").awaitLine("* > coffee (1)");
        bob.awaitLine("* > tea (2)");
        again.type("/who ada").awaitLine("* guest.ada is online");
        again.type("/who eve").awaitLine("* guest.eve is not online");
    }

    @Test
    void aNameIsOneUsersAlone() {
        Talker ada = talker("ada", "tea");
        Talker bob = talker("bob", "tea");

        bob.type("/name Ada");
        bob.awaitTrouble("conflict");
        bob.type("/name Bobby", "hi").awaitLine("* you are shown as Bobby");
        ada.awaitLine("[tea] Bobby: hi");
        ada.type("/private bobby psst");
        bob.awaitLine("(private) Ada: psst");
    }

    // ---- one to one

    @Test
    void aPrivateMessageIsSeenByTheTwoOnAllTheirDevicesAndByNobodyElse() {
        Talker ada = talker("ada", "tea");
        Talker phone = talker("ada", "coffee");
        Talker bob = talker("bob", "tea");
        Talker tablet = talker("bob", "coffee");
        Talker eve = talker("eve", "tea");
        ada.awaitLine("* Bob has come to tea");
        phone.awaitLine("* Bob has come to coffee");

        ada.type("/private bob the code is 7");
        bob.awaitLine("(private) Ada: the code is 7");
        tablet.awaitLine("(private) Ada: the code is 7");
        phone.awaitLine("(private to Bob) the code is 7");
        ada.awaitLine("(private to Bob) the code is 7");
        ada.awaitLine("* Bob has read it");
        bob.type("/private Ada thanks");
        ada.awaitLine("(private) Bob: thanks");
        phone.awaitLine("(private) Bob: thanks");
        bob.type("in tea");
        eve.awaitLine("[tea] Bob: in tea");

        assertThat(eve.said()).containsExactly("[tea] Bob: in tea");
        assertThat(eve.end()).isZero();
    }

    @Test
    void aPrivateMessageWaitsForWhoIsAway() {
        Talker ada = talker("ada", "tea");
        ada.type("/private bob one", "/private guest.bob two").awaitLine("(private to guest.bob) one");
        ada.awaitLine("* guest.bob is not online; the message waits");

        Talker bob = talker("bob", "tea");
        await().untilAsserted(() -> assertThat(bob.said()).containsExactly("(private) Ada: one", "(private) Ada: two"));
        ada.awaitLine("* Bob has read it");
        bob.type("/private ada three");
        ada.awaitLine("(private) Bob: three");
        bob.awaitLine("(private to Ada) three");
        assertThat(bob.end()).isZero();

        Talker later = talker("bob", "tea");
        later.type("/private ada four").awaitLine("(private to Ada) four");
        assertThat(later.said()).containsExactly("(private to Ada) four");
    }

    // ---- what does not go well

    @Test
    void whatIsTypedWrongIsToldAndIsNoSuccess() {
        Talker ada = talker("ada", "tea");

        int code = ada.type("/jion tea", "/join", "/private bob", "/history 0", "/history 501", "", "/help")
                .end();

        assertThat(code).isEqualTo(ExitCodes.REFUSED);
        assertThat(ada.err().lines())
                .containsExactly(
                        "topicstream: there is no command /jion; did you mean /join? (/help lists them; // at the"
                                + " beginning says a text that begins with /)",
                        "topicstream: it is written /join ROOM",
                        "topicstream: it is written /private USER TEXT",
                        "topicstream: /history takes a number from 1 to 500",
                        "topicstream: /history takes a number from 1 to 500");
        assertThat(ada.lines()).anyMatch(line -> line.startsWith("* /private USER TEXT   say something to one user"));
    }

    @Test
    void whatOthersSaySteersNoTerminal() {
        Talker ada = talker("ada", "tea");
        terminal.run("publish", "room:tea", "{\"text\":\"\\u001b[2J\\u202eevil\\nAda: me\"}");
        terminal.run("publish", "room:tea", "{\"other\":1}");
        terminal.run("publish", "room:tea", "[\"\\u0007\"]");

        ada.awaitLine("[tea] guest.cli: \\u001B[2J\\u202Eevil; Ada: me");
        ada.awaitLine("[tea] guest.cli: {\"other\":1}");
        ada.awaitLine("[tea] guest.cli: [\"\\u0007\"]");
        String all = String.join("", ada.lines());
        assertThat(Pattern.compile("\\p{Cc}|\\p{Cf}").matcher(all).find()).isFalse();
    }

    @Test
    void theServerStartsAgainAndNothingIsLostOrDoubled() throws Exception {
        Talker ada = talker("ada", "tea");
        Talker bob = talker("bob", "tea");
        int port = server.address().getPort();
        ada.awaitLine("* Bob has come to tea");
        ada.type("before", "/private bob before");
        bob.awaitLine("(private) Ada: before");
        server.close();
        ada.awaitTrouble("connection lost");
        bob.awaitTrouble("connection lost");

        ada.type("meanwhile");
        serve(Integer.toString(port));

        ada.awaitLine("* connected again");
        bob.awaitLine("[tea] Ada: meanwhile");
        ada.type("after", "/private bob after");
        bob.awaitLine("(private) Ada: after");
        bob.type("done");
        ada.awaitLine("[tea] Bob: done");
        assertThat(bob.said())
                .containsExactly(
                        "[tea] Ada: before",
                        "(private) Ada: before",
                        "[tea] Ada: meanwhile",
                        "[tea] Ada: after",
                        "(private) Ada: after",
                        "[tea] Bob: done");
        assertThat(ada.said())
                .containsExactly(
                        "[tea] Ada: before",
                        "(private to Bob) before",
                        "[tea] Ada: meanwhile",
                        "[tea] Ada: after",
                        "(private to Bob) after",
                        "[tea] Bob: done");
        assertThat(ada.err().lines()).hasSize(1);
    }

    @Test
    void aChatWithAKeyIsTheKeysAndEndsWithIt() {
        String key = terminal.run("keys", "create", "carol").lines().getLast();
        Terminal hers = terminal(Map.of("TOPICSTREAM_API_KEY", key));
        Talker carol = Talker.in(hers, "ignored", "tea");
        talkers.add(carol);
        assertThat(carol.lines()).contains("* you are carol");

        terminal.run("keys", "revoke", "carol");

        assertThat(carol.exitCode()).isEqualTo(ExitCodes.NOT_ALLOWED);
        assertThat(carol.err()).contains("topicstream: ");
    }

    @Test
    void aRoomThatIsNotOpenToTheUserIsToldSo() {
        String key = terminal.run("keys", "create", "carol", "--grants", "room:tea=subscribe,read,publish,presence")
                .lines()
                .getLast();
        Talker carol = Talker.in(terminal(Map.of("TOPICSTREAM_API_KEY", key)), "carol", "tea");
        talkers.add(carol);

        carol.type("/join coffee");
        carol.awaitTrouble("forbidden");
        carol.type("still here").awaitLine("[tea] Carol: still here");

        assertThat(carol.end()).isEqualTo(ExitCodes.REFUSED);
    }

    @Test
    void aChatThatCannotBeginIsOneLine() {
        Terminal.Run bad = terminal.run("chat", "--user", "no id");
        assertThat(bad.exitCode()).isEqualTo(ExitCodes.USAGE);
        assertThat(bad.err()).hasLineCount(1);
        assertThat(terminal.run("chat", "--name", "\u0007").exitCode()).isEqualTo(ExitCodes.USAGE);
        assertThat(terminal.run("chat", "--last", "501").exitCode()).isEqualTo(ExitCodes.USAGE);
        assertThat(terminal.run("chat", "--server", "nonsense").exitCode()).isEqualTo(ExitCodes.USAGE);
        assertThat(terminal.run("chat", "--token", "wrong").exitCode()).isEqualTo(ExitCodes.NOT_ALLOWED);

        server.close();
        Terminal.Run gone = terminal.run("chat");
        assertThat(gone.exitCode()).isEqualTo(ExitCodes.UNREACHABLE);
        assertThat(gone.err()).contains("cannot connect").hasLineCount(1);
    }

    @Test
    void aPipeSaysAllItsLinesBeforeItEnds() {
        Terminal.Run run = terminal.runWithInput("one\ntwo\n/private testuser note\n/who", "chat");

        assertThat(run.exitCode()).as(run.err()).isZero();
        assertThat(run.lines())
                .containsExactly(
                        "* you are guest.testuser",
                        "* you are in general, alone",
                        "[general] TestUser: one",
                        "[general] TestUser: two",
                        "(private to yourself) note",
                        "* 1 in general",
                        "*   TestUser (guest.testuser)");
        Terminal.Run unheard = terminal.runUnheard("Broken pipe", "one\n", "chat");
        assertThat(unheard.exitCode()).isEqualTo(ExitCodes.READER_GONE);
        assertThat(unheard.err()).isEmpty();
        assertThat(terminal.runUnheard("No space left on device", "one\n", "chat")
                        .exitCode())
                .isEqualTo(ExitCodes.DATA);
    }

    // ---- the commands beside it

    @Test
    void membersAndTheirPresenceAreCommandsToo() {
        Talker ada = talker("ada", "tea");
        talker("bob", "tea");
        ada.awaitLine("* Bob has come");

        Terminal.Run members = terminal.run("members", "room:tea");
        assertThat(members.exitCode()).as(members.err()).isZero();
        assertThat(members.lines())
                .satisfiesExactlyInAnyOrder(
                        line -> assertThat(line).matches("guest\\.ada 1 20\\S+Z Ada"),
                        line -> assertThat(line).matches("guest\\.bob 1 20\\S+Z Bob"));
        assertThat(terminal.run("members", "room:tea", "--json").lines())
                .anySatisfy(line -> assertThat(line)
                        .matches("\\{\"user\":\"guest\\.ada\",\"name\":\"Ada\",\"connections\":1,\"since\":\\d+}"));
        assertThat(terminal.run("members", "room:coffee").out()).isEmpty();
        assertThat(terminal.run("members", "no name").exitCode()).isEqualTo(ExitCodes.USAGE);

        Terminal.Run who = terminal.run("who", "guest.ada", "guest.eve");
        assertThat(who.exitCode()).as(who.err()).isZero();
        assertThat(who.lines()).containsExactly("guest.ada online -", "guest.eve offline -");
        assertThat(terminal.run("who", "guest.eve", "--json").out())
                .isEqualTo("{\"user\":\"guest.eve\",\"online\":false,\"last_seen\":null}\n");
        assertThat(ada.type("/quit").exitCode()).isZero();
        await().untilAsserted(() ->
                assertThat(terminal.run("who", "guest.ada").out()).matches("guest\\.ada offline 20\\S+Z\n"));
        assertThat(terminal.run("who").exitCode()).isEqualTo(ExitCodes.USAGE);
    }
}
