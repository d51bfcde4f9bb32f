package io.topicstream.aws.runtime;

import java.util.Map;
import java.util.function.Supplier;
import org.crac.Context;
import org.crac.Core;
import org.crac.Resource;
import org.jspecify.annotations.Nullable;

/// What a function serves with: opened when it starts, or, where a snapshot of it is taken, after each restore.
///
/// Many functions begin from one snapshot, and long after it was taken. So there is nothing in it that has sockets,
/// credentials, or knows what stands in the table; but what it needs to serve is loaded and was used once: the
/// rehearsal. Thread-safe.
final class Renewed<T extends AutoCloseable> implements Resource {
    private static final String SNAP_START = "snap-start";

    private final Supplier<T> open;
    private final Runnable rehearsal;
    private volatile @Nullable T serving;

    private Renewed(Supplier<T> open, Runnable rehearsal) {
        this.open = open;
        this.rehearsal = rehearsal;
    }

    /// @param environment of the function
    /// @param open opens it; blocks
    /// @param rehearsal run before a snapshot; throws nothing
    static <T extends AutoCloseable> Renewed<T> of(
            Map<String, String> environment, Supplier<T> open, Runnable rehearsal) {
        Renewed<T> renewed = new Renewed<>(open, rehearsal);
        // It is held weakly there: the handler holds it.
        Core.getGlobalContext().register(renewed);
        if (!SNAP_START.equals(environment.get("AWS_LAMBDA_INITIALIZATION_TYPE"))) {
            var _ = renewed.get();
        }
        return renewed;
    }

    /// What serves; opened now if it is not.
    T get() {
        T now = serving;
        return now == null ? opened() : now;
    }

    private synchronized T opened() {
        T now = serving;
        if (now == null) {
            now = open.get();
            serving = now;
        }
        return now;
    }

    @Override
    public synchronized void beforeCheckpoint(Context<? extends Resource> context) throws Exception {
        rehearsal.run();
        T now = serving;
        serving = null;
        if (now != null) {
            now.close();
        }
    }

    @Override
    public void afterRestore(Context<? extends Resource> context) {
        var _ = get();
    }
}
