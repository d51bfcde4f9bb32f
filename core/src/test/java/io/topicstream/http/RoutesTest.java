package io.topicstream.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.topicstream.access.Authentication;
import io.topicstream.access.Grant;
import io.topicstream.access.Identity;
import io.topicstream.command.CommandLimits;
import io.topicstream.command.Commands;
import io.topicstream.command.Quota;
import io.topicstream.log.Append;
import io.topicstream.log.AppendResult;
import io.topicstream.log.Deadlines;
import io.topicstream.log.Details;
import io.topicstream.log.Draft;
import io.topicstream.log.Headers;
import io.topicstream.log.InMemoryLog;
import io.topicstream.log.Lane;
import io.topicstream.log.TopicName;
import io.topicstream.people.FriendlyNames;
import io.topicstream.people.Memberships;
import io.topicstream.policy.TopicPolicies;
import io.topicstream.protocol.ErrorCode;
import io.topicstream.state.InMemoryStateStore;
import io.topicstream.testkit.ManualClock;
import io.topicstream.testkit.RecordedExchange;
import io.topicstream.testkit.RecordedPresence;
import io.topicstream.testkit.SteppedExecutor;
import io.topicstream.testkit.TestPeople;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// The HTTP API without a network: the table, its rules, and the routes of topics, over the log in memory.
class RoutesTest {
    private final ManualClock clock = new ManualClock();
    private final SteppedExecutor executor = new SteppedExecutor(clock);
    private final InMemoryLog log = new InMemoryLog(clock, executor, 7);
    private final List<ErrorCode> errors = new ArrayList<>();
    private final List<RuntimeException> faults = new ArrayList<>();
    private final HttpLane lane = new HttpLane(
            handOver -> executor.execute(handOver::run),
            new Deadlines(executor, executor),
            log,
            Quota.UNLIMITED,
            clock,
            errors::add,
            (what, fault) -> faults.add(fault));
    /// Whom the gate lets in, and to what it was asked.
    private final List<Access> asked = new ArrayList<>();

    private final List<String> claimed = new ArrayList<>();
    private @Nullable String user;
    private List<Grant> grants = Grant.DEFAULT;
    private final InMemoryStateStore state = new InMemoryStateStore(clock, executor);
    private final Commands commands = new Commands(
            log,
            log,
            TestPeople.of(
                    state, log, log, new Memberships(state, log, log, clock, 1, 1), new RecordedPresence(), clock),
            _ -> CompletableFuture.completedFuture(Authentication.NOT_MINE),
            TopicPolicies.DEFAULT,
            CommandLimits.DEFAULT);
    private final Routes routes = new Routes(
            List.of(
                    new TopicRoutes(log.durability(), commands).routes(),
                    new RoomRoutes(commands).routes(),
                    new ChatRoutes(commands).routes(),
                    new HealthRoutes(new Readiness(List.of())).routes(),
                    new OpenApiRoute().routes(),
                    List.of(
                            new Route("POST", "/topics/{topic}/groups/{group}/claim", Access.CALLER, this::claim),
                            new Route("GET", "/topics/{topic}/groups/all/claim", Access.OPEN, this::claim),
                            new Route("DELETE", "/admin/things/{name}", Access.ADMIN, this::claim),
                            new Route("GET", "/files/{path}", Access.OPEN, this::file)
                                    .folder()
                                    .with(Map.of("Own", "field")))),
            (access, exchange, then) -> {
                asked.add(access);
                if (access == Access.ADMIN) {
                    exchange.refusePrivately(ErrorCode.FORBIDDEN, "not you");
                } else {
                    String known = user;
                    exchange.callAs(
                            known == null
                                    ? Identity.anonymous(null, null, grants)
                                    : new Identity(
                                            known, null, Identity.Credential.API_KEY, null, grants, Identity.NEVER));
                    then.handle(exchange);
                }
            },
            segments -> segments.equals(List.of("live")));

    private void claim(Exchange exchange) {
        claimed.add(exchange.parameter("topic") + " for " + exchange.parameter("group"));
        exchange.lane().answer().begin().send(exchange, 200);
    }

    private void file(Exchange exchange) {
        claimed.add(exchange.segments() + ", first " + exchange.parameter("path"));
        exchange.lane().answer().begin().send(exchange, 200);
    }

