package io.topicstream.cdk;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.topicstream.aws.local.Ministack;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.WebSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Map;
import java.util.Queue;
import java.util.TreeMap;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awscdk.App;
import software.amazon.awscdk.AppProps;

/// The stacks, deployed and removed by CDK's own command line on a stand-in for AWS, and used in between.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class DeployedTest {
    private static final Duration PATIENCE = Duration.ofMinutes(2);
    private static final String ADMIN_TOKEN = "the token of this test";
    private static final String ASSETS = "cdk-hnb659fds-assets-" + Ministack.ACCOUNT + "-" + Ministack.REGION;
    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir
    private Path folder;

    private final HttpClient http = HttpClient.newHttpClient();
    private Ministack aws;

    @BeforeAll
    void start() throws Exception {
        aws = Ministack.start(Map.of());
    }

    @AfterAll
    void end() {
        http.close();
        aws.close();
    }

    @Test
    void aMessageGoesThroughADeployedSystemAndNothingIsLeftOfIt() throws Exception {
        bootstrap();
        Path assembly = synthesised();
        Path outputs = folder.resolve("outputs.json");

        Cdk.run(
                environment(),
                "deploy",
                "--all",
                "--app",
                assembly.toString(),
                "--require-approval",
                "never",
                "--method",
                "direct",
                "--outputs-file",
                outputs.toString());

        JsonNode said = JSON.readTree(Files.readString(outputs)).get("TopicStream-dev-Api");
        String api = aws.endpoint() + "/_aws/execute-api/" + idOf(said, "ApiUrl") + "/$default";
        URI sockets = URI.create(
                "ws://127.0.0.1:" + aws.port() + "/_aws/execute-api/" + idOf(said, "WebSocketApiEndpoint") + "/v1");
        assertThat(send("GET", api + "/health", "", "")).contains("\"ok\"");
        String key = JSON.readTree(send("POST", api + "/admin/keys", "Bearer " + ADMIN_TOKEN, "{\"name\":\"ada\"}"))
                .get("key")
                .asText();
        Heard heard = new Heard();
        WebSocket socket = http.newWebSocketBuilder()
                .header("x-api-key", key)
                .buildAsync(sockets, heard)
                .get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        await().atMost(PATIENCE).untilAsserted(() -> assertThat(heard.frames).anyMatch(f -> f.contains("welcome")));
        socket.sendText("{\"action\":\"subscribe\",\"id\":1,\"topic\":\"orders\"}", true)
                .join();
        await().atMost(PATIENCE).untilAsserted(() -> assertThat(heard.frames).hasSizeGreaterThan(1));

        assertThat(send("POST", api + "/topics/orders/produce", "Bearer " + key, "{\"payload\":\"by HTTP\"}"))
                .isEqualTo("{\"topic\":\"orders\",\"offset\":1}");

        await().atMost(PATIENCE).untilAsserted(() -> assertThat(heard.frames).anyMatch(f -> f.contains("by HTTP")));
        assertThat(send("GET", api + "/topics/orders/consume", "Bearer " + key, ""))
                .contains("by HTTP");

        // What is left to the workflow comes by the stream, the bus and the workflow.
        socket.sendText("{\"action\":\"subscribe\",\"id\":2,\"topic\":\"broadcast:all\"}", true)
                .join();
        await().atMost(PATIENCE).untilAsserted(() -> assertThat(heard.frames).anyMatch(f -> f.contains("\"id\":2")));
        send("POST", api + "/topics/broadcast:all/produce", "Bearer " + key, "{\"payload\":\"by workflow\"}");
        await().atMost(PATIENCE).untilAsserted(() -> assertThat(heard.frames).anyMatch(f -> f.contains("by workflow")));
        socket.sendClose(WebSocket.NORMAL_CLOSURE, "").join();

        Cdk.run(environment(), "destroy", "--all", "--force", "--app", assembly.toString());

        assertThat(left()).isEmpty();
    }

    /// What CDK finds in each account that it deploys to, and does not make itself.
    private void bootstrap() throws Exception {
        aws.call(
                "ssm",
                "AmazonSSM.PutParameter",
                "{\"Name\":\"/cdk-bootstrap/hnb659fds/version\",\"Value\":\"30\",\"Type\":\"String\"}");
        send("PUT", aws.endpoint() + "/" + ASSETS, "", "");
    }

    private Path synthesised() throws Exception {
        Path assembly = folder.resolve("cdk.out");
        App app = new App(AppProps.builder()
                .analyticsReporting(false)
                .outdir(assembly.toString())
                .context(Map.of(
                        "adminTokenSha256",
                        HexFormat.of()
                                .formatHex(MessageDigest.getInstance("SHA-256").digest(ADMIN_TOKEN.getBytes(UTF_8))),
                        "enableEvents",
                        "true",
                        "enableWorkflow",
                        "true",
                        "enableEncryption",
                        "true"))
                .build());
        TopicStreamApp.build(app, new Context(app), new LocalForm(aws, folder));
        app.synth();
        return assembly;
    }

    private Map<String, String> environment() {
        return Map.of(
                "AWS_ENDPOINT_URL",
                "http://localhost:" + aws.port(),
                "AWS_ACCESS_KEY_ID",
                Ministack.ACCOUNT,
                "AWS_SECRET_ACCESS_KEY",
                "local",
                "AWS_REGION",
                Ministack.REGION,
                "CDK_DEFAULT_ACCOUNT",
                Ministack.ACCOUNT,
                "CDK_DEFAULT_REGION",
                Ministack.REGION);
    }

    /// The id of an API, of an output that names where it is.
    private static String idOf(JsonNode outputs, String name) {
        String host = URI.create(outputs.get(name).asText()).getHost();
        return host.substring(0, host.indexOf('.'));
    }

    private String send(String method, String url, String authorization, String body) throws Exception {
        HttpRequest.Builder request =
                HttpRequest.newBuilder(URI.create(url)).timeout(PATIENCE).method(method, BodyPublishers.ofString(body));
        if (!authorization.isEmpty()) {
            request.header("Authorization", authorization);
        }
        if (!body.isEmpty()) {
            request.header("Content-Type", "application/json");
        }
        HttpResponse<String> answer = http.send(request.build(), BodyHandlers.ofString());
        assertThat(answer.statusCode()).as(url + ": " + answer.body()).isBetween(200, 299);
        return answer.body();
    }

    /// What is there of the system, by its kind. Not its logs: the stand-in makes one anew for the last words of a
    /// function, which no role here may do.
    private Map<String, String> left() throws Exception {
        Map<String, String> all = new TreeMap<>();
        all.put("tables", aws.call("dynamodb", "DynamoDB_20120810.ListTables", "{}"));
        all.put("queues", aws.call("sqs", "AmazonSQS.ListQueues", "{}"));
        all.put("rules", aws.call("events", "AWSEvents.ListRules", "{}"));
        all.put("workflows", aws.call("states", "AWSStepFunctions.ListStateMachines", "{}"));
        all.put("functions", send("GET", aws.endpoint() + "/2015-03-31/functions", "", ""));
        all.put("apis", send("GET", aws.endpoint() + "/v2/apis", "", ""));
        all.put("buckets", send("GET", aws.endpoint() + "/", "", "").replace(ASSETS, ""));
        all.values().removeIf(list -> !list.toLowerCase(Locale.ROOT).contains("topicstream"));
        return all;
    }

    /// What a client hears.
    private static final class Heard implements WebSocket.Listener {
        private final Queue<String> frames = new ConcurrentLinkedQueue<>();
        private final StringBuilder part = new StringBuilder();

        @Override
        public @Nullable CompletionStage<?> onText(WebSocket socket, CharSequence data, boolean isLast) {
            part.append(data);
            if (isLast) {
                frames.add(part.toString());
                part.setLength(0);
            }
            socket.request(1);
            return null;
        }
    }
}
