package io.topicstream.server;

import io.topicstream.http.Routes;
import io.topicstream.server.config.ServerConfig;
import io.topicstream.server.config.section.TlsSection;
import io.topicstream.server.websocket.StageDefinition;
import io.topicstream.tokens.JwtTokens;
import io.topicstream.transport.TlsFiles;
import java.io.IOException;
import java.time.InstantSource;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What must be right in a configuration for a server to start, beyond what its settings say one by one.
final class StartChecks {
    private StartChecks() {}

    static @Nullable TlsFiles openTls(ServerConfig config) throws StartException {
        TlsSection wanted = config.tls();
        if (wanted == null) {
            return null;
        }
        try {
            return new TlsFiles(wanted.certificate(), wanted.key());
        } catch (IOException e) {
            throw new StartException(StartException.Cause.REFUSED, "server.tls: " + e.getMessage(), e);
        }
    }

    static JwtTokens openJwt(ServerConfig config, InstantSource clock) throws StartException {
        try {
            return JwtTokens.open(config.access().jwt(), clock);
        } catch (IOException e) {
            throw new StartException(StartException.Cause.REFUSED, String.valueOf(e.getMessage()), e);
        }
    }

    static void requireOwnPaths(ServerConfig config, Routes routes) throws StartException {
        for (StageDefinition stage : config.stages()) {
            if (!stage.segment().isEmpty() && routes.isPath(List.of(stage.segment()))) {
                throw new StartException(
                        StartException.Cause.REFUSED,
                        "stages: the path " + stage.path() + " belongs to the HTTP API; a stage needs one of its own");
            }
        }
    }

    static void requireKnownCallers(ServerConfig config, boolean isAnyKey) throws StartException {
        String refusal = config.remoteRefusal(isAnyKey);
        if (refusal != null) {
            throw new StartException(StartException.Cause.REFUSED, refusal);
        }
    }
}
