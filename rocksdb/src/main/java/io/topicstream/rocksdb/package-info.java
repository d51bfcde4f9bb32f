/// The engine of one process: the log and the state kept in RocksDB, with a single writer that assigns offsets,
/// commits in groups, and answers when what it wrote is as durable as was asked.
@NullMarked
package io.topicstream.rocksdb;

import org.jspecify.annotations.NullMarked;