    @AfterEach
    void nothingWentWrongOnOurSide() {
        assertThat(faults).isEmpty();
        log.close();
    }

    private RecordedExchange ask(String method, String target) {
        return run(new RecordedExchange(lane, method, target));
    }

    private RecordedExchange run(RecordedExchange exchange) {
        routes.handle(exchange);
        executor.runAll();
        return exchange;
    }

    private RecordedExchange produce(String topic, String json) {
        return run(new RecordedExchange(lane, "POST", "/topics/" + topic + "/produce").withJson(json));
    }

    @Test
    void whatIsProducedIsConsumed() {
        RecordedExchange first = produce("news", "{\"payload\":{\"n\": 1}}");
        RecordedExchange second = produce("news", "{\"payload\":\"two\"}");

        RecordedExchange page = ask("GET", "/topics/news/consume?offset=1&limit=5");

        assertThat(first.status()).isEqualTo(200);
        assertThat(first.answer()).isEqualTo("{\"topic\":\"news\",\"offset\":1}");
        assertThat(first.field("Topic-Durability")).isEqualTo("memory");
        assertThat(second.answer()).isEqualTo("{\"topic\":\"news\",\"offset\":2}");
        assertThat(second.field("Topic-Next-Offset")).isEqualTo("3");
        assertThat(second.field("Topic-Epoch")).isEqualTo("7");
        assertThat(page.status()).isEqualTo(200);
        assertThat(page.answer())
                .isEqualTo("{\"messages\":[{\"offset\":1,\"payload\":{\"n\": 1},\"timestamp\":" + clock.millis()
                        + "},{\"offset\":2,\"payload\":\"two\",\"timestamp\":" + clock.millis()
                        + "}],\"next_offset\":3}");
        assertThat(page.field("Access-Control-Allow-Origin")).isEqualTo("*");
    }

    @Test
    void aFolderHasAllPathsBelowIt() {
        for (String path : List.of("/files/a", "/files/a/", "/files/a/b", "/v1/files/a/b/c/d/e/f/g/h/i")) {
            assertThat(ask("GET", path).status()).as(path).isEqualTo(200);
        }
        assertThat(claimed)
                .containsExactly(
                        "[files, a], first a",
                        "[files, a, ], first a",
                        "[files, a, b], first a",
                        "[v1, files, a, b, c, d, e, f, g, h, i], first a");
        assertThat(ask("GET", "/files").status()).isEqualTo(404);
        assertThat(ask("GET", "/fil/a/b/c/d/e/f/g/h").status()).isEqualTo(404);

        RecordedExchange posted = ask("POST", "/files/a/b/c/d/e/f/g/h");
        assertThat(posted.status()).isEqualTo(405);
        assertThat(posted.field("Allow")).isEqualTo("GET, HEAD, OPTIONS");
        assertThat(posted.field("Own")).isEqualTo("field");
        assertThat(posted.field("X-Content-Type-Options")).isEqualTo("nosniff");
        assertThat(routes.isPath(List.of("files", "a", "b"))).isTrue();
        assertThat(routes.isPath(List.of("files"))).isFalse();
    }

    @Test
    void aTopicIsConsumedByTime() {
        long start = clock.millis();
        for (int i = 1; i <= 5; i++) {
            clock.advance(Duration.ofSeconds(1));
            produce("news", "{\"payload\":" + i + "}");
        }

        assertThat(payloads("?from=" + (start + 3_000))).isEqualTo("3 4 5, next 6");
        assertThat(payloads("?from=" + (start + 2_001) + "&limit=2")).isEqualTo("3 4, next 5");
        assertThat(payloads("?until=" + (start + 3_000))).isEqualTo("1 2, next 3");
        assertThat(payloads("?from=" + (start + 2_000) + "&until=" + (start + 4_000)))
                .isEqualTo("2 3, next 4");
        assertThat(payloads("?offset=4&until=" + (start + 4_000))).isEqualTo(", next 4");
        assertThat(payloads("?offset=4&from=" + (start + 2_000))).isEqualTo("4 5, next 6");
        assertThat(payloads("?from=" + (start + 9_000))).isEqualTo(", next 6");
        assertThat(payloads("?from=0&limit=1")).isEqualTo("1, next 2");
        for (String bad : List.of("from=x", "until=", "from=-1", "until=1.5")) {
            RecordedExchange refused = ask("GET", "/topics/news/consume?" + bad);
            assertThat(refused.status()).as(bad).isEqualTo(400);
            assertThat(refused.answer()).contains("\"code\":\"bad_frame\"");
        }
    }

