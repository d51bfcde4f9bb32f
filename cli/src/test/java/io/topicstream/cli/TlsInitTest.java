package io.topicstream.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.topicstream.server.TopicStreamServer;
import io.topicstream.server.config.ServerConfig;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.KeyStore;
import java.security.SecureRandom;
import java.security.cert.CertPathValidator;
import java.security.cert.CertificateFactory;
import java.security.cert.PKIXParameters;
import java.security.cert.TrustAnchor;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// `topicstream tls init`: what it makes is trusted, by whom it is meant for, for what it is meant for.
class TlsInitTest {
    @TempDir
    private Path home;

    private Terminal.Run init(String... more) {
        String[] words = new String[4 + more.length];
        System.arraycopy(new String[] {"tls", "init", "--dir", directory().toString()}, 0, words, 0, 4);
        System.arraycopy(more, 0, words, 4, more.length);
        return new Terminal(Map.of(), home).run(words);
    }

    private Path directory() {
        return home.resolve("tls");
    }

    private X509Certificate read(String name) throws Exception {
        try (InputStream in = Files.newInputStream(directory().resolve(name))) {
            return (X509Certificate) CertificateFactory.getInstance("X.509").generateCertificate(in);
        }
    }

    @Test
    void aServerWithTheCertificateIsTrustedByJava() throws Exception {
        Terminal.Run run = init();
        assertThat(run.exitCode()).as(run.err()).isZero();
        assertThat(run.out())
                .contains("NODE_EXTRA_CA_CERTS=")
                .contains("AWS_CA_BUNDLE=")
                .contains("Go:     export SSL_CERT_FILE=")
                .contains("-Djavax.net.ssl.trustStore=");
        KeyStore store = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(directory().resolve("truststore.p12"))) {
            store.load(in, "changeit".toCharArray());
        }
        TrustManagerFactory trust = TrustManagerFactory.getInstance("PKIX");
        trust.init(store);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, trust.getTrustManagers(), null);
        try (TopicStreamServer server = TopicStreamServer.start(ServerConfig.load(
                                null,
                                Map.of(),
                                Map.of(
                                        "engine",
                                        "memory",
                                        "server.port",
                                        "0",
                                        "event_loops",
                                        "1",
                                        "server.run_dir",
                                        home.resolve("run").toString(),
                                        "server.tls.certificate",
                                        directory().resolve("server.pem").toString(),
                                        "server.tls.key",
                                        directory().resolve("server-key.pem").toString()))
                        .config());
                HttpClient client = HttpClient.newBuilder().sslContext(context).build()) {
            for (String host : List.of("localhost", "127.0.0.1")) {
                HttpResponse<String> answer = client.send(
                        HttpRequest.newBuilder(URI.create("https://" + host + ":"
                                        + server.address().getPort() + "/health"))
                                .build(),
                        HttpResponse.BodyHandlers.ofString());
                assertThat(answer.statusCode()).isEqualTo(200);
            }
        }
    }

    @Test
    void theCertificateHasTheNamesOfTheRegions() throws Exception {
        init("--region", "eu-west-1", "--region", "us-east-1", "--host", "*.example.test");

        assertThat(read("server.pem").getSubjectAlternativeNames())
                .extracting(name -> String.valueOf(name.get(1)))
                .containsExactlyInAnyOrder(
                        "localhost",
                        "*.execute-api.eu-west-1.amazonaws.com",
                        "*.execute-api.us-east-1.amazonaws.com",
                        "*.example.test",
                        "127.0.0.1",
                        "0:0:0:0:0:0:0:1");
    }

    @Test
    void theKeyIsItsOwnersAlone() throws Exception {
        init();

        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(directory())))
                .isEqualTo("rwx------");
        assertThat(PosixFilePermissions.toString(
                        Files.getPosixFilePermissions(directory().resolve("server-key.pem"))))
                .isEqualTo("rw-------");
        try (var files = Files.list(directory())) {
            assertThat(files.map(file -> file.getFileName().toString()))
                    .containsExactlyInAnyOrder(
                            "ca.pem", "ca-bundle.pem", "server.pem", "server-key.pem", "truststore.p12");
        }
    }

    @Test
    void whatIsThereIsReplacedWhenToldAlone() throws Exception {
        init();
        X509Certificate before = read("ca.pem");

        Terminal.Run again = init();
        assertThat(again.exitCode()).isEqualTo(ExitCodes.CONFIGURATION);
        assertThat(again.err()).contains("--force");
        assertThat(read("ca.pem")).isEqualTo(before);

        assertThat(init("--force").exitCode()).isZero();
        assertThat(read("ca.pem")).isNotEqualTo(before);
    }

    @Test
    void aNameThatIsNoneIsRefused() {
        assertThat(init("--host", "a b").exitCode()).isEqualTo(ExitCodes.USAGE);
        assertThat(directory()).doesNotExist();
    }

    @Test
    void theAuthorityIsForItsNamesAlone() throws Exception {
        LocalAuthority made = LocalAuthority.of(
                List.of("localhost", "*.execute-api.us-east-1.amazonaws.com"),
                List.of(InetAddress.ofLiteral("127.0.0.1")),
                Instant.now(),
                new SecureRandom());

        assertThat(made.authority().getCriticalExtensionOIDs()).contains("2.5.29.30", "2.5.29.19", "2.5.29.15");
        assertThat(made.authority().getBasicConstraints()).isZero();
        assertThat(made.server().getBasicConstraints()).isEqualTo(-1);
        PKIXParameters parameters = new PKIXParameters(Set.of(new TrustAnchor(made.authority(), null)));
        parameters.setRevocationEnabled(false);
        // Throws where it is not valid, its names among the reasons.
        assertThat(CertPathValidator.getInstance("PKIX")
                        .validate(
                                CertificateFactory.getInstance("X.509").generateCertPath(List.of(made.server())),
                                parameters))
                .isNotNull();
    }
}
