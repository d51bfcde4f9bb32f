package io.topicstream.server.scenario;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.topicstream.server.TestClient;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;

/// Display names: claimed by one who is online, and kept with the messages that were sent under them.
public interface NameScenarios {
    Deployment deployment();

    private static String claim(TestClient client, String name) {
        client.send("{\"action\":\"name\",\"id\":\"n\",\"name\":\"" + name + "\"}");
        return client.await("\"id\":\"n\"");
    }

    private static String named(String name) {
        return "{\"type\":\"reply\",\"id\":\"n\",\"name\":\"" + name + "\"}";
    }

    private static String publish(TestClient client, String topic, String rest) {
        client.send("{\"action\":\"publish\",\"id\":\"p\",\"topic\":\"" + topic + "\",\"message\":1" + rest + "}");
        return client.await("\"id\":\"p\"");
    }

    private static String page(TestClient client, String topic) {
        client.send("{\"action\":\"read\",\"id\":\"r\",\"topic\":\"" + topic + "\"}");
        return client.await("\"id\":\"r\"");
    }

    /// A name that no other story uses.
    private String name(String beginning) {
        return beginning + deployment().topic().replace("scenario", "");
    }

    @Test
    default void messagesKeepTheNameThatTheirPublisherHad() {
        String topic = deployment().topic();
        String ann = name("Änn");
        String anna = name("Anna");
        TestClient client = deployment().client();
        TestClient listener = deployment().client(1);
        listener.send("{\"action\":\"subscribe\",\"id\":\"s\",\"topic\":\"" + topic + "\"}");
        listener.await("\"id\":\"s\"");

        publish(client, topic, "");
        assertThat(claim(client, ann)).isEqualTo(named(ann));
        publish(client, topic, ",\"headers\":{\"a\":\"b\"}");
        assertThat(claim(client, anna)).isEqualTo(named(anna));
        publish(client, topic, ",\"echo\":false");

        assertThat(listener.await(topic)).doesNotContain("\"name\"");
        assertThat(listener.await(topic)).contains("\"name\":\"" + ann + "\",\"message\":1,\"headers\":{\"a\":\"b\"}}");
        assertThat(listener.await(topic)).contains("\"name\":\"" + anna + "\",\"message\":1}");
        assertThat(page(client, topic))
                .containsSubsequence("\"offset\":1,", "\"offset\":2,", ann, "\"offset\":3,", anna)
                .doesNotContain("_name");
        client.close();
        listener.close();
    }

    @Test
    default void othersInTheRoomSeeTheNameThatWasClaimedOrOneThatIsMadeForNobody() {
        String room = "room:" + deployment().topic();
        String ann = name("Ann");
        TestClient client = deployment().client(0);
        TestClient nobody = deployment().client();
        for (TestClient one : List.of(client, nobody)) {
            one.send("{\"action\":\"subscribe\",\"id\":\"s\",\"topic\":\"" + room + "\"}");
            one.await("\"id\":\"s\"");
        }

        claim(client, ann);

        await().atMost(Duration.ofSeconds(20)).untilAsserted(() -> {
            nobody.send("{\"action\":\"members\",\"id\":\"m\",\"topic\":\"" + room + "\"}");
            assertThat(nobody.await("\"id\":\"m\""))
                    .contains("{\"user\":\"ann\",\"name\":\"" + ann + "\",")
                    .containsPattern("\\{\"user\":null,\"name\":\"[A-Z][a-z]+[A-Z][a-z]+[0-9]+\",");
        });
        client.close();
        nobody.close();
    }

    @Test
    default void aRepeatUnderAnotherNameIsTheSameMessage() {
        String topic = deployment().topic();
        TestClient client = deployment().client(0);
        String first = publish(client, topic, ",\"message_id\":\"m-1\"");
        claim(client, name("Later"));

        assertThat(publish(client, topic, ",\"message_id\":\"m-1\"")).isEqualTo(first);

        assertThat(page(client, topic)).contains("\"next_offset\":2").doesNotContain("\"name\"");
        client.close();
    }

    @Test
    default void aNameIsOnesAloneUntilItsConnectionEnds() {
        String ann = name("ann");
        TestClient first = deployment().client();
        TestClient second = deployment().client();
        assertThat(claim(first, ann)).isEqualTo(named(ann));

        assertThat(claim(second, ann)).contains("\"code\":\"conflict\"").contains("\"retryable\":false");
        assertThat(claim(second, ann.toUpperCase(Locale.ROOT))).contains("\"code\":\"conflict\"");
        assertThat(claim(first, ann)).isEqualTo(named(ann));
        first.close();

        await().atMost(Duration.ofSeconds(20))
                .untilAsserted(() -> assertThat(claim(second, ann)).isEqualTo(named(ann)));
        second.close();
    }

    @Test
    default void whoClaimsAnotherNameFreesTheFirst() {
        String ann = name("Ann");
        TestClient first = deployment().client();
        TestClient second = deployment().client();
        claim(first, ann);
        assertThat(claim(first, name("Bea"))).contains("\"type\":\"reply\"");

        await().atMost(Duration.ofSeconds(20))
                .untilAsserted(() -> assertThat(claim(second, ann)).isEqualTo(named(ann)));
        assertThat(claim(first, ann)).contains("\"code\":\"conflict\"");
        first.close();
        second.close();
    }

    @Test
    default void allDevicesOfAUserMayHaveTheNameAndOneThatEndsTakesItFromNoOther() {
        String ann = name("Ann");
        TestClient desk = deployment().client(0);
        TestClient phone = deployment().client(0);
        TestClient other = deployment().client(1);
        assertThat(claim(desk, ann)).isEqualTo(named(ann));
        assertThat(claim(phone, ann)).isEqualTo(named(ann));

        phone.close();
        // A third device goes the same way, so that what the end of the second one does has been done.
        TestClient third = deployment().client(0);
        assertThat(claim(third, ann)).isEqualTo(named(ann));
        third.close();

        assertThat(claim(other, ann)).contains("\"code\":\"conflict\"");
        desk.close();
        await().atMost(Duration.ofSeconds(20))
                .untilAsserted(() -> assertThat(claim(other, ann)).isEqualTo(named(ann)));
        other.close();
    }

    @Test
    default void ofManyWhoWantANameAtOnceOneHasIt() {
        String ann = name("Ann");
        List<TestClient> clients = new ArrayList<>();
        for (int i = 0; i < 12; i++) {
            clients.add(deployment().client());
        }
        for (TestClient client : clients) {
            client.send("{\"action\":\"name\",\"id\":\"n\",\"name\":\"" + ann + "\"}");
        }

        List<String> answers = new ArrayList<>();
        for (TestClient client : clients) {
            answers.add(client.await("\"id\":\"n\""));
        }
        assertThat(answers).filteredOn(named(ann)::equals).hasSize(1);
        assertThat(answers)
                .filteredOn(answer -> answer.contains("\"code\":\"conflict\""))
                .hasSize(11);
        clients.forEach(TestClient::close);
    }

    @Test
    default void namesThatAreNoneAreRefused() {
        TestClient client = deployment().client();

        for (String bad : List.of("", "  ", "a\\nb", "\\u200d", "x".repeat(65))) {
            assertThat(claim(client, bad)).as(bad).contains("\"type\":\"error\"");
        }
        String unique = name("");
        assertThat(claim(client, unique + "x".repeat(64 - unique.length()))).contains("\"type\":\"reply\"");
        client.close();
    }
}
