package io.topicstream.gateway.signature;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.topicstream.gateway.signature.SignatureCheck.Outcome;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// The signatures here were computed by botocore 1.44.8, but for those that are wrong on purpose.
final class SignatureCheckTest {
    private static final String SECRET = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
    private static final String ARN = "arn:aws:iam::123456789012:user/app";
    private static final String CALLBACKS =
            "arn:aws:execute-api:us-east-1:123456789012:abc123/dev/POST/@connections/{connectionId}";

    private static final String CONNECT = "arn:aws:execute-api:us-east-1:123456789012:abc123/dev/$connect";
    private static final String HOST = "abc123.execute-api.us-east-1.amazonaws.com";
    private static final String RAW = "/dev/@connections/gbgHN0-zjQAYKEjhgA%3D%3D";
    private static final String ENCODED = "/dev/%40connections/gbgHN0-zjQAYKEjhgA%3D%3D";
    private static final String RAW_SIGNATURE = "6ebdf95f5f05fe6de857756206c878786519813b5a614938df606cee4ce12880";
    private static final String ENCODED_SIGNATURE = "09c74e69a1d85e21d7638a2f889e866841919c6ea2a65eb4d904619ce7af5320";
    private static final String PRESIGNED = "X-Amz-Algorithm=AWS4-HMAC-SHA256"
            + "&X-Amz-Credential=AKIDEXAMPLE%2F20150830%2Fus-east-1%2Fexecute-api%2Faws4_request"
            + "&X-Amz-Date=20150830T123600Z&X-Amz-Expires=300&X-Amz-SignedHeaders=host"
            + "&X-Amz-Signature=c87e069d42218cd66ca21cb2ad17888f42cfd18f852aa4cdd0de74db0665c632";

    private Instant now = Instant.parse("2015-08-30T12:36:00Z");
    private final InstantSource clock = () -> now;

    @Test
    @DisplayName("125: a request without a signature is missing one")
    void unsigned() {
        assertThat(callback(request("POST", RAW, "", "hello", List.of(Map.entry("Host", HOST)))))
                .isEqualTo(new Outcome.Missing());
        assertThat(callback(request("POST", RAW, "a=b", "hello", List.of(Map.entry("Host", HOST)))))
                .isEqualTo(new Outcome.Missing());
    }

    @Test
    @DisplayName("128: a signature of botocore is right, with the path raw and encoded")
    void bothPaths() {
        assertThat(callback(raw("hello", RAW_SIGNATURE)))
                .isEqualTo(new Outcome.Ok(new SignatureCheck.Caller("app", ARN, "AKIDEXAMPLE")));
        assertThat(callback(encoded(ENCODED, ENCODED_SIGNATURE))).isInstanceOf(Outcome.Ok.class);
    }

    @Test
    @DisplayName("123: the other way to write the path has another signature")
    void pathsAreNotTheSame() {
        assertThat(callback(encoded(RAW, ENCODED_SIGNATURE))).isInstanceOf(Outcome.Bad.class);
    }

    @Test
    @DisplayName("128: a path that is signed as it is sent is taken too")
    void signedAsSent() {
        List<Map.Entry<String, String>> headers =
                List.of(Map.entry("host", HOST), Map.entry("x-amz-date", "20150830T123600Z"));
        StringBuilder lines = new StringBuilder();
        headers.forEach(field -> Canonical.header(lines, field.getKey(), List.of(field.getValue())));
        String canonical = Canonical.request(
                "POST", ENCODED, "", lines.toString(), "host;x-amz-date", Canonical.sha256("hello".getBytes(UTF_8)));
        Canonical.Scope scope = new Canonical.Scope("20150830", "us-east-1", "execute-api");
        String signature =
                Canonical.signature(SECRET, scope, Canonical.stringToSign("20150830T123600Z", scope, canonical));

        assertThat(signature).isNotEqualTo(ENCODED_SIGNATURE);
        assertThat(callback(encoded(ENCODED, signature))).isInstanceOf(Outcome.Ok.class);
    }

