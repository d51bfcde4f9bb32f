package io.topicstream.transport;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/// Bad frames, each with its one right close code, over a raw socket. The server must be healthy after each.
class FrameAttackTest {
    private static EchoServer server;

    @BeforeAll
    static void start() throws IOException {
        server = new EchoServer(HttpAttackTest.quick());
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @AfterEach
    void theServerIsHealthy() throws IOException {
        HttpAttackTest.assertHealthy(server);
        await().pollDelay(Duration.ZERO)
                .pollInterval(Duration.ofMillis(5))
                .until(() -> server.sockets.stream().allMatch(echo -> echo.closings.get() == 1));
    }

    private static Arguments attack(String name, int code, byte[]... frames) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (byte[] frame : frames) {
            all.writeBytes(frame);
        }
        return Arguments.of(name, code, all.toByteArray());
    }

    private static byte[] frame(int first, String payload) {
        return RawClient.frame(first, payload.getBytes(UTF_8));
    }

    private static byte[] bytes(int... values) {
        byte[] bytes = new byte[values.length];
        for (int i = 0; i < values.length; i++) {
            bytes[i] = (byte) values[i];
        }
        return bytes;
    }

    private static byte[] longLength(int first, long length) {
        return ByteBuffer.allocate(14)
                .put((byte) first)
                .put((byte) 0xFF)
                .putLong(length)
                .array();
    }

