package io.topicstream.cli;

import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;

/// The connections that functions of a test remember.
interface Tables {
    void put(String connectionId, Map<String, String> attributes) throws Exception;

    void delete(String connectionId) throws Exception;

    /// All of them, by their ids.
    Map<String, Map<String, String>> all() throws Exception;

    /// In memory.
    static Tables inMemory() {
        Map<String, Map<String, String>> rows = new ConcurrentSkipListMap<>();
        return new Tables() {
            @Override
            public void put(String connectionId, Map<String, String> attributes) {
                rows.put(connectionId, attributes);
            }

            @Override
            public void delete(String connectionId) {
                rows.remove(connectionId);
            }

            @Override
            public Map<String, Map<String, String>> all() {
                return Map.copyOf(rows);
            }
        };
    }
}
