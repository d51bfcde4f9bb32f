package io.topicstream.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.topicstream.cli.RunningGateway.Client;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Templates of whole applications, as people publish them, loaded and run: their functions are played by a recorder,
/// all else is the real command.
@Timeout(value = 240, threadMode = Timeout.ThreadMode.SEPARATE_THREAD) // a message that never comes is a failure
class PublishedTemplatesTest {
    @TempDir
    private Path directory;

    static Path template(String name) throws Exception {
        return Path.of(
                PublishedTemplatesTest.class.getResource("/templates/" + name).toURI());
    }

    private RunningGateway start(String template, FunctionRecorder functions, String... more) throws Exception {
        String[] arguments = new String[4 + more.length];
        arguments[0] = "--template";
        arguments[1] = template(template).toString();
        arguments[2] = "--lambda-endpoint";
        arguments[3] = functions.endpoint();
        System.arraycopy(more, 0, arguments, 4, more.length);
        return new RunningGateway(directory, arguments);
    }

    @ParameterizedTest
    @DisplayName("137: rooms, in CloudFormation, packaged by the Serverless Framework and synthesised by CDK")
    @CsvSource({
        "rooms/cloudformation.yaml, rooms-connect-dev, rooms-message-dev, rooms-disconnect-dev",
        "rooms/.serverless/cloudformation-template-update-stack.json, rooms-dev-connect, rooms-dev-message, rooms-dev-disconnect",
        "rooms/cdk.out/RoomsStack.template.json, ConnectFunction5E6F0000, MessageFunction5E6F0002, DisconnectFunction5E6F0001"
    })
    void rooms(String template, String connect, String message, String disconnect) throws Exception {
        RoomsBackEnd backEnd = new RoomsBackEnd(Tables.inMemory(), false);
        try (FunctionRecorder functions = new FunctionRecorder(backEnd);
                RunningGateway gateway = start(template, functions)) {
            backEnd.gateway.set(gateway);
            assertThat(gateway.refusal("?token=wrong")).isEqualTo(401);
            try (Client ada = gateway.open("?userId=ada&roomId=blue&token=valid_1");
                    Client ben = gateway.open("?userId=ben")) {
                ada.send("{\"type\":\"chat\",\"message\":\"alone\"}");
                assertThat(ada.next())
                        .isEqualTo(
                                "{\"type\":\"chat\",\"data\":{\"message\":\"alone\",\"roomId\":\"blue\",\"senderId\":\"ada\"}}");
                ben.send("{\"type\":\"join_room\",\"roomId\":\"blue\"}");
                String joined = "{\"type\":\"user_joined\",\"data\":{\"roomId\":\"blue\",\"userId\":\"ben\"}}";
                assertThat(ada.next()).isEqualTo(joined);
                assertThat(ben.next()).isEqualTo(joined);
                ben.send("{\"message\":\"hi\"}");
                assertThat(ada.next()).contains("\"message\":\"hi\"").contains("\"senderId\":\"ben\"");
                assertThat(ben.next()).contains("\"message\":\"hi\"");
                ben.send("{\"type\":\"fly\"}");
                assertThat(ben.next()).contains("Unknown message type: fly");
                assertThat(ada.waiting()).isZero();
            }
            await().untilAsserted(() -> assertThat(functions.asked())
                    .hasSize(9)
                    .startsWith(
                            connect + " $connect",
                            connect + " $connect",
                            connect + " $connect",
                            message + " chat",
                            message + " join_room",
                            message + " $default",
                            message + " $default")
                    .endsWith(disconnect + " $disconnect", disconnect + " $disconnect"));
        }
    }

    @Test
    @DisplayName(
            "137: rooms, whose functions run on this machine as the template has them, and keep what they know in a table")
    void roomsWithTheirFunctions() throws Exception {
        try (ConnectionsTable table = new ConnectionsTable("rooms-connections-dev", directory.resolve("table.log"));
                RunningGateway gateway = new RunningGateway(
                        directory,
                        "--template",
                        template("rooms/cloudformation.yaml").toString(),
                        "--set",
                        "gateway.function_environment={AWS_ENDPOINT_URL_DYNAMODB: \"" + table.endpoint() + "\"}")) {
            assertThat(gateway.refusal("?token=wrong")).isEqualTo(401);
            try (Client ada = gateway.open("?userId=ada&roomId=blue&token=valid_1");
                    Client ben = gateway.open("?userId=ben")) {
                ben.send("{\"type\":\"join_room\",\"roomId\":\"blue\"}");
                String joined = "{\"type\": \"user_joined\", \"data\": {\"userId\": \"ben\", \"roomId\": \"blue\"}}";
                assertThat(ada.next()).isEqualTo(joined);
                assertThat(ben.next()).isEqualTo(joined);
                ada.send("{\"message\":\"hi\"}");
                String hi =
                        "{\"type\": \"chat\", \"data\": {\"roomId\": \"blue\", \"senderId\": \"ada\", \"message\": \"hi\"}}";
                assertThat(ada.next()).isEqualTo(hi);
                assertThat(ben.next()).isEqualTo(hi);
                ben.send("no JSON");
                assertThat(ben.next()).startsWith("{\"message\": \"Internal server error\"");
                assertThat(table.size()).isEqualTo(2);
            }
            await().untilAsserted(() -> assertThat(table.size()).isZero());
        }
    }

