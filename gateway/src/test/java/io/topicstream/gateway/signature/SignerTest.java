package io.topicstream.gateway.signature;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.Test;

/// Signatures that others computed: AWS in its documents and test suite, and botocore 1.44.8.
final class SignerTest {
    private static final Credentials KEY =
            new Credentials("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", null);

    private static final Credentials WITH_TOKEN =
            new Credentials("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", "TOKEN/+=");

    private static final Instant THEN = Instant.parse("2015-08-30T12:36:00Z");
    private static final byte[] NOTHING = new byte[0];

    @Test
    void signsTheExampleOfTheDocumentsAsTheyDo() {
        Map<String, String> added = new Signer(KEY, "us-east-1", "iam")
                .sign(
                        "GET",
                        URI.create("https://iam.amazonaws.com/?Action=ListUsers&Version=2010-05-08"),
                        Map.of("Content-Type", "application/x-www-form-urlencoded; charset=utf-8"),
                        NOTHING,
                        THEN);

        assertThat(added)
                .containsEntry("X-Amz-Date", "20150830T123600Z")
                .containsEntry(
                        "Authorization",
                        "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/iam/aws4_request,"
                                + " SignedHeaders=content-type;host;x-amz-date,"
                                + " Signature=5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7");
    }

    @Test
    void signsTheVanillaRequestOfTheTestSuiteAsItDoes() {
        assertThat(signature("GET", "https://example.amazonaws.com/", Map.of(), "", "service", KEY))
                .isEqualTo("5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31");
    }

    @Test
    void signsInvocationsAsBotocoreDoes() {
        assertThat(signature(
                        "POST",
                        "https://lambda.us-east-1.amazonaws.com/2015-03-31/functions/"
                                + "arn%3Aaws%3Alambda%3Aus-east-1%3A000000000000%3Afunction%3Achat%3Alive/invocations",
                        Map.of("Content-Type", "application/json", "X-Amz-Invocation-Type", "RequestResponse"),
                        "{\"a\":1}",
                        "lambda",
                        WITH_TOKEN))
                .isEqualTo("9ced7baa3133739d9ca489f8953ba1eadc05bc45a5dfcb79f1483044e7764818");
        assertThat(signature(
                        "GET",
                        "https://lambda.us-east-1.amazonaws.com/a?b=2&a=x%20y&A=%2F",
                        Map.of(),
                        "",
                        "lambda",
                        KEY))
                .isEqualTo("97ebc77d727d38ec3188a505b870a37789525ef6eabf01bacc8f37871bcf8aa8");
    }

    @Test
    void signsPathsPortsAndSpacesAsBotocoreDoes() {
        assertThat(signature(
                        "POST",
                        "https://abc123.execute-api.us-east-1.amazonaws.com/dev/@connections/gbgHN0-zjQAYKEjhgA%3D%3D",
                        Map.of("Content-Type", "application/octet-stream"),
                        "hello",
                        "execute-api",
                        KEY))
                .isEqualTo("6ebdf95f5f05fe6de857756206c878786519813b5a614938df606cee4ce12880");
        assertThat(signature(
                        "GET", "https://localhost:8443/dev/@connections/x%3D", Map.of(), "", "execute-api", WITH_TOKEN))
                .isEqualTo("cfa3e3d8c4a6cf5185424ff77724d8b5a20ac0c80796139ce0821d2b65ab7f55");
        assertThat(signature(
                        "GET", "https://h.example/dev", Map.of("My-Header", "  a   b  c "), "", "execute-api", KEY))
                .isEqualTo("ed1d1debe2dbee8cd53460b4782a60e11f3cb35fb6a4d7221e97938377912287");
    }

    @Test
    void signsAddressesAsBotocoreDoes() {
        URI plain = new Signer(KEY, "us-east-1", "execute-api")
                .presign(
                        "GET",
                        URI.create("https://abc123.execute-api.us-east-1.amazonaws.com/dev"),
                        Duration.ofMinutes(5),
                        THEN);
        URI withQuery = new Signer(WITH_TOKEN, "us-east-1", "execute-api")
                .presign(
                        "GET",
                        URI.create("https://abc123.execute-api.us-east-1.amazonaws.com/dev?room=a%20b&x=%2B&empty="),
                        Duration.ofMinutes(5),
                        THEN);

        assertThat(plain.getRawQuery())
                .isEqualTo("X-Amz-Algorithm=AWS4-HMAC-SHA256"
                        + "&X-Amz-Credential=AKIDEXAMPLE%2F20150830%2Fus-east-1%2Fexecute-api%2Faws4_request"
                        + "&X-Amz-Date=20150830T123600Z&X-Amz-Expires=300&X-Amz-SignedHeaders=host"
                        + "&X-Amz-Signature=c87e069d42218cd66ca21cb2ad17888f42cfd18f852aa4cdd0de74db0665c632");
        assertThat(withQuery.getRawQuery())
                .endsWith("&X-Amz-Signature=0216a26b5793eaca0b1f9de2ed392a11090c94fc223041b90124c812670eebc8");
    }

    @Test
    void credentialsAreTakenFromTheEnvironment() {
        Map<String, String> all =
                Map.of("AWS_ACCESS_KEY_ID", "a", "AWS_SECRET_ACCESS_KEY", "s", "AWS_SESSION_TOKEN", "t");

        assertThat(Credentials.of(all)).isEqualTo(new Credentials("a", "s", "t"));
        assertThat(Credentials.of(Map.of("AWS_ACCESS_KEY_ID", "a", "AWS_SECRET_ACCESS_KEY", "s")))
                .isEqualTo(new Credentials("a", "s", null));
        assertThat(Credentials.of(Map.of("AWS_ACCESS_KEY_ID", "a"))).isNull();
        assertThat(Credentials.of(Map.of())).isNull();
    }

    @Test
    void tellsNoSecretsInLogs() {
        assertThat(WITH_TOKEN.toString())
                .contains("AKIDEXAMPLE")
                .doesNotContain("wJalr")
                .doesNotContain("TOKEN");
    }

    private static String signature(
            String method, String uri, Map<String, String> headers, String body, String service, Credentials key) {
        String authorization = new Signer(key, "us-east-1", service)
                .sign(method, URI.create(uri), headers, body.getBytes(UTF_8), THEN)
                .getOrDefault("Authorization", "");
        return authorization.substring(authorization.lastIndexOf('=') + 1);
    }
}
