package io.topicstream.gateway.http;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import io.topicstream.testkit.TestCertificate;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.spec.PKCS8EncodedKeySpec;
import java.time.Duration;
import java.util.Base64;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLHandshakeException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// A server over TLS whose certificate is for `api.example.com` and `*.rooms.example`, at the address 127.0.0.1.
final class ServerNameTest {
    private static HttpsServer server;
    private static HttpCaller caller;

    @BeforeAll
    static void serve(@TempDir Path directory) throws Exception {
        TestCertificate files = TestCertificate.write(directory, "EC", "dns:api.example.com,dns:*.rooms.example");
        Certificate certificate;
        try (InputStream in = Files.newInputStream(files.certificate())) {
            certificate = CertificateFactory.getInstance("X.509").generateCertificate(in);
        }
        String pem = Files.readString(files.key()).replaceAll("-----[^-]*-----|\\s", "");
        PrivateKey key = KeyFactory.getInstance("EC")
                .generatePrivate(new PKCS8EncodedKeySpec(Base64.getDecoder().decode(pem)));
        KeyStore own = KeyStore.getInstance("PKCS12");
        own.load(null, null);
        own.setKeyEntry("it", key, new char[0], new Certificate[] {certificate});
        KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        keys.init(own, new char[0]);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(keys.getKeyManagers(), null, null);
        server = HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setHttpsConfigurator(new HttpsConfigurator(context));
        server.createContext("/", exchange -> {
            exchange.sendResponseHeaders(200, 2);
            exchange.getResponseBody().write("ok".getBytes(UTF_8));
            exchange.close();
        });
        server.start();
        KeyStore authorities = KeyStore.getInstance("PKCS12");
        authorities.load(null, null);
        authorities.setCertificateEntry("it", certificate);
        caller = new HttpCaller(new CallBounds(HttpCallLimits.DEFAULT), authorities);
    }

    @AfterAll
    static void stop() {
        caller.close();
        server.stop(0);
    }

    @ParameterizedTest
    @CsvSource({
        "api.example.com,true",
        "API.Example.com,true",
        "one.rooms.example,true",
        "a.one.rooms.example,false",
        "rooms.example,false",
        "example.com,false",
        "other.example,false",
        "127.0.0.1,false"
    })
    void theCertificateMustShowTheGivenName(String name, boolean shown) throws Exception {
        if (shown) {
            assertThat(call(caller, name).status()).isEqualTo(200);
        } else {
            assertThatThrownBy(() -> call(caller, name))
                    .hasCauseInstanceOf(SSLHandshakeException.class)
                    .hasMessageContaining("The certificate is not for " + name);
        }
    }

    @Test
    void withoutANameItMustShowTheAddress() {
        assertThatThrownBy(() -> call(caller, null)).hasCauseInstanceOf(SSLHandshakeException.class);
    }

    @Test
    void aNameDoesNotMakeAStrangerTrusted() {
        try (HttpCaller others = new HttpCaller(new CallBounds(HttpCallLimits.DEFAULT))) {
            assertThatThrownBy(() -> call(others, "api.example.com")).hasCauseInstanceOf(SSLHandshakeException.class);
        }
    }

    private static HttpAnswer call(HttpCaller by, @Nullable String name)
            throws ExecutionException, InterruptedException {
        HttpCall request = new HttpCall(
                "GET", URI.create("https://127.0.0.1:" + server.getAddress().getPort() + "/"), Map.of());
        return by.prepare(request, "server", name, Duration.ofSeconds(20))
                .send(Map.of(), new byte[0])
                .get();
    }
}
