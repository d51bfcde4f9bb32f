package io.topicstream.aws.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import io.topicstream.tokens.TestIssuer;
import io.topicstream.tokens.authorizer.AuthorizerService;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// Tokens of an issuer, and an operator's own service, at the WebSocket function out of its archive.
class TokensArchiveTest extends ArchivedFunction {
    private static final String LET_IN = "{\"statusCode\":200}";

    private final TestIssuer issuer = new TestIssuer(TestIssuer.jwk(TestIssuer.RSA, "rsa-1"));
    private final AuthorizerService service = new AuthorizerService(question -> question.contains("opaque-of-ada")
            ? AuthorizerService.answer(200, "{\"user\":\"ada\"}")
            : AuthorizerService.answer(401, ""));
    private final Map<String, String> outside = Map.of(
            "TOPICSTREAM_ACCESS_JWT",
            "[{\"issuer\":\"" + TestIssuer.NAME + "\",\"jwks_url\":\"" + issuer.jwks() + "\",\"audience\":[\""
                    + TestIssuer.AUDIENCE + "\"]}]",
            "TOPICSTREAM_ACCESS_AUTHORIZER_URL",
            service.url());

    TokensArchiveTest() {
        super("websocket", WebSocketHandler.class);
    }

    @AfterEach
    void end() {
        issuer.close();
        service.close();
    }

    private String connect(FunctionProcess function, String token) {
        return function.call(
                aws, Rehearsal.event("CONNECT", StubAws.STAGE, "a", Map.of("Authorization", "Bearer " + token), ""));
    }

    private static String token() {
        return TestIssuer.token(System.currentTimeMillis(), "ada", "");
    }

    @Test
    void whoIsKnownOutsideIsLetIn() throws Exception {
        FunctionProcess function = start(FunctionProcess.PLAIN, outside);

        assertThat(connect(function, token())).isEqualTo(LET_IN);
        assertThat(connect(function, "opaque-of-ada")).isEqualTo(LET_IN);

        String forged = TestIssuer.rs256(
                TestIssuer.OTHER_RSA,
                "{\"alg\":\"RS256\",\"kid\":\"rsa-1\"}",
                TestIssuer.claims(System.currentTimeMillis(), "ada", ""));
        assertThat(connect(function, forged)).startsWith("{\"statusCode\":401,");
        assertThat(connect(function, "opaque-of-bob")).startsWith("{\"statusCode\":401,");
        assertThat(issuer.requests()).isEqualTo(1);
    }

    @Test
    void aQuestionOnAConnectionThatHasEndedIsAskedAgain() throws Exception {
        try (ForgetfulService forgetful = new ForgetfulService()) {
            FunctionProcess function =
                    start(FunctionProcess.PLAIN, Map.of("TOPICSTREAM_ACCESS_AUTHORIZER_URL", forgetful.url()));

            assertThat(connect(function, "opaque-of-ada")).isEqualTo(LET_IN);
            assertThat(connect(function, "opaque-of-ada")).isEqualTo(LET_IN);

            assertThat(forgetful.hungUp()).isEqualTo(1);
        }
    }

    @Test
    void aRestoredFunctionAsksForTheKeysThatThereAreThen() throws Exception {
        FunctionProcess function = restored(outside);
        assertThat(function.said()).doesNotContain("rehearsed");
        assertThat(issuer.requests()).isEqualTo(1);
        assertThat(service.questions()).isEmpty();
        issuer.publish(TestIssuer.jwk(TestIssuer.OTHER_RSA, "rsa-2"));

        aws.restored.complete(null);

        assertThat(connect(function, token())).startsWith("{\"statusCode\":401,");
        assertThat(connect(
                        function,
                        TestIssuer.rs256(
                                TestIssuer.OTHER_RSA,
                                "{\"alg\":\"RS256\",\"kid\":\"rsa-2\"}",
                                TestIssuer.claims(System.currentTimeMillis(), "ada", ""))))
                .isEqualTo(LET_IN);
    }
}
