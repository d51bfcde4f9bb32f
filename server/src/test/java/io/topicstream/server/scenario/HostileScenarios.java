package io.topicstream.server.scenario;

import static io.topicstream.server.SocketSwarm.frame;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.topicstream.server.Metrics;
import io.topicstream.server.SocketSwarm;
import io.topicstream.server.TestClient;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// What no well-meaning client would send, at the doors of the real server: a clear refusal each, the
/// connection goes on, and the server is as well as before.
public interface HostileScenarios {
    Deployment deployment();

    @AfterEach
    default void theServerIsWell() {
        assertThat(Metrics.isHealthy(deployment().server())).isTrue();
    }

    // ---- texts that are no frames

    private static String times(String text, int count) {
        return text.repeat(count);
    }

    private static String publish(String topic, String message) {
        return "{\"action\":\"publish\",\"id\":1,\"topic\":\"" + topic + "\",\"message\":" + message + "}";
    }

    private static List<String> noFrames(String topic) {
        String ping = "{\"action\":\"ping\"}";
        List<String> all = new ArrayList<>(List.of("", " ", "null", "[]", "42", "\"x\"", "hello", "[null]", "[[]]"));
        all.addAll(List.of(
                ping + " x",
                ping + ping,
                "{\"action\":\"ping\"/* or not */}",
                "{'action':'ping'}",
                "\uFEFF" + ping,
                "{\"action\":\"publish\",\"topic\":\"t\",\"message\":NaN}",
                "[" + ping + "," + ping));
        all.addAll(List.of(
                times("[", 50_000),
                times("[", 50_000) + times("]", 50_000),
                times("{\"a\":", 20_000),
                publish(topic, times("[", 40) + times("]", 40)),
                publish(topic, times("{\"a\":", 40) + "1" + times("}", 40))));
        all.addAll(List.of(
                "{\"action\":\"ping\",\"action\":\"publish\"}",
                "{\"action\":\"publish\",\"topic\":\"a\",\"message\":1,\"topic\":\"b\"}"));
        all.addAll(List.of(
                publish(topic, "\"a\u0001b\""),
                publish(topic, "\"\\x\""),
                publish(topic, "\"\\u12\""),
                publish(topic, "01"),
                publish(topic, "+1"),
                publish(topic, "1."),
                publish(topic, "tru"),
                publish(topic, "\"open")));
        return all;
    }

    @Test
    default void textsThatAreNoFramesAreRefusedOneByOne() {
        String topic = deployment().topic();
        TestClient client = deployment().client();
        for (String text : noFrames(topic)) {
            client.send(text);
            assertThat(client.next()).as(beginning(text)).contains("\"code\":\"bad_frame\"");
        }
        assertNothingStored(client, topic);
        client.close();
        assertThat(client.pending()).isEmpty();
    }

    @Test
    default void theLiveStageAnswersThemAsTheGatewayDid() {
        String topic = deployment().topic();
        TestClient client = deployment().live(0);
        for (String text : noFrames(topic)) {
            client.send(text.startsWith("{\"action\":\"ping\"}") ? text + "}" : text);
            assertThat(client.next()).as(beginning(text)).startsWith("{\"message\":\"Internal server error\"");
        }
        client.close();
        assertThat(client.pending()).isEmpty();
        TestClient reader = deployment().client();
        assertNothingStored(reader, topic);
        reader.close();
    }

    private static String beginning(String text) {
        return text.length() > 60 ? text.substring(0, 60) + "…" : text;
    }

    private static void assertNothingStored(TestClient client, String topic) {
        client.send("{\"action\":\"read\",\"id\":\"end\",\"topic\":\"" + topic + "\"}");
        assertThat(client.next()).contains("\"id\":\"end\"").contains("\"next_offset\":1");
    }

    // ---- frames with members that cannot be

