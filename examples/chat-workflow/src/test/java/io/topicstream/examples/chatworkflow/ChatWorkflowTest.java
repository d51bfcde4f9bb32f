package io.topicstream.examples.chatworkflow;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What a few people in the chat hear, and what does not reach them: real clients, the real gateway with its sink,
/// the back end and the worker. All that happens goes through one topic, so who has heard the last message has heard
/// all before it.
@Timeout(value = 240, threadMode = Timeout.ThreadMode.SEPARATE_THREAD) // a frame that never comes is a failure
class ChatWorkflowTest {
    private static final HttpClient HTTP = HttpClient.newHttpClient();

    @TempDir
    private static Path folder;

    private static @Nullable Programs programs;
    private static int rounds;

    private final List<Chatter> people = new ArrayList<>();
    private Chatter ada;

    @BeforeAll
    static void start() throws Exception {
        programs = new Programs(folder, "");
    }

    @AfterAll
    static void stop() {
        programs().close();
    }

    private static Programs programs() {
        return Objects.requireNonNull(programs);
    }

    /// One who has heard all that happened before.
    @BeforeEach
    void begin() throws Exception {
        ada = open("");
        ada.sayInChat("round " + ++rounds);
        ada.until("round " + rounds).heardSince();
    }

    @AfterEach
    void leaveAll() throws Exception {
        for (Chatter each : List.copyOf(people)) {
            leave(each);
        }
    }

    private Chatter open(String query) {
        Chatter chatter = new Chatter(programs().url() + query);
        people.add(chatter);
        return chatter;
    }

    private void leave(Chatter chatter) throws Exception {
        chatter.close();
        people.remove(chatter);
    }

    private static HttpResponse<String> call(HttpRequest.Builder request) throws Exception {
        return HTTP.send(request.build(), HttpResponse.BodyHandlers.ofString());
    }

