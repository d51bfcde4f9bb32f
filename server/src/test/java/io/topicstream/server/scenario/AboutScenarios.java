package io.topicstream.server.scenario;

import static io.topicstream.server.JsonTexts.number;
import static org.assertj.core.api.Assertions.assertThat;

import io.topicstream.server.JsonTexts;
import io.topicstream.server.TestClient;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/// Replies, edits and reactions: heard as messages that are about another one, and folded into it by who
/// asks.
public interface AboutScenarios {
    Deployment deployment();

    /// Publishes, and answers the reply or the error.
    private static String say(TestClient client, String topic, String rest) {
        client.send("{\"action\":\"publish\",\"id\":\"p\",\"topic\":\"" + topic + "\"," + rest + "}");
        return client.await("\"id\":\"p\"");
    }

    private static long said(TestClient client, String topic, String rest) {
        String reply = say(client, topic, rest);
        assertThat(reply).contains("\"type\":\"reply\"");
        return number(reply, "offset");
    }

    private static String about(long offset, String as) {
        return "\"about\":{\"offset\":" + offset + ",\"as\":\"" + as + "\"}";
    }

    private static String react(long offset, String as, String value) {
        return "\"about\":{\"offset\":" + offset + ",\"as\":\"" + as + "\",\"value\":\"" + value + "\"}";
    }

    private static String read(TestClient client, String topic, String rest) {
        client.send("{\"action\":\"read\",\"id\":\"r\",\"topic\":\"" + topic + "\"" + rest + "}");
        return client.await("\"id\":\"r\"");
    }

    private static List<String> messages(String page) {
        int from = page.indexOf("\"messages\":[") + "\"messages\":".length();
        return JsonTexts.elements(page.substring(from, page.lastIndexOf("],") + 1));
    }

    @Test
    default void whoListensHearsWhatAMessageIsAbout() {
        String topic = deployment().topic();
        TestClient ann = deployment().client(0);
        TestClient bob = deployment().client(1);
        bob.send("{\"action\":\"subscribe\",\"id\":\"s\",\"topic\":\"" + topic + "\"}");
        bob.await("\"id\":\"s\"");

        assertThat(said(ann, topic, "\"message\":\"helo\"")).isEqualTo(1);
        assertThat(said(ann, topic, "\"message\":\"hello\"," + about(1, "edit")))
                .isEqualTo(2);
        assertThat(said(ann, topic, react(1, "reaction", "\uD83D\uDC4D"))).isEqualTo(3);
        assertThat(said(ann, topic, react(1, "unreaction", "\uD83D\uDC4D"))).isEqualTo(4);
        assertThat(said(ann, topic, "\"message\":5," + about(1, "reply"))).isEqualTo(5);

        assertThat(bob.await("\"offset\":1,")).doesNotContain("\"about\"");
        assertThat(bob.await("\"offset\":2,"))
                .endsWith("\"from\":\"ann\",\"message\":\"hello\",\"about\":{\"offset\":1,\"as\":\"edit\"}}");
        assertThat(bob.await("\"offset\":3,"))
                .endsWith("\"message\":null,\"about\":{\"offset\":1,\"as\":\"reaction\",\"value\":\"\uD83D\uDC4D\"}}");
        assertThat(bob.await("\"offset\":4,")).contains("\"as\":\"unreaction\"");
        assertThat(bob.await("\"offset\":5,")).endsWith("\"message\":5,\"about\":{\"offset\":1,\"as\":\"reply\"}}");
        assertThat(messages(read(ann, topic, ",\"after\":1,\"limit\":1")).getFirst())
                .as("read as it is in the log")
                .endsWith("\"about\":{\"offset\":1,\"as\":\"edit\"}}");
        ann.close();
        bob.close();
    }

