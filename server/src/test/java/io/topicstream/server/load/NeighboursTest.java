package io.topicstream.server.load;

import static io.topicstream.server.SocketSwarm.frame;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.topicstream.server.Deliveries;
import io.topicstream.server.Engine;
import io.topicstream.server.Metrics;
import io.topicstream.server.SocketSwarm;
import io.topicstream.server.StartException;
import io.topicstream.server.TestServers;
import io.topicstream.server.TopicStreamServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestReporter;
import org.junit.jupiter.api.io.TempDir;

/// Clients that want more than their share, or come all at once, or never say goodbye.
class NeighboursTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @TempDir
    private Path directory;

    @Test
    void aFloodBesideAPacedClientDoesNotStarveIt(TestReporter report) {
        try (TopicStreamServer server =
                        TestServers.start(Engine.inMemory(InstantSource.system()), TestServers.config());
                SocketSwarm paced = new SocketSwarm(TestServers.uri(server));
                SocketSwarm flooding = new SocketSwarm(TestServers.uri(server))) {
            Publisher client = new Publisher(paced, "paced", 128);
            client.publish(500, 1);
            Publisher.Times alone = client.measure(2000);
            Publisher flooder = new Publisher(flooding, "flooded", 1024);
            AtomicBoolean over = new AtomicBoolean();
            Thread flood = Thread.ofVirtual().start(() -> {
                while (!over.get()) {
                    flooder.publish(500, 500);
                }
            });

            Publisher.Times beside = client.measure(2000);

            over.set(true);
            await().atMost(PATIENCE).until(() -> !flood.isAlive());
            long flooded = Metrics.of(TestServers.uri(server)).of("messages_committed_total");
            report.publishEntry("flood", beside.over(alone) + " beside " + flooded + " messages");
            assertThat(flooded).isGreaterThan(2000);
            assertThat(beside.p90()).isLessThan(200 * alone.p90());
        }
    }

    @Test
    void limitsActBeforeMemoryIsSpent(TestReporter report) {
        try (ServerProcess server = new ServerProcess("256m", "engine", "memory");
                SocketSwarm swarm = new SocketSwarm(server.uri())) {
            SocketSwarm.Reader nothing = (_, _, _, _) -> {};
            for (int i = 0; i < 500; i++) {
                swarm.open("/v1", nothing).reset();
            }
            await().atMost(PATIENCE).until(() -> Metrics.of(server.uri()).connections() <= 1);
            ServerProcess.Memory before = server.memory();

            List<SocketSwarm.Socket> tooLarge = new ArrayList<>();
            List<SocketSwarm.Socket> unfinished = new ArrayList<>();
            for (int i = 0; i < 500; i++) {
                tooLarge.add(swarm.open("/v1", nothing).sendBytes(declaring(100_000_000)));
                unfinished.add(swarm.open("/v1", nothing).sendBytes(declaring(128 * 1024)));
            }
            tooLarge.forEach(socket -> assertThat(socket.awaitEnd()).isEqualTo(1009));
            ServerProcess.Memory after = server.memory();

            report.publishEntry("declared", "before " + before + ", after " + after);
            assertThat(after.resident() - before.resident()).as("MiB").isLessThan(50);
            assertThat(unfinished).noneMatch(SocketSwarm.Socket::isEnded);
            assertThat(Metrics.isHealthy(server.uri())).isTrue();
            unfinished.forEach(SocketSwarm.Socket::reset);
            await().atMost(PATIENCE).until(() -> Metrics.of(server.uri()).connections() <= 1);
        }
    }

    private static byte[] declaring(long length) {
        return ByteBuffer.allocate(15)
                .put((byte) 0x81)
                .put((byte) 0xFF)
                .putLong(length)
                .putInt(0)
                .put((byte) '{')
                .array();
    }

    @Test
    void fiveHundredClientsAreBackAfterARestartAndMissNothing() throws StartException {
        String topic = "a.topic";
        String[] settings = {"engine", "rocksdb", "data.dir", directory.toString(), "data.durability", "os"};
        List<Deliveries> heard = new ArrayList<>();
        int port;
        long last;
        try (TopicStreamServer server = TopicStreamServer.start(TestServers.config(settings));
                SocketSwarm swarm = new SocketSwarm(TestServers.uri(server))) {
            port = server.address().getPort();
            Publisher publisher = new Publisher(swarm, topic, 128);
            for (int i = 0; i < 500; i++) {
                Deliveries one = new Deliveries();
                heard.add(one.subscribe(swarm.open("/v1", one), topic));
            }
            last = publisher.publish(20, 4);
            long seen = last;
            await().atMost(PATIENCE).until(() -> heard.stream().allMatch(one -> one.next() > seen));
        }
        List<String> again = new ArrayList<>(List.of(settings));
        again.addAll(List.of("server.port", Integer.toString(port)));

        try (TopicStreamServer server = TopicStreamServer.start(TestServers.config(again.toArray(String[]::new)));
                SocketSwarm swarm = new SocketSwarm(TestServers.uri(server))) {
            long unseen = new Publisher(swarm, topic, 128).publish(5, 1);
            List<SocketSwarm.Socket> sockets = new ArrayList<>();
            for (Deliveries one : heard) {
                sockets.add(swarm.connect("/v1", "", 0, one));
            }
            for (int i = 0; i < sockets.size(); i++) {
                sockets.get(i).awaitOpen();
                heard.get(i).enqueueSubscribe(sockets.get(i), topic, last + 1);
            }

            await().atMost(PATIENCE).until(() -> {
                swarm.assertUnharmed();
                return heard.stream().allMatch(one -> one.next() > unseen);
            });
            await().atMost(PATIENCE)
                    .until(() -> Metrics.of(TestServers.uri(server)).live() == 500);
            assertThat(Metrics.isHealthy(TestServers.uri(server))).isTrue();
        }
    }

    @Test
    void clientsThatVanishLeaveNothingBehind() throws IOException {
        try (TopicStreamServer server =
                        TestServers.start(Engine.inMemory(InstantSource.system()), TestServers.config());
                SocketSwarm swarm = new SocketSwarm(TestServers.uri(server))) {
            URI uri = TestServers.uri(server);
            Publisher publisher = new Publisher(swarm, "a.topic", 128);
            long descriptors = Descriptors.open();
            for (int i = 0; i < 500; i++) {
                Socket socket = new Socket();
                socket.connect(new InetSocketAddress(uri.getHost(), uri.getPort()));
                if (i % 5 > 0) {
                    OutputStream out = socket.getOutputStream();
                    out.write(beginning(i % 5));
                    publisher.publish();
                    socket.setSoLinger(i % 2 == 0, 0);
                }
                socket.close();
            }

            await().atMost(PATIENCE).until(() -> {
                Metrics metrics = Metrics.of(uri);
                return metrics.connections() <= 2 && metrics.live() + metrics.catchingUp() == 0;
            });
            await().atMost(PATIENCE).until(() -> Descriptors.open() <= descriptors + 2);
        }
    }

    /// As far as a client gets before it vanishes.
    private static byte[] beginning(int how) {
        byte[] upgrade = String.join(
                        "\r\n",
                        "GET /v1 HTTP/1.1",
                        "Host: 127.0.0.1",
                        "Upgrade: websocket",
                        "Connection: Upgrade",
                        "Sec-WebSocket-Version: 13",
                        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
                        "",
                        "")
                .getBytes(ISO_8859_1);
        byte[] subscribe =
                frame(0x81, "{\"action\":\"subscribe\",\"topic\":\"a.topic\",\"from\":1}".getBytes(ISO_8859_1));
        byte[] all = ByteBuffer.allocate(upgrade.length + subscribe.length)
                .put(upgrade)
                .put(subscribe)
                .array();
        return switch (how) {
            case 1 -> Arrays.copyOf(all, 20);
            case 2 -> upgrade;
            case 3 -> Arrays.copyOf(all, upgrade.length + 10);
            default -> all;
        };
    }
}
