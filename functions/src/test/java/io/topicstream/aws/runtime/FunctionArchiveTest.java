package io.topicstream.aws.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.util.List;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FunctionArchiveTest {
    /// Generous: beyond it a library has come in.
    private static final long MOST_BYTES = 20L << 20;

    @ParameterizedTest
    @CsvSource({
        "websocket, WebSocketHandler, true",
        "http, HttpHandler, true",
        "archive, ArchiveHandler, false",
        "events, EventsHandler, false",
    })
    void anArchiveHasWhatItsFunctionNeedsAndNothingElse(String function, String handler, boolean posts)
            throws IOException {
        List<String> names;
        try (ZipFile zip = new ZipFile(FunctionProcess.ARCHIVES
                .resolve(FunctionProcess.archive(function))
                .toFile())) {
            names = zip.stream().map(ZipEntry::getName).toList();
        }
        long bytes = Files.size(FunctionProcess.ARCHIVES.resolve(FunctionProcess.archive(function)));
        System.out.printf("%s: %,d bytes, %d files%n", function, bytes, names.size());

        assertThat(names)
                .contains(
                        "io/topicstream/aws/runtime/" + handler + ".class",
                        "io/topicstream/log/TopicLog.class",
                        "io/topicstream/aws/audience/FrontDoor.class")
                .anyMatch(name -> name.matches("lib/dynamodb-.*\\.jar"))
                .anyMatch(name -> name.matches("lib/crac-.*\\.jar"))
                // Other ways over HTTP, and what only they need.
                .noneMatch(name -> name.matches("lib/(netty|apache|httpc|commons|aws-crt|reactor).*"))
                .noneMatch(name -> name.matches("lib/(gson|rocksdb|picocli|junit|assertj|s3proxy).*"))
                // Lambda has it.
                .noneMatch(name -> name.contains("runtime-interface-client") || name.contains("serialization"))
                .doesNotContain("module-info.class")
                .noneMatch(name -> name.matches("io/topicstream/aws/(cost|metering|local)/.+"))
                .noneMatch(name -> name.matches("io/topicstream/[^$]*Test\\.class"))
                .noneMatch(name -> name.matches("lib/topicstream.*"));
        assertThat(names.stream().filter(name -> name.matches("lib/(lambda|apigatewaymanagementapi)-.*\\.jar")))
                .hasSize(posts ? 2 : 0);
        assertThat(names.stream().filter(name -> name.matches("lib/nimbus-jose-jwt-.*\\.jar")))
                .hasSize(posts ? 1 : 0);
        // The gateway's calls over HTTP are in it, and nothing else of the gateway.
        assertThat(names)
                .contains("io/topicstream/gateway/http/HttpCaller.class")
                .noneMatch(name -> name.matches("io/topicstream/gateway/(?!http/).+"))
                .noneMatch(name -> name.matches("lib/(velocity|json-path|json-schema).*"));
        // What compares events with the rules of sinks.
        assertThat(names.stream().anyMatch(name -> name.matches("lib/(event-ruler|jackson).*\\.jar")))
                .isEqualTo(function.equals("events") || function.equals("http"));
        assertThat(names.stream().anyMatch(name -> name.matches("lib/eventbridge-.*\\.jar")))
                .isEqualTo(function.equals("events"));
        assertThat(names.contains("io/topicstream/aws/events/EventStream.class"))
                .isEqualTo(function.equals("events"));
        // What tests bring must not decide which version it is.
        assertThat(names.stream()
                        .filter(name ->
                                name.matches("lib/(auth|utils.*|sdk-core|regions|dynamodb|s3|http-.*)-2[^a-z]*\\.jar"))
                        .map(name -> name.replaceAll(".*-(2[^a-z]*)\\.jar", "$1"))
                        .distinct())
                .hasSize(1);
        assertThat(bytes).isLessThan(MOST_BYTES);
    }
}
