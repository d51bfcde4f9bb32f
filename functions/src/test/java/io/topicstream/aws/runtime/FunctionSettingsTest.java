package io.topicstream.aws.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.topicstream.aws.audience.DoorSettings;
import io.topicstream.dialect.Dialects;
import io.topicstream.log.TopicPattern;
import java.net.URI;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class FunctionSettingsTest {
    private static final String URL = "https://abc.execute-api.eu-west-1.amazonaws.com/v1";

    private final Map<String, String> environment = new HashMap<>(Map.of(
            "TOPICSTREAM_TABLE", "messages",
            "TOPICSTREAM_CALLBACK_URL", URL,
            "AWS_LAMBDA_FUNCTION_NAME", "websocket"));

    private FunctionSettings read() {
        return FunctionSettings.of(environment, true);
    }

    @Test
    void whatIsMissingIsNamedInOneSentence() {
        assertThatThrownBy(() -> FunctionSettings.of(Map.of(), true))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("The function needs TOPICSTREAM_TABLE and TOPICSTREAM_CALLBACK_URL and"
                        + " TOPICSTREAM_TASK_FUNCTION in its environment.");
    }

    @Test
    void anEmptyValueIsMissing() {
        environment.put("TOPICSTREAM_TABLE", " ");

        assertThatThrownBy(this::read).hasMessage("The function needs TOPICSTREAM_TABLE in its environment.");
    }

    @Test
    void allThatIsWrongIsSaidAtOnce() {
        environment.remove("TOPICSTREAM_TABLE");
        environment.put("TOPICSTREAM_GUESTS", "yes");
        environment.put("TOPICSTREAM_ALLOWED_ORIGINS", "https://example.com,example.org");

        assertThatThrownBy(this::read)
                .hasMessageContainingAll(
                        "The function needs TOPICSTREAM_TABLE in its environment. ",
                        "TOPICSTREAM_GUESTS is \"yes\"; it has to be true or false.",
                        "TOPICSTREAM_ALLOWED_ORIGINS is \"https://example.com,example.org\"; it has to be origins");
    }

    @Test
    void theRestIsAsUsual() {
        FunctionSettings settings = read();

        assertThat(settings.table()).isEqualTo("messages");
        assertThat(settings.bucket()).isNull();
        assertThat(settings.callbacks()).isEqualTo(URI.create(URL));
        assertThat(settings.isBesideAws()).isFalse();
        assertThat(settings.door().stages()).isEqualTo(DoorSettings.USUAL_STAGES);
        assertThat(settings.door().allowsGuests()).isFalse();
        assertThat(settings.door().allowedOrigins()).isEmpty();
        assertThat(settings.door().leftToWorkflow()).isEmpty();
        assertThat(settings.door().hosts().permits("abc.execute-api.eu-west-1.amazonaws.com"))
                .isTrue();
    }

    @Test
    void everythingCanBeChosen() {
        environment.putAll(Map.of(
                "TOPICSTREAM_BUCKET", "large",
                "TOPICSTREAM_STAGES", "prod = topics, chat=chat",
                "TOPICSTREAM_GUESTS", "true",
                "TOPICSTREAM_ALLOWED_ORIGINS", "https://example.com, loopback",
                "TOPICSTREAM_TASK_FUNCTION", "tasks:live",
                "TOPICSTREAM_WORKFLOW_TOPICS", "room:lobby, orders*",
                "AWS_ENDPOINT_URL_S3", "http://localhost:9000"));

        FunctionSettings settings = read();

        assertThat(settings.bucket()).isEqualTo("large");
        assertThat(settings.taskFunction()).isEqualTo("tasks:live");
        assertThat(settings.door().leftToWorkflow())
                .containsExactly(new TopicPattern("room:lobby"), new TopicPattern("orders*"));
        assertThat(settings.isBesideAws()).isTrue();
        assertThat(settings.door().stages())
                .isEqualTo(Map.of("prod", Dialects.Name.TOPICS, "chat", Dialects.Name.CHAT));
        assertThat(settings.door().allowsGuests()).isTrue();
        assertThat(settings.door().allowedOrigins()).isEqualTo(List.of("https://example.com", "loopback"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"a,,b", "no topic", "*a", "room:lobby,"})
    void whatIsLeftToAWorkflowIsNamedAsTopicsAre(String topics) {
        environment.put("TOPICSTREAM_WORKFLOW_TOPICS", topics);

        assertThatThrownBy(this::read)
                .hasMessage("TOPICSTREAM_WORKFLOW_TOPICS is \"" + topics + "\"; it has to be topics and beginnings of"
                        + " topics, such as lobby,orders*.");
    }

    @Test
    void noWorkflowIsStartedWithoutABus() {
        assertThatThrownBy(() -> new EventsHandler(Map.of(
                        "TOPICSTREAM_TABLE", "messages",
                        "TOPICSTREAM_BUCKET", "large",
                        "TOPICSTREAM_WORKFLOW_TOPICS", "orders*")))
                .hasMessage("TOPICSTREAM_WORKFLOW_TOPICS leaves topics to a workflow, which is started by events; there"
                        + " are none without TOPICSTREAM_EVENT_BUS.");
    }

    @ParameterizedTest
    @CsvSource({"$LATEST, websocket", "7, websocket:7", ", websocket"})
    void tasksAreDoneByTheFunctionItself(String version, String function) {
        environment.put("AWS_LAMBDA_FUNCTION_VERSION", version);

        assertThat(read().taskFunction()).isEqualTo(function);
    }

    @Test
    void aFunctionThatDoesNoTasksHasToNameOneThatDoes() {
        assertThatThrownBy(() -> FunctionSettings.of(environment, false))
                .hasMessage("The function needs TOPICSTREAM_TASK_FUNCTION in its environment.");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"http://example.com/v1", "abc.execute-api", "https:///v1", "https://a b", "https://x.org/v1?a"})
    void callbacksGoOverTls(String url) {
        environment.put("TOPICSTREAM_CALLBACK_URL", url);

        assertThatThrownBy(this::read)
                .hasMessageStartingWith("TOPICSTREAM_CALLBACK_URL is \"" + url + "\"; it has to be where the stage's");
    }

    @ParameterizedTest
    @ValueSource(strings = {"http://127.0.0.1:4000/v1", "http://localhost/v1", "http://[::1]:80/v1"})
    void butForAStandInOnThisMachine(String url) {
        environment.put("TOPICSTREAM_CALLBACK_URL", url);

        assertThat(read().callbacks()).isEqualTo(URI.create(url));
    }

    @ParameterizedTest
    @ValueSource(strings = {"v1", "v1=", "=native", "v1=klingon", "v1=native,v1=chat", "v1=native,", "a b=native"})
    void aStageHasANameAndADialect(String stages) {
        environment.put("TOPICSTREAM_STAGES", stages);

        assertThatThrownBy(this::read)
                .hasMessageStartingWith("TOPICSTREAM_STAGES is \"" + stages + "\"; it has to be names of stages, each"
                        + " once and with its dialect (native, topics, chat, rooms), such as");
    }
}
