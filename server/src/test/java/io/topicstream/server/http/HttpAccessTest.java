package io.topicstream.server.http;

import static io.topicstream.server.http.StreamContractTest.field;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.topicstream.access.ApiKey;
import io.topicstream.access.Grant;
import io.topicstream.access.Permission;
import io.topicstream.protocol.ErrorCode;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Who may call what: credentials, pages, the administrator.
class HttpAccessTest {
    private static final String ONE = "{\"payload\":1}";

    private final HttpServer open = HttpServer.open();
    private final HttpServer closed = new HttpServer(false, List.of(), List.of(), log -> log);

    @AfterEach
    void stop() {
        for (HttpServer server : List.of(open, closed)) {
            assertThat(server.get("/health").statusCode()).isEqualTo(200);
            server.close();
        }
    }

    // ---- credentials

    @Test
    void withoutACredentialAClosedServerRefuses() {
        HttpResponse<String> refused = closed.produce("t", ONE);

        assertThat(refused.statusCode()).isEqualTo(401);
        assertThat(field(refused, "Topic-Error")).isEqualTo("unauthenticated");
        assertThat(field(refused, "WWW-Authenticate")).isEqualTo("Bearer");
        assertThat(refused.body()).contains("\"code\":\"unauthenticated\"");
        assertThat(closed.get("/topics/t/consume").statusCode()).isEqualTo(401);
        assertThat(closed.get("/topics").statusCode()).isEqualTo(401);
        assertThat(closed.errors.of(ErrorCode.UNAUTHENTICATED)).isEqualTo(3);
    }

    @ParameterizedTest
    @CsvSource({"x-api-key, ''", "Authorization, 'Bearer '", "authorization, 'bearer '"})
    void aKeyIsTakenFromItsHeaderAndAsABearer(String header, String before) {
        String secret =
                closed.keys.create("ada", null).toCompletableFuture().join().secret();

        assertThat(closed.produce("t", ONE, header, before + secret).statusCode())
                .isEqualTo(200);
    }

    @Test
    void aKeyIsNotTakenFromTheUrl() {
        String secret =
                closed.keys.create("ada", null).toCompletableFuture().join().secret();

        HttpResponse<String> refused = closed.get("/topics/t/consume?token=" + secret);

        assertThat(refused.statusCode()).isEqualTo(401);
        assertThat(refused.body()).doesNotContain(secret);
    }

    @ParameterizedTest
    @CsvSource({
        "x-api-key, wrong",
        "x-api-key, ''",
        "Authorization, Bearer wrong",
        "Authorization, Bearer",
        "Authorization, wrong"
    })
    void aWrongCredentialIsNobodyEvenWhereNoneIsNeeded(String header, String value) {
        assertThat(open.produce("t", ONE, header, value).statusCode()).isEqualTo(401);
        assertThat(closed.produce("t", ONE, header, value).statusCode()).isEqualTo(401);
    }

    @Test
    void whatAProxyAsksForIsNoCredentialOfOurs() {
        String secret =
                closed.keys.create("ada", null).toCompletableFuture().join().secret();

        assertThat(open.produce("t", ONE, "Authorization", "Basic YTpi").statusCode())
                .isEqualTo(200);
        assertThat(closed.produce("t", ONE, "Authorization", "Basic YTpi").statusCode())
                .isEqualTo(401);
        assertThat(closed.produce("t", ONE, "Authorization", "Basic YTpi", "x-api-key", secret)
                        .statusCode())
                .isEqualTo(200);
        assertThat(open.get("/topics", "Authorization", "Basic YTpi", "Origin", "http://evil.example")
                        .statusCode())
                .isEqualTo(403);
    }

    @Test
    void twoDifferentCredentialsAreAmbiguous() {
        String secret =
                open.keys.create("ada", null).toCompletableFuture().join().secret();

        assertThat(open.get("/topics/t/consume?token=other", "x-api-key", secret)
                        .statusCode())
                .isEqualTo(400);
        assertThat(open.get("/topics/t/consume", "x-api-key", secret, "Authorization", "Bearer other")
                        .statusCode())
                .isEqualTo(400);
    }

    @Test
    void aCookieIsNoCredential() {
        String secret =
                closed.keys.create("ada", null).toCompletableFuture().join().secret();

        assertThat(closed.get("/topics/t/consume", "Cookie", "x-api-key=" + secret + "; token=" + secret)
                        .statusCode())
                .isEqualTo(401);
    }