    @Test
    @DisplayName("125: another body, another method, another header field, another secret: not the signature")
    void tampered() {
        assertThat(bad(callback(raw("hellp", RAW_SIGNATURE))))
                .isEqualTo("InvalidSignatureException The request signature we calculated does not match");
        SignedRequest right = raw("hello", RAW_SIGNATURE);
        assertThat(callback(new SignedRequest("GET", RAW, "", right.headers(), right.body())))
                .isInstanceOf(Outcome.Bad.class);
        assertThat(callback(new SignedRequest("POST", RAW, "a=b", right.headers(), right.body())))
                .isInstanceOf(Outcome.Bad.class);
        List<Map.Entry<String, String>> headers = new ArrayList<>(right.headers());
        headers.set(0, Map.entry("Host", "other.example"));
        assertThat(callback(new SignedRequest("POST", RAW, "", headers, right.body())))
                .isInstanceOf(Outcome.Bad.class);
        SignatureCheck others = new SignatureCheck(
                List.of(new SigningKey(new Credentials("AKIDEXAMPLE", SECRET + "x", null), "a", ARN, List.of())),
                clock);
        assertThat(others.check(right, SignatureCheck.MANAGE_CONNECTIONS, CALLBACKS))
                .isInstanceOf(Outcome.Bad.class);
    }

    @Test
    void sayWhatShouldHaveBeenSigned() {
        Outcome outcome = callback(raw("hellp", RAW_SIGNATURE));

        assertThat(((Outcome.Bad) outcome).message())
                .contains("""
                        The Canonical String for this request should have been
                        'POST
                        /dev/%40connections/gbgHN0-zjQAYKEjhgA%253D%253D

                        content-type:application/octet-stream
                        host:abc123.execute-api.us-east-1.amazonaws.com
                        """)
                .contains("""
                        The String-to-Sign should have been
                        'AWS4-HMAC-SHA256
                        20150830T123600Z
                        20150830/us-east-1/execute-api/aws4_request
                        """)
                .doesNotContain(SECRET);
    }

    @Test
    void anotherKeyIsNotKnown() {
        SignedRequest right = raw("hello", RAW_SIGNATURE);
        List<Map.Entry<String, String>> headers = new ArrayList<>(right.headers());
        headers.set(3, Map.entry("Authorization", headers.get(3).getValue().replace("AKIDEXAMPLE", "AKIDOTHER")));

        assertThat(bad(callback(new SignedRequest("POST", RAW, "", headers, right.body()))))
                .startsWith("UnrecognizedClientException The security token included in the request is invalid.");
    }

    @ParameterizedTest
    @CsvSource({"-300,true", "-301,false", "0,true", "300,true", "301,false"})
    @DisplayName("125: a signature holds five minutes around its time")
    void skew(long seconds, boolean holds) {
        now = now.plusSeconds(seconds);

        Outcome outcome = callback(raw("hello", RAW_SIGNATURE));

        assertThat(outcome instanceof Outcome.Ok).isEqualTo(holds);
        if (seconds == 301) {
            assertThat(((Outcome.Bad) outcome).message())
                    .isEqualTo("Signature expired: 20150830T123600Z is now earlier than 20150830T123601Z"
                            + " (20150830T124101Z - 5 min.)");
        }
        if (seconds == -301) {
            assertThat(((Outcome.Bad) outcome).message())
                    .isEqualTo("Signature not yet current: 20150830T123600Z is still later than 20150830T123559Z"
                            + " (20150830T123059Z + 5 min.)");
        }
    }

    @ParameterizedTest
    @CsvSource({"-301,false", "-300,true", "300,true", "301,false"})
    @DisplayName("50: an address signed by botocore is right for as long as it says")
    void presigned(long seconds, boolean holds) {
        now = now.plusSeconds(seconds);

        assertThat(connect(PRESIGNED) instanceof Outcome.Ok).isEqualTo(holds);
    }