    @Test
    @DisplayName("133, 134: the logs and the metrics of a stage, where an operator finds them")
    void logsAndMetrics() throws Exception {
        RoomsBackEnd backEnd = new RoomsBackEnd(Tables.inMemory(), false);
        try (FunctionRecorder functions = new FunctionRecorder(backEnd);
                RunningGateway gateway = start("rooms/cloudformation.yaml", functions)) {
            backEnd.gateway.set(gateway);
            String api = gateway.api();
            String connection;
            try (Client ada = gateway.open("?userId=ada")) {
                ada.send("{\"type\":\"chat\",\"message\":\"hi\"}");
                assertThat(ada.next()).contains("hi");
                connection = functions.events().getFirst().connectionId();
            }
            await().untilAsserted(() -> assertThat(gateway.log()).contains("\"event\":\"DISCONNECT\""));

            for (String event : List.of(
                    "CONNECT\",\"route\":\"$connect",
                    "MESSAGE\",\"route\":\"chat",
                    "DISCONNECT\",\"route\":\"$disconnect")) {
                assertThat(gateway.log().lines())
                        .filteredOn(line -> line.contains("\"event\":\"" + event + "\""))
                        .singleElement()
                        .asString()
                        .contains(" INFO access of " + api + "/dev: {\"id\":\"")
                        .endsWith("\"connection\":\"" + connection + "\",\"status\":\"200\"}");
            }
            assertThat(gateway.log().lines())
                    .filteredOn(line -> line.contains(" INFO execution of " + api + "/dev: ("))
                    .anySatisfy(line -> assertThat(line)
                            .endsWith(") Route key: chat, event type: MESSAGE, connection: " + connection))
                    .anySatisfy(line -> assertThat(line).endsWith(") Completed with status: 200"));
            String stage = "{api=\"" + api + "\",stage=\"dev\"";
            assertThat(gateway.metrics().lines())
                    .contains(
                            "# TYPE topicstream_gateway_stage_connects_total counter",
                            "topicstream_gateway_stage_connects_total" + stage + "} 1",
                            "topicstream_gateway_stage_messages_total" + stage + "} 2",
                            "topicstream_gateway_stage_integration_errors_total" + stage + "} 0",
                            "topicstream_gateway_stage_client_errors_total" + stage + "} 0",
                            "topicstream_gateway_stage_execution_errors_total" + stage + "} 0",
                            "topicstream_gateway_stage_integration_latency_seconds_count" + stage + "} 3",
                            "topicstream_gateway_route_messages_total" + stage + ",route=\"chat\"} 1",
                            "topicstream_gateway_route_connects_total" + stage + ",route=\"$connect\"} 1",
                            "topicstream_gateway_route_integration_latency_seconds_count" + stage
                                    + ",route=\"$disconnect\"} 1");
        }
    }

    @Test
    @DisplayName("18: a welcome that the function of $connect posts is too early, as on AWS, and nobody comes in")
    void aWelcomeThatComesTooEarly() throws Exception {
        RoomsBackEnd backEnd = new RoomsBackEnd(Tables.inMemory(), true);
        try (FunctionRecorder functions = new FunctionRecorder(backEnd);
                RunningGateway gateway = start("rooms/cloudformation.yaml", functions)) {
            backEnd.gateway.set(gateway);

            assertThat(gateway.refusal("?userId=ada")).isEqualTo(500);
        }
    }

    @Test
    @DisplayName("137: one chat for all, in SAM with nested stacks, with a bus and a workflow behind its function")
    void chat() throws Exception {
        ChatBackEnd backEnd = new ChatBackEnd(Tables.inMemory());
        try (FunctionRecorder functions = new FunctionRecorder(backEnd);
                RunningGateway gateway = start("chat/template.yaml", functions, "--parameter", "Env=prd")) {
            backEnd.gateway.set(gateway);
            assertThat(gateway.callbacks()).endsWith("/prd");
            String joined = "{\"action\":\"$connect\",\"content\":\"User has joined the chat\",\"sender\":\"System\"}";
            try (Client ada = gateway.open("?clientId=a")) {
                assertThat(ada.next()).isEqualTo(joined);
                Client tab = gateway.open("?clientId=a");
                assertThat(ada.next()).isEqualTo(joined);
                assertThat(tab.next()).isEqualTo(joined);
                Client ben = gateway.open("");
                assertThat(List.of(ada.next(), tab.next(), ben.next())).containsOnly(joined);

                ada.send("{\"action\":\"sendMessage\",\"content\":\"hi\"}");
                String hi = "{\"action\":\"sendMessage\",\"content\":\"hi\",\"sender\":\"User\"}";
                assertThat(ben.next()).isEqualTo(hi);
                ben.send("{\"action\":\"sendMessage\",\"content\":\"" + "x".repeat(151) + "\"}");
                ben.send("{\"action\":\"systemMessage\"}");
                ben.send("no JSON");
                ben.send("{\"action\":\"sendMessage\",\"content\":\"" + "x".repeat(150) + "\"}");
                for (Client each : List.of(ada, tab, ben)) {
                    assertThat(each.next()).contains("\"content\":\"xxx");
                }
                tab.close();
                assertThat(ada.next()).contains("User has left the chat");
                assertThat(ben.next()).contains("User has left the chat");
                ben.close();
                assertThat(ada.next()).contains("User has left the chat");
                assertThat(ada.waiting() + tab.waiting() + ben.waiting()).isZero();
            }
            await().untilAsserted(() -> assertThat(backEnd.bus())
                    .containsExactly(
                            "CONNECTION_ESTABLISHED",
                            "CONNECTION_ESTABLISHED",
                            "CONNECTION_ESTABLISHED",
                            "MESSAGE_SENT",
                            "MESSAGE_SENT",
                            "CONNECTION_CLOSED",
                            "CONNECTION_CLOSED",
                            "CONNECTION_CLOSED"));
            assertThat(functions.asked())
                    .contains("chat-prd sendMessage", "chat-prd systemMessage", "chat-prd $default");
        }
    }
}
