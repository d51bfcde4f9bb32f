package io.topicstream.server.access;

import static io.topicstream.access.Permission.ADMIN;
import static io.topicstream.access.Permission.PRESENCE;
import static io.topicstream.access.Permission.PUBLISH;
import static io.topicstream.access.Permission.READ;
import static io.topicstream.access.Permission.SUBSCRIBE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.topicstream.access.ApiKeys;
import io.topicstream.access.EndedRights;
import io.topicstream.access.Grant;
import io.topicstream.access.Identity;
import io.topicstream.access.Permission;
import io.topicstream.log.Admission;
import io.topicstream.protocol.ClientFrame;
import io.topicstream.protocol.Query;
import io.topicstream.server.Engine;
import io.topicstream.server.TestClient;
import io.topicstream.server.TestServers;
import io.topicstream.server.TopicStreamServer;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/// Every command and every route, by who has one permission and no other: what is not in the tables is refused. A
/// command or a route that has no row is a failure, so that nobody forgets to say who may.
class EveryOperationTest {
    private static final String ROOM = "room:t.1";

    /// Each has what its name says on every topic; but the last two.
    enum Role {
        PUBLISHES(PUBLISH),
        SUBSCRIBES(SUBSCRIBE),
        READS(READ),
        SEES(PRESENCE),
        ADMINISTERS(ADMIN),
        MEASURES(Permission.METRICS),
        /// May do everything, in topics that begin with `elsewhere`.
        ELSEWHERE(null),
        /// Might do everything, and is blocked.
        BLOCKED(null);

        private final @Nullable Permission permission;

        Role(@Nullable Permission permission) {
            this.permission = permission;
        }

        String user() {
            return name().toLowerCase(Locale.ROOT);
        }

        List<Grant> grants() {
            if (permission != null) {
                return List.of(new Grant("*", EnumSet.of(permission)));
            }
            return List.of(new Grant(this == ELSEWHERE ? "elsewhere*" : "*", EnumSet.allOf(Permission.class)));
        }

        boolean hasAny(Set<Permission> permissions) {
            return permission != null && permissions.contains(permission);
        }
    }

    /// Who may.
    private sealed interface Cell {
        /// Who has one of these.
        record With(Set<Permission> permissions) implements Cell {}

        /// Everybody who is let in; this is in the answer for who has one of these.
        record Shown(String text, Set<Permission> permissions) implements Cell {}

        /// Who has the administrator's token.
        record Administrator() implements Cell {}

        /// Everybody, also without a credential.
        record Everybody() implements Cell {}
    }

    private static Cell with(Permission first, Permission... more) {
        return new Cell.With(EnumSet.of(first, more));
    }

    private static Cell shown(String text, Permission permission) {
        return new Cell.Shown(text, EnumSet.of(permission));
    }

    private static final Cell CALLERS = new Cell.With(EnumSet.allOf(Permission.class));
    private static final Cell ADMINISTRATOR = new Cell.Administrator();
    private static final Cell EVERYBODY = new Cell.Everybody();

    /// A frame of the stage of the protocol of our own; ROLE stands for the role's user.
    private record Frame(Class<? extends ClientFrame> command, String text, Cell who) {}

    private static final List<Frame> FRAMES = List.of(
            new Frame(ClientFrame.Publish.class, "'action':'publish','topic':'t.1','message':1", with(PUBLISH)),
            new Frame(ClientFrame.Signal.class, "'action':'signal','topic':'t.1','message':1", with(PUBLISH)),
            new Frame(ClientFrame.Subscribe.class, "'action':'subscribe','topic':'t.1'", with(SUBSCRIBE)),
            new Frame(ClientFrame.Unsubscribe.class, "'action':'unsubscribe','topic':'t.1'", CALLERS),
            new Frame(ClientFrame.Send.class, "'action':'send','to':'zoe','message':1", with(PUBLISH)),
            new Frame(ClientFrame.Ack.class, "'action':'ack','topic':'t.1','delivered':1", with(SUBSCRIBE, READ)),
            new Frame(ClientFrame.Name.class, "'action':'name','name':'ROLE'", CALLERS),
            new Frame(
                    ClientFrame.PutRoom.class,
                    "'action':'room','topic':'room:of.ROLE','title':'t'",
                    with(PUBLISH, ADMIN)),
            // Another's.
            new Frame(ClientFrame.DeleteRoom.class, "'action':'delete_room','topic':'room:z.ROLE'", with(ADMIN)),
            new Frame(ClientFrame.Ping.class, "'action':'ping'", CALLERS),
            // Another's.
            new Frame(ClientFrame.Redact.class, "'action':'redact','topic':'t.1','offset':1", with(ADMIN)),
            new Frame(Query.Read.class, "'action':'read','topic':'t.1'", with(READ)),
            new Frame(Query.Topics.class, "'action':'topics'", shown("'topic':'t.1'", READ)),
            new Frame(Query.Members.class, "'action':'members','topic':'room:t.1'", with(PRESENCE)),
            new Frame(Query.Online.class, "'action':'online','users':['zoe']", with(PRESENCE)),
            new Frame(Query.Rooms.class, "'action':'rooms'", shown("'topic':'room:t.1'", READ)),
            new Frame(Query.Cursors.class, "'action':'cursors','topics':['t.1']", with(SUBSCRIBE, READ)));

