package io.topicstream.server.scenario;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.topicstream.access.ApiKey;
import io.topicstream.access.Grant;
import io.topicstream.access.Identity;
import io.topicstream.access.Permission;
import io.topicstream.server.JsonTexts;
import io.topicstream.server.TestClient;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/// Rights that end: on every server, on connections that are open and at the door. Who administers is a node whose
/// signals nobody hears, so that the others must find out by themselves.
public interface RightsScenarios {
    /// Ten times as long as it takes, and more where a network holds everything back for a while.
    Duration PATIENCE = Duration.ofSeconds(15);

    String BLOCKED = "this user is blocked";

    Deployment deployment();

    /// A user whom no other story knows.
    private String user() {
        return "u" + deployment().guest();
    }

    private ApiKey.Created key(String user, @Nullable List<Grant> grants, long expiresAtMs) {
        return deployment()
                .apiKeys()
                .create(user, grants, expiresAtMs)
                .toCompletableFuture()
                .join();
    }

    private ApiKey.Created key(String user) {
        return key(user, null, Identity.NEVER);
    }

    private static TestClient bearing(URI server, ApiKey.Created key) {
        TestClient client =
                TestClient.to(server, "/v1").header("x-api-key", key.secret()).open();
        client.await("\"type\":\"welcome\"");
        return client;
    }

    /// Two for every server.
    private List<TestClient> everywhere(ApiKey.Created key) {
        List<TestClient> clients = new ArrayList<>();
        for (URI server : deployment().servers()) {
            clients.add(bearing(server, key));
            clients.add(bearing(server, key));
        }
        return clients;
    }

    private static String reply(TestClient client, String frame) {
        client.send("{\"id\":\"r\"," + frame + "}");
        return client.await("\"id\":\"r\"");
    }

    private static void subscribe(TestClient client, String topic) {
        assertThat(reply(client, "\"action\":\"subscribe\",\"topic\":\"" + topic + "\""))
                .contains("\"type\":\"reply\"");
    }

    private static long publish(TestClient client, String topic) {
        String answer = reply(client, "\"action\":\"publish\",\"topic\":\"" + topic + "\",\"message\":1");
        assertThat(answer).contains("\"type\":\"reply\"");
        return JsonTexts.number(answer, "offset");
    }

    private void block(String user) {
        assertThat(deployment()
                        .rights()
                        .block(user, Identity.NEVER, "a reason that nobody sees")
                        .toCompletableFuture()
                        .join())
                .isPresent();
    }

    private void assertRefused(ApiKey.Created key, int status) {
        for (URI server : deployment().servers()) {
            await().atMost(PATIENCE).untilAsserted(() -> {
                for (int i = 0; i < deployment().answering(); i++) {
                    assertThat(TestClient.to(server, "/v1")
                                    .header("x-api-key", key.secret())
                                    .refusedWith())
                            .isEqualTo(status);
                }
            });
        }
    }

    private void assertEnded(List<TestClient> clients, int code, String reason) {
        assertEnded(deployment(), clients, code, reason);
    }

    /// The connections end, and say why where they can.
    static void assertEnded(Deployment deployment, List<TestClient> clients, int code, String reason) {
        assertThat(clients).extracting(TestClient::awaitClose).containsOnly(deployment.closeCode(code));
        if (deployment.saysWhyItCloses()) {
            assertThat(clients).extracting(TestClient::closeReason).containsOnly(reason);
        }
    }

    @Test
    default void aBlockedUserIsOutEverywhereWhateverHeShowsUntilTheBlockIsTakenBack() {
        String topic = deployment().topic();
        String eve = user();
        ApiKey.Created key = key(eve);
        ApiKey.Created another = key(eve);
        ApiKey.Created anns = key(user());
        List<TestClient> eves = everywhere(key);
        List<TestClient> others = everywhere(anns);
        publish(eves.getFirst(), topic);

        block(eve);

        assertEnded(eves, 4003, BLOCKED);
        assertRefused(key, 403);
        assertRefused(another, 403);
        for (TestClient other : others) {
            assertThat(reply(other, "\"action\":\"read\",\"topic\":\"" + topic + "\""))
                    .contains("\"from\":\"" + eve + "\"");
        }
        others.forEach(TestClient::close);
        assertThat(others).extracting(TestClient::awaitClose).containsOnly(1000);

        assertThat(deployment().rights().unblock(eve).toCompletableFuture().join())
                .isTrue();

        for (URI server : deployment().servers()) {
            await().atMost(PATIENCE)
                    .ignoreExceptions()
                    .untilAsserted(() -> bearing(server, another).close());
        }
    }

    @Test
    default void aGuestIsBlockedByTheIdThatHeClaims() {
        String guest = deployment().guest();
        TestClient blocked = deployment().guest(guest);
        TestClient stays = deployment().guest(deployment().guest());

        block("guest." + guest);

        assertThat(blocked.awaitClose()).isEqualTo(deployment().closeCode(4003));
        for (URI server : deployment().servers()) {
            await().atMost(PATIENCE)
                    .untilAsserted(() -> assertThat(
                                    TestClient.to(server, "/v1?user=" + guest).refusedWith())
                            .isEqualTo(403));
        }
        stays.close();
        assertThat(stays.awaitClose()).isEqualTo(1000);
    }