    @Test
    default void membersThatCannotBeAreRefused() {
        String topic = deployment().topic();
        TestClient client = deployment().client();
        List<String> numbers = List.of(
                "-1",
                "9223372036854775808",
                "1.5",
                "\"1\"",
                "1e30",
                "1e999999999",
                "1e-999999999",
                times("9", 60_000),
                "true",
                "[]",
                "{}");
        List<String> frames = new ArrayList<>();
        for (String number : numbers) {
            frames.add("\"subscribe\",\"from\":" + number);
            frames.add("\"subscribe\",\"from\":{\"last\":" + number + "}");
            frames.add("\"subscribe\",\"from\":{\"time\":" + number + "}");
            frames.add("\"subscribe\",\"from\":{\"resume\":{\"epoch\":1,\"offset\":" + number + "}}");
            frames.add("\"read\",\"limit\":" + number);
            frames.add("\"read\",\"after\":" + number);
            frames.add("\"publish\",\"message\":1,\"expected_offset\":" + number);
        }
        frames.add("\"subscribe\",\"from\":\"never\"");
        frames.add("\"subscribe\",\"from\":{\"last\":1,\"time\":1}");
        frames.add("\"subscribe\",\"durable\":\"yes\"");
        frames.add("\"publish\"");
        frames.add("\"publish\",\"message\":1,\"message_id\":\"\"");
        frames.add("\"publish\",\"message\":1,\"message_id\":7");
        frames.add("\"publish\",\"message\":1,\"message_id\":\"\\ud800\"");
        frames.add("\"publish\",\"message\":1,\"key\":\"\\udc00\\ud800\"");
        frames.add("\"publish\",\"message\":1,\"key\":{}");
        for (String id : List.of("{}", "[]", "true", "\"" + times("i", 65_000) + "\"")) {
            frames.add("\"ping\",\"id\":" + id);
        }
        for (String frame : frames) {
            client.send("{\"topic\":\"" + topic + "\",\"action\":" + frame + "}");
            assertThat(client.next()).as(beginning(frame)).contains("\"code\":\"bad_frame\"");
        }
        for (String member : List.of("message_id", "key")) {
            client.send("{\"action\":\"publish\",\"topic\":\"" + topic + "\",\"message\":1,\"" + member + "\":\""
                    + times("k", 65_000) + "\"}");
            assertThat(client.next()).contains("\"code\":\"too_large\"");
        }
        client.send(publish(topic, "\"" + times("x", 125_000) + "\""));
        assertThat(client.next()).contains("\"code\":\"too_large\"");
        assertNothingStored(client, topic);
        for (String limit : List.of("0", "1000000000")) {
            client.send("{\"action\":\"read\",\"id\":1,\"topic\":\"" + topic + "\",\"limit\":" + limit + "}");
            assertThat(client.next()).contains("\"type\":\"reply\"");
        }
        client.close();
        assertThat(client.pending()).isEmpty();
    }

    @Test
    default void whatJsonAllowsInsideAMessagePassesAsItWasSent() {
        String topic = deployment().topic();
        TestClient client = deployment().client();
        TestClient live = deployment().live(0);
        live.send("{\"action\":\"subscribe\",\"topic\":\"" + topic + "\"}");
        if (!deployment().ordersFrames()) {
            deployment().awaitMembership(0, topic, true);
        }
        live.send(publish(topic, "0"));
        assertThat(live.next()).contains("\"message\":0}");
        String keys = IntStream.range(0, 5_000)
                .mapToObj(i -> "\"k" + i + "\":" + i)
                .collect(Collectors.joining(",", "{", "}"));
        List<String> messages = List.of(
                "1e999999999",
                "1e-999999999",
                times("9", 60_000),
                "\"\\ud800 \\udc00\\ud800 \\u0000\"",
                "{\"a\":1,\"a\":2}",
                "{\"@class\":\"java.lang.Runtime\",\"__proto__\":{},\"x\":\"${jndi:ldap://localhost/a}\"}",
                "\"<img src=x onerror=alert(1)> \\u001b[31m\\r\\nHTTP/1.1 200 OK\"",
                times("[", 31) + times("]", 31),
                keys,
                collidingKeys());
        for (String message : messages) {
            client.send(publish(topic, message));
            assertThat(client.next()).as(beginning(message)).contains("\"type\":\"reply\"");
            assertThat(live.next()).as(beginning(message)).endsWith(",\"message\":" + message + "}");
        }
        live.send("{\"action\":\"unsubscribe\",\"topic\":\"" + topic + "\"}");
        live.close();
        client.close();
    }

    /// 2,048 names of one hash.
    private static String collidingKeys() {
        return IntStream.range(0, 2048)
                .mapToObj(i -> IntStream.range(0, 11)
                        .mapToObj(bit -> (i >> bit & 1) == 0 ? "Aa" : "BB")
                        .collect(Collectors.joining("", "\"", "\":1")))
                .collect(Collectors.joining(",", "{", "}"));
    }