    /// Those that have tests of their own below.
    private static final Set<Class<? extends ClientFrame>> ELSEWHERE = Set.of(
            ClientFrame.Authenticate.class,
            ClientFrame.Say.class,
            ClientFrame.Move.class,
            ClientFrame.Tell.class,
            Query.ActiveRooms.class);

    /// Those that ask for nothing.
    private static final Set<Class<? extends ClientFrame>> NOTHING =
            Set.of(ClientFrame.Unknown.class, ClientFrame.Malformed.class);

    /// A route and a request to it.
    private record Request(
            String route, String path, @Nullable String body, Cell who) {
        String method() {
            return route.substring(0, route.indexOf(' '));
        }
    }

    private static final List<Request> REQUESTS = List.of(
            new Request("GET /", "/", null, EVERYBODY),
            new Request("GET /health", "/health", null, EVERYBODY),
            new Request("GET /healthz", "/healthz", null, EVERYBODY),
            new Request("GET /health/live", "/health/live", null, EVERYBODY),
            new Request("GET /health/ready", "/health/ready", null, EVERYBODY),
            new Request("GET /openapi.yaml", "/openapi.yaml", null, EVERYBODY),
            // Everybody on the server's own machine; who else may, the tests of that page say.
            new Request("GET /metrics", "/metrics", null, EVERYBODY),
            new Request("POST /topics/{topic}/produce", "/topics/t.1/produce", "{'payload':1}", with(PUBLISH)),
            new Request("GET /topics/{topic}/consume", "/topics/t.1/consume", null, with(READ)),
            new Request("DELETE /topics/{topic}/messages/{offset}", "/topics/t.1/messages/1", null, with(ADMIN)),
            new Request("GET /topics", "/topics", null, shown("'topic':'t.1'", READ)),
            new Request("GET /topics/{topic}/members", "/topics/room:t.1/members", null, with(PRESENCE)),
            new Request(
                    "GET /topics/{topic}/receipts", "/topics/room:t.1/receipts?not_received=1", null, with(PRESENCE)),
            new Request("POST /users/{user}/messages", "/users/zoe/messages", "{'message':1}", with(PUBLISH)),
            new Request("GET /users/{user}/cursors", "/users/zoe/cursors", null, with(ADMIN)),
            new Request("GET /rooms", "/rooms", null, shown("'topic':'room:t.1'", READ)),
            new Request("GET /rooms/{room}", "/rooms/" + ROOM, null, with(READ)),
            new Request("PUT /rooms/{room}", "/rooms/room:of.ROLE", "{'title':'t'}", with(PUBLISH, ADMIN)),
            new Request("DELETE /rooms/{room}", "/rooms/room:zh.ROLE", null, with(ADMIN)),
            new Request("GET /chat/last-messages", "/chat/last-messages", null, with(READ)),
            new Request("GET /chat", "/chat/", null, EVERYBODY),
            new Request("GET /chat/{path}", "/chat/config.json", null, EVERYBODY),
            new Request("POST /admin/keys", "/admin/keys", "{'name':'mallory'}", ADMINISTRATOR),
            new Request("GET /admin/keys", "/admin/keys", null, ADMINISTRATOR),
            new Request("DELETE /admin/keys/{name}", "/admin/keys/mallory", null, ADMINISTRATOR),
            new Request("PUT /admin/users/{user}/block", "/admin/users/mallory/block", "{}", ADMINISTRATOR),
            new Request("DELETE /admin/users/{user}/block", "/admin/users/mallory/block", null, ADMINISTRATOR),
            new Request("GET /admin/users/blocked", "/admin/users/blocked", null, ADMINISTRATOR),
            new Request("PUT /admin/users/{user}/sign-out", "/admin/users/mallory/sign-out", null, ADMINISTRATOR),
            new Request("POST /admin/tokens/revoke", "/admin/tokens/revoke", "{'credential_id':'x'}", ADMINISTRATOR),
            new Request("DELETE /admin/users/{user}", "/admin/users/nobody", null, ADMINISTRATOR),
            new Request("GET /admin/users/{user}/data", "/admin/users/nobody/data", null, ADMINISTRATOR),
            new Request("GET /admin/users/{user}/erasure", "/admin/users/nobody/erasure", null, ADMINISTRATOR),
            new Request("DELETE /admin/rooms/{room}", "/admin/rooms/nowhere", null, ADMINISTRATOR),
            new Request("POST /admin/compaction", "/admin/compaction", "", ADMINISTRATOR),
            new Request("GET /admin/compaction", "/admin/compaction", null, ADMINISTRATOR),
            new Request("GET /admin/sinks", "/admin/sinks", null, ADMINISTRATOR),
            new Request("GET /admin/sinks/{name}", "/admin/sinks/none", null, ADMINISTRATOR),
            new Request("PUT /admin/sinks/{name}", "/admin/sinks/none", "{}", ADMINISTRATOR),
            new Request("DELETE /admin/sinks/{name}", "/admin/sinks/none", null, ADMINISTRATOR),
            new Request("POST /admin/sinks/{name}/replay", "/admin/sinks/none/replay", "{}", ADMINISTRATOR),
            new Request("POST /admin/backup", "/admin/backup", "{}", ADMINISTRATOR),
            new Request("GET /admin/backup", "/admin/backup", null, ADMINISTRATOR),
            new Request("GET /admin/connections/{connection}", "/admin/connections/x", null, ADMINISTRATOR),
            new Request("POST /admin/connections/{connection}", "/admin/connections/x", "t", ADMINISTRATOR),
            new Request("DELETE /admin/connections/{connection}", "/admin/connections/x", null, ADMINISTRATOR));

