package io.topicstream.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.topicstream.server.StartException;
import io.topicstream.server.TopicStreamServer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Replies, edits and reactions in `topicstream chat`, without a terminal.
@Timeout(value = 180, threadMode = Timeout.ThreadMode.SEPARATE_THREAD) // a line that never comes is a failure
class ChatAboutTest {
    @TempDir
    private Path home;

    private final List<Talker> talkers = new ArrayList<>();
    private TopicStreamServer server;

    @BeforeEach
    void start() throws StartException {
        server = TopicStreamServer.start(MemoryServers.config(home.resolve("run"), "access.anonymous", "on"));
    }

    @AfterEach
    void stop() {
        talkers.forEach(Talker::close);
        server.close();
    }

    private Terminal terminal(Map<String, String> more) {
        Map<String, String> environment = new TreeMap<>(more);
        environment.put(
                "TOPICSTREAM_SERVER", "http://127.0.0.1:" + server.address().getPort());
        environment.put("TOPICSTREAM_SERVER_RUN_DIR", home.resolve("run").toString());
        return new Terminal(environment, home);
    }

    private Talker guest(String user) {
        Talker talker = Talker.in(terminal(Map.of()), user, "tea");
        talkers.add(talker);
        return talker;
    }

    private Talker withKey(String user) {
        String key = terminal(Map.of()).run("keys", "create", user).lines().getLast();
        Talker talker = Talker.in(terminal(Map.of("TOPICSTREAM_API_KEY", key)), user, "tea");
        talkers.add(talker);
        return talker;
    }

    @Test
    void whatIsSaidAboutTheLastMessageIsShownToAll() {
        Talker ada = withKey("ada");
        Talker bob = guest("bob");
        ada.type("lunch at tvelve?");
        bob.awaitLine("[tea] Ada: lunch at tvelve?");

        ada.type("/edit lunch at twelve?");
        bob.awaitLine("* Ada edited #1: lunch at twelve?");
        bob.type("/react \uD83D\uDC4D").awaitLine("* Bob reacts to #1 with \uD83D\uDC4D");
        bob.type("/reply one is better").awaitLine("[tea] Bob: (to Ada: lunch at twelve?) one is better");
        ada.awaitLine("[tea] Bob: (to Ada: lunch at twelve?) one is better");
        ada.type("/react !").awaitLine("* Ada reacts to #4 with !");
        bob.awaitLine("* Ada reacts to #4 with !");

        bob.type("/history");
        assertThat(bob.awaitLine("[tea 20")).endsWith("#1] Ada: lunch at twelve? (edited) [\uD83D\uDC4D 1]");
        assertThat(bob.awaitLine("[tea 20")).endsWith("#4] Bob: (to Ada: lunch at twelve?) one is better [! 1]");
        bob.type("/react #1 \uD83D\uDC4D").awaitLine("* Bob takes back \uD83D\uDC4D on #1");
        ada.awaitLine("* Bob takes back \uD83D\uDC4D on #1");
        assertThat(bob.end()).isZero();
        assertThat(ada.end()).isZero();
    }

    @Test
    void aMessageIsNamedByItsNumber() {
        Talker ada = withKey("ada");
        Talker bob = guest("bob");
        ada.type("one", "two", "/edit #1 first");
        bob.awaitLine("* Ada edited #1: first");
        bob.type("/reply #2 yes").awaitLine("[tea] Bob: (to Ada: two) yes");
        bob.type("/react #2 x").awaitLine("* Bob reacts to #2 with x");
        Talker cy = guest("cy");
        cy.type("/join coffee", "/join tea", "/react #2 x").awaitLine("* Cy reacts to #2 with x");
    }

    @Test
    void whatCannotBeDoneIsTold() {
        Talker bob = guest("bob");

        bob.type("/edit x");
        bob.awaitTrouble("you have said nothing here; name a message by its number, such as #12");
        bob.type("/react x");
        bob.awaitTrouble("nobody else has said anything");
        bob.type("/reply #7");
        bob.awaitTrouble("it is written /reply [#N] TEXT");
        bob.type("/reply #7 x");
        bob.awaitTrouble("there is no message 7 in this topic");
        bob.type("mine", "/edit ours");
        bob.awaitTrouble("only who has a credential can edit");

        assertThat(bob.end()).isEqualTo(ExitCodes.REFUSED);
    }

    @Test
    void whatOthersReactWithSteersNoTerminal() {
        Talker bob = guest("bob");
        terminal(Map.of()).run("publish", "room:tea", "{\"text\":\"1\"}");
        bob.awaitLine("[tea] guest.cli: 1");

        bob.type("/react \u202eevil").awaitLine("* Bob reacts to #1 with \\u202Eevil");
    }
}
