package io.topicstream.server.scenario;

import static io.topicstream.server.JsonTexts.number;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.topicstream.server.TestClient;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/// Messages between two users, their receipts, and what is unread.
public interface DirectScenarios {
    Deployment deployment();

    private static String dm(String guest, String other) {
        String first = guest.compareTo(other) <= 0 ? guest : other;
        return "dm:guest." + first + "~guest." + (first.equals(guest) ? other : guest);
    }

    private static String send(Object id, String to, String rest) {
        return "{\"action\":\"send\",\"id\":" + id + ",\"to\":\"guest." + to + "\"," + rest + "}";
    }

    /// Sends and is answered; deliveries that come before the answer are dropped.
    private static String sent(TestClient from, String to, int message) {
        from.send(send("\"sent\"", to, "\"message\":" + message));
        return from.await("\"id\":\"sent\"");
    }

    private static String asked(TestClient client, String frame) {
        client.send(frame.replaceFirst("\\{", "{\"id\":\"asked\","));
        return client.await("\"id\":\"asked\"");
    }

    private static String cursors(TestClient client, String topic) {
        return asked(client, "{\"action\":\"cursors\",\"topics\":[\"" + topic + "\"]}");
    }

    private static void expect(TestClient client, String topic, int from, int to) {
        for (int i = from; i <= to; i++) {
            assertThat(client.await("\"type\":\"message\""))
                    .contains("\"topic\":\"" + topic + "\",\"offset\":" + i + ",", "\"message\":" + i + "}");
        }
    }

    private static TestClient manual(Deployment deployment, String guest) {
        return TestClient.to(deployment.server(), "/v1?durable=manual&user=" + guest)
                .open();
    }

    @Test
    default void aMessageReachesAllDevicesOfBothFromTheFirstOn() {
        String ann = deployment().guest();
        String bob = deployment().guest();
        List<TestClient> devices = new ArrayList<>();
        for (String user : List.of(ann, ann, bob, bob)) {
            devices.add(deployment().client(user));
        }
        // A client that joins its topics itself cannot know of this one beforehand.
        for (String user : List.of(ann, bob)) {
            devices.add(manual(deployment(), user));
            devices.getLast().await("\"type\":\"welcome\"");
        }
        TestClient stranger = deployment().client(deployment().guest());

        devices.getFirst().send(send(1, bob, "\"message\":1"));
        expect(devices.getLast(), dm(ann, bob), 1, 1);
        devices.getLast().send(send(2, ann, "\"message\":2"));

        for (TestClient device : devices.subList(0, devices.size() - 1)) {
            expect(device, dm(ann, bob), 1, 2);
        }
        expect(devices.getLast(), dm(ann, bob), 2, 2);
        for (TestClient device : devices) {
            device.close();
        }
        stranger.close();
        assertThat(stranger.pending()).isEmpty();
    }

    @Test
    default void aSendIsAnsweredWithItsPlace() {
        String ann = deployment().guest();
        String bob = deployment().guest();
        TestClient client = deployment().client(ann);

        for (int i = 1; i <= 3; i++) {
            String reply = sent(client, bob, i);
            assertThat(reply)
                    .startsWith("{\"type\":\"reply\",\"id\":\"sent\",\"topic\":\"" + dm(ann, bob) + "\",\"epoch\":")
                    .contains("\"offset\":" + i + ",\"timestamp\":", "\"online\":");
        }
        client.close();
    }

    @Test
    default void whatIsSentToSomebodyWhoIsAwayIsFoundOnReturn() {
        String ann = deployment().guest();
        String bob = deployment().guest();
        String topic = dm(ann, bob);
        TestClient sender = deployment().client(ann);
        for (int i = 1; i <= 3; i++) {
            sent(sender, bob, i);
        }

        TestClient back = manual(deployment(), bob);
        assertThat(back.await("\"type\":\"welcome\""))
                .contains("\"subscriptions\":[{\"topic\":\"" + topic + "\",")
                .contains("\"next_offset\":4}]");
        String all = asked(back, "{\"action\":\"cursors\"}");
        assertThat(all)
                .endsWith("\"cursors\":[{\"topic\":\"" + topic
                        + "\",\"delivered\":0,\"read\":0,\"next_offset\":4,\"unread\":3}]}");
        assertThat(asked(back, "{\"action\":\"read\",\"topic\":\"" + topic + "\",\"after\":0}"))
                .contains("\"offset\":1,", "\"message\":1}", "\"offset\":3,", "\"message\":3}");
        back.send("{\"action\":\"subscribe\",\"topic\":\"" + topic + "\",\"from\":2}");
        expect(back, topic, 2, 3);

        assertThat(asked(back, "{\"action\":\"ack\",\"topic\":\"" + topic + "\",\"read\":2}"))
                .isEqualTo("{\"type\":\"reply\",\"id\":\"asked\"}");
        assertThat(cursors(back, topic)).contains("\"delivered\":2,\"read\":2,\"next_offset\":4,\"unread\":1}");
        assertThat(asked(sender, "{\"action\":\"cursors\"}"))
                .contains("\"topic\":\"" + topic + "\",\"delivered\":0,\"read\":0,");
        back.close();
        sender.close();
    }