    @Test
    default void strangeMembersOfAFrameAreIgnoredAndTooManyRefused() {
        TestClient client = deployment().client();
        String colliding = collidingKeys();
        String collidingMembers = colliding.substring(1, colliding.length() - 1);
        List<String> members = List.of(
                "\"" + times("k", 60_000) + "\":1",
                collidingMembers,
                "\"__proto__\":{\"action\":\"publish\"}",
                "\"@class\":\"x\"");
        for (String member : members) {
            client.send("{" + member + ",\"action\":\"ping\",\"id\":1}");
            assertThat(client.next())
                    .as(beginning(member))
                    .startsWith(
                            member.equals(collidingMembers)
                                    ? "{\"type\":\"error\",\"id\":1,\"code\":\"bad_frame\""
                                    : "{\"type\":\"pong\",\"id\":1}");
        }
        client.send("{\"action\":\"a\\r\\n\\u001b[31mforged\",\"id\":1}");
        assertThat(client.next())
                .contains("\"code\":\"unknown_action\"")
                .matches(text -> text.chars().noneMatch(c -> c < ' '), "no control characters");
        client.close();
    }

    // ---- names of topics

    private static Map<String, String> badNames() {
        return Stream.of(
                        "",
                        " ",
                        ".",
                        "..",
                        ".hidden",
                        "/",
                        "a//b",
                        "../../x",
                        "..\\x",
                        "a\\b",
                        "%2e%2e%2f",
                        "%252e",
                        "a\u0000b",
                        "a\r\nb",
                        "a\u202Eb",
                        "\uFEFFa",
                        "\uFF0E\uFF0E",
                        "e\u0301",
                        "*",
                        "#",
                        ">",
                        "a.*",
                        "$sys",
                        "a b",
                        times("n", 201),
                        times("n", 5_000))
                .collect(Collectors.toMap(name -> name, HostileScenarios::escaped));
    }

    private static String escaped(String text) {
        return text.chars()
                .mapToObj(c -> c >= ' ' && c < 0x7F && c != '\\' && c != '"'
                        ? String.valueOf((char) c)
                        : String.format("\\u%04x", c))
                .collect(Collectors.joining());
    }

    @Test
    default void namesThatAreNoneAreRefusedAtEveryDoor() throws Exception {
        TestClient client = deployment().client();
        TestClient live = deployment().live(0);
        for (String name : badNames().values()) {
            for (String action : List.of("publish", "subscribe", "unsubscribe", "read", "signal")) {
                client.send("{\"action\":\"" + action + "\",\"topic\":\"" + name + "\",\"message\":1}");
                assertThat(client.next()).as(action + " " + name).contains("\"code\":\"bad_topic\"");
            }
            live.send("{\"action\":\"publish\",\"topic\":\"" + name + "\",\"message\":1}");
            assertThat(live.next()).as(name).startsWith("{\"message\":\"Internal server error\"");
        }
        for (String name : List.of("\\ud800", "\\udc00a")) {
            client.send("{\"action\":\"publish\",\"topic\":\"" + name + "\",\"message\":1}");
            assertThat(client.next()).containsAnyOf("\"code\":\"bad_topic\"", "\"code\":\"bad_frame\"");
        }
        for (String name : List.of("sys:credentials", "sys:user:ann", "dm:a~b")) {
            for (String action : List.of("publish", "subscribe", "read", "signal")) {
                client.send("{\"id\":1,\"action\":\"" + action + "\",\"topic\":\"" + name + "\",\"message\":1}");
                assertThat(client.next()).as(action + " " + name).contains("\"code\":\"forbidden\"");
            }
        }
        live.close();
        client.close();
        try (HttpClient http = HttpClient.newHttpClient()) {
            for (String name : badNames().keySet()) {
                String once = URLEncoder.encode(name, StandardCharsets.UTF_8).replace("+", "%20");
                String twice = URLEncoder.encode(once, StandardCharsets.UTF_8);
                for (String encoded : List.of(once, twice)) {
                    // Encoded a second time, a name may become one that is not there, but never a good one.
                    assertThat(consume(http, deployment().server(), encoded))
                            .as(encoded)
                            .isBetween(400, 499);
                }
            }
        }
    }

    private static int consume(HttpClient http, URI server, String encoded) throws IOException, InterruptedException {
        return http.send(
                        HttpRequest.newBuilder(URI.create(server + "/topics/" + encoded + "/consume"))
                                .build(),
                        HttpResponse.BodyHandlers.discarding())
                .statusCode();
    }

