package io.topicstream.rocksdb;

import io.topicstream.log.LogLimit;
import io.topicstream.state.StateNumber;
import io.topicstream.state.StateStore;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Map;
import org.rocksdb.RocksDBException;

/// Decides about changes of state records, and writes them.
///
/// What it does not know (the version of a record that it has not in memory) it asks a reader for, and parks the
/// changes of that record until the answer is there.
///
/// A number that is advanced is written when the turn ends, once, however often it was raised in it.
///
/// Used by the writer, and owns the versions.
final class StateWriter {
    private static final System.Logger LOGGER = System.getLogger(StateWriter.class.getName());
    private static final int MAX_SLOTS = 8192;

    /// How many slots are looked at for each that is made.
    private static final int LOOKS = 8;

    private final LogLimit logLimit;
    private final Map<String, Slot> slots = new HashMap<>();
    private final ArrayDeque<Slot> slotOrder = new ArrayDeque<>();

    /// Records whose number was raised in this turn, in a row that is not written yet.
    private final ArrayList<Slot> advanced = new ArrayList<>();

    private long nextVersion;
    private long versionCeiling;

    /// The number of the last group with a change that the store took.
    private long lastWrittenGroup;

    /// What is known of a record.
    private static final class Slot {
        final String name;
        final String partition;
        final String key;
        boolean known;
        long version;
        long expiresAtMs;

        /// [StateNumber#NONE] where it holds something else.
        long number;

        /// Whether the number, and the version with it, is still to be written.
        boolean isAdvanced;

        long lastGroup;
        final ArrayDeque<Command.OfRecord> parked = new ArrayDeque<>(2);

        Slot(String name, String partition, String key) {
            this.name = name;
            this.partition = partition;
            this.key = key;
        }
    }

    StateWriter(LogLimit logLimit) {
        this.logLimit = logLimit;
    }

    /// A life begins, with nothing in memory.
    void begin(Life next) {
        versionCeiling = next.store.row().versions();
        nextVersion = versionCeiling - Store.VERSIONS_AHEAD;
        slots.clear();
        slotOrder.clear();
        advanced.clear();
        lastWrittenGroup = 0;
    }

    long nextVersion() {
        return nextVersion;
    }

    /// Makes the change, or parks it until a reader has looked.
    void change(Turn turn, Command.OfRecord change) throws RocksDBException {
        String name = change.partition + '\0' + change.key;
        Slot slot = slots.get(name);
        if (slot == null) {
            slot = new Slot(name, change.partition, change.key);
            slots.put(name, slot);
            slotOrder.add(slot);
            forgetSome(turn);
            if (!change.needsCurrent()) {
                slot.known = true;
            }
        }
        if (slot.known && slot.parked.isEmpty()) {
            change(turn, slot, change);
            return;
        }
        slot.parked.add(change);
        turn.inHand.clear();
        if (slot.parked.size() == 1) {
            turn.ask(new StateQuestion(turn.life, name, change.partition, change.key));
        }
    }

    private void forgetSome(Turn turn) {
        int looks = LOOKS;
        while (slotOrder.size() > MAX_SLOTS && looks-- > 0) {
            Slot slot = slotOrder.remove();
            if (slot.known && turn.isTold(slot.lastGroup)) {
                slots.remove(slot.name);
            } else {
                slotOrder.add(slot);
            }
        }
    }

    /// Goes on with the changes that waited for this answer.
    void onAnswer(Turn turn, StateAnswer answer) throws RocksDBException {
        Slot slot = slots.get(answer.question().name());
        if (slot == null) {
            return;
        }
        Throwable failure = answer.failure();
        if (failure != null) {
            refuseParked(turn, slot, failure);
            return;
        }
        StateRow row = answer.row();
        if (row != null && !slot.known) {
            slot.version = row.version();
            slot.expiresAtMs = row.expiresAtMs();
            slot.number = StateNumber.of(row.value());
        }
        slot.known = true;
        Command.OfRecord change;
        while (turn.hasRoom() && (change = slot.parked.poll()) != null) {
            turn.inHand.take(change);
            change(turn, slot, change);
            turn.inHand.clear();
        }
        if (!slot.parked.isEmpty()) {
            // The group is full. The next one goes on here.
            turn.putBack(answer);
        }
    }