    @Test
    default void aThirdUserIsRefusedInEveryOperation() {
        String ann = deployment().guest();
        String bob = deployment().guest();
        String topic = dm(ann, bob);
        TestClient one = deployment().client(ann);
        sent(one, bob, 1);

        List<String> operations = List.of(
                "\"publish\",\"message\":1",
                "\"signal\",\"message\":1",
                "\"subscribe\"",
                "\"subscribe\",\"from\":\"earliest\"",
                "\"subscribe\",\"durable\":true",
                "\"read\"",
                "\"ack\",\"read\":1",
                "\"members\"",
                "\"cursors\",\"topics\":[\"" + topic + "\"]");
        for (TestClient other :
                List.of(deployment().client(deployment().guest()), deployment().client())) {
            for (String operation : operations) {
                assertThat(asked(other, "{\"topic\":\"" + topic + "\",\"action\":" + operation + "}"))
                        .as(operation)
                        .contains("\"code\":\"forbidden\"");
            }
            assertThat(asked(other, "{\"action\":\"topics\",\"prefix\":\"dm:\"}"))
                    .endsWith("\"topics\":[]}");
            other.close();
            assertThat(other.pending()).isEmpty();
        }
        for (String user : List.of(ann, bob)) {
            TestClient own = deployment().client(user);
            for (String operation : operations) {
                assertThat(asked(own, "{\"topic\":\"" + topic + "\",\"action\":" + operation + "}"))
                        .as(operation)
                        .contains("\"type\":\"reply\"");
            }
            assertThat(asked(own, "{\"action\":\"topics\",\"prefix\":\"dm:\"}"))
                    .contains("\"topics\":[{\"topic\":\"" + topic + "\",");
            own.close();
        }
        one.close();
    }

    @Test
    default void aSubscribeToAChatTellsHowFarTheOtherIs() {
        String ann = deployment().guest();
        String bob = deployment().guest();
        String topic = dm(ann, bob);
        TestClient sender = deployment().client(ann);
        TestClient phone = deployment().client(bob);
        sent(sender, bob, 1);
        sent(sender, bob, 2);
        expect(phone, topic, 1, 2);
        asked(phone, "{\"action\":\"ack\",\"topic\":\"" + topic + "\",\"delivered\":2,\"read\":1}");

        TestClient later = manual(deployment(), ann);
        assertThat(asked(later, "{\"action\":\"subscribe\",\"topic\":\"" + topic + "\"}"))
                .contains("\"type\":\"reply\"");
        assertThat(later.await("\"type\":\"receipt\""))
                .contains("\"topic\":\"" + topic + "\",\"user\":\"guest." + bob + "\",\"delivered\":2,\"read\":1}");
        for (TestClient client : List.of(sender, phone, later)) {
            client.close();
        }
    }

    @Test
    default void receiptsAreToldAndOnlyGoUpOverTwoDevices() {
        String ann = deployment().guest();
        String bob = deployment().guest();
        String topic = dm(ann, bob);
        TestClient sender = deployment().client(ann);
        TestClient phone = deployment().client(bob);
        TestClient laptop = deployment().client(bob);
        for (int i = 1; i <= 6; i++) {
            sent(sender, bob, i);
        }
        expect(phone, topic, 1, 6);
        expect(laptop, topic, 1, 6);

        for (int i = 1; i <= 6; i++) {
            phone.send("{\"action\":\"ack\",\"topic\":\"" + topic + "\",\"delivered\":" + i + "}");
            laptop.send("{\"action\":\"ack\",\"topic\":\"" + topic + "\",\"delivered\":" + (7 - i) + ",\"read\":"
                    + Math.max(1, 4 - i) + "}");
        }
        asked(laptop, "{\"action\":\"ack\",\"topic\":\"" + topic + "\",\"delivered\":1}");

        await().untilAsserted(() -> assertThat(cursors(phone, topic))
                .contains("\"delivered\":6,\"read\":3,\"next_offset\":7,\"unread\":3}"));
        if (!deployment().signalsAreLost()) {
            long delivered = 0;
            long read = 0;
            while (delivered < 6 || read < 3) {
                String receipt = sender.await("\"type\":\"receipt\"");
                assertThat(receipt).contains("\"topic\":\"" + topic + "\",\"user\":\"guest." + bob + "\"");
                delivered = Math.max(delivered, receipt.contains("\"delivered\"") ? number(receipt, "delivered") : 0);
                read = Math.max(read, receipt.contains("\"read\"") ? number(receipt, "read") : 0);
            }
            assertThat(delivered).isEqualTo(6);
            assertThat(read).isEqualTo(3);
        }
        for (TestClient client : List.of(sender, phone, laptop)) {
            client.close();
        }
    }