    @Test
    @DisplayName("50: parameters of an address are signed too")
    void presignedQuery() {
        assertThat(connect(PRESIGNED + "&room=1")).isInstanceOf(Outcome.Bad.class);
        assertThat(connect(PRESIGNED.replace("Expires=300", "Expires=301"))).isInstanceOf(Outcome.Bad.class);
        assertThat(bad(connect(PRESIGNED.replace("Expires=300", "Expires=604801"))))
                .startsWith("IncompleteSignatureException 'X-Amz-Expires' must be");
        assertThat(bad(connect(PRESIGNED.replaceFirst("&X-Amz-Date=[^&]*", ""))))
                .startsWith("IncompleteSignatureException AWS query-string parameters must include 'X-Amz-Date'. ");
    }

    @Test
    @DisplayName("50: an address signed by botocore with a session token and a query is right")
    void presignedWithToken() {
        String query = "room=a%20b&x=%2B&empty=&X-Amz-Algorithm=AWS4-HMAC-SHA256"
                + "&X-Amz-Credential=AKIDEXAMPLE%2F20150830%2Fus-east-1%2Fexecute-api%2Faws4_request"
                + "&X-Amz-Date=20150830T123600Z&X-Amz-Expires=300&X-Amz-SignedHeaders=host"
                + "&X-Amz-Security-Token=TOKEN%2F%2B%3D"
                + "&X-Amz-Signature=0216a26b5793eaca0b1f9de2ed392a11090c94fc223041b90124c812670eebc8";
        SignedRequest request = request("GET", "/dev", query, "", List.of(Map.entry("Host", HOST)));

        assertThat(check("TOKEN/+=").check(request, SignatureCheck.INVOKE, CONNECT))
                .isInstanceOf(Outcome.Ok.class);
        assertThat(check(null).check(request, SignatureCheck.INVOKE, CONNECT)).isInstanceOf(Outcome.Bad.class);
        assertThat(check("OTHER").check(request, SignatureCheck.INVOKE, CONNECT))
                .isInstanceOf(Outcome.Bad.class);
    }

    @Test
    void aKeyWithATokenIsNothingWithoutIt() {
        assertThat(bad(check("TOKEN/+=").check(raw("hello", RAW_SIGNATURE), "execute-api:Invoke", CONNECT)))
                .startsWith("UnrecognizedClientException");
    }

    @Test
    void whoSignsNoBodySaysSo() {
        List<Map.Entry<String, String>> headers = List.of(
                Map.entry("host", HOST),
                Map.entry("x-amz-content-sha256", "UNSIGNED-PAYLOAD"),
                Map.entry("x-amz-date", "20150830T123600Z"));
        StringBuilder lines = new StringBuilder();
        headers.forEach(field -> Canonical.header(lines, field.getKey(), List.of(field.getValue())));
        String names = "host;x-amz-content-sha256;x-amz-date";
        String canonical =
                Canonical.request("POST", "/dev/%40connections/x", "", lines.toString(), names, "UNSIGNED-PAYLOAD");
        Canonical.Scope scope = new Canonical.Scope("20150830", "us-east-1", "execute-api");
        String signature =
                Canonical.signature(SECRET, scope, Canonical.stringToSign("20150830T123600Z", scope, canonical));
        List<Map.Entry<String, String>> all = new ArrayList<>(headers);
        all.add(Map.entry("Authorization", authorization(names, signature)));

        assertThat(callback(request("POST", "/dev/@connections/x", "", "anything", all)))
                .isInstanceOf(Outcome.Ok.class);
        all.remove(1);
        assertThat(callback(request("POST", "/dev/@connections/x", "", "anything", all)))
                .isInstanceOf(Outcome.Bad.class);
    }

