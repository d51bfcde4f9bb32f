package io.topicstream.server.crash;

import static org.assertj.core.api.Assertions.assertThat;

import io.topicstream.server.Engine;
import io.topicstream.server.TestServers;
import io.topicstream.server.TopicStreamServer;
import io.topicstream.server.admin.AdminToken;
import io.topicstream.server.config.ServerConfig;
import io.topicstream.testkit.EvidenceCollector;
import java.net.URI;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/// Native subscribers, clients of `/live` and an HTTP follower get the same messages in the same order, while
/// publishers use all three ways in.
@Timeout(180)
class OneOrderTest {
    private static final List<String> TOPICS = List.of("order.a", "order.b");
    private static final int EACH = 500;
    private static final int PUBLISHERS = 8;
    private static final int LISTENERS = 6;

    @RegisterExtension
    final EvidenceCollector evidence = new EvidenceCollector();

    @TempDir
    private Path directory;

    @Test
    void allListenersOfOneServerInMemorySeeOneOrder() throws Exception {
        compare(Engine.inMemory(InstantSource.system()), 1);
    }

    @Test
    void allListenersOfOneServerOnDiskSeeOneOrder() throws Exception {
        compare(
                Engine.open(config(
                        "engine",
                        "rocksdb",
                        "data.dir",
                        directory.resolve("data").toString())),
                1);
    }

    @Test
    void allListenersOfTwoServersOverOneEngineSeeOneOrder() throws Exception {
        compare(Engine.inMemory(InstantSource.system()), 2);
    }

    private ServerConfig config(String... settings) {
        String[] all = Stream.concat(
                        Stream.of("server.run_dir", directory.resolve("run").toString()), Stream.of(settings))
                .toArray(String[]::new);
        return TestServers.config(all);
    }

    private void compare(Engine engine, int count) throws Exception {
        Oracle oracle = new Oracle(directory);
        evidence.keep(directory.resolve("acks.log"));
        evidence.keep(directory.resolve("deliveries.log"));
        List<TopicStreamServer> servers = Stream.generate(() -> TestServers.start(engine.shared(), config()))
                .limit(count)
                .toList();
        List<URI> uris = servers.stream().map(TestServers::uri).toList();
        try (Load load = new Load(oracle, TOPICS)) {
            String token = AdminToken.read(
                    List.of(directory.resolve("run")), uris.getFirst().getPort());
            load.prepare(uris.getFirst(), name -> ServerProcess.createKey(uris.getFirst(), token, name));
            load.listen(uris, "o.");

            load.publish(uris, "o.", EACH);
            load.awaitPublishers();

            Map<String, Long> ends = new LinkedHashMap<>();
            TOPICS.forEach(topic -> ends.put(topic, 1L + PUBLISHERS * EACH / TOPICS.size()));
            load.awaitCaughtUp(ends);
            Awaitility.await("those without a position have everything too")
                    .atMost(60, TimeUnit.SECONDS)
                    .until(() -> oracle.heardBare() == 2L * PUBLISHERS * EACH);
            for (String topic : TOPICS) {
                HttpReader.Page page = HttpReader.toTheEnd(uris.getLast(), topic, 1);
                assertThat(page.messages()).hasSize(PUBLISHERS * EACH / TOPICS.size());
                oracle.read(topic, page.epoch(), 1, page.messages());
            }
            assertThat(oracle.complaints()).isEmpty();
            assertThat(oracle.chains()).containsOnlyKeys(TOPICS);
            oracle.chains()
                    .forEach((topic, chains) -> assertThat(chains.values())
                            .as(topic + " as seen by " + chains.keySet())
                            .hasSize(LISTENERS)
                            .containsOnly(chains.get("follower")));
        } finally {
            servers.forEach(TopicStreamServer::close);
            engine.close().run();
        }
    }
}
