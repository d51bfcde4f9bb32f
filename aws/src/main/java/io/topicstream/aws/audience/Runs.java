package io.topicstream.aws.audience;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// What a call of a function does beside its answer: pieces of work on virtual threads of their own. A function that
/// has returned stands still, so it returns when they have ended ([#within]). Thread-safe.
///
/// Pieces that a piece begins belong to it. So who waits for those that are under way waits for a bounded time, also
/// in a process in which other calls begin new ones all the time.
final class Runs {
    private static final System.Logger LOGGER = System.getLogger(Runs.class.getName());
    private static final ThreadLocal<@Nullable Piece> HERE = new ThreadLocal<>();

    /// Those that nobody else waits for.
    private final Set<Piece> underWay = ConcurrentHashMap.newKeySet();

    /// One piece of work, with all that it has begun.
    private static final class Piece {
        private final CompletableFuture<Object> ended = new CompletableFuture<>();
        /// Guarded by itself.
        private final List<Piece> begun = new ArrayList<>();

        void add(Piece piece) {
            synchronized (begun) {
                begun.add(piece);
            }
        }

        /// Whether another one was begun since the last time.
        @Nullable
        Piece next(int after) {
            synchronized (begun) {
                return after < begun.size() ? begun.get(after) : null;
            }
        }

        void awaitAll() {
            Waits.await(ended);
            int after = 0;
            for (Piece piece = next(after); piece != null; piece = next(++after)) {
                piece.awaitAll();
            }
        }
    }

    /// Begins a piece of work. One that fails is told to the log: the next that touches the same goes on from there.
    void begin(Runnable work) {
        Piece piece = new Piece();
        Piece parent = HERE.get();
        if (parent == null) {
            underWay.add(piece);
        } else {
            parent.add(piece);
        }
        Thread.startVirtualThread(() -> {
            HERE.set(piece);
            try {
                work.run();
            } catch (RuntimeException e) {
                LOGGER.log(System.Logger.Level.WARNING, "a piece of work ended early", e);
            } finally {
                piece.ended.complete(piece);
                if (parent == null) {
                    endWhenAllHave(piece);
                }
            }
        });
    }

    /// A piece counts until all that it has begun have ended.
    private void endWhenAllHave(Piece piece) {
        try {
            piece.awaitAll();
        } finally {
            underWay.remove(piece);
        }
    }

    /// Runs each on a thread of its own, some at once, and waits for all.
    ///
    /// @param atOnce how many
    static void forEach(Collection<? extends Runnable> works, int atOnce) {
        if (works.size() == 1) {
            works.iterator().next().run();
            return;
        }
        Semaphore room = new Semaphore(atOnce);
        List<CompletableFuture<?>> all = new ArrayList<>();
        Piece here = HERE.get();
        for (Runnable work : works) {
            room.acquireUninterruptibly();
            all.add(CompletableFuture.runAsync(
                    () -> {
                        HERE.set(here);
                        try {
                            work.run();
                        } finally {
                            room.release();
                        }
                    },
                    Thread::startVirtualThread));
        }
        Waits.awaitAll(all);
    }

    /// Does something, and waits until all has ended that it has begun; and what somebody has begun for whom it cannot
    /// be told, since it was on a thread of an engine.
    <T> T within(Supplier<T> call) {
        Piece piece = new Piece();
        HERE.set(piece);
        try {
            return call.get();
        } finally {
            HERE.remove();
            piece.ended.complete(piece);
            await(piece);
            List.copyOf(underWay).forEach(Runs::await);
        }
    }

    private static void await(Piece piece) {
        try {
            piece.awaitAll();
        } catch (RuntimeException e) {
            LOGGER.log(System.Logger.Level.WARNING, "a piece of work takes longer than a function may run", e);
        }
    }
}