    private String payloads(String query) {
        String answer = ask("GET", "/topics/news/consume" + query).answer();
        return Pattern.compile("\"payload\":(\\d+)")
                        .matcher(answer)
                        .results()
                        .map(found -> found.group(1))
                        .collect(Collectors.joining(" "))
                + ", next " + answer.replaceAll(".*\"next_offset\":(\\d+)}", "$1");
    }

    @Test
    void theNewestMessagesOfTheLobbyAreToldAsTheChatPageKnowsThem() {
        assertThat(ask("GET", "/chat/last-messages").answer()).isEqualTo("{\"messages\":[]}");
        produce("room:lobby", "{\"payload\":{\"text\":\"Hi \\\"you\\\" ü\"}}");
        append("room:lobby", "{\"text\":\"Hello\"}", "guest.ada", "Ada", "c-1");
        append("room:lobby", "{\"other\":1}", "guest.ada", null, "c-1");
        append("room:lobby", "{\"text\":7}", null, null, "Rz4BqPcX2mLkWv9Tn42=");

        RecordedExchange found = ask("GET", "/chat/last-messages");

        String time = Instant.ofEpochMilli(clock.millis()).toString().replaceAll("(:\\d\\d)Z", "$1.000Z");
        assertThat(found.status()).isEqualTo(200);
        assertThat(found.contentType()).isEqualTo("application/json");
        assertThat(found.field("Access-Control-Allow-Origin")).isEqualTo("*");
        assertThat(found.answer().replaceAll("\"id\":\"[0-9A-Za-z]{27}\"", "ID"))
                .isEqualTo("{\"messages\":["
                        + "{ID,\"sender\":\"" + FriendlyNames.of("Rz4BqPcX2mLkWv9Tn42=")
                        + "\",\"connectionId\":\"Rz4BqPcX2mLkWv9Tn42=\",\"content\":\"{\\\"text\\\":7}\","
                        + "\"createdAt\":\"" + time + "\"},"
                        + "{ID,\"sender\":\"guest.ada\",\"connectionId\":\"c-1\",\"content\":\"{\\\"other\\\":1}\","
                        + "\"createdAt\":\"" + time + "\"},"
                        + "{ID,\"sender\":\"Ada\",\"connectionId\":\"c-1\",\"content\":\"Hello\","
                        + "\"createdAt\":\"" + time + "\"},"
                        + "{ID,\"sender\":\"Guest\",\"connectionId\":\"\",\"content\":\"Hi \\\"you\\\" ü\","
                        + "\"createdAt\":\"" + time + "\"}]}");
        assertThat(ask("GET", "/v1/chat/last-messages").answer()).isEqualTo(found.answer());
    }

    @Test
    void atMostTwentyAreTold() {
        for (int i = 1; i <= 23; i++) {
            produce("room:lobby", "{\"payload\":{\"text\":\"t" + i + ".\"}}");
        }

        String answer = ask("GET", "/chat/last-messages").answer();

        assertThat(answer.split("createdAt", -1)).hasSize(21);
        assertThat(answer).containsSubsequence("t23.", "t22.", "t5.", "t4.").doesNotContain("t3.\"");
    }

    @Test
    void whatTheChatPageIsRefusedIsToldInItsOwnWords() {
        grants = List.of();
        RecordedExchange forbidden = ask("GET", "/chat/last-messages");
        grants = Grant.DEFAULT;
        RecordedExchange late = new RecordedExchange(lane, "GET", "/chat/last-messages");
        log.close();
        routes.handle(late);
        executor.advance(Duration.ofMillis(Deadlines.MAX_MS));

        assertThat(forbidden.status()).isEqualTo(400);
        assertThat(forbidden.answer()).isEqualTo("{\"message\":\"Error fetching messages\"}");
        assertThat(forbidden.field("Topic-Error")).isEqualTo("forbidden");
        assertThat(late.status()).isEqualTo(500);
        assertThat(late.answer()).isEqualTo("{\"message\":\"Internal server error.\"}");
        assertThat(late.field("Access-Control-Allow-Origin")).isEqualTo("*");
    }