    @Test
    default void whatCannotBeSaidAboutAMessageIsRefused() {
        String topic = deployment().topic();
        TestClient ann = deployment().client(0);
        TestClient bob = deployment().client(1);
        TestClient guest = deployment().guest(deployment().guest());
        TestClient nobody = deployment().client();
        said(ann, topic, "\"message\":1");
        said(ann, topic, "\"message\":2," + about(1, "edit"));
        said(ann, topic, react(1, "reaction", "x"));
        long guests = said(guest, topic, "\"message\":4");

        for (String wrong : List.of(
                "\"message\":1,\"about\":1",
                "\"message\":1,\"about\":{\"offset\":0,\"as\":\"reply\"}",
                "\"message\":1,\"about\":{\"offset\":-1,\"as\":\"reply\"}",
                "\"message\":1,\"about\":{\"as\":\"reply\"}",
                "\"message\":1,\"about\":{\"offset\":1}",
                "\"message\":1,\"about\":{\"offset\":1,\"as\":\"answer\"}",
                "\"message\":1,\"about\":{\"offset\":1,\"as\":\"reply\",\"value\":\"x\"}",
                "\"message\":1,\"about\":{\"offset\":1,\"as\":\"reaction\"}",
                react(1, "reaction", ""),
                react(1, "reaction", "x".repeat(65)),
                react(1, "reaction", "a\\nb"),
                about(1, "reply"),
                about(1, "edit"),
                "\"message\":1," + about(2, "edit"),
                "\"message\":1," + about(2, "reply"),
                react(3, "reaction", "x"))) {
            assertThat(say(ann, topic, wrong)).as(wrong).contains("\"code\":\"bad_frame\"");
        }
        assertThat(say(ann, topic, "\"message\":1," + about(2, "edit")))
                .contains("message 2 is only about message 1 (edit); name that one");
        for (long missing : new long[] {5, 6, Long.MAX_VALUE}) {
            assertThat(say(ann, topic, "\"message\":1," + about(missing, "reply")))
                    .contains("\"code\":\"not_found\"", "there is no message " + missing);
        }
        assertThat(say(ann, deployment().topic(), "\"message\":1," + about(1, "reply")))
                .contains("\"code\":\"not_found\"");
        assertThat(say(bob, topic, "\"message\":1," + about(1, "edit")))
                .contains("\"code\":\"forbidden\"", "only its author");
        assertThat(say(guest, topic, "\"message\":1," + about(guests, "edit")))
                .contains("\"code\":\"forbidden\"", "credential");
        assertThat(say(nobody, topic, react(1, "reaction", "x"))).contains("\"code\":\"forbidden\"", "say who you are");
        assertThat(said(nobody, topic, "\"message\":5," + about(1, "reply"))).isEqualTo(5);
        assertThat(said(ann, topic, react(1, "reaction", "\u00e9".repeat(64)))).isEqualTo(6);
        for (TestClient client : List.of(ann, bob, guest, nobody)) {
            client.close();
        }
    }

    @Test
    default void whatIsBehindAMessageThatIsAboutAnotherWaitsForIt() {
        if (!deployment().ordersFrames()) {
            return;
        }
        String topic = deployment().topic();
        TestClient ann = deployment().client(0);
        String publish = "{\"action\":\"publish\",\"topic\":\"" + topic + "\",\"id\":";
        assertThat(said(ann, topic, "\"message\":0"))
                .as("known to who names it")
                .isEqualTo(1);
        StringBuilder frames = new StringBuilder("[" + publish + "1,\"message\":1}");
        for (int i = 2; i <= 30; i++) {
            String rest = i % 3 == 0 ? "," + about(i % 2 == 0 ? 1 : 1_000, "reply") : "";
            frames.append(",")
                    .append(publish)
                    .append(i)
                    .append(",\"message\":")
                    .append(i)
                    .append(rest)
                    .append("}");
        }

        ann.send(frames.append("]").toString());

        List<String> heard = new ArrayList<>();
        for (int i = 1; i <= 30; i++) {
            heard.add(ann.next());
            assertThat(number(heard.getLast(), "id")).isEqualTo(i);
            assertThat(heard.getLast()).contains(i % 3 == 0 && i % 2 == 1 ? "\"not_found\"" : "\"type\":\"reply\"");
        }
        assertThat(messages(read(ann, topic, "")).stream()
                        .map(message -> number(message, "message"))
                        .toList())
                .as("in the order in which they were said")
                .isSorted()
                .hasSize(26);
        ann.close();
    }

    @Test
    default void aPageIsFoldedForWhoAsks() {
        String topic = deployment().topic();
        TestClient ann = deployment().client(0);
        TestClient bob = deployment().client(1);
        said(ann, topic, "\"message\":\"helo\"");
        said(ann, topic, "\"message\":\"other\"");
        said(bob, topic, react(1, "reaction", "+1"));
        said(ann, topic, react(1, "reaction", "+1"));
        said(ann, topic, react(1, "reaction", "+1"));
        said(bob, topic, react(1, "reaction", "?"));
        said(bob, topic, react(1, "unreaction", "?"));
        said(ann, topic, react(1, "reaction", "!"));
        said(bob, topic, "\"message\":\"why\"," + about(1, "reply"));
        said(ann, topic, "\"message\":\"hell\"," + about(1, "edit"));
        long edit = said(ann, topic, "\"message\":\"hello\"," + about(1, "edit"));
        said(ann, topic, react(9, "reaction", "+1"));

        String page = read(bob, topic, ",\"fold\":true");

        List<String> folded = messages(page);
        assertThat(folded).hasSize(3);
        String first = folded.getFirst();
        assertThat(first)
                .startsWith("{\"offset\":1,")
                .contains("\"message\":\"hello\",\"edited\":{\"offset\":" + edit + ",\"timestamp\":")
                .endsWith("\"reactions\":[{\"value\":\"+1\",\"count\":2,\"users\":[\"bob\",\"ann\"],\"mine\":true},"
                        + "{\"value\":\"!\",\"count\":1,\"users\":[\"ann\"]}],"
                        + "\"replies\":{\"count\":1,\"last_offset\":9}}");
        assertThat(folded.get(1)).endsWith("\"message\":\"other\"}");
        assertThat(folded.get(2))
                .endsWith("\"message\":\"why\",\"about\":{\"offset\":1,\"as\":\"reply\"},"
                        + "\"reactions\":[{\"value\":\"+1\",\"count\":1,\"users\":[\"ann\"]}]}");
        assertThat(page).contains("],\"covers\":{\"first\":1,\"last\":12},\"epoch\":", "\"next_offset\":13");
        assertThat(messages(read(ann, topic, ",\"after\":0,\"limit\":1,\"fold\":true")))
                .as("whatever is said later is found")
                .singleElement()
                .asString()
                .contains("\"message\":\"hello\"", "\"mine\":true},{\"value\":\"!\"");
        assertThat(messages(read(ann, topic, ",\"fold\":false"))).hasSize(12);
        assertThat(read(ann, topic, ",\"fold\":1")).contains("\"code\":\"bad_frame\"");
        ann.close();
        bob.close();
    }

