package io.topicstream.transport;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.topicstream.testkit.LogLines;
import io.topicstream.testkit.TestCertificate;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.cert.Certificate;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TlsTest {
    private static final String REQUEST = "GET /source HTTP/1.1\r\nHost: localhost\r\n\r\n";

    /// Made once: the tool takes seconds.
    @TempDir
    private static Path made;

    private static TestCertificate first;
    private static TestCertificate second;
    private static TestCertificate third;

    @TempDir
    private Path directory;

    private TestCertificate certificate;
    private SSLContext trusting;
    private TlsFiles files;
    private EchoServer server;

    @BeforeAll
    static void makeCertificates() throws IOException {
        first = TestCertificate.write(Files.createDirectory(made.resolve("1")), "EC");
        second = TestCertificate.write(Files.createDirectory(made.resolve("2")), "RSA");
        third = TestCertificate.write(Files.createDirectory(made.resolve("3")), "Ed25519");
    }

    @BeforeEach
    void start() throws IOException {
        certificate = new TestCertificate(directory.resolve("certificate.pem"), directory.resolve("key.pem"));
        put(first);
        trusting = first.trusting();
        files = new TlsFiles(certificate.certificate(), certificate.key());
        server = new EchoServer(TransportLimits.defaults(), Ingress.DIRECT.over(files));
    }

    private void put(TestCertificate next) throws IOException {
        Files.copy(next.certificate(), certificate.certificate(), StandardCopyOption.REPLACE_EXISTING);
        Files.copy(next.key(), certificate.key(), StandardCopyOption.REPLACE_EXISTING);
    }

    @AfterEach
    void stop() {
        server.close();
        files.close();
    }

    private SSLSocket connect(int port) throws IOException {
        SSLSocket socket = (SSLSocket) trusting.getSocketFactory().createSocket(InetAddress.getLoopbackAddress(), port);
        SSLParameters parameters = socket.getSSLParameters();
        parameters.setEndpointIdentificationAlgorithm("HTTPS");
        socket.setSSLParameters(parameters);
        socket.setSoTimeout(10_000);
        return socket;
    }

    private RawClient upgraded(int port) throws IOException {
        RawClient client = new RawClient(connect(port));
        assertThat(client.send(RawClient.UPGRADE).answer().status()).isEqualTo(101);
        return client;
    }

    private EchoServer.Echo onlySocket() {
        await().until(() -> server.sockets.size() == 1 && server.sockets.get(0).connection != null);
        return server.sockets.get(0);
    }

    private static ByteBuf textFrame(byte[] text) {
        ByteBuf frame = Unpooled.directBuffer(text.length + WebSocketFrames.MAX_HEADER_BYTES);
        WebSocketFrames.writeTextHeader(frame, text.length);
        return frame.writeBytes(text);
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
    void requestsAndWebSocketsGoOverTls(String version) throws IOException {
        SSLSocket socket = connect(server.port());
        socket.setEnabledProtocols(new String[] {version});
        try (RawClient client = new RawClient(socket)) {
            assertThat(client.send(REQUEST + REQUEST).answer().text()).contains("isSecure=true");
            assertThat(client.answer().status()).isEqualTo(200);
            assertThat(socket.getSession().getProtocol()).isEqualTo(version);
            byte[] body = client.send("GET /json HTTP/1.1\r\nHost: localhost\r\n\r\n")
                    .answer()
                    .body();
            assertThat(body).hasSize(65_536);
        }
        try (RawClient client = upgraded(server.port())) {
            for (int size : new int[] {0, 1, 125, 20_000, 100_000}) {
                String text = "x".repeat(size);
                client.send(RawClient.text(text));
                assertThat(client.frame().text()).isEqualTo(text);
            }
        }
    }

    @Test
    void onlyHttp11IsAgreedOn() throws IOException {
        for (String[] offered : new String[][] {{"h2", "http/1.1"}, {"http/1.1"}, {"h2"}}) {
            try (SSLSocket socket = connect(server.port())) {
                SSLParameters parameters = socket.getSSLParameters();
                parameters.setApplicationProtocols(offered);
                socket.setSSLParameters(parameters);
                socket.startHandshake();

                String agreed = socket.getApplicationProtocol();

                assertThat(agreed).isEqualTo(offered[offered.length - 1].equals("http/1.1") ? "http/1.1" : "");
            }
        }
    }

    /// A man in the middle who keeps what the server sends.
    private final class Listening implements AutoCloseable {
        final ServerSocket port = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        final ByteArrayOutputStream heard = new ByteArrayOutputStream();
        private final CompletableFuture<Void> done;

        Listening() throws IOException {
            done = CompletableFuture.runAsync(() -> {
                try (Socket client = port.accept();
                        Socket to = new Socket(InetAddress.getLoopbackAddress(), server.port())) {
                    Thread.ofVirtual().start(() -> {
                        try {
                            client.getInputStream().transferTo(to.getOutputStream());
                        } catch (IOException e) {
                            // The client went.
                        }
                    });
                    byte[] bytes = new byte[65_536];
                    for (int read = to.getInputStream().read(bytes);
                            read >= 0;
                            read = to.getInputStream().read(bytes)) {
                        synchronized (heard) {
                            heard.write(bytes, 0, read);
                        }
                        client.getOutputStream().write(bytes, 0, read);
                    }
                    client.shutdownOutput();
                } catch (IOException e) {
                    // One of the two went.
                }
            });
        }

        String text() {
            synchronized (heard) {
                return heard.toString(ISO_8859_1);
            }
        }

        @Override
        public void close() throws IOException {
            port.close();
            done.join();
        }
    }

    @Test
    void noPlainTextLeavesATlsConnection() throws Exception {
        String secret = "what-nobody-else-shall-read";
        try (Listening listening = new Listening();
                RawClient client = upgraded(listening.port.getLocalPort())) {
            EchoServer.Echo echo = onlySocket();
            byte[] text = secret.repeat(50).getBytes(UTF_8);
            CompletableFuture<OutboundFrames.Outcome> outcome = new CompletableFuture<>();
            echo.connection.channel().eventLoop().execute(() -> {
                ByteBuf frame = textFrame(text);
                outcome.complete(OutboundFrames.write(echo.connection, frame, 0, frame.readableBytes()));
                echo.connection.flush();
                frame.release();
            });

            assertThat(client.frame().payload()).isEqualTo(text);
            assertThat(outcome.join()).isEqualTo(OutboundFrames.Outcome.QUEUED);
            client.send(RawClient.text(secret));
            assertThat(client.frame().text()).isEqualTo(secret);
            client.send(RawClient.closing(1000, ""));
            assertThat(client.frame().closeCode()).isEqualTo(1000);
            assertThat(listening.text())
                    .hasSizeGreaterThan(text.length)
                    .doesNotContain(secret)
                    .doesNotContain("HTTP/1.1");
        }
    }

    @Test
    void withoutTlsAFrameStillGoesStraightToTheSocket() throws Exception {
        try (EchoServer plain = new EchoServer(TransportLimits.defaults());
                RawClient client = RawClient.upgraded(plain.port())) {
            await().until(() -> plain.sockets.size() == 1 && plain.sockets.get(0).connection != null);
            WebSocketConnection connection = plain.sockets.get(0).connection;
            CompletableFuture<OutboundFrames.Outcome> outcome = new CompletableFuture<>();
            connection.channel().eventLoop().execute(() -> {
                ByteBuf frame = textFrame("hello".getBytes(UTF_8));
                outcome.complete(OutboundFrames.write(connection, frame, 0, frame.readableBytes()));
                connection.flush();
                frame.release();
            });

            assertThat(client.frame().text()).isEqualTo("hello");
            assertThat(outcome.join())
                    .isEqualTo(
                            plain.transport.isEpoll() ? OutboundFrames.Outcome.WRITTEN : OutboundFrames.Outcome.QUEUED);
        }
    }

    @Test
    void theWatermarksSeeWhatTlsHolds() throws Exception {
        try (RawClient client = upgraded(server.port())) {
            EchoServer.Echo echo = onlySocket();
            CompletableFuture<Integer> taken = new CompletableFuture<>();
            echo.connection.channel().eventLoop().execute(() -> {
                int frames = 0;
                while (echo.connection.isWritable() && frames < 100_000) {
                    echo.connection.write(textFrame(new byte[1000]));
                    frames++;
                }
                taken.complete(frames);
            });

            // Kernel and watermark together hold a few megabytes; without a look at them it were a hundred.
            assertThat(taken.join()).isLessThan(20_000);
            for (int i = 0; i < taken.join(); i++) {
                assertThat(client.frame().payload()).hasSize(1000);
            }
        }
    }

    @Test
    void theEndIsSaidBeforeTheConnectionEnds() throws IOException {
        try (SSLSocket socket = connect(server.port());
                RawClient refused = new RawClient(socket)) {
            assertThat(refused.send("GET / HTTP/1.1\r\n\r\n").answer().status()).isEqualTo(400);
            // An end without TLS's own goodbye is an exception here.
            assertThat(socket.getInputStream().read()).isEqualTo(-1);
        }
        try (SSLSocket socket = connect(server.port());
                RawClient client = new RawClient(socket)) {
            assertThat(client.send(RawClient.UPGRADE).answer().status()).isEqualTo(101);
            byte[] unmasked = {(byte) 0x81, 0x01, 'a'};
            assertThat(client.send(unmasked).closeCode()).isEqualTo(1002);
            client.sendAnyway(RawClient.closing(1002, ""));
            assertThat(socket.getInputStream().read()).isEqualTo(-1);
        }
    }

    @Test
    void plainHttpIsToldInPlainWordsAndAnythingElseNothing() throws IOException {
        try (RawClient client = new RawClient(server.port())) {
            RawClient.Answer answer = client.send(REQUEST).answer();
            assertThat(answer.status()).isEqualTo(400);
            assertThat(answer.text()).contains("TLS").contains("https");
            assertThat(client.ended()).isTrue();
        }
        for (byte[] bytes : new byte[][] {{0}, {1, 2, 3}, {22, 0, 0, 0, 0, 0}, "\r\n".getBytes(UTF_8)}) {
            try (RawClient client = new RawClient(server.port())) {
                assertThat(client.send(bytes).ended()).isTrue();
            }
        }
        assertThat(server.handled).hasValue(0);
    }

    @Test
    void aHandshakeThatDoesNotEndIsEnded() throws IOException {
        try (EchoServer hasty = new EchoServer(HttpAttackTest.quick(), Ingress.DIRECT.over(files));
                RawClient silent = new RawClient(hasty.port());
                RawClient half = new RawClient(hasty.port())) {
            half.send(new byte[] {22, 3, 1, 1, 0, 1});
            assertThat(silent.ended()).isTrue();
            assertThat(half.ended()).isTrue();
            await().until(() -> hasty.transport.connections() == 0);
        }
    }

    @Test
    void manyBrokenHandshakesAreOneLine() throws IOException {
        try (LogLines log = new LogLines()) {
            for (int i = 0; i < 50; i++) {
                try (RawClient client = new RawClient(server.port())) {
                    client.send(new byte[] {22, 3, 3, 0, 4, 99, 0, 0, 0}).ended();
                }
            }
            assertThat(log.with("")).hasSizeLessThan(3);
        }
    }

    private Certificate shownNow() throws IOException {
        try (SSLSocket socket =
                (SSLSocket) trusting.getSocketFactory().createSocket(InetAddress.getLoopbackAddress(), server.port())) {
            socket.startHandshake();
            return socket.getSession().getPeerCertificates()[0];
        }
    }

    @Test
    void aNewCertificateIsTakenUpAndOpenConnectionsStay() throws IOException {
        Certificate before = shownNow();
        try (RawClient open = upgraded(server.port())) {
            put(second);
            files.poll();
            assertThat(shownNow()).as("one look may meet half a change").isEqualTo(before);
            trusting = second.trusting();
            files.poll();

            assertThat(shownNow().getPublicKey().getAlgorithm()).isEqualTo("RSA");
            open.send(RawClient.text("still here"));
            assertThat(open.frame().text()).isEqualTo("still here");
        }
    }

    @Test
    void aPairThatIsWrongChangesNothingAndIsToldOnce() throws IOException {
        Certificate before = shownNow();
        String key = Files.readString(certificate.key());
        try (LogLines log = new LogLines()) {
            for (String broken : new String[] {"", "nonsense", key.substring(0, 60), Files.readString(second.key())}) {
                Files.writeString(certificate.key(), broken);
                files.poll();
                files.poll();
                files.poll();
                assertThat(shownNow()).isEqualTo(before);
            }
            Files.delete(certificate.key());
            files.poll();
            files.poll();
            assertThat(shownNow()).isEqualTo(before);
            assertThat(log.with("certificate stays as it was")).hasSizeBetween(3, 5);
            assertThat(log.with("not a key for the certificate")).hasSizeBetween(1, 2);
            assertThat(log.with("there is no such file")).hasSize(1);

            put(second);
            files.poll();
            files.poll();
            trusting = second.trusting();
            assertThat(shownNow()).isNotEqualTo(before);
        }
    }

    /// The part of a PKCS #8 key that the older forms consist of: what stands in its third element.
    private static byte[] inner(byte[] pkcs8) {
        int at = 1 + lengthBytes(pkcs8, 1);
        for (int skipped = 0; skipped < 2; skipped++) {
            at += 1 + lengthBytes(pkcs8, at + 1) + length(pkcs8, at + 1);
        }
        int from = at + 1 + lengthBytes(pkcs8, at + 1);
        return Arrays.copyOfRange(pkcs8, from, from + length(pkcs8, at + 1));
    }

    private static int lengthBytes(byte[] der, int at) {
        return (der[at] & 0x80) == 0 ? 1 : 1 + (der[at] & 0x7F);
    }

    private static int length(byte[] der, int at) {
        int length = der[at] & 0x7F;
        if ((der[at] & 0x80) != 0) {
            int bytes = length;
            length = 0;
            for (int i = 1; i <= bytes; i++) {
                length = length << 8 | (der[at + i] & 0xFF);
            }
        }
        return length;
    }

    @Test
    void keysAreReadInTheirOlderFormsToo() throws IOException {
        for (TestCertificate one : List.of(first, second)) {
            String algorithm = one.equals(first) ? "EC" : "RSA";
            String base64 = Files.readString(one.key()).replaceAll("-----[^-]+-----|\\s", "");
            Path older = TestCertificate.pem(
                    directory.resolve("older.pem"),
                    algorithm + " PRIVATE KEY",
                    inner(Base64.getDecoder().decode(base64)));

            new TlsFiles(one.certificate(), older).close();
        }
        new TlsFiles(third.certificate(), third.key()).close();
    }

    @Test
    void whatCannotBeUsedIsSaidInOneSentence() throws IOException {
        TestCertificate stranger = TestCertificate.write(Files.createDirectory(directory.resolve("other")), "EC");
        assertThatThrownBy(() -> new TlsFiles(certificate.certificate(), stranger.key()))
                .isInstanceOf(IOException.class)
                .hasMessage(stranger.key() + " is not the key of the certificate in " + certificate.certificate());
        Path missing = directory.resolve("missing.pem");
        assertThatThrownBy(() -> new TlsFiles(missing, certificate.key()))
                .isInstanceOf(IOException.class)
                .hasMessage(missing + ": there is no such file");
        assertThatThrownBy(() -> new TlsFiles(certificate.key(), certificate.key()))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("no certificate in PEM");
        assertThatThrownBy(() -> new TlsFiles(certificate.certificate(), certificate.certificate()))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("no key in PEM");
        Path locked = Files.writeString(
                directory.resolve("locked.pem"),
                "-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----\n");
        assertThatThrownBy(() -> new TlsFiles(certificate.certificate(), locked))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("passphrase");
    }

    @Test
    void oldVersionsAreRefused() throws IOException {
        try (SSLSocket socket = connect(server.port())) {
            socket.setEnabledProtocols(new String[] {"TLSv1.1"});

            assertThatThrownBy(socket::startHandshake).isInstanceOf(SSLException.class);
        }
    }
}