    @Test
    void aKeyDoesWhatItsGrantsSayAndNoMore() {
        String secret = closed.keys
                .create(
                        "reader",
                        List.of(
                                new Grant("news.*", EnumSet.of(Permission.READ)),
                                new Grant("in", EnumSet.of(Permission.PUBLISH))))
                .toCompletableFuture()
                .join()
                .secret();

        assertThat(closed.get("/topics/news.eu/consume", "x-api-key", secret).statusCode())
                .isEqualTo(200);
        assertThat(closed.get("/topics/other/consume", "x-api-key", secret).statusCode())
                .isEqualTo(403);
        assertThat(closed.produce("news.eu", ONE, "x-api-key", secret).statusCode())
                .isEqualTo(403);
        assertThat(closed.produce("in", ONE, "x-api-key", secret).statusCode()).isEqualTo(200);
        assertThat(closed.get("/topics", "x-api-key", secret).body()).isEqualTo("{\"topics\":[]}");
    }

    @Test
    void aRevokedKeyIsRefusedAtOnce() {
        String secret =
                closed.keys.create("ada", null).toCompletableFuture().join().secret();
        assertThat(closed.produce("t", ONE, "x-api-key", secret).statusCode()).isEqualTo(200);

        closed.keys.revokeAll("ada").toCompletableFuture().join();

        assertThat(closed.produce("t", ONE, "x-api-key", secret).statusCode()).isEqualTo(401);
    }

    @Test
    void afterTooManyWrongCredentialsOnlyWrongOnesAreToldToWait() {
        String secret =
                closed.keys.create("ada", null).toCompletableFuture().join().secret();
        for (int i = 0; i < 1000; i++) {
            closed.get("/topics/t/consume", "x-api-key", "wrong" + i);
        }

        HttpResponse<String> refused = closed.get("/topics/t/consume", "x-api-key", "wrong");

        assertThat(refused.statusCode()).isEqualTo(429);
        assertThat(field(refused, "Retry-After")).isEqualTo("60");
        assertThat(closed.get("/topics/t/consume", "x-api-key", secret).statusCode())
                .isEqualTo(200);
    }

    // ---- pages

    @ParameterizedTest
    @ValueSource(
            strings = {
                "http://evil.example",
                "null",
                "https://good.evil",
                "https://evil/good",
                "https://good@evil",
                "HTTP://LISTED.EXAMPLE"
            })
    void aForeignPageNeedsACredential(String origin) {
        String secret =
                open.keys.create("ada", null).toCompletableFuture().join().secret();

        HttpResponse<String> refused = open.produce("t", ONE, "Origin", origin);

        assertThat(refused.statusCode()).isEqualTo(403);
        assertThat(refused.body()).contains("pages of this origin may not call without a credential");
        assertThat(field(refused, "Access-Control-Allow-Origin")).isEqualTo("*");
        assertThat(open.get("/topics/t/consume", "Origin", origin, "Cookie", "session=1")
                        .statusCode())
                .isEqualTo(403);
        assertThat(open.produce("t", ONE, "Origin", origin, "x-api-key", secret).statusCode())
                .isEqualTo(200);
        assertThat(open.produce("t", ONE, "Origin", origin, "x-api-key", "wrong")
                        .statusCode())
                .isEqualTo(401);
    }

