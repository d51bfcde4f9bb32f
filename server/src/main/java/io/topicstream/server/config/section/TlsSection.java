package io.topicstream.server.config.section;

import io.topicstream.settings.Kind;
import io.topicstream.settings.Rows;
import io.topicstream.settings.Setting;
import io.topicstream.settings.Values;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// How connections are encrypted. Certificate and key are given together; the port is another than `server.port`.
///
/// @param port a second one, 0 takes a free one; null: the only port speaks TLS
public record TlsSection(
        Path certificate, Path key, @Nullable Integer port) {
    public static final Rows ROWS = new Rows();

    static final Setting<List<Path>> CERTIFICATE = ROWS.add(
            "server.tls.certificate",
            Kind.pathOrNone(),
            List.of(),
            "The certificate and its issuers, in PEM; with it and the key the server speaks TLS. Read again on change");
    static final Setting<List<Path>> KEY = ROWS.add(
            "server.tls.key", Kind.pathOrNone(), List.of(), "The key of the certificate, in PEM, without a passphrase");
    static final Setting<List<Integer>> PORT = ROWS.add(
            "server.tls.port",
            Kind.orNone(Kind.number(0, 65535)),
            List.of(),
            "A second port, for TLS; 0 takes a free one. Without it server.port speaks TLS, and nothing else");

    /// What the settings say; null: connections are not encrypted.
    public static @Nullable TlsSection of(Values values) {
        @Nullable Path certificate = values.orNull(CERTIFICATE);
        @Nullable Path key = values.orNull(KEY);
        return certificate == null || key == null ? null : new TlsSection(certificate, key, values.orNull(PORT));
    }
}
