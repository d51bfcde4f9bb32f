package io.topicstream.server.http;

import static io.topicstream.server.http.StreamContractTest.field;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.topicstream.json.JsonWriter;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URLDecoder;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What is sent to break a server: refused in its own words, or kept as the data that it is; healthy afterwards.
class HttpBadInputTest {
    private final HttpServer server = HttpServer.open();

    @AfterEach
    void stop() {
        assertThat(server.get("/health").body()).isEqualTo("{\"status\":\"ok\"}");
        server.close();
    }

    @Test
    void deepNestingIsRefusedWhereverItStands() {
        assertRefused("{\"payload\":" + "[".repeat(50_000) + "]".repeat(50_000) + "}");
        assertRefused("{\"payload\":" + "{\"a\":".repeat(20_000) + "1" + "}".repeat(20_000) + "}");
        assertRefused("{\"payload\":1,\"x\":" + "[".repeat(33) + "]".repeat(33) + "}");
        assertRefused("[".repeat(60_000));
        assertKept("[".repeat(32) + "]".repeat(32));
    }

    @Test
    void aNumberIsNeverExpanded() {
        assertKept("9".repeat(60_000));
        assertKept("1e999999999");
        assertKept("1e-999999999");
        assertKept("-0.0");
    }

    @Test
    void manyMembersAreBounded() {
        String members =
                IntStream.range(0, 5_000).mapToObj(i -> "\"k" + i + "\":" + i).collect(Collectors.joining(","));

        assertRefused("{\"payload\":1," + members + "}");
        assertKept("{" + members + "}");
        assertKept("{\"" + "k".repeat(60_000) + "\":1}");
        assertThat(server.produce("t", "{\"payload\":1,\"" + "k".repeat(60_000) + "\":1}")
                        .statusCode())
                .isEqualTo(200);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"@class\":\"java.lang.ProcessBuilder\"}",
                "{\"__proto__\":{\"admin\":true}}",
                "\"${jndi:ldap://127.0.0.1/a}\"",
                "\"line\\nfeed \\u001b[31m forged\"",
                "\"<img src=x onerror=alert(1)>\"",
                "\"\\ud800\"",
                "\"\\udc00\\ud800\"",
                "\"\\u0000\""
            })
    void aPayloadIsOnlyData(String payload) {
        assertKept(payload);
    }

    @Test
    void whatIsNotUtf8IsRefused() {
        byte[][] texts = {
            {'{', '"', 'p', 'a', 'y', 'l', 'o', 'a', 'd', '"', ':', '"', (byte) 0xC3, (byte) 0x28, '"', '}'},
            {(byte) 0xFF, (byte) 0xFE, '{', 0, '}', 0},
            {0, 1, 2, 3, (byte) 0x80}
        };
        for (byte[] text : texts) {
            HttpResponse<String> refused =
                    server.send("POST", "/topics/t/produce", text, "Content-Type", "application/json");
            assertThat(refused.statusCode()).isEqualTo(400);
            assertThat(field(refused, "Topic-Error")).isEqualTo("bad_frame");
        }
        assertKept("1");
    }

    @ParameterizedTest
    @ValueSource(strings = {"payload=%zz", "payload=%", "payload=a&payload=b", "other=1", "", "=", "&&&"})
    void aBrokenFormIsRefused(String form) {
        HttpResponse<String> refused = server.send(
                "POST", "/topics/t/produce", form.getBytes(UTF_8), "Content-Type", "application/x-www-form-urlencoded");

        assertThat(refused.statusCode()).isEqualTo(400);
        assertThat(field(refused, "Topic-Error")).isEqualTo("bad_frame");
        assertKept("1");
    }

    /// What `curl -d` sends where the header was forgotten.
    @ParameterizedTest
    @ValueSource(strings = {"{\"payload\":1}", " \r\n{\"payload\":\"100%\"}", "{\"a\":\"b=c&d\"}"})
    void jsonThatWasSentAsAFormIsToldWhichHeaderItWants(String form) {
        HttpResponse<String> refused = server.send(
                "POST", "/topics/t/produce", form.getBytes(UTF_8), "Content-Type", "application/x-www-form-urlencoded");

        assertThat(refused.statusCode()).isEqualTo(400);
        assertThat(refused.body())
                .startsWith("{\"error\":\"invalid json: missing field `payload`")
                .contains("Content-Type: application/json");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "payload=caf%E9",
                "payload=%C0%AF",
                "payload=%ED%A0%80",
                "payload=%ED%A0%BD%ED%B8%80",
                "payload=%F5%80%80%80",
                "payload=%F4%90%80%80",
                "payload=%80",
                "payload=%E2%82",
                "payload=%FF%FE",
                "a=%E9&payload=x",
                "%E9=a&payload=x",
                "payload=x&%E9"
            })
    void aFormThatIsNotUtf8IsRefused(String form) {
        HttpResponse<String> refused = server.send(
                "POST", "/topics/t/produce", form.getBytes(UTF_8), "Content-Type", "application/x-www-form-urlencoded");

        assertThat(refused.statusCode()).isEqualTo(400);
        assertThat(refused.body()).isEqualTo("{\"error\":\"invalid json: the body is not UTF-8\"}");
        assertThat(server.get("/topics/t/consume").body()).isEqualTo("{\"messages\":[],\"next_offset\":1}");
    }

    @Test
    void aFormWithRawBytesThatAreNotUtf8IsRefused() {
        byte[] raw = {'p', 'a', 'y', 'l', 'o', 'a', 'd', '=', (byte) 0xE9};

        assertThat(server.send("POST", "/topics/t/produce", raw, "Content-Type", "application/x-www-form-urlencoded")
                        .statusCode())
                .isEqualTo(400);
        assertThat(server.get("/topics/t/consume").body()).isEqualTo("{\"messages\":[],\"next_offset\":1}");
    }

    @ParameterizedTest
    @ValueSource(strings = {"caf%C3%A9", "%E2%82%AC", "%F0%9F%98%80", "a%00b", "%EF%BF%BD", "%f4%8f%bf%bf"})
    void aFormThatIsUtf8IsKept(String value) {
        String text = URLDecoder.decode(value, UTF_8);

        assertThat(server.send(
                                "POST",
                                "/topics/t/produce",
                                ("payload=" + value).getBytes(UTF_8),
                                "Content-Type",
                                "application/x-www-form-urlencoded")
                        .statusCode())
                .isEqualTo(200);
        assertThat(server.get("/topics/t/consume").body())
                .contains("\"payload\":" + new JsonWriter().string(text) + ",");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/topics/t/consume?limit=%C0%B1",
                "/topics?prefix=%ED%A0%80",
                "/topics?token=%E9",
                "/topics?%E9=1",
                "/topics/%C1%81/consume",
                "/topics/%ED%A0%80/consume",
                "/admin/keys/%E9",
                "/v1?user=%E9",
                "/v1?name=%C0%AF"
            })
    void aTargetThatIsNotUtf8IsRefused(String target) {
        assertThat(server.get(target).statusCode()).isEqualTo(400);
    }

    @Test
    void anIdempotencyKeyThatIsNotAsciiIsRefused() throws IOException {
        for (String key : List.of("caf\u00E9", "\u00C0\u00AF", "\u00ED\u00A0\u0080", "\u007F")) {
            String answer = raw("POST /topics/t/produce HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
                    + "Content-Type: application/json\r\nContent-Length: 13\r\nIdempotency-Key: " + key
                    + "\r\n\r\n{\"payload\":1}");
            assertThat(answer).startsWith("HTTP/1.1 400 ");
        }
        assertThat(server.get("/topics/t/consume").body()).isEqualTo("{\"messages\":[],\"next_offset\":1}");
    }

    @Test
    void aCredentialThatIsNotAsciiIsAWrongOne() throws IOException {
        for (String credential : List.of("x-api-key: caf\u00E9", "Authorization: Bearer \u00C0\u00AF")) {
            assertThat(raw("GET /topics HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n" + credential
                            + "\r\n\r\n"))
                    .startsWith("HTTP/1.1 401 ");
        }
    }

    /// Sends the text a byte a character, and reads to the end.
    private String raw(String request) throws IOException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.port)) {
            socket.setSoTimeout(60_000);
            socket.getOutputStream().write(request.getBytes(ISO_8859_1));
            return new String(socket.getInputStream().readAllBytes(), ISO_8859_1);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"/..%2f..%2fetc/passwd", "/%c0%ae", "/topics/%ff/consume", "/%00", "/topics/t/consume?offset=%ff"
            })
    void aTargetThatIsBrokenIsRefused(String target) {
        assertThat(server.get(target).statusCode()).isEqualTo(400);
    }

    @Test
    void anErrorDoesNotRepeatWhatWasAsked() {
        HttpResponse<String> answer = server.get("/%3Cscript%3E?token=secret-token");

        assertThat(answer.statusCode()).isEqualTo(404);
        assertThat(answer.body()).isEqualTo("{\"error\":\"not found\"}");
    }

    private void assertRefused(String body) {
        HttpResponse<String> refused = server.produce("t", body);
        assertThat(refused.statusCode()).isEqualTo(400);
        assertThat(refused.body()).startsWith("{\"error\":\"invalid json: ").endsWith("\"}");
        assertThat(field(refused, "Topic-Error")).isEqualTo("bad_frame");
    }

    /// Produces it to the next offset, and reads the same bytes back.
    private void assertKept(String payload) {
        HttpResponse<String> kept = server.produce("t", "{\"payload\":" + payload + "}");
        assertThat(kept.statusCode()).as(kept.body()).isEqualTo(200);
        long offset = StreamContractTest.offsets(kept).getFirst();
        assertThat(server.get("/topics/t/consume?limit=1&offset=" + offset).body())
                .startsWith("{\"messages\":[{\"offset\":" + offset + ",\"payload\":" + payload + ",\"timestamp\":");
    }
}
