package io.topicstream.aws.dynamo;

import static io.topicstream.aws.dynamo.StateItem.bytes;
import static io.topicstream.aws.dynamo.StateItem.number;

import io.topicstream.log.LogUnavailableException;
import io.topicstream.state.NotANumberException;
import io.topicstream.state.StateNumber;
import io.topicstream.state.StateStore;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;
import software.amazon.awssdk.services.dynamodb.model.ConditionalCheckFailedException;
import software.amazon.awssdk.services.dynamodb.model.ReturnValuesOnConditionCheckFailure;

/// Changes of state records, each of them one conditional write.
///
/// Every condition asks for a version below the new one. So versions of a row rise whatever the clocks of nodes do,
/// and a request that comes a second time, or late, changes nothing. Where the row's version is as high as the new
/// one, the change is tried again with a higher one; that is rare, a node whose clock is behind.
///
/// A refusal brings the row as it is. If that carries the change's own mark, a request was done whose answer was lost.
/// If such a request may have been done, and others may have changed the row since, nobody can say: the change fails
/// with a [LogUnavailableException].
///
/// Blocks; thread-safe.
final class StateWrites {
    private static final int MAX_ROUNDS = 20;
    private static final String IS_ALIVE = "(attribute_not_exists(e) OR e > :now)";

    private final DynamoTable table;
    private final InstantSource clock;
    private final StateVersions versions;

    StateWrites(DynamoTable table, InstantSource clock) {
        this.table = table;
        this.clock = clock;
        this.versions = new StateVersions(clock);
    }

    /// What a write must find, with the values that the text names.
    private record Condition(String text, Map<String, AttributeValue> values) {}

    /// How a write ended.
    ///
    /// @param isDone now, or by a request whose answer was lost
    /// @param found what stood in its way; null where there is no row
    /// @param isInDoubt whether it may have been done, and changed by others since
    private record Outcome(boolean isDone, @Nullable StateItem found, boolean isInDoubt) {}

    /// See [StateStore#put].
    long put(String pk, String key, byte[] value, long ifVersion, long expiresAtMs) {
        for (int round = 0; round < MAX_ROUNDS; round++) {
            long nowMs = clock.millis();
            long version = versions.above(Math.max(ifVersion, 0));
            StateItem item = new StateItem(version, versions.mark(), value, expiresAtMs);
            Outcome outcome = replace(pk, key, item, putCondition(ifVersion, version, nowMs), nowMs);
            if (outcome.isDone()) {
                return version;
            }
            StateItem found = settled(outcome);
            boolean holds = ifVersion == StateStore.ANY_VERSION
                    || (ifVersion == StateStore.ABSENT && (found == null || found.isExpired(nowMs)));
            if (!holds) {
                return 0;
            }
        }
        throw tooMany();
    }

    private static Condition putCondition(long ifVersion, long version, long nowMs) {
        if (ifVersion == StateStore.ANY_VERSION) {
            return new Condition("attribute_not_exists(pk) OR v < :v", Map.of(":v", number(version)));
        }
        if (ifVersion == StateStore.ABSENT) {
            return new Condition(
                    "attribute_not_exists(pk) OR (e <= :now AND v < :v)",
                    Map.of(":now", number(nowMs), ":v", number(version)));
        }
        return isVersion(ifVersion, nowMs);
    }

    private static Condition isVersion(long version, long nowMs) {
        return new Condition("v = :is AND " + IS_ALIVE, Map.of(":is", number(version), ":now", number(nowMs)));
    }

    /// See [StateStore#delete].
    boolean delete(String pk, String key, long ifVersion) {
        for (int round = 0; round < MAX_ROUNDS; round++) {
            long nowMs = clock.millis();
            long version = versions.above(Math.max(ifVersion, 0));
            Condition condition = ifVersion == StateStore.ANY_VERSION
                    ? new Condition("v < :v AND " + IS_ALIVE, Map.of(":v", number(version), ":now", number(nowMs)))
                    : isVersion(ifVersion, nowMs);
            Outcome outcome = replace(pk, key, StateItem.deleted(version, versions.mark()), condition, nowMs);
            if (outcome.isDone()) {
                return true;
            }
            StateItem found = settled(outcome);
            if (ifVersion != StateStore.ANY_VERSION || found == null || found.isExpired(nowMs)) {
                return false;
            }
        }
        throw tooMany();
    }