    private static final HttpClient HTTP =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    @TempDir
    private static Path runDirectory;

    private static TopicStreamServer server;
    private static URI uri;
    private static String administratorsToken;
    private static final Map<Role, String> KEYS = new EnumMap<>(Role.class);
    /// As [#KEYS], with the permission to be in rooms that begin with `g` besides.
    private static final Map<Role, String> ROOM_KEYS = new EnumMap<>(Role.class);

    @BeforeAll
    static void start() throws IOException {
        Engine engine = Engine.inMemory(InstantSource.system());
        ApiKeys keys = new ApiKeys(engine.state(), new SecureRandom(), InstantSource.system());
        for (Role role : Role.values()) {
            KEYS.put(role, secret(keys, role.user(), role.grants()));
            List<Grant> inRooms = new ArrayList<>(role.grants());
            inRooms.add(new Grant("room:g*", EnumSet.of(SUBSCRIBE)));
            ROOM_KEYS.put(role, secret(keys, role.user(), inRooms));
        }
        assertThat(new EndedRights(engine.state(), (_, _) -> Admission.ACCEPTED, keys, InstantSource.system())
                        .block(Role.BLOCKED.user(), Identity.NEVER, null)
                        .toCompletableFuture()
                        .join())
                .isPresent();
        server = TestServers.start(engine, TestServers.config("server.run_dir", runDirectory.toString()));
        uri = TestServers.uri(server);
        administratorsToken = Files.readString(
                        runDirectory.resolve(server.address().getPort() + ".token"))
                .strip();
        TestClient owner = TestClient.to(uri, "/v1")
                .header("x-api-key", secret(keys, "zoe", null))
                .open();
        owner.send(json("{'action':'publish','id':'p','topic':'t.1','message':1}"));
        owner.await(json("'id':'p'"));
        List<String> rooms = new ArrayList<>(List.of("room:t.1"));
        for (Role role : Role.values()) {
            rooms.add("room:z." + role.user());
            rooms.add("room:zh." + role.user());
        }
        for (String room : rooms) {
            owner.send(json("{'action':'room','id':'r','topic':'" + room + "','title':'t'}"));
            owner.await(json("'id':'r'"));
        }
        owner.close();
    }

