package io.topicstream.events;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/// Where the sinks of administrators may be: at public addresses, and at those that the configuration
/// lists. A name is looked up before each post, right before the client connects, and all its addresses
/// must be such. Java keeps the answer for longer than that takes. Thread-safe; does not block.
public final class Destinations implements AutoCloseable {
    private static final int MAX_THREADS = 4;
    private static final int MAX_WAITING = 1_000;

    private final Set<String> hosts;
    private final Predicate<InetAddress> listed;
    private final Asking asking;
    private final ThreadPoolExecutor threads;

    /// Looks a name up, and waits.
    public interface Asking {
        InetAddress[] ask(String name) throws UnknownHostException;
    }

    /// @param hosts names, in lower case, whose addresses may be any
    /// @param listed addresses that are allowed though they are not public
    public Destinations(Set<String> hosts, Predicate<InetAddress> listed, Asking asking) {
        this.hosts = Set.copyOf(hosts);
        this.listed = listed;
        this.asking = asking;
        this.threads = new ThreadPoolExecutor(
                MAX_THREADS,
                MAX_THREADS,
                10,
                TimeUnit.SECONDS,
                new LinkedBlockingQueue<>(MAX_WAITING),
                Thread.ofPlatform().daemon().name("topicstream-sink-names-", 1).factory());
        threads.allowCoreThreadTimeOut(true);
    }

    /// Why nothing may be posted to the host, in a few words; null where it may.
    ///
    /// @return completes on any thread; fails where the host is not known
    public CompletionStage<@Nullable String> check(String host) {
        String name = host.startsWith("[") ? host.substring(1, host.length() - 1) : host.toLowerCase(Locale.ROOT);
        if (hosts.contains(name)) {
            return CompletableFuture.completedFuture(null);
        }
        try {
            return CompletableFuture.supplyAsync(() -> refusal(name), threads);
        } catch (RejectedExecutionException _) {
            return CompletableFuture.completedFuture("too many names are looked up");
        }
    }

    private @Nullable String refusal(String name) {
        try {
            InetAddress[] addresses = asking.ask(name);
            return Arrays.stream(addresses).allMatch(address -> isPublic(address) || listed.test(address))
                    ? null
                    : "its address is not public, and events.private_destinations does not list it";
        } catch (UnknownHostException _) {
            return "its name is not known";
        }
    }

    /// Whether the address can be somebody's in the open internet.
    static boolean isPublic(InetAddress address) {
        if (address.isAnyLocalAddress()
                || address.isLoopbackAddress()
                || address.isLinkLocalAddress()
                || address.isSiteLocalAddress()
                || address.isMulticastAddress()) {
            return false;
        }
        byte[] bytes = address.getAddress();
        return address instanceof Inet6Address ? isPublicOf6(bytes) : isPublicOf4(bytes);
    }

    private static boolean isPublicOf4(byte[] bytes) {
        int first = bytes[0] & 0xFF;
        int second = bytes[1] & 0xFF;
        int third = bytes[2] & 0xFF;
        return switch (first) {
            case 0 -> false;
            // Shared by carriers (RFC 6598).
            case 100 -> second < 64 || second > 127;
            case 192 -> second != 0 || third != 0;
            case 198 -> second != 18 && second != 19;
            default -> first < 240;
        };
    }

    private static boolean isPublicOf6(byte[] bytes) {
        int first = bytes[0] & 0xFF;
        int second = bytes[1] & 0xFF;
        // Global unicast is 2000::/3. Of it, 2002::/16 has an address of the older kind in it, and 2001::/32 too.
        boolean isGlobal = (first & 0xE0) == 0x20;
        boolean isTunnel = first == 0x20 && (second == 0x02 || (second == 0x01 && bytes[2] == 0 && bytes[3] == 0));
        return isGlobal && !isTunnel;
    }

    @Override
    public void close() {
        threads.shutdownNow();
    }
}
