package io.topicstream.aws.runtime;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.topicstream.log.AppendResult;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.Test;

class RehearsalTest {
    /// Else it would rehearse refusals.
    @Test
    void eachDialectAnswersAndDelivers() throws Exception {
        Set<String> posted = ConcurrentHashMap.newKeySet();

        Rehearsal.inMemory(posted::add, (door, key) -> {
            String answer = new String(HttpHandler.rehearse(door, key), UTF_8);
            assertThat(answer).contains("\"statusCode\":200", "rehearsal");
        });

        for (String beginning : new String[] {
            "{\"type\":\"welcome\",\"connection_id\":\"rehearsal-v1-",
            "{\"type\":\"pong\",\"id\":1",
            "{\"type\":\"reply\",\"id\":2,\"topic\":\"rehearsal\"",
            "{\"type\":\"reply\",\"id\":4,\"topic\":\"rehearsal\"",
            "{\"type\":\"reply\",\"id\":5,\"topic\":\"rehearsal\",\"messages\":[{",
            "{\"type\":\"reply\",\"id\":6,",
            "{\"type\":\"error\",\"id\":7,",
            "{\"type\":\"message\",\"topic\":\"rehearsal\"",
            "{\"topic\":\"rehearsal\",\"message\":{\"text\":\"hello\"}}",
            "{\"action\":\"$connect\",",
            "{\"action\":\"sendMessage\",\"content\":\"hello\"",
            "{\"type\":\"welcome\",\"data\":{\"connectionId\":\"rehearsal-staging-",
            "{\"type\":\"user_joined\",",
            "{\"type\":\"chat\",\"data\":{",
            "{\"type\":\"room_list\",",
        }) {
            assertThat(posted).anyMatch(text -> text.startsWith(beginning), beginning);
        }
    }

    @Test
    void theRealLogTakesItsWrites() throws Exception {
        assertThat(Rehearsal.writes("table")).hasSize(120).allMatch(AppendResult.Appended.class::isInstance);
    }
}