    private static String secret(ApiKeys keys, String name, @Nullable List<Grant> grants) {
        return keys.create(name, grants).toCompletableFuture().join().secret();
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    /// So that the tables can be read.
    private static String json(String text) {
        return text.replace('\'', '"');
    }

    private static String as(Role role, String text) {
        return text.replace("ROLE", role.user());
    }

    private static Stream<Class<?>> leaves(Class<?> type) {
        Class<?>[] permitted = type.getPermittedSubclasses();
        return permitted == null ? Stream.of(type) : Stream.of(permitted).flatMap(EveryOperationTest::leaves);
    }

    // ---- nothing is missing

    @Test
    void everyCommandHasARow() {
        Set<Class<?>> rows = FRAMES.stream().map(Frame::command).collect(Collectors.toCollection(HashSet::new));
        rows.addAll(ELSEWHERE);
        rows.addAll(NOTHING);

        assertThat(rows)
                .containsExactlyInAnyOrderElementsOf(leaves(ClientFrame.class).toList());
    }

    /// Another test holds the document against the table of routes.
    @Test
    void everyRouteHasARow() throws IOException {
        TreeSet<String> documented = new TreeSet<>();
        try (InputStream in = Files.newInputStream(Path.of("..", "docs", "openapi.yaml"))) {
            Map<?, ?> document = (Map<?, ?>) new Load(LoadSettings.builder().build()).loadFromInputStream(in);
            ((Map<?, ?>) document.get("paths"))
                    .forEach((path, item) -> ((Map<?, ?>) item)
                            .keySet()
                            .forEach(
                                    method -> documented.add(method.toString().toUpperCase(Locale.ROOT) + " " + path)));
        }

        assertThat(REQUESTS).extracting(Request::route).containsExactlyInAnyOrderElementsOf(documented);
    }

    // ---- frames

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "BLOCKED")
    void overTheNativeStage(Role role) {
        TestClient client =
                TestClient.to(uri, "/v1").header("x-api-key", KEYS.get(role)).open();
        client.await(json("'type':'welcome'"));
        for (Frame frame : FRAMES) {
            client.send(json("{'id':'x'," + as(role, frame.text()) + "}"));

            String answer = client.await(json("'id':'x'"));

            String what = role + " " + frame.command().getSimpleName();
            switch (frame.who()) {
                case Cell.With(var permissions) -> assertAnswered(what, role, permissions, answer);
                case Cell.Shown(var text, var permissions) -> {
                    assertThat(answer).as(what).contains(json("'type':'reply'"));
                    assertThat(answer.contains(json(text))).as(what).isEqualTo(role.hasAny(permissions));
                }
                case Cell.Administrator _, Cell.Everybody _ -> throw new AssertionError("no cell of a frame");
            }
        }
        client.close();
    }

    private static void assertAnswered(String what, Role role, Set<Permission> permissions, String answer) {
        boolean everybody = permissions.size() == Permission.values().length;
        if (everybody || role.hasAny(permissions)) {
            assertThat(answer).as(what).doesNotContain(json("'type':'error'"));
        } else {
            assertThat(answer).as(what).contains(json("'code':'forbidden'"));
        }
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "BLOCKED")
    void everybodyMayShowAnotherCredentialOfHisOwn(Role role) {
        TestClient client =
                TestClient.to(uri, "/v1").header("x-api-key", KEYS.get(role)).open();

        client.send(json("{'action':'authenticate','id':'a','token':'" + ROOM_KEYS.get(role) + "'}"));

        assertThat(client.await(json("'id':'a'"))).contains(json("'user':'" + role.user() + "'"));
        client.send(json("{'action':'authenticate','id':'b','token':'" + KEYS.get(Role.BLOCKED) + "'}"));
        assertThat(client.await(json("'id':'b'"))).contains(json("'code':'forbidden'"), "this user is blocked");
        client.close();
    }

