package io.topicstream.tail;

import io.topicstream.log.Deadlines;
import io.topicstream.log.Timers;
import io.topicstream.state.StateStore;
import java.time.InstantSource;
import org.jspecify.annotations.Nullable;

/// Something that one node does at a time: who has the record does it, and renews it for as long as it
/// lives. Owned by one thread.
///
/// The record ends by itself a few seconds after its holder died, and another node takes it. A holder
/// that stood still for longer than that may go on for a moment beside the new one; so what it does must
/// bear that.
public final class Lease {
    /// How long it lasts without being renewed, in milliseconds.
    public static final long LEASE_MS = 3_500;

    /// How often it is renewed or asked for, in milliseconds.
    static final long RENEW_MS = 1_000;

    private final StateStore store;
    private final String partition;
    private final String key;
    private final byte[] holder;
    private final InstantSource clock;
    private final Deadlines deadlines;
    private final Timers timers;
    private final Holder told;

    private long version = StateStore.ABSENT;
    private long untilMs;
    private boolean held;
    private boolean ended;

    /// Who is told what becomes of it, on the thread.
    public interface Holder {
        /// This node has it from now on.
        void onHeld();

        /// This node has it no longer; it is asked for again.
        void onLost();
    }

    /// @param store of what dies with a node
    /// @param holder the value of the record: who has it, for the eyes of an operator
    /// @param deadlines of the thread
    /// @param timers of the thread
    public Lease(
            StateStore store,
            String partition,
            String key,
            byte[] holder,
            InstantSource clock,
            Deadlines deadlines,
            Timers timers,
            Holder told) {
        this.store = store;
        this.partition = partition;
        this.key = key;
        this.holder = holder;
        this.clock = clock;
        this.deadlines = deadlines;
        this.timers = timers;
        this.told = told;
    }

    /// Asks for it from now on. Called once.
    public void begin() {
        turn();
    }

    /// Gives it back, for another node to have it at once. The holder is told nothing more.
    public void end() {
        ended = true;
        held = false;
        if (version != StateStore.ABSENT) {
            var _ = store.delete(partition, key, version);
        }
    }

    /// Whether this node has it, as far as it knows.
    public boolean isHeld() {
        return held && clock.millis() < untilMs;
    }

    private void turn() {
        if (ended) {
            return;
        }
        long beganAtMs = clock.millis();
        deadlines.within(
                store.put(partition, key, holder.clone(), version, beganAtMs + LEASE_MS), (renewed, failure) -> {
                    if (ended) {
                        giveBack(renewed);
                        return;
                    }
                    if (renewed != null && renewed != 0) {
                        onRenewed(renewed, beganAtMs);
                    } else if (renewed != null) {
                        // Another has it, or the own one has ended: then it is free, and is had at the next turn.
                        version = StateStore.ABSENT;
                        lose();
                    } else {
                        loseIfOver();
                    }
                    timers.schedule(this::turn, Math.clamp(RENEW_MS - (clock.millis() - beganAtMs), 1, RENEW_MS));
                });
    }

    private void giveBack(@Nullable Long renewed) {
        if (renewed != null && renewed != 0) {
            var _ = store.delete(partition, key, renewed);
        }
    }

    private void onRenewed(long renewed, long beganAtMs) {
        version = renewed;
        untilMs = beganAtMs + LEASE_MS;
        timers.schedule(this::loseIfOver, LEASE_MS);
        if (!held) {
            held = true;
            told.onHeld();
        }
    }

    /// Where nothing was renewed in time another node may have it.
    private void loseIfOver() {
        if (!ended && held && clock.millis() >= untilMs) {
            lose();
        }
    }

    private void lose() {
        if (held) {
            held = false;
            told.onLost();
        }
    }
}
