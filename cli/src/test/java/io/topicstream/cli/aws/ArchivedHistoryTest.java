package io.topicstream.cli.aws;

import static io.topicstream.server.JsonTexts.number;
import static org.assertj.core.api.Assertions.assertThat;

import io.topicstream.aws.dynamo.ArchiveOptions;
import io.topicstream.aws.dynamo.DynamoEngine;
import io.topicstream.aws.dynamo.DynamoOptions;
import io.topicstream.aws.dynamo.DynamoTable;
import io.topicstream.aws.dynamo.Dynoxide;
import io.topicstream.aws.s3.LocalS3;
import io.topicstream.log.TopicName;
import io.topicstream.server.TestClient;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.Set;
import org.junit.jupiter.api.Test;

/// That history goes over archive and tail, at every door.
class ArchivedHistoryTest {
    private static final int MESSAGES = 12;

    @Test
    void historySpansArchiveAndTail() throws Exception {
        DynamoTable table = Dynoxide.get().table();
        DynamoOptions options = DynamoOptions.DEFAULTS.withArchive(LocalS3.get().objects());
        try (DynamoEngine engine = DynamoEngine.open(table, options);
                LocalAws aws = new LocalAws(LocalAws.Parts.of(table, options), 0);
                TestClient publisher = TestClient.connect(aws.uri());
                HttpClient http = HttpClient.newHttpClient()) {
            for (int i = 1; i <= MESSAGES; i++) {
                publisher.send("{\"action\":\"publish\",\"id\":" + i + ",\"topic\":\"t\",\"message\":" + i + "}");
                publisher.await("\"id\":" + i + ",");
                if (i == MESSAGES / 2) {
                    assertThat(engine.archiver(ArchiveOptions.DEFAULTS).seal(Set.of(new TopicName("t"))))
                            .isEmpty();
                }
            }

            // Who resumes from before the seam hears all of it, and then what comes.
            try (TestClient client = TestClient.connect(aws.uri())) {
                client.send("{\"action\":\"subscribe\",\"id\":\"s\",\"topic\":\"t\",\"from\":\"earliest\"}");
                client.await("\"id\":\"s\"");
                for (int offset = 1; offset <= MESSAGES; offset++) {
                    assertThat(number(client.next(), "offset")).isEqualTo(offset);
                }
                publisher.send("{\"action\":\"publish\",\"topic\":\"t\",\"message\":\"live\"}");
                assertThat(client.next()).contains("\"offset\":" + (MESSAGES + 1) + ",", "\"message\":\"live\"");
            }
            URI page = aws.uri().resolve("/topics/t/consume?offset=1&limit=100");
            HttpResponse<String> history =
                    http.send(HttpRequest.newBuilder(page).build(), HttpResponse.BodyHandlers.ofString());

            assertThat(history.statusCode()).isEqualTo(200);
            for (int offset = 1; offset <= MESSAGES + 1; offset++) {
                assertThat(history.body()).contains("\"offset\":" + offset + ",");
            }
        }
    }
}
