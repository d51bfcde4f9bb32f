package io.topicstream.server.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.assertj.core.api.Assertions.tuple;

import io.topicstream.command.Rate;
import io.topicstream.dialect.Dialects;
import io.topicstream.server.websocket.StageDefinition;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class StagesTest {
    private static List<String> problems(Map<String, String> environment, Map<String, String> flags) {
        ConfigException refused =
                catchThrowableOfType(ConfigException.class, () -> ServerConfig.load(null, environment, flags));
        assertThat(refused).isNotNull();
        return refused.problems();
    }

    @Test
    void stagesHaveTheirOwnTermsOrThoseOfAll(@TempDir Path directory) throws IOException {
        ServerConfig byDefault = ServerConfig.load(null, Map.of(), Map.of()).config();
        ServerConfig given = ServerConfig.load(
                        Files.writeString(directory.resolve("topicstream.yaml"), """
                                stages:
                                  - {path: /v1, dialect: native}
                                  - path: /chat
                                    dialect: topics
                                    callers: key
                                    message_bytes: 2KiB
                                    upgrade_deadline: 29s
                                  - {path: /, dialect: native, message_bytes: 256KiB, frame_bytes: 200KiB}
                                limits: {http: {head_deadline: 5s}}
                                """), Map.of(), Map.of())
                .config();

        assertThat(byDefault.stages())
                .extracting(StageDefinition::path, StageDefinition::dialect, StageDefinition::callers)
                .containsExactly(
                        tuple("/v1", Dialects.Name.NATIVE, StageDefinition.Callers.CONFIGURED),
                        tuple("/", Dialects.Name.NATIVE, StageDefinition.Callers.CONFIGURED),
                        tuple("/live", Dialects.Name.TOPICS, StageDefinition.Callers.KEY),
                        tuple("/dev", Dialects.Name.CHAT, StageDefinition.Callers.CONFIGURED),
                        tuple("/staging", Dialects.Name.ROOMS, StageDefinition.Callers.CONFIGURED));
        assertThat(byDefault.stages())
                .extracting(StageDefinition::guestTokens)
                .containsExactly(Set.of(), Set.of(), Set.of(), Set.of(), Set.of("valid_test_token", "valid_token"));
        assertThat(byDefault.stages())
                .allMatch(stage -> stage.limits().equals(byDefault.webSocket()))
                .allMatch(stage -> stage.upgradeDeadline().equals(Duration.ofSeconds(10)));
        assertThat(given.stages())
                .extracting(
                        StageDefinition::path,
                        StageDefinition::dialect,
                        StageDefinition::callers,
                        StageDefinition::upgradeDeadline,
                        stage -> stage.limits().messageBytes(),
                        stage -> stage.limits().frameBytes())
                .containsExactly(
                        tuple(
                                "/v1",
                                Dialects.Name.NATIVE,
                                StageDefinition.Callers.CONFIGURED,
                                Duration.ofSeconds(5),
                                128 * 1024,
                                128 * 1024),
                        tuple(
                                "/chat",
                                Dialects.Name.TOPICS,
                                StageDefinition.Callers.KEY,
                                Duration.ofSeconds(29),
                                2 * 1024,
                                2 * 1024),
                        tuple(
                                "/",
                                Dialects.Name.NATIVE,
                                StageDefinition.Callers.CONFIGURED,
                                Duration.ofSeconds(5),
                                256 * 1024,
                                200 * 1024));
        assertThat(ServerConfig.load(null, Map.of(), Map.of("stages", "[]"))
                        .config()
                        .stages())
                .isEmpty();
    }

    @Test
    void aStageOfTheChatMayNameWhatIsReceivedAndOneMayHaveTokensOfGuests() {
        List<StageDefinition> stages = ServerConfig.load(
                        null,
                        Map.of(),
                        Map.of(
                                "stages",
                                "[{path: /a, dialect: chat, actions: received}, {path: /b, dialect: chat, actions: sent},"
                                        + " {path: /c, dialect: native, guest_tokens: [one, two]}]"))
                .config()
                .stages();

        assertThat(stages)
                .extracting(StageDefinition::actions, StageDefinition::guestTokens)
                .containsExactly(
                        tuple(StageDefinition.Actions.RECEIVED, Set.of()),
                        tuple(StageDefinition.Actions.SENT, Set.of()),
                        tuple(StageDefinition.Actions.SENT, Set.of("one", "two")));
    }

    @Test
    void aStageMayHaveARateWhoseBurstIsASecondOfItUnlessItSays() {
        List<StageDefinition> stages = ServerConfig.load(
                        null,
                        Map.of(),
                        Map.of(
                                "stages",
                                "[{path: /a, dialect: native, rate: 7}, {path: /, dialect: native, rate: 1, burst: 9},"
                                        + " {path: /c, dialect: native}]"))
                .config()
                .stages();

        assertThat(stages).extracting(StageDefinition::rate).containsExactly(new Rate(7, 7), new Rate(1, 9), null);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            [{path: /a, dialect: morse}]                         | stages[0].dialect is 'morse'; allowed is one of native, topics, chat, rooms
            [{path: /a, dialect: chat, actions: said}]           | stages[0].actions is 'said'; allowed is one of sent, received
            [{path: /a, dialect: rooms, actions: sent}]          | stages[0].actions is for the chat dialect; this stage speaks rooms
            [{path: /a, dialect: rooms, guest_tokens: [ts_a]}]   | stages[0].guest_tokens has 'ts_a'; allowed is a list; each is 1 to 128 visible
            [{path: /a, dialect: rooms, guest_tokens: ['a b']}]  | stages[0].guest_tokens has 'a b'; allowed is a list; each is 1 to 128 visible
            [{path: /a}]                                         | stages[0].dialect is missing
            [{path: /a, dialect: []}]                            | stages[0].dialect is missing
            [{dialect: native}]                                  | stages[0].path is missing
            [{path: /a, dialect: native}, {path: /a, dialect: topics}] | stages[1].path is /a, as another's is
            [{path: a, dialect: native}]                         | stages[0].path is 'a'; allowed is /
            [{path: /a/b, dialect: native}]                      | stages[0].path is '/a/b'; allowed is /
            [{path: /., dialect: native}]                        | stages[0].path is '/.'; allowed is /
            [{path: /@connections, dialect: native}]             | stages[0].path is '/@connections'; allowed is /
            [{path: /a, dialect: native, caller: key}]           | stages[0].caller is unknown; did you mean callers?
            [{path: /a, dialect: native, callers: nobody}]       | stages[0].callers is 'nobody'; allowed is one of configured, key
            [{path: /a, dialect: native, message_bytes: 1B}]     | stages[0].message_bytes is '1B'; allowed is a size from 1KiB
            [{path: /a, dialect: native, upgrade_deadline: 1h}]  | stages[0].upgrade_deadline is '1h'; allowed is a time from 1ms
            [{path: /a, dialect: native, frame_bytes: 1MiB}]     | stages[0].frame_bytes is 1MiB; allowed is at most its message_bytes, which is 128KiB
            [{path: /a, dialect: native, rate: 0}]               | stages[0].rate is '0'; allowed is a whole number from 1
            [{path: /a, dialect: native, rate: 1, burst: 0}]     | stages[0].burst is '0'; allowed is a whole number from 1
            [{path: /a, dialect: native, burst: 5}]              | stages[0].burst needs a rate
            /v1                                                  | stages is no such list; allowed is a list of {path, dialect
            [/v1]                                                | stages[0] is none; allowed is a list of {path, dialect
            """)
    void whatIsNoStageIsSaid(String written, String problem) {
        assertThat(problems(Map.of(), Map.of("stages", written)))
                .singleElement()
                .asString()
                .startsWith("--set stages")
                .contains(problem.replaceFirst("^stages", ""));
        assertThat(problems(Map.of("TOPICSTREAM_STAGES", written), Map.of()))
                .singleElement()
                .asString()
                .startsWith("TOPICSTREAM_STAGES: " + problem);
    }
}
