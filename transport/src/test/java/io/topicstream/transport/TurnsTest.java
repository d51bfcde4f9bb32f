package io.topicstream.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.netty.channel.EventLoop;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// Connections of one event loop that send more than their share while the loop has other work.
class TurnsTest {
    private static final int MESSAGES = 400;
    private static final int MESSAGE_BYTES = 1000;
    private static final int NEWCOMERS = 4;

    private EchoServer server;
    private final CountDownLatch goesOn = new CountDownLatch(1);

    @BeforeEach
    void start() throws IOException {
        server = new EchoServer(TransportLimits.defaults());
    }

    @AfterEach
    void stop() {
        goesOn.countDown();
        server.close();
    }

    /// Keeps the loop busy until it is told to go on, so that what is sent meanwhile is all there at once.
    private void occupyLoop() throws IOException {
        try (RawClient client = new RawClient(server.port())) {
            client.send("GET /later HTTP/1.1\r\nHost: localhost\r\n\r\n");
            await().until(() -> server.later.size() == 1);
        }
        EventLoop loop = server.later.get(0).eventLoop();
        CountDownLatch occupied = new CountDownLatch(1);
        loop.execute(() -> {
            occupied.countDown();
            try {
                goesOn.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        await().until(() -> occupied.getCount() == 0);
    }

    private static RawClient counted(int port) throws IOException {
        RawClient client = new RawClient(port);
        client.send(RawClient.UPGRADE.replace("GET / ", "GET /counted "));
        assertThat(client.answer().status()).isEqualTo(101);
        return client;
    }

    private static byte[] messages() {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (int i = 0; i < MESSAGES; i++) {
            all.writeBytes(RawClient.text("x".repeat(MESSAGE_BYTES)));
        }
        return all.toByteArray();
    }

    @Test
    void othersAreHeardBetweenWhatOneConnectionSends() throws IOException {
        try (RawClient much = counted(server.port());
                RawClient little = new RawClient(server.port())) {
            occupyLoop();
            EchoServer.Echo counted = server.sockets.get(0);
            AtomicInteger before = new AtomicInteger();
            server.onHandling = () -> before.set(counted.messages.get());
            much.send(messages());
            little.send("GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n");

            goesOn.countDown();

            assertThat(little.answer().status()).isEqualTo(200);
            assertThat(before.get()).as("messages that went before").isLessThanOrEqualTo(66);
            await().until(() -> counted.messages.get() == MESSAGES);
        }
    }

    @Test
    void thoseWhoComeTogetherAreLetInTogether() throws IOException {
        occupyLoop();
        List<RawClient> newcomers = new ArrayList<>();
        try {
            for (int i = 0; i < NEWCOMERS; i++) {
                newcomers.add(new RawClient(server.port()));
            }
            EventLoop loop = server.later.get(0).eventLoop();
            AtomicInteger letIn = new AtomicInteger();
            // What is due when the loop has looked at its sockets once.
            loop.execute(() -> {
                var _ = loop.schedule(() -> letIn.set(server.transport.connections()), 0, TimeUnit.NANOSECONDS);
            });

            goesOn.countDown();

            await().until(() -> letIn.get() > 0);
            assertThat(letIn.get()).isGreaterThanOrEqualTo(NEWCOMERS);
        } finally {
            for (RawClient newcomer : newcomers) {
                newcomer.close();
            }
        }
    }

    @Test
    void whatWasHeldBackGoesOnWhenTheLoopHasLookedAtItsSockets() throws IOException {
        try (RawClient one = counted(server.port());
                RawClient other = counted(server.port())) {
            byte[] pair = concat(RawClient.text("first"), RawClient.text("second"));
            server.sockets.forEach(echo -> echo.pausesWith = 1);
            one.send(pair);
            other.send(pair);
            await().until(() -> heard() == 2);
            AtomicInteger before = new AtomicInteger();
            EventLoop loop = server.sockets.get(0).connection.channel().eventLoop();

            loop.execute(() -> {
                server.sockets.forEach(echo -> echo.connection.resumeReading());
                loop.execute(() -> before.set(heard()));
            });

            await().until(() -> heard() == 4);
            assertThat(before.get())
                    .as("heard before the loop looked at its sockets")
                    .isEqualTo(2);
        }
    }

    private int heard() {
        return server.sockets.stream().mapToInt(echo -> echo.messages.get()).sum();
    }

    private static byte[] concat(byte[] first, byte[] second) {
        ByteArrayOutputStream both = new ByteArrayOutputStream();
        both.writeBytes(first);
        both.writeBytes(second);
        return both.toByteArray();
    }

    @Test
    void aMessageWaitsWhileOthersRestAndIsHeardAllTheSame() throws IOException {
        try (RawClient much = counted(server.port());
                RawClient large = counted(server.port())) {
            occupyLoop();
            much.send(messages());
            large.send(RawClient.text("x".repeat(50_000)));
            large.send(RawClient.text("x"));

            goesOn.countDown();

            await().until(() -> server.sockets.get(0).messages.get() == MESSAGES);
            await().until(() -> server.sockets.get(1).messages.get() == 2);
        }
    }

    @Test
    void aBodyWaitsWhileOthersRestAndIsAnsweredAllTheSame() throws IOException {
        try (RawClient much = counted(server.port());
                RawClient large = new RawClient(server.port())) {
            occupyLoop();
            much.send(messages());
            large.send("POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: 50000\r\n\r\n" + "x".repeat(50_000));
            large.send("POST /echo HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n1388\r\n"
                    + "y".repeat(5_000) + "\r\n0\r\n\r\n");

            goesOn.countDown();

            assertThat(large.answer().text()).isEqualTo("x".repeat(50_000));
            assertThat(large.answer().text()).isEqualTo("y".repeat(5_000));
            await().until(() -> server.sockets.get(0).messages.get() == MESSAGES);
        }
    }

    @Test
    void anErrorInATurnIsHandedOnAndEndsTheConnection() throws Exception {
        CompletableFuture<Throwable> told = new CompletableFuture<>();
        try (RawClient much = counted(server.port());
                RawClient large = new RawClient(server.port())) {
            occupyLoop();
            EventLoop loop = server.later.get(0).eventLoop();
            loop.execute(() -> Thread.currentThread().setUncaughtExceptionHandler((thread, e) -> told.complete(e)));
            server.onHandling = () -> {
                throw new AssertionError("planted");
            };
            much.send(messages());
            // While the first rests, a body of this size waits for a turn.
            large.send("POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: 50000\r\n\r\n" + "x".repeat(50_000));

            goesOn.countDown();

            assertThat(told.get(20, TimeUnit.SECONDS)).hasMessage("planted");
            await().until(() -> server.transport.connections() == 1);
            await().until(() -> server.sockets.get(0).messages.get() == MESSAGES);
        }
    }

    @Test
    void whatWasSentBeforeTheEndIsHeardThoughItsTurnHadNotCome() throws IOException {
        try (RawClient much = counted(server.port())) {
            occupyLoop();
            much.send(messages());
        }
        EchoServer.Echo counted = server.sockets.get(0);

        goesOn.countDown();

        await().until(() -> counted.closings.get() == 1);
        assertThat(counted.messages.get()).isEqualTo(MESSAGES);
    }
}
