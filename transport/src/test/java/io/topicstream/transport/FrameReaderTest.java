package io.topicstream.transport;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.topicstream.testkit.Seeds;
import java.io.ByteArrayOutputStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// What frames and messages are made of bytes, however the network cut them.
class FrameReaderTest {
    private static final WebSocketLimits LIMITS = new WebSocketLimits(
            70_000,
            66_000,
            20,
            Duration.ofSeconds(1),
            Duration.ofSeconds(1),
            Duration.ofSeconds(1),
            Duration.ofSeconds(1),
            100);

    private static byte[] join(byte[]... parts) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            all.writeBytes(part);
        }
        return all.toByteArray();
    }

    private static String textOf(byte[] bytes, int length) {
        return length + ":" + new String(bytes, 0, Math.min(length, 40), UTF_8);
    }

    /// Reads `bytes` in pieces that begin at `cuts`, and says what they were taken for: frames of the connection,
    /// messages, and why they are broken if they end so.
    private static List<String> read(byte[] bytes, int... cuts) {
        FrameReader reader = new FrameReader(new LoopMemory());
        OpenMessage open = null;
        List<String> read = new ArrayList<>();
        ByteBuf in = Unpooled.buffer();
        int from = 0;
        for (int i = 0; i <= cuts.length; i++) {
            int to = i == cuts.length ? bytes.length : cuts[i];
            in.writeBytes(bytes, from, to - from);
            from = to;
            FrameReader.Found found = reader.find(in, open, LIMITS);
            while (found == FrameReader.Found.WHOLE) {
                int opcode = reader.opcode;
                int length = reader.payloadBytes;
                boolean last = reader.last;
                boolean control = reader.isControl();
                byte[] payload = reader.take(in);
                if (control) {
                    read.add(opcode + " " + textOf(payload, length));
                } else {
                    open = open == null ? new OpenMessage(opcode == WebSocketFrames.TEXT) : open;
                    if (!open.add(payload, length, last, LIMITS.messageBytes())) {
                        read.add("not text");
                        return read;
                    }
                    if (last) {
                        read.add((open.isText() ? "text " : "binary ") + textOf(open.content(), open.bytes()));
                        open = null;
                    }
                }
                found = reader.find(in, open, LIMITS);
            }
            if (found == FrameReader.Found.BROKEN) {
                read.add(reader.closeCode + " " + reader.reason);
                return read;
            }
        }
        return read;
    }

    private static byte[] sample(RandomGenerator random) {
        List<byte[]> frames = new ArrayList<>();
        for (int i = random.nextInt(1, 5); i > 0; i--) {
            int size = random.nextInt(8) == 0 ? random.nextInt(65_000, 66_000) : random.nextInt(300);
            switch (random.nextInt(5)) {
                case 0 -> frames.add(RawClient.text("é".repeat(size / 2)));
                case 1 -> frames.add(RawClient.frame(0x82, new byte[size]));
                case 2 -> frames.add(RawClient.frame(0x89, new byte[random.nextInt(126)]));
                case 3 -> {
                    byte[] text = "a€😀".getBytes(UTF_8);
                    int cut = random.nextInt(text.length + 1);
                    frames.add(RawClient.frame(0x01, Arrays.copyOf(text, cut)));
                    frames.add(RawClient.frame(0x8A, new byte[0]));
                    frames.add(RawClient.frame(0x80, Arrays.copyOfRange(text, cut, text.length)));
                }
                default -> {
                    byte[] odd = RawClient.frame(0x80 | random.nextInt(256), new byte[random.nextInt(200)]);
                    odd[random.nextInt(2)] ^= (byte) (1 << random.nextInt(8));
                    frames.add(odd);
                }
            }
        }
        return join(frames.toArray(byte[][]::new));
    }

    @Test
    void itDoesNotMatterWhereTheNetworkCuts() {
        Random random = Seeds.random("cut frames");
        for (int round = 0; round < 3000; round++) {
            byte[] bytes = sample(random);
            int[] cuts =
                    random.ints(random.nextInt(6), 0, bytes.length + 1).sorted().toArray();

            assertThat(read(bytes, cuts)).as("round %d", round).isEqualTo(read(bytes));
        }
    }

    @Test
    void messagesAreReadWholeAndInFragmentsWithFramesOfTheConnectionBetween() {
        byte[] euro = "€".getBytes(UTF_8);

        assertThat(read(join(
                        RawClient.text("hello"),
                        RawClient.frame(0x01, new byte[] {euro[0]}),
                        RawClient.frame(0x89, new byte[] {'?'}),
                        RawClient.frame(0x00, new byte[0]),
                        RawClient.frame(0x80, new byte[] {euro[1], euro[2]}),
                        RawClient.frame(0x82, new byte[] {'b'}))))
                .containsExactly("text 5:hello", "9 1:?", "text 3:€", "binary 1:b");
    }

    @Test
    void whatIsNoTextIsSeenInTheFragmentThatShowsIt() {
        assertThat(read(join(
                        RawClient.frame(0x01, new byte[] {(byte) 0xED}),
                        RawClient.frame(0x00, new byte[] {(byte) 0xA0}))))
                .containsExactly("not text");
        assertThat(read(join(RawClient.frame(0x01, new byte[] {'a'}), RawClient.frame(0x80, new byte[] {(byte) 0xC3}))))
                .containsExactly("not text");
    }

    /// The heads alone, without masks and payloads.
    @ParameterizedTest
    @CsvSource({
        "8101, 1002",
        "C181, 1002",
        "A181, 1002",
        "9181, 1002",
        "8381, 1002",
        "8B80, 1002",
        "0980, 1002",
        "89FE, 1002",
        "8081, 1002",
        "81FE007D, 1002",
        "82FF000000000000FFFF, 1002",
        "82FF8000000000000000, 1002",
        "82FF00000000000101D1, 1009",
        "82FF4000000000000000, 1009"
    })
    void whatIsWrongIsSeenInTheHeadBeforeThePayloadIsThere(String head, int code) {
        byte[] bytes = HexFormat.of().parseHex(head);

        assertThat(read(bytes)).singleElement().asString().startsWith(code + " ");
        assertThat(read(bytes, 1, bytes.length - 1)).isEqualTo(read(bytes));
    }

    @Test
    void aMessageHasItsLimitsInFragmentsToo() {
        byte[][] many = new byte[21][];
        Arrays.fill(many, RawClient.frame(0x00, new byte[1]));
        many[0] = RawClient.frame(0x02, new byte[1]);

        assertThat(read(join(many))).singleElement().asString().startsWith("1008 ");
        assertThat(read(join(RawClient.frame(0x02, new byte[66_000]), RawClient.frame(0x80, new byte[4_001]))))
                .singleElement()
                .asString()
                .startsWith("1009 ");
    }
}
