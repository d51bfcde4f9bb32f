package io.topicstream.server.delivery;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.topicstream.access.Speaker;
import io.topicstream.dialect.Dialect;
import io.topicstream.dialect.Dialects;
import io.topicstream.dialect.NativeDialect;
import io.topicstream.json.JsonWriter;
import io.topicstream.log.Details;
import io.topicstream.log.Message;
import io.topicstream.log.TopicName;
import io.topicstream.protocol.ClientFrame;
import io.topicstream.protocol.ServerFrame;
import io.topicstream.protocol.WireFormat;
import io.topicstream.transport.OutboundFrames;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class FrameEncoderTest {
    private static final TopicName TOPIC = new TopicName("t");

    private final PooledByteBufAllocator allocator = new PooledByteBufAllocator(true, 0, 1, 8192, 9, 0, 0, false);
    private final FrameEncoder encoder = new FrameEncoder(
            allocator,
            new Dialects(NativeDialect.DEFAULT_MAX_PAYLOAD_BYTES, new Random(1), InstantSource.system())::of);
    private long before;

    @BeforeEach
    void countWhatIsTaken() {
        before = taken();
    }

    @AfterEach
    void nothingIsTakenAnyMore() {
        encoder.close();
        assertThat(taken()).isEqualTo(before);
    }

    private long taken() {
        return allocator.metric().directArenas().stream()
                .mapToLong(arena -> arena.numActiveAllocations())
                .sum();
    }

    private static Message message(long offset, @Nullable String key, String payload) {
        return new Message(offset, 5, null, null, payload.getBytes(UTF_8), Details.NONE.withKey(key));
    }

    private EncodedFrames run(long offset, String payload) {
        return frames(encoder).delivery(TOPIC, List.of(message(offset, null, payload)));
    }

    private static FramedEncoding frames(FrameEncoder of) {
        return of.encoding(WireFormat.NATIVE, WebSocketFraming.INSTANCE);
    }

    private static String text(EncodedFrames run) {
        ByteBuf out = PooledByteBufAllocator.DEFAULT.directBuffer();
        try {
            run.appendTo(out);
            assertThat(out.readableBytes()).isEqualTo(run.bytes());
            return out.toString(UTF_8);
        } finally {
            out.release();
        }
    }

    @Test
    void shortRunsShareMemoryAndEachKeepsItsOwnBytes() {
        List<EncodedFrames> runs = new ArrayList<>();
        for (int i = 0; i < 2_000; i++) {
            runs.add(run(i, "\"payload " + i + "\""));
        }

        assertThat(taken() - before).isBetween(1L, 6L);
        for (int i = 0; i < runs.size(); i++) {
            assertThat(text(runs.get(i)))
                    .endsWith("{\"type\":\"message\",\"topic\":\"t\",\"offset\":" + i
                            + ",\"timestamp\":5,\"message\":\"payload " + i + "\"}");
        }
        runs.forEach(EncodedFrames::release);
    }

    @Test
    void whatWasReleasedIsUsedAgainAndTheOthersKeepTheirBytes() {
        EncodedFrames first = run(1, "\"first\"");
        EncodedFrames second = run(2, "\"second\"");
        first.release();

        EncodedFrames third = run(3, "\"third\"");

        assertThat(third).isSameAs(first);
        assertThat(text(second)).contains("second");
        assertThat(text(third)).contains("third");
        second.release();
        third.release();
    }

    @Test
    void aLongRunHasABufferOfItsOwnWhichTheTakerGetsAsItIs() {
        EncodedFrames shortOne = run(1, "\"short\"");
        EncodedFrames longOne = run(2, '"' + "x".repeat(OutboundFrames.COPIED_BYTES) + '"');
        assertThat(taken() - before).isEqualTo(2);

        int bytes = longOne.bytes();
        ByteBuf own = longOne.take();

        assertThat(own.readableBytes()).isEqualTo(bytes);
        assertThat(own.refCnt()).isEqualTo(1);
        own.release();
        shortOne.release();
    }

    @Test
    void theTakerOfAShortRunGetsACopy() {
        EncodedFrames run = run(1, "\"short\"");
        String text = text(run);

        ByteBuf own = run.take();

        assertThat(own.toString(UTF_8)).isEqualTo(text);
        assertThat(own.refCnt()).isEqualTo(1);
        own.release();
    }

    @Test
    void aRunThatEscapesMadeLongLeavesTheRoomToOthers() {
        EncodedFrames before = run(1, "\"before\"");
        List<Message> messages = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            messages.add(message(2 + i, "\u0001".repeat(70), "1"));
        }

        EncodedFrames escaped = frames(encoder).delivery(TOPIC, messages);
        EncodedFrames after = run(12, "\"after\"");

        assertThat(escaped.bytes()).isGreaterThan(OutboundFrames.COPIED_BYTES);
        assertThat(text(before)).contains("before");
        assertThat(text(escaped)).contains("\"offset\":2,", "\"offset\":11,");
        assertThat(text(after)).contains("after");
        before.release();
        escaped.release();
        after.release();
    }

    @Test
    void whatCannotBeEncodedLeavesNothingBehind() {
        NativeDialect real = new NativeDialect();
        Dialect failing = new Dialect() {
            @Override
            public void decode(Speaker speaker, byte[] buffer, int from, int to, Consumer<ClientFrame> sink) {
                real.decode(speaker, buffer, from, to, sink);
            }

            @Override
            public boolean encode(ServerFrame frame, Speaker speaker, JsonWriter out) {
                return real.encode(frame, speaker, out);
            }

            @Override
            public boolean encodeSignal(ServerFrame.ToAudience signal, JsonWriter out) {
                return real.encodeSignal(signal, out);
            }

            @Override
            public void encodeDelivery(TopicName topic, List<Message> messages, boolean arrays, DeliveryOutput out) {
                real.encodeDelivery(topic, messages, arrays, out);
                if (messages.getFirst().offset() == 7) {
                    throw new IllegalStateException("on purpose");
                }
            }
        };
        FrameEncoder fragile = new FrameEncoder(allocator, _ -> failing);
        List<Message> shortRun = List.of(message(7, null, "\"short\""));
        List<Message> longRun = List.of(message(7, null, '"' + "x".repeat(OutboundFrames.COPIED_BYTES) + '"'));
        EncodedFrames before = frames(fragile).delivery(TOPIC, List.of(message(6, null, "6")));
        long takenBefore = taken();

        for (List<Message> run : List.of(shortRun, longRun)) {
            assertThatThrownBy(() -> frames(fragile).delivery(TOPIC, run)).hasMessage("on purpose");
        }
        EncodedFrames after = frames(fragile).delivery(TOPIC, List.of(message(8, null, "8")));

        assertThat(taken()).isEqualTo(takenBefore);
        assertThat(text(after)).contains("\"offset\":8,").doesNotContain("short");
        before.release();
        after.release();
        fragile.close();
    }

    @Test
    void thereIsOneEncodingForEachFormatAndFraming() {
        Framing lines =
                (message, length, out) -> out.writeBytes(message, 0, length).writeByte('\n');

        assertThat(encoder.encoding(WireFormat.NATIVE, WebSocketFraming.INSTANCE))
                .isSameAs(frames(encoder));
        assertThat(encoder.encoding(WireFormat.TOPICS, WebSocketFraming.INSTANCE))
                .isNotSameAs(frames(encoder));
        assertThat(encoder.encoding(WireFormat.NATIVE, lines)).isNotSameAs(frames(encoder));
        assertThat(encoder.encoding(WireFormat.NATIVE, lines)).isSameAs(encoder.encoding(WireFormat.NATIVE, lines));
    }

    @Test
    void theSameMessagesStandInEachFramingAsItSays() {
        Framing lines =
                (message, length, out) -> out.writeBytes(message, 0, length).writeByte('\n');
        List<Message> messages = List.of(message(1, null, "1"), message(2, null, "2"));
        String first = "{\"type\":\"message\",\"topic\":\"t\",\"offset\":1,\"timestamp\":5,\"message\":1}";
        String second = first.replace(":1", ":2");

        EncodedFrames inFrames = frames(encoder).delivery(TOPIC, messages);
        EncodedFrames inLines = encoder.encoding(WireFormat.NATIVE, lines).delivery(TOPIC, messages);

        String header = new String(new byte[] {(byte) 0x81, (byte) first.length()}, ISO_8859_1);
        assertThat(latin1(inFrames)).isEqualTo(header + first + header + second);
        assertThat(latin1(inLines)).isEqualTo(first + "\n" + second + "\n");
        inFrames.release();
        inLines.release();
    }

    private static String latin1(EncodedFrames run) {
        ByteBuf out = PooledByteBufAllocator.DEFAULT.directBuffer();
        try {
            run.appendTo(out);
            return out.toString(ISO_8859_1);
        } finally {
            out.release();
        }
    }

    @Test
    void nothingIsReleasedTwice() {
        EncodedFrames run = run(1, "1");
        run.release();

        assertThatThrownBy(run::release).isInstanceOf(IllegalStateException.class);
        assertThat(run(2, "2")).isSameAs(run);
        EncodedFrames another = run(3, "3");
        assertThat(another).isNotSameAs(run);
        run.release();
        another.release();
    }
}
