package io.topicstream.aws.lambda;

import static org.assertj.core.api.Assertions.assertThat;

import io.topicstream.aws.audience.DoorSettings;
import io.topicstream.aws.audience.FrontDoor;
import io.topicstream.aws.audience.Outside;
import io.topicstream.log.InMemoryLog;
import io.topicstream.state.InMemoryStateStore;
import io.topicstream.testkit.ManualClock;
import io.topicstream.tokens.authorizer.AuthorizerService;
import io.topicstream.tokens.authorizer.AuthorizerSettings;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// An operator's own service at the WebSocket door of a function.
class AuthorizerAtTheDoorTest {
    private static final String LET_IN = "{\"statusCode\":200}";

    private final ManualClock clock = new ManualClock();
    private final AuthorizerService service = new AuthorizerService(AuthorizerAtTheDoorTest::answer);
    private final ExecutorService thread = Executors.newSingleThreadExecutor();
    private final InMemoryStateStore state = new InMemoryStateStore(clock, thread);
    private final FrontDoor.Ports ports = new FrontDoor.Ports(new InMemoryLog(clock, thread, 1), state, state);
    private final CalledFunction function = at(service.url());

    private static String answer(String question) {
        if (question.contains("\"ticket\":[\"ada\"]")) {
            return AuthorizerService.answer(200, "{\"user\":\"ada\",\"ttl_s\":60}");
        }
        if (question.contains("\"ticket\":[\"slow\"]")) {
            return AuthorizerService.NEVER;
        }
        return AuthorizerService.answer(question.contains("banned") ? 403 : 401, "");
    }

    private CalledFunction at(String url) {
        return new CalledFunction(
                ports,
                DoorSettings.local()
                        .withOutside(new Outside(
                                List.of(),
                                new AuthorizerSettings(
                                        URI.create(url),
                                        Duration.ofSeconds(1),
                                        Duration.ofMinutes(1),
                                        List.of("authorization"),
                                        List.of("ticket"),
                                        10,
                                        false))),
                clock);
    }

    @AfterEach
    void end() {
        function.door().close();
        service.close();
        thread.shutdownNow();
    }

    private static String ticket(String ticket) {
        return "\"multiValueQueryStringParameters\":{\"ticket\":[\"" + ticket + "\"]}";
    }

    @Test
    void whomItKnowsIsLetInAndIsAskedAboutOnce() {
        assertThat(function.connect("c1", ticket("ada"))).isEqualTo(LET_IN);
        assertThat(function.connect("c2", ticket("ada"))).isEqualTo(LET_IN);
        function.doTasks();

        assertThat(service.questions())
                .singleElement()
                .asString()
                .isEqualTo("{\"connection\":{\"address\":\"127.0.0.1\",\"door\":\"websocket\"},\"stage\":\"/v1\","
                        + "\"headers\":{},\"query\":{\"ticket\":[\"ada\"]}}");
        assertThat(function.posts()).hasSize(2).allMatch(text -> text.contains("\"user\":\"ada\""));
    }

    @Test
    void whomItRefusesIsRefused() {
        assertThat(function.connect("c1", ticket("bob"))).startsWith("{\"statusCode\":401,");
        assertThat(function.connect("c1", ticket("banned"))).startsWith("{\"statusCode\":403,");
    }

    @Test
    void whereItGivesNoAnswerNobodyIsJudged() {
        assertThat(function.connect("c1", ticket("slow"))).startsWith("{\"statusCode\":503,");
        service.close();
        assertThat(function.connect("c1", ticket("bob"))).startsWith("{\"statusCode\":503,");
    }

    @Test
    void whatItSaysOfTheTimeEndsTheConnection() {
        assertThat(function.connect("c1", ticket("ada"))).isEqualTo(LET_IN);
        function.doTasks();
        clock.advance(Duration.ofMinutes(1));

        function.frame("c1", "{\"action\":\"ping\",\"id\":1}");

        assertThat(function.closed()).containsExactly("c1 4001 the credentials have ended");
    }

    @Test
    void whoIsSignedOutIsAskedAboutAnew() {
        assertThat(function.connect("c1", ticket("ada"))).isEqualTo(LET_IN);
        function.door()
                .call(() -> function.door()
                        .rights()
                        .signOut("ada")
                        .toCompletableFuture()
                        .join());
        assertThat(function.connect("c2", ticket("ada"))).isEqualTo(LET_IN);

        assertThat(service.questions()).hasSize(2);
    }
}