    private static HttpRequest.Builder at(int port, String path) {
        return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path));
    }

    private static void publish(@Nullable String token, String payload) throws Exception {
        HttpRequest.Builder request = at(programs().port, "/topics/chat-events/produce")
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString("{\"payload\":" + payload + "}"));
        if (token != null) {
            request.header("Authorization", "Bearer " + token);
        }
        assertThat(call(request).statusCode()).isEqualTo(200);
    }

    private static String lastMessages() throws Exception {
        return call(at(programs().backEndPort, "/chat/last-messages")).body();
    }

    @Test
    void whoComesAndGoesIsToldToAllAndHasOneName() throws Exception {
        Chatter bob = open("?clientId=b");
        String joined = ada.next();
        assertThat(joined).matches("\\$connect\\|User [A-Z][a-z]+[A-Z][a-z]+[0-9]+ has joined the chat\\|System");
        String name = joined.replaceAll(".*User | has.*", "");
        assertThat(bob.next()).isEqualTo(joined);

        bob.sayInChat("hi");
        assertThat(ada.next()).isEqualTo("sendMessage|hi|" + name);
        leave(bob);

        assertThat(ada.next()).isEqualTo("$disconnect|User " + name + " has left the chat|System");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "?clientId="})
    void whoNamesNoClientGetsHisOwnMessages(String query) throws Exception {
        Chatter bob = open(query);
        bob.next();

        bob.sayInChat("mine");

        assertThat(bob.next()).startsWith("sendMessage|mine|");
    }

    @Test
    void theTabsOfABrowserDoNotGetWhatWasWrittenInOneOfThem() throws Exception {
        Chatter tab = open("?clientId=a%26b%20%C3%A9");
        Chatter other = open("?clientId=a%26b%20%C3%A9");

        tab.sayInChat("from a tab");
        ada.until("from a tab");
        ada.sayInChat("end");

        assertThat(tab.until("end").heard()).noneMatch(frame -> frame.contains("from a tab"));
        assertThat(other.until("end").heard()).noneMatch(frame -> frame.contains("from a tab"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"action\":\"sendMessage\"}",
                "{\"action\":\"sendMessage\",\"content\":\"\"}",
                "{\"action\":\"sendMessage\",\"content\":17}",
                "{\"action\":\"sendMessage\",\"content\":null}",
                "{\"action\":\"sendMessage\",\"content\":[\"hi\"]}",
                "{\"action\":\"receiveMessage\",\"content\":\"hi\"}",
                "{\"action\":\"systemMessage\",\"content\":\"hi\"}",
                "{\"action\":\"dance\"}",
                "{\"content\":\"hi\"}",
                "17",
                "what?!"
            })
    void whatIsNoMessageIsAnsweredWithSilenceAndNotKept(String frame) throws Exception {
        ada.say(frame);
        ada.sayInChat("end");

        assertThat(ada.until("end").heard()).hasSize(1);
        assertThat(lastMessages().replaceAll("(?s)^.*?\"content\":\"end\".*?\"content\":\"|\".*$", ""))
                .isEqualTo("round " + rounds);
    }

    @Test
    void whatOneSaysArrivesInItsOrder() throws Exception {
        for (int i = 0; i < 50; i++) {
            ada.sayInChat("number " + i);
        }

        for (int i = 0; i < 50; i++) {
            assertThat(ada.next()).startsWith("sendMessage|number " + i + "|");
        }
    }

    @Test
    void aMessageHas150UnitsOfUtf16AtMostAndIsNotTrimmed() throws Exception {
        String longest = "  " + "😀".repeat(73) + "  ";
        assertThat(longest).hasSize(150);

        ada.sayInChat(longest + "x");
        ada.sayInChat(" ");
        assertThat(ada.next()).startsWith("sendMessage| |");
        ada.sayInChat(longest);

        assertThat(ada.next()).startsWith("sendMessage|" + longest + "|");
    }

    @Test
    void theLastTwentyMessagesAreKeptNewestFirst() throws Exception {
        for (int i = 1; i <= 21; i++) {
            ada.sayInChat("kept " + i);
            ada.until("kept " + i);
        }

        String list = lastMessages();

        assertThat(list.split("\"id\":", -1)).hasSize(21);
        assertThat(list)
                .matches("\\{\"messages\":\\[\\{\"id\":\"[0-9a-f]{16}\",\"sender\":\"[A-Za-z]+[0-9]+\","
                        + "\"connectionId\":\"[^\"]+\",\"content\":\"kept 21\",\"createdAt\":\"[^\"]+Z\"\\},.*"
                        + "\"content\":\"kept 2\",[^{]*\\}\\]\\}")
                .doesNotContain("\"kept 1\"");
    }

    @Test
    void onlyTheThreeTypesOfTheBackEndCauseFrames() throws Exception {
        String forged =
                new ChatEvent(EventType.MESSAGE_SENT, "c", "Eve", null, ChatEvent.iso(0), "forged", "m").toJson();

        publish(null, forged);
        publish(Programs.TOKEN, forged.replace("MESSAGE_SENT", "USER_TYPING"));
        publish(Programs.TOKEN, forged.replace("chat.service", "shop"));
        publish(Programs.TOKEN, "\"not an event\"");
        publish(Programs.TOKEN, forged.replace("forged", "real"));
        ada.sayInChat("end");

        assertThat(ada.until("end").heard().getFirst()).isEqualTo("sendMessage|real|Eve");
        assertThat(ada.heard()).hasSize(2);
        // The rules of the sink left them out, not the worker.
        assertThat(call(at(programs().workerPort, "/counts")).body()).contains("\"ignored\":0");
    }

    @Test
    void whatHappensCanBeReadOnTheBus() throws Exception {
        Chatter bob = open("?clientId=b");
        bob.next();
        bob.sayInChat("hi");
        leave(bob);
        ada.next();
        ada.next();
        ada.next();

        String log = "";
        String page;
        int offset = 1;
        do {
            page = call(at(programs().port, "/topics/chat-events/consume?limit=100&offset=" + offset)
                            .header("Authorization", "Bearer " + Programs.TOKEN))
                    .body();
            log += page;
            offset += 100;
        } while (!page.contains("\"messages\":[]"));

        String id =
                "\"connectionId\":\"[^\"]+\",\"sender\":\"[A-Za-z]+[0-9]+\",\"clientId\":\"b\",\"timestamp\":\"[^\"]+Z\"";
        assertThat(log)
                .containsPattern("\\{\"source\":\"chat.service\",\"detail-type\":\"CONNECTION_ESTABLISHED\","
                        + "\"detail\":\\{\"action\":\"\\$connect\"," + id + "\\}\\}")
                .containsPattern("\\{\"source\":\"chat.service\",\"detail-type\":\"MESSAGE_SENT\","
                        + "\"detail\":\\{\"action\":\"sendMessage\"," + id
                        + ",\"content\":\"hi\",\"messageId\":\"[0-9a-f]{16}\"\\}\\}")
                .containsPattern("\\{\"source\":\"chat.service\",\"detail-type\":\"CONNECTION_CLOSED\","
                        + "\"detail\":\\{\"action\":\"\\$disconnect\"," + id + "\\}\\}");
    }
}
