package io.topicstream.server.forgetful;

import io.topicstream.log.TopicName;
import io.topicstream.session.SessionCodec;
import io.topicstream.session.SessionRecord;
import io.topicstream.state.StatePage;
import io.topicstream.state.StateRecord;
import io.topicstream.state.StateStore;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// The rows of connections: what each session knows, what it listens to, and where a user's or a
/// credential's connections are found. Blocks; thread-safe.
///
/// | partition | key | value |
/// | --- | --- | --- |
/// | `connection/` + id | `record` | the session's record, see [SessionCodec] |
/// | `connection/` + id | `topic/` + topic | one byte, 0: it is in the topic's audience |
/// | `user/` + user | connection id | one byte: 1 once the connection was greeted, else 0 |
/// | `credential/` + id | connection id | one byte, 0 |
///
/// Nothing spans two rows. A connection's row of a topic is written before the audience's and deleted
/// after it, so whoever reads the connection's rows finds all that there is to take away.
final class ConnectionRows {
    private static final int PAGE = 500;
    private static final String RECORD = "record";
    private static final String TOPIC = "topic/";

    private final StateStore store;
    private final Function<SessionRecord, SessionRecord> stored;

    /// @param stored what is kept of a record: all of it, but where a test wants to see what is missed
    ConnectionRows(StateStore store, Function<SessionRecord, SessionRecord> stored) {
        this.store = store;
        this.stored = stored;
    }

    private static String connection(String connectionId) {
        return "connection/" + connectionId;
    }

    private static String user(String user) {
        return "user/" + user;
    }

    private static String credential(String credentialId) {
        return "credential/" + credentialId;
    }

    // ---- the session's record

    @Nullable
    SessionRecord load(String connectionId) {
        StateRecord found = await(store.get(connection(connectionId), RECORD));
        return found == null ? null : SessionCodec.decode(found.value());
    }

    void store(SessionRecord record) {
        put(connection(record.connectionId()), RECORD, SessionCodec.encode(stored.apply(record)));
    }

    void delete(String connectionId) {
        remove(connection(connectionId), RECORD);
    }

    // ---- its topics

    void addTopic(String connectionId, TopicName topic) {
        put(connection(connectionId), TOPIC + topic.value(), new byte[1]);
    }

    void removeTopic(String connectionId, TopicName topic) {
        remove(connection(connectionId), TOPIC + topic.value());
    }

    boolean hasTopic(String connectionId, TopicName topic) {
        return await(store.get(connection(connectionId), TOPIC + topic.value())) != null;
    }

    List<TopicName> topics(String connectionId) {
        List<TopicName> topics = new ArrayList<>();
        for (String key : keys(connection(connectionId), TOPIC)) {
            topics.add(new TopicName(key.substring(TOPIC.length())));
        }
        return topics;
    }

    // ---- whose it is

    void addOfUser(String user, String connectionId, boolean greeted) {
        put(user(user), connectionId, new byte[] {(byte) (greeted ? 1 : 0)});
    }

    void removeOfUser(String user, String connectionId) {
        remove(user(user), connectionId);
    }

    boolean isGreeted(String user, String connectionId) {
        StateRecord found = await(store.get(user(user), connectionId));
        return found != null && found.value()[0] == 1;
    }

    List<String> ofUser(String user) {
        return keys(user(user), "");
    }

    void addOfCredential(String credentialId, String connectionId) {
        put(credential(credentialId), connectionId, new byte[1]);
    }

    void removeOfCredential(String credentialId, String connectionId) {
        remove(credential(credentialId), connectionId);
    }

    List<String> ofCredential(String credentialId) {
        return keys(credential(credentialId), "");
    }

    // ---- the store

    private List<String> keys(String partition, String prefix) {
        List<String> keys = new ArrayList<>();
        StatePage page;
        do {
            page = await(store.scan(partition, prefix, keys.isEmpty() ? "" : keys.getLast(), PAGE));
            page.records().forEach(row -> keys.add(row.key()));
        } while (!page.isLast());
        return keys;
    }

    private void put(String partition, String key, byte[] value) {
        await(store.put(partition, key, value, StateStore.ANY_VERSION, StateStore.NEVER));
    }

    private void remove(String partition, String key) {
        await(store.delete(partition, key, StateStore.ANY_VERSION));
    }

    static <T extends @Nullable Object> T await(CompletionStage<T> stage) {
        return stage.toCompletableFuture().join();
    }
}
