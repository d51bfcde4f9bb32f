package io.topicstream.connection;

import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// The open connections of one lane by their ids: 6 to 11 bytes of memory for each, since there may be very
/// many. Owned by the lane's thread.
///
/// A connection stands at the first free place from that of its id's hash on; there is always a free one.
final class ConnectionTable {
    private static final int FIRST_PLACES = 16;

    /// Between three eighths and three quarters of the places are taken, but in a small table or one that shrinks.
    private @Nullable OpenConnection[] places = new @Nullable OpenConnection[FIRST_PLACES];
    private int count;

    @Nullable
    OpenConnection get(String id) {
        return places[placeOf(id)];
    }

    /// Adds the connection, in place of one with the same id.
    void add(OpenConnection connection) {
        if (4 * (count + 1) > 3 * places.length) {
            resize(2 * places.length);
        }
        int at = placeOf(connection.connectionId());
        if (places[at] == null) {
            count++;
        }
        places[at] = connection;
    }

    /// Removes the connection if it is there.
    @SuppressWarnings("ReferenceEquality") // Another of the same name is another.
    void remove(OpenConnection connection) {
        int at = placeOf(connection.connectionId());
        if (places[at] != connection) {
            return;
        }
        places[at] = null;
        count--;
        closeUp(at);
        if (places.length > FIRST_PLACES && 8 * count < places.length) {
            resize(places.length / 2);
        }
    }

    void forEach(Consumer<OpenConnection> task) {
        for (OpenConnection connection : places) {
            if (connection != null) {
                task.accept(connection);
            }
        }
    }

    int size() {
        return count;
    }

    /// Those behind a place that has become free would not be found any more: they move up to it, each only if it
    /// does not come to stand before the place of its hash.
    private void closeUp(int freed) {
        int mask = places.length - 1;
        int free = freed;
        int at = (free + 1) & mask;
        OpenConnection next = places[at];
        while (next != null) {
            int wanted = hash(next.connectionId()) & mask;
            if (((at - wanted) & mask) >= ((at - free) & mask)) {
                places[free] = next;
                places[at] = null;
                free = at;
            }
            at = (at + 1) & mask;
            next = places[at];
        }
    }

    /// Where the connection with this id stands, or would.
    private int placeOf(String id) {
        int mask = places.length - 1;
        int at = hash(id) & mask;
        OpenConnection there = places[at];
        while (there != null && !there.connectionId().equals(id)) {
            at = (at + 1) & mask;
            there = places[at];
        }
        return at;
    }

    private void resize(int length) {
        @Nullable OpenConnection[] old = places;
        places = new @Nullable OpenConnection[length];
        for (OpenConnection connection : old) {
            if (connection != null) {
                places[placeOf(connection.connectionId())] = connection;
            }
        }
    }

    /// The low bits of a text's hash are those of its last characters, which are padding.
    private static int hash(String id) {
        int hash = id.hashCode();
        return hash ^ hash >>> 16;
    }
}
