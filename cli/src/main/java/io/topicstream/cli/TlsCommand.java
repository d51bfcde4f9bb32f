package io.topicstream.cli;

import io.topicstream.gateway.definition.DefinitionException;
import io.topicstream.gateway.definition.Definitions;
import io.topicstream.gateway.model.Api;
import io.topicstream.gateway.model.Definition;
import io.topicstream.gateway.model.DomainMapping;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/// `topicstream tls`: certificates for a server on this machine.
@Command(
        name = "tls",
        description = "Make certificates for a server on this machine.",
        mixinStandardHelpOptions = true,
        versionProvider = Main.Version.class)
final class TlsCommand implements Runnable {
    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public void run() {
        spec.commandLine().usage(spec.commandLine().getOut());
    }

    /// `topicstream tls init`: makes an authority, the certificate of a server, and what clients trust it by.
    @Command(
            name = "init",
            description =
                    "Make a private certificate authority and a certificate for localhost and for the names of API"
                            + " Gateway, and say how Node, Python, Go and Java trust it.",
            mixinStandardHelpOptions = true,
            versionProvider = Main.Version.class,
            footer = {
                "",
                "The authority's key is not kept: nothing else can ever be signed by it. To renew, make all anew."
            })
    static final class Init implements Runnable {
        private static final char[] PASSWORD = "changeit".toCharArray();

        private final Surroundings surroundings;

        @Option(names = "--dir", paramLabel = "DIR", description = "Where the files go; topicstream-tls by default.")
        private Path directory = Path.of("topicstream-tls");

        @Option(
                names = "--region",
                paramLabel = "REGION",
                description =
                        "A region whose names *.execute-api.REGION.amazonaws.com are served; us-east-1 by default.")
        private List<String> regions = new ArrayList<>();

        @Option(names = "--host", paramLabel = "NAME", description = "A further name, which may begin with *.")
        private List<String> hosts = new ArrayList<>();

        @Option(names = "--template", paramLabel = "FILE", description = "A template whose domains are served too.")
        private @Nullable Path template;

        @Option(names = "--force", description = "Replace the files of before.")
        private boolean force;

        Init(Surroundings surroundings) {
            this.surroundings = surroundings;
        }

        @Override
        public void run() {
            List<String> names = names();
            LocalAuthority made = LocalAuthority.of(
                    names,
                    List.of(InetAddress.ofLiteral("127.0.0.1"), InetAddress.ofLiteral("::1")),
                    Instant.now(),
                    new SecureRandom());
            try {
                List<X509Certificate> trusted = new ArrayList<>(List.of(made.authority()));
                trusted.addAll(trustedByJava());
                Files.createDirectories(directory, permissions("rwx------"));
                // The key first: where that is refused nothing else has changed.
                write("server-key.pem", pem("PRIVATE KEY", made.serverKey().getEncoded()), "rw-------");
                write("server.pem", pem(made.server()), "rw-r--r--");
                write("ca.pem", pem(made.authority()), "rw-r--r--");
                StringBuilder bundle = new StringBuilder();
                for (X509Certificate one : trusted) {
                    bundle.append(new String(pem(one), StandardCharsets.US_ASCII));
                }
                write("ca-bundle.pem", bundle.toString().getBytes(StandardCharsets.US_ASCII), "rw-r--r--");
                write("truststore.p12", keyStore(trusted), "rw-r--r--");
            } catch (IOException e) {
                throw new CommandFailure(
                        ExitCodes.DATA, "the files cannot be written to " + directory + ": " + e.getMessage());
            } catch (GeneralSecurityException e) {
                throw new CommandFailure(ExitCodes.FAULT, "certificates cannot be made here: " + e.getMessage());
            }
            say(names, made);
        }

