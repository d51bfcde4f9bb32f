package io.topicstream.server.crash;

import io.topicstream.server.TestClient;
import java.io.IOException;
import java.net.URI;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.awaitility.Awaitility;

/// Publishers through every way in, and listeners through every way out, on servers that are one system:
///
/// - native publishers with 16, 32 and 64 messages in flight, four producers over HTTP, one client of `/live`;
/// - native subscribers with and without arrays, a restless one, two clients of `/live` whose subscriptions are
///   their users', a follower over HTTP.
///
/// Used by one thread, the test's.
final class Load implements AutoCloseable {
    private static final int HTTP_PRODUCERS = 4;
    private static final int LIVE_CLIENTS = 2;
    private static final int PATIENCE_SECONDS = 60;
    private static final int PROBE_SECONDS = 5;
    private static final int FOLLOW_EVERY_MS = 10;

    private final Oracle oracle;
    private final List<String> topics;
    private final Map<String, String> keys = new LinkedHashMap<>();
    private final List<NativeSubscriber> subscribers = new ArrayList<>();
    private final List<LiveClient> live = new ArrayList<>();
    private final Map<String, CompletableFuture<Integer>> publishers = new LinkedHashMap<>();
    private final ScheduledExecutorService follower = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().daemon().name("follower").factory());
    private CompletableFuture<Integer> following = CompletableFuture.completedFuture(0);
    private volatile boolean ending;

    Load(Oracle oracle, List<String> topics) {
        this.oracle = oracle;
        this.topics = topics;
    }

    /// Who makes API keys.
    @FunctionalInterface
    interface KeyMaker {
        String create(String name) throws IOException, InterruptedException;
    }

    /// Makes the users, and the durable subscriptions of those on `/live`, once for all lives of the servers.
    void prepare(URI server, KeyMaker maker) throws IOException, InterruptedException {
        for (String name : List.of("publisher", "reader", "live0", "live1")) {
            keys.put(name, maker.create(name));
        }
        for (int i = 0; i < LIVE_CLIENTS; i++) {
            LiveClient client = new LiveClient(oracle, server, key("live" + i), "prepare" + i);
            client.subscribe(topics);
            String key = key("live" + i);
            Awaitility.await("subscriptions stored")
                    .atMost(PATIENCE_SECONDS, TimeUnit.SECONDS)
                    .until(() -> {
                        TestClient other = TestClient.to(server, "/v1?durable=manual")
                                .header("x-api-key", key)
                                .open();
                        String welcome = other.await("\"type\":\"welcome\"");
                        other.close();
                        return topics.stream().allMatch(topic -> welcome.contains("\"topic\":\"" + topic + "\""));
                    });
            client.abort();
        }
        subscribers.add(new NativeSubscriber(oracle, "arrays", key("reader"), topics, true, NativeSubscriber.NEVER));
        subscribers.add(new NativeSubscriber(oracle, "single", key("reader"), topics, false, NativeSubscriber.NEVER));
        subscribers.add(new NativeSubscriber(oracle, "restless", key("reader"), topics, true, 300));
    }

    String key(String name) {
        return keys.getOrDefault(name, "");
    }

    /// Connects every listener, the native ones where they were.
    void listen(List<URI> servers, String round) {
        ending = false;
        int turn = 0;
        for (NativeSubscriber subscriber : subscribers) {
            subscriber.connect(servers.get(turn++ % servers.size()));
        }
        live.clear();
        for (int i = 0; i < LIVE_CLIENTS; i++) {
            live.add(new LiveClient(oracle, servers.get(turn++ % servers.size()), key("live" + i), round + "live" + i));
        }
        URI followed = servers.get(turn % servers.size());
        CompletableFuture<Integer> ended = new CompletableFuture<>();
        following = ended;
        var _ = follower.scheduleWithFixedDelay(
                () -> {
                    try {
                        for (String topic : topics) {
                            HttpReader.follow(oracle, "follower", followed, topic);
                        }
                    } catch (IOException e) {
                        ended.complete(FrameSocket.CUT);
                    }
                    if (ended.isDone()) {
                        // The only way to end a repeated task from within.
                        throw new IllegalStateException("the server is gone");
                    }
                },
                0,
                FOLLOW_EVERY_MS,
                TimeUnit.MILLISECONDS);
    }

    /// Starts every publisher.
    ///
    /// @param each how many messages of each
    void publish(List<URI> servers, String round, int each) {
        int turn = 0;
        publishers.clear();
        for (int window : new int[] {16, 32, 64}) {
            String name = round + "native" + window;
            publishers.put(
                    name,
                    Publishing.natively(
                            servers.get(turn++ % servers.size()),
                            key("publisher"),
                            new Publishing.Work(oracle, name, topics, each),
                            window));
        }
        for (int i = 0; i < HTTP_PRODUCERS; i++) {
            String name = round + "http" + i;
            publishers.put(
                    name,
                    Publishing.overHttp(
                            servers.get(turn++ % servers.size()),
                            key("publisher"),
                            new Publishing.Work(oracle, name, topics, each),
                            () -> !ending));
        }
        publishers.put(round + "live0", live.getFirst().publish(topics, each));
    }

    /// Waits until each publisher has ended; answers with which close code.
    Map<String, Integer> awaitPublishers() throws Exception {
        Map<String, Integer> codes = new LinkedHashMap<>();
        for (Map.Entry<String, CompletableFuture<Integer>> publisher : publishers.entrySet()) {
            codes.put(publisher.getKey(), await(publisher.getKey(), publisher.getValue()));
        }
        return codes;
    }

    /// Waits until the server has ended every listener; answers with which close code those on WebSockets.
    Map<String, Integer> awaitListeners() throws Exception {
        Map<String, Integer> codes = new LinkedHashMap<>();
        for (NativeSubscriber subscriber : subscribers) {
            codes.put(subscriber.name(), await(subscriber.name(), subscriber.closed(), subscriber::probe));
        }
        for (int i = 0; i < live.size(); i++) {
            LiveClient client = live.get(i);
            codes.put("live" + i, await("live" + i, client.closed(), client::probe));
        }
        await("follower", following);
        return codes;
    }

    /// Waits for the end of a listener, and after a while asks now and then whether its server is still there.
    private static int await(String who, CompletableFuture<Integer> ended, Runnable probe) throws Exception {
        for (int i = 0; i < PATIENCE_SECONDS / PROBE_SECONDS; i++) {
            try {
                return ended.get(PROBE_SECONDS, TimeUnit.SECONDS);
            } catch (TimeoutException e) {
                probe.run();
            } catch (ExecutionException e) {
                break;
            }
        }
        return await(who, ended);
    }

    private static int await(String who, CompletableFuture<Integer> ended) throws Exception {
        try {
            return ended.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        } catch (TimeoutException | ExecutionException e) {
            throw new AssertionError(who + " did not end", e);
        }
    }

    /// Waits until every listener with a position has everything.
    void awaitCaughtUp(Map<String, Long> nextOffsets) {
        List<String> names = new ArrayList<>(List.of("follower"));
        subscribers.forEach(subscriber -> names.add(subscriber.name()));
        for (String name : names) {
            nextOffsets.forEach((topic, next) -> Awaitility.await(name + " has all of " + topic)
                    .atMost(PATIENCE_SECONDS, TimeUnit.SECONDS)
                    .until(() -> oracle.nextOf(name, topic) >= next));
        }
    }

    /// Ends what still runs.
    @Override
    public void close() {
        ending = true;
        following.complete(0);
        follower.shutdownNow();
        subscribers.forEach(NativeSubscriber::end);
        live.forEach(LiveClient::abort);
    }
}
