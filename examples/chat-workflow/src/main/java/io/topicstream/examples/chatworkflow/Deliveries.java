package io.topicstream.examples.chatworkflow;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;

/// What was done of the last events, so that one that comes again is sent to nobody who has it. Bounded: of an event
/// that
/// is done, its id alone is kept, and the oldest ids are forgotten. It is gone with the process. Thread-safe.
final class Deliveries {
    private final int most;
    /// Guarded by this.
    private final Map<String, Delivery> events = new LinkedHashMap<>();

    /// @param most how many events are kept
    Deliveries(int most) {
        this.most = most;
    }

    /// What was done of an event. Who works on it holds its lock, so that a repeat waits for the first to end.
    synchronized Delivery of(String eventId) {
        Delivery delivery = events.computeIfAbsent(eventId, _ -> new Delivery());
        if (events.size() > most) {
            events.remove(events.keySet().iterator().next());
        }
        return delivery;
    }

    /// What was done of one event. Locked by who works on it; its posts add to it from threads of their own.
    static final class Delivery {
        private final ReentrantLock work = new ReentrantLock();
        private final Set<String> connections = ConcurrentHashMap.newKeySet();
        /// Guarded by the lock.
        private boolean isDone;

        void lock() {
            work.lock();
        }

        void unlock() {
            work.unlock();
        }

        /// Whether all have it.
        boolean isDone() {
            return isDone;
        }

        /// Whether a connection has it.
        boolean has(String connectionId) {
            return connections.contains(connectionId);
        }

        void add(String connectionId) {
            connections.add(connectionId);
        }

        void done() {
            isDone = true;
            connections.clear();
        }
    }
}