    @Test
    default void aKeyThatIsRevokedEndsItsConnectionsEverywhereAndNoOthers() {
        String eve = user();
        ApiKey.Created key = key(eve);
        ApiKey.Created another = key(eve);
        List<TestClient> ending = everywhere(key);
        List<TestClient> staying = everywhere(another);

        assertThat(deployment()
                        .apiKeys()
                        .revoke(key.key().id())
                        .toCompletableFuture()
                        .join())
                .isTrue();

        assertEnded(ending, 4001, "the credentials were revoked");
        assertRefused(key, 401);
        staying.forEach(TestClient::close);
        assertThat(staying).extracting(TestClient::awaitClose).containsOnly(1000);
    }

    @Test
    default void whoIsSignedOutGoesEverywhereAndMayComeAgain() {
        String eve = user();
        ApiKey.Created key = key(eve);
        List<TestClient> eves = everywhere(key);
        TestClient other = bearing(deployment().server(), key(user()));

        assertThat(deployment().rights().signOut(eve).toCompletableFuture().join())
                .isPresent();

        assertEnded(eves, 4001, "this user was signed out");
        TestClient again = bearing(deployment().server(), key);
        publish(again, deployment().topic());
        again.close();
        other.close();
        assertThat(List.of(again, other)).extracting(TestClient::awaitClose).containsOnly(1000);
    }

    @Test
    default void aKeysEndEndsItsConnectionAndItsDeliveries() {
        String topic = deployment().topic();
        long endsAtMs = System.currentTimeMillis() + 2_000;
        TestClient eve = bearing(deployment().server(), key(user(), null, endsAtMs));
        subscribe(eve, topic);
        TestClient publisher = deployment().client();

        await().atMost(PATIENCE).pollInterval(Duration.ofMillis(50)).until(() -> {
            publish(publisher, topic);
            return eve.isClosed();
        });
        long closedBy = System.currentTimeMillis();
        publish(publisher, topic);

        assertThat(eve.awaitClose()).isEqualTo(deployment().closeCode(4001));
        assertThat(closedBy).isGreaterThanOrEqualTo(endsAtMs);
        assertThat(eve.pending()).isNotEmpty().allMatch(frame -> JsonTexts.number(frame, "timestamp") <= closedBy);
        publisher.close();
    }

    @Test
    default void aConnectionThatShowsANewKeyOutlivesTheOldOneAndMissesNothing() {
        String topic = deployment().topic();
        String eve = user();
        long endsAtMs = System.currentTimeMillis() + 2_000;
        ApiKey.Created old = key(eve, null, endsAtMs);
        ApiKey.Created renewed = key(eve);
        TestClient client = bearing(deployment().server(), old);
        subscribe(client, topic);
        TestClient publisher = deployment().client();

        for (int i = 0; i < 20; i++) {
            publish(publisher, topic);
        }
        client.send("{\"id\":\"new\",\"action\":\"authenticate\",\"token\":\"" + renewed.secret() + "\"}");
        List<String> frames = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            publish(publisher, topic);
        }
        while (!frames.toString().contains("\"id\":\"new\"")) {
            frames.add(client.next());
        }
        assertThat(frames.getLast()).contains("\"user\":\"" + eve + "\"").contains("\"expires_at\":null");
        deployment().apiKeys().revoke(old.key().id()).toCompletableFuture().join();
        long[] last = {0};
        await().atMost(PATIENCE).pollInterval(Duration.ofMillis(50)).until(() -> {
            last[0] = publish(publisher, topic);
            return System.currentTimeMillis() > endsAtMs + 1_500;
        });

        List<Long> offsets = new ArrayList<>();
        frames.stream()
                .filter(frame -> frame.contains("\"type\":\"message\""))
                .forEach(frame -> offsets.add(JsonTexts.number(frame, "offset")));
        while (offsets.isEmpty() || offsets.getLast() < last[0]) {
            offsets.add(JsonTexts.number(client.await("\"type\":\"message\""), "offset"));
        }
        for (int i = 0; i < offsets.size(); i++) {
            assertThat(offsets.get(i)).isEqualTo(i + 1);
        }
        client.close();
        assertThat(client.awaitClose()).isEqualTo(1000);
        publisher.close();
    }

    @Test
    default void whatNewCredentialsDoNotPermitEndsAndTheRestGoesOn() {
        String kept = deployment().topic();
        String lost = deployment().topic();
        String eve = user();
        ApiKey.Created narrow =
                key(eve, List.of(new Grant(kept, EnumSet.of(Permission.SUBSCRIBE, Permission.READ))), Identity.NEVER);
        TestClient client = bearing(deployment().server(), key(eve));
        TestClient publisher = deployment().client();
        subscribe(client, kept);
        subscribe(client, lost);

        client.send("{\"id\":\"new\",\"action\":\"authenticate\",\"token\":\"" + narrow.secret() + "\"}");

        assertThat(client.await("\"type\":\"error\""))
                .contains("\"code\":\"forbidden\"")
                .contains("\"topic\":\"" + lost + "\"");
        assertThat(client.await("\"id\":\"new\"")).contains("\"user\":\"" + eve + "\"");
        publish(publisher, lost);
        publish(publisher, kept);
        assertThat(client.await("\"type\":\"message\"")).contains(kept);
        assertThat(reply(client, "\"action\":\"subscribe\",\"topic\":\"" + lost + "\""))
                .contains("\"code\":\"forbidden\"");
        assertThat(client.pending()).noneMatch(frame -> frame.contains(lost));
        client.close();
        publisher.close();
    }
}