    /// See [StateStore#advance]. Numbers are compared by the service: eight bytes, the highest first, are ordered
    /// like the numbers that they are, and a negative one is above all.
    ///
    /// @param partition for the message of a failure
    /// @param value of the number
    long advance(String pk, String partition, String key, byte[] value) {
        long number = StateNumber.of(value);
        for (int round = 0; round < MAX_ROUNDS; round++) {
            long nowMs = clock.millis();
            StateItem raised = new StateItem(versions.above(0), versions.mark(), value, StateStore.NEVER);
            Outcome outcome = raise(pk, key, raised, nowMs);
            if (outcome.isDone()) {
                return number;
            }
            StateItem found = outcome.found();
            boolean isThere = found != null && !found.isExpired(nowMs);
            long held = found == null || !isThere ? StateNumber.NONE : StateNumber.of(found.value());
            if (held >= number) {
                return held;
            }
            settled(outcome);
            if (isThere && held == StateNumber.NONE) {
                throw new NotANumberException(partition, key);
            }
            // It has expired: a new one takes its place. An update would keep its expiry.
            if (found != null && !isThere && put(pk, key, value, StateStore.ABSENT, StateStore.NEVER) != 0) {
                return number;
            }
        }
        throw tooMany();
    }

    private Outcome raise(String pk, String key, StateItem raised, long nowMs) {
        Map<String, AttributeValue> values = Map.of(
                ":now", number(nowMs),
                ":v", number(raised.version()),
                ":m", bytes(raised.mark()),
                ":d", bytes(raised.value()),
                ":bytes", number(Long.BYTES),
                ":u", DynamoTable.THIS_FORM);
        return write(
                raised,
                tries -> table.client()
                        .updateItem(update -> update.tableName(table.name())
                                .key(StateItem.key(pk, key))
                                .updateExpression("SET v = :v, m = :m, d = :d, u = :u")
                                .conditionExpression(
                                        "attribute_not_exists(pk) OR (v < :v AND size(d) = :bytes AND d < :d AND "
                                                + IS_ALIVE + ")")
                                .expressionAttributeValues(values)
                                .returnValuesOnConditionCheckFailure(ReturnValuesOnConditionCheckFailure.ALL_OLD)
                                .overrideConfiguration(override -> override.addMetricPublisher(tries))));
    }

    private Outcome replace(String pk, String key, StateItem item, Condition condition, long nowMs) {
        return write(
                item,
                tries -> table.client()
                        .putItem(put -> put.tableName(table.name())
                                .item(item.attributes(pk, key, nowMs))
                                .conditionExpression(condition.text())
                                .expressionAttributeValues(condition.values())
                                .returnValuesOnConditionCheckFailure(ReturnValuesOnConditionCheckFailure.ALL_OLD)
                                .overrideConfiguration(override -> override.addMetricPublisher(tries))));
    }

    private static Outcome write(StateItem item, Consumer<Tries> call) {
        Tries tries = new Tries();
        try {
            call.accept(tries);
            return new Outcome(true, null, false);
        } catch (ConditionalCheckFailedException e) {
            StateItem found = e.hasItem() ? StateItem.of(e.item()) : null;
            if (found == null) {
                // A row that was written is there for some time. So it was not.
                return new Outcome(false, null, false);
            }
            if (found.version() == item.version() && Arrays.equals(found.mark(), item.mark())) {
                return new Outcome(true, null, false);
            }
            // Versions rise: it cannot have been done where the row's is lower.
            return new Outcome(false, found, tries.isInDoubt() && found.version() > item.version());
        }
    }

    /// What stood in the way of a write that was certainly not done.
    private @Nullable StateItem settled(Outcome outcome) {
        if (outcome.isInDoubt()) {
            throw new LogUnavailableException(
                    "nobody can say whether the record was changed: the answer was lost, and others have changed it");
        }
        if (outcome.found() != null) {
            versions.saw(outcome.found().version());
        }
        return outcome.found();
    }

    private static LogUnavailableException tooMany() {
        return new LogUnavailableException("too many change the same record at once");
    }
}