    private void refuseParked(Turn turn, Slot slot, Throwable failure) {
        String reason = "a state record cannot be read: " + Life.reason(failure);
        if (logLimit.permits("state")) {
            LOGGER.log(System.Logger.Level.ERROR, reason, failure);
        }
        for (Command.OfRecord parked : slot.parked) {
            turn.refuse(parked, reason);
        }
        slots.remove(slot.name);
        slotOrder.remove(slot);
    }

    /// Puts all that is parked into the group, which is refused: the life has ended.
    void refuseParked(Turn turn) {
        for (Slot slot : slots.values()) {
            Command.OfRecord change;
            while ((change = slot.parked.poll()) != null) {
                turn.group.command(change);
            }
        }
    }

    private void change(Turn turn, Slot slot, Command.OfRecord change) throws RocksDBException {
        slot.lastGroup = turn.group.number;
        turn.life.stateGroup = turn.group.number;
        turn.group.command(change);
        switch (change) {
            case Command.StateChange put -> put(turn, slot, put);
            case Command.Advance advance -> advance(turn, slot, advance);
        }
    }

    private void put(Turn turn, Slot slot, Command.StateChange change) throws RocksDBException {
        boolean isThere = slot.version != 0 && (slot.expiresAtMs > turn.nowMs || change.ofExpired);
        long current = isThere ? slot.version : 0;
        byte[] value = change.value;
        boolean holds = change.ifVersion == StateStore.ANY_VERSION
                ? value != null || isThere
                : change.ifVersion == current && (value != null || isThere);
        if (!holds) {
            change.result = 0;
            return;
        }
        slot.isAdvanced = false;
        if (value == null) {
            CommitBatch rows = turn.rows;
            rows.key().put(StateRow.key(slot.partition, slot.key));
            rows.delete(turn.life.store.family("state"));
            slot.version = 0;
            change.result = 1;
            return;
        }
        slot.version = newVersion(turn);
        slot.expiresAtMs = change.expiresAtMs;
        slot.number = StateNumber.of(value);
        write(turn, slot, value);
        change.result = slot.version;
    }

    private void advance(Turn turn, Slot slot, Command.Advance change) throws RocksDBException {
        boolean isThere = slot.version != 0 && slot.expiresAtMs > turn.nowMs;
        if (isThere && (slot.number == StateNumber.NONE || slot.number >= change.number)) {
            change.result = slot.number;
            return;
        }
        change.result = change.number;
        slot.number = change.number;
        if (!isThere) {
            slot.expiresAtMs = StateStore.NEVER;
        }
        if (!slot.isAdvanced) {
            slot.isAdvanced = true;
            slot.version = newVersion(turn);
            advanced.add(slot);
        }
    }

    /// Writes the numbers that were raised in this turn, as they are at its end.
    void writeAdvanced(Turn turn) throws RocksDBException {
        for (int i = 0; i < advanced.size(); i++) {
            Slot slot = advanced.get(i);
            // What was put or deleted afterwards stands in the group already.
            if (slot.isAdvanced) {
                slot.isAdvanced = false;
                write(turn, slot, StateNumber.bytes(slot.number));
            }
        }
        advanced.clear();
    }

    private static void write(Turn turn, Slot slot, byte[] value) throws RocksDBException {
        StateRow row = new StateRow(slot.version, slot.expiresAtMs, value);
        CommitBatch rows = turn.rows;
        rows.key().put(StateRow.key(slot.partition, slot.key));
        row.putValue(rows.value(row.valueBytes()));
        rows.put(turn.life.store.family("state"));
    }

    private long newVersion(Turn turn) throws RocksDBException {
        long version = nextVersion++;
        if (nextVersion >= versionCeiling) {
            raiseCeiling(turn);
        }
        return version;
    }

    /// Lets the store know that versions go further, so that none is given twice after a crash.
    private void raiseCeiling(Turn turn) throws RocksDBException {
        versionCeiling += Store.VERSIONS_AHEAD;
        StoreRow store = turn.life.store.row();
        CommitBatch rows = turn.rows;
        rows.key().put(StoreRow.key());
        rows.value(StoreRow.VALUE_BYTES)
                .put(new StoreRow(store.storeId(), store.epoch(), store.durability(), false, versionCeiling).value());
        rows.put(turn.life.store.family("meta"));
    }

    /// The store took the group's rows.
    void wrote(Life life) {
        lastWrittenGroup = life.stateGroup;
    }

    /// The store did not take them: nothing of the group can be seen in it.
    void didNotWrite(Life life) {
        life.stateGroup = lastWrittenGroup;
    }
}