    @Test
    @DisplayName("125: who may not is told by whose policy, with the literal {connectionId}")
    void denied() {
        SignatureCheck check = new SignatureCheck(
                List.of(new SigningKey(
                        new Credentials("AKIDEXAMPLE", SECRET, null),
                        "app",
                        ARN,
                        List.of(new SigningKey.Allow("execute-api:Invoke", "*")))),
                clock);

        assertThat(check.check(raw("hello", RAW_SIGNATURE), SignatureCheck.MANAGE_CONNECTIONS, CALLBACKS))
                .isEqualTo(new Outcome.Denied(
                        new SignatureCheck.Caller("app", ARN, "AKIDEXAMPLE"),
                        "User: " + ARN + " is not authorized to perform: execute-api:ManageConnections on resource:"
                                + " arn:aws:execute-api:us-east-1:********9012:abc123/dev/POST/@connections/"
                                + "{connectionId} because no identity-based policy allows the"
                                + " execute-api:ManageConnections action"));
    }

    @ParameterizedTest
    @CsvSource({
        "arn:aws:execute-api:us-east-1:123456789012:abc123/dev/*,true",
        "arn:aws:execute-api:us-east-1:123456789012:abc123/*,true",
        "arn:aws:execute-api:*:*:*/@connections/*,true",
        "arn:aws:execute-api:us-east-1:123456789012:abc123/dev/POST/@connections/{connectionId},true",
        "arn:aws:execute-api:us-east-1:123456789012:abc123/dev/POST/@connections/gbgHN0-zjQAYKEjhgA==,false",
        "arn:aws:execute-api:us-east-1:123456789012:abc123/dev/POST/@connections,false",
        "arn:aws:execute-api:us-east-1:123456789012:abc123/prod/*,false",
        "arn:aws:execute-api:us-east-1:123456789012:abc12?/dev/P?ST/*,true",
        "arn:aws:execute-api:us-east-1:123456789012:abc123/dev/P?OST/*,false"
    })
    @DisplayName("125: resources of policies are matched with the template")
    void resources(String resource, boolean allowed) {
        SignatureCheck check = new SignatureCheck(
                List.of(new SigningKey(
                        new Credentials("AKIDEXAMPLE", SECRET, null),
                        "app",
                        ARN,
                        List.of(new SigningKey.Allow("execute-api:ManageConnections", resource)))),
                clock);

        assertThat(
                        check.check(raw("hello", RAW_SIGNATURE), SignatureCheck.MANAGE_CONNECTIONS, CALLBACKS)
                                instanceof Outcome.Ok)
                .isEqualTo(allowed);
    }

