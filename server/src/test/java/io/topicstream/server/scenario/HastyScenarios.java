package io.topicstream.server.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import io.topicstream.server.TestClient;
import java.io.OutputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

/// A change of mind misses nothing: in one breath where frames have an order, and else when the client waits for
/// the replies.
public interface HastyScenarios {
    Deployment deployment();

    @Test
    default void subscribingRightAfterUnsubscribingMissesNothing() {
        String topic = deployment().topic();
        boolean inOneBreath = deployment().ordersFrames();
        TestClient client = inOneBreath ? deployment().live(0) : deployment().client(0);
        TestClient publisher = inOneBreath ? client : deployment().client(1);

        for (int i = 0; i < deployment().times(50, 10); i++) {
            for (String action : List.of("subscribe", "unsubscribe", "subscribe")) {
                client.send(frame(action, topic));
                if (!inOneBreath) {
                    client.await("\"type\":\"reply\"");
                }
            }
            for (int message = 5 * i; message < 5 * (i + 1); message++) {
                publisher.send(
                        "{\"topic\":\"" + topic + "\",\"message\":" + message + ",\"action\":\"publish\",\"id\":1}");
                if (!inOneBreath) {
                    publisher.await("\"type\":\"reply\"");
                }
            }
            for (int message = 5 * i; message < 5 * (i + 1); message++) {
                assertThat(client.next()).contains(topic).endsWith("\"message\":" + message + "}");
            }
        }

        client.close();
        publisher.close();
    }

    @Test
    default void whatCameBeforeTheCloseIsAnsweredBeforeIt() throws Exception {
        for (int i = 0; i < 20; i++) {
            try (Socket socket = new Socket(
                    deployment().server().getHost(), deployment().server().getPort())) {
                socket.setSoTimeout(20_000);
                OutputStream out = socket.getOutputStream();
                out.write("""
                        GET /v1 HTTP/1.1\r
                        Host: localhost\r
                        Upgrade: websocket\r
                        Connection: Upgrade\r
                        Sec-WebSocket-Version: 13\r
                        Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r
                        \r
                        """.getBytes(StandardCharsets.US_ASCII));
                // A ping of the protocol and a close, masked with zeros, in one write.
                byte[] ping = "{\"action\":\"ping\",\"id\":1}".getBytes(StandardCharsets.US_ASCII);
                byte[] both = new byte[6 + ping.length + 8];
                both[0] = (byte) 0x81;
                both[1] = (byte) (0x80 | ping.length);
                System.arraycopy(ping, 0, both, 6, ping.length);
                both[6 + ping.length] = (byte) 0x88;
                both[7 + ping.length] = (byte) 0x82;
                both[12 + ping.length] = 3;
                both[13 + ping.length] = (byte) 0xE8;
                out.write(both);
                out.flush();

                String all = new String(socket.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);

                assertThat(all).startsWith("HTTP/1.1 101 ");
                if (deployment().answersWhoCloses()) {
                    assertThat(all).contains("{\"type\":\"pong\",\"id\":1}");
                }
            }
        }
    }

    @Test
    default void everyStageSelectsTheSubprotocolThatWasOffered() {
        TestClient client = TestClient.to(deployment().server(), "/live")
                .header("x-api-key", deployment().key(0))
                .subprotocol("topicstream.v1")
                .open();

        assertThat(client.subprotocol()).isEqualTo("topicstream.v1");

        client.close();
    }

    private static String frame(String action, String topic) {
        return "{\"topic\":\"" + topic + "\",\"action\":\"" + action + "\",\"id\":1,\"durable\":true}";
    }
}
