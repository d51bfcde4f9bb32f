package io.topicstream.cli;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.topicstream.server.TopicStreamServer;
import io.topicstream.server.config.ServerConfig;
import io.topicstream.testkit.TestCertificate;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// The proxies of `docs/operations.md`, each as the page configures it, with the server behind it. Clients have
/// addresses of their own in 127.0.0.0/8.
class ProxiesTest {
    private static final String TOKEN = "a-right-token-of-ada";
    private static final String RIGHT = "Authorization: Bearer " + TOKEN + "\r\n";

    @TempDir
    private static Path certificates;

    private static TestCertificate certificate;

    @TempDir
    private Path directory;

    private TopicStreamServer server;
    private Process proxy;
    private int port;
    /// What the proxy has in front of the server's paths.
    private String prefix = "";

    enum Proxy {
        NGINX("nginx"),
        HAPROXY("haproxy"),
        CADDY("caddyfile"),
        HAPROXY_TCP("haproxytcp");

        private final String language;

        Proxy(String language) {
            this.language = language;
        }
    }

    @BeforeAll
    static void makeCertificate() throws IOException {
        certificate = TestCertificate.write(certificates, "EC");
        Files.writeString(
                certificates.resolve("both.pem"),
                Files.readString(certificate.certificate()) + Files.readString(certificate.key()));
    }

