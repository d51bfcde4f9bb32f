package io.topicstream.people;

import static org.assertj.core.api.Assertions.assertThat;

import io.topicstream.connection.ConnectionIds;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FriendlyNamesTest {
    @ParameterizedTest
    @CsvSource({
        "Rz4BqPcX2mLkWv9TnAw=, ''",
        "Rz4BqPcX2mLkWv9Tn7w=, 7",
        "Rz4BqPcX2mLkWv9Tn42=, 42",
        "Rz4BqPcX2mLkWv9T042, 042",
        "7, 7",
        "ab, ''",
        "'', ''"
    })
    void theNumberIsMadeOfTheLastThreeCharacters(String id, String digits) {
        String name = FriendlyNames.of(id);

        assertThat(name)
                .matches(digits.isEmpty() ? "[A-Z][a-z]+[A-Z][a-z]+[1-9][0-9]" : "[A-Z][a-z]+[A-Z][a-z]+" + digits);
        assertThat(FriendlyNames.of(id)).isEqualTo(name);
    }

    @Test
    void theSameIdHasTheSameNameForEver() {
        assertThat(FriendlyNames.of("Rz4BqPcX2mLkWv9TnAw=")).isEqualTo(FriendlyNames.of("Rz4BqPcX2mLkWv9TnAw="));
        assertThat(FriendlyNames.of("Rz4BqPcX2mLkWv9TnAw=")).isEqualTo("JollyLynx66");
    }

    @Test
    void allWordsAreUsedAboutAlike() {
        ConnectionIds ids = new ConnectionIds(() -> 7, 0, new byte[16], new Random(1));
        Map<String, Integer> counts = new HashMap<>();
        int connections = 22_500;

        for (int i = 0; i < connections; i++) {
            counts.merge(FriendlyNames.of(ids.next()).replaceAll("[0-9]", ""), 1, Integer::sum);
        }

        assertThat(counts).hasSize(225);
        assertThat(counts.values()).allSatisfy(count -> assertThat(count).isBetween(50, 160));
    }
}
