package io.topicstream.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.topicstream.gateway.json.JsonBody;
import io.topicstream.gateway.json.JsonLocation;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.stream.Stream;
import org.awaitility.Awaitility;

/// A table of DynamoDB whose key is `connectionId`, in the open stand-in dynoxide, which `.ci/run` installs.
final class ConnectionsTable implements AutoCloseable {
    private final HttpClient http = HttpClient.newHttpClient();
    private final String name;
    private final String endpoint;
    private final Process process;

    /// Makes it, empty.
    ///
    /// @param log where the stand-in says what it does
    ConnectionsTable(String name, Path log) throws IOException {
        this.name = name;
        int port;
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = free.getLocalPort();
        }
        endpoint = "http://127.0.0.1:" + port;
        process = new ProcessBuilder(program(), "serve", "--host", "127.0.0.1", "--port", Integer.toString(port))
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        try {
            make();
        } catch (RuntimeException | Error e) {
            // Nobody else can end what has no table.
            close();
            throw e;
        }
    }

    private void make() {
        Awaitility.await()
                .atMost(Duration.ofSeconds(30))
                .ignoreExceptions()
                .until(() -> asked("ListTables", "{}").statusCode() == 200);
        HttpResponse<String> made = asked("CreateTable", """
                {"TableName":"%s","BillingMode":"PAY_PER_REQUEST",
                 "AttributeDefinitions":[{"AttributeName":"connectionId","AttributeType":"S"}],
                 "KeySchema":[{"AttributeName":"connectionId","KeyType":"HASH"}]}""".formatted(name));
        assertThat(made.statusCode()).as(made.body()).isEqualTo(200);
    }

    private static String program() throws IOException {
        return Stream.concat(
                        Stream.of(System.getenv("PATH").split(":")),
                        Stream.of(System.getProperty("user.home") + "/.cargo/bin"))
                .map(folder -> Path.of(folder, "dynoxide"))
                .filter(Files::isExecutable)
                .findFirst()
                .orElseThrow(() -> new IOException("dynoxide is not installed; .ci/run does it"))
                .toString();
    }

    private HttpResponse<String> asked(String action, String request) {
        try {
            // It wants a signature, and does not look into it.
            return http.send(
                    HttpRequest.newBuilder(URI.create(endpoint))
                            .header("Content-Type", "application/x-amz-json-1.0")
                            .header("X-Amz-Target", "DynamoDB_20120810." + action)
                            .header("X-Amz-Date", "20260101T000000Z")
                            .header(
                                    "Authorization",
                                    "AWS4-HMAC-SHA256 Credential=local/20260101/us-east-1/dynamodb/aws4_request,"
                                            + " SignedHeaders=host, Signature=" + "0".repeat(64))
                            .POST(HttpRequest.BodyPublishers.ofString(request))
                            .build(),
                    HttpResponse.BodyHandlers.ofString());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    String endpoint() {
        return endpoint;
    }

    /// How many items it has.
    int size() {
        String answer = asked("Scan", "{\"TableName\":\"" + name + "\",\"Select\":\"COUNT\"}")
                .body();
        return Integer.parseInt(
                JsonBody.of(answer).at(JsonLocation.parse("Count")).text());
    }

    @Override
    public void close() {
        process.destroy();
        http.close();
    }
}
