package io.topicstream.server.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// What the users of the first two keys, `ann` and `bob`, say to each other is seen by nobody else over HTTP:
/// not by the user of the third key, nor by one without a name.
public interface PrivacyHttpScenarios {
    Deployment deployment();

    String CHAT = "dm:ann~bob";

    /// Ways to write the chat's name in a path, and names that look like it.
    List<String> NAMES = List.of(CHAT, "dm%3Aann%7Ebob", "%64m:ann~bob", "dm:bob~ann", "dm:", "dm:ann~", "dm:*", "*");

    /// What is asked behind each path; where none stands here, nothing is.
    List<String> QUESTIONS = List.of(
            "",
            "?offset=1&limit=100",
            "?from=0&until=9000000000000",
            "?prefix=dm",
            "?prefix=" + CHAT,
            "?prefix=dm:&start_after=dm:ann~boa&limit=1000",
            "?topic=" + CHAT,
            "?topic=" + CHAT + "&topic=dm:ann~cy",
            "?not_received=1",
            "?owner=ann",
            "?start_after=dm:ann~boa",
            "?user=ann");

    private HttpResponse<String> call(HttpClient http, boolean isCy, String method, String path) {
        HttpRequest.Builder request = HttpRequest.newBuilder(deployment().http().resolve(path))
                .header("Content-Type", "application/json")
                .method(
                        method,
                        method.equals("GET")
                                ? HttpRequest.BodyPublishers.noBody()
                                : HttpRequest.BodyPublishers.ofString("{\"payload\":1,\"message\":1,\"title\":\"t\"}"));
        if (isCy) {
            request.header("x-api-key", deployment().key(2));
        }
        return send(http, request.build());
    }

    private static HttpResponse<String> send(HttpClient http, HttpRequest request) {
        try {
            return http.send(request, HttpResponse.BodyHandlers.ofString());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }

    /// Every path that the API's own description has.
    private static Set<String> paths() {
        try {
            return Pattern.compile("(?m)^ {2}(/[^:]*):$")
                    .matcher(Files.readString(Path.of("..", "docs", "openapi.yaml")))
                    .results()
                    .map(match -> match.group(1))
                    .collect(Collectors.toCollection(TreeSet::new));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// The path with what could lead to the chat in the place of its parameter.
    private static Stream<String> filled(String documented) {
        String path = documented.replace("{offset}", "1");
        return switch (path.replaceAll(".*\\{(\\w+)}.*", "$1")) {
            case "topic" -> NAMES.stream().map(name -> path.replace("{topic}", name));
            case "user" -> Stream.of("ann", "bob").map(user -> path.replace("{user}", user));
            case "room" -> NAMES.stream().map(name -> path.replace("{room}", name));
            case "path" ->
                Stream.concat(NAMES.stream(), Stream.of("config.json")).map(name -> path.replace("{path}", name));
            case "name", "connection" -> Stream.of(path.replaceAll("\\{\\w+}", "ann"));
            default -> {
                assertThat(path).as("a parameter that nobody here knows").doesNotContain("{");
                yield Stream.of(path);
            }
        };
    }

    /// Ann tells Bob something, and Bob answers, so that each of them has said it in the chat.
    private void talk(HttpClient http, String secret) {
        for (int who = 0; who < 2; who++) {
            HttpRequest said = HttpRequest.newBuilder(
                            deployment().http().resolve("/users/" + (who == 0 ? "bob" : "ann") + "/messages"))
                    .header("x-api-key", deployment().key(who))
                    .header("Content-Type", "application/json")
                    .POST(HttpRequest.BodyPublishers.ofString("{\"message\":{\"text\":\"" + secret + "\"}}"))
                    .build();
            assertThat(send(http, said).statusCode()).isEqualTo(200);
        }
    }

    @Test
    default void whatTwoSayToEachOtherComesOutOfNoPathForAnybodyElse() {
        String secret = "secret." + deployment().topic();
        try (HttpClient http = HttpClient.newHttpClient()) {
            talk(http, secret);

            assertThat(paths()).contains("/topics/{topic}/consume", "/metrics").hasSizeGreaterThan(15);
            for (String path :
                    paths().stream().flatMap(PrivacyHttpScenarios::filled).toList()) {
                for (String question : QUESTIONS) {
                    for (boolean isCy : new boolean[] {true, false}) {
                        HttpResponse<String> answer = call(http, isCy, "GET", path + question);
                        assertThat(answer.body())
                                .as(path + question)
                                .doesNotContain(secret)
                                .satisfies(body ->
                                        assertThat(body.replace(path, "")).doesNotContain(CHAT + "\""));
                        if (path.startsWith("/topics/dm") || path.startsWith("/topics/%")) {
                            assertThat(answer.statusCode()).as(path + question).isIn(400, 403, 404, 405);
                        }
                    }
                }
            }
            // One of the two gets at it by the first of these ways.
            HttpRequest own = HttpRequest.newBuilder(deployment()
                            .http()
                            .resolve("/topics/" + NAMES.getFirst() + "/consume" + QUESTIONS.get(2) + "&limit=100"))
                    .header("x-api-key", deployment().key(1))
                    .build();
            assertThat(send(http, own).body()).contains("\"offset\":");
            PrivacyScenarios.end(deployment().client(0), deployment().client(1));
        }
    }

    @Test
    default void nobodyElseSaysAnythingThereNorChangesIt() {
        String secret = "secret." + deployment().topic();
        try (HttpClient http = HttpClient.newHttpClient()) {
            talk(http, secret);

            for (boolean isCy : new boolean[] {true, false}) {
                for (String name : NAMES) {
                    String path = "/topics/" + name + "/produce";
                    assertThat(call(http, isCy, "POST", path).statusCode())
                            .as(path)
                            .isIn(400, 403);
                }
                assertThat(call(http, isCy, "PUT", "/rooms/" + CHAT).statusCode())
                        .isIn(400, 403);
                for (String path : List.of("/admin/keys", "/admin/backup", "/admin/connections/ann")) {
                    assertThat(call(http, isCy, "POST", path).statusCode())
                            .as(path + ", which not every deployment has")
                            .isIn(401, 403, 404);
                }
            }
            PrivacyScenarios.end(deployment().client(0), deployment().client(1));
        }
    }
}
