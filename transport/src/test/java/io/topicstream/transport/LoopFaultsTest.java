package io.topicstream.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.netty.channel.EventLoop;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// What an event loop does with a throwable that nobody expected: it goes on, or whoever looks after threads
/// that end is told.
class LoopFaultsTest {
    private final List<Throwable> told = new CopyOnWriteArrayList<>();
    private Thread.UncaughtExceptionHandler before;
    private EchoServer server;
    private EventLoop loop;

    @BeforeEach
    void start() throws IOException {
        before = Thread.getDefaultUncaughtExceptionHandler();
        Thread.setDefaultUncaughtExceptionHandler((thread, thrown) -> told.add(thrown));
        server = new EchoServer(TransportLimits.defaults());
        loop = server.transport.eventLoops().getFirst();
    }

    @AfterEach
    void stop() {
        server.close();
        Thread.setDefaultUncaughtExceptionHandler(before);
    }

    @Test
    void anErrorWhereARequestIsHandledIsTold() throws IOException {
        InetSocketAddress dies = bind(new AssertionError("planted"));

        try (RawClient client = new RawClient(dies.getPort()).send("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")) {
            assertThat(client.answer().status()).isZero();
        }

        await().dontCatchUncaughtExceptions()
                .untilAsserted(() -> assertThat(told).singleElement().isInstanceOf(AssertionError.class));
    }

    @Test
    void anErrorInATaskIsTold() {
        loop.execute(() -> {
            throw new StackOverflowError("planted");
        });

        await().dontCatchUncaughtExceptions()
                .untilAsserted(() -> assertThat(told).singleElement().isInstanceOf(StackOverflowError.class));
    }

    @Test
    void aLoopThatEndsByItselfIsTold() {
        var _ = loop.shutdownGracefully(0, 0, TimeUnit.SECONDS);

        await().dontCatchUncaughtExceptions()
                .untilAsserted(() -> assertThat(told).singleElement().isInstanceOf(IllegalStateException.class));
    }

    @Test
    void aLoopThatDoesNotComeToItsClockIsSeen() {
        CountDownLatch held = new CountDownLatch(1);
        loop.execute(() -> {
            try {
                held.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });

        await().dontCatchUncaughtExceptions().until(() -> server.transport.slowestLoopMs() > 1000);

        held.countDown();
        await().dontCatchUncaughtExceptions().until(() -> server.transport.slowestLoopMs() < 1000);
    }

    @Test
    void anExceptionEndsItsConnectionAlone() throws IOException {
        InetSocketAddress fails = bind(new IllegalStateException("planted"));

        try (RawClient client = new RawClient(fails.getPort()).send("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")) {
            assertThat(client.answer().status()).isEqualTo(500);
        }

        HttpAttackTest.assertHealthy(server);
        assertThat(told).isEmpty();
    }

    @Test
    void wantOfMemoryForABufferEndsItsConnectionAlone() throws IOException {
        InetSocketAddress fails = bind(new OutOfMemoryError("Cannot reserve 4096 bytes of direct buffer memory"));

        try (RawClient client = new RawClient(fails.getPort()).send("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")) {
            assertThat(client.answer().status()).isZero();
        }

        HttpAttackTest.assertHealthy(server);
        assertThat(told).isEmpty();
    }

    private InetSocketAddress bind(Throwable thrown) throws IOException {
        return server.transport.bind(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                new Endpoint(
                        exchange -> {
                            if (thrown instanceof Error error) {
                                throw error;
                            }
                            throw (RuntimeException) thrown;
                        },
                        (request, decision) -> decision.refuse(404, "not_found", "no", Map.of()),
                        host -> true));
    }
}
