/// The port for what must be remembered beside the log: durable subscriptions, API keys, receipts,
/// presence leases. Keyed, versioned records in partitions, small enough to be kept in RocksDB, a
/// Valkey slot or a DynamoDB partition alike: nothing spans two records.
@NullMarked
package io.topicstream.state;

import org.jspecify.annotations.NullMarked;