    /// With the permission to be in rooms that begin with `g`, without which nobody is let in here.
    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "BLOCKED")
    void overTheRoomsStage(Role role) {
        TestClient target =
                TestClient.to(uri, "/staging?userId=to." + role.user()).open();
        target.await(json("'type':'welcome'"));
        TestClient client = TestClient.to(uri, "/staging?roomId=garden")
                .header("x-api-key", ROOM_KEYS.get(role))
                .open();
        client.await(json("'type':'welcome'"));

        boolean publishes = role.hasAny(Set.of(PUBLISH));
        assertMay(publishes, client, "{'type':'chat','message':'hello'}", client, "'type':'chat'");
        String tell = "{'type':'private_message','targetUserId':'guest.to." + role.user() + "','message':'hello'}";
        assertMay(publishes, client, tell, target, "'type':'private_message'");
        boolean seesRooms = role.hasAny(Set.of(PRESENCE));
        await().untilAsserted(() -> {
            client.send(json("{'type':'room_list'}"));
            assertThat(client.await("room_list").contains(json("'roomId':'garden'")))
                    .as("%s lists rooms", role)
                    .isEqualTo(seesRooms);
        });
        assertMay(true, client, "{'type':'join_room','roomId':'green'}", client, "'roomId':'green'");
        boolean subscribes = role.hasAny(Set.of(SUBSCRIBE));
        assertMay(subscribes, client, "{'type':'join_room','roomId':'yard'}", client, "'roomId':'yard'");
        client.close();
        target.close();
    }

    /// What was done is heard, or the one who asked for it is told why not.
    private static void assertMay(boolean may, TestClient client, String frame, TestClient hearer, String heard) {
        client.send(json(frame));
        if (may) {
            hearer.await(json(heard));
        } else {
            assertThat(client.await(json("'type':'error'"))).contains("not allowed");
        }
    }

    @Test
    void whoIsBlockedIsLetInByNoStage() {
        for (String path : List.of("/v1", "/live", "/dev", "/staging")) {
            for (Map<Role, String> keys : List.of(KEYS, ROOM_KEYS)) {
                assertThat(TestClient.to(uri, path)
                                .header("x-api-key", keys.get(Role.BLOCKED))
                                .refusedWith())
                        .as(path)
                        .isEqualTo(403);
            }
        }
    }

    // ---- routes

    @ParameterizedTest
    @EnumSource
    void overHttp(Role role) {
        for (Request request : REQUESTS) {
            HttpResponse<String> answer = ask(role, request, "x-api-key", KEYS.get(role));

            String what = role + " " + request.route() + ": " + answer.body();
            int status = answer.statusCode();
            switch (request.who()) {
                case Cell.Everybody _ -> assertThat(status).as(what).isEqualTo(openStatus(request));
                case Cell.Administrator _ -> assertThat(status).as(what).isEqualTo(401);
                case Cell.With(var permissions) -> {
                    if (role.hasAny(permissions)) {
                        assertThat(status).as(what).isEqualTo(200);
                    } else {
                        // The chat's page knows of one error only.
                        boolean isChats = request.path().startsWith("/chat/") && role != Role.BLOCKED;
                        assertThat(status).as(what).isEqualTo(isChats ? 400 : 403);
                    }
                }
                case Cell.Shown(var text, var permissions) -> {
                    assertThat(status).as(what).isEqualTo(role == Role.BLOCKED ? 403 : 200);
                    assertThat(answer.body().contains(json(text))).as(what).isEqualTo(role.hasAny(permissions));
                }
            }
        }
    }

    /// What everybody gets. A build without npm has no chat page.
    private static int openStatus(Request request) {
        return request.path().startsWith("/chat/") && server.chatPage() == null ? 404 : 200;
    }

    @Test
    void theAdministratorsTokenOpensItsRoutesAndNoOthers() {
        for (Request request : REQUESTS) {
            HttpResponse<String> answer =
                    ask(Role.ADMINISTERS, request, "Authorization", "Bearer " + administratorsToken);

            String what = request.route() + ": " + answer.body();
            switch (request.who()) {
                case Cell.Everybody _ ->
                    assertThat(answer.statusCode()).as(what).isEqualTo(openStatus(request));
                case Cell.Administrator _ ->
                    assertThat(answer.statusCode()).as(what).isNotIn(401, 403, 405);
                case Cell.With _, Cell.Shown _ ->
                    assertThat(answer.statusCode()).as(what).isEqualTo(401);
            }
        }
    }

    private static HttpResponse<String> ask(Role role, Request request, String header, String value) {
        String body = request.body();
        HttpRequest.BodyPublisher publisher = body == null
                ? HttpRequest.BodyPublishers.noBody()
                : HttpRequest.BodyPublishers.ofString(json(as(role, body)));
        try {
            return HTTP.send(
                    HttpRequest.newBuilder(uri.resolve(as(role, request.path())))
                            .header("Content-Type", "application/json")
                            .header(header, value)
                            .method(request.method(), publisher)
                            .build(),
                    HttpResponse.BodyHandlers.ofString());
        } catch (IOException e) {
            throw new AssertionError(request.route(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }
}
