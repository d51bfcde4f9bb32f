package io.topicstream.tokens.authorizer;

import static io.topicstream.tokens.authorizer.AuthorizerService.NEVER;
import static io.topicstream.tokens.authorizer.AuthorizerService.answer;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.topicstream.access.Authentication;
import io.topicstream.access.Authentication.Known;
import io.topicstream.access.Authentication.Refused;
import io.topicstream.access.Credentials;
import io.topicstream.access.Credentials.Door;
import io.topicstream.access.Credentials.Place;
import io.topicstream.access.Grant;
import io.topicstream.access.Identity;
import io.topicstream.access.Permission;
import io.topicstream.testkit.LogLines;
import io.topicstream.testkit.ManualClock;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.time.Duration;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The service is a real socket, the clock is stepped.
class HttpAuthorizerTest {
    private static final InetAddress HERE = InetAddress.getLoopbackAddress();
    private static final String ANN = "{\"user\":\"ann\"}";

    private final ManualClock clock = new ManualClock();
    private @Nullable AuthorizerService service;
    private @Nullable HttpAuthorizer authorizer;

    private Duration timeout = Duration.ofSeconds(20);
    private Duration cache = Duration.ofSeconds(60);
    private List<String> headers = List.of("authorization");
    private List<String> query = List.of();
    private int calls = 10;
    private boolean grantsAdmin;

    @AfterEach
    void close() {
        if (authorizer != null) {
            authorizer.close();
        }
        if (service != null) {
            service.close();
        }
    }

    private AuthorizerService serve(Function<String, String> answerTo) {
        AuthorizerService made = new AuthorizerService(answerTo);
        service = made;
        authorizer = at(made.url());
        return made;
    }

    private HttpAuthorizer at(String url) {
        return new HttpAuthorizer(
                new AuthorizerSettings(URI.create(url), timeout, cache, headers, query, calls, grantsAdmin), clock);
    }

    private record Asked(
            Door door, @Nullable String stage, Map<String, List<String>> headers, Map<String, List<String>> query)
            implements Credentials.Request {
        @Override
        public List<String> headers(String name) {
            return headers.getOrDefault(name, List.of());
        }

        @Override
        public List<String> query(String name) {
            return query.getOrDefault(name, List.of());
        }
    }

    private static Credentials nobody(Map<String, List<String>> headers, Map<String, List<String>> query) {
        return Credentials.none(HERE, true, new Asked(Door.WEBSOCKET, "/v1", headers, query));
    }

    private static Credentials bearing(String token) {
        return nobody(Map.of("authorization", List.of("Bearer " + token)), Map.of())
                .with(Place.BEARER, token);
    }

    private CompletableFuture<Authentication> begin(Credentials credentials) {
        HttpAuthorizer asked = authorizer;
        assertThat(asked).isNotNull();
        return asked.authenticate(credentials).toCompletableFuture();
    }

    private Authentication ask(String token) {
        return begin(bearing(token)).join();
    }

    private Identity identity(String token) {
        assertThat(ask(token)).isInstanceOf(Known.class);
        return ((Known) ask(token)).identity();
    }

    private static String code(Authentication found) {
        return found instanceof Refused refused ? refused.code().wireName() : found.toString();
    }

    // ---- what is answered

    @Test
    void anAnswerSaysWhoTheCallerIs() {
        serve(_ -> answer(
                200,
                "{\"user\":\"ann\",\"name\":\"Ann B.\",\"more\":[{}],\"ttl_s\":30,\"grants\":[{\"topics\":\"orders*\","
                        + "\"allow\":[\"read\",\"publish\"]}]}"));

        assertThat(ask("right"))
                .isEqualTo(new Known(new Identity(
                        "ann",
                        "Ann B.",
                        Identity.Credential.AUTHORIZER,
                        null,
                        List.of(new Grant("orders*", EnumSet.of(Permission.READ, Permission.PUBLISH))),
                        clock.millis() + 30_000)));
    }

    @Test
    void whoIsNamedAloneMayWhatEveryKeyMayAndHasNoEnd() {
        serve(_ -> answer(200, ANN));

        Identity who = identity("right");

        assertThat(who.grants()).isEqualTo(Grant.DEFAULT);
        assertThat(who.name()).isNull();
        assertThat(who.expiresAtMs()).isEqualTo(Identity.NEVER);
    }

