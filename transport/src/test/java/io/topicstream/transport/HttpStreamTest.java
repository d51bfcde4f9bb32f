package io.topicstream.transport;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// An answer in pieces, as the outlet that it is.
class HttpStreamTest {
    private final Transport transport = Transport.start(1, TransportLimits.defaults());
    private final CompletableFuture<HttpStream> opened = new CompletableFuture<>();
    private final AtomicInteger writable = new AtomicInteger();
    private volatile Runnable onWritable = () -> {};
    private final AtomicInteger closings = new AtomicInteger();
    private InetSocketAddress address = new InetSocketAddress(0);

    @BeforeEach
    void bind() throws IOException {
        HttpStreamListener listener = new HttpStreamListener() {
            @Override
            public void onOpen(HttpStream stream) {
                opened.complete(stream);
            }

            @Override
            public void onWritable() {
                writable.incrementAndGet();
                onWritable.run();
            }

            @Override
            public void onClosed() {
                closings.incrementAndGet();
            }
        };
        address = transport.bind(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                new Endpoint(
                        exchange -> exchange.respondStream(200, "text/plain", Map.of(), listener),
                        (request, decision) -> decision.refuse(403, "forbidden", "no", Map.of()),
                        LoopbackHosts::isLoopback));
    }

    @AfterEach
    void stop() {
        transport.stop(Duration.ZERO, 1001).join();
    }

    private Socket open() throws IOException {
        Socket socket = new Socket();
        socket.setReceiveBufferSize(4096);
        socket.connect(address);
        socket.setSoTimeout(10_000);
        socket.getOutputStream().write("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n".getBytes(US_ASCII));
        return socket;
    }

    private <T> T onLoop(Callable<T> task) {
        return transport
                .eventLoops()
                .getFirst()
                .submit(task)
                .syncUninterruptibly()
                .getNow();
    }

    private static ByteBuf piece(char of, int bytes) {
        return Unpooled.copiedBuffer(String.valueOf(of).repeat(bytes), US_ASCII);
    }

    private static String readUntil(InputStream in, String end) throws IOException {
        StringBuilder text = new StringBuilder();
        while (!text.toString().endsWith(end)) {
            int b = in.read();
            if (b < 0) {
                throw new EOFException(text.toString());
            }
            text.append((char) b);
        }
        return text.toString();
    }

    @Test
    void piecesLeaveInTheirOrderWhetherAnybodyWaitsForTheirEndOrNot() throws IOException {
        List<String> sent = new CopyOnWriteArrayList<>();
        try (Socket socket = open()) {
            HttpStream stream = opened.join();
            onLoop(() -> {
                stream.write(piece('a', 3));
                stream.write(piece('b', 5_000), () -> sent.add("b"));
                stream.write(piece('c', 2), () -> sent.add("c"));
                stream.write(piece('d', 1));
                stream.flush();
                return 0;
            });

            assertThat(readUntil(socket.getInputStream(), "1\r\nd\r\n"))
                    .endsWith("\r\n\r\n3\r\naaa\r\n1388\r\n" + "b".repeat(5_000) + "\r\n2\r\ncc\r\n1\r\nd\r\n");
            await().untilAsserted(() -> assertThat(sent).containsExactly("b", "c"));
            assertThat(onLoop(stream::unsentBytes)).isZero();
            assertThat(onLoop(stream::isWritable)).isTrue();
            assertThat(stream.isBare()).isFalse();
        }
    }

    @Test
    void whatIsNotSentIsCountedFromTheFirstByteOn() throws IOException {
        try (Socket socket = open()) {
            HttpStream stream = opened.join();
            long gathered = onLoop(() -> {
                stream.write(piece('a', 100));
                long bytes = stream.unsentBytes();
                stream.flush();
                return bytes;
            });

            // The chunk's head and end are among them.
            assertThat(gathered).isBetween(100L + "64\r\n\r\n".length(), 100L + 300);
            readUntil(socket.getInputStream(), "a\r\n");
            assertThat(onLoop(stream::unsentBytes)).isZero();
        }
    }

    @Test
    void aPeerThatDoesNotReadMakesItUnwritableUntilItDoes() throws IOException {
        AtomicInteger sent = new AtomicInteger();
        try (Socket socket = open()) {
            HttpStream stream = opened.join();
            int pieces = 0;
            while (onLoop(stream::isWritable)) {
                onLoop(() -> {
                    stream.write(piece('a', 30_000), sent::incrementAndGet);
                    stream.flush();
                    return 0;
                });
                pieces++;
            }
            assertThat(sent.get()).isLessThan(pieces);
            assertThat(onLoop(stream::unsentBytes)).isPositive();

            socket.getInputStream().skipNBytes(30_000L * pieces);

            int all = pieces;
            await().until(() -> sent.get() == all && writable.get() == 1);
            assertThat(onLoop(stream::isWritable)).isTrue();
            await().until(() -> onLoop(stream::unsentBytes) == 0);
        }
    }

    @Test
    void whatIsWrittenWhenItTakesBytesAgainComesAfterThePieceThatIsBeingWritten() throws IOException {
        int pieces = 200;
        AtomicInteger written = new AtomicInteger();
        try (Socket socket = open()) {
            HttpStream stream = opened.join();
            Runnable write = () -> {
                while (written.get() < pieces && stream.isWritable()) {
                    stream.write(piece((char) ('a' + written.getAndIncrement() % 26), 50_000));
                }
                stream.flush();
            };
            onWritable = write;
            onLoop(() -> {
                write.run();
                return 0;
            });

            InputStream in = new BufferedInputStream(socket.getInputStream());
            readUntil(in, "\r\n\r\n");
            for (int i = 0; i < pieces; i++) {
                assertThat(readUntil(in, "\r\n")).isEqualTo("c350\r\n");
                String text = new String(in.readNBytes(50_002), US_ASCII);
                assertThat(text).isEqualTo(String.valueOf((char) ('a' + i % 26)).repeat(50_000) + "\r\n");
            }
        }
    }

    @Test
    void afterThePeerHasGoneNothingIsTakenAndWhoWaitsIsTold() throws IOException {
        List<String> sent = new CopyOnWriteArrayList<>();
        Socket socket = open();
        HttpStream stream = opened.join();
        socket.close();
        await().until(() -> closings.get() == 1);

        onLoop(() -> {
            stream.write(piece('a', 10), () -> sent.add("a"));
            stream.write(piece('b', 10));
            stream.flush();
            return 0;
        });

        assertThat(sent).containsExactly("a");
        assertThat(onLoop(stream::isWritable)).isFalse();
        assertThat(onLoop(stream::unsentBytes)).isZero();
    }

    @Test
    void anAbortClosesTheSocketWithoutAnEnd() throws IOException {
        try (Socket socket = open()) {
            HttpStream stream = opened.join();
            onLoop(() -> {
                stream.abort();
                return 0;
            });

            String all = new String(socket.getInputStream().readAllBytes(), US_ASCII);
            assertThat(all).doesNotContain("0\r\n\r\n");
            await().until(() -> closings.get() == 1);
        }
    }
}
