package io.topicstream.gateway.http;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.regex.Pattern;

/// Asks for the addresses of names apart from the thread that sends: that may be an event loop, and a name service
/// may take long. What was asked for is in Java's own cache afterwards too, for clients that ask themselves.
/// Thread-safe; does not block.
///
/// Of each name one lookup is under way, so that one that takes long holds one thread. They are no virtual threads:
/// a lookup would hold on to the carrier that others need.
public final class Lookups implements AutoCloseable {
    /// Shorter than Java keeps an address, which is 30 s, and a failure, which is 10 s.
    private static final long KEPT_NS = TimeUnit.SECONDS.toNanos(5);

    private static final int MAX_THREADS = 16;
    private static final int MAX_WAITING = 1_000;
    private static final int MAX_NAMES = 10_000;
    private static final Pattern ADDRESS = Pattern.compile("[0-9]{1,3}(\\.[0-9]{1,3}){3}");

    private final ConcurrentHashMap<String, Lookup> lookups = new ConcurrentHashMap<>();
    private final ThreadPoolExecutor threads;
    private final Asking asking;
    private final LongSupplier nanoTime;

    /// Asks for a name, and waits.
    interface Asking {
        InetAddress[] ask(String name) throws UnknownHostException;
    }

    /// @param done when the answer was there, whatever it was
    private record Lookup(CompletableFuture<List<InetAddress>> done, long begunNs) {}

    /// One that asks as Java does.
    public Lookups() {
        this(InetAddress::getAllByName, System::nanoTime);
    }

    Lookups(Asking asking, LongSupplier nanoTime) {
        this.asking = asking;
        this.nanoTime = nanoTime;
        this.threads = new ThreadPoolExecutor(
                MAX_THREADS,
                MAX_THREADS,
                10,
                TimeUnit.SECONDS,
                new LinkedBlockingQueue<>(MAX_WAITING),
                Thread.ofPlatform()
                        .daemon()
                        .name("topicstream-gateway-names-", 1)
                        .factory());
        threads.allowCoreThreadTimeOut(true);
    }

    /// Completes when the addresses of a host are at hand, or known to be none; at once for one that is an address.
    /// Where too many names wait already, there are none.
    public CompletableFuture<List<InetAddress>> of(String host) {
        if (host.startsWith("[") || ADDRESS.matcher(host).matches()) {
            return CompletableFuture.completedFuture(literal(host));
        }
        Lookup known = lookups.get(host);
        long nowNs = nanoTime.getAsLong();
        if (known != null && (!known.done.isDone() || nowNs - known.begunNs < KEPT_NS)) {
            return known.done;
        }
        Lookup mine = new Lookup(new CompletableFuture<>(), nowNs);
        if (known == null ? lookups.putIfAbsent(host, mine) != null : !lookups.replace(host, known, mine)) {
            return of(host);
        }
        if (lookups.size() > MAX_NAMES) {
            lookups.keySet().removeIf(name -> !name.equals(host));
        }
        try {
            threads.execute(() -> ask(host, mine));
        } catch (RejectedExecutionException _) {
            lookups.remove(host, mine);
            mine.done.complete(List.of());
        }
        return mine.done;
    }

    private void ask(String host, Lookup mine) {
        List<InetAddress> found = List.of();
        try {
            found = List.of(asking.ask(host));
        } catch (UnknownHostException _) {
            // There are none.
        } finally {
            mine.done.complete(found);
        }
    }

    private static List<InetAddress> literal(String host) {
        try {
            return List.of(InetAddress.ofLiteral(host.startsWith("[") ? host.substring(1, host.length() - 1) : host));
        } catch (IllegalArgumentException _) {
            return List.of();
        }
    }

    @Override
    public void close() {
        threads.shutdownNow();
    }
}
