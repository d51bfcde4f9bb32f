package io.topicstream.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import io.topicstream.gateway.exchange.GatewayEvent;
import io.topicstream.gateway.exchange.GatewayEvent.Message;
import io.topicstream.gateway.exchange.Peer;
import io.topicstream.gateway.model.Api;
import java.util.Map;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Which route a message selects: statements 52 to 69.
class RoutingTest {
    private TestGateway test = new TestGateway(new TestApi().definition());

    /// The keys of the routes that ran for a message on a new connection.
    private java.util.List<String> routes(String text) {
        Peer peer = test.accepted();
        int before = test.calls.size();
        test.stage().message(peer, text);
        return test.routesCalled().subList(before, test.calls.size());
    }

    private void gateway(TestApi api) {
        test = new TestGateway(api.definition());
    }

    private static TestApi withoutDefault() {
        return new TestApi().without(Api.DEFAULT);
    }

    private String forbidden() {
        Peer peer = test.calls.getFirst().peer();
        return peer.connectionId() + " {\"message\": \"Forbidden\", \"connectionId\":\"" + peer.connectionId()
                + "\", \"requestId\":\"id-2\"}";
    }

    @Test
    @DisplayName("52: a message runs the route that it names")
    void namedRoute() {
        assertThat(routes("{\"action\":\"join\"}")).containsExactly("join");
    }

    @Test
    @DisplayName("53: an expression of two variables with a text between them")
    void twoVariables() {
        gateway(new TestApi()
                .selectedBy("${request.body.service}/${request.body.action}")
                .route("chat/join", false));

        assertThat(routes("{\"service\":\"chat\",\"action\":\"join\"}")).containsExactly("chat/join");
    }

    @Test
    @DisplayName("54: what is not there is empty")
    void missingVariable() {
        gateway(new TestApi()
                .selectedBy("${request.body.action}-${request.body.none}")
                .route("join-", false));

        assertThat(routes("{\"action\":\"join\"}")).containsExactly("join-");
    }

    @Test
    @DisplayName("55: a path of several levels")
    void deepPath() {
        gateway(new TestApi().selectedBy("$request.body.a.b"));

        assertThat(routes("{\"a\":{\"b\":\"join\"}}")).containsExactly("join");
    }

    @ParameterizedTest
    @ValueSource(strings = {"{\"action\":\"join\"}", "hello", "[]", ""})
    @DisplayName("56: an expression that is $default selects it for everything")
    void constantDefault(String text) {
        gateway(new TestApi().selectedBy("\\$default"));

        assertThat(routes(text)).containsExactly(Api.DEFAULT);
    }

    @Test
    @DisplayName("57: what names no route runs $default, and the event says so")
    void fallsToDefault() {
        assertThat(routes("{\"action\":\"zzz\"}")).containsExactly(Api.DEFAULT);
        assertThat(routes("{}")).containsExactly(Api.DEFAULT);
    }

    @ParameterizedTest
    @ValueSource(strings = {"{\"action\":\"zzz\"}", "hello", "[]", "", "7", "\"join\"", "null"})
    @DisplayName("58, 60: without $default it is answered with the Forbidden frame")
    void forbidden(String text) {
        gateway(withoutDefault());

        assertThat(routes(text)).isEmpty();

        assertThat(test.sent).containsExactly(forbidden());
    }

    @Test
    @DisplayName("58: the connection goes on after that")
    void goesOn() {
        gateway(withoutDefault());
        Peer peer = test.accepted();

        test.stage().message(peer, "{\"action\":\"zzz\"}");
        test.stage().message(peer, "{\"action\":\"join\"}");

        assertThat(test.routesCalled()).containsExactly(Api.CONNECT, "join");
        assertThat(test.sent).hasSize(1);
    }

    @Test
    @DisplayName("59: text that is not JSON runs $default with it as the body")
    void notJson() {
        assertThat(routes("hello")).containsExactly(Api.DEFAULT);
        assertThat(test.calls.getLast().body()).isEqualTo("hello");
    }