    // ---- too much of it

    @Test
    default void subscriptionsOfAConnectionAreBounded() {
        TestClient client = deployment().client();
        String topic = deployment().topic();
        int count = deployment().times(2_000, 520);
        int atOnce = deployment().ordersFrames() ? count : 1;
        for (int i = 0, due = 1 - atOnce; due < count; i++, due++) {
            if (i < count) {
                client.send("{\"action\":\"subscribe\",\"id\":" + i + ",\"topic\":\"" + topic + "." + i + "\"}");
            }
            if (due >= 0) {
                assertThat(client.next())
                        .contains("\"id\":" + due + ",")
                        .contains(due < 500 ? "\"type\":\"reply\"" : "\"code\":\"limit_exceeded\"");
            }
        }
        client.send("{\"action\":\"topics\",\"id\":\"t\",\"prefix\":\"" + topic + "\"}");
        assertThat(client.next()).contains("\"topics\":[]");
        client.close();
    }

    @Test
    default void everyFrameOfTheLargestArrayIsAnswered() {
        TestClient client = deployment().client();
        String topic = deployment().topic();
        client.send("{\"action\":\"publish\",\"id\":\"p\",\"topic\":\"" + topic + "\",\"message\":\"" + "x".repeat(1000)
                + "\"}");
        assertThat(client.next()).contains("\"offset\":1");
        List<String> frames = new ArrayList<>();
        for (int i = 0; i < 1_000; i++) {
            frames.add(
                    switch (i % 5) {
                        case 0 -> "{\"action\":\"read\",\"id\":" + i + ",\"topic\":\"" + topic + "\"}";
                        case 1 -> "{\"action\":\"topics\",\"id\":" + i + ",\"prefix\":\"" + topic + "\"}";
                        case 2 -> "{\"action\":\"fly\",\"id\":" + i + "}";
                        case 3 -> "{\"action\":\"read\",\"id\":" + i + ",\"topic\":\"sys:x\"}";
                        default -> "{\"action\":\"ping\",\"id\":" + i + "}";
                    });
        }

        client.send("[" + String.join(",", frames) + "]");

        Set<String> answered = new HashSet<>();
        for (int i = 0; i < 1_000; i++) {
            String answer = client.next();
            Matcher id = Pattern.compile("\"id\":(\\d+)").matcher(answer);
            assertThat(id.find()).as(answer).isTrue();
            assertThat(answered.add(id.group(1))).as("answered once: " + answer).isTrue();
            assertThat(answer)
                    .contains(
                            switch (Integer.parseInt(id.group(1)) % 5) {
                                case 0 -> "\"messages\":[{";
                                case 1 -> "\"topics\":[{";
                                case 2 -> "\"unknown_action\"";
                                case 3 -> "\"forbidden\"";
                                default -> "\"pong\"";
                            });
        }
        client.close();
    }

    @Test
    default void aQueryThatNobodyCouldBeAnsweredIsNotRun() {
        TestClient client = deployment().client();
        client.send(
                "[{\"action\":\"read\",\"topic\":\"sys:x\"},{\"action\":\"topics\"},{\"action\":\"ping\",\"id\":1}]");

        assertThat(client.next()).isEqualTo("{\"type\":\"pong\",\"id\":1}");
        client.close();
    }

    @Test
    default void framesThatBreakTheRulesEndTheConnectionWithTheRightCode() {
        byte[] text = "{\"action\":\"ping\"}".getBytes(StandardCharsets.US_ASCII);
        byte[] unmasked = new byte[2 + text.length];
        unmasked[0] = (byte) 0x81;
        unmasked[1] = (byte) text.length;
        System.arraycopy(text, 0, unmasked, 2, text.length);
        Map<byte[], Integer> attacks = Map.of(
                unmasked,
                1002,
                frame(0x82, text),
                1003,
                frame(0x81, new byte[] {(byte) 0xC3, 0x28}),
                1007,
                frame(0x81, new byte[128 * 1024 + 1]),
                1009,
                frame(0xC1, text),
                1002,
                frame(0x80, text),
                1002,
                frame(0x83, text),
                1002);
        for (String path : List.of("/v1", "/live")) {
            try (SocketSwarm swarm = new SocketSwarm(deployment().server())) {
                attacks.forEach((bytes, code) -> {
                    SocketSwarm.Socket socket = swarm.connect(
                                    path, "x-api-key: " + deployment().key(0) + "\r\n", 0, (_, _, _, _) -> {})
                            .awaitOpen();
                    assertThat(socket.sendBytes(bytes).awaitEnd()).isEqualTo(code);
                });
            }
        }
    }

