package io.topicstream.cli.aws;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.topicstream.access.ApiKey;
import io.topicstream.access.ApiKeys;
import io.topicstream.state.StateRecord;
import io.topicstream.state.StateStore;

/// API keys that are made once and told at each start. Nothing can tell the secret of a key from what is kept of it; so
/// that is kept too, in a record of its own. It is for a table on this machine alone, to which all have access anyway.
record KeptKeys(ApiKeys keys, StateStore state) {
    private static final String PARTITION = "dev-keys";
    private static final String BETWEEN = " ";

    /// The secret of the user's key; blocks. The key is made where there is none, or where it was revoked.
    String secretOf(String user) {
        while (true) {
            StateRecord record =
                    state.get(PARTITION, user).toCompletableFuture().join();
            if (record != null) {
                String[] kept = new String(record.value(), UTF_8).split(BETWEEN, 2);
                if (keys.exists(kept[0]).toCompletableFuture().join()) {
                    return kept[1];
                }
            }
            ApiKey.Created created =
                    keys.create(user, null).toCompletableFuture().join();
            byte[] value = (created.key().id() + BETWEEN + created.secret()).getBytes(UTF_8);
            long version = record == null ? StateStore.ABSENT : record.version();
            if (state.put(PARTITION, user, value, version, StateStore.NEVER)
                            .toCompletableFuture()
                            .join()
                    != 0) {
                return created.secret();
            }
            // Another one has made it meanwhile.
            var _ = keys.revoke(created.key().id()).toCompletableFuture().join();
        }
    }
}
