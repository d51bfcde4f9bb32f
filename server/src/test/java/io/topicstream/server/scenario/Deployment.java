package io.topicstream.server.scenario;

import io.topicstream.access.ApiKeys;
import io.topicstream.access.EndedRights;
import io.topicstream.access.Grant;
import io.topicstream.access.Permission;
import io.topicstream.log.Admission;
import io.topicstream.server.TestClient;
import io.topicstream.state.StateStore;
import java.net.URI;
import java.time.InstantSource;
import java.util.EnumSet;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// Where the scenarios are played: servers that are one system, and keys that they know.
public final class Deployment {
    private static final int CLOSED_BY_GATEWAY = 1000;
    private static final int ENVIRONMENTS = 3;

    private final List<URI> servers;
    private final List<String> keys;
    private final boolean signalsAreLost;
    private final boolean ordersFrames;
    private boolean isBehindAGateway;
    private @Nullable ApiKeys administeredKeys;
    private @Nullable EndedRights administeredRights;
    private @Nullable URI http;
    private final AtomicInteger nextServer = new AtomicInteger();
    private final AtomicInteger nextTopic = new AtomicInteger();

    /// @param servers base URLs
    /// @param keys as [#keys] makes them
    public Deployment(List<URI> servers, List<String> keys) {
        this(servers, keys, false, true);
    }

    /// @param signalsAreLost whether one may be lost now and then, as is their right
    /// @param ordersFrames whether the frames of one connection are run in their order; else they may run at
    ///     once, and overtake each other
    public Deployment(List<URI> servers, List<String> keys, boolean signalsAreLost, boolean ordersFrames) {
        if (servers.isEmpty() || keys.size() != 4) {
            throw new IllegalArgumentException("at least one server and four keys");
        }
        this.servers = List.copyOf(servers);
        this.keys = List.copyOf(keys);
        this.signalsAreLost = signalsAreLost;
        this.ordersFrames = ordersFrames;
    }

    /// Functions behind a gateway, with the keys and rights of one of their environments.
    public static Deployment onFunctions(URI gateway, ApiKeys keys, EndedRights rights) {
        return new Deployment(List.of(gateway), keys(keys), false, false)
                .administeredBy(keys, rights)
                .behindAGateway();
    }

    /// Makes the keys of those who play: of three different users with the default grants, and of one who may do
    /// everything but see who is there.
    public static List<String> keys(ApiKeys keys) {
        List<Grant> blind =
                List.of(new Grant("*", EnumSet.of(Permission.PUBLISH, Permission.SUBSCRIBE, Permission.READ)));
        return Stream.of("ann", "bob", "cy", "dora")
                .map(name -> keys.create(name, name.equals("dora") ? blind : null)
                        .toCompletableFuture()
                        .join()
                        .secret())
                .toList();
    }

    /// What a node knows of ended rights that shares this store, and whose signals nobody hears.
    public static EndedRights rights(StateStore store, ApiKeys keys) {
        return new EndedRights(store, (_, _) -> Admission.ACCEPTED, keys, InstantSource.system());
    }

    /// The same, with what administers it: keys and rights of a node whose signals nobody hears, or of its only one.
    public Deployment administeredBy(ApiKeys apiKeys, EndedRights rights) {
        administeredKeys = apiKeys;
        administeredRights = rights;
        return this;
    }

    /// The same behind a gateway, which lets nobody choose with which code a connection is closed, and serves nothing
    /// at the bare address.
    private Deployment behindAGateway() {
        isBehindAGateway = true;
        return this;
    }

    /// How many of those who answer have to be asked, so that all are who take turns.
    int answering() {
        return isBehindAGateway ? ENVIRONMENTS : 1;
    }

    /// Where a native connection is to be had.
    List<String> nativePaths() {
        return isBehindAGateway ? List.of("/v1") : List.of("/v1", "/");
    }

    /// What a client sees of the code with which its connection is closed.
    int closeCode(int code) {
        return isBehindAGateway ? CLOSED_BY_GATEWAY : code;
    }

    /// Whether something acts because it is time, and not because something comes.
    boolean hasAClock() {
        return !isBehindAGateway;
    }

    /// Whether a client sees why its connection was closed.
    boolean saysWhyItCloses() {
        return !isBehindAGateway;
    }

    /// The same, with the HTTP API at an address of its own.
    public Deployment withHttpAt(URI address) {
        http = address;
        return this;
    }

