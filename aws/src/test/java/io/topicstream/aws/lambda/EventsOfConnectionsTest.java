package io.topicstream.aws.lambda;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.topicstream.aws.audience.DoorSettings;
import io.topicstream.aws.audience.FrontDoor;
import io.topicstream.aws.dynamo.DynamoEngine;
import io.topicstream.aws.dynamo.DynamoOptions;
import io.topicstream.aws.dynamo.DynamoTable;
import io.topicstream.aws.dynamo.Dynoxide;
import io.topicstream.aws.events.EventBus;
import io.topicstream.aws.events.EventStream;
import io.topicstream.aws.events.RecordedStream;
import io.topicstream.aws.events.StubBus;
import java.io.IOException;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;
import software.amazon.awssdk.services.eventbridge.EventBridgeClient;

/// Rows of connections, as the front door writes them, become events: it writes nothing more for that.
@Timeout(120)
class EventsOfConnectionsTest {
    private static final long AT_MS = 1_767_225_600_000L;
    private static final String NOTHING_FAILED = "{\"batchItemFailures\":[]}";

    private final DynamoTable table = Dynoxide.get().table();
    private final DynamoEngine engine = DynamoEngine.open(table, DynamoOptions.DEFAULTS);
    private final CalledFunction function = new CalledFunction(
            new FrontDoor.Ports(engine.log(), engine.state(), engine.stateOfNodes()), DoorSettings.local());
    private final RecordedStream stream = new RecordedStream(table);
    private final StubBus bus = new StubBus();
    private final EventBridgeClient client = EventBridgeClient.builder()
            .endpointOverride(bus.uri())
            .region(Region.US_EAST_1)
            .credentialsProvider(StaticCredentialsProvider.create(AwsBasicCredentials.create("local", StubBus.SECRET)))
            .httpClientBuilder(UrlConnectionHttpClient.builder())
            .build();
    private final EventStream events = new EventStream(
            engine.log(),
            List.of(),
            new EventBus(client, "chat", "my.chat", _ -> {}),
            (record, reason) -> {
                throw new AssertionError(reason + ": " + record);
            },
            InstantSource.system());

    EventsOfConnectionsTest() throws IOException {}

    @AfterEach
    void close() {
        engine.close();
        client.close();
        bus.close();
    }

    private void tell() {
        assertThat(new String(events.handle(RecordedStream.event(stream.changes(AT_MS))), UTF_8))
                .isEqualTo(NOTHING_FAILED);
    }

    @Test
    void aConnectionIsToldOfOnceWhenItIsOpenedAndOnceWhenItEnds() {
        var _ = function.connect("one=");
        tell();
        assertThat(bus.taken()).extracting(StubBus.Entry::type).containsExactly("CONNECTION_ESTABLISHED");
        assertThat(bus.taken().getFirst().source()).isEqualTo("my.chat");
        assertThat(bus.taken().getFirst().detail())
                .isEqualTo("{\"action\":\"$connect\",\"connectionId\":\"one=\",\"sender\":\"ann\","
                        + "\"timestamp\":\"2026-01-01T00:00:00.000Z\",\"id\":\"con_one=_opened\"}");

        function.frame("one=", "{\"action\":\"subscribe\",\"topic\":\"news\"}");
        tell();
        assertThat(bus.taken()).hasSize(1);

        function.disconnect("one=");
        tell();
        assertThat(bus.taken())
                .extracting(StubBus.Entry::type)
                .containsExactly("CONNECTION_ESTABLISHED", "CONNECTION_CLOSED");
        assertThat(bus.taken().get(1).detail()).contains("\"action\":\"$disconnect\"", "\"id\":\"con_one=_closed\"");
    }

    @Test
    void aConnectionOfAChatIsToldOfWithTheTopicInWhichItsComingIsSeen() {
        var _ = function.connectChat("three=", "tab");
        tell();

        assertThat(bus.taken())
                .singleElement()
                .satisfies(entry ->
                        assertThat(entry.detail()).contains("\"clientId\":\"tab\"", "\"topic\":\"room:lobby\""));
    }

    @Test
    void aConnectionWhoseEndNobodyToldHasEndedWhenItsRowGoes() {
        var _ = function.connect("two=");
        tell();
        var _ = table.client()
                .deleteItem(delete -> delete.tableName(table.name())
                        .key(Map.of(
                                "pk",
                                AttributeValue.fromS("V#connection/two="),
                                "sk",
                                AttributeValue.fromS("record"))));
        tell();

        assertThat(bus.taken())
                .extracting(StubBus.Entry::type)
                .containsExactly("CONNECTION_ESTABLISHED", "CONNECTION_CLOSED");
    }
}