    @Test
    default void anAckIsNeverMoreThanThereIsNorLessThanThereWas() {
        String ann = deployment().guest();
        String bob = deployment().guest();
        String topic = dm(ann, bob);
        TestClient sender = deployment().client(ann);
        sent(sender, bob, 1);
        sent(sender, bob, 2);
        TestClient reader = deployment().client(bob);

        asked(reader, "{\"action\":\"ack\",\"topic\":\"" + topic + "\",\"read\":9000000000000000000}");
        assertThat(cursors(reader, topic)).contains("\"delivered\":2,\"read\":2,\"next_offset\":3,\"unread\":0}");
        sent(sender, bob, 3);
        asked(reader, "{\"action\":\"ack\",\"topic\":\"" + topic + "\",\"delivered\":1,\"read\":0}");
        await().untilAsserted(() -> assertThat(cursors(reader, topic))
                .contains("\"delivered\":2,\"read\":2,\"next_offset\":4,\"unread\":1}"));

        assertThat(asked(reader, "{\"action\":\"ack\",\"topic\":\"" + topic + "\"}"))
                .contains("\"code\":\"bad_frame\"");
        TestClient nameless = deployment().client();
        assertThat(asked(nameless, "{\"action\":\"ack\",\"topic\":\"t\",\"read\":1}"))
                .contains("\"code\":\"forbidden\"", "say who you are");
        assertThat(asked(nameless, "{\"action\":\"cursors\"}")).contains("\"code\":\"forbidden\"", "say who you are");
        for (TestClient client : List.of(sender, reader, nameless)) {
            client.close();
        }
    }

    @Test
    default void fiftyFirstSendsAtOnceMakeOneChatAndLoseNothing() {
        String ann = deployment().guest();
        String bob = deployment().guest();
        String topic = dm(ann, bob);
        List<TestClient> listening =
                List.of(deployment().client(ann), deployment().client(bob));
        List<TestClient> senders = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            senders.add(deployment().client(i % 2 == 0 ? ann : bob));
        }

        for (int i = 0; i < 50; i++) {
            senders.get(i % 10).send(send(i, i % 2 == 0 ? bob : ann, "\"message\":" + i));
        }