    @Test
    default void foldedPagesHaveNeitherGapNorRepeat() {
        String topic = deployment().topic();
        TestClient ann = deployment().client(0);
        List<Long> plain = new ArrayList<>();
        for (int i = 1; i <= 60; i++) {
            boolean reacts = i % 10 > 2 && i > 10;
            String what = reacts ? react(i / 10, "reaction", "v" + i) : "\"message\":" + i;
            if (reacts && !plain.contains((long) i / 10)) {
                what = react(1, "reaction", "v" + i);
            }
            long offset = said(ann, topic, what);
            if (!reacts) {
                plain.add(offset);
            }
        }

        List<Long> forward = new ArrayList<>();
        for (long after = 0; after < 60; ) {
            String page = read(ann, topic, ",\"fold\":true,\"limit\":2,\"after\":" + after);
            messages(page).stream()
                    .filter(text -> text.startsWith("{\"offset\""))
                    .forEach(message -> forward.add(number(message, "offset")));
            assertThat(number(page, "first")).isEqualTo(after + 1);
            assertThat(number(page, "last")).isGreaterThan(after);
            after = number(page, "last");
        }
        List<Long> backward = new ArrayList<>();
        String before = "";
        for (long first = 61; first > 1; ) {
            String page = read(ann, topic, ",\"fold\":true,\"limit\":2" + before);
            messages(page).reversed().stream()
                    .filter(text -> text.startsWith("{\"offset\""))
                    .forEach(message -> backward.add(number(message, "offset")));
            assertThat(number(page, "last")).isEqualTo(first - 1);
            assertThat(number(page, "first")).isLessThan(first);
            first = number(page, "first");
            before = ",\"before\":" + first;
        }

        assertThat(forward).isEqualTo(plain);
        assertThat(backward.reversed()).isEqualTo(plain);
        String end = read(ann, topic, ",\"fold\":true,\"after\":60");
        assertThat(end).contains("\"messages\":[],\"covers\":{\"first\":61,\"last\":60}");
        String front = read(ann, topic, ",\"fold\":true,\"before\":1");
        assertThat(front).contains("\"messages\":[],\"covers\":{\"first\":1,\"last\":0}");
        ann.close();
    }

    @Test
    default void inAChatOfTwoWhatIsSentMayBeAboutAMessage() {
        TestClient ann = deployment().client(0);
        TestClient bob = deployment().client(1);
        ann.send("{\"action\":\"send\",\"id\":\"s\",\"to\":\"bob\",\"message\":1}");
        long offset = number(ann.await("\"id\":\"s\""), "offset");

        bob.send("{\"action\":\"send\",\"id\":\"s\",\"to\":\"ann\"," + react(offset, "reaction", "+1") + "}");
        assertThat(bob.await("\"id\":\"s\"")).contains("\"type\":\"reply\"");
        bob.send("{\"action\":\"send\",\"id\":\"s\",\"to\":\"ann\",\"message\":2," + about(offset, "edit") + "}");
        assertThat(bob.await("\"id\":\"s\"")).contains("\"code\":\"forbidden\"");
        ann.send("{\"action\":\"send\",\"id\":\"s\",\"to\":\"bob\",\"message\":3," + about(offset, "edit") + "}");
        ann.await("\"id\":\"s\"");

        String page = read(ann, "dm:ann~bob", ",\"fold\":true,\"after\":" + (offset - 1) + ",\"limit\":1");
        assertThat(messages(page).getFirst())
                .contains("\"message\":3,\"edited\":", "\"value\":\"+1\",\"count\":1,\"users\":[\"bob\"]}]");
        ann.close();
        bob.close();
    }
}
