package io.topicstream.gateway.integration;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.topicstream.gateway.exchange.GatewayEvent;
import io.topicstream.gateway.exchange.Peer;
import io.topicstream.gateway.json.JsonReading;
import io.topicstream.gateway.json.NotJsonException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class ProxyEventTest {
    private static final String ARN = "arn:aws:execute-api:us-east-1:000000000000:abc123/dev/$connect";
    private static final Peer ANONYMOUS = Events.peer(null, Map.of(), Map.of());

    @Test
    @DisplayName("69: the event of a message has no headers and no query, isBase64Encoded is false, messageId is there")
    void message() {
        assertThat(text(Events.message("$default", "hi"))).isEqualTo("""
                        {"requestContext":{"routeKey":"$default","messageId":"BFaVtfGSIAMCKug=","eventType":"MESSAGE",\
                        "extendedRequestId":"BFaVtH2HoAMFZEQ=","requestTime":"11/Nov/2024:13:45:46 +0000",\
                        "messageDirection":"IN","stage":"dev","connectedAt":1731332735513,\
                        "requestTimeEpoch":1731332746514,"identity":{"sourceIp":"192.0.2.1"},\
                        "requestId":"BFaVtH2HoAMFZEQ=","domainName":"abc123.execute-api.us-east-1.amazonaws.com",\
                        "connectionId":"gbgHN0-zjQAYKEjhgA==","apiId":"abc123"},"body":"hi","isBase64Encoded":false}""");
    }

    @Test
    @DisplayName("24, 25, 26: the event of a handshake, member by member")
    void connect() {
        Map<String, List<String>> query = new LinkedHashMap<>();
        query.put("a", List.of("1", "2"));
        query.put("text", List.of("x y"));

        assertThat(text(Events.connect(Events.HEADERS, query))
                        .replaceFirst("Root=1-[^\"]*", "T")
                        .replaceFirst("Root=1-[^\"]*", "T"))
                .isEqualTo("""
                        {"headers":{"Host":"abc123.execute-api.us-east-1.amazonaws.com",\
                        "Sec-WebSocket-Key":"+W5xw47OHh3OTFsWKjGu9Q==","Sec-WebSocket-Version":"13",\
                        "X-Amzn-Trace-Id":"T","X-Forwarded-For":"192.0.2.1","X-Forwarded-Port":"443",\
                        "X-Forwarded-Proto":"https","X-MyHdr":"v"},\
                        "multiValueHeaders":{"Host":["abc123.execute-api.us-east-1.amazonaws.com"],\
                        "Sec-WebSocket-Key":["+W5xw47OHh3OTFsWKjGu9Q=="],"Sec-WebSocket-Version":["13"],\
                        "X-Amzn-Trace-Id":["T"],"X-Forwarded-For":["192.0.2.1"],"X-Forwarded-Port":["443"],\
                        "X-Forwarded-Proto":["https"],"X-MyHdr":["v"]},\
                        "queryStringParameters":{"a":"2","text":"x y"},\
                        "multiValueQueryStringParameters":{"a":["1","2"],"text":["x y"]},\
                        "requestContext":{"routeKey":"$connect","eventType":"CONNECT",\
                        "extendedRequestId":"BFaVtH2HoAMFZEQ=","requestTime":"11/Nov/2024:13:45:35 +0000",\
                        "messageDirection":"IN","stage":"dev","connectedAt":1731332735513,\
                        "requestTimeEpoch":1731332735521,"identity":{"sourceIp":"192.0.2.1"},\
                        "requestId":"BFaVtH2HoAMFZEQ=","domainName":"abc123.execute-api.us-east-1.amazonaws.com",\
                        "connectionId":"gbgHN0-zjQAYKEjhgA==","apiId":"abc123"},"isBase64Encoded":false}""");
    }

    @Test
    @DisplayName("21, 22: the last value of a query counts, all are there, decoded")
    void query() {
        Map<?, ?> event = json(Events.connect(Events.HEADERS, Map.of("a", List.of("1", "2"), "b", List.of("x y"))));

        assertThat(event.get("queryStringParameters")).isEqualTo(Map.of("a", "2", "b", "x y"));
        assertThat(event.get("multiValueQueryStringParameters"))
                .isEqualTo(Map.of("a", List.of("1", "2"), "b", List.of("x y")));
    }

    @Test
    @DisplayName("23: without a query its keys are absent")
    void noQuery() {
        assertThat(json(Events.connect(Events.HEADERS, Map.of())).keySet())
                .map(Object::toString)
                .containsExactly("headers", "multiValueHeaders", "requestContext", "isBase64Encoded");
    }

    @Test
    @DisplayName("24: header fields keep the case of their names, and all their values")
    void headers() {
        List<Map.Entry<String, String>> headers = new ArrayList<>(Events.HEADERS);
        headers.add(Map.entry("x-myhdr", "w"));
        headers.add(Map.entry("cookie", "a=b; c=d"));
        Map<?, ?> event = json(Events.connect(headers, Map.of()));

        assertThat((Map<?, ?>) event.get("multiValueHeaders")).isInstanceOfSatisfying(Map.class, values -> {
            assertThat(values.get("X-MyHdr")).isEqualTo(List.of("v", "w"));
            assertThat(values.get("cookie")).isEqualTo(List.of("a=b; c=d"));
            assertThat(values.get("x-myhdr")).isNull();
        });
        assertThat(((Map<?, ?>) event.get("headers")).get("X-MyHdr")).isEqualTo("w");
    }

    @Test
    @DisplayName("25: what a client says of itself as a proxy does not stay alone")
    void forwarded() {
        List<Map.Entry<String, String>> headers = new ArrayList<>(Events.HEADERS);
        headers.add(Map.entry("x-forwarded-for", "203.0.113.9"));
        headers.add(Map.entry("X-Forwarded-Proto", "ftp"));
        headers.add(Map.entry("X-Forwarded-Port", "1"));
        headers.add(Map.entry("X-Amzn-Trace-Id", "Root=1-5759e988-bd862e3fe1be46a994272793;Sampled=1"));
        Map<?, ?> seen = (Map<?, ?>) json(Events.connect(headers, Map.of())).get("headers");

        assertThat(seen.get("X-Forwarded-For")).isEqualTo("203.0.113.9, 192.0.2.1");
        assertThat(seen.get("X-Forwarded-Proto")).isEqualTo("https");
        assertThat(seen.get("X-Forwarded-Port")).isEqualTo("443");
        assertThat(seen.get("X-Amzn-Trace-Id")).isEqualTo("Root=1-5759e988-bd862e3fe1be46a994272793;Sampled=1");
    }

    @Test
    @DisplayName("25: a trace id is made where the client gives none, or nonsense")
    void traceId() {
        List<Map.Entry<String, String>> headers = new ArrayList<>(Events.HEADERS);
        headers.add(Map.entry("X-Amzn-Trace-Id", "Root=2"));

        for (List<Map.Entry<String, String>> given : List.of(Events.HEADERS, headers)) {
            Map<?, ?> seen = (Map<?, ?>) json(Events.connect(given, Map.of())).get("headers");
            assertThat(seen.get("X-Amzn-Trace-Id").toString()).matches("Root=1-67320a7f-[0-9a-f]{24}");
        }
    }

    @Test
    @DisplayName("27: requestId is extendedRequestId, requestTime is requestTimeEpoch in UTC")
    void times() {
        for (GatewayEvent event : List.of(
                Events.connect(Events.HEADERS, Map.of()),
                Events.message("join", "{}"),
                Events.disconnect(1005, "", ANONYMOUS))) {
            Map<?, ?> context = context(event);
            assertThat(context.get("requestId")).isEqualTo(context.get("extendedRequestId"));
        }
        assertThat(context(Events.disconnect(1005, "", ANONYMOUS)).get("requestTime"))
                .isEqualTo("11/Nov/2024:13:51:49 +0000");
        assertThat(context(Events.disconnect(1005, "", ANONYMOUS)).get("requestTimeEpoch"))
                .isEqualTo(1_731_333_109_875L);
    }

    @Test
    @DisplayName("28: connectedAt is the same number in all events")
    void connectedAt() {
        assertThat(List.of(
                        Events.connect(Events.HEADERS, Map.of()),
                        Events.message("join", "{}"),
                        Events.disconnect(1005, "", ANONYMOUS)))
                .allSatisfy(
                        event -> assertThat(context(event).get("connectedAt")).isEqualTo(Events.CONNECTED));
    }

    @Test
    @DisplayName("38, 40: what the authorizer said is there as text, integrationLatency as a number, no principalId")
    void authorizerContext() {
        Peer peer = Events.peer(null, Map.of("n", "7", "b", "true", "s", "", "integrationLatency", 12L), Map.of());

        assertThat(text(Events.connect(Events.HEADERS, Map.of(), Map.of(), peer)))
                .contains("\"requestContext\":{\"routeKey\":\"$connect\",\"authorizer\":"
                        + "{\"b\":\"true\",\"n\":\"7\",\"s\":\"\",\"integrationLatency\":12},\"eventType\":");
    }

    @Test
    @DisplayName("41, 113: the same map of the authorizer is in messages and in DISCONNECT")
    void authorizerLater() {
        Peer peer = Events.peer(null, Map.of("k", "v", "principalId", "me", "integrationLatency", 3), Map.of());
        String map = "\"authorizer\":{\"k\":\"v\",\"principalId\":\"me\",\"integrationLatency\":3}";

        assertThat(text(Events.message("join", "{}", Map.of(), peer)))
                .contains("\"routeKey\":\"join\"," + map + ",\"messageId\"");
        assertThat(text(Events.disconnect(1000, "x", peer)))
                .contains("\"routeKey\":\"$disconnect\"," + map + ",\"disconnectStatusCode\":1000");
    }

    @Test
    @DisplayName("42: the event of an authorizer, with the upgrade's header fields and empty objects")
    void authorizer() {
        String text = new String(ProxyEvent.authorizer(Events.connect(Events.HEADERS, Map.of()), ARN), UTF_8);

        assertThat(text)
                .startsWith(
                        "{\"type\":\"REQUEST\",\"methodArn\":\"" + ARN + "\",\"headers\":{\"Connection\":\"Upgrade\","
                                + "\"content-length\":\"0\",\"Host\":\"abc123.execute-api.us-east-1.amazonaws.com\",")
                .contains("\"Upgrade\":\"websocket\"")
                .contains("\"queryStringParameters\":{},\"multiValueQueryStringParameters\":{},\"stageVariables\":{},"
                        + "\"requestContext\":{\"routeKey\":\"$connect\",\"eventType\":\"CONNECT\"")
                .endsWith("\"apiId\":\"abc123\"}}");
        assertThatThrownBy(() -> ProxyEvent.authorizer(Events.message("join", "{}"), ARN))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    @DisplayName("43: authorizer and CONNECT share requestId, connectionId and trace id")
    void shared() throws NotJsonException {
        GatewayEvent event = Events.connect(Events.HEADERS, Map.of());
        Map<?, ?> asked = (Map<?, ?>) JsonReading.read(new String(ProxyEvent.authorizer(event, ARN), UTF_8));

        assertThat(((Map<?, ?>) asked.get("requestContext")).get("requestId"))
                .isEqualTo(context(event).get("requestId"));
        assertThat(((Map<?, ?>) asked.get("requestContext")).get("connectionId"))
                .isEqualTo(context(event).get("connectionId"));
        assertThat(((Map<?, ?>) asked.get("headers")).get("X-Amzn-Trace-Id"))
                .isEqualTo(((Map<?, ?>) json(event).get("headers")).get("X-Amzn-Trace-Id"));
    }

    @ParameterizedTest
    @CsvSource({
        "1005,Client-side close frame status not set",
        "4000,bye",
        "1001,Going away",
        "1000,Connection Closed Normally",
        "1006,''"
    })
    @DisplayName("106 to 110: DISCONNECT has code and reason in their places")
    void disconnectPairs(int code, String reason) {
        assertThat(text(Events.disconnect(code, reason, ANONYMOUS)))
                .contains("\"routeKey\":\"$disconnect\",\"disconnectStatusCode\":" + code
                        + ",\"eventType\":\"DISCONNECT\",")
                .contains("\"messageDirection\":\"IN\",\"disconnectReason\":\"" + reason + "\",\"stage\":");
    }

    @Test
    @DisplayName("111: DISCONNECT has four header fields and no body")
    void disconnect() {
        Map<?, ?> event = json(Events.disconnect(1005, "", ANONYMOUS));

        assertThat(event.get("headers"))
                .hasToString("{Host=abc123.execute-api.us-east-1.amazonaws.com, x-api-key=, X-Forwarded-For=,"
                        + " x-restapi=}");
        assertThat(event.get("multiValueHeaders"))
                .hasToString("{Host=[\"abc123.execute-api.us-east-1.amazonaws.com\"], x-api-key=[\"\"],"
                        + " X-Forwarded-For=[\"\"], x-restapi=[\"\"]}");
        assertThat(event.containsKey("body")).isFalse();
    }

    @Test
    @DisplayName("129: stage variables are in the authorizer's event, CONNECT and MESSAGE; without any, absent in two")
    void stageVariables() {
        Map<String, String> variables = Map.of("fn", "live", "a", "1");
        String member = "\"stageVariables\":{\"a\":\"1\",\"fn\":\"live\"},\"requestContext\"";
        GatewayEvent connect = Events.connect(Events.HEADERS, Map.of(), variables, ANONYMOUS);

        assertThat(new String(ProxyEvent.authorizer(connect, ARN), UTF_8)).contains(member);
        assertThat(text(connect)).contains(member);
        assertThat(text(Events.message("join", "{}", variables, ANONYMOUS))).startsWith("{" + member);
        assertThat(text(Events.message("join", "{}"))).doesNotContain("stageVariables");
        assertThat(text(Events.connect(Events.HEADERS, Map.of()))).doesNotContain("stageVariables");
    }

    @Test
    void identityHasWhatIsKnownInTheOrderOfAws() {
        Peer peer = Events.peer(
                "Mozilla/5.0", Map.of(), Map.of("apiKey", "k", "apiKeyId", "i", "userArn", "arn", "accessKey", "A"));

        assertThat(text(Events.message("join", "{}", Map.of(), peer)))
                .contains("\"identity\":{\"apiKey\":\"k\",\"userArn\":\"arn\",\"apiKeyId\":\"i\","
                        + "\"userAgent\":\"Mozilla/5.0\",\"sourceIp\":\"192.0.2.1\",\"accessKey\":\"A\"}");
    }

    @Test
    void textsOfClientsAreEscaped() {
        String hostile = "\"},\"x\":{\"\\\u0000\n\u2028é😀";

        assertThat(json(Events.message("join", hostile)).get("body")).isEqualTo(hostile);
    }

    private static String text(GatewayEvent event) {
        return new String(ProxyEvent.of(event), UTF_8);
    }

    private static Map<?, ?> json(GatewayEvent event) {
        try {
            return (Map<?, ?>) JsonReading.read(text(event));
        } catch (NotJsonException e) {
            throw new AssertionError(e);
        }
    }

    private static Map<?, ?> context(GatewayEvent event) {
        return (Map<?, ?>) json(event).get("requestContext");
    }
}
