package io.topicstream.server.http;

import io.topicstream.log.LogLimit;
import io.topicstream.protocol.ErrorCode;
import io.topicstream.server.door.HeadCredentials;
import io.topicstream.server.logging.AccessRecord;
import io.topicstream.transport.AnswerObserver;
import io.topicstream.transport.RequestHead;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Supplier;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;

/// What comes and how it is answered: counted for `/metrics`, the refusals of WebSockets and connections said in the
/// log at most once a minute and kind, and each request in the access log if that is on. Thread-safe; one for all
/// doors of a server.
public final class Traffic implements AnswerObserver {
    private static final System.Logger LOG = System.getLogger(Traffic.class.getName());
    private static final Logger ACCESS = Logger.getLogger(AccessRecord.LOGGER);
    private static final String NOTHING = "-";
    private static final int CLASSES = 6;

    private final ErrorCounts errors;
    private final LogLimit limit;
    private final boolean writesAccess;
    private final LongAdder[] byClass = new LongAdder[CLASSES];
    /// Has every code, and is only read once it is made.
    private final Map<ErrorCode, LongAdder> refusedUpgrades = new EnumMap<>(ErrorCode.class);
    private final LongAdder refusedByTotal = new LongAdder();
    private final LongAdder refusedByAddress = new LongAdder();
    private final LongAdder wrongAdminTokens = new LongAdder();

    /// @param limit what holds back lines that clients cause
    /// @param writesAccess whether each request gets a line
    public Traffic(ErrorCounts errors, LogLimit limit, boolean writesAccess) {
        this.errors = errors;
        this.limit = limit;
        this.writesAccess = writesAccess;
        for (int i = 0; i < CLASSES; i++) {
            byClass[i] = new LongAdder();
        }
        for (ErrorCode code : ErrorCode.values()) {
            refusedUpgrades.put(code, new LongAdder());
        }
    }

    // ---- figures

    /// Answers whose status begins with this digit, 1 to 5.
    long answered(int firstDigit) {
        return byClass[firstDigit].sum();
    }

    /// WebSockets that were refused with this error.
    long refusedUpgrades(ErrorCode code) {
        return Objects.requireNonNull(refusedUpgrades.get(code)).sum();
    }

    /// Connections turned away because there were too many in all.
    long refusedByTotal() {
        return refusedByTotal.sum();
    }

    /// Connections turned away because there were too many from their address.
    long refusedByAddress() {
        return refusedByAddress.sum();
    }

    /// Bearer tokens shown on the administrator's routes that are not the administrator's.
    long wrongAdminTokens() {
        return wrongAdminTokens.sum();
    }

    // ---- what is seen

    /// The administrator's routes were asked for with another bearer token than the administrator's.
    public void onWrongAdminToken() {
        wrongAdminTokens.increment();
    }

    @Override
    public boolean isTimed() {
        return writesAccess;
    }

    @Override
    public void onAnswered(RequestHead head, @Nullable String user, int status, long bytes, long ns) {
        byClass[status / 100].increment();
        access(head, head.remoteAddress(), user, status, 0, bytes, ns);
    }

    @Override
    public void onRefused(
            @Nullable RequestHead head, SocketAddress remote, int status, String code, String text, long bytes) {
        byClass[status / 100].increment();
        errors.count(code);
        access(head, remote, null, status, 0, bytes, 0);
    }

    @Override
    public void onUpgraded(RequestHead head, @Nullable String user, long ns) {
        byClass[1].increment();
        access(head, head.remoteAddress(), user, 101, 0, 0, ns);
    }

    @Override
    public void onUpgradeRefused(
            RequestHead head, int status, int closeCode, @Nullable String code, String text, long bytes, long ns) {
        int answered = closeCode == 0 ? status : 101;
        byClass[answered / 100].increment();
        if (code != null) {
            countRefusedUpgrade(code);
        }
        access(head, head.remoteAddress(), null, answered, closeCode, bytes, ns);
        int told = closeCode == 0 ? status : closeCode;
        say(
                "upgrade-refused-" + (code == null ? told : code),
                System.Logger.Level.INFO,
                () -> "a WebSocket of " + addressOf(head, head.remoteAddress()) + " was refused with " + told
                        + (text.isEmpty() ? "" : ": " + text));
    }

    private void countRefusedUpgrade(String code) {
        errors.count(code);
        ErrorCode known = ErrorCode.ofWireName(code);
        if (known != null) {
            Objects.requireNonNull(refusedUpgrades.get(known)).increment();
        }
    }

    @Override
    public void onConnectionRefused(@Nullable SocketAddress remote, int status) {
        byClass[status / 100].increment();
        boolean perAddress = status == 429;
        errors.count(perAddress ? ErrorCode.RATE_LIMITED : ErrorCode.OVERLOADED);
        (perAddress ? refusedByAddress : refusedByTotal).increment();
        access(null, remote, null, status, 0, 0, 0);
        say(
                perAddress ? "connections-of-address" : "connections-in-all",
                System.Logger.Level.WARNING,
                () -> "a connection from " + addressOf(null, remote) + " was turned away: "
                        + (perAddress
                                ? "there are too many from its address (limits.connections.per_address)"
                                : "there are too many (limits.connections.total)"));
    }

    // ---- lines

    private void say(String kind, System.Logger.Level level, Supplier<String> line) {
        if (limit.permits(kind)) {
            long held = limit.heldBack(kind);
            LOG.log(
                    level,
                    held == 0 ? line.get() : line.get() + "; " + held + " more like it since the last such line");
        }
    }

    private void access(
            @Nullable RequestHead head,
            @Nullable SocketAddress remote,
            @Nullable String user,
            int status,
            int closeCode,
            long bytes,
            long ns) {
        if (writesAccess) {
            ACCESS.log(new AccessRecord(
                    addressOf(head, remote),
                    user,
                    head == null || head.method().isEmpty() ? NOTHING : head.method(),
                    head == null || head.rawPath().equals("*") ? NOTHING : head.rawPath(),
                    status,
                    closeCode,
                    bytes,
                    ns / 1000));
        }
    }

    private static String addressOf(@Nullable RequestHead head, @Nullable SocketAddress remote) {
        if (head != null) {
            return HeadCredentials.address(head).getHostAddress();
        }
        return remote instanceof InetSocketAddress socket && socket.getAddress() != null
                ? socket.getAddress().getHostAddress()
                : NOTHING;
    }
}
