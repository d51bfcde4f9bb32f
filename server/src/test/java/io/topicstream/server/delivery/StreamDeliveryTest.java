package io.topicstream.server.delivery;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.topicstream.access.Speaker;
import io.topicstream.dialect.Dialect;
import io.topicstream.dialect.Dialects;
import io.topicstream.dialect.NativeDialect;
import io.topicstream.json.JsonWriter;
import io.topicstream.log.Append;
import io.topicstream.log.AppendResult;
import io.topicstream.log.Draft;
import io.topicstream.log.Extent;
import io.topicstream.log.InMemoryLog;
import io.topicstream.log.Lane;
import io.topicstream.log.Message;
import io.topicstream.log.TopicName;
import io.topicstream.protocol.ClientFrame;
import io.topicstream.protocol.From;
import io.topicstream.protocol.ServerFrame;
import io.topicstream.protocol.WireFormat;
import io.topicstream.testkit.Speakers;
import io.topicstream.topic.JoinReply;
import io.topicstream.topic.OutboundBudget;
import io.topicstream.transport.Endpoint;
import io.topicstream.transport.HttpStream;
import io.topicstream.transport.HttpStreamListener;
import io.topicstream.transport.LoopbackHosts;
import io.topicstream.transport.Outlet;
import io.topicstream.transport.Transport;
import io.topicstream.transport.TransportLimits;
import io.topicstream.transport.WebSocketConnection;
import io.topicstream.transport.WebSocketListener;
import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// One lane with listeners of two kinds, over real sockets: WebSockets, and answers that are streams of events.
class StreamDeliveryTest {
    private static final TopicName TOPIC = new TopicName("t");

    /// Each message is an event (HTML, 9.2.6).
    private static final class Events implements Framing {
        private final AtomicInteger framed = new AtomicInteger();

        @Override
        public void append(byte[] message, int length, ByteBuf out) {
            framed.incrementAndGet();
            out.writeCharSequence("data: ", US_ASCII);
            out.writeBytes(message, 0, length);
            out.writeShort('\n' << 8 | '\n');
        }
    }

    private final ExecutorService engine = Executors.newSingleThreadExecutor();
    private final InMemoryLog log = new InMemoryLog(InstantSource.system(), engine, InMemoryLog.Settings.startingIn(1));
    private final Transport transport = Transport.start(1, TransportLimits.defaults());
    private final Events events = new Events();
    private final AtomicInteger encoded = new AtomicInteger();
    private final EventLoopLane lane = new EventLoopLane(
            transport.eventLoops().getFirst(),
            new FrameEncoder(PooledByteBufAllocator.DEFAULT, _ -> new CountingDialect()),
            log,
            log,
            new OutboundBudget(1 << 20),
            new Random(1));
    private final List<EventsListener> streams = new CopyOnWriteArrayList<>();
    private InetSocketAddress address = new InetSocketAddress(0);
    private int published;

    @BeforeEach
    void bind() throws IOException {
        address = transport.bind(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                new Endpoint(
                        exchange -> {
                            EventsListener listener =
                                    new EventsListener(from(exchange.head().query("from")));
                            streams.add(listener);
                            exchange.respondStream(200, "text/event-stream", Map.of(), listener);
                        },
                        (request, decision) -> decision.accept(null, new FramesListener(from(request.query("from")))),
                        LoopbackHosts::isLoopback));
    }

    @AfterEach
    void stop() {
        transport.stop(Duration.ZERO, 1001).join();
        lane.close();
        engine.shutdown();
    }

    private static From from(@Nullable String named) {
        return "earliest".equals(named) ? new From.Earliest() : From.NEW;
    }