    @Test
    default void aMessageInPiecesIsOneFrame() {
        try (SocketSwarm swarm = new SocketSwarm(deployment().server())) {
            List<String> heard = new CopyOnWriteArrayList<>();
            SocketSwarm.Socket socket = swarm.open(
                    "/v1",
                    (_, buffer, from, to) -> heard.add(new String(buffer, from, to - from, StandardCharsets.UTF_8)));
            byte[] text = "{\"action\":\"ping\",\"id\":\"pieces\"}".getBytes(StandardCharsets.US_ASCII);
            for (int i = 0; i < text.length; i++) {
                boolean last = i == text.length - 1;
                socket.sendBytes(frame((i == 0 ? 1 : 0) | (last ? 0x80 : 0), new byte[] {text[i]}));
            }
            await().until(() -> heard.contains("{\"type\":\"pong\",\"id\":\"pieces\"}"));
        }
    }

    // ---- who is calling

    @Test
    default void pagesOfOthersAndCookiesAndKeysInUrlsGetNowhere() {
        for (String origin : List.of(
                "https://evil.example",
                "null",
                "http://127.0.0.1.evil.example",
                "https://evil.example/http://localhost",
                "https://localhost@evil.example",
                "HTTPS://EVIL.EXAMPLE")) {
            try (SocketSwarm swarm = new SocketSwarm(deployment().server())) {
                assertThat(swarm.connect("/v1", "Origin: " + origin + "\r\n", 0, (_, _, _, _) -> {})
                                .awaitStatus())
                        .as(origin)
                        .isEqualTo(403);
            }
        }
        try (SocketSwarm swarm = new SocketSwarm(deployment().server())) {
            String two = "Origin: http://localhost\r\nOrigin: https://evil.example\r\n";
            assertThat(swarm.connect("/v1", two, 0, (_, _, _, _) -> {}).awaitStatus())
                    .isBetween(400, 403);
            String cookie = "Cookie: x-api-key=" + deployment().key(0) + "\r\n";
            assertThat(swarm.connect("/live", cookie, 0, (_, _, _, _) -> {}).awaitStatus())
                    .isEqualTo(401);
            for (String parameter : List.of("token", "api_key", "x-api-key")) {
                assertThat(swarm.connect(
                                        "/live?" + parameter + "="
                                                + deployment().key(0),
                                        "",
                                        0,
                                        (_, _, _, _) -> {})
                                .awaitStatus())
                        .isEqualTo(401);
            }
            String both = "x-api-key: " + deployment().key(0) + "\r\nAuthorization: Bearer "
                    + deployment().key(1) + "\r\n";
            assertThat(swarm.connect("/v1", both, 0, (_, _, _, _) -> {}).awaitStatus())
                    .isEqualTo(400);
        }
    }

    // ---- what would name a record

    @Test
    default void whatNamesNobodyIsRefusedBeforeItIsLookedUp() {
        String nul = "\\u0000";
        try (TestClient client = deployment().client()) {
            int id = 0;
            for (String frame : List.of(
                    "\"action\":\"online\",\"users\":[\"ann\",\"" + nul + "\"]",
                    "\"action\":\"online\",\"users\":[\"" + times("x", 600) + "\"]",
                    "\"action\":\"online\",\"users\":[\"\"]",
                    "\"action\":\"rooms\",\"owner\":\"" + nul + "\"",
                    "\"action\":\"rooms\",\"owner\":\"" + times("\u1F600", 48) + "\"",
                    "\"action\":\"members\",\"topic\":\"room:x\",\"start_after\":\"" + nul + "\"",
                    "\"action\":\"members\",\"topic\":\"room:x\",\"start_after\":\"" + times("\u00E9", 400) + "\"",
                    // One letter that stands for eighteen.
                    "\"action\":\"name\",\"name\":\"" + times("\uFDFA", 64) + "\"")) {
                id++;
                client.send("{\"id\":" + id + "," + frame + "}");
                assertThat(client.await("\"id\":" + id)).as(frame).contains("\"code\":\"bad_frame\"");
            }
        }
    }
}
