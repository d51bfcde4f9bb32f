package io.topicstream.examples.directchat;

import io.topicstream.examples.backend.Program;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.dynamodb.model.AttributeDefinition;
import software.amazon.awssdk.services.dynamodb.model.BillingMode;
import software.amazon.awssdk.services.dynamodb.model.KeySchemaElement;
import software.amazon.awssdk.services.dynamodb.model.KeyType;
import software.amazon.awssdk.services.dynamodb.model.ScalarAttributeType;

/// A DynamoDB of the test's own: the open stand-in dynoxide, which `.ci/run` installs.
final class Dynoxide implements AutoCloseable {
    private final Program program;
    private final URI endpoint;

    private Dynoxide(Program program, URI endpoint) {
        this.program = program;
        this.endpoint = endpoint;
    }

    static Dynoxide start(Path folder) throws IOException {
        Path installed = installed().orElseThrow(() -> new IOException("dynoxide is not installed; .ci/run does it"));
        int port = Program.freePort();
        Program program = Program.start(
                folder,
                "dynoxide",
                Map.of(),
                List.of(installed.toString(), "serve", "--host", "127.0.0.1", "--port", Integer.toString(port)));
        Dynoxide dynoxide = new Dynoxide(program, URI.create("http://127.0.0.1:" + port));
        try (DynamoDbClient client = dynoxide.client()) {
            Awaitility.await().ignoreExceptions().until(() -> client.listTables() != null);
        } catch (RuntimeException | Error e) {
            dynoxide.close();
            throw e;
        }
        return dynoxide;
    }

    private static Optional<Path> installed() {
        return Stream.concat(
                        Stream.of(System.getenv("PATH").split(":")),
                        Stream.of(System.getProperty("user.home") + "/.cargo/bin"))
                .map(folder -> Path.of(folder, "dynoxide"))
                .filter(Files::isExecutable)
                .findFirst();
    }

    URI endpoint() {
        return endpoint;
    }

    DynamoDbClient client() {
        return DynamoDbClient.builder()
                .region(Region.US_EAST_1)
                .endpointOverride(endpoint)
                .credentialsProvider(StaticCredentialsProvider.create(AwsBasicCredentials.create("local", "local")))
                .httpClientBuilder(UrlConnectionHttpClient.builder())
                .build();
    }

    /// Makes an empty table, as the documents say it must be.
    void makeTable(String name) {
        try (DynamoDbClient client = client()) {
            client.createTable(table -> table.tableName(name)
                    .billingMode(BillingMode.PAY_PER_REQUEST)
                    .attributeDefinitions(AttributeDefinition.builder()
                            .attributeName("connectionId")
                            .attributeType(ScalarAttributeType.S)
                            .build())
                    .keySchema(KeySchemaElement.builder()
                            .attributeName("connectionId")
                            .keyType(KeyType.HASH)
                            .build()));
        }
    }

    @Override
    public void close() {
        program.close();
    }
}