    static Stream<Arguments> brokenFrames() {
        List<Arguments> all = new ArrayList<>();
        all.add(attack("59 unmasked", 1002, bytes(0x81, 2, 'h', 'i')));
        for (int rsv : new int[] {0x40, 0x20, 0x10, 0x70}) {
            all.add(attack("60 reserved bits " + rsv, 1002, frame(0x81 | rsv, "hi")));
            all.add(attack("60 reserved bits on a ping " + rsv, 1002, frame(0x89 | rsv, "hi")));
            all.add(attack("60 reserved bits on a continuation " + rsv, 1002, frame(1, "h"), frame(0x80 | rsv, "i")));
        }
        for (int opcode : new int[] {3, 4, 5, 6, 7, 11, 12, 13, 14, 15}) {
            all.add(attack("61 opcode " + opcode, 1002, frame(0x80 | opcode, "")));
        }
        for (int opcode : new int[] {8, 9, 10}) {
            all.add(attack("62 control frame of 126 bytes " + opcode, 1002, frame(0x80 | opcode, "a".repeat(126))));
            all.add(attack("62 fragmented control frame " + opcode, 1002, frame(opcode, "")));
        }
        all.add(attack("63 length 2^63+5", 1002, longLength(0x82, Long.MIN_VALUE + 5)));
        all.add(attack("63 length 2^62", 1009, longLength(0x82, 1L << 62)));
        all.add(attack("63 length 4 GiB + 2", 1009, longLength(0x82, (1L << 32) + 2)));
        all.add(attack("63 length 100 MB", 1009, longLength(0x82, 100_000_000)));
        all.add(attack("63 5 bytes in 16 bits", 1002, bytes(0x82, 0xFE, 0, 5, 0, 0, 0, 0, 1, 2, 3, 4, 5)));
        all.add(attack("63 5 bytes in 64 bits", 1002, longLength(0x82, 5)));
        all.add(attack("64 continuation first", 1002, frame(0x80, "a")));
        all.add(attack("64 message inside a message", 1002, frame(1, "a"), frame(0x81, "b")));
        all.add(attack("64 continuation after the end", 1002, frame(1, "a"), frame(0x80, "b"), frame(0x80, "c")));
        byte[][] texts = {
            bytes(0x80),
            bytes(0xC3),
            bytes(0xC0, 0xAF),
            bytes(0xE0, 0x80, 0x80),
            bytes(0xED, 0xA0, 0x80),
            bytes(0xF4, 0x90, 0x80, 0x80),
            bytes(0xF8, 0x88, 0x80, 0x80, 0x80),
            bytes(0xFF),
            bytes(0xE2, 0x82),
            bytes('a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 0xE2, 0x28, 0xA1)
        };
        for (int i = 0; i < texts.length; i++) {
            all.add(attack("65 text that is not UTF-8 " + i, 1007, RawClient.frame(0x81, texts[i])));
            all.add(attack("65 in fragments " + i, 1007, frame(1, "ok"), RawClient.frame(0x80, texts[i])));
            byte[] reason = new byte[2 + texts[i].length];
            reason[0] = 3;
            reason[1] = (byte) 0xE8;
            System.arraycopy(texts[i], 0, reason, 2, texts[i].length);
            all.add(attack("65 in a close reason " + i, 1007, RawClient.frame(0x88, reason)));
        }
        for (int code : new int[] {0, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65535}) {
            all.add(attack("66 close code " + code, 1002, RawClient.closing(code, "")));
        }
        all.add(attack("66 close of one byte", 1002, frame(0x88, "a")));
        all.add(attack("67 message over the limit", 1009, longLength(0x81, 128 * 1024 + 1)));
        byte[] half = RawClient.frame(2, new byte[70_000]);
        half[0] = 2;
        byte[] rest = RawClient.frame(0x80, new byte[70_000]);
        all.add(attack("67 message over the limit in parts", 1009, half, rest));
        byte[][] ones = new byte[1026][];
        byte[][] empties = new byte[1026][];
        for (int i = 0; i < ones.length; i++) {
            ones[i] = frame(i == 0 ? 1 : 0, "a");
            empties[i] = frame(i == 0 ? 1 : 0, "");
        }
        all.add(attack("68 fragments of one byte", 1008, ones));
        all.add(attack("68 empty fragments", 1008, empties));
        byte[][] pings = new byte[5000][];
        byte[][] pongs = new byte[5000][];
        for (int i = 0; i < pings.length; i++) {
            pings[i] = frame(0x89, "p");
            pongs[i] = frame(0x8A, "p");
        }
        all.add(attack("70 pings without end", 1008, pings));
        all.add(attack("70 pongs without end", 1008, pongs));
        all.add(attack("71 half a frame", 1008, bytes(0x81, 0x85, 1, 2)));
        all.add(attack("71 open fragment", 1008, frame(1, "for ever")));
        all.add(attack("71 half a header", 1008, bytes(0x81)));
        return all.stream();
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("brokenFrames")
    void aBadFrameEndsTheConnectionWithItsCode(String name, int code, byte[] frames) throws IOException {
        try (RawClient client = RawClient.upgraded(server.port())) {
            client.sendAnyway(frames);

            assertThat(client.closeCode()).isEqualTo(code);
            assertThat(client.ended()).isTrue();
        }
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("brokenFrames")
    void aBadFrameIsSeenWhateverThePiecesItComesIn(String name, int code, byte[] frames) throws IOException {
        if (frames.length > 20_000) {
            frames = Arrays.copyOf(frames, 20_000);
            // The first 20,000 bytes are wrong already, or only too slow.
            code = name.startsWith("67 message over the limit in parts") ? 1008 : code;
        }
        try (RawClient client = RawClient.upgraded(server.port())) {
            byte[] good = RawClient.text("good");
            client.send(good);
            for (int at = 0; at < frames.length; at += frames.length > 100 ? 777 : 1) {
                client.sendAnyway(
                        Arrays.copyOfRange(frames, at, Math.min(frames.length, at + (frames.length > 100 ? 777 : 1))));
            }

            assertThat(client.frame().text()).isEqualTo("good");
            assertThat(client.closeCode()).isEqualTo(code);
        }
    }

    /// Item 69.
    @Test
    void pongsNeverPileUp() throws IOException {
        try (RawClient client = RawClient.upgraded(server.port(), 4096)) {
            byte[] big = RawClient.text("x".repeat(100_000));
            Thread sender = Thread.startVirtualThread(() -> {
                for (int i = 0; i < 320; i++) {
                    client.sendAnyway(big);
                }
            });
            EchoServer.Echo echo = server.sockets.getLast();
            await().until(() -> !echo.connection.isWritable());
            // A socket that takes nothing is not read: at most a read's worth is answered beyond the watermark.
            int taken = echo.messages.get();
            await().during(Duration.ofMillis(300)).until(() -> echo.messages.get() <= taken + 3);
            assertThat(echo.messages.get()).isLessThan(300);
            client.reset();
            await().until(() -> !sender.isAlive());
        }
    }

    /// Item 72.
    @Test
    void aPeerThatDoesNotAnswerACloseIsDropped() throws IOException {
        try (RawClient client = RawClient.upgraded(server.port())) {
            EchoServer.Echo echo = server.sockets.getLast();
            await().until(() -> echo.connection != null);
            echo.connection.channel().eventLoop().execute(() -> echo.connection.close(1001, "go"));

            assertThat(client.closeCode()).isEqualTo(1001);
            assertThat(client.ended()).isTrue();
        }
    }

    @Test
    void aHalfClosedSocketIsDropped() throws IOException {
        try (RawClient client = RawClient.upgraded(server.port())) {
            client.socket.shutdownOutput();

            assertThat(client.ended()).isTrue();
            await().until(() -> server.sockets.getLast().closedWith == 1006);
        }
    }

    /// Item 73.
    @Test
    void whatComesAfterOurCloseIsIgnored() throws IOException {
        try (RawClient client = RawClient.upgraded(server.port())) {
            EchoServer.Echo echo = server.sockets.getLast();
            await().until(() -> echo.connection != null);
            echo.connection
                    .channel()
                    .eventLoop()
                    .submit(() -> echo.connection.close(4001, "go"))
                    .syncUninterruptibly();
            client.send(RawClient.text("late")).send(RawClient.closing(4001, ""));

            assertThat(client.closeCode()).isEqualTo(4001);
            assertThat(client.ended()).isTrue();
            assertThat(echo.messages.get()).isZero();
            assertThat(echo.closedWith).isEqualTo(4001);
            assertThat(echo.closedFor).isEqualTo("go");
        }
    }

    @Test
    void aFrameThatOurCloseCutInTwoIsIgnoredWhole() throws IOException {
        byte[] message = RawClient.text("cut in two");
        try (RawClient client = RawClient.upgraded(server.port())) {
            EchoServer.Echo echo = server.sockets.getLast();
            await().until(() -> echo.connection != null);
            client.send(Arrays.copyOf(message, 9));
            echo.connection
                    .channel()
                    .eventLoop()
                    .submit(() -> echo.connection.close(4001, "go"))
                    .syncUninterruptibly();
            client.send(Arrays.copyOfRange(message, 9, message.length)).send(RawClient.closing(4001, ""));

            assertThat(client.closeCode()).isEqualTo(4001);
            assertThat(client.ended()).isTrue();
        }
    }

    @Test
    void whatComesAfterTheirCloseIsIgnored() throws IOException {
        try (RawClient client = RawClient.upgraded(server.port())) {
            client.sendAnyway(RawClient.closing(1000, "bye")).sendAnyway(RawClient.text("late"));

            assertThat(client.closeCode()).isEqualTo(1000);
            assertThat(server.sockets.getLast().messages.get()).isZero();
        }
    }

    @Test
    void everyAllowedCloseCodeIsEchoed() throws IOException {
        for (int code : new int[] {1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 3000, 3999, 4000, 4999}) {
            try (RawClient client = RawClient.upgraded(server.port())) {
                client.send(RawClient.closing(code, "ä"));
                assertThat(client.closeCode()).isEqualTo(code);
            }
        }
        try (RawClient client = RawClient.upgraded(server.port())) {
            client.send(RawClient.frame(0x88, new byte[0]));
            assertThat(client.closeCode()).isEqualTo(1005);
        }
    }

    @Test
    void controlFramesMayComeBetweenFragmentsAndCharactersMayBeCut() throws IOException {
        byte[] text = "Hello-µ@ßöäüàá-UTF-8!!".getBytes(UTF_8);
        try (RawClient client = RawClient.upgraded(server.port())) {
            for (int i = 0; i < text.length; i++) {
                int first = i == 0 ? 1 : i == text.length - 1 ? 0x80 : 0;
                client.send(RawClient.frame(first, new byte[] {text[i]}));
                client.send(RawClient.frame(0x89, new byte[] {(byte) i}));
            }
            for (int i = 0; i < text.length - 1; i++) {
                assertThat(client.frame().payload()).containsExactly(i);
            }
            assertThat(client.frame().payload()).isEqualTo(text);
            assertThat(client.frame().payload()).containsExactly(text.length - 1);
        }
    }

    @Test
    void manyFramesInOnePieceAreAllRead() throws IOException {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (int i = 0; i < 1000; i++) {
            all.writeBytes(RawClient.text("m" + i));
        }
        try (RawClient client = RawClient.upgraded(server.port())) {
            client.send(all.toByteArray());
            for (int i = 0; i < 1000; i++) {
                assertThat(client.frame().text()).isEqualTo("m" + i);
            }
        }
    }

    /// Item 75: there is no extension, so a compressed frame is a broken one.
    @Test
    void aCompressedFrameIsRefusedWithoutInflatingIt() throws IOException {
        try (RawClient client = new RawClient(server.port())) {
            client.send(
                    RawClient.UPGRADE.replace("\r\n\r\n", "\r\nSec-WebSocket-Extensions: permessage-deflate\r\n\r\n"));
            assertThat(client.answer().headers()).doesNotContainKey("Sec-WebSocket-Extensions");
            client.send(RawClient.frame(0xC2, new byte[1000]));

            assertThat(client.closeCode()).isEqualTo(1002);
        }
    }
}
