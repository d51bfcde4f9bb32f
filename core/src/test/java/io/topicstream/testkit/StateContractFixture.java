package io.topicstream.testkit;

import static io.topicstream.state.StateStore.NEVER;
import static io.topicstream.testkit.LogContractFixture.get;

import io.topicstream.state.StateRecord;
import io.topicstream.state.StateStore;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/// What the parts of [StateStoreContract] have in common: an engine for each test, and short words for what is
/// asked of it.
abstract class StateContractFixture {
    /// The engine of the test.
    StateUnderTest engine;

    /// Opens an engine with nothing in it.
    protected abstract StateUnderTest open() throws Exception;

    @BeforeEach
    protected void openTheEngine() throws Exception {
        engine = open();
    }

    @AfterEach
    protected void closeTheEngine() throws Exception {
        engine.close();
    }

    StateStore store() {
        return engine.store();
    }

    long nowMs() {
        return engine.clock().millis();
    }

    long put(String partition, String key, String value, long ifVersion) {
        return get(store().put(partition, key, bytes(value), ifVersion, NEVER));
    }

    long advance(String partition, String key, long number) {
        return get(store().advance(partition, key, number));
    }

    boolean delete(String partition, String key, long ifVersion) {
        return get(store().delete(partition, key, ifVersion));
    }

    @Nullable
    StateRecord read(String partition, String key) {
        return get(store().get(partition, key));
    }

    List<String> keys(String partition, String prefix, String after, int limit) {
        return get(store().scan(partition, prefix, after, limit)).records().stream()
                .map(StateRecord::key)
                .toList();
    }

    static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    static String text(StateRecord record) {
        return new String(record.value(), StandardCharsets.UTF_8);
    }
}