    @Test
    void anEmptyListOfGrantsPermitsNothing() {
        serve(_ -> answer(200, "{\"user\":\"ann\",\"grants\":[]}"));

        assertThat(identity("right").grants()).isEmpty();
    }

    @Test
    void adminAndMetricsAreLeftOutUnlessTheSettingPermitsIt() {
        String all = "{\"user\":\"ann\",\"grants\":[{\"topics\":\"*\",\"allow\":[\"admin\",\"read\"]},"
                + "{\"topics\":\"a\",\"allow\":[\"admin\"]},{\"topics\":\"*\",\"allow\":[\"metrics\"]}]}";
        AuthorizerService asked = serve(_ -> answer(200, all));

        assertThat(identity("right").grants()).containsExactly(new Grant("*", EnumSet.of(Permission.READ)));

        grantsAdmin = true;
        try (HttpAuthorizer permitted = at(asked.url())) {
            Known found = (Known) permitted
                    .authenticate(bearing("right"))
                    .toCompletableFuture()
                    .join();
            assertThat(found.identity().mayEverywhere(Permission.ADMIN)).isTrue();
            assertThat(found.identity().mayEverywhere(Permission.METRICS)).isTrue();
            assertThat(found.identity().grants()).hasSize(3);
        }
    }

    @Test
    void fourOhOneAndFourOhThreeAreItsRefusals() {
        serve(body -> body.contains("unknown")
                ? "HTTP/1.1 401 No\r\nWWW-Authenticate: Basic realm=\"x\"\r\nContent-Length: 0\r\n\r\n"
                : answer(body.contains("nameless") ? 401 : 403, ""));

        assertThat(code(ask("unknown"))).isEqualTo("unauthenticated");
        assertThat(code(ask("nameless"))).isEqualTo("unauthenticated");
        assertThat(code(ask("known"))).isEqualTo("forbidden");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "null",
                "[]",
                "\"ann\"",
                "{\"user\":\"ann\"",
                "{\"user\":\"ann\"} more",
                "{}",
                "{\"user\":null}",
                "{\"user\":7}",
                "{\"user\":\"\"}",
                "{\"user\":\"guest.ann\"}",
                "{\"user\":\"a b\"}",
                "{\"user\":\"ann\",\"user\":\"bob\"}",
                "{\"user\":\"ann\",\"name\":\"\\u200b\"}",
                "{\"user\":\"ann\",\"name\":7}",
                "{\"user\":\"ann\",\"ttl_s\":-1}",
                "{\"user\":\"ann\",\"ttl_s\":1.5}",
                "{\"user\":\"ann\",\"ttl_s\":\"9\"}",
                "{\"user\":\"ann\",\"grants\":{}}",
                "{\"user\":\"ann\",\"grants\":[7]}",
                "{\"user\":\"ann\",\"grants\":[{\"topics\":\"a\",\"allow\":[]}]}",
                "{\"user\":\"ann\",\"grants\":[{\"topics\":\"a\",\"allow\":[\"fly\"]}]}",
                "{\"user\":\"ann\",\"grants\":[{\"topic\":\"a\",\"allow\":[\"read\"]}]}",
                "{\"user\":\"ann\",\"grants\":[{\"topics\":\"a*b\",\"allow\":[\"read\"]}]}"
            })
    void whatCannotBeUnderstoodLetsNobodyIn(String body) {
        serve(_ -> answer(200, body));

        assertThat(code(ask("right"))).isEqualTo("unavailable");
        assertThat(authorizer.cached()).isZero();
    }

    @ParameterizedTest
    @ValueSource(ints = {201, 202, 204, 304, 400, 404, 407, 418, 429, 500, 502, 503})
    void everyOtherStatusMeansThatItIsNotKnown(int status) {
        serve(_ -> status == 204 || status == 304 ? "HTTP/1.1 " + status + " Said\r\n\r\n" : answer(status, ANN));

        assertThat(code(ask("right"))).isEqualTo("unavailable");
    }

    @ParameterizedTest
    @ValueSource(ints = {301, 302, 303, 307, 308})
    void redirectsAreNotFollowed(int status) {
        try (AuthorizerService other = new AuthorizerService(_ -> answer(200, ANN))) {
            serve(_ -> "HTTP/1.1 " + status + " There\r\nLocation: " + other.url() + "\r\nContent-Length: 0\r\n\r\n");

            assertThat(code(ask("right"))).isEqualTo("unavailable");
            assertThat(other.questions()).isEmpty();
        }
    }

    @Test
    void anAnswerMayBeSoLargeAndNoLarger() {
        String begin = "{\"user\":\"ann\",\"more\":\"";
        int room = HttpAuthorizer.MAX_ANSWER_BYTES - begin.length() - 2;
        serve(body -> answer(200, begin + "x".repeat(body.contains("large") ? room : room + 1) + "\"}"));

        assertThat(ask("large")).isInstanceOf(Known.class);
        try (LogLines log = new LogLines()) {
            assertThat(code(ask("one-more"))).isEqualTo("unavailable");
            assertThat(log.with("its answer is too large")).hasSize(1);
        }
    }

    @Test
    void soManyGrantsAreTakenAndNoMore() {
        String grant = "{\"topics\":\"a\",\"allow\":[\"read\"]}";
        serve(body -> answer(
                200,
                "{\"user\":\"ann\",\"grants\":["
                        + String.join(",", Collections.nCopies(body.contains("many") ? 100 : 101, grant))
                        + "]}"));

        assertThat(identity("many").grants()).hasSize(HttpAuthorizerAnswers.MAX_GRANTS);
        assertThat(code(ask("more"))).isEqualTo("unavailable");
    }

    // ---- what goes wrong

    @Test
    void aServiceThatDoesNotAnswerInTimeIsNotWaitedFor() {
        timeout = Duration.ofMillis(200);
        serve(_ -> NEVER);

        try (LogLines log = new LogLines()) {
            assertThat(code(ask("right"))).isEqualTo("unavailable");
            assertThat(log.with("it did not answer in time")).hasSize(1);
        }
        await().until(() -> authorizer.underWay() == 0);
    }

    @Test
    void aServiceThatIsNotThereIsNoAnswer() throws IOException {
        int port;
        try (ServerSocket taken = new ServerSocket(0, 1, HERE)) {
            port = taken.getLocalPort();
        }
        authorizer = at("http://127.0.0.1:" + port + "/");

        assertThat(code(ask("right"))).isEqualTo("unavailable");
    }

    @Test
    void whatItDoesToOneHarmsNoOther() {
        timeout = Duration.ofSeconds(1);
        serve(body -> {
            if (body.contains("slow")) {
                return NEVER;
            } else if (body.contains("huge")) {
                return "HTTP/1.1 200 OK\r\n\r\n" + "x".repeat(4 << 20);
            } else if (body.contains("half")) {
                return "HTTP/1.1 200 OK\r\nContent-Length: 90\r\n\r\n{\"user\":";
            } else if (body.contains("noise")) {
                return "\u0000\u0001 this is no HTTP\r\n\r\n";
            } else if (body.contains("forged")) {
                return "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nContent-Length: 14\r\n\r\n" + ANN;
            }
            return answer(200, ANN);
        });
        List<CompletableFuture<Authentication>> harmed = List.of("slow", "huge", "half", "noise", "forged").stream()
                .map(token -> begin(bearing(token)))
                .toList();

        assertThat(ask("well")).isInstanceOf(Known.class);
        harmed.forEach(answer -> assertThat(code(answer.join())).isEqualTo("unavailable"));
        assertThat(authorizer.underWay()).isZero();
        assertThat(authorizer.cached()).isEqualTo(1);
    }

    // ---- what is asked

    @Test
    void itIsToldWhatWasPresentedAndNothingElse() {
        headers = List.of("authorization", "x-tenant");
        query = List.of("ticket");
        AuthorizerService asked = serve(_ -> answer(200, ANN));
        Credentials credentials = nobody(
                        Map.of(
                                "authorization", List.of("Bearer to\u0001ken\"\n"),
                                "x-tenant", List.of("a", "ü"),
                                "x-secret", List.of("no"),
                                "cookie", List.of("no")),
                        Map.of("ticket", List.of("7"), "room", List.of("no")))
                .with(Place.BEARER, "to\u0001ken\"\n");

        assertThat(begin(credentials).join()).isInstanceOf(Known.class);

        assertThat(asked.questions())
                .containsExactly("{\"connection\":{\"address\":\"" + HERE.getHostAddress()
                        + "\",\"door\":\"websocket\"},\"stage\":\"/v1\",\"token\":\"to\\u0001ken\\\"\\n\",\"headers\":"
                        + "{\"authorization\":[\"Bearer to\\u0001ken\\\"\\n\"],\"x-tenant\":[\"a\",\"ü\"]},\"query\":"
                        + "{\"ticket\":[\"7\"]}}");
        assertThat(asked.heads().getFirst())
                .startsWith("POST /who?by=name HTTP/1.1\r\n")
                .containsIgnoringCase("content-type: application/json\r\n")
                .doesNotContain("token");
    }

    @Test
    void overHttpThereIsNoStage() {
        AuthorizerService asked = serve(_ -> answer(200, ANN));

        begin(Credentials.none(HERE, true, new Asked(Door.HTTP, null, Map.of(), Map.of()))
                        .with(Place.API_KEY_HEADER, "mine"))
                .join();

        assertThat(asked.questions().getFirst())
                .endsWith("\"door\":\"http\"},\"token\":\"mine\",\"headers\":{},\"query\":{}}");
    }

    @Test
    void aFrameShowsItsTokenAlone() {
        AuthorizerService asked = serve(_ -> answer(200, ANN));

        begin(Credentials.ofFrame(HERE, "/live", "fresh")).join();

        assertThat(asked.questions().getFirst())
                .endsWith(
                        "\"door\":\"websocket\"},\"stage\":\"/live\",\"token\":\"fresh\",\"headers\":{},\"query\":{}}");
    }

    @Test
    void whoShowsNothingOfItsKindIsNotAskedAbout() {
        query = List.of("ticket");
        AuthorizerService asked = serve(_ -> answer(200, ANN));

        assertThat(begin(nobody(Map.of("x-other", List.of("a")), Map.of("room", List.of("b"))))
                        .join())
                .isEqualTo(Authentication.NOT_MINE);
        assertThat(ask("ts_of_this_server")).isEqualTo(Authentication.NOT_MINE);
        assertThat(ask("x".repeat(HttpAuthorizer.MAX_QUESTION_BYTES))).isEqualTo(Authentication.NOT_MINE);
        assertThat(asked.questions()).isEmpty();

        assertThat(begin(nobody(Map.of("authorization", List.of("Basic YTpi")), Map.of()))
                        .join())
                .isInstanceOf(Known.class);
        assertThat(begin(nobody(Map.of(), Map.of("ticket", List.of("7")))).join())
                .isInstanceOf(Known.class);
        assertThat(asked.questions()).hasSize(2);
    }

    // ---- what is kept

    @Test
    void anAnswerIsKeptForAsLongAsItSays() {
        AuthorizerService asked = serve(_ -> answer(200, "{\"user\":\"ann\",\"ttl_s\":30}"));
        Authentication first = ask("right");

        clock.advance(Duration.ofMillis(29_999));
        assertThat(ask("right")).isEqualTo(first);
        assertThat(asked.questions()).hasSize(1);

        clock.advance(Duration.ofMillis(1));
        assertThat(ask("right")).isNotEqualTo(first);
        assertThat(asked.questions()).hasSize(2);
    }

    @ParameterizedTest
    @ValueSource(strings = {"{\"user\":\"ann\"}", "{\"user\":\"ann\",\"ttl_s\":9223372036854775807}"})
    void noLongerThanTheSettingAllows(String body) {
        AuthorizerService asked = serve(_ -> answer(200, body));

        assertThat(identity("right").isExpired(clock.millis())).isFalse();
        clock.advance(Duration.ofMillis(59_999));
        ask("right");
        assertThat(asked.questions()).hasSize(1);

        clock.advance(Duration.ofMillis(1));
        ask("right");
        assertThat(asked.questions()).hasSize(2);
    }

    @Test
    void aTimeOfZeroIsNotKeptAndHasNoEnd() {
        AuthorizerService asked = serve(_ -> answer(200, "{\"user\":\"ann\",\"ttl_s\":0}"));

        assertThat(identity("right").expiresAtMs()).isEqualTo(Identity.NEVER);
        assertThat(asked.questions()).hasSize(2);
        assertThat(authorizer.cached()).isZero();
    }

    @Test
    void aSettingOfZeroKeepsNothing() {
        cache = Duration.ZERO;
        AuthorizerService asked = serve(_ -> answer(200, "{\"user\":\"ann\",\"ttl_s\":30}"));

        assertThat(identity("right").expiresAtMs()).isEqualTo(clock.millis() + 30_000);
        assertThat(asked.questions()).hasSize(2);
    }

    @Test
    void aClockThatWasSetBackEndsWhatIsKept() {
        AuthorizerService asked = serve(_ -> answer(200, ANN));
        ask("right");

        clock.advance(Duration.ofMillis(-1));
        ask("right");

        assertThat(asked.questions()).hasSize(2);
    }

    @Test
    void refusalsAreNotKept() {
        AuthorizerService asked = serve(_ -> answer(401, ""));

        ask("wrong");
        ask("wrong");

        assertThat(asked.questions()).hasSize(2);
    }

    @Test
    void allThatItIsToldButTheAddressIsTheKey() throws IOException {
        AuthorizerService asked = serve(_ -> answer(200, ANN));
        Map<String, List<String>> fields = Map.of("authorization", List.of("Bearer a"));

        for (Credentials.Request request : List.of(
                new Asked(Door.WEBSOCKET, "/v1", fields, Map.of()),
                new Asked(Door.WEBSOCKET, "/live", fields, Map.of()),
                new Asked(Door.HTTP, null, fields, Map.of()),
                new Asked(Door.HTTP, null, Map.of(), Map.of()))) {
            for (byte[] address : new byte[][] {{10, 0, 0, 1}, {10, 0, 0, 2}}) {
                begin(Credentials.none(InetAddress.getByAddress(address), false, request)
                                .with(Place.BEARER, "a"))
                        .join();
            }
        }

        assertThat(asked.questions()).hasSize(4).allMatch(question -> question.contains("10.0.0.1"));
    }

    // ---- how many at once

    @Test
    void equalQuestionsAtTheSameTimeAreAskedOnce() {
        CountDownLatch later = new CountDownLatch(1);
        AuthorizerService asked = serve(_ -> {
            awaitLatch(later);
            return answer(200, "{\"user\":\"ann\",\"ttl_s\":0}");
        });
        List<CompletableFuture<Authentication>> all =
                IntStream.range(0, 50).mapToObj(_ -> begin(bearing("right"))).toList();
        await().until(() -> asked.questions().size() == 1);

        later.countDown();

        all.forEach(one -> assertThat(one.join()).isInstanceOf(Known.class));
        assertThat(asked.questions()).hasSize(1);
        assertThat(authorizer.underWay()).isZero();
    }

    @Test
    void whoComesFromAnotherAddressMeanwhileIsAskedAboutOnItsOwn() {
        CountDownLatch later = new CountDownLatch(1);
        AuthorizerService asked = serve(body -> {
            awaitLatch(later);
            return body.contains("192.0.2.7") ? answer(200, "{\"user\":\"ann\",\"ttl_s\":0}") : answer(403, "");
        });
        CompletableFuture<Authentication> owner = begin(from("192.0.2.7"));
        CompletableFuture<Authentication> thief = begin(from("203.0.113.9"));
        await().until(() -> asked.questions().size() == 2);

        later.countDown();

        assertThat(owner.join()).isInstanceOf(Known.class);
        assertThat(code(thief.join())).isEqualTo("forbidden");
    }

    private static Credentials from(String address) {
        return Credentials.none(InetAddress.ofLiteral(address), false, new Asked(Door.HTTP, null, Map.of(), Map.of()))
                .with(Place.BEARER, "right");
    }

    @Test
    void pastTheLimitOfCallsNobodyWaits() {
        calls = 2;
        CountDownLatch later = new CountDownLatch(1);
        AuthorizerService asked = serve(_ -> {
            awaitLatch(later);
            return answer(200, ANN);
        });
        CompletableFuture<Authentication> first = begin(bearing("a"));
        CompletableFuture<Authentication> second = begin(bearing("b"));
        CompletableFuture<Authentication> tooMany = begin(bearing("c"));

        assertThat(code(tooMany.join())).isEqualTo("unavailable");
        assertThat(first).isNotDone();
        later.countDown();
        assertThat(first.join()).isInstanceOf(Known.class);
        assertThat(second.join()).isInstanceOf(Known.class);
        assertThat(ask("c")).isInstanceOf(Known.class);
        assertThat(asked.questions()).hasSize(3);
    }

    private static void awaitLatch(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
