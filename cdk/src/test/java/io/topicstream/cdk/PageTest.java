package io.topicstream.cdk;

import static io.topicstream.cdk.Deployed.map;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The chat page of the published template. The function at the edge is run by Node, as the runtime of CloudFront runs
/// it: with an event, for an answer or a request.
class PageTest {
    private static final String HOST = "d111.cloudfront.net";
    private static final String CALL = "process.stdout.write(JSON.stringify(handler(JSON.parse(process.argv[2]))));";

    @TempDir
    private Path folder;

    private final Deployed deployed = Deployed.usual();

    @Test
    void withoutThePageThereIsNothingOfIt() {
        Deployed without = Deployed.with(Map.of("EnablePage", "false"));

        assertThat(without.resources().keySet()).noneMatch(id -> id.startsWith("Page"));
        assertThat(without.outputs()).doesNotContainKeys("FrontendUrl", "FrontendBucketName", "PublishPageCommand");
    }

    @Test
    void nobodyButTheDistributionReadsItsFiles() {
        List<?> statements = (List<?>) deployed.property("PageBucketPolicy", "PolicyDocument", "Statement");

        assertThat(statements).hasSize(3);
        for (Object statement : statements.subList(0, 2)) {
            assertThat(map(statement))
                    .containsEntry("Principal", Map.of("Service", "cloudfront.amazonaws.com"))
                    .containsEntry(
                            "Condition",
                            Map.of(
                                    "StringEquals",
                                    Map.of(
                                            "aws:SourceArn",
                                            "arn:aws:cloudfront::111122223333:distribution/PageDistribution")));
        }
        assertThat(map(statements.getLast())).containsEntry("Sid", "OnlyByTls").containsEntry("Effect", "Deny");
        assertThat(map(deployed.property("PageAccess", "OriginAccessControlConfig")))
                .containsEntry("SigningBehavior", "always")
                .containsEntry("SigningProtocol", "sigv4");
    }

    @Test
    void thePageComesByHttpsAndBesideItIsItsWebSocket() {
        Map<String, Object> config = map(deployed.property("PageDistribution", "DistributionConfig"));

        assertThat(config).containsEntry("DefaultRootObject", "index.html").containsEntry("Enabled", true);
        assertThat(map(config.get("DefaultCacheBehavior")))
                .containsEntry("TargetOriginId", "files")
                .containsEntry("ViewerProtocolPolicy", "redirect-to-https")
                .containsEntry("ResponseHeadersPolicyId", "PageHeaders")
                .containsEntry("AllowedMethods", List.of("GET", "HEAD"));
        assertThat((List<?>) config.get("CacheBehaviors")).hasSize(1);
        assertThat(map(((List<?>) config.get("CacheBehaviors")).getFirst()))
                .containsEntry("PathPattern", "/v1")
                .containsEntry("TargetOriginId", "door")
                .containsEntry("ViewerProtocolPolicy", "https-only");
        Map<String, Object> door = map(((List<?>) config.get("Origins")).getLast());
        assertThat(door).containsEntry("DomainName", "WebSocketApi.execute-api.eu-west-1.amazonaws.com");
        assertThat(map(door.get("CustomOriginConfig")))
                .containsEntry("OriginProtocolPolicy", "https-only")
                .containsEntry("OriginSSLProtocols", List.of("TLSv1.2"));
    }

    /// Those that a server sends with it, word for word; `ChatPage` of the server has them.
    @Test
    void theHeadersAreThoseOfAServer() throws IOException {
        Map<String, Object> headers = map(deployed.property("PageHeaders", "ResponseHeadersPolicyConfig"));
        Map<String, Object> security = map(headers.get("SecurityHeadersConfig"));
        String policy = (String) map(security.get("ContentSecurityPolicy")).get("ContentSecurityPolicy");

        String server = Files.readString(Path.of("../server/src/main/java/io/topicstream/server/pages/ChatPage.java"))
                .replaceAll("\"\\s*\\+\\s*\"", "");
        assertThat(server).contains('"' + policy + '"');
        assertThat(map(security.get("ReferrerPolicy"))).containsEntry("ReferrerPolicy", "no-referrer");
        assertThat(security).containsKeys("ContentTypeOptions", "StrictTransportSecurity");
        assertThat((List<?>) map(headers.get("CustomHeadersConfig")).get("Items"))
                .isEqualTo(List.of(
                        Map.of("Header", "Cross-Origin-Opener-Policy", "Value", "same-origin", "Override", true)));
    }

    @Test
    void thePageIsToldWhereItsServerIs() throws Exception {
        Map<String, Object> answer = atTheEdge("/config.json", Map.of("host", HOST));

        assertThat(answer).containsEntry("statusCode", 200).containsEntry("body", "{\"server\":\"/v1\"}");
        assertThat(map(map(answer.get("headers")).get("cache-control"))).containsEntry("value", "no-cache");
        assertThat(map(map(answer.get("headers")).get("content-type"))).containsEntry("value", "application/json");
    }

    @Test
    void atTheDoorThePageIsNoForeignOneAndOthersAre() throws Exception {
        assertThat(originBehind("https://" + HOST)).isNull();

        for (String foreign : List.of(
                "https://pages.example.com", "http://" + HOST, "https://" + HOST + ".example.com", "null", "")) {
            assertThat(originBehind(foreign)).as(foreign).isEqualTo(Map.of("value", foreign));
        }
    }

    private Object originBehind(String origin) throws Exception {
        Map<String, Object> request = atTheEdge("/v1", Map.of("host", HOST, "origin", origin));
        assertThat(request).containsEntry("uri", "/v1");
        return map(request.get("headers")).get("origin");
    }

    private Map<String, Object> atTheEdge(String uri, Map<String, String> headers) throws Exception {
        Map<String, Object> values = new java.util.TreeMap<>();
        headers.forEach((name, value) -> values.put(name, Map.of("value", value)));
        String event = Deployed.JSON.writeValueAsString(
                Map.of("request", Map.of("method", "GET", "uri", uri, "headers", values)));
        Path program =
                Files.writeString(folder.resolve("page.js"), deployed.property("PageFunction", "FunctionCode") + CALL);
        Process node = new ProcessBuilder("node", program.toString(), event)
                .redirectErrorStream(true)
                .start();
        try {
            String said = new String(node.getInputStream().readAllBytes(), UTF_8);
            assertThat(node.waitFor(60, TimeUnit.SECONDS)).isTrue();
            assertThat(node.exitValue()).as(said).isZero();
            return map(Deployed.JSON.readValue(said, Object.class));
        } finally {
            node.destroyForcibly();
        }
    }

    @Test
    void whatIsPrintedPublishesIt() {
        assertThat(deployed.outputs())
                .containsEntry("FrontendUrl", "https://PageDistribution.DomainName/")
                .containsEntry("FrontendBucketName", "PageBucket")
                .containsEntry(
                        "PublishPageCommand",
                        "aws s3 sync web/target/classes/io/topicstream/web/chat/assets s3://PageBucket/assets"
                                + " --cache-control 'public, max-age=31536000, immutable'"
                                + " && aws s3 sync web/target/classes/io/topicstream/web/chat s3://PageBucket"
                                + " --exclude 'assets/*' --exclude config.json --cache-control no-cache");
    }
}
