package io.topicstream.rocksdb;

import org.rocksdb.RocksDBException;

/// Which version a state record has.
///
/// @param name by which the writer knows the record
record StateQuestion(Life life, String name, String partition, String key) implements Question {
    @Override
    public StateAnswer answer() {
        try {
            byte[] row = life.store.get("state", StateRow.key(partition, key));
            return new StateAnswer(this, row == null ? null : StateRow.of(row), null);
        } catch (RocksDBException | RuntimeException | Error e) {
            return new StateAnswer(this, null, e);
        }
    }
}
