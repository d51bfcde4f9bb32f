package io.topicstream.client;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

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

    private static String subscriptions(String topic, String more) {
        return "{\"type\":\"subscriptions\",\"subscriptions\":[{\"topic\":\"" + topic
                + "\",\"epoch\":1,\"next_offset\":2}]" + more + "}";
    }
}
