package io.topicstream.gateway;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;

/// The port to the logs of stages. Thread-safe; does not block.
public interface GatewayLog {
    /// Logs an event as the stage's format says.
    ///
    /// @param line without an end of line
    void access(String apiId, String stage, String line);

    /// Logs what was done with an event.
    ///
    /// @param error whether something went wrong
    /// @param line without an end of line
    void execution(String apiId, String stage, boolean error, String line);

    /// Logs by the loggers `io.topicstream.gateway.access` and `io.topicstream.gateway.execution`.
    static GatewayLog ofSystem() {
        Logger access = System.getLogger("io.topicstream.gateway.access");
        Logger execution = System.getLogger("io.topicstream.gateway.execution");
        return new GatewayLog() {
            @Override
            public void access(String apiId, String stage, String line) {
                access.log(Level.INFO, "access of {0}/{1}: {2}", apiId, stage, line);
            }

            @Override
            public void execution(String apiId, String stage, boolean error, String line) {
                execution.log(error ? Level.WARNING : Level.INFO, "execution of {0}/{1}: {2}", apiId, stage, line);
            }
        };
    }
}