        private List<String> names() {
            Set<String> all = new LinkedHashSet<>(List.of("localhost"));
            for (String region : regions.isEmpty() ? List.of("us-east-1") : regions) {
                all.add("*.execute-api." + region + ".amazonaws.com");
            }
            Path file = template;
            if (file != null) {
                Definition definition = read(file);
                for (Api api : definition.apis()) {
                    all.add(api.id() + ".localhost");
                    api.mappings().stream().map(DomainMapping::domain).forEach(all::add);
                }
            }
            all.addAll(hosts);
            for (String name : all) {
                if (!name.matches("(\\*\\.)?([A-Za-z0-9_-]{1,63}\\.)*[A-Za-z0-9_-]{1,63}") || name.length() > 253) {
                    throw new CommandFailure(ExitCodes.USAGE, "'" + name + "' is not a host's name");
                }
            }
            return all.stream()
                    .map(name -> name.toLowerCase(Locale.ROOT))
                    .distinct()
                    .toList();
        }

        private static Definition read(Path file) {
            try {
                return Definitions.read(file, Map.of());
            } catch (DefinitionException e) {
                throw new CommandFailure(ExitCodes.CONFIGURATION, String.valueOf(e.getMessage()));
            }
        }

        /// A file of before stays unless it is to be replaced; it is never written into, since others may read it.
        private void write(String name, byte[] content, String permissions) throws IOException {
            Path file = directory.resolve(name);
            if (Files.exists(file) && !force) {
                throw new CommandFailure(
                        ExitCodes.CONFIGURATION,
                        file + " is there already; --force replaces it, and then it must be trusted anew");
            }
            Path fresh = directory.resolve(name + ".new");
            Files.deleteIfExists(fresh);
            Files.createFile(fresh, permissions(permissions));
            Files.write(fresh, content, StandardOpenOption.WRITE);
            var _ = Files.move(fresh, file, StandardCopyOption.REPLACE_EXISTING);
        }

        private static FileAttribute<?>[] permissions(String text) {
            return Path.of("").getFileSystem().supportedFileAttributeViews().contains("posix")
                    ? new FileAttribute<?>[] {
                        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(text))
                    }
                    : new FileAttribute<?>[0];
        }

        private static byte[] pem(X509Certificate certificate) throws GeneralSecurityException {
            return pem("CERTIFICATE", certificate.getEncoded());
        }

        private static byte[] pem(String kind, byte[] encoded) {
            return ("-----BEGIN " + kind + "-----\n"
                            + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(encoded) + "\n-----END "
                            + kind
                            + "-----\n")
                    .getBytes(StandardCharsets.US_ASCII);
        }

        /// Whom this Java trusts by itself: a client that trusts our authority alone could not reach AWS.
        private static List<X509Certificate> trustedByJava() throws GeneralSecurityException {
            TrustManagerFactory factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            factory.init((KeyStore) null);
            for (TrustManager manager : factory.getTrustManagers()) {
                if (manager instanceof X509TrustManager x509) {
                    return List.of(x509.getAcceptedIssuers());
                }
            }
            return List.of();
        }

        private static byte[] keyStore(List<X509Certificate> trusted) throws GeneralSecurityException, IOException {
            KeyStore store = KeyStore.getInstance("PKCS12");
            store.load(null, PASSWORD);
            for (int i = 0; i < trusted.size(); i++) {
                store.setCertificateEntry("trusted-" + i, trusted.get(i));
            }
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            store.store(out, PASSWORD);
            return out.toByteArray();
        }

        private void say(List<String> names, LocalAuthority made) {
            Path at = directory.toAbsolutePath().normalize();
            List.of(
                            "made for " + String.join(", ", names) + ", 127.0.0.1 and ::1; valid until "
                                    + made.server().getNotAfter().toInstant(),
                            "server: --set server.tls.certificate=" + at.resolve("server.pem")
                                    + " --set server.tls.key=" + at.resolve("server-key.pem"),
                            "Node:   export NODE_EXTRA_CA_CERTS=" + at.resolve("ca.pem"),
                            "Python: export AWS_CA_BUNDLE=" + at.resolve("ca-bundle.pem") + " SSL_CERT_FILE="
                                    + at.resolve("ca-bundle.pem") + " REQUESTS_CA_BUNDLE="
                                    + at.resolve("ca-bundle.pem"),
                            "Go:     export SSL_CERT_FILE=" + at.resolve("ca-bundle.pem"),
                            "Java:   -Djavax.net.ssl.trustStore=" + at.resolve("truststore.p12")
                                    + " -Djavax.net.ssl.trustStorePassword=" + new String(PASSWORD))
                    .forEach(line -> surroundings.out().println(line));
        }
    }
}
