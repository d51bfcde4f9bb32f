package io.topicstream.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import java.io.IOException;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// The short way of a shared frame against the ordinary one.
class OutboundFramesTest {
    private EchoServer server;

    @BeforeEach
    void start() throws IOException {
        server = new EchoServer(TransportLimits.defaults());
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private EchoServer.Echo onlySocket() {
        await().until(() -> server.sockets.size() == 1 && server.sockets.get(0).connection != null);
        return server.sockets.get(0);
    }

    /// Sends numbered frames of random sizes, on a random one of the two ways each, as the socket takes them.
    private static final class Mixture implements Runnable {
        final CompletableFuture<Map<OutboundFrames.Outcome, Integer>> done = new CompletableFuture<>();
        private final Map<OutboundFrames.Outcome, Integer> outcomes = new EnumMap<>(OutboundFrames.Outcome.class);
        private final WebSocketConnection connection;
        private final Random random;
        private final int count;
        private final int largest;
        private int next;

        Mixture(WebSocketConnection connection, long seed, int count, int largest) {
            this.connection = connection;
            this.random = new Random(seed);
            this.count = count;
            this.largest = largest;
        }

        @Override
        @SuppressWarnings("FutureReturnValueIgnored") // what comes of it is in done
        public void run() {
            EventLoop loop = connection.channel().eventLoop();
            while (next < count) {
                ByteBuf frame = frame(next, 4 + random.nextInt(largest));
                OutboundFrames.Outcome outcome;
                if (random.nextBoolean() && connection.isWritable()) {
                    connection.write(frame.retain());
                    outcome = OutboundFrames.Outcome.QUEUED;
                } else {
                    int readerIndex = frame.readerIndex();
                    outcome = OutboundFrames.write(connection, frame, readerIndex, frame.readableBytes());
                    assertThat(frame.readerIndex()).isEqualTo(readerIndex);
                    outcomes.merge(outcome, 1, Integer::sum);
                }
                frame.release();
                if (outcome == OutboundFrames.Outcome.NOT_WRITABLE) {
                    connection.flush();
                    loop.schedule(this, 1, TimeUnit.MILLISECONDS);
                    return;
                }
                next++;
                if (outcome == OutboundFrames.Outcome.QUEUED && random.nextBoolean()) {
                    connection.flush();
                }
            }
            connection.flush();
            done.complete(outcomes);
        }

        private ByteBuf frame(int number, int payloadBytes) {
            ByteBuf frame = connection.channel().alloc().directBuffer();
            WebSocketFrames.writeBinaryHeader(frame, payloadBytes);
            frame.writeInt(number);
            for (int i = 4; i < payloadBytes; i++) {
                frame.writeByte(number + i);
            }
            return frame;
        }
    }

    private static void assertWholeAndInOrder(RawClient client, int count) throws IOException {
        for (int number = 0; number < count; number++) {
            byte[] payload = client.frame().payload();
            assertThat((payload[0] & 0xFF) << 24
                            | (payload[1] & 0xFF) << 16
                            | (payload[2] & 0xFF) << 8
                            | (payload[3] & 0xFF))
                    .isEqualTo(number);
            for (int i = 4; i < payload.length; i++) {
                if (payload[i] != (byte) (number + i)) {
                    throw new AssertionError("byte " + i + " of frame " + number + " is wrong");
                }
            }
        }
    }

    @Test
    void bothWaysMixedKeepTheOrderAndEveryByte() throws IOException {
        try (RawClient client = RawClient.upgraded(server.port())) {
            WebSocketConnection connection = onlySocket().connection;
            Mixture mixture = new Mixture(connection, 7, 5000, 300);
            connection.channel().eventLoop().execute(mixture);

            assertWholeAndInOrder(client, 5000);
            if (server.transport.isEpoll()) {
                assertThat(mixture.done.join()).containsKey(OutboundFrames.Outcome.WRITTEN);
            }
        }
    }

    @Test
    void aFullSocketTakesTheRestOfAFrameLater() throws IOException {
        try (RawClient client = RawClient.upgraded(server.port(), 4096)) {
            WebSocketConnection connection = onlySocket().connection;
            connection.channel().config().setOption(ChannelOption.SO_SNDBUF, 4096);
            Mixture mixture = new Mixture(connection, 11, 100, 40_000);
            connection.channel().eventLoop().execute(mixture);
            await().pollDelay(Duration.ofMillis(100)).until(() -> !connection.isWritable());

            assertWholeAndInOrder(client, 100);
            assertThat(mixture.done.join())
                    .containsKeys(OutboundFrames.Outcome.QUEUED, OutboundFrames.Outcome.NOT_WRITABLE);
        }
    }

    @Test
    void aSharedFrameReachesEveryReceiver() throws IOException {
        try (RawClient one = RawClient.upgraded(server.port());
                RawClient two = RawClient.upgraded(server.port())) {
            await().until(() -> server.sockets.size() == 2);
            EventLoop loop = server.transport.eventLoops().get(0);
            loop.submit(() -> {
                        ByteBuf frame = ByteBufAllocator.DEFAULT.directBuffer();
                        WebSocketFrames.writeTextHeader(frame, 2);
                        frame.writeByte('o').writeByte('k');
                        for (EchoServer.Echo echo : server.sockets) {
                            OutboundFrames.write(echo.connection, frame, 0, frame.readableBytes());
                            echo.connection.flush();
                        }
                        frame.release();
                    })
                    .syncUninterruptibly();

            assertThat(one.frame().text()).isEqualTo("ok");
            assertThat(two.frame().text()).isEqualTo("ok");
        }
    }

    @Test
    void aShortFrameThatWaitsHoldsOnToNothingOfTheMemoryItStoodIn() throws IOException {
        try (RawClient client = RawClient.upgraded(server.port())) {
            WebSocketConnection connection = onlySocket().connection;
            EventLoop loop = server.transport.eventLoops().get(0);
            int references = loop.submit(() -> {
                        ByteBuf room = ByteBufAllocator.DEFAULT.directBuffer();
                        WebSocketFrames.writeTextHeader(room, 1);
                        room.writeByte('a');
                        WebSocketFrames.writeTextHeader(room, 1);
                        room.writeByte('b');
                        // What waits already makes the others wait behind it.
                        connection.write(room.copy(0, 3));
                        OutboundFrames.write(connection, room, 3, 3);
                        OutboundFrames.write(connection, room, 0, 3);
                        int held = room.refCnt();
                        room.setZero(0, 6).release();
                        connection.flush();
                        return held;
                    })
                    .syncUninterruptibly()
                    .getNow();

            assertThat(references).isEqualTo(1);
            assertThat(client.frame().text()).isEqualTo("a");
            assertThat(client.frame().text()).isEqualTo("b");
            assertThat(client.frame().text()).isEqualTo("a");
        }
    }

    @Test
    void aResetPeerEndsTheConnectionAndNothingMore() throws IOException {
        RawClient client = RawClient.upgraded(server.port());
        EchoServer.Echo echo = onlySocket();
        EventLoop loop = server.transport.eventLoops().get(0);
        // Reads are paused, so that it is the write that meets the reset.
        loop.submit(echo.connection::pauseReading).syncUninterruptibly();
        client.reset();
        await().until(() -> {
            loop.submit(() -> {
                        ByteBuf frame = ByteBufAllocator.DEFAULT.directBuffer();
                        WebSocketFrames.writeTextHeader(frame, 1);
                        OutboundFrames.write(echo.connection, frame.writeByte('x'), 0, 3);
                        echo.connection.flush();
                        frame.release();
                    })
                    .syncUninterruptibly();
            return echo.closings.get() == 1;
        });

        assertThat(echo.closedWith).isEqualTo(1006);
        await().until(() -> server.transport.connections() == 0);
    }

    @Test
    void aClosingConnectionTakesNothing() throws IOException {
        try (RawClient client = RawClient.upgraded(server.port())) {
            EchoServer.Echo echo = onlySocket();
            OutboundFrames.Outcome outcome = server.transport
                    .eventLoops()
                    .get(0)
                    .submit(() -> {
                        echo.connection.close(1000, "");
                        ByteBuf frame = ByteBufAllocator.DEFAULT.directBuffer();
                        WebSocketFrames.writeTextHeader(frame, 1);
                        OutboundFrames.Outcome result =
                                OutboundFrames.write(echo.connection, frame.writeByte('x'), 0, 3);
                        frame.release();
                        return result;
                    })
                    .syncUninterruptibly()
                    .getNow();

            assertThat(outcome).isEqualTo(OutboundFrames.Outcome.NOT_WRITABLE);
            assertThat(client.frame().closeCode()).isEqualTo(1000);
        }
    }
}
