package io.topicstream.connection;

import static org.assertj.core.api.Assertions.assertThat;

import io.topicstream.testkit.Seeds;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ConnectionTableTest {
    private final ConnectionTable table = new ConnectionTable();

    /// A connection that only has a name.
    private record Named(String connectionId) implements OpenConnection {
        @Override
        public boolean post(byte[] text) {
            throw new AssertionError("nobody posts");
        }

        @Override
        public ConnectionInfo info() {
            throw new AssertionError("nobody asks");
        }

        @Override
        public void close(int code, String reason) {
            throw new AssertionError("nobody closes");
        }
    }

    @Test
    void whatIsRemovedIsNotFoundAndTheOthersAre() {
        Random random = new Random(Seeds.next("a table of connections"));
        ConnectionIds ids = new ConnectionIds(() -> 1, 0, new byte[16], random);
        Map<String, Named> expected = new HashMap<>();
        List<Named> there = new ArrayList<>();
        for (int i = 0; i < 20_000; i++) {
            boolean grows = i < 10_000 ? random.nextInt(3) > 0 : random.nextInt(3) == 0;
            if (grows || there.isEmpty()) {
                Named added = new Named(ids.next());
                table.add(added);
                there.add(added);
                expected.put(added.connectionId(), added);
            } else {
                Named removed = there.remove(random.nextInt(there.size()));
                table.remove(removed);
                expected.remove(removed.connectionId());
                assertThat(table.get(removed.connectionId())).isNull();
            }
            assertThat(table.size()).isEqualTo(expected.size());
            if (i % 1_000 == 0) {
                expected.forEach((id, connection) -> assertThat(table.get(id)).isSameAs(connection));
            }
        }
        there.forEach(table::remove);
        assertThat(table.size()).isZero();
    }

    /// All of them want the same place, and the end of the table is followed by its beginning.
    @Test
    void namesThatCollideAreAllFound() {
        List<Named> named = new ArrayList<>();
        // "Aa" and "BB" have one hash, and so have all texts made of them.
        for (int bits = 0; bits < 64; bits++) {
            StringBuilder name = new StringBuilder();
            for (int i = 0; i < 6; i++) {
                name.append((bits >> i & 1) == 0 ? "Aa" : "BB");
            }
            named.add(new Named(name.toString()));
        }
        named.forEach(table::add);
        for (int i = 0; i < named.size(); i += 2) {
            table.remove(named.get(i));
        }
        for (int i = 0; i < named.size(); i++) {
            assertThat(table.get(named.get(i).connectionId())).isSameAs(i % 2 == 0 ? null : named.get(i));
        }
    }

    @Test
    void anotherOfTheSameNameIsNotRemoved() {
        OpenConnection first = new Named("a");
        OpenConnection second = new OpenConnection() {
            @Override
            public String connectionId() {
                return "a";
            }

            @Override
            public boolean post(byte[] text) {
                return false;
            }

            @Override
            public ConnectionInfo info() {
                throw new AssertionError("nobody asks");
            }

            @Override
            public void close(int code, String reason) {}
        };
        table.add(first);
        table.remove(second);

        assertThat(table.get("a")).isSameAs(first);
    }
}