    /// Its API keys, to make more and revoke them.
    ApiKeys apiKeys() {
        return Objects.requireNonNull(administeredKeys, "nobody administers this deployment");
    }

    /// By which users are blocked.
    EndedRights rights() {
        return Objects.requireNonNull(administeredRights, "nobody administers this deployment");
    }

    /// Every server.
    List<URI> servers() {
        return servers;
    }

    /// Whether a frame takes effect before the next one of its connection does.
    boolean ordersFrames() {
        return ordersFrames;
    }

    /// How often something is done, or how many do it.
    ///
    /// @param usual on a server
    /// @param few where each frame is a call of a function
    int times(int usual, int few) {
        return isBehindAGateway ? few : usual;
    }

    /// Whether a frame is answered after which the client closed at once.
    boolean answersWhoCloses() {
        return !isBehindAGateway;
    }

    /// How often something must be said that is not kept, for somebody to hear it.
    int timesToSay() {
        return signalsAreLost ? 8 : 1;
    }

    /// The next server in turn, so that the clients of one story are spread.
    public URI server() {
        return servers.get(Math.floorMod(nextServer.getAndIncrement(), servers.size()));
    }

    /// Where the HTTP API is, of the next server in turn.
    URI http() {
        return http == null ? server() : http;
    }

    /// Wherever the HTTP API is.
    List<URI> everyHttp() {
        return http == null ? servers : List.of(http);
    }

    /// A key of the user `who`: 0 to 2, or 3 of the one who may not see who is there.
    public String key(int who) {
        return keys.get(who);
    }

    /// A topic that no other story uses.
    public String topic() {
        return "scenario." + System.nanoTime() + "." + nextTopic.getAndIncrement();
    }

    /// What a guest calls itself whom no other story knows; its user is `guest.` and this.
    public String guest() {
        return "g" + System.nanoTime() + "." + nextTopic.getAndIncrement();
    }

    /// A native connection of a guest who calls itself so, greeted.
    public TestClient client(String guest) {
        TestClient client = TestClient.to(server(), "/v1?user=" + guest).open();
        client.await("\"type\":\"welcome\"");
        return client;
    }

    /// Whether what is said and not kept may get lost.
    boolean signalsAreLost() {
        return signalsAreLost;
    }

    /// A native connection, anonymous, greeted.
    public TestClient client() {
        return TestClient.connect(server());
    }

    /// A native connection of a key's user, greeted.
    public TestClient client(int who) {
        TestClient client =
                TestClient.to(server(), "/v1").header("x-api-key", key(who)).open();
        client.await("\"type\":\"welcome\"");
        return client;
    }

    /// A native connection of a guest who claims this id, greeted. The user is `guest.` and the id.
    public TestClient guest(String id) {
        TestClient client = TestClient.to(server(), "/v1?user=" + id).open();
        client.await("\"type\":\"welcome\"");
        return client;
    }

    /// A connection of a key's user to the stage of the topics dialect.
    public TestClient live(int who) {
        return TestClient.to(server(), "/live").header("x-api-key", key(who)).open();
    }

    /// A connection to the stage of the chat dialect.
    ///
    /// @param query what stands behind the path: `?clientId=a`, or nothing
    public TestClient dev(String query) {
        return TestClient.to(server(), "/dev" + query).open();
    }

    /// A connection to the stage of the rooms dialect, greeted.
    ///
    /// @param query what stands behind the path: `?userId=ann&roomId=kitchen`, or nothing
    public TestClient staging(String query) {
        TestClient client = TestClient.to(server(), "/staging" + query).open();
        client.await("\"type\":\"welcome\"");
        return client;
    }

    /// Waits until a topic belongs to the user `who`, or does not any more, as a greeting says: for dialects
    /// that do not answer, where frames have no order.
    void awaitMembership(int who, String topic, boolean member) {
        long deadline = System.nanoTime() + 20_000_000_000L;
        String quoted = "\"topic\":\"" + topic + "\"";
        while (true) {
            try (TestClient witness = TestClient.to(server(), "/v1?durable=manual")
                    .header("x-api-key", key(who))
                    .open()) {
                if (witness.await("\"type\":\"welcome\"").contains(quoted) == member) {
                    return;
                }
            }
            if (System.nanoTime() > deadline) {
                throw new AssertionError("still " + (member ? "no member of " : "a member of ") + topic);
            }
        }
    }
}
