package io.topicstream.client;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.topicstream.access.Speaker;
import io.topicstream.dialect.NativeDialect;
import io.topicstream.json.JsonWriter;
import io.topicstream.log.Durability;
import io.topicstream.log.Extent;
import io.topicstream.log.Message;
import io.topicstream.log.TopicName;
import io.topicstream.protocol.ClientFrame;
import io.topicstream.protocol.Query;
import io.topicstream.protocol.ServerFrame;
import io.topicstream.testkit.Speakers;
import io.topicstream.transport.Endpoint;
import io.topicstream.transport.Transport;
import io.topicstream.transport.TransportLimits;
import io.topicstream.transport.WebSocketConnection;
import io.topicstream.transport.WebSocketFrames;
import io.topicstream.transport.WebSocketListener;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.LongStream;

/// The server's own transport and dialect, behind which a test says what a server of ours would not: gaps,
/// repeats, silence, closes.
final class ScriptedPeer implements AutoCloseable {
    /// The native dialect does not care who speaks.
    private static final Speaker SPEAKER = Speakers.on("connection");

    /// What the peer does, on its event loop.
    interface Script {
        /// There is a connection.
        ///
        /// @param number of the connection, from 1
        default void onOpen(Conversation peer, int number) {
            peer.welcome();
        }

        default void onFrame(Conversation peer, int number, ClientFrame frame) {}
    }

    private final Transport transport;
    private final InetSocketAddress address;
    private final AtomicInteger connections = new AtomicInteger();
    private volatile Conversation newest;
    /// What connections have shown, in their order.
    final List<String> authorizations = new CopyOnWriteArrayList<>();
    final List<ClientFrame> frames = new CopyOnWriteArrayList<>();

    ScriptedPeer(Script script) throws IOException {
        transport = Transport.start(1, TransportLimits.defaults());
        address = transport.bind(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                new Endpoint(
                        exchange -> exchange.respondError(404, "not_found", "not found", Map.of()),
                        (request, decision) -> {
                            authorizations.add(String.valueOf(request.header("authorization")));
                            int number = connections.incrementAndGet();
                            String refusal = request.query("refuse");
                            if (refusal != null) {
                                decision.refuse(Integer.parseInt(refusal), "forbidden", "no", Map.of());
                            } else {
                                decision.accept("topicstream.v1", new Conversation(script, number));
                            }
                        },
                        host -> true));
    }

    URI address() {
        return LocalServer.at(address.getPort());
    }

    int connections() {
        return connections.get();
    }

    /// The connection that was opened last.
    Conversation connection() {
        return newest;
    }

    @Override
    public void close() {
        transport.stop(Duration.ZERO, 1001).join();
    }

    final class Conversation implements WebSocketListener {
        private final Script script;
        private final int number;
        private final NativeDialect dialect = new NativeDialect();
        private WebSocketConnection connection;

        Conversation(Script script, int number) {
            this.script = script;
            this.number = number;
        }

        @Override
        public void onOpen(WebSocketConnection opened) {
            connection = opened;
            newest = this;
            script.onOpen(this, number);
            connection.flush();
        }

        @Override
        public void onText(byte[] buffer, int from, int to) {
            dialect.decode(SPEAKER, buffer, from, to, frame -> {
                frames.add(frame);
                script.onFrame(this, number, frame);
            });
            connection.flush();
        }

        @Override
        public void onBinary(byte[] buffer, int from, int to) {
            throw new IllegalStateException("a client sends text");
        }

        @Override
        public void onClosed(int code, String reason) {}

        void welcome() {
            welcome(25_000);
        }

        void welcome(long pingMs) {
            say(new ServerFrame.Welcome(
                    "connection-" + number, "guest.me", null, 0, pingMs, Durability.DISK, null, List.of(), false));
        }

        void say(ServerFrame frame) {
            JsonWriter out = new JsonWriter();
            dialect.encode(frame, SPEAKER, out);
            say(out.toString());
        }

        void say(String text) {
            byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
            ByteBuf framed = Unpooled.buffer(WebSocketFrames.MAX_HEADER_BYTES + bytes.length);
            WebSocketFrames.writeTextHeader(framed, bytes.length);
            connection.write(framed.writeBytes(bytes));
        }

        void subscribed(ClientFrame.Subscribe subscribe, long epoch, long first, long next, boolean recovered) {
            say(new ServerFrame.Subscribed(
                    subscribe.id(), subscribe.topic(), new Extent(epoch, first, next), recovered));
        }

        /// Says messages of these offsets, each a WebSocket message.
        void messages(TopicName topic, long... offsets) {
            for (long offset : offsets) {
                say(message(topic, offset));
            }
        }

        /// Says messages of these offsets as one array.
        void array(TopicName topic, long... offsets) {
            say(LongStream.of(offsets)
                    .mapToObj(offset -> message(topic, offset))
                    .collect(Collectors.joining(",", "[", "]")));
        }

        private static String message(TopicName topic, long offset) {
            return "{\"type\":\"message\",\"topic\":\"" + topic + "\",\"offset\":" + offset
                    + ",\"timestamp\":7,\"message\":" + offset + "}";
        }

        /// Answers a read with the messages of these offsets.
        void page(Query.Read read, long epoch, long first, long next, long... offsets) {
            say(new Query.ReadPage(
                    read.id(),
                    read.topic(),
                    new Extent(epoch, first, next),
                    LongStream.of(offsets)
                            .mapToObj(offset -> new Message(
                                    offset,
                                    7,
                                    null,
                                    null,
                                    Long.toString(offset).getBytes(StandardCharsets.US_ASCII),
                                    null))
                            .toList()));
        }

        void published(ClientFrame.Publish publish, long offset) {
            say(new ServerFrame.Published(publish.id(), publish.topic(), 1, offset, 7, Durability.DISK));
        }

        void close(int code, String reason) {
            connection.close(code, reason);
        }

        void abort() {
            connection.abort();
        }

        /// Breaks the connection, from any thread.
        void cut() {
            connection.channel().eventLoop().execute(connection::abort);
        }
    }
}
