package io.topicstream.conformance;

import io.topicstream.server.TopicStreamServer;
import io.topicstream.server.config.ServerConfig;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ProxySelector;
import java.net.http.HttpClient;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/// A server with one API over TLS, by the certificate of `topicstream tls init`, and a proxy by which every name is
/// its own. Callbacks must be signed.
///
/// The API answers a message with the connection's id, the domain name and the stage, as its back end would learn
/// them from the event.
final class ServedApi implements AutoCloseable {
    static final String API = "a1b2c3d4e5";
    static final String REGION = "us-east-1";
    static final Call.Key KEY = new Call.Key("AKIAMAYALL", "the/secret+of=who");
    static final Call.Key POSTER = new Call.Key("AKIAMAYPOST", "another-secret");

    private static final String KEYS = """
            [{id: AKIAMAYALL, secret: "the/secret+of=who"},
             {id: AKIAMAYPOST, secret: another-secret, name: poster, allow:
               [{action: "execute-api:ManageConnections", resource: "arn:aws:execute-api:*:*:*/dev/POST/*"}]}]
            """;

    final Path authority;
    final TopicStreamServer server;
    final Tunnel tunnel;

    private ServedApi(Path authority, TopicStreamServer server, Tunnel tunnel) {
        this.authority = authority;
        this.server = server;
        this.tunnel = tunnel;
    }

    /// Starts one.
    ///
    /// @param directory for its files
    /// @param more settings, by their names
    static ServedApi start(Path directory, Map<String, String> more) throws Exception {
        Path authority = directory.resolve("tls");
        tlsInit(directory, authority);
        return start(directory, authority, more);
    }

    /// Starts one whose certificate is there already.
    static ServedApi start(Path directory, Path authority, Map<String, String> more) throws Exception {
        Path definition = Files.writeString(directory.resolve("api.yaml"), """
                api: chat
                id: %s
                stage: dev
                routes:
                  $default: {mock: '$context.connectionId $context.domainName $context.stage'}
                """.formatted(API));
        Map<String, String> settings = new HashMap<>(Map.of(
                "engine",
                "memory",
                "event_loops",
                "2",
                "server.port",
                "0",
                "server.tls.port",
                "0",
                "server.run_dir",
                directory.resolve("run").toString(),
                "server.tls.certificate",
                authority.resolve("server.pem").toString(),
                "server.tls.key",
                authority.resolve("server-key.pem").toString(),
                "gateway.definition",
                definition.toString(),
                "gateway.signatures",
                "verify",
                "gateway.keys",
                KEYS));
        settings.putAll(more);
        TopicStreamServer server = TopicStreamServer.start(
                ServerConfig.load(null, Map.of(), settings).config());
        try {
            return new ServedApi(authority, server, new Tunnel(tlsPort(server)));
        } catch (IOException e) {
            server.close();
            throw e;
        }
    }

    private static void tlsInit(Path directory, Path authority) throws Exception {
        Path log = directory.resolve("tls-init.log");
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        Sdk.classPath(),
                        "io.topicstream.cli.Main",
                        "tls",
                        "init",
                        "--dir",
                        authority.toString(),
                        "--region",
                        REGION)
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        if (!process.waitFor(60, TimeUnit.SECONDS) || process.exitValue() != 0) {
            process.destroyForcibly();
            throw new AssertionError("tls init did not end well: " + Files.readString(log));
        }
    }

    private static int tlsPort(TopicStreamServer server) {
        return Objects.requireNonNull(server.tlsAddress()).getPort();
    }

    int tlsPort() {
        return tlsPort(server);
    }

    Sdk.Site site() {
        return new Sdk.Site(authority, tlsPort(), tunnel.port());
    }

    /// The endpoint of a stage by the host's own name.
    String localEndpoint(String stage) {
        return "https://localhost:" + tlsPort() + "/" + stage;
    }

    /// The endpoint of a stage by the name that it would have on AWS.
    static String awsEndpoint(String stage) {
        return "https://" + awsHost() + "/" + stage;
    }

    static String awsHost() {
        return API + ".execute-api." + REGION + ".amazonaws.com";
    }

    /// A client that trusts the authority, and reaches the server by every name.
    HttpClient http() throws Exception {
        KeyStore store = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(authority.resolve("truststore.p12"))) {
            store.load(in, "changeit".toCharArray());
        }
        TrustManagerFactory trust = TrustManagerFactory.getInstance("PKIX");
        trust.init(store);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, trust.getTrustManagers(), null);
        return HttpClient.newBuilder()
                .sslContext(context)
                .proxy(ProxySelector.of(new InetSocketAddress(InetAddress.getLoopbackAddress(), tunnel.port())))
                .build();
    }

    @Override
    public void close() {
        tunnel.close();
        server.close();
    }
}
