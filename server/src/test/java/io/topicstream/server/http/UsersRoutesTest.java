package io.topicstream.server.http;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.topicstream.access.TokenIds;
import java.net.http.HttpResponse;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// The routes by which users are blocked and signed out, and tokens revoked.
class UsersRoutesTest {
    private final HttpServer server = HttpServer.open();

    @AfterEach
    void stop() {
        server.close();
    }

    private HttpResponse<String> admin(String method, String path, @Nullable String body) {
        return server.send(
                method,
                path,
                body == null ? null : body.getBytes(UTF_8),
                "Authorization",
                "Bearer " + HttpServer.ADMIN_TOKEN);
    }

    private String blocked(String query) {
        HttpResponse<String> list = admin("GET", "/admin/users/blocked" + query, null);
        assertThat(list.statusCode()).as(list.body()).isEqualTo(200);
        return list.body();
    }

    @Test
    void aBlockIsMadeReplacedListedAndTakenBack() {
        assertThat(blocked("")).isEqualTo("{\"users\":[]}");
        HttpResponse<String> made = admin("PUT", "/admin/users/eve/block", null);
        assertThat(made.statusCode()).isEqualTo(200);
        assertThat(made.body()).matches("\\{\"user\":\"eve\",\"blocked_at\":[0-9]{13}}");

        HttpResponse<String> again =
                admin("PUT", "/admin/users/eve/block", "{\"reason\":\"s\\\"p\",\"until\":\"2120-01-01T00:00:00Z\"}");
        assertThat(again.body())
                .matches("\\{\"user\":\"eve\",\"blocked_at\":[0-9]{13},\"until\":4733510400000,"
                        + "\"reason\":\"s\\\\\"p\"}");
        assertThat(blocked("")).isEqualTo("{\"users\":[" + again.body() + "]}");

        HttpResponse<String> gone = admin("DELETE", "/admin/users/eve/block", null);
        assertThat(gone.body()).isEqualTo("{\"user\":\"eve\",\"unblocked\":true}");
        HttpResponse<String> none = admin("DELETE", "/admin/users/eve/block", null);
        assertThat(none.statusCode()).isEqualTo(404);
        assertThat(none.body()).contains("this user is not blocked");
        assertThat(blocked("")).isEqualTo("{\"users\":[]}");
    }

    @Test
    void theListHasPages() {
        for (String user : new String[] {"c", "a", "b"}) {
            assertThat(admin("PUT", "/admin/users/" + user + "/block", null).statusCode())
                    .isEqualTo(200);
        }

        assertThat(blocked("?limit=2"))
                .contains("\"a\"", "\"b\"")
                .doesNotContain("\"c\"")
                .endsWith("],\"next\":\"b\"}");
        assertThat(blocked("?limit=2&start_after=b")).contains("\"c\"").doesNotContain("\"b\"", "next");
        assertThat(blocked("?limit=1000")).contains("\"a\"", "\"c\"").doesNotContain("next");
    }

    @ParameterizedTest
    @ValueSource(strings = {"limit=0", "limit=1001", "limit=x", "limit=", "limit=-1", "start_after=a%20b", "all"})
    void aListThatIsAskedForWronglyIsRefused(String query) {
        assertThat(admin("GET", "/admin/users/blocked?" + query, null).statusCode())
                .isEqualTo(400);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{",
                "[]",
                "{\"reason\":1}",
                "{\"reason\":\"\"}",
                "{\"reason\":\"a\\nb\"}",
                "{\"until\":1}",
                "{\"until\":\"\"}",
                "{\"until\":\"yesterday\"}",
                "{\"until\":\"1970-01-01T00:00:00Z\"}",
                "{\"untill\":\"1d\"}"
            })
    void aBlockThatIsNoneIsRefused(String body) {
        assertThat(admin("PUT", "/admin/users/eve/block", body).statusCode()).isEqualTo(400);
        assertThat(blocked("")).isEqualTo("{\"users\":[]}");
    }

    @ParameterizedTest
    @CsvSource({
        "PUT, /admin/users/a%20b/block, 400",
        "PUT, /admin/users/guest./block, 400",
        "PUT, /admin/users/eve/block?until=1d, 400",
        "DELETE, /admin/users/a%20b/block, 404",
        "DELETE, /admin/users/eve/block?x=1, 400",
        "PUT, /admin/users/a%20b/sign-out, 400",
        "PUT, /admin/users/eve/sign-out?x=1, 400",
        "GET, /admin/users/eve/block, 405",
        "POST, /admin/users/blocked, 405"
    })
    void whatIsNoUserOrParameterIsRefused(String method, String path, int status) {
        assertThat(admin(method, path, null).statusCode()).isEqualTo(status);
        assertThat(blocked("")).isEqualTo("{\"users\":[]}");
    }

    @Test
    void aUserIsSignedOut() {
        assertThat(admin("PUT", "/admin/users/guest.eve/sign-out", null).body())
                .matches("\\{\"user\":\"guest.eve\",\"signed_out_at\":[0-9]{13}}");
    }

    @Test
    void aTokenIsRevokedByItsId() {
        assertThat(admin("POST", "/admin/tokens/revoke", "{\"credential_id\":\"t-1\",\"until\":\"1d\"}")
                        .body())
                .isEqualTo("{\"credential_id\":\"t-1\",\"revoked\":true}");
        assertThat(admin("POST", "/admin/tokens/revoke", "{\"issuer\":\"https://id.example.com\",\"jti\":\"7\"}")
                        .body())
                .isEqualTo("{\"credential_id\":\"" + TokenIds.ofId("https://id.example.com", "7")
                        + "\",\"revoked\":true}");
        for (String wrong : new String[] {
            "",
            "{}",
            "{\"issuer\":\"https://id.example.com\"}",
            "{\"issuer\":\"https://id.example.com\",\"jti\":7}",
            "{\"credential_id\":\"t\",\"issuer\":\"i\",\"jti\":\"t\"}",
            "{\"credential_id\":1}",
            "{\"credential_id\":\"\"}",
            "{\"credential_id\":\"" + "x".repeat(201) + "\"}",
            "{\"credential_id\":\"t\",\"until\":\"1970-01-01T00:00:00Z\"}",
            "{\"credential_id\":\"t\",\"jti\":\"t\"}"
        }) {
            assertThat(admin("POST", "/admin/tokens/revoke", wrong).statusCode())
                    .as(wrong)
                    .isEqualTo(400);
        }
    }
}