    @Test
    void roomsAreMadeShownAndListed() {
        user = "ann";
        RecordedExchange made = run(new RecordedExchange(lane, "PUT", "/rooms/tea").withJson("{\"title\":\"Tea\"}"));
        run(new RecordedExchange(lane, "PUT", "/rooms/room:coffee").withJson("{}"));
        user = "bob";

        assertThat(made.status()).isEqualTo(200);
        assertThat(made.answer())
                .isEqualTo("{\"topic\":\"room:tea\",\"title\":\"Tea\",\"owner\":\"ann\",\"created\":" + clock.millis()
                        + "}");
        assertThat(ask("GET", "/rooms/tea").answer())
                .isEqualTo("{\"topic\":\"room:tea\",\"title\":\"Tea\",\"owner\":\"ann\",\"created\":" + clock.millis()
                        + ",\"members\":0}");
        assertThat(ask("GET", "/rooms").answer())
                .isEqualTo("{\"rooms\":[{\"topic\":\"room:coffee\",\"title\":null,\"owner\":\"ann\",\"created\":"
                        + clock.millis()
                        + ",\"members\":0},{\"topic\":\"room:tea\",\"title\":\"Tea\",\"owner\":\"ann\","
                        + "\"created\":" + clock.millis() + ",\"members\":0}]}");
        assertThat(ask("GET", "/rooms?limit=1").answer()).endsWith("],\"next\":\"room:coffee\"}");
        assertThat(ask("GET", "/rooms?limit=1&start_after=room:coffee").answer())
                .contains("room:tea")
                .doesNotContain("coffee");
        assertThat(ask("GET", "/rooms?owner=bob").answer()).isEqualTo("{\"rooms\":[]}");
        assertThat(ask("GET", "/rooms?owner=ann&prefix=room:t").answer()).contains("room:tea");
        assertThat(run(new RecordedExchange(lane, "PUT", "/rooms/tea").withJson("{\"title\":\"Mine\"}"))
                        .status())
                .isEqualTo(403);
        user = null;
        assertThat(run(new RecordedExchange(lane, "PUT", "/rooms/new").withJson("{}"))
                        .status())
                .isEqualTo(403);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            GET | /rooms/nowhere                 | ``                | 404 | not_found
            GET | /rooms/a%20b                   | ``                | 400 | bad_topic
            GET | /rooms/room:                   | ``                | 400 | bad_topic
            GET | /rooms?limit=0                 | ``                | 400 | bad_frame
            GET | /rooms?limit=1001              | ``                | 400 | bad_frame
            GET | /rooms?prefix=ä                | ``                | 400 | bad_topic
            GET | /rooms?owner=a:b               | ``                | 400 | bad_frame
            PUT | /rooms/tea                     | {"title":7}       | 400 | bad_frame
            PUT | /rooms/tea                     | {"titel":"Tea"}   | 400 | bad_frame
            PUT | /rooms/tea                     | []                | 400 | bad_frame
            PUT | /rooms/tea                     | ``                | 400 | bad_frame
            PUT | /rooms/tea                     | {"title":"a\\nb"} | 400 | bad_frame
            """)
    void roomsThatCannotBeAreRefused(String method, String target, String body, int status, String code) {
        user = "ann";
        RecordedExchange exchange = run(new RecordedExchange(lane, method, target).withJson(body));

        assertThat(exchange.status()).isEqualTo(status);
        assertThat(exchange.field("Topic-Error")).isEqualTo(code);
    }

    private void append(String topic, String json, @Nullable String from, @Nullable String name, String origin) {
        Details details = Details.NONE.withOrigin(origin);
        if (name != null) {
            details = details.withHeaders(Headers.NONE.with(Headers.NAME, name));
        }
        Draft draft = new Draft(json.getBytes(StandardCharsets.UTF_8), null, details);
        log.append(new Append(new TopicName(topic), List.of(draft), from, "", Append.ANY_OFFSET, Lane.DIRECT) {
            @Override
            public void onAnswered(AppendResult result) {}
        });
        executor.runAll();
    }

    @Test
    void topicsAreListed() {
        produce("a", "{\"payload\":1}");
        produce("b", "{\"payload\":1}");

        assertThat(ask("GET", "/v1/topics/?prefix=b").answer())
                .isEqualTo("{\"topics\":[{\"topic\":\"b\",\"epoch\":7,\"first_offset\":1,\"next_offset\":2}]}");
    }

    @Test
    void whatABodyLacksIsSaidInTheOlderContractsWords() {
        RecordedExchange none = produce("news", "{}");
        RecordedExchange broken = produce("news", "");
        RecordedExchange form =
                new RecordedExchange(lane, "POST", "/topics/news/produce").with("Content-Type", "text/plain");

        assertThat(none.status()).isEqualTo(400);
        assertThat(none.answer()).isEqualTo("{\"error\":\"invalid json: missing field `payload`\"}");
        assertThat(broken.answer()).isEqualTo("{\"error\":\"missing request body\"}");
        assertThat(run(form).answer()).isEqualTo("{\"error\":\"missing request body\"}");
        assertThat(errors).containsExactly(ErrorCode.BAD_FRAME, ErrorCode.BAD_FRAME, ErrorCode.BAD_FRAME);
    }

    @Test
    void aRouteMayHaveSeveralParameters() {
        RecordedExchange claim = ask("POST", "/topics/orders/groups/billing/claim");
        RecordedExchange versioned = ask("POST", "/v1/topics/orders/groups/mail/claim/");

        assertThat(claim.status()).isEqualTo(200);
        assertThat(versioned.status()).isEqualTo(200);
        assertThat(claimed).containsExactly("orders for billing", "orders for mail");
        assertThat(ask("POST", "/topics/orders/groups/billing/other").status()).isEqualTo(404);
        assertThat(ask("POST", "/topics/orders/groups/claim").status()).isEqualTo(404);
    }

    @Test
    void aParameterThatARouteHasNotIsAFaultOfOurs() {
        RecordedExchange exchange = new RecordedExchange(lane, "GET", "/topics/orders/groups/all/claim");

        assertThatIllegalArgumentException()
                .isThrownBy(() -> routes.handle(exchange))
                .withMessage("/topics/{topic}/groups/all/claim has no parameter group");
    }

    @Test
    void twoRowsOfOneMethodAndPathAreRefused() {
        Route one = new Route("GET", "/a/{b}", Access.OPEN, exchange -> {});
        Route same = new Route("GET", "/a/{c}", Access.OPEN, exchange -> {});
        Route other = new Route("PUT", "/a/{b}", Access.OPEN, exchange -> {});

        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Routes(List.of(List.of(one), List.of(same)), asked(), path -> false))
                .withMessage("two routes are one: GET /a/{b} and GET /a/{c}");
        assertThat(new Routes(List.of(List.of(one, other)), asked(), path -> false).listed())
                .containsExactly("GET /a/{b}", "PUT /a/{b}");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Route("GET", "/{a}/{a}", Access.OPEN, exchange -> {}));
    }

    private Gate asked() {
        return (access, exchange, then) -> asked.add(access);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', nullValues = "-", textBlock = """
            GET     | /nowhere                       | 404 | -
            GET     | /topics/a/b/c/d/e/f/g          | 404 | -
            DELETE  | /topics                        | 404 | -
            PUT     | /v1/topics/news/produce        | 404 | -
            POST    | /health                        | 405 | GET, HEAD, OPTIONS
            POST    | /v2/openapi.yaml/              | 405 | GET, HEAD, OPTIONS
            GET     | /topics/t/groups/g/claim       | 405 | POST, OPTIONS
            POST    | /admin/things/one              | 405 | DELETE
            OPTIONS | /admin/things/one              | 405 | DELETE
            OPTIONS | /topics/news/produce           | 204 | -
            OPTIONS | /nowhere                       | 404 | -
            OPTIONS | /                              | 204 | GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS
            GET     | /live                          | 426 | -
            HEAD    | /live                          | 426 | -
            POST    | /live                          | 405 | GET, HEAD
            HEAD    | /health/ready                  | 200 | -
            """)
    void whatNoRowAnswersIsAnsweredByTheTablesRules(String method, String path, int status, String allow) {
        RecordedExchange exchange = ask(method, path);

        assertThat(exchange.status()).isEqualTo(status);
        assertThat(exchange.field("Allow")).isEqualTo(allow);
    }

    @Test
    void aWrongMethodIsToldWithTheRightOnes() {
        RecordedExchange exchange = ask("DELETE", "/health");

        assertThat(exchange.answer())
                .isEqualTo("{\"error\":\"this path takes GET, HEAD, OPTIONS\",\"code\":\"unknown_action\"}");
        assertThat(exchange.field("Topic-Error")).isEqualTo("unknown_action");
        assertThat(exchange.contentType()).isEqualTo("application/json");
        assertThat(errors).containsExactly(ErrorCode.UNKNOWN_ACTION);
    }

    @Test
    void theGateIsAskedForAllButOpenRoutes() {
        ask("GET", "/health");
        ask("GET", "/topics");
        RecordedExchange refused = ask("DELETE", "/admin/things/one");

        assertThat(asked).containsExactly(Access.CALLER, Access.ADMIN);
        assertThat(refused.status()).isEqualTo(403);
        assertThat(refused.field("Access-Control-Allow-Origin")).isNull();
        assertThat(claimed).isEmpty();
    }

    @Test
    void aBodyIsTakenOnlyForWhoMayCall() {
        RecordedExchange message = new RecordedExchange(lane, "POST", "/topics/news/produce");
        RecordedExchange little = new RecordedExchange(lane, "POST", "/topics/t/groups/g/claim");
        RecordedExchange foreign = new RecordedExchange(lane, "DELETE", "/admin/things/one");
        RecordedExchange nowhere = new RecordedExchange(lane, "POST", "/nowhere");

        routes.accept(message);
        routes.accept(little);
        routes.accept(foreign);
        routes.accept(nowhere);

        assertThat(message.mostBodyBytes()).isEqualTo(Integer.MAX_VALUE);
        assertThat(message.isAnswered()).isFalse();
        assertThat(little.mostBodyBytes()).isEqualTo(64 * 1024);
        assertThat(foreign.mostBodyBytes()).isEqualTo(-1);
        assertThat(foreign.status()).isEqualTo(403);
        assertThat(nowhere.mostBodyBytes()).isEqualTo(-1);
        assertThat(nowhere.status()).isEqualTo(404);
        assertThat(claimed).isEmpty();
    }

    @Test
    void whatTheEngineDoesNotAnswerInTimeIsAnsweredAllTheSame() {
        RecordedExchange exchange = new RecordedExchange(lane, "GET", "/x");
        exchange.whenComplete(
                new CompletableFuture<String>(),
                (value, failure) -> exchange.refuse(ErrorCode.UNAVAILABLE, "too late"));

        executor.advance(Duration.ofMillis(Deadlines.MAX_MS));

        assertThat(exchange.status()).isEqualTo(503);
        assertThat(exchange.field("Retry-After")).isEqualTo("1");
    }

    @Test
    void aFaultOnTheWayBackIsAnsweredAndTold() {
        RecordedExchange exchange = new RecordedExchange(lane, "GET", "/x");
        CompletableFuture<String> later = new CompletableFuture<>();
        exchange.whenComplete(later, (value, failure) -> {
            throw new IllegalStateException("planted");
        });

        later.complete("now");
        executor.runAll();

        assertThat(exchange.status()).isEqualTo(500);
        assertThat(exchange.answer()).isEqualTo("{\"error\":\"internal error\",\"code\":\"internal\"}");
        assertThat(faults).singleElement().hasFieldOrPropertyWithValue("message", "planted");
        faults.clear();
    }

    @Test
    void whoCallsIsKnownOnlyOnceSomebodySaysSo() {
        RecordedExchange exchange = new RecordedExchange(lane, "GET", "/topics");

        assertThatIllegalStateException().isThrownBy(exchange::identity);
    }

    @Test
    void aPathIsKnownByAnyMethod() {
        assertThat(routes.isPath(List.of("topics"))).isTrue();
        assertThat(routes.isPath(List.of("v3", "topics", "x", "produce", ""))).isTrue();
        assertThat(routes.isPath(List.of("v1"))).isFalse();
        assertThat(routes.isPath(List.of("live"))).isFalse();
    }

    @Test
    void pagesSeeRefusalsOfAllThatTheyMayCall() {
        assertThat(routes.refusalFields(List.of("topics"))).containsKey("Access-Control-Expose-Headers");
        assertThat(routes.refusalFields(List.of("nowhere"))).containsKey("Access-Control-Allow-Origin");
        assertThat(routes.refusalFields(List.of("v1", "admin", "things", "one")))
                .isEmpty();
    }
}