        TreeSet<Long> offsets = new TreeSet<>();
        for (int i = 0; i < 50; i++) {
            String reply = senders.get(i % 10).await("\"type\":\"reply\"");
            assertThat(reply).contains("\"topic\":\"" + topic + "\"");
            offsets.add(number(reply, "offset"));
        }
        assertThat(offsets)
                .containsExactlyElementsOf(LongStream.rangeClosed(1, 50).boxed().toList());
        for (TestClient client : listening) {
            for (int offset = 1; offset <= 50; offset++) {
                assertThat(number(client.await("\"type\":\"message\""), "offset"))
                        .isEqualTo(offset);
            }
            assertThat(asked(client, "{\"action\":\"topics\",\"prefix\":\"dm:\"}"))
                    .contains("\"topics\":[{\"topic\":\"" + topic + "\",")
                    .endsWith("\"next_offset\":51}]}");
        }
        senders.forEach(TestClient::close);
        listening.forEach(TestClient::close);
    }

    @Test
    default void aRepeatIsKnownByItsMessageId() {
        String ann = deployment().guest();
        String bob = deployment().guest();
        TestClient client = deployment().client(ann);
        TestClient other = deployment().client(ann);

        client.send(send(1, bob, "\"message\":1,\"message_id\":\"m\""));
        long offset = number(client.await("\"type\":\"reply\""), "offset");
        other.send(send(2, bob, "\"message\":1,\"message_id\":\"m\""));
        assertThat(number(other.await("\"type\":\"reply\""), "offset")).isEqualTo(offset);
        other.send(send(3, bob, "\"message\":2,\"message_id\":\"m\""));
        assertThat(other.await("\"type\":\"error\"")).contains("\"code\":\"id_conflict\"", "\"id\":3");
        assertThat(number(sent(client, bob, 3), "offset")).isEqualTo(offset + 1);
        client.close();
        other.close();
    }

    @Test
    default void anyTwoHaveAChatAndSoHasOneWithItself() {
        String longest = (deployment().guest() + "x".repeat(88)).substring(0, 88);
        String other = (deployment().guest() + "y".repeat(88)).substring(0, 88);
        TestClient client = deployment().client(longest);
        TestClient second = deployment().client(longest);

        assertThat(sent(client, other, 1)).contains("\"topic\":\"" + dm(longest, other) + "\"");
        assertThat(sent(client, longest, 1)).contains("\"topic\":\"" + dm(longest, longest) + "\"");

        String[] topics = {second.await("\"type\":\"message\""), second.await("\"type\":\"message\"")};
        assertThat(topics).anySatisfy(frame -> assertThat(frame).contains(dm(longest, other)));
        assertThat(topics).anySatisfy(frame -> assertThat(frame).contains(dm(longest, longest)));
        client.close();
        second.close();
        assertThat(second.pending()).noneMatch(frame -> frame.contains("\"type\":\"message\""));
    }

    @Test
    default void whatCannotBeSentIsRefused() {
        TestClient client = deployment().client(deployment().guest());
        for (String to : List.of("", "a b", "a~b", "a:b", "guest.", "x".repeat(97))) {
            client.send("{\"action\":\"send\",\"id\":1,\"to\":\"" + to + "\",\"message\":1}");
            assertThat(client.next()).as(to).contains("\"code\":\"bad_frame\"", "\"id\":1");
        }
        client.send("{\"action\":\"send\",\"id\":2,\"message\":1}");
        assertThat(client.next()).contains("\"code\":\"bad_frame\"");
        client.send("{\"action\":\"send\",\"id\":3,\"to\":\"bob\"}");
        assertThat(client.next()).contains("\"code\":\"bad_frame\"");
        TestClient nameless = deployment().client();
        nameless.send("{\"action\":\"send\",\"id\":4,\"to\":\"bob\",\"message\":1}");
        assertThat(nameless.next()).contains("\"code\":\"forbidden\"", "say who you are");
        client.close();
        nameless.close();
    }

    @Test
    default void aSendIsAnsweredBeforeItsMessageReachesTheSender() {
        if (!deployment().ordersFrames()) {
            return;
        }
        String ann = deployment().guest();
        String bob = deployment().guest();
        TestClient client = deployment().client(ann);
        asked(client, "{\"action\":\"subscribe\",\"topic\":\"" + dm(ann, bob) + "\"}");

        for (int i = 1; i <= 100; i++) {
            client.send(send(i, bob, "\"message\":" + i));
            String first = client.await("\"offset\":" + i + ",");
            assertThat(first).contains("\"type\":\"reply\"");
            client.await("\"type\":\"message\"");
        }
        client.close();
    }

    @Test
    default void aSendHoldsItsPlaceBeforeWhatComesBehindIt() {
        if (!deployment().ordersFrames()) {
            return;
        }
        String ann = deployment().guest();
        String bob = deployment().guest();
        TestClient client = deployment().client(ann);

        for (int i = 1; i <= 30; i += 3) {
            client.send(send(i, bob, "\"message\":" + i));
            for (int j = i + 1; j <= i + 2; j++) {
                client.send("{\"action\":\"publish\",\"id\":" + j + ",\"topic\":\"" + dm(ann, bob) + "\",\"message\":"
                        + j + "}");
            }
        }

        for (int i = 1; i <= 30; i++) {
            String reply = client.await("\"type\":\"reply\"");
            assertThat(number(reply, "id")).isEqualTo(i);
            assertThat(number(reply, "offset")).isEqualTo(i);
        }
        client.close();
    }

    @Test
    default void whoLeavesAChatForGoodHasItBackWithTheNextMessage() {
        String ann = deployment().guest();
        String bob = deployment().guest();
        String topic = dm(ann, bob);
        TestClient sender = deployment().client(ann);
        TestClient reader = deployment().client(bob);
        sent(sender, bob, 1);
        expect(reader, topic, 1, 1);

        asked(reader, "{\"action\":\"unsubscribe\",\"topic\":\"" + topic + "\",\"durable\":true}");
        assertThat(asked(reader, "{\"action\":\"cursors\"}")).endsWith("\"cursors\":[]}");
        sent(sender, bob, 2);

        expect(reader, topic, 2, 2);
        reader.close();
        sender.close();
    }
}
