package io.topicstream.door;

import io.topicstream.log.LogLimit;
import java.time.InstantSource;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/// Tells the log of hosts and origins that are refused, with the setting that would let them in: each once, and past
/// [#MOST_NAMES] of them one a minute. Thread-safe.
public final class RefusedNames {
    static final int MOST_NAMES = 50;

    private static final System.Logger LOG = System.getLogger(RefusedNames.class.getName());
    private static final int MOST_CHARACTERS = 100;

    private final Set<String> told = ConcurrentHashMap.newKeySet();
    private final LogLimit lines;

    public RefusedNames(InstantSource clock) {
        this.lines = new LogLimit(clock);
    }

    /// Tells of a host that is not served.
    public void host(String host) {
        if (isNew("refused-host", host)) {
            LOG.log(
                    System.Logger.Level.WARNING,
                    "a request for the host ''{0}'' is refused (421); server.allowed_hosts lists those that are served",
                    shown(host));
        }
    }

    /// Tells of a page that may not call without a credential.
    ///
    /// @param host where it called, or null
    public void origins(List<String> origins, @Nullable String host) {
        String all = String.join(", ", origins);
        if (isNew("refused-origin", all)) {
            LOG.log(
                    System.Logger.Level.WARNING,
                    "a page of the origin ''{0}'' that calls the host ''{1}'' is refused (403); server.allowed_origins"
                            + " lists those that may call without a credential",
                    shown(all),
                    shown(String.valueOf(host)));
        }
    }

    private boolean isNew(String kind, String name) {
        String key = kind + name.substring(0, Math.min(name.length(), MOST_CHARACTERS));
        if (told.contains(key)) {
            return false;
        }
        return told.size() < MOST_NAMES ? told.add(key) : lines.permits(kind);
    }

    private static String shown(String name) {
        StringBuilder shown = new StringBuilder();
        for (int i = 0; i < Math.min(name.length(), MOST_CHARACTERS); i++) {
            char c = name.charAt(i);
            shown.append(c >= ' ' && c < 0x7F ? c : '?');
        }
        return name.length() > MOST_CHARACTERS ? shown.append('…').toString() : shown.toString();
    }
}