    @AfterEach
    void stop() throws InterruptedException {
        if (proxy != null) {
            proxy.descendants().forEach(ProcessHandle::destroyForcibly);
            proxy.destroyForcibly().waitFor();
        }
        if (server != null) {
            server.close();
        }
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    /// The page's configuration, with our ports and files in place of those that it shows.
    private String configuration(Proxy kind) throws IOException {
        String page = Files.readString(Path.of("..", "docs", "operations.md"));
        Matcher block = Pattern.compile("```" + kind.language + " not-run: [^\n]*\n(.*?)```", Pattern.DOTALL)
                .matcher(page);
        assertThat(block.find()).as("the page configures " + kind).isTrue();
        return withPrefix(block.group(1))
                .replace("127.0.0.1:8080", "127.0.0.1:" + server.address().getPort())
                .replace("listen 443 ssl", "listen 127.0.0.1:" + port + " ssl")
                .replace("bind 0.0.0.0:443", "bind 127.0.0.1:" + port)
                .replace("chat.example.com {", "https://chat.example.com:" + port + " {\n    bind 127.0.0.1")
                .replace(
                        "/etc/ssl/chat.example.com.pem",
                        certificate.certificate().toString())
                .replace("/etc/ssl/chat.example.com.key", certificate.key().toString())
                .replace(
                        "/etc/ssl/chat.example.com.both",
                        certificates.resolve("both.pem").toString());
    }

    /// The two lines of the page on the chat page in place of those that they are for.
    private String withPrefix(String configuration) throws IOException {
        if (prefix.isEmpty()) {
            return configuration;
        }
        Matcher lines = Pattern.compile("```nginx not-run: ProxiesTest [^\n]*\n(.*\n.*\n)```")
                .matcher(Files.readString(Path.of("..", "docs", "chat-page.md")));
        assertThat(lines.find()).isTrue();
        Matcher own = Pattern.compile(" *location / \\{\n *proxy_pass .*\n").matcher(configuration);
        assertThat(own.find()).isTrue();
        return own.replaceFirst(Matcher.quoteReplacement(lines.group(1)));
    }

    private void start(Proxy kind, String... settings) throws Exception {
        Map<String, String> all = new LinkedHashMap<>(Map.of(
                "engine",
                "memory",
                "server.port",
                "0",
                "server.run_dir",
                directory.resolve("run").toString(),
                "server.allowed_hosts",
                "chat.example.com",
                "server.trusted_proxies",
                "127.0.0.1",
                "access.tokens",
                "[{token: " + TOKEN + ", user: ada}]",
                "access.wrong_credentials_per_minute",
                "10"));
        for (int i = 0; i < settings.length; i += 2) {
            all.put(settings[i], settings[i + 1]);
        }
        server = TopicStreamServer.start(ServerConfig.load(null, Map.of(), all).config());
        port = freePort();
        String text = configuration(kind);
        List<String> command = switch (kind) {
            case NGINX -> {
                Path file = Files.writeString(
                        directory.resolve("nginx.conf"),
                        "daemon off;\nmaster_process off;\nerror_log stderr;\npid nginx.pid;\nevents {}\nhttp {\n"
                                + "access_log off;\nclient_body_temp_path body;\nproxy_temp_path proxy;\n"
                                + "fastcgi_temp_path fastcgi;\nuwsgi_temp_path uwsgi;\nscgi_temp_path scgi;\n"
                                + text + "}\n");
                yield List.of("nginx", "-p", directory.toString(), "-c", file.toString());
            }
            case HAPROXY, HAPROXY_TCP -> {
                Path file = Files.writeString(directory.resolve("haproxy.cfg"), text);
                yield List.of("haproxy", "-db", "-f", file.toString());
            }
            case CADDY -> {
                Path file = Files.writeString(
                        directory.resolve("Caddyfile"),
                        "{\n    admin off\n    auto_https disable_redirects\n}\n" + text);
                yield List.of("caddy", "run", "--adapter", "caddyfile", "--config", file.toString());
            }
        };
        proxy = new ProcessBuilder("/bin/sh", "-c", "exec " + String.join(" ", command))
                .redirectErrorStream(true)
                .redirectOutput(directory.resolve("proxy.log").toFile())
                .directory(directory.toFile())
                .start();
        await().atMost(Duration.ofSeconds(60)).ignoreExceptions().until(() -> {
            assertThat(proxy.isAlive()).as(() -> log()).isTrue();
            return status("127.0.0.1", "GET " + prefix + "/health/ready", "") == 200;
        });
    }

    private String log() {
        try {
            return Files.readString(directory.resolve("proxy.log"));
        } catch (IOException e) {
            return String.valueOf(e);
        }
    }

    /// A connection to the proxy, from an address of one's own.
    private Socket connect(String from) throws IOException {
        Socket plain = new Socket();
        plain.bind(new InetSocketAddress(InetAddress.ofLiteral(from), 0));
        plain.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
        plain.setSoTimeout(20_000);
        SSLSocket socket = (SSLSocket)
                certificate.trusting().getSocketFactory().createSocket(plain, "chat.example.com", port, true);
        SSLParameters parameters = socket.getSSLParameters();
        parameters.setServerNames(List.of(new SNIHostName("chat.example.com")));
        socket.setSSLParameters(parameters);
        return socket;
    }

    private String answer(String from, String request, String fields) throws IOException {
        try (Socket socket = connect(from)) {
            socket.getOutputStream()
                    .write((request + " HTTP/1.1\r\nHost: chat.example.com\r\n" + fields + "Connection: close\r\n\r\n")
                            .getBytes(ISO_8859_1));
            StringBuilder head = new StringBuilder();
            InputStream in = socket.getInputStream();
            for (int c = in.read(); c >= 0; c = in.read()) {
                head.append((char) c);
            }
            return head.toString();
        }
    }

    private int status(String from, String request, String fields) throws IOException {
        return Integer.parseInt(answer(from, request, fields).split(" ", 3)[1]);
    }

    @ParameterizedTest
    @EnumSource(
            value = Proxy.class,
            names = {"NGINX", "HAPROXY", "CADDY"})
    void whoComesThroughItIsKnownByTheAddressOfTheClient(Proxy kind) throws Exception {
        start(kind);

        holds();
        assertThat(status("127.0.0.2", "GET /metrics", "")).isEqualTo(404);
        assertThat(status("127.0.0.2", "GET /v1/admin/keys", "")).isEqualTo(404);
    }

    @Test
    void theProxyProtocolNamesTheClientWhereTheServerSpeaksTlsItself() throws Exception {
        start(
                Proxy.HAPROXY_TCP,
                "server.trusted_proxies",
                "127.0.0.9",
                "server.proxy_protocol",
                "on",
                "server.tls.certificate",
                certificate.certificate().toString(),
                "server.tls.key",
                certificate.key().toString());

        holds();
        assertThat(status("127.0.0.2", "GET /metrics", "")).isEqualTo(401);
    }

    @Test
    void theChatPageWorksBelowAPathOfTheProxy() throws Exception {
        prefix = "/talk";
        start(Proxy.NGINX);

        String next = answer("127.0.0.2", "GET /talk/chat", "");
        String page = answer("127.0.0.2", "GET /talk/chat/", "");
        if (BuiltChatPage.isThere()) {
            assertThat(next).startsWith("HTTP/1.1 308 ").contains("\r\nLocation: chat/\r\n");
            assertThat(page)
                    .startsWith("HTTP/1.1 200 ")
                    .contains("\r\nContent-Security-Policy: default-src 'none'; ", "src=\"./assets/");
            Matcher script = Pattern.compile("src=\"\\./(assets/[^\"]+)\"").matcher(page);
            assertThat(script.find()).isTrue();
            assertThat(answer("127.0.0.2", "GET /talk/chat/" + script.group(1), ""))
                    .startsWith("HTTP/1.1 200 ")
                    .contains("\r\nCache-Control: public, max-age=31536000, immutable\r\n");
        } else {
            assertThat(page).startsWith("HTTP/1.1 404 ");
        }
        assertThat(status("127.0.0.2", "GET /talk/v1", ""))
                .as("a WebSocket is there")
                .isEqualTo(426);
    }

    private void holds() throws IOException {
        // No guests, though all connections come from this machine.
        assertThat(status("127.0.0.2", "GET /topics", "")).isEqualTo(401);
        assertThat(status("127.0.0.2", "GET /topics", RIGHT)).isEqualTo(200);

        // A client's wrong credentials are its own, and what it writes into the headers changes nothing.
        for (int i = 0; i < 15; i++) {
            status(
                    "127.0.0.2",
                    "GET /topics",
                    "Authorization: Bearer wrong-" + i + "\r\nX-Forwarded-For: 192.0.2." + i
                            + "\r\nForwarded: for=192.0.2." + i + "\r\n");
        }
        assertThat(status("127.0.0.2", "GET /topics", "Authorization: Bearer wrong\r\n"))
                .isEqualTo(429);
        assertThat(status("127.0.0.3", "GET /topics", "Authorization: Bearer wrong\r\n"))
                .isEqualTo(401);
        assertThat(status("127.0.0.2", "GET /topics", RIGHT)).isEqualTo(200);

        // A page of the site itself is not of another site; it only lacks a credential.
        assertThat(status("127.0.0.3", "GET /topics", "Origin: https://chat.example.com\r\n"))
                .isEqualTo(401);
        assertThat(status(
                        "127.0.0.3",
                        "GET /topics",
                        "Origin: https://evil.example\r\nX-Forwarded-Host: evil.example\r\n"))
                .isEqualTo(403);

        // WebSockets, and the code of a close.
        try (Socket socket = connect("127.0.0.4")) {
            socket.getOutputStream()
                    .write(
                            ("GET /v1 HTTP/1.1\r\nHost: chat.example.com\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                                            + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
                                            + RIGHT + "\r\n")
                                    .getBytes(ISO_8859_1));
            InputStream in = socket.getInputStream();
            StringBuilder head = new StringBuilder();
            while (head.indexOf("\r\n\r\n") < 0) {
                head.append((char) in.read());
            }
            assertThat(head.toString()).startsWith("HTTP/1.1 101");
            assertThat(new String(frame(in), UTF_8))
                    .contains("\"type\":\"welcome\"")
                    .contains("\"user\":\"ada\"");

            Thread.ofVirtual().start(() -> {
                try {
                    byte[] header = {(byte) 0x81, (byte) 0xFF, 0, 0, 0, 0, 0, 0x10, 0, 0, 0, 0, 0, 0};
                    socket.getOutputStream().write(header);
                    socket.getOutputStream().write(new byte[1 << 20]);
                    socket.getOutputStream().flush();
                } catch (IOException e) {
                    // The server had enough.
                }
            });
            byte[] close = frame(in);
            assertThat((close[0] & 0xFF) << 8 | (close[1] & 0xFF)).isEqualTo(1009);
        }
    }

    /// The payload of the next frame.
    private static byte[] frame(InputStream in) throws IOException {
        int first = in.read();
        assertThat(first).as("the connection ended without a close").isNotNegative();
        int length = in.read();
        if (length == 126) {
            length = in.read() << 8 | in.read();
        }
        return in.readNBytes(length);
    }
}
