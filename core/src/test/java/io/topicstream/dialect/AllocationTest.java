package io.topicstream.dialect;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import io.topicstream.access.Speaker;
import io.topicstream.json.JsonWriter;
import io.topicstream.log.Details;
import io.topicstream.log.Durability;
import io.topicstream.log.Message;
import io.topicstream.log.TopicName;
import io.topicstream.protocol.ClientFrame;
import io.topicstream.protocol.ServerFrame;
import io.topicstream.testkit.Speakers;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/// What a message costs in garbage on its way in and out. Times are not asserted, allocations are:
/// they are the same on every machine.
class AllocationTest {
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    private static final int ROUNDS = 20_000;

    private final NativeDialect dialect = new NativeDialect();
    private final Speaker speaker = Speakers.on("c");
    private long told;

    @Test
    void aPublishAllocatesItsFrameItsDraftItsPayloadAndItsId() {
        String payload = "{\"text\":\"" + "x".repeat(110) + "\",\"n\":[1,2,3]}";
        byte[] frame = ("{\"action\":\"publish\",\"id\":\"p-123456\",\"topic\":\"room:lobby\",\"message\":" + payload
                        + "}")
                .getBytes(StandardCharsets.UTF_8);
        Consumer<ClientFrame> sink = publish -> told++;
        // Object headers, references and longs as HotSpot lays them out: frame 40, draft 24, two
        // arrays of 16 and their bytes, all in steps of 8.
        int expected = 40 + 24 + array(payload.length()) + array("\"p-123456\"".length());

        long perFrame = allocatedPerRound(() -> dialect.decode(speaker, frame, 0, frame.length, sink));

        assertThat(frame.length).isBetween(190, 220);
        assertThat(told).isPositive();
        assertThat(perFrame).isLessThanOrEqualTo(expected * 12 / 10);
    }

    @Test
    void aDeliveryAndAReplyAllocateNothing() {
        TopicName topic = new TopicName("room:lobby");
        byte[] payload = "{\"text\":\"hello\"}".getBytes(StandardCharsets.UTF_8);
        List<Message> messages = List.of(
                new Message(1, 1700000000000L, "ann", "m1", payload, null),
                new Message(2, 1700000000000L, "bob", null, payload, Details.NONE.withKey("k")));
        ServerFrame reply = new ServerFrame.Published(new byte[] {'1'}, topic, 1, 2, 1700000000000L, Durability.DISK);
        JsonWriter json = new JsonWriter();
        Dialect.DeliveryOutput out = new Dialect.DeliveryOutput() {
            @Override
            public JsonWriter json() {
                return json;
            }

            @Override
            public void endOfMessage() {
                told += json.length();
                json.reset();
            }
        };

        long perRound = allocatedPerRound(() -> {
            dialect.encodeDelivery(topic, messages, true, out);
            dialect.encodeDelivery(topic, messages, false, out);
            if (dialect.encode(reply, speaker, json)) {
                out.endOfMessage();
            }
        });

        assertThat(told).isPositive();
        assertThat(perRound).isZero();
    }

    private static int array(int length) {
        return 16 + (length + 7) / 8 * 8;
    }

    /// The least of several runs: a compiler that is still at work may leave something behind.
    private static long allocatedPerRound(Runnable round) {
        long least = Long.MAX_VALUE;
        for (int run = 0; run < 10; run++) {
            long before = THREADS.getCurrentThreadAllocatedBytes();
            for (int i = 0; i < ROUNDS; i++) {
                round.run();
            }
            least = Math.min(least, (THREADS.getCurrentThreadAllocatedBytes() - before) / ROUNDS);
        }
        return least;
    }
}
