package io.topicstream.server.logging;

import java.util.Locale;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import org.jspecify.annotations.Nullable;

/// A line of the access log: one request or upgrade, and how it was answered. Never the query of a path, nor a header
/// field: credentials may stand there.
public final class AccessRecord extends LogRecord {
    private static final long serialVersionUID = 1L;

    /// The logger that these go to.
    public static final String LOGGER = "io.topicstream.access";

    private final String address;
    private final @Nullable String user;
    private final String method;
    private final String path;
    private final int status;
    private final int closeCode;
    private final long bytes;
    private final long micros;

    /// @param address of the client
    /// @param user who it is, or null where that is not known
    /// @param method and `path` are `-` where the request could not be read
    /// @param path as it came, without the query
    /// @param status of the answer; 101 where it became a WebSocket
    /// @param closeCode of an upgrade that was accepted to be refused in words, or 0
    /// @param bytes of the answer, its head included; 0 where the connection became a WebSocket
    /// @param micros from the end of the request to the answer
    public AccessRecord(
            String address,
            @Nullable String user,
            String method,
            String path,
            int status,
            int closeCode,
            long bytes,
            long micros) {
        super(Level.INFO, null);
        this.address = address;
        this.user = user;
        this.method = method;
        this.path = path;
        this.status = status;
        this.closeCode = closeCode;
        this.bytes = bytes;
        this.micros = micros;
        setLoggerName(LOGGER);
        setSourceClassName(LOGGER);
    }

    /// The line without its time, for people and for handlers that know nothing of it.
    @Override
    public String getMessage() {
        return address + " " + (user == null ? "-" : user) + " " + method + " " + path + " " + status
                + (closeCode == 0 ? "" : "/" + closeCode) + " " + bytes + " " + millis() + "ms";
    }

    void writeJson(JsonLine line) {
        line.text("address", address).text("user", user).text("method", method).text("path", path);
        line.number("status", status);
        if (closeCode != 0) {
            line.number("close_code", closeCode);
        }
        line.number("bytes", bytes).raw("ms", millis());
    }

    private String millis() {
        return micros / 1000 + String.format(Locale.ROOT, ".%03d", micros % 1000);
    }
}
