/// State that is not messages: keyed, versioned records in partitions, such as durable subscriptions, receipts,
/// keys and leases. A port small enough for every engine to keep; nothing in it spans two records.
@NullMarked
package io.topicstream.state;

import org.jspecify.annotations.NullMarked;
