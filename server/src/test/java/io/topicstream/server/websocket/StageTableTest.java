package io.topicstream.server.websocket;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.topicstream.dialect.Dialects;
import io.topicstream.transport.WebSocketLimits;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class StageTableTest {
    private static StageTable of(String... segments) {
        return new StageTable(Arrays.stream(segments)
                .map(segment -> new StageDefinition(
                        segment,
                        Dialects.Name.NATIVE,
                        WebSocketLimits.defaults(),
                        Duration.ofSeconds(1),
                        StageDefinition.Callers.CONFIGURED))
                .toList());
    }

    @Test
    void aStageIsFoundByItsPathAlone() {
        StageTable table = of("", "v1", "live");

        assertThat(table.at(List.of(""))).extracting(StageDefinition::path).isEqualTo("/");
        assertThat(table.at(List.of("v1"))).extracting(StageDefinition::path).isEqualTo("/v1");
        assertThat(table.at(List.of("live", "")))
                .extracting(StageDefinition::path)
                .isEqualTo("/live");
        assertThat(table.at(List.of("V1"))).isNull();
        assertThat(table.at(List.of("v1", "live"))).isNull();
        assertThat(table.at(List.of("live", "", ""))).isNull();
        assertThat(table.at(List.of())).isNull();
    }

    @Test
    void theFirstIsTheOneToBeginWith() {
        assertThat(of("chat", "v1").first()).isEqualTo("/chat");
        assertThat(of().first()).isNull();
    }

    @Test
    void twoStagesHaveTwoPaths() {
        assertThatIllegalArgumentException().isThrownBy(() -> of("a", "b", "a")).withMessage("two stages at /a");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', emptyValue = "", textBlock = """
            ''       | no WebSocket is served at this path
            a        | no WebSocket is served at this path; there is /a
            v1 live  | no WebSocket is served at this path; there are /v1 and /live
            a b c    | no WebSocket is served at this path; there are /a, /b and /c
            """)
    void whoAsksElsewhereIsToldWhereTheyAre(String segments, String told) {
        assertThat(of(segments.split(" ", -1)).notFound()).isEqualTo(told);
    }
}
