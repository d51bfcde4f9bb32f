package io.topicstream.cli;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import io.topicstream.server.TopicStreamServer;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A room with more members than an answer has room for.
class MembersPagesTest {
    /// An answer has about 100 KiB, and each of these about half of one.
    private static final int MANY = 450;

    @TempDir
    private Path home;

    private final List<Socket> guests = new ArrayList<>();

    private static String user(int number) {
        return "u%03d".formatted(number) + "x".repeat(84);
    }

    /// A bare socket that has subscribed and reads no more.
    private void enter(TopicStreamServer server, int number) throws IOException {
        Socket socket =
                new Socket(server.address().getAddress(), server.address().getPort());
        guests.add(socket);
        socket.setSoTimeout(60_000);
        String name = "%E2%82%AC".repeat(64);
        socket.getOutputStream()
                .write(("GET /v1?user=" + user(number) + "&name=" + name + " HTTP/1.1\r\nHost: localhost\r\n"
                                + "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                                + "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n")
                        .getBytes(US_ASCII));
        InputStream in = socket.getInputStream();
        assertThat(new String(in.readNBytes(12), US_ASCII)).isEqualTo("HTTP/1.1 101");
        byte[] text = "{\"action\":\"subscribe\",\"topic\":\"room:big\"}".getBytes(US_ASCII);
        byte[] frame = new byte[6 + text.length];
        frame[0] = (byte) 0x81;
        // Masked with zeros.
        frame[1] = (byte) (0x80 | text.length);
        System.arraycopy(text, 0, frame, 6, text.length);
        socket.getOutputStream().write(frame);
    }

    @Test
    void allMembersAreListedThoughNoAnswerHasRoomForThem() throws Exception {
        try (TopicStreamServer server =
                TopicStreamServer.start(MemoryServers.config(home.resolve("run"), "access.anonymous", "on"))) {
            for (int i = 0; i < MANY; i++) {
                enter(server, i);
            }
            Terminal terminal = new Terminal(Map.of(), home);
            String url = "http://127.0.0.1:" + server.address().getPort();

            Awaitility.await().atMost(Duration.ofSeconds(60)).untilAsserted(() -> {
                Terminal.Run run = terminal.run("members", "room:big", "--server", url);
                assertThat(run.err()).isEmpty();
                assertThat(run.lines().stream().map(line -> line.substring(0, line.indexOf(' '))))
                        .containsExactlyElementsOf(IntStream.range(0, MANY)
                                .mapToObj(i -> "guest." + user(i))
                                .toList());
            });
        } finally {
            for (Socket guest : guests) {
                guest.close();
            }
        }
    }
}
