package io.topicstream.server.scenario;

import io.topicstream.server.Engine;
import io.topicstream.server.TestServers;
import io.topicstream.server.TopicStreamServer;
import io.topicstream.testkit.Network;
import io.topicstream.testkit.Seeds;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/// Two servers that share an engine, each over a lossy network of its own.
final class LossyServers implements AutoCloseable {
    private final List<Network> networks;
    private final List<TopicStreamServer> servers;
    private final ScheduledExecutorService weather = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().daemon().name("weather").factory());
    private final Random random;

    /// @param settings of both servers
    LossyServers(Engine engine, String... settings) {
        long seed = Seeds.next("a lossy network");
        random = new Random(seed);
        networks = Stream.generate(() ->
                        new Network(engine.log(), engine.feed(), engine.state(), engine.ephemeral(), random.nextLong()))
                .limit(2)
                .toList();
        servers = networks.stream()
                .map(network ->
                        new Engine(network.log(), network.feed(), network.state(), network.ephemeral(), () -> {}))
                .map(engineOfOne -> TestServers.start(engineOfOne, TestServers.config(settings)))
                .toList();
    }

    List<TopicStreamServer> servers() {
        return servers;
    }

    Network network(int server) {
        return networks.get(server);
    }

    /// From now on feeds are lost every few seconds, and now and then one of the servers is away for a second.
    void beginBadWeather() {
        var _ = weather.schedule(this::badWeather, 1, TimeUnit.SECONDS);
    }

    private void badWeather() {
        Network network = networks.get(random.nextInt(networks.size()));
        if (random.nextInt(3) == 0) {
            network.hold();
            var _ = weather.schedule(network::heal, 500 + random.nextInt(1_000), TimeUnit.MILLISECONDS);
        } else {
            network.loseFeeds();
        }
        var _ = weather.schedule(this::badWeather, 1_000 + random.nextInt(2_000), TimeUnit.MILLISECONDS);
    }

    @Override
    public void close() {
        weather.shutdownNow();
        networks.forEach(Network::heal);
        servers.forEach(TopicStreamServer::close);
        networks.forEach(Network::close);
    }
}
