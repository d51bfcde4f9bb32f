package io.topicstream.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.topicstream.client.ReceivedMessage;
import io.topicstream.log.About;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class ConsumeCommandTest {
    @Test
    void aLineOfJsonSaysAllThatTheMessageHas() {
        assertThat(ConsumeCommand.jsonLine(new ReceivedMessage("t", 7, 1, 10, null, "{\"a\": 1}", null, null)))
                .isEqualTo("{\"topic\":\"t\",\"epoch\":7,\"offset\":1,\"timestamp\":10,\"message\":{\"a\": 1}}");
        assertThat(ConsumeCommand.jsonLine(new ReceivedMessage(
                        "t",
                        7,
                        2,
                        20,
                        "ann",
                        "Ann",
                        "\"AP8+\"",
                        "m-1",
                        "k",
                        new TreeMap<>(Map.of("b", "\"", "a", "")),
                        "a/b",
                        false)))
                .isEqualTo(
                        "{\"topic\":\"t\",\"epoch\":7,\"offset\":2,\"timestamp\":20,\"from\":\"ann\",\"name\":\"Ann\","
                                + "\"message_id\":\"m-1\",\"key\":\"k\",\"message\":\"AP8+\","
                                + "\"headers\":{\"a\":\"\",\"b\":\"\\\"\"},\"content_type\":\"a/b\",\"encoding\":\"base64\"}");
        assertThat(ConsumeCommand.jsonLine(new ReceivedMessage(
                        "t", 7, 3, 30, null, null, "null", null, null, new TreeMap<>(), null, true)))
                .isEqualTo("{\"topic\":\"t\",\"epoch\":7,\"offset\":3,\"timestamp\":30,\"message\":null,"
                        + "\"redacted\":true}");
        assertThat(ConsumeCommand.jsonLine(new ReceivedMessage(
                        "t",
                        7,
                        4,
                        40,
                        null,
                        null,
                        "null",
                        null,
                        null,
                        new TreeMap<>(),
                        null,
                        false,
                        new About(3, About.As.REACTION, "+"))))
                .isEqualTo("{\"topic\":\"t\",\"epoch\":7,\"offset\":4,\"timestamp\":40,\"message\":null,"
                        + "\"about\":{\"offset\":3,\"as\":\"reaction\",\"value\":\"+\"}}");
    }
}
