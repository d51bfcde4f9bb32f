package io.topicstream.transport;

import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.ssl.ApplicationProtocolConfig;
import io.netty.handler.ssl.ApplicationProtocolNames;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslProvider;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;

/// The certificate and the key of a port, read from two files and again whenever they change. Connections keep what
/// they began with; new ones get the newest pair that was right.
///
/// The two files are written one after the other, so a change is taken up when a second look finds the same as the
/// first. A pair that is wrong changes nothing but the log.
///
/// [#poll] and [#close] belong to one thread at a time; the rest may be called from any.
public final class TlsFiles implements AutoCloseable {
    static {
        // Else any client of TLS 1.2 may begin new handshakes on an open connection, as often as it likes.
        if (System.getProperty("jdk.tls.rejectClientInitiatedRenegotiation") == null) {
            System.setProperty("jdk.tls.rejectClientInitiatedRenegotiation", "true");
        }
    }

    private static final System.Logger LOG = System.getLogger(TlsFiles.class.getName());
    private static final Duration PERIOD = Duration.ofSeconds(1);
    private static final long MOST_BYTES = 1 << 20;

    private final Path certificate;
    private final Path key;
    private volatile SslContext context;
    private Pair used;
    private Pair seen;
    private String problem = "";
    private Thread watcher = Thread.ofVirtual().unstarted(() -> {});

    /// Reads the pair.
    ///
    /// @param certificate the file with the certificate, and those of the issuers between it and the root, in PEM
    /// @param key the file with its key, in PEM, without a passphrase
    /// @throws IOException with a sentence for the operator
    public TlsFiles(Path certificate, Path key) throws IOException {
        this.certificate = certificate;
        this.key = key;
        this.used = read();
        this.seen = used;
        this.context = context(used);
    }

    /// Looks at the files about once a second, until it is closed.
    public void watch() {
        watcher = Thread.ofVirtual().name("tls-files").start(() -> {
            try {
                while (true) {
                    Thread.sleep(PERIOD);
                    poll();
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
    }

    @Override
    public void close() {
        watcher.interrupt();
    }

    /// Looks whether the files changed, and takes them up if they have settled.
    void poll() {
        try {
            Pair now = read();
            boolean settled = now.equals(seen);
            seen = now;
            if (settled && !now.equals(used)) {
                context = context(now);
                used = now;
                problem = "";
                LOG.log(System.Logger.Level.INFO, "new connections get the new certificate of {0}", certificate);
            }
        } catch (IOException e) {
            tell(String.valueOf(e.getMessage()));
        }
    }

    private void tell(String text) {
        if (!text.equals(problem)) {
            problem = text;
            LOG.log(System.Logger.Level.WARNING, "the certificate stays as it was: {0}", text);
        }
    }

    /// TLS for one connection.
    SslHandler newHandler(ByteBufAllocator allocator) {
        return context.newHandler(allocator);
    }

    private Pair read() throws IOException {
        return new Pair(content(certificate), content(key));
    }

    private static byte[] content(Path file) throws IOException {
        try {
            if (Files.size(file) > MOST_BYTES) {
                throw new IOException(file + " is too large for a certificate or a key");
            }
            return Files.readAllBytes(file);
        } catch (java.nio.file.NoSuchFileException e) {
            throw new IOException(file + ": there is no such file", e);
        } catch (java.nio.file.AccessDeniedException e) {
            throw new IOException(file + ": this user may not read it", e);
        }
    }

    private SslContext context(Pair pair) throws IOException {
        List<X509Certificate> chain = Pem.certificates(pair.certificate, certificate);
        PrivateKey secret = Pem.privateKey(pair.key, chain.getFirst().getPublicKey(), key);
        try {
            if (!Pem.belongTogether(chain.getFirst().getPublicKey(), secret)) {
                throw new IOException(key + " is not the key of the certificate in " + certificate);
            }
            return SslContextBuilder.forServer(secret, chain)
                    .sslProvider(SslProvider.JDK)
                    .protocols("TLSv1.3", "TLSv1.2")
                    .applicationProtocolConfig(new ApplicationProtocolConfig(
                            ApplicationProtocolConfig.Protocol.ALPN,
                            ApplicationProtocolConfig.SelectorFailureBehavior.NO_ADVERTISE,
                            ApplicationProtocolConfig.SelectedListenerFailureBehavior.ACCEPT,
                            ApplicationProtocolNames.HTTP_1_1))
                    .build();
        } catch (GeneralSecurityException e) {
            throw new IOException(key + " and " + certificate + " cannot be used: " + e.getMessage(), e);
        }
    }

    /// The contents of both files. Owns its arrays.
    private record Pair(byte[] certificate, byte[] key) {
        @Override
        public boolean equals(Object other) {
            return other instanceof Pair that
                    && Arrays.equals(certificate, that.certificate)
                    && Arrays.equals(key, that.key);
        }

        @Override
        public int hashCode() {
            return 31 * Arrays.hashCode(certificate) + Arrays.hashCode(key);
        }
    }
}
