package io.topicstream.gateway.http;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.regex.Pattern;

/// Asks for the addresses of names before a client does, which would ask on the thread that sends: that may be an
/// event loop, and a name service may take long. What was asked for is in Java's own cache afterwards. Thread-safe;
/// does not block.
///
/// Of each name one lookup is under way, so that one that takes long holds one thread. They are no virtual threads:
/// a lookup would hold on to the carrier that others need.
final class Lookups implements AutoCloseable {
    /// Shorter than Java keeps an address, which is 30 s, and a failure, which is 10 s.
    private static final long KEPT_NS = TimeUnit.SECONDS.toNanos(5);

    private static final int MAX_THREADS = 16;
    private static final int MAX_WAITING = 1_000;
    private static final int MAX_NAMES = 10_000;
    private static final Pattern ADDRESS = Pattern.compile("[0-9]{1,3}(\\.[0-9]{1,3}){3}");
    private static final CompletableFuture<Void> NOW = CompletableFuture.completedFuture(null);

    private final ConcurrentHashMap<String, Lookup> lookups = new ConcurrentHashMap<>();
    private final ThreadPoolExecutor threads;
    private final Asking asking;
    private final LongSupplier nanoTime;

    /// Asks for a name, and waits.
    interface Asking {
        void ask(String name) throws UnknownHostException;
    }

    /// @param done when the answer was there, whatever it was
    private record Lookup(CompletableFuture<Void> done, long begunNs) {}

    Lookups() {
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
                        .factory(),
                // Beyond that the client asks itself.
                new ThreadPoolExecutor.CallerRunsPolicy());
        threads.allowCoreThreadTimeOut(true);
    }

    /// Completes when the addresses of a host are at hand, or known to be none; at once for one that is an address.
    CompletableFuture<Void> of(String host) {
        if (host.startsWith("[") || ADDRESS.matcher(host).matches()) {
            return NOW;
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
        threads.execute(() -> {
            try {
                asking.ask(host);
            } catch (UnknownHostException _) {
                // The client finds that out too.
            } finally {
                mine.done.complete(null);
            }
        });
        return mine.done;
    }

    @Override
    public void close() {
        threads.shutdownNow();
    }
}
