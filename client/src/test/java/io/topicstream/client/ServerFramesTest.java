package io.topicstream.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ServerFramesTest {
    private static final String WELCOME =
            "{\"type\":\"welcome\",\"connection_id\":\"c\",\"user\":\"ann\",\"name\":null,\"protocol\":1,\"server_time\":1,"
                    + "\"ping_ms\":5,\"durability\":\"disk\",\"subscriptions\":[{\"topic\":\"a\",\"epoch\":1,\"next_offset\":2}]";

    private final List<Heard> heard = new ArrayList<>();
    private final ServerFrames frames = new ServerFrames();

    @Test
    void aGreetingInPiecesIsHeardAsOne() {
        frames.read(WELCOME + ",\"more\":true}", heard::add);
        frames.read(subscriptions("b", ",\"more\":true"), heard::add);
        assertThat(heard).hasOnlyElementsOfType(Heard.Unknown.class);
        frames.read(subscriptions("c", ""), heard::add);

        assertThat(heard.getLast())
                .isInstanceOfSatisfying(
                        Heard.Greeting.class,
                        greeting -> assertThat(greeting.welcome().subscriptions())
                                .extracting(TopicPosition::topic)
                                .containsExactly("a", "b", "c"));
    }

    @Test
    void aGreetingThatIsWholeIsHeardAtOnceThoughOneBeforeItWasNot() {
        frames.read(WELCOME + ",\"more\":true}", heard::add);
        frames.read(WELCOME + "}", heard::add);
        frames.read(subscriptions("b", ""), heard::add);

        assertThat(heard)
                .extracting(Heard::getClass)
                .containsExactly(Heard.Unknown.class, Heard.Greeting.class, Heard.Unknown.class);
    }

    @Test
    void aMessageTellsWhatItIsAndWhatWasSaidBeside() {
        frames.read(
                "[" + message("1", "")
                        + "," + message("\"AP8+\"", ",\"content_type\":\"a/b\",\"encoding\":\"base64\"")
                        + "," + message("\"\"", ",\"content_type\":\"a/b\",\"encoding\":\"base64\"")
                        + "," + message("null", ",\"redacted\":true")
                        + ","
                        + message(
                                "2",
                                ",\"from\":\"ada\",\"name\":\"Ada\",\"headers\":{\"b\":\"x\\u0022\",\"a\":\"\"},\"later\":{}")
                        + "]",
                heard::add);

        List<ReceivedMessage> messages =
                heard.stream().map(each -> ((Heard.Message) each).message()).toList();
        ReceivedMessage plain = messages.getFirst();
        assertThat(plain)
                .isEqualTo(new ReceivedMessage("t", Heard.NOT_GIVEN, 1, 2, null, "1", null, null))
                .returns(null, ReceivedMessage::name)
                .returns(false, ReceivedMessage::redacted);
        assertThat(plain.headers()).isEmpty();
        assertThatThrownBy(plain::bytes).isInstanceOf(IllegalStateException.class);
        assertThat(messages.get(1).bytes()).containsExactly(0, -1, 62);
        assertThat(messages.get(1).contentType()).isEqualTo("a/b");
        assertThat(messages.get(1).json()).isEqualTo("\"AP8+\"");
        assertThat(messages.get(2).bytes()).isEmpty();
        assertThat(messages.get(3).redacted()).isTrue();
        assertThat(messages.get(3).json()).isEqualTo("null");
        assertThat(messages.get(4).name()).isEqualTo("Ada");
        assertThat(messages.get(4).headers()).isEqualTo(Map.of("a", "", "b", "x\""));
        assertThat(messages.get(4).headers().firstKey()).isEqualTo("a");
    }

    @Test
    void whatIsSaidOfPeopleMayHaveMoreOrLessThanIsKnown() {
        frames.read(
                "[{\"type\":\"presence\",\"topic\":\"t\",\"event\":\"away\",\"user\":\"ada\",\"count\":3},"
                        + "{\"type\":\"receipt\",\"topic\":\"t\",\"user\":\"ada\",\"seen\":1},"
                        + "{\"type\":\"reply\",\"id\":1,\"topic\":\"t\",\"members\":[],\"count\":0,\"later\":1}]",
                heard::add);

        assertThat(heard.get(0))
                .isEqualTo(new Heard.Presence("t", new PresenceChange(PresenceChange.Event.COUNT, "ada", null, 3)));
        assertThat(heard.get(1)).isEqualTo(new Heard.Receipt("t", new Receipt("ada", -1, -1)));
        assertThat(((Heard.Reply) heard.get(2)).told()).isEqualTo(new Told.Members(new MemberPage(List.of(), 0, null)));
    }

    @Test
    void whatWasTakenBackIsNamedByItsOffsets() {
        frames.read("{\"type\":\"redacted\",\"topic\":\"t\",\"offsets\":[3,12],\"later\":1}", heard::add);

        assertThat(heard).containsExactly(new Heard.Redacted("t", List.of(3L, 12L)));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"type\":\"redacted\",\"topic\":\"t\"}",
                "{\"type\":\"redacted\",\"topic\":\"t\",\"offsets\":[]}",
                "{\"type\":\"redacted\",\"topic\":\"t\",\"offsets\":[1.5]}",
                "{\"type\":\"redacted\",\"offsets\":[1]}",
                "{\"type\":\"presence\",\"topic\":\"t\",\"event\":\"join\",\"user\":\"ada\"}",
                "{\"type\":\"presence\",\"event\":\"join\",\"count\":1}",
                "{\"type\":\"receipt\",\"topic\":\"t\",\"read\":1}",
                "{\"type\":\"reply\",\"id\":1,\"members\":[{\"user\":\"ada\"}],\"count\":1}",
                "{\"type\":\"reply\",\"id\":1,\"members\":[7],\"count\":1}",
                "{\"type\":\"reply\",\"id\":1,\"users\":[{\"online\":true}]}",
                "{\"type\":\"reply\",\"id\":1,\"cursors\":[{\"topic\":\"t\",\"read\":1}]}",
                "{\"type\":\"reply\",\"id\":1,\"online\":true}"
            })
    void whatLacksWhatItWasSaidForIsRefused(String frame) {
        assertThatThrownBy(() -> frames.read(frame, heard::add)).isInstanceOf(IllegalArgumentException.class);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                ",\"content_type\":\"a/b\"",
                ",\"content_type\":\"a/b\",\"encoding\":\"hex\"",
                ",\"content_type\":\"a/b\",\"encoding\":\"base64\"",
                ",\"headers\":[]",
                ",\"headers\":{\"a\":1}"
            })
    void whatIsNoBytesAndNoHeadersIsRefused(String members) {
        assertThatThrownBy(() -> frames.read(message("\"A=\"", members), heard::add))
                .isInstanceOf(IllegalArgumentException.class);
    }

    private static String message(String payload, String members) {
        return "{\"type\":\"message\",\"topic\":\"t\",\"offset\":1,\"timestamp\":2,\"message\":" + payload + members
                + "}";
    }

    private static String subscriptions(String topic, String more) {
        return "{\"type\":\"subscriptions\",\"subscriptions\":[{\"topic\":\"" + topic
                + "\",\"epoch\":1,\"next_offset\":2}]" + more + "}";
    }
}