    @Test
    void aListedPageNeedsNone() {
        assertThat(open.produce("t", ONE, "Origin", "http://listed.example").statusCode())
                .isEqualTo(200);
        assertThat(open.produce("t", ONE, "Origin", "http://listed.example", "Origin", "http://evil.example")
                        .statusCode())
                .isEqualTo(403);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"/topics/t/produce", "/v1/topics/t/consume/", "/topics", "/health", "/healthz", "/openapi.yaml"})
    void aPreflightIsOpenToAll(String path) {
        HttpResponse<String> preflight = closed.send(
                "OPTIONS",
                path,
                null,
                "Origin",
                "http://anything.example",
                "Access-Control-Request-Method",
                "POST",
                "Access-Control-Request-Headers",
                "x-api-key");

        assertThat(preflight.statusCode()).isEqualTo(204);
        assertThat(field(preflight, "Access-Control-Allow-Origin")).isEqualTo("*");
        assertThat(field(preflight, "Access-Control-Allow-Methods").split(", "))
                .contains("GET", "POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS");
        assertThat(field(preflight, "Access-Control-Allow-Headers").split(", "))
                .contains("Content-Type", "Authorization", "x-api-key", "Idempotency-Key");
    }

    @Test
    void everyAnswerMayBeReadByThePageThatGotIt() {
        for (HttpResponse<String> answer : List.of(
                open.produce("t", ONE),
                open.get("/topics/t/consume"),
                open.get("/topics"),
                open.produce("t", "{"),
                open.get("/nothing"),
                closed.produce("t", ONE))) {
            assertThat(field(answer, "Access-Control-Allow-Origin")).isEqualTo("*");
            assertThat(field(answer, "Access-Control-Expose-Headers").split(", "))
                    .contains("Topic-First-Offset", "Topic-Next-Offset", "Topic-Epoch", "Topic-Error", "Retry-After");
            assertThat(field(answer, "Access-Control-Allow-Credentials")).isEqualTo("(none)");
            assertThat(field(answer, "X-Content-Type-Options")).isEqualTo("nosniff");
        }
    }

    @ParameterizedTest
    @CsvSource({"POST, br, 415", "BREW, identity, 501"})
    void whatTheTransportRefusesMayBeReadByPagesThatMayCall(String method, String coding, int status) {
        for (String[] origin : List.of(
                new String[] {"Origin", "http://listed.example"},
                new String[] {"Origin", "http://other.example", "x-api-key", "wrong or not"})) {
            HttpResponse<String> refused = refused(method, "/topics/t/produce", coding, origin);

            assertThat(refused.statusCode()).isEqualTo(status);
            assertThat(field(refused, "Access-Control-Allow-Origin")).isEqualTo("*");
            assertThat(field(refused, "Access-Control-Expose-Headers")).contains("Topic-Error");
        }
        for (HttpResponse<String> refused : List.of(
                refused(method, "/topics/t/produce", coding),
                refused(method, "/topics/t/produce", coding, "Origin", "http://other.example"))) {
            assertThat(refused.statusCode()).isEqualTo(status);
            assertThat(field(refused, "Access-Control-Allow-Origin")).isEqualTo("(none)");
        }
    }

    @Test
    void whatTheTransportRefusesToAPageThatCallsTheAdministratorsRoutesIsNotForIt() {
        HttpResponse<String> refused = refused("POST", "/v1/admin/keys/", "br", "Origin", "http://listed.example");

        assertThat(refused.statusCode()).isEqualTo(415);
        assertThat(field(refused, "Access-Control-Allow-Origin")).isEqualTo("(none)");
    }

    private HttpResponse<String> refused(String method, String path, String coding, String... headers) {
        List<String> all = new ArrayList<>(List.of("Content-Encoding", coding));
        all.addAll(List.of(headers));
        return open.send(method, path, ONE.getBytes(UTF_8), all.toArray(String[]::new));
    }

    // ---- the administrator

    @Test
    void aKeyIsToldOnceListedWithoutItsSecretAndRevoked() {
        HttpResponse<String> made = admin("POST", "/admin/keys", "{\"name\":\"ada\"}");
        Matcher secret = Pattern.compile("\"key\":\"(ts_[0-9A-Za-z]{40})\"").matcher(made.body());

        assertThat(made.statusCode()).isEqualTo(201);
        assertThat(secret.find()).isTrue();
        assertThat(made.body())
                .matches("\\{\"id\":\"[0-9a-f]{16}\",\"name\":\"ada\",\"key\":\"ts_\\w{40}\",\"hint\":\"\\w{4}\","
                        + "\"created_at\":\\d+,\"grants\":\\[\\{\"topics\":\"\\*\",\"allow\":"
                        + "\\[\"publish\",\"subscribe\",\"read\",\"presence\"]}]}");
        assertThat(closed.produce("t", ONE, "x-api-key", secret.group(1)).statusCode())
                .isEqualTo(200);

        HttpResponse<String> list = admin("GET", "/v1/admin/keys", null);
        assertThat(list.body()).startsWith("{\"keys\":[{\"id\":\"").contains("\"name\":\"ada\"");
        assertThat(list.body()).doesNotContain(secret.group(1), "\"key\":");

        HttpResponse<String> gone = admin("DELETE", "/admin/keys/ada", null);
        assertThat(gone.statusCode()).isEqualTo(200);
        assertThat(gone.body()).matches("\\{\"name\":\"ada\",\"revoked\":\\[\"[0-9a-f]{16}\"]}");
        assertThat(closed.produce("t", ONE, "x-api-key", secret.group(1)).statusCode())
                .isEqualTo(401);
        assertThat(admin("GET", "/admin/keys", null).body()).isEqualTo("{\"keys\":[]}");
        HttpResponse<String> again = admin("DELETE", "/admin/keys/ada", null);
        assertThat(again.statusCode()).isEqualTo(404);
        assertThat(again.body()).isEqualTo("{\"error\":\"there is no key of this name\",\"code\":\"not_found\"}");
    }

    @Test
    void aKeyIsMadeWithItsGrants() {
        String grants = "\"grants\":[{\"topics\":\"a.*\",\"allow\":[\"read\",\"admin\"]},"
                + "{\"topics\":\"b\",\"allow\":[\"publish\"]}]}";
        HttpResponse<String> made = admin("POST", "/admin/keys", "{\"name\":\"ops\"," + grants);
        HttpResponse<String> asBefore = admin(
                "POST",
                "/admin/keys",
                "{\"name\":\"ops\"," + grants.replace("topics", "pattern").replace("allow", "permissions"));

        for (HttpResponse<String> answer : List.of(made, asBefore)) {
            assertThat(answer.statusCode()).isEqualTo(201);
            assertThat(answer.body()).endsWith(grants);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "{}",
                "[]",
                "{\"name\":5}",
                "{\"name\":\"\"}",
                "{\"name\":\"guest.x\"}",
                "{\"name\":\"a b\"}",
                "{\"name\":\"a\",\"name\":\"b\"}",
                "{\"name\":\"a\",\"grants\":[]}",
                "{\"name\":\"a\",\"grants\":{}}",
                "{\"name\":\"a\",\"grants\":[1]}",
                "{\"name\":\"a\",\"grants\":[{\"topics\":\"x\"}]}",
                "{\"name\":\"a\",\"grants\":[{\"topics\":\"x\",\"allow\":[]}]}",
                "{\"name\":\"a\",\"grants\":[{\"topics\":\"x\",\"allow\":[\"fly\"]}]}",
                "{\"name\":\"a\",\"grants\":[{\"topics\":\"*x\",\"allow\":[\"read\"]}]}",
                "{\"name\":\"a\",\"grants\":[{\"topics\":\"x\",\"allow\":\"read\"}]}",
                "{\"name\":\"a\",\"grants\":[{\"topics\":\"x\",\"pattern\":\"x\",\"allow\":[\"read\"]}]}",
                "{\"name\":\"a\",\"grants\":[{\"topics\":\"x\",\"allow\":[\"read\"],\"until\":1}]}",
                "{\"name\":\"a\",\"grant\":[{\"topics\":\"x\",\"allow\":[\"read\"]}]}",
                "{\"name\":\"a\",\"expires\":\"\"}",
                "{\"name\":\"a\",\"expires\":1893456000}",
                "{\"name\":\"a\",\"expires\":\"2020-01-01T00:00:00Z\"}",
                "{\"name\":\"a\",\"expires_at\":\"2120-01-01T00:00:00Z\"}"
            })
    void aKeyThatCannotBeIsRefused(String body) {
        HttpResponse<String> refused = admin("POST", "/admin/keys", body);

        assertThat(refused.statusCode()).isEqualTo(400);
        assertThat(refused.body()).endsWith(",\"code\":\"bad_frame\"}");
        assertThat(admin("GET", "/admin/keys", null).body()).isEqualTo("{\"keys\":[]}");
    }

    @Test
    void whatIsNotKnownIsNamed() {
        assertThat(admin("POST", "/admin/keys", "{\"name\":\"a\",\"expire\":\"1d\"}")
                        .body())
                .contains("a key has no \\\"expire\\\"");
    }

    @Test
    void aKeyEndsWhenItIsToldTo() {
        HttpResponse<String> atAnInstant =
                admin("POST", "/admin/keys", "{\"name\":\"ada\",\"expires\":\"2120-01-01T00:00:00Z\"}");
        assertThat(atAnInstant.body()).contains("\"expires_at\":4733510400000,");
        long beforeMs = System.currentTimeMillis();

        HttpResponse<String> fromNow = admin("POST", "/admin/keys", "{\"name\":\"ada\",\"expires\":\"30d\"}");

        Matcher end = Pattern.compile("\"expires_at\":(\\d+)").matcher(fromNow.body());
        assertThat(end.find()).isTrue();
        assertThat(Long.parseLong(end.group(1)) - 30L * 86_400_000).isBetween(beforeMs, System.currentTimeMillis());
    }

    @Test
    void theListSaysWhenAKeyWasUsed() {
        String secret =
                closed.keys.create("ada", null).toCompletableFuture().join().secret();
        assertThat(admin("GET", "/admin/keys", null).body()).doesNotContain("last_used_at", "expires_at");

        closed.produce("t", ONE, "x-api-key", secret);

        await().untilAsserted(() ->
                assertThat(admin("GET", "/admin/keys", null).body()).containsPattern("\"last_used_at\":\\d{13},"));
    }

    @Test
    void oneKeyOfANameIsRevokedByItsId() {
        ApiKey.Created first =
                closed.keys.create("ada", null).toCompletableFuture().join();
        ApiKey.Created second =
                closed.keys.create("ada", null).toCompletableFuture().join();
        String id = first.key().id();

        assertThat(admin("DELETE", "/admin/keys/bob?id=" + id, null).statusCode())
                .isEqualTo(404);
        assertThat(admin("DELETE", "/admin/keys/ada?id=" + id, null).body())
                .isEqualTo("{\"name\":\"ada\",\"revoked\":[\"" + id + "\"]}");

        assertThat(closed.produce("t", ONE, "x-api-key", first.secret()).statusCode())
                .isEqualTo(401);
        assertThat(closed.produce("t", ONE, "x-api-key", second.secret()).statusCode())
                .isEqualTo(200);
        assertThat(admin("DELETE", "/admin/keys/ada?id=" + id, null).statusCode())
                .isEqualTo(404);
    }

    @ParameterizedTest
    @CsvSource({
        "DELETE, /admin/keys/ada?ID=0123456789abcdef",
        "DELETE, /admin/keys/ada?key=0123456789abcdef",
        "DELETE, /admin/keys/ada?id=0123456789abcdef&id=0123456789abcdee",
        "DELETE, /admin/keys/ada?id=0123456789abcdef&dry",
        "GET, /admin/keys?name=ada",
        "POST, /admin/keys?name=ada"
    })
    void aParameterThatIsNotKnownIsRefusedAndNothingIsDone(String method, String path) {
        closed.keys.create("ada", null).toCompletableFuture().join();

        HttpResponse<String> refused = admin(method, path, method.equals("POST") ? "{\"name\":\"bob\"}" : null);

        assertThat(refused.statusCode()).isEqualTo(400);
        assertThat(closed.keys.list().toCompletableFuture().join())
                .extracting(ApiKey::name)
                .containsExactly("ada");
    }

    @Test
    void onlyTheAdministratorsBearerIsTheAdministrator() {
        String key = open.keys.create("ada", null).toCompletableFuture().join().secret();
        String token = HttpServer.ADMIN_TOKEN;
        List<HttpResponse<String>> refused = List.of(
                open.get("/admin/keys"),
                open.get("/admin/keys", "x-api-key", key),
                open.get("/admin/keys", "x-api-key", token),
                open.get("/admin/keys", "Authorization", "Bearer " + key),
                open.get("/admin/keys", "Authorization", "Bearer " + token + "x"),
                open.get("/admin/keys", "Authorization", token),
                open.get("/admin/keys", "Authorization", "Basic " + token),
                open.get("/admin/keys", "Authorization", "Bearer " + token, "Authorization", "Bearer " + token),
                open.get("/admin/keys?token=" + token),
                open.get("/admin/keys", "Cookie", "token=" + token));

        assertThat(refused).allSatisfy(answer -> {
            assertThat(answer.statusCode()).isEqualTo(401);
            assertThat(answer.body()).doesNotContain(token, key);
            assertThat(field(answer, "Access-Control-Allow-Origin")).isEqualTo("(none)");
        });
    }

    @ParameterizedTest
    @ValueSource(strings = {"http://evil.example", "http://listed.example", "null"})
    void noPageIsTheAdministrator(String origin) {
        HttpResponse<String> refused =
                closed.get("/admin/keys", "Origin", origin, "Authorization", "Bearer " + HttpServer.ADMIN_TOKEN);

        assertThat(refused.statusCode()).isEqualTo(403);
        assertThat(field(refused, "Access-Control-Allow-Origin")).isEqualTo("(none)");
        assertThat(closed.get("/metrics", "Origin", origin).statusCode()).isEqualTo(403);
    }

    // ---- figures

    @Test
    void metricsAreTheFiguresInPrometheusFormat() {
        open.produce("t", "no json");
        open.get("/nothing");

        HttpResponse<String> page = open.get("/metrics");

        assertThat(field(page, "Content-Type")).isEqualTo("text/plain; version=0.0.4; charset=utf-8");
        assertThat(page.body())
                .contains("\n# TYPE topicstream_messages_accepted_total counter\n".substring(1))
                .contains("\ntopicstream_messages_accepted_total 11\n")
                .contains("\ntopicstream_messages_committed_total 12\n")
                .contains("\ntopicstream_messages_delivered_total 13\n")
                .contains("\ntopicstream_queue_bytes 14\n")
                .contains("\ntopicstream_store_takes_writes 1\n")
                .contains("\ntopicstream_ephemeral_records 22\n")
                .contains("\ntopicstream_ephemeral_bytes 23\n")
                .contains("\ntopicstream_ephemeral_limit_bytes 24\n")
                .contains("\ntopicstream_ephemeral_refused_total 25\n")
                .contains("\ntopicstream_sink_delivered_total{sink=\"hook\"} 41\n")
                .contains("\ntopicstream_sink_failed_attempts_total{sink=\"hook\"} 42\n")
                .contains("\ntopicstream_sink_dead_letters_total{sink=\"hook\"} 43\n")
                .contains("\ntopicstream_sink_missed_total{sink=\"hook\"} 44\n")
                .contains("\ntopicstream_sink_not_compared_total{sink=\"hook\"} 45\n")
                .contains("\ntopicstream_sink_lag_messages{sink=\"hook\"} 46\n")
                .contains("\ntopicstream_events_lost_total 47\n")
                .contains("\ntopicstream_events_waiting 48\n")
                .contains("\ntopicstream_subscriptions{state=\"live\"} 15\n")
                .contains("\ntopicstream_subscriptions{state=\"catching_up\"} 16\n")
                .contains("\ntopicstream_connections 1\n")
                .contains("\ntopicstream_connections_limit 17\n")
                .contains("\ntopicstream_connections_refused_total{limit=\"total\"} 0\n")
                .contains("\ntopicstream_upgrades_refused_total{code=\"unauthenticated\"} 0\n")
                .contains("\ntopicstream_http_responses_total{class=\"2xx\"} 0\n")
                .contains("\ntopicstream_http_responses_total{class=\"4xx\"} 2\n")
                .contains("\ntopicstream_ready{condition=\"running\"} 1\n")
                .contains("\ntopicstream_ready{condition=\"store_takes_writes\"} 1\n")
                .contains("\ntopicstream_data_free_bytes 18\n")
                .contains("\ntopicstream_build_info{version=\"1.2.3\"} 1\n")
                .contains("\ntopicstream_errors_total{code=\"bad_frame\"} 1\n")
                .contains("\ntopicstream_errors_total{code=\"not_found\"} 1\n")
                .contains("\ntopicstream_errors_total{code=\"internal\"} 0\n");
        assertThat(page.body().lines())
                .allMatch(line -> line.matches("# (HELP|TYPE) (topicstream|jvm|process)_[a-z_]+ .+")
                        || line.matches("(topicstream|jvm|process)_[a-z_]+(\\{[a-z]+=\"[a-z0-9_.]+\"})? [0-9.E-]+"));
        assertThat(figure(page, "jvm_allocated_bytes_total")).isPositive();
        assertThat(figure(page, "jvm_heap_used_bytes")).isPositive();
        assertThat(figure(page, "process_cpu_seconds_total")).isPositive();
        assertThat(figure(page, "process_open_fds")).isBetween(1.0, figure(page, "process_max_fds"));
        assertThat(figure(page, "process_start_time_seconds")).isBetween(1.7e9, System.currentTimeMillis() / 1e3);
    }

    private static double figure(HttpResponse<String> page, String name) {
        Matcher found = Pattern.compile("\n" + name + " (\\S+)\n").matcher(page.body());
        assertThat(found.find()).isTrue();
        return Double.parseDouble(found.group(1));
    }

    private HttpResponse<String> admin(String method, String path, String body) {
        return closed.send(
                method,
                path,
                body == null ? null : body.getBytes(UTF_8),
                "Authorization",
                "Bearer " + HttpServer.ADMIN_TOKEN,
                "Content-Type",
                "application/json");
    }
}
