package io.topicstream.access;

import io.topicstream.log.LogLimit;
import java.net.InetAddress;
import java.time.InstantSource;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;

/// How many wrong credentials came from each address lately.
///
/// They are counted after they were looked at, so a right one is never refused because of others: many callers
/// may share an address. What the count changes is the answer to further wrong ones, and what the log says:
/// a line for the first wrong one, and one for an address that reached the limit, each at most once a minute.
///
/// Counted in windows of one minute that begin with an address's first failure. IPv6 callers are
/// counted by their /64, which is what one customer is given. Holds a bounded number of addresses;
/// past it, the one that failed first is forgotten.
///
/// Thread-safe.
public final class FailedCredentials {
    private static final System.Logger LOG = System.getLogger(FailedCredentials.class.getName());

    /// Wrong credentials from one address in a [#WINDOW_MS], after which further wrong ones are told to wait.
    public static final int DEFAULT_LIMIT = 1000;
    /// The length of a window, in milliseconds.
    public static final long WINDOW_MS = 60_000;

    private static final int MAX_ADDRESSES = 10_000;
    private static final String WRONG = "wrong-credential";
    private static final String TOO_MANY = "too-many-wrong-credentials";

    private final InstantSource clock;
    private final int limit;
    private final int maxAddresses;
    private final LogLimit lines;
    private final LongAdder total = new LongAdder();
    /// In the order in which the windows began. Guarded by this.
    private final LinkedHashMap<SourceAddress, Window> windows = new LinkedHashMap<>();

    public FailedCredentials(InstantSource clock, int limit) {
        this(clock, limit, MAX_ADDRESSES);
    }

    FailedCredentials(InstantSource clock, int limit, int maxAddresses) {
        if (limit < 1) {
            throw new IllegalArgumentException("at least one wrong credential is looked at");
        }
        this.clock = clock;
        this.limit = limit;
        this.maxAddresses = maxAddresses;
        this.lines = new LogLimit(clock);
    }

    /// Counts a wrong credential, and says so in the log.
    ///
    /// @return whether the address had used up its wrong credentials before this one
    public boolean count(InetAddress address) {
        total.increment();
        int failures = add(address);
        if (failures == limit && lines.permits(TOO_MANY)) {
            LOG.log(
                    System.Logger.Level.WARNING,
                    "{0} wrong credentials from {1} within a minute; further wrong ones get 429 until it is over, right"
                            + " ones are let in as before (access.wrong_credentials_per_minute)",
                    Integer.toString(failures),
                    address.getHostAddress());
        } else if (lines.permits(WRONG)) {
            LOG.log(
                    System.Logger.Level.WARNING,
                    "a wrong credential from {0} ({1} from there within a minute; {2} more from everywhere since the last"
                            + " such line)",
                    address.getHostAddress(),
                    Integer.toString(failures),
                    Long.toString(lines.heldBack(WRONG)));
        }
        return failures > limit;
    }

    /// How many there were from everywhere, since the server started.
    public long total() {
        return total.sum();
    }

    private synchronized int add(InetAddress address) {
        long nowMs = clock.millis();
        SourceAddress source = SourceAddress.of(address);
        Window window = windows.get(source);
        if (window == null || !window.isOpen(nowMs)) {
            // Taken out first, so that the order stays that of the windows' beginnings.
            windows.remove(source);
            window = new Window(nowMs);
            windows.put(source, window);
            forgetOldest(nowMs);
        }
        if (window.failures < Integer.MAX_VALUE) {
            window.failures++;
        }
        return window.failures;
    }

    synchronized int size() {
        return windows.size();
    }

    private void forgetOldest(long nowMs) {
        Iterator<Map.Entry<SourceAddress, Window>> oldest = windows.entrySet().iterator();
        while (oldest.hasNext()) {
            boolean open = oldest.next().getValue().isOpen(nowMs);
            if (open && windows.size() <= maxAddresses) {
                return;
            }
            oldest.remove();
        }
    }

    private static final class Window {
        final long beganMs;
        int failures;

        Window(long beganMs) {
            this.beganMs = beganMs;
        }

        /// A clock that was set back ends the window too, or it would stay open for as long.
        boolean isOpen(long nowMs) {
            return nowMs >= beganMs && nowMs - beganMs < WINDOW_MS;
        }
    }
}
