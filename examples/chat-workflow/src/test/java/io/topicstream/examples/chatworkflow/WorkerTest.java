package io.topicstream.examples.chatworkflow;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.topicstream.examples.backend.Callbacks;
import io.topicstream.examples.backend.Endpoints;
import io.topicstream.examples.backend.Records;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import software.amazon.awssdk.auth.credentials.AnonymousCredentialsProvider;

/// The worker as the sink posts to it, with the back end's list of connections, at a callback API that says what a test
/// wants.
@Timeout(value = 240, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class WorkerTest {
    private static final HttpClient HTTP = HttpClient.newHttpClient();
    /// Not stepped: records expire by the clock of the store.
    private final Instant now = Instant.now();

    @TempDir
    private Path folder;

    private final Counts counts = new Counts();
    private Records records;
    private Members members;
    private Bus bus;
    private Endpoints backEnd;
    private Posts posts;
    private MemberList list;
    private Callbacks callbacks;
    private Workflow workflow;
    private Endpoints worker;

    @BeforeEach
    void start() throws Exception {
        InstantSource clock = InstantSource.fixed(now);
        records = Records.open(folder);
        members = new Members(records, clock);
        bus = new Bus(URI.create("http://127.0.0.1:9/topics/nobody-is-there"), "");
        backEnd = new Endpoints();
        new Chat(members, bus, clock).addTo(backEnd);
        backEnd.start(anywhere());
        posts = new Posts();
        list = new MemberList(url(backEnd, ""), 7);
        callbacks = Callbacks.once("us-east-1", AnonymousCredentialsProvider.create());
        workflow = new Workflow(list, callbacks, posts.url(), InstantSource.system(), counts);
        worker = new Endpoints();
        new WorkerEndpoint(new Signature(Programs.SECRET, clock), workflow, counts).addTo(worker);
        worker.start(anywhere());
    }

    private static InetSocketAddress anywhere() {
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    }

    private static URI url(Endpoints endpoints, String path) {
        return URI.create("http://127.0.0.1:" + endpoints.address().getPort() + path);
    }

    @AfterEach
    void stop() {
        worker.close();
        workflow.close();
        callbacks.close();
        list.close();
        posts.close();
        backEnd.close();
        bus.close();
        records.close();
    }

    /// Somebody who is connected for long.
    private void connected(String id, String clientId) {
        members.add(new Connected(
                id,
                "N",
                clientId.isEmpty() ? null : clientId,
                now.toEpochMilli() - Duration.ofHours(1).toMillis()));
    }

    private void connected(int count) {
        IntStream.range(0, count).forEach(i -> connected("c%03d".formatted(i), ""));
    }

    private static String event(String type, String clientId) {
        EventType known = EventType.valueOf(type);
        boolean isMessage = known == EventType.MESSAGE_SENT;
        return new ChatEvent(
                        known,
                        "c000",
                        "QuietOtter42",
                        clientId.isEmpty() ? null : clientId,
                        "2026-11-27T12:00:00.000Z",
                        isMessage ? "hi" : null,
                        isMessage ? "m1" : null)
                .toJson();
    }

    private static String cloudEvent(String payload) {
        return "{\"specversion\":\"1.0\",\"id\":\"e\",\"data\":{\"topic\":\"chat-events\",\"payload\":" + payload
                + "}}";
    }

    private int post(String eventId, String payload) throws Exception {
        return post(eventId, payload, Programs.SECRET, now.getEpochSecond());
    }

    private int post(String eventId, String payload, String secret, long timestamp) throws Exception {
        String body = cloudEvent(payload);
        Mac mac = Mac.getInstance("HmacSHA256");
        mac.init(new SecretKeySpec(Base64.getDecoder().decode(secret.substring("whsec_".length())), "HmacSHA256"));
        String signature = Base64.getEncoder()
                .encodeToString(mac.doFinal((eventId + "." + timestamp + "." + body).getBytes(UTF_8)));
        return HTTP.send(
                        HttpRequest.newBuilder(url(worker, "/events"))
                                .header("webhook-id", eventId)
                                .header("webhook-timestamp", Long.toString(timestamp))
                                .header("webhook-signature", "v1,AAAA v1," + signature)
                                .POST(HttpRequest.BodyPublishers.ofString(body))
                                .build(),
                        HttpResponse.BodyHandlers.discarding())
                .statusCode();
    }

    private Map<String, Long> postsByConnection() {
        return posts.seen().stream().collect(Collectors.groupingBy(Posts.Post::connectionId, Collectors.counting()));
    }

    private List<String> whoGotIt() {
        return posts.seen().stream().map(Posts.Post::connectionId).sorted().toList();
    }

    @Test
    void theTypeChoosesWhatIsSent() throws Exception {
        connected("c000", "");

        post("e1", event("CONNECTION_ESTABLISHED", ""));
        post("e2", event("MESSAGE_SENT", ""));
        post("e3", event("CONNECTION_CLOSED", ""));

        assertThat(posts.seen())
                .extracting(Posts.Post::text)
                .containsExactly(
                        "{\"action\":\"$connect\",\"content\":\"User QuietOtter42 has joined the chat\","
                                + "\"sender\":\"System\",\"timestamp\":\"2026-11-27T12:00:00.000Z\"}",
                        "{\"action\":\"sendMessage\",\"content\":\"hi\",\"sender\":\"QuietOtter42\","
                                + "\"timestamp\":\"2026-11-27T12:00:00.000Z\"}",
                        "{\"action\":\"$disconnect\",\"content\":\"User QuietOtter42 has left the chat\","
                                + "\"sender\":\"System\",\"timestamp\":\"2026-11-27T12:00:00.000Z\"}");
    }

    @Test
    void ofAMessageTheTabsOfItsBrowserGetNone() throws Exception {
        connected("c000", "browser");
        connected("c001", "browser");
        connected("c002", "another");
        connected("c003", "");

        post("e1", event("MESSAGE_SENT", "browser"));
        assertThat(whoGotIt()).containsExactly("c002", "c003");
        post("e2", event("CONNECTION_ESTABLISHED", "browser"));
        assertThat(whoGotIt()).hasSize(6);
    }

    @Test
    void whoNamedNoClientGetsHisOwn() throws Exception {
        connected("c000", "");
        connected("c001", "browser");

        post("e1", event("MESSAGE_SENT", ""));

        assertThat(whoGotIt()).containsExactly("c000", "c001");
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 6, 7, 8, 14, 50})
    void allPagesOfConnectionsAreAskedFor(int count) throws Exception {
        connected(count);

        assertThat(post("e1", event("MESSAGE_SENT", ""))).isEqualTo(200);

        assertThat(whoGotIt()).hasSize(count).doesNotHaveDuplicates();
    }

    @Test
    void tenPostsAreUnderWayAtOnceAndNeverMore() throws Exception {
        list.close();
        list = new MemberList(url(backEnd, ""), 100);
        workflow.close();
        workflow = new Workflow(list, callbacks, posts.url(), InstantSource.system(), counts);
        connected(45);
        posts.holdUntil(10);

        workflow.distribute(
                "e1",
                ChatEvent.of(
                        event("MESSAGE_SENT", "").getBytes(UTF_8),
                        0,
                        event("MESSAGE_SENT", "").length()));

        assertThat(whoGotIt()).hasSize(45);
        assertThat(posts.mostAtOnce()).isEqualTo(10);
    }

    @ParameterizedTest
    @ValueSource(ints = {429, 500, 503})
    void whatMayComeThroughLaterIsTriedAgain(int status) throws Exception {
        connected(3);
        Set<String> refusedOnce = ConcurrentHashMap.newKeySet();
        posts.answer(post -> post.connectionId().equals("c001") && refusedOnce.add(post.connectionId()) ? status : 200);

        assertThat(post("e1", event("MESSAGE_SENT", ""))).isEqualTo(200);

        assertThat(postsByConnection()).isEqualTo(Map.of("c000", 1L, "c001", 2L, "c002", 1L));
        assertThat(counts.toJson()).contains("\"sent\":3,\"tried_again\":1,\"gone\":0,\"failed\":0");
    }

    @Test
    void whatNeverComesThroughIsGivenUpAndCountedAndOthersHaveIt() throws Exception {
        connected(3);
        posts.answer(post -> post.connectionId().equals("c001") ? 500 : 200);

        assertThat(post("e1", event("MESSAGE_SENT", ""))).isEqualTo(200);

        assertThat(postsByConnection()).isEqualTo(Map.of("c000", 1L, "c001", 5L, "c002", 1L));
        assertThat(counts.toJson()).contains("\"sent\":2,\"tried_again\":4,\"gone\":0,\"failed\":1");
    }

    @Test
    void whatIsRefusedIsNotTriedAgain() throws Exception {
        connected(2);
        posts.answer(post -> post.connectionId().equals("c001") ? 403 : 200);

        post("e1", event("MESSAGE_SENT", ""));

        assertThat(postsByConnection()).isEqualTo(Map.of("c000", 1L, "c001", 1L));
        assertThat(counts.toJson()).contains("\"sent\":1,\"tried_again\":0,\"gone\":0,\"failed\":1");
        assertThat(members.get("c001")).isNotNull();
    }

    @Test
    void aConnectionThatIsGoneIsRemoved() throws Exception {
        connected(2);
        posts.answer(post -> post.connectionId().equals("c001") ? 410 : 200);

        post("e1", event("MESSAGE_SENT", ""));

        assertThat(members.get("c001")).isNull();
        assertThat(members.get("c000")).isNotNull();
        assertThat(postsByConnection()).isEqualTo(Map.of("c000", 1L, "c001", 1L));
        assertThat(counts.toJson()).contains("\"sent\":1,\"tried_again\":0,\"gone\":1,\"failed\":0");
    }

    @Test
    void aConnectionThatMayNotBeOpenYetIsTriedAgainUntilItWouldBe() throws Exception {
        long almostOpenMs = Instant.now().minus(Workflow.OPENING).plusSeconds(2).toEpochMilli();
        members.add(new Connected("c000", "N", null, almostOpenMs));
        members.add(new Connected("c001", "N", null, almostOpenMs));
        Set<String> goneOnce = ConcurrentHashMap.newKeySet();
        posts.answer(post -> post.connectionId().equals("c001") || goneOnce.add(post.connectionId()) ? 410 : 200);

        post("e1", event("CONNECTION_ESTABLISHED", ""));

        assertThat(postsByConnection()).containsEntry("c000", 2L);
        assertThat(members.get("c000")).isNotNull();
        assertThat(postsByConnection().get("c001")).isGreaterThan(1);
        assertThat(members.get("c001")).isNull();
        assertThat(counts.toJson()).contains("\"sent\":1,").contains("\"gone\":1,\"failed\":0");
    }

    @Test
    void aRepeatIsSentToNobody() throws Exception {
        connected(3);

        post("e1", event("MESSAGE_SENT", ""));
        assertThat(post("e1", event("MESSAGE_SENT", ""))).isEqualTo(200);
        assertThat(postsByConnection()).isEqualTo(Map.of("c000", 1L, "c001", 1L, "c002", 1L));
        post("e2", event("MESSAGE_SENT", ""));

        assertThat(posts.seen()).hasSize(6);
        assertThat(counts.toJson()).startsWith("{\"events\":2,\"repeats\":1,");
    }

    @Test
    void aRepeatThatComesMeanwhileWaitsAndIsSentToNobody() throws Exception {
        connected(3);
        CompletableFuture<Integer> first = CompletableFuture.supplyAsync(() -> quietly("e1"));
        CompletableFuture<Integer> second = CompletableFuture.supplyAsync(() -> quietly("e1"));

        assertThat(List.of(first.get(), second.get())).containsExactly(200, 200);

        assertThat(posts.seen()).hasSize(3);
        assertThat(counts.toJson()).startsWith("{\"events\":1,\"repeats\":1,");
    }

    private int quietly(String eventId) {
        try {
            return post(eventId, event("MESSAGE_SENT", ""));
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void anEventThatIsHalfDoneComesAgainForTheOthers() throws Exception {
        connected(10);
        // The list fails after its first page of seven.
        posts.answer(_ -> {
            records.close();
            return 200;
        });
        assertThat(post("e1", event("MESSAGE_SENT", ""))).isEqualTo(503);
        assertThat(whoGotIt()).hasSize(7);
        backEnd.close();
        int port = backEnd.address().getPort();
        records = Records.open(folder);
        members = new Members(records, InstantSource.fixed(now));
        backEnd = new Endpoints();
        new Chat(members, bus, InstantSource.fixed(now)).addTo(backEnd);
        backEnd.start(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
        posts.answer(_ -> 200);

        assertThat(post("e1", event("MESSAGE_SENT", ""))).isEqualTo(200);

        assertThat(whoGotIt()).hasSize(10).doesNotHaveDuplicates();
    }

    @Test
    void whatIsNoEventOfTheChatIsTakenAndCausesNothing() throws Exception {
        connected(2);

        assertThat(post("e1", "{\"source\":\"chat.service\",\"detail-type\":\"USER_TYPING\",\"detail\":{}}"))
                .isEqualTo(200);
        assertThat(post("e2", event("MESSAGE_SENT", "").replace("chat.service", "shop")))
                .isEqualTo(200);
        assertThat(post("e3", "{\"source\":\"chat.service\",\"detail-type\":\"MESSAGE_SENT\",\"detail\":{}}"))
                .isEqualTo(200);
        assertThat(post("e4", "17")).isEqualTo(200);

        assertThat(posts.seen()).isEmpty();
        assertThat(counts.toJson()).contains("\"events\":0,").contains("\"ignored\":4,");
    }

    @Test
    void whatIsNotSignedByOurServerIsRefused() throws Exception {
        connected(2);
        String another = "whsec_" + Base64.getEncoder().encodeToString("another secret of that length".getBytes(UTF_8));

        assertThat(post("e1", event("MESSAGE_SENT", ""), another, now.getEpochSecond()))
                .isEqualTo(401);
        assertThat(post("e1", event("MESSAGE_SENT", ""), Programs.SECRET, now.getEpochSecond() - 301))
                .isEqualTo(401);
        assertThat(post("e1", event("MESSAGE_SENT", ""), Programs.SECRET, now.getEpochSecond() + 301))
                .isEqualTo(401);

        assertThat(posts.seen()).isEmpty();
        assertThat(post("e1", event("MESSAGE_SENT", ""), Programs.SECRET, now.getEpochSecond() - 300))
                .isEqualTo(200);
    }

    @Test
    void whatIsKeptOfEventsIsBounded() {
        Deliveries deliveries = new Deliveries(2);
        deliveries.of("e1").done();
        deliveries.of("e2").done();

        assertThat(deliveries.of("e1").isDone()).isTrue();
        deliveries.of("e3").done();

        assertThat(deliveries.of("e2").isDone()).isTrue();
        assertThat(deliveries.of("e1").isDone()).isFalse();
    }

    @Test
    void aSecretIsOneOfStandardWebhooks() {
        assertThatThrownBy(() -> new Signature("secret", InstantSource.system()))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
