package io.topicstream.examples.chatworkflow;

import static org.assertj.core.api.Assertions.assertThat;

import io.topicstream.examples.backend.WebSocketClient;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Two hundred people in the chat, and one in the chat of the server's own stage `/dev`. Posts of the worker to
/// connections go through a hand that sees how many are under way.
@Timeout(value = 600, threadMode = Timeout.ThreadMode.SEPARATE_THREAD) // a frame that never comes is a failure
class TwoHundredClientsTest {
    private static final int PEOPLE = 200;
    /// One of the two who are in no browser.
    private static final int WITNESS = PEOPLE - 2;
    private static final HttpClient HTTP = HttpClient.newHttpClient();

    @TempDir
    private Path folder;

    /// By the order in which they came; two of each browser, but the last two, who name none.
    private final List<Chatter> people = new ArrayList<>();

    /// Those who are still there.
    private final List<Chatter> present = new ArrayList<>();

    /// What each of those is to hear from now on.
    private final List<List<String>> expected = new ArrayList<>();

    private final List<String> names = new ArrayList<>();

    @Test
    void everyRuleHolds() throws Exception {
        try (Posts posts = new Posts();
                Programs programs = new Programs(folder, posts.url());
                WebSocketClient elsewhere = new WebSocketClient("ws://127.0.0.1:" + programs.port + "/dev")) {
            posts.handOnTo(programs.port);
            allJoin(programs);
            posts.holdUntil(10);

            say(0, "hello");
            say(PEOPLE - 1, "mine too");
            leave(5);
            hearsLast(WITNESS);
            anotherEndsUnheard(programs);
            theWorkerIsDownForAWhile(programs);

            for (int i = 0; i < people.size(); i++) {
                if (present.contains(people.get(i))) {
                    assertThat(people.get(i).until("end").heardSince())
                            .as("client " + i)
                            .containsExactlyElementsOf(expected.get(i));
                    assertThat(people.get(i).heardNow()).isEmpty();
                }
            }
            assertThat(posts.mostAtOnce()).isEqualTo(10);
            assertThat(elsewhere.hear()).contains("has joined the chat");
            elsewhere.say("{\"action\":\"sendMessage\",\"content\":\"of the other chat\"}");
            assertThat(elsewhere.hear()).contains("of the other chat");
            assertThat(elsewhere.heardNow()).isEmpty();
            people.forEach(WebSocketClient::abort);
        }
    }

    /// All hear who joins once they are there themselves: each his own notice, and those of all who came later.
    private void allJoin(Programs programs) throws Exception {
        for (int i = 0; i < PEOPLE; i++) {
            people.add(new Chatter(programs.url() + (i < WITNESS ? "?clientId=browser-" + i / 2 : "")));
            expected.add(new ArrayList<>());
            String joined = people.getFirst().next();
            assertThat(joined).startsWith("$connect|User ").endsWith(" has joined the chat|System");
            names.add(joined.replaceAll(".*User | has joined.*", ""));
        }
        present.addAll(people);
        Chatter first = people.getFirst();
        List<String> all = first.heardSince();
        people.getLast().sayInChat("all here");
        for (int i = 0; i < PEOPLE; i++) {
            List<String> heard = people.get(i).until("all here").heardSince();
            List<String> joined = i == 0 ? all : heard.subList(0, heard.size() - 1);
            // Somebody may be noted before others who came a moment earlier are announced.
            assertThat(joined).hasSizeBetween(PEOPLE - i, PEOPLE);
            assertThat(joined).as("client " + i).isEqualTo(all.subList(PEOPLE - joined.size(), PEOPLE));
        }
    }

    /// Says something, and waits until the witness has heard it: so all is on the bus in the order of this test.
    private void say(int who, String text) throws Exception {
        announce(who, text);
        hearsLast(WITNESS);
    }

    private void announce(int who, String text) {
        people.get(who).sayInChat(text);
        for (int i = 0; i < PEOPLE; i++) {
            boolean inOneBrowser = who < WITNESS && i / 2 == who / 2;
            if (!inOneBrowser) {
                expected.get(i).add("sendMessage|" + text + "|" + names.get(who));
            }
        }
    }

    private void hearsLast(int who) throws Exception {
        assertThat(people.get(who).next()).isEqualTo(expected.get(who).getLast());
    }

    private void leave(int who) throws Exception {
        people.get(who).close();
        present.remove(people.get(who));
        expected.forEach(frames -> frames.add("$disconnect|User " + names.get(who) + " has left the chat|System"));
    }

    /// The back end is down when somebody leaves: nobody is told. The next post finds the connection gone.
    private void anotherEndsUnheard(Programs programs) throws Exception {
        programs.backEnd.kill();
        people.get(7).close();
        present.remove(people.get(7));
        await(() -> programs.gateway.err().split("\"DISCONNECT\"", -1).length == 3);
        programs.restartBackEnd();
        assertThat(noted(programs)).isEqualTo(PEOPLE - 1);

        for (int i = 0; noted(programs) == PEOPLE - 1; i++) {
            say(20, "who is gone? " + i);
        }

        assertThat(noted(programs)).isEqualTo(PEOPLE - 2);
        // The one who left before may have been found gone too, before the back end heard of it.
        assertThat(get(programs.workerPort, "/counts")).containsPattern("\"gone\":[12],\"failed\":0");
    }

    /// It answers what it has begun: killed in its midst, it would not know afterwards who has it.
    private void theWorkerIsDownForAWhile(Programs programs) throws Exception {
        programs.worker.stop();
        for (int i = 0; i < 5; i++) {
            String text = "while it is down " + i;
            announce(30 + 2 * i, text);
            await(() -> get(programs.backEndPort, "/chat/last-messages").contains(text));
        }
        leave(9);
        await(() -> noted(programs) == PEOPLE - 3);
        announce(PEOPLE - 1, "end");
        assertThat(people.get(WITNESS).heardNow()).isEmpty();

        programs.restartWorker();
    }

    private static void await(Callable<Boolean> condition) {
        Awaitility.await().atMost(60, TimeUnit.SECONDS).until(condition);
    }

    private static String get(int port, String path) throws Exception {
        return HTTP.send(
                        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
                                .build(),
                        HttpResponse.BodyHandlers.ofString())
                .body();
    }

    private static int noted(Programs programs) throws Exception {
        return get(programs.backEndPort, "/connections?limit=1000").split("\"id\":", -1).length - 1;
    }
}