    @Test
    @DisplayName("60: text that is not JSON does not select by a constant either")
    void notJsonAndAConstant() {
        gateway(withoutDefault().selectedBy("join"));

        assertThat(routes("{}")).containsExactly("join");
        assertThat(routes("hello")).isEmpty();
    }

    @Test
    @DisplayName("61: numbers and truths select as they are written")
    void numbers() {
        gateway(new TestApi().route("1", false).route("true", false));

        assertThat(routes("{\"action\":1}")).containsExactly("1");
        assertThat(routes("{\"action\":true}")).containsExactly("true");
    }

    @Test
    @DisplayName("62: an array selects as [a, b]")
    void arrays() {
        gateway(new TestApi().route("[a, b]", false));

        assertThat(routes("{\"action\":[\"a\",\"b\"]}")).containsExactly("[a, b]");
    }

    @Test
    @DisplayName("63: null selects as null")
    void nulls() {
        gateway(new TestApi().route("null", false));

        assertThat(routes("{\"action\":null}")).containsExactly("null");
    }

    @Test
    @DisplayName("64: case counts")
    void caseCounts() {
        assertThat(routes("{\"action\":\"JOIN\"}")).containsExactly(Api.DEFAULT);
    }

    @ParameterizedTest
    @ValueSource(strings = {Api.CONNECT, Api.DISCONNECT})
    @DisplayName("65: a message does not select $connect nor $disconnect")
    void reserved(String key) {
        assertThat(routes("{\"action\":\"" + key + "\"}")).containsExactly(Api.DEFAULT);
        gateway(withoutDefault());
        assertThat(routes("{\"action\":\"" + key + "\"}")).isEmpty();
        assertThat(test.sent).containsExactly(forbidden());
    }

    @ParameterizedTest
    @ValueSource(strings = {"[{\"action\":\"join\"}]", "", "7", "\"join\"", "true", "null"})
    @DisplayName("66: JSON that is not an object, and the empty text, run $default")
    void notAnObject(String text) {
        assertThat(routes(text)).containsExactly(Api.DEFAULT);
        gateway(new TestApi().selectedBy("join"));
        assertThat(routes(text)).containsExactly(Api.DEFAULT);
    }

    @Test
    @DisplayName("67: a body that fits its model passes; one that does not is answered, and no back end is called")
    void model() {
        gateway(new TestApi()
                .model("Join", "{\"type\":\"object\",\"required\":[\"room\"]}")
                .checked("join", "$request.body.action", Map.of("join", "Join")));

        assertThat(routes("{\"action\":\"join\",\"room\":1}")).containsExactly("join");
        assertThat(test.sent).isEmpty();
        assertThat(routes("{\"action\":\"join\"}")).isEmpty();
        // One handshake and one message with two ids before it; a handshake; then the message's second id.
        assertThat(test.sent)
                .containsExactly("conn-2 {\"message\" : \"Bad request body\", \"connectionId\": \"conn-2\","
                        + " \"messageId\": \"id-6\"}");
    }

    @Test
    @DisplayName("68: where no model is selected and there is no $default model, the check fails")
    void noModel() {
        gateway(new TestApi()
                .model("Join", "{\"type\":\"object\"}")
                .checked("join", "$request.body.kind", Map.of("x", "Join")));

        assertThat(routes("{\"action\":\"join\",\"kind\":\"y\"}")).isEmpty();
        assertThat(test.sent).singleElement().asString().contains("\"Bad request body\"");
        assertThat(routes("{\"action\":\"join\",\"kind\":\"x\"}")).containsExactly("join");
    }

    @Test
    @DisplayName("69: a message has an id of its own, and its text as it came")
    void messageEvent() {
        routes("{ \"action\" : \"join\" }");

        GatewayEvent event = test.calls.getLast();
        assertThat(event.cause()).isInstanceOfSatisfying(Message.class, message -> {
            assertThat(message.messageId()).isEqualTo("id-3").isNotEqualTo(event.requestId());
            assertThat(message.text()).isEqualTo("{ \"action\" : \"join\" }");
        });
        assertThat(event.handshake()).isNull();
    }
}