    @Test
    void anotherServiceOrRegionIsRefused() {
        assertThat(bad(callback(raw("hello", RAW_SIGNATURE, "us-east-1/lambda"))))
                .isEqualTo("InvalidSignatureException Credential should be scoped to correct service: 'execute-api'. ");
        SignatureCheck elsewhere = new SignatureCheck(keys(null), clock, "eu-west-1");
        assertThat(bad(elsewhere.check(raw("hello", RAW_SIGNATURE), "execute-api:Invoke", CONNECT)))
                .isEqualTo("InvalidSignatureException Credential should be scoped to a valid region. ");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Bearer abc",
                "AWS4-HMAC-SHA256",
                "AWS4-HMAC-SHA256 ",
                "AWS4-HMAC-SHA256 Credential=",
                "AWS4-HMAC-SHA256 Credential=a/b, SignedHeaders=host, Signature=x",
                "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/execute-api/aws4_request",
                "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/2015/us-east-1/execute-api/aws4_request,"
                        + " SignedHeaders=host, Signature=x",
                "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/execute-api/other,"
                        + " SignedHeaders=host, Signature=x",
                "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/execute-api/aws4_request,"
                        + " SignedHeaders=x-amz-date, Signature=x",
                "AWS4-ECDSA-P256-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/execute-api/aws4_request,"
                        + " SignedHeaders=host, Signature=x",
                ""
            })
    void whatMakesNoSenseIsRefused(String authorization) {
        SignedRequest request = request(
                "POST",
                RAW,
                "",
                "hello",
                List.of(
                        Map.entry("Host", HOST),
                        Map.entry("X-Amz-Date", "20150830T123600Z"),
                        Map.entry("Authorization", authorization)));

        assertThat(callback(request)).isInstanceOf(Outcome.Bad.class);
    }

    @Test
    void aBearerIsToldInTheWordsOfAws() {
        List<Map.Entry<String, String>> headers =
                List.of(Map.entry("Host", HOST), Map.entry("Authorization", "Bearer abc"));

        assertThat(bad(callback(request("GET", RAW, "", "", headers))))
                .isEqualTo("IncompleteSignatureException Invalid key=value pair (missing equal-sign) in Authorization"
                        + " header (hashed with SHA-256 and encoded with Base64):"
                        + " 'w1Xc6WwWEogNEZQP/dkBTThsJT4MNlKmzQanIm970rY='.");
    }

    @Test
    void aDateOfTheOlderFormIsTaken() {
        SignedRequest request = request(
                "POST",
                RAW,
                "",
                "hello",
                List.of(
                        Map.entry("Host", HOST),
                        Map.entry("Date", "Sun, 30 Aug 2015 12:36:00 GMT"),
                        Map.entry("Authorization", authorization("host", "0"))));

        assertThat(bad(callback(request))).startsWith("InvalidSignatureException The request signature");
    }

    private Outcome callback(SignedRequest request) {
        return check(null).check(request, SignatureCheck.MANAGE_CONNECTIONS, CALLBACKS);
    }

    private Outcome connect(String query) {
        return check(null)
                .check(
                        request("GET", "/dev", query, "", List.of(Map.entry("Host", HOST))),
                        SignatureCheck.INVOKE,
                        CONNECT);
    }

    private SignatureCheck check(String token) {
        return new SignatureCheck(keys(token), clock);
    }

    private static List<SigningKey> keys(String token) {
        return List.of(new SigningKey(
                new Credentials("AKIDEXAMPLE", SECRET, token),
                "app",
                ARN,
                List.of(new SigningKey.Allow("execute-api:*", "*"))));
    }

    private static String bad(Outcome outcome) {
        Outcome.Bad bad = (Outcome.Bad) outcome;
        String message = bad.message();
        int more = message.indexOf(" the signature you provided");
        return bad.errorType() + " " + (more < 0 ? message : message.substring(0, more));
    }

    private static SignedRequest raw(String body, String signature) {
        return raw(body, signature, "us-east-1/execute-api");
    }

    private static SignedRequest raw(String body, String signature, String scope) {
        return request(
                "POST",
                RAW,
                "",
                body,
                List.of(
                        Map.entry("Host", HOST),
                        Map.entry("Content-Type", "application/octet-stream"),
                        Map.entry("X-Amz-Date", "20150830T123600Z"),
                        Map.entry(
                                "Authorization",
                                "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/" + scope + "/aws4_request,"
                                        + " SignedHeaders=content-type;host;x-amz-date, Signature=" + signature)));
    }

    private static SignedRequest encoded(String path, String signature) {
        return request(
                "POST",
                path,
                "",
                "hello",
                List.of(
                        Map.entry("Host", HOST),
                        Map.entry("X-Amz-Date", "20150830T123600Z"),
                        Map.entry("Authorization", authorization("host;x-amz-date", signature))));
    }

    private static String authorization(String names, String signature) {
        return "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/execute-api/aws4_request,SignedHeaders="
                + names + ",Signature=" + signature;
    }

    private static SignedRequest request(
            String method, String path, String query, String body, List<Map.Entry<String, String>> headers) {
        return new SignedRequest(method, path, query, headers, body.getBytes(UTF_8));
    }
}
