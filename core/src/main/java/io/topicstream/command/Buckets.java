package io.topicstream.command;

import java.time.InstantSource;
import java.util.Iterator;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;

/// A bucket for each of many callers, by what tells them apart. Thread-safe; takes no lock but those of the map's
/// parts.
///
/// A bucket that is full again is as good as a new one, so it leaves: each new bucket has a few others looked at, one
/// after the other around the map. Past the bound those leave that are come upon first, full or not: who comes back
/// after that has a full one.
final class Buckets {
    /// How many are looked at for each new one: more than one, so that the map shrinks when few come.
    private static final int LOOKS = 4;

    private final Rate rate;
    private final int most;
    private final InstantSource clock;
    private final ConcurrentHashMap<Object, TokenBucket> buckets = new ConcurrentHashMap<>();
    private final AtomicBoolean looking = new AtomicBoolean();
    /// Used by the one that has set `looking`.
    private Iterator<Map.Entry<Object, TokenBucket>> hand = buckets.entrySet().iterator();

    /// @param most how many there are at most, but for one on the way of each thread
    Buckets(Rate rate, int most, InstantSource clock) {
        this.rate = rate;
        this.most = most;
        this.clock = clock;
    }

    /// The bucket of a caller.
    TokenBucket of(Object caller) {
        TokenBucket known = buckets.get(caller);
        if (known != null) {
            return known;
        }
        // Before the new one is there, which is full and would be taken for idle.
        makeRoom();
        TokenBucket made = new TokenBucket(rate, clock);
        TokenBucket others = buckets.putIfAbsent(caller, made);
        return others == null ? made : others;
    }

    private void makeRoom() {
        if (!looking.compareAndSet(false, true)) {
            return;
        }
        try {
            for (int looks = 0; looks < LOOKS || buckets.size() >= most; looks++) {
                if (!hand.hasNext()) {
                    hand = buckets.entrySet().iterator();
                    if (!hand.hasNext()) {
                        return;
                    }
                }
                Map.Entry<Object, TokenBucket> next = hand.next();
                if (next.getValue().isFull() || buckets.size() >= most) {
                    buckets.remove(next.getKey(), next.getValue());
                }
            }
        } finally {
            looking.set(false);
        }
    }

    int size() {
        return buckets.size();
    }
}
