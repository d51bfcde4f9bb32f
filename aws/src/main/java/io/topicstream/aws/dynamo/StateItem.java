package io.topicstream.aws.dynamo;

import io.topicstream.state.StateRecord;
import io.topicstream.state.StateStore;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;

/// A row that is a record of state, or stands for one that was deleted.
///
/// ```
/// pk   S# or V#, and the partition
/// sk   key
/// u    format version: 1
/// v    version, a number
/// m    mark of the change that wrote it, 8 random bytes
/// d    value, bytes; a deleted record has none
/// e    expires at, epoch milliseconds; not there where it never does, 0 where it was deleted
/// x    when DynamoDB may delete the row, epoch seconds; not there where the record never expires
/// ```
///
/// A row outlives its record by [#KEPT_S]: who looks at it learns which version was the last, and whose.
///
/// @param mark owned by the row, and so is the value
@SuppressWarnings("ArrayRecordComponent") // has its own equals
record StateItem(long version, byte[] mark, byte[] value, long expiresAtMs) {
    static final String VERSION = "v";
    static final String MARK = "m";
    static final String VALUE = "d";
    static final String EXPIRES_AT = "e";

    /// How long a row outlives its record. Longer than the signature of a request is valid, so that none that comes
    /// late finds the row gone; and than clocks of nodes should differ.
    static final long KEPT_S = 3600;

    private static final long DELETED = 0;
    private static final byte[] NOTHING = {};

    /// The row of a deleted record.
    static StateItem deleted(long version, byte[] mark) {
        return new StateItem(version, mark, NOTHING, DELETED);
    }

    /// The row that is read; null if it does not exist.
    static @Nullable StateItem of(Map<String, AttributeValue> item) {
        if (item.isEmpty()) {
            return null;
        }
        DynamoTable.requireForm(item);
        AttributeValue value = item.get(VALUE);
        AttributeValue expiresAt = item.get(EXPIRES_AT);
        return new StateItem(
                Long.parseLong(attribute(item, VERSION).n()),
                attribute(item, MARK).b().asByteArray(),
                value == null ? NOTHING : value.b().asByteArray(),
                expiresAt == null ? StateStore.NEVER : Long.parseLong(expiresAt.n()));
    }

    private static AttributeValue attribute(Map<String, AttributeValue> item, String name) {
        AttributeValue value = item.get(name);
        if (value == null) {
            throw new IllegalStateException("a row of a state record has no " + name);
        }
        return value;
    }

    /// The row as it is written.
    Map<String, AttributeValue> attributes(String pk, String key, long nowMs) {
        Map<String, AttributeValue> item = new HashMap<>(key(pk, key));
        item.put(DynamoTable.FORM, DynamoTable.THIS_FORM);
        item.put(VERSION, number(version));
        item.put(MARK, bytes(mark));
        if (expiresAtMs != DELETED) {
            item.put(VALUE, bytes(value));
        }
        if (expiresAtMs != StateStore.NEVER) {
            item.put(EXPIRES_AT, number(expiresAtMs));
            item.put(DynamoTable.EXPIRES, number(Math.ceilDiv(Math.max(expiresAtMs, nowMs), 1000) + KEPT_S));
        }
        return item;
    }

    /// The key of a row.
    static Map<String, AttributeValue> key(String pk, String key) {
        return Map.of(DynamoTable.PK, AttributeValue.fromS(pk), DynamoTable.SK, AttributeValue.fromS(key));
    }

    static AttributeValue number(long number) {
        return AttributeValue.fromN(Long.toString(number));
    }

    /// @param bytes handed over
    static AttributeValue bytes(byte[] bytes) {
        return AttributeValue.fromB(SdkBytes.fromByteArrayUnsafe(bytes));
    }

    boolean isExpired(long nowMs) {
        return expiresAtMs <= nowMs;
    }

    /// The record, with the row's value.
    StateRecord record(String key) {
        return new StateRecord(key, value, version, expiresAtMs);
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof StateItem that
                && version == that.version
                && Arrays.equals(mark, that.mark)
                && Arrays.equals(value, that.value)
                && expiresAtMs == that.expiresAtMs;
    }

    @Override
    public int hashCode() {
        return Objects.hash(version, Arrays.hashCode(mark), Arrays.hashCode(value), expiresAtMs);
    }
}
