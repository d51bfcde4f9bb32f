package io.topicstream.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.netty.buffer.Unpooled;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// A peer that broke a rule of WebSocket reads why, whatever it is still sending, and whoever stands between.
class LastFramesTest {
    private EchoServer server;

    @BeforeEach
    void start() throws IOException {
        server = new EchoServer(TransportLimits.defaults());
    }

    @AfterEach
    void stop() {
        server.close();
    }

    /// The head of a masked frame of 8 MiB, and its payload.
    private static byte[] tooLarge() {
        int length = 8 << 20;
        return ByteBuffer.allocate(14 + length)
                .put((byte) 0x82)
                .put((byte) 0xFF)
                .putLong(length)
                .putInt(0)
                .array();
    }

    @Test
    void whoSendsALargeFrameToItsEndReadsTheCloseFrame() throws IOException {
        try (RawClient client = RawClient.upgraded(server.port())) {
            client.send(tooLarge());
            client.send(RawClient.text("more"));

            assertThat(client.closeCode()).isEqualTo(1009);
        }
    }

    @Test
    void theOutputEndsWhenThePeersCloseFrameIsThere() throws IOException {
        try (RawClient client = RawClient.upgraded(server.port())) {
            client.send(tooLarge());
            assertThat(client.closeCode()).isEqualTo(1009);

            // Nothing ends before: the connection is there after the close frame.
            assertThat(server.transport.connections()).isEqualTo(1);
            client.send(RawClient.closing(1009, ""));

            assertThat(client.ended()).isTrue();
        }
        await().until(() -> server.transport.connections() == 0);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 7, 100, 65_536})
    void theCloseFrameIsFoundHoweverTheBytesAreCut(int pieceBytes) {
        byte[] frames = concat(
                RawClient.frame(0x82, new byte[70_000]),
                RawClient.frame(0x01, new byte[300]),
                RawClient.frame(0x8A, new byte[0]),
                RawClient.closing(1000, "bye"));
        LastFrames last = new LastFrames();
        int read = 0;
        boolean isOver = false;
        while (read < frames.length && !isOver) {
            int bytes = Math.min(pieceBytes, frames.length - read);
            isOver = last.isOver(Unpooled.wrappedBuffer(frames, read, bytes));
            read += bytes;
        }

        assertThat(isOver).isTrue();
        assertThat(read).isGreaterThan(frames.length - 11 - pieceBytes);
    }

    @Test
    void readingOnHasABound() {
        LastFrames last = new LastFrames();
        byte[] piece = new byte[1 << 20];
        int pieces = 0;
        boolean isOver = false;
        while (!isOver && pieces < 1000) {
            isOver = last.isOver(Unpooled.wrappedBuffer(piece));
            pieces++;
        }

        assertThat(pieces).isEqualTo(64);
    }

    private static byte[] concat(byte[]... parts) {
        int length = 0;
        for (byte[] part : parts) {
            length += part.length;
        }
        ByteBuffer all = ByteBuffer.allocate(length);
        for (byte[] part : parts) {
            all.put(part);
        }
        return all.array();
    }
}
