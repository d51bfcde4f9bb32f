package io.topicstream.aws.audience;

import io.topicstream.aws.audience.Connection.Phase;
import io.topicstream.session.SessionRecord;
import io.topicstream.state.StatePage;
import io.topicstream.state.StateRecord;
import io.topicstream.state.StateStore;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletionStage;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/// The rows of connections: what is known of each, and where a user's or a credential's connections are found.
/// Blocks; thread-safe.
///
/// | partition | key | value |
/// | --- | --- | --- |
/// | `connection/` + id | `record` | a [Connection] |
/// | `user/` + user | connection id | one byte, 0 |
/// | `credential/` + id | connection id | one byte, 0 |
///
/// Nothing spans two rows. A topic stands in the connection's row before there is a row in the topic's audience, and
/// until that is gone: so who reads the connection's row finds all that there is to take away.
///
/// The end of a connection may be told to nobody. Then its rows go with the first post that finds it gone, or when
/// their time is over: no connection lives longer than API Gateway lets it.
final class ConnectionRows {
    /// How long a connection may be open, and a little more.
    static final Duration LIFE = Duration.ofMinutes(2 * 60 + 10);

    /// How long it is known whose an ended connection was.
    static final Duration AFTERLIFE = Duration.ofMinutes(1);

    private static final int PAGE = 500;
    private static final String RECORD = "record";
    private static final String CONNECTION = "connection/";

    private final StateStore store;
    private final InstantSource clock;

    ConnectionRows(StateStore store, InstantSource clock) {
        this.store = store;
        this.clock = clock;
    }

    /// A connection as it was read or written.
    ///
    /// @param version by which it is changed
    record Row(Connection connection, long version) {}

    private static String connection(String connectionId) {
        return CONNECTION + connectionId;
    }

    /// Whether it is where a connection stands.
    static boolean isRecord(String partition, String key) {
        return partition.startsWith(CONNECTION) && key.equals(RECORD);
    }

    private static String user(String user) {
        return "user/" + user;
    }

    private static String credential(String credentialId) {
        return "credential/" + credentialId;
    }

    private long expiry(Duration after) {
        return clock.millis() + after.toMillis();
    }

    // ---- the connection

    @Nullable
    Row load(String connectionId) {
        StateRecord found = Waits.await(store.get(connection(connectionId), RECORD));
        return found == null ? null : new Row(Connection.decode(found.value()), found.version());
    }

    /// Makes the rows of a connection that connects.
    Row create(Connection connecting) {
        SessionRecord session = connecting.session();
        List<CompletionStage<?>> all = new ArrayList<>();
        CompletionStage<Long> row = put(connecting, StateStore.ABSENT);
        all.add(row);
        String user = session.identity().user();
        if (user != null) {
            all.add(store.put(user(user), connecting.id(), new byte[1], StateStore.ANY_VERSION, expiry(LIFE)));
        }
        putCredential(session, all);
        Waits.awaitAll(all);
        return new Row(connecting, row.toCompletableFuture().join());
    }

    private void putCredential(SessionRecord session, List<CompletionStage<?>> all) {
        String credentialId = session.identity().credentialId();
        if (credentialId != null) {
            all.add(store.put(
                    credential(credentialId),
                    session.connectionId(),
                    new byte[1],
                    StateStore.ANY_VERSION,
                    expiry(LIFE)));
        }
    }

    private void deleteCredential(SessionRecord session, List<CompletionStage<?>> all) {
        String credentialId = session.identity().credentialId();
        if (credentialId != null) {
            all.add(store.delete(credential(credentialId), session.connectionId(), StateStore.ANY_VERSION));
        }
    }

    /// The connection shows another credential from now on, by which it is found. Comes before its record says so.
    void renewed(SessionRecord before, SessionRecord now) {
        if (!Objects.equals(before.identity().credentialId(), now.identity().credentialId())) {
            List<CompletionStage<?>> all = new ArrayList<>();
            putCredential(now, all);
            deleteCredential(before, all);
            Waits.awaitAll(all);
        }
    }

    private CompletionStage<Long> put(Connection connection, long ifVersion) {
        return store.put(
                connection(connection.id()),
                RECORD,
                connection.encode(),
                ifVersion,
                expiry(connection.phase() == Phase.ENDED ? AFTERLIFE : LIFE));
    }

    /// Changes the connection, as it is by then; stores nothing where that changes nothing.
    ///
    /// @param known how it was read
    /// @return how it is now, or null where it has ended
    @Nullable
    Row change(Row known, UnaryOperator<Connection> change) {
        Row now = known;
        while (now != null && now.connection().phase() != Phase.ENDED) {
            Connection next = change.apply(now.connection());
            if (next.equals(now.connection())) {
                return now;
            }
            long version = Waits.await(put(next, now.version()));
            if (version != 0) {
                return new Row(next, version);
            }
            now = load(next.id());
        }
        return null;
    }

    /// The connection ends.
    ///
    /// @return how it was, or null where it had ended
    @Nullable
    Connection end(String connectionId) {
        Row now = load(connectionId);
        while (now != null && now.connection().phase() != Phase.ENDED) {
            if (Waits.await(put(now.connection().in(Phase.ENDED), now.version())) != 0) {
                return now.connection();
            }
            now = load(connectionId);
        }
        return null;
    }

    /// Deletes the rows by which it is found.
    List<CompletionStage<?>> deleteOthers(Connection ended) {
        List<CompletionStage<?>> all = new ArrayList<>();
        String user = ended.session().identity().user();
        if (user != null) {
            all.add(store.delete(user(user), ended.id(), StateStore.ANY_VERSION));
        }
        deleteCredential(ended.session(), all);
        return all;
    }

    // ---- whose it is

    List<String> ofUser(String user) {
        return keys(user(user));
    }

    List<String> ofCredential(String credentialId) {
        return keys(credential(credentialId));
    }

    private List<String> keys(String partition) {
        List<String> keys = new ArrayList<>();
        StatePage page;
        do {
            page = Waits.await(store.scan(partition, "", keys.isEmpty() ? "" : keys.getLast(), PAGE));
            page.records().forEach(row -> keys.add(row.key()));
        } while (!page.isLast());
        return keys;
    }
}