    /// The native dialect, which counts how many runs it encodes.
    private final class CountingDialect implements Dialect {
        private final Dialect real = new Dialects(
                        NativeDialect.DEFAULT_MAX_PAYLOAD_BYTES, new Random(1), InstantSource.system())
                .of(WireFormat.NATIVE);

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
            encoded.incrementAndGet();
            real.encodeDelivery(topic, messages, arrays, out);
        }
    }

    // ---- the two kinds of listeners

    private abstract class TestListener<O extends Outlet> extends OutletListener<O> {
        private final From from;

        TestListener(From from, Framing framing) {
            super(lane, "c", WireFormat.NATIVE, framing);
            this.from = from;
        }

        void begin(O opened) {
            open(opened);
            lane.join(this, TOPIC, from, new JoinReply() {
                @Override
                public void onJoined(TopicName topic, Extent extent, long common, boolean truncated, Runnable begin) {
                    begin.run();
                }

                @Override
                public void onJoinFailed(TopicName topic, @Nullable Throwable cause) {
                    throw new AssertionError(cause);
                }
            });
        }

        void end() {
            closed();
            lane.leaveAll(this);
        }

        @Override
        protected void onTruncated(TopicName topic, long epoch, long firstOffset) {
            say(new ServerFrame.Truncated(topic, epoch, firstOffset), Speakers.on(connectionId()));
        }

        @Override
        protected void onReset(TopicName topic, long epoch, long commonOffset) {
            say(new ServerFrame.Reset(topic, epoch, commonOffset), Speakers.on(connectionId()));
        }
    }

    private final class EventsListener extends TestListener<HttpStream> implements HttpStreamListener {
        EventsListener(From from) {
            super(from, events);
        }

        @Override
        public void onOpen(HttpStream stream) {
            begin(stream);
            stream.flush();
        }

        @Override
        public void onWritable() {
            lane.onWritable(this);
        }

        @Override
        public void onClosed() {
            end();
        }

        long unsent() {
            return lane.loop().submit(() -> unsentBytes()).syncUninterruptibly().getNow();
        }
    }

    private final class FramesListener extends TestListener<WebSocketConnection> implements WebSocketListener {
        FramesListener(From from) {
            super(from, WebSocketFraming.INSTANCE);
        }

        @Override
        public void onOpen(WebSocketConnection connection) {
            begin(connection);
        }

        @Override
        public void onText(byte[] buffer, int from, int to) {}

        @Override
        public void onBinary(byte[] buffer, int from, int to) {}

        @Override
        public void onReadComplete() {}

        @Override
        public void onWritabilityChanged(boolean writable) {
            if (writable) {
                lane.onWritable(this);
            }
        }

        @Override
        public void onTick(long nowNs) {}

        @Override
        public void onDraining(int withinMs) {}

        @Override
        public void onClosed(int code, String reason) {
            end();
        }
    }

    // ---- their clients

    /// Reads events, byte by byte out of the chunks.
    private final class EventsClient implements AutoCloseable {
        private final Socket socket = new Socket();
        private final InputStream in;
        private int chunkLeft;

        EventsClient(String query) throws IOException {
            socket.setReceiveBufferSize(4096);
            socket.connect(address);
            socket.setSoTimeout(20_000);
            in = new BufferedInputStream(socket.getInputStream());
            String request = "GET /events" + query + " HTTP/1.1\r\nHost: localhost\r\n\r\n";
            socket.getOutputStream().write(request.getBytes(US_ASCII));
            assertThat(line()).isEqualTo("HTTP/1.1 200 OK");
            String field = line();
            while (!field.isEmpty()) {
                field = line();
            }
        }

        private String line() throws IOException {
            StringBuilder line = new StringBuilder();
            for (int b = in.read(); b != '\n'; b = in.read()) {
                if (b < 0) {
                    throw new EOFException();
                }
                if (b != '\r') {
                    line.append((char) b);
                }
            }
            return line.toString();
        }

        private int read() throws IOException {
            if (chunkLeft == 0) {
                chunkLeft = Integer.parseInt(line(), 16);
            }
            int b = in.read();
            if (--chunkLeft == 0) {
                assertThat(line()).isEmpty();
            }
            return b;
        }

        String next() throws IOException {
            StringBuilder event = new StringBuilder();
            while (event.length() < 2
                    || event.charAt(event.length() - 1) != '\n'
                    || event.charAt(event.length() - 2) != '\n') {
                event.append((char) read());
            }
            return event.toString();
        }

        @Override
        public void close() throws IOException {
            socket.close();
        }
    }

    private final class FramesClient implements WebSocket.Listener, AutoCloseable {
        private final List<String> texts = new CopyOnWriteArrayList<>();
        private final StringBuilder text = new StringBuilder();
        private final HttpClient http = HttpClient.newHttpClient();
        private final WebSocket socket;

        FramesClient(String query) {
            socket = http.newWebSocketBuilder()
                    .buildAsync(URI.create("ws://localhost:" + address.getPort() + "/" + query), this)
                    .join();
        }

        @Override
        public @Nullable CompletionStage<?> onText(WebSocket of, CharSequence data, boolean last) {
            text.append(data);
            if (last) {
                texts.add(text.toString());
                text.setLength(0);
            }
            of.request(1);
            return null;
        }

        @Override
        public void close() {
            socket.abort();
            http.close();
        }
    }

    private void publish(String json) {
        var _ = log.append(
                new Append(TOPIC, List.of(new Draft(json.getBytes(UTF_8), null, null)), null, "", -1, Lane.DIRECT) {
                    @Override
                    public void onAnswered(AppendResult result) {}
                });
        published++;
    }

    private void awaitLive(int listeners) {
        await().until(() -> lane.liveSubscriptions() == listeners);
    }

    private static String fact(long offset, String json) {
        return "\"offset\":" + offset + ",\"timestamp\":[0-9]+,\"message\":" + json + "}";
    }

    // ---- what is promised

    @Test
    void onePublishIsEncodedOnceForEachFramingAndSharedByAllWhoListen() throws Exception {
        try (EventsClient one = new EventsClient("");
                EventsClient two = new EventsClient("");
                EventsClient three = new EventsClient("");
                FramesClient four = new FramesClient("");
                FramesClient five = new FramesClient("")) {
            awaitLive(5);

            for (int i = 1; i <= 10; i++) {
                publish("\"" + i + "\"");
                String event = one.next();
                assertThat(event)
                        .matches("data: \\{\"type\":\"message\",\"topic\":\"t\"," + fact(i, "\"" + i + "\"") + "\n\n");
                assertThat(two.next()).isEqualTo(event);
                assertThat(three.next()).isEqualTo(event);
                int heard = i;
                await().until(() -> four.texts.size() == heard && five.texts.size() == heard);
                String json = event.substring("data: ".length()).strip();
                assertThat(four.texts.getLast()).isEqualTo(json);
                assertThat(five.texts.getLast()).isEqualTo(json);
            }

            assertThat(encoded).hasValue(20);
            assertThat(events.framed).hasValue(10);
        }
    }

    @Test
    void whoComesLaterIsServedWhatIsEncodedInItsFramingAndWhatIsNotOutOfTheLog() throws Exception {
        try (EventsClient live = new EventsClient("")) {
            awaitLive(1);
            for (int i = 1; i <= 5; i++) {
                publish(String.valueOf(i));
                live.next();
            }
            assertThat(encoded).hasValue(5);

            try (EventsClient late = new EventsClient("?from=earliest")) {
                for (int i = 1; i <= 5; i++) {
                    assertThat(late.next()).containsPattern(fact(i, String.valueOf(i)));
                }
                awaitLive(2);
                assertThat(encoded).hasValue(5);
                assertThat(events.framed).hasValue(5);
            }
            try (FramesClient socket = new FramesClient("?from=earliest")) {
                await().until(() -> socket.texts.size() == 5);
                // As one page.
                assertThat(encoded).hasValue(6);
                assertThat(events.framed).hasValue(5);
            }
        }
    }

    @Test
    void anAnswerThatIsNotReadFallsBehindAndLosesNothing() throws Exception {
        String large = "\"" + "x".repeat(20_000) + "\"";
        try (EventsClient reads = new EventsClient("");
                EventsClient stalls = new EventsClient("")) {
            awaitLive(2);
            EventsListener stalled = streams.get(1);
            int before = 0;
            while (before < 600) {
                for (int i = 0; i < 10; i++) {
                    publish(large);
                }
                for (int i = 0; i < 10; i++) {
                    before++;
                    assertThat(reads.next()).contains("\"offset\":" + before + ",");
                }
            }
            await().until(() -> lane.catchingUpSubscriptions() == 1);
            assertThat(stalled.unsent()).isBetween(1L, 512L * 1024);

            for (int i = 1; i <= before; i++) {
                assertThat(stalls.next()).startsWith("data: ").contains("\"offset\":" + i + ",");
            }
            awaitLive(2);
            publish("\"last\"");
            assertThat(stalls.next()).containsPattern(fact(published, "\"last\""));
            assertThat(reads.next()).containsPattern(fact(published, "\"last\""));
            await().until(() -> stalled.unsent() == 0);
        }
    }

    @Test
    void whoGoesAwayLeavesTheAudience() throws Exception {
        EventsClient gone = new EventsClient("");
        try (EventsClient stays = new EventsClient("")) {
            awaitLive(2);
            gone.close();
            awaitLive(1);

            publish("1");

            assertThat(stays.next()).containsPattern(fact(1, "1"));
        }
    }
}
