package io.topicstream.state;

import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/// The port to keyed, versioned records. Each engine passes `StateStoreContract` of the test kit.
///
/// ## What every engine promises
///
/// - A record is named by (partition, key): any text without a NUL character, 1 to 512 bytes of
///   UTF-8 each.
/// - An answer comes when the change is as durable as the engine's mode says; a change that was
///   answered is seen by every later `get` and `scan`, on every node.
/// - Versions of one record rise with each change and are never 0; a record that is deleted and
///   made again gets a version it has not had before, so a stale writer cannot hit the new one.
/// - Expiry may act late on the store, but a read never shows an expired record, and a put with
///   `ifVersion` 0 treats it as absent.
/// - Nothing spans two records.
///
/// No method blocks; stages complete on a thread of the engine, exactly once. When the engine
/// cannot answer, or has no room for what is put, they fail with `LogUnavailableException`.
///
/// ## Two stores
///
/// An engine has one that is durable and one for what dies with a node: leases, presence, connections. A change
/// of the second is answered when others see it, and is gone after a restart, with everything in it. It is
/// bounded in bytes, so what is put there has an end: it expires, or its owner deletes it.
public interface StateStore {
    /// For `ifVersion`: whatever is there, or is not.
    long ANY_VERSION = -1;
    /// For `ifVersion`: the record must not exist.
    long ABSENT = 0;
    /// For `expiresAtMs`: never.
    long NEVER = Long.MAX_VALUE;
    /// What the records of a page may count for ([StateRecord#sizeBytes]).
    int PAGE_BYTES = 1 << 20;

    /// The record, or null.
    CompletionStage<@Nullable StateRecord> get(String partition, String key);

    /// Stores the value if the record's version is `ifVersion`.
    ///
    /// @param value handed over; at most 256 KiB
    /// @param ifVersion a version, [#ABSENT] or [#ANY_VERSION]
    /// @param expiresAtMs epoch milliseconds after which the record is gone, or [#NEVER]
    /// @return the new version, or 0 if the condition did not hold and nothing changed
    CompletionStage<Long> put(String partition, String key, byte[] value, long ifVersion, long expiresAtMs);

    /// Deletes the record if its version is `ifVersion` ([#ANY_VERSION]: if it is there at all).
    ///
    /// @return whether a record was deleted
    CompletionStage<Boolean> delete(String partition, String key, long ifVersion);

    /// Stores the number if it is higher than the one that is there, in one trip. A record that is not there is
    /// below every number.
    ///
    /// The record holds it as a [StateNumber]: `get` reads it, and `put` may set it, lower too. Where it is
    /// stored, the version rises and the expiry stays; a record that is made by it never expires. Else nothing
    /// changes. Fails with [NotANumberException] where the record holds something else.
    ///
    /// @param number from 0
    /// @return what the record holds afterwards: this number or a higher one
    CompletionStage<Long> advance(String partition, String key, long number);

    /// One page of a partition's records, by key (by byte).
    ///
    /// It ends at the limit, or where one more record would count for more than [#PAGE_BYTES], or with the last
    /// record that there is; for nothing else. Which of these it was, the page says.
    ///
    /// @param prefix that the keys start with; may be empty
    /// @param after keys come strictly after this one; empty to begin at the front
    /// @param limit at least 1
    CompletionStage<StatePage> scan(String partition, String prefix, String after, int limit);
}
