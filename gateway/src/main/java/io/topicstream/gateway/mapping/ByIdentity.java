package io.topicstream.gateway.mapping;

import java.lang.ref.Reference;
import java.lang.ref.ReferenceQueue;
import java.lang.ref.WeakReference;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// What was made once of each object, as long as somebody holds the object. Thread-safe.
///
/// Records of a definition are long and compare by all they hold, so they are told apart by identity. A
/// definition that was replaced goes away with what was made of it.
@SuppressWarnings("ReferenceEquality") // Identity is what it is for.
public final class ByIdentity<K, V> {
    private final Map<Object, V> made = new ConcurrentHashMap<>();
    private final ReferenceQueue<K> gone = new ReferenceQueue<>();
    private final Function<K, V> make;

    /// @param make may be called twice for one object, at the same time; one of the results is kept
    public ByIdentity(Function<K, V> make) {
        this.make = make;
    }

    /// What was made of the object; made now where it is the first time. It must not hold the object.
    public V of(K key) {
        V known = made.get(new Probe(key));
        if (known != null) {
            return known;
        }
        for (Reference<?> old = gone.poll(); old != null; old = gone.poll()) {
            made.remove(old);
        }
        V fresh = make.apply(key);
        V earlier = made.putIfAbsent(new Key<>(key, gone), fresh);
        return earlier == null ? fresh : earlier;
    }

    /// How many are kept.
    int size() {
        return made.size();
    }

    /// What is looked up by.
    private record Probe(Object key) {
        @Override
        public int hashCode() {
            return System.identityHashCode(key);
        }

        @Override
        public boolean equals(@Nullable Object other) {
            return other instanceof Key<?> held ? held.get() == key : other instanceof Probe probe && probe.key == key;
        }
    }

    /// What is kept.
    private static final class Key<K> extends WeakReference<K> {
        private final int hash;

        Key(K key, ReferenceQueue<K> queue) {
            super(key, queue);
            this.hash = System.identityHashCode(key);
        }

        @Override
        public int hashCode() {
            return hash;
        }

        @Override
        public boolean equals(@Nullable Object other) {
            if (this == other) {
                return true;
            }
            Object mine = get();
            return mine != null
                    && (other instanceof Key<?> held
                            ? held.get() == mine
                            : other instanceof Probe probe && probe.key() == mine);
        }
    }
}
