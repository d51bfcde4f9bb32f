package io.topicstream.access;

import io.topicstream.log.Signals;
import io.topicstream.log.Timers;
import io.topicstream.log.TopicName;
import io.topicstream.signal.Signal;
import io.topicstream.signal.SystemTopics;
import io.topicstream.state.StateRecord;
import io.topicstream.state.StateStore;
import java.time.InstantSource;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// Whose rights have ended: whose credential was revoked, and who is blocked. All doors of a node ask it, at the
/// entrance and of those who are inside.
///
/// ## How soon an end acts
///
/// On the node that is asked for it: when it is answered. On others a signal brings it in milliseconds; signals may be
/// lost, so every node looks each [#LOOK_MS] at one record, which has the number of the last change and what the last
/// ones were ([RightsChanges]). Where the number is the one that is known, that look was all. Else what has changed is
/// read from its own record, which is the truth, and the listeners are told: they end what is open. Who has missed
/// more than is remembered reads everything.
///
/// So an end acts within a second wherever the store can be reached, and is not forgotten where it cannot: the look
/// that comes through finds it.
///
/// Thread-safe. Nothing blocks; stages complete on a thread of the engine.
public final class EndedRights {
    /// How often a node looks whether rights have changed, in milliseconds.
    public static final long LOOK_MS = 500;
    /// How many users may be blocked at once.
    public static final int MAX_BLOCKED = 100_000;

    /// How many users may be signed out at once, and how many tokens revoked.
    public static final int MAX_ENDED = 100_000;

    /// How long it is remembered that a user was signed out, in milliseconds: 400 days. Longer no token should hold.
    private static final long SIGNED_OUT_KEPT_MS = 400L * 24 * 60 * 60 * 1000;

    /// How long it is remembered that a room was deleted, in milliseconds: a day. A node that finds out later what
    /// it has missed serves nobody meanwhile.
    private static final long DELETED_ROOM_KEPT_MS = 24L * 60 * 60 * 1000;

    private static final int MAX_CREDENTIAL_ID_LENGTH = 200;
    private static final String SIGNED_OUT = "signed-out-users";
    private static final String REVOKED_TOKENS = "revoked-tokens";
    private static final String DELETED_ROOMS = "deleted-rooms";

    /// For how many looks an answer is waited for before it is asked again.
    private static final int PATIENCE_LOOKS = 4;

    /// After how many failures in a row the log is told.
    private static final int MANY_FAILURES = 10;

    /// After how many looks what is over is forgotten: about eight minutes. Here and not where ends are
    /// made, which may always be another node.
    static final int LOOKS_TO_FORGET = 1_000;

    private static final int PAGE = 500;
    private static final System.Logger LOG = System.getLogger(EndedRights.class.getName());

    private final StateStore store;
    private final Signals signals;
    private final ApiKeys keys;
    private final InstantSource clock;
    private final RightsChanges changes;
    private final TimeRecords signedOut;
    private final TimeRecords revokedTokens;
    private final TimeRecords deletedRooms;
    private final RightsMemory memory = new RightsMemory();
    private final List<Consumer<RightsChange>> listeners = new CopyOnWriteArrayList<>();

    private final Map<RightsEnd, LongAdder> connectionsEnded = new EnumMap<>(RightsEnd.class);
    private final Object blocking = new Object();
    /// How many blocks this node has made and taken back. Guarded by `blocking`.
    private long blocksChangedHere;

    // Guarded by this.
    /// The number of the last change that is known; below 0 where nothing is.
    private long seen = -1;
    private boolean stopped;
    private boolean looking;
    private boolean lookAgain;
    private long look;
    private int looksWaited;
    private int looksSinceForgotten;
    private int failures;

    /// A page of those who are blocked, by user.
    ///
    /// @param next after which user the list goes on, or null at the end
    public record Page(List<BlockedUser> users, @Nullable String next) {}

    /// @param store the durable one
    /// @param signals by which other nodes are told
    /// @param keys the API keys of this node
    public EndedRights(StateStore store, Signals signals, ApiKeys keys, InstantSource clock) {
        this.store = store;
        this.signals = signals;
        this.keys = keys;
        this.clock = clock;
        this.changes = new RightsChanges(store);
        this.signedOut = new TimeRecords(store, SIGNED_OUT);
        this.revokedTokens = new TimeRecords(store, REVOKED_TOKENS);
        this.deletedRooms = new TimeRecords(store, DELETED_ROOMS);
        for (RightsEnd why : RightsEnd.values()) {
            connectionsEnded.put(why, new LongAdder());
        }
        keys.onRevocation(this::enqueueRevoked);
    }

    // ---- asked by the doors

    /// How the rights of this one have ended, or null where they have not. To be asked when a connection has been
    /// entered where the listeners look for connections: either they see it, or this says so.
    public @Nullable RightsEnd endOf(Identity who) {
        return memory.endOf(who, clock.millis());
    }

    /// How they have ended by this change: as [#endOf]; but who is signed out must go, unless it is known that his
    /// credential is newer.
    public @Nullable RightsEnd endBy(RightsChange change, Identity who) {
        return change instanceof RightsChange.SignedOut && who.issuedAtMs() == Identity.UNKNOWN
                ? RightsEnd.SIGNED_OUT
                : endOf(who);
    }

    /// A connection ends for that; it is said once of each.
    public void onConnectionEnded(RightsEnd why) {
        counter(why).increment();
    }

    /// How many connections of this node have ended for that.
    public long connectionsEnded(RightsEnd why) {
        return counter(why).sum();
    }

    private LongAdder counter(RightsEnd why) {
        return Objects.requireNonNull(connectionsEnded.get(why));
    }

    /// Calls the listener with each change, when this node acts on it, on the thread that learned of it. Hearing of
    /// one twice must do no harm.
    public void onChange(Consumer<RightsChange> listener) {
        listeners.add(listener);
    }

    // ---- asked by those who administer

    /// Blocks a user, or changes the block that he has; answers when that is durable.
    ///
    /// @param untilMs epoch milliseconds until which, or [Identity#NEVER]
    /// @return the block; none where too many are blocked already
    /// @throws IllegalArgumentException if the id cannot be a user's, or the reason is too long
    public CompletionStage<Optional<BlockedUser>> block(String user, long untilMs, @Nullable String reason) {
        BlockedUser block = new BlockedUser(user, clock.millis(), untilMs, reason);
        if (!memory.hasRoomToBlock(user, MAX_BLOCKED, clock.millis())) {
            return CompletableFuture.completedFuture(Optional.empty());
        }
        return store.put(BlockedUser.PARTITION, user, block.encode(), StateStore.ANY_VERSION, block.expiresAtMs())
                .thenCompose(_ -> {
                    changeHere(() -> memory.block(block));
                    return tellAll(new RightsChange.OfUser(user));
                })
                .thenApply(_ -> Optional.of(block));
    }

    /// Takes a block back; answers when that is durable.
    ///
    /// @return whether the user was blocked
    public CompletionStage<Boolean> unblock(String user) {
        return store.delete(BlockedUser.PARTITION, user, StateStore.ANY_VERSION).thenCompose(deleted -> {
            changeHere(() -> memory.unblock(user));
            return tellAll(new RightsChange.OfUser(user)).thenApply(_ -> deleted);
        });
    }

    /// Who is blocked, by user.
    ///
    /// @param after users come strictly after this one; empty to begin at the front
    public CompletionStage<Page> blocked(String after, int limit) {
        return store.scan(BlockedUser.PARTITION, "", after, limit).thenApply(page -> {
            List<BlockedUser> users =
                    page.records().stream().map(BlockedUser::decode).toList();
            return new Page(users, page.isLast() ? null : page.after());
        });
    }

    /// The block of one user; null where he has none.
    public CompletionStage<@Nullable BlockedUser> blockOf(String user) {
        return store.get(BlockedUser.PARTITION, user)
                .thenApply(record -> record == null ? null : BlockedUser.decode(record));
    }

    /// When a user was signed out, in epoch milliseconds; null where he was not, or it is forgotten.
    public CompletionStage<@Nullable Long> signedOutAt(String user) {
        return signedOut.find(user);
    }

    /// Ends all connections of a user, and takes no credential any more that is known to have been issued
    /// before; answers when that is durable.
    ///
    /// @return since when they must have been issued, in epoch milliseconds; none where too many are signed out
    /// @throws IllegalArgumentException if the id cannot be a user's
    public CompletionStage<Optional<Long>> signOut(String user) {
        if (!Identity.isValidId(user)) {
            throw new IllegalArgumentException("not a user id");
        }
        long nowMs = clock.millis();
        if (!memory.hasRoomToSignOut(user, MAX_ENDED, nowMs - SIGNED_OUT_KEPT_MS)) {
            return CompletableFuture.completedFuture(Optional.empty());
        }
        // Later than any before it, or nodes would take it for one that they know: the clock of a node that signed the
        // user out before may be ahead of this one's.
        long sinceMs = Math.max(nowMs, memory.signedOutSince(user) + 1);
        return signedOut
                .put(user, sinceMs, sinceMs + SIGNED_OUT_KEPT_MS)
                .thenCompose(_ -> {
                    memory.signOut(user, sinceMs);
                    return tellAll(new RightsChange.SignedOut(user));
                })
                .thenApply(_ -> Optional.of(sinceMs));
    }

    /// Takes a token no more that somebody else has issued, and ends its connections; answers when that is durable.
    ///
    /// @param credentialId as in [Identity#credentialId], 1 to 200 characters
    /// @param untilMs epoch milliseconds at which it ends by itself and this is forgotten, or [Identity#NEVER]
    /// @return whether there was room to remember it
    /// @throws IllegalArgumentException if the id is too long or empty
    public CompletionStage<Boolean> revokeToken(String credentialId, long untilMs) {
        if (credentialId.isEmpty()
                || credentialId.length() > MAX_CREDENTIAL_ID_LENGTH
                || !credentialId.chars().allMatch(c -> c > ' ' && c < 0x7F)) {
            throw new IllegalArgumentException(
                    "a credential's id has 1 to " + MAX_CREDENTIAL_ID_LENGTH + " visible ASCII characters");
        }
        if (!memory.hasRoomToRevoke(credentialId, MAX_ENDED, clock.millis())) {
            return CompletableFuture.completedFuture(false);
        }
        return revokedTokens
                .put(credentialId, untilMs, untilMs == Identity.NEVER ? StateStore.NEVER : untilMs)
                .thenCompose(_ -> {
                    memory.revokeToken(credentialId, untilMs);
                    return tellAll(new RightsChange.OfCredential(credentialId));
                })
                .thenApply(_ -> true);
    }

    /// Ends all that listens to a room which is being deleted, on all nodes; answers when that is durable. Who
    /// listens anew afterwards stays; but on another node, who does so before that one has looked, hears of it too.
    public CompletionStage<Long> endRoom(TopicName room) {
        return deletedRooms
                .find(room.value())
                .thenCompose(before -> {
                    long nowMs = clock.millis();
                    // Each time is a later one, so that a node sees that it is another.
                    long atMs = before == null ? nowMs : Math.max(nowMs, before + 1);
                    return deletedRooms
                            .put(room.value(), atMs, nowMs + DELETED_ROOM_KEPT_MS)
                            .thenApply(_ -> atMs);
                })
                .thenCompose(atMs -> {
                    var _ = isRoomNewlyDeleted(room, atMs);
                    return tellAll(new RightsChange.OfRoom(room));
                });
    }

    private boolean isRoomNewlyDeleted(TopicName room, long atMs) {
        return memory.deleteRoom(room, atMs, clock.millis() - DELETED_ROOM_KEPT_MS);
    }

    /// Notes what is durable, and has all nodes act on it.
    private CompletionStage<Long> tellAll(RightsChange change) {
        tell(change);
        return changes.note(change).thenApply(number -> {
            signals.signal(SystemTopics.CREDENTIALS, new Signal.RightsChanged(number).encode());
            return number;
        });
    }

    // ---- what other nodes have done

    /// A credential was revoked, here or elsewhere. Does nothing to the store.
    public void enqueueRevoked(String credentialId) {
        if (memory.revoke(credentialId)) {
            keys.enqueueRevokedElsewhere(credentialId);
            tell(new RightsChange.OfCredential(credentialId));
        }
    }

    /// Another node has said that there is a change with this number.
    public void enqueueChanged(long number) {
        synchronized (this) {
            if (number == seen) {
                return;
            }
        }
        look();
    }

    /// Begins to look each [#LOOK_MS].
    ///
    /// @param timers run the task on any thread
    public void watch(Timers timers) {
        timers.schedule(
                () -> {
                    if (!isStopped()) {
                        watch(timers);
                        forgetEnded();
                        look();
                    }
                },
                LOOK_MS);
    }

    private void forgetEnded() {
        synchronized (this) {
            looksSinceForgotten = (looksSinceForgotten + 1) % LOOKS_TO_FORGET;
            if (looksSinceForgotten != 0) {
                return;
            }
        }
        memory.forgetEnded(clock.millis(), clock.millis() - SIGNED_OUT_KEPT_MS);
    }

    /// How many ends this node remembers.
    int remembered() {
        return memory.size();
    }

    /// Ends that.
    public synchronized void stop() {
        stopped = true;
    }

    private synchronized boolean isStopped() {
        return stopped;
    }

    /// Looks now, unless it does so already: then again afterwards.
    private void look() {
        long mine;
        synchronized (this) {
            if (looking && ++looksWaited < PATIENCE_LOOKS) {
                lookAgain = true;
                return;
            }
            looking = true;
            lookAgain = false;
            looksWaited = 0;
            mine = ++look;
        }
        CompletionStage<Long> asked;
        try {
            asked = catchUp();
        } catch (RuntimeException e) {
            asked = CompletableFuture.failedFuture(e);
        }
        var _ = asked.whenComplete((_, failure) -> onLooked(mine, failure));
    }

    private void onLooked(long mine, @Nullable Throwable failure) {
        synchronized (this) {
            if (mine != look) {
                return;
            }
            looking = false;
            failures = failure == null ? 0 : failures + 1;
            if (failures == MANY_FAILURES) {
                LOG.log(
                        System.Logger.Level.WARNING,
                        "it cannot be found out whose rights have ended; it is tried on",
                        failure);
            }
            if (!lookAgain || stopped) {
                return;
            }
        }
        look();
    }

    /// Acts on what has changed since the last time. Before the doors are opened a node does it once.
    public CompletionStage<Long> catchUp() {
        return changes.read().thenCompose(tail -> {
            List<RightsChange> missed;
            synchronized (this) {
                if (tail.last() == seen) {
                    return CompletableFuture.completedFuture(seen);
                }
                missed = seen < 0 ? null : tail.after(seen);
            }
            return (missed == null ? readAll() : read(missed, 0)).thenApply(_ -> {
                synchronized (this) {
                    seen = tail.last();
                }
                return tail.last();
            });
        });
    }

    private CompletionStage<Boolean> read(List<RightsChange> missed, int from) {
        if (from == missed.size()) {
            return CompletableFuture.completedFuture(true);
        }
        return read(missed.get(from)).thenCompose(_ -> read(missed, from + 1));
    }

    private CompletionStage<Boolean> read(RightsChange change) {
        return switch (change) {
            case RightsChange.OfCredential(String id) ->
                revokedTokens.find(id).thenApply(untilMs -> {
                    if (untilMs == null) {
                        enqueueRevoked(id);
                    } else if (memory.revokeToken(id, untilMs)) {
                        tell(change);
                    }
                    return true;
                });
            case RightsChange.OfUser(String user) ->
                readAndTake(
                                () -> store.get(BlockedUser.PARTITION, user).thenApply(Optional::ofNullable),
                                record -> record.map(BlockedUser::decode)
                                        .ifPresentOrElse(memory::block, () -> memory.unblock(user)))
                        .thenApply(_ -> {
                            tell(change);
                            return true;
                        });
            case RightsChange.SignedOut(String user) ->
                signedOut.find(user).thenApply(sinceMs -> {
                    // Told once: who has come again since is not to go.
                    if (sinceMs != null && memory.signOut(user, sinceMs)) {
                        tell(change);
                    }
                    return true;
                });
            case RightsChange.OfRoom(TopicName room) ->
                deletedRooms.find(room.value()).thenApply(atMs -> {
                    // Told once: who has come again since is not to go.
                    if (atMs != null && isRoomNewlyDeleted(room, atMs)) {
                        tell(change);
                    }
                    return true;
                });
            case RightsChange.Any() -> readAll();
        };
    }

    /// Reads who is blocked and takes it up. Where this node has changed a block meanwhile, what was read
    /// may be older, and it is read again: what was answered holds here without a gap.
    private <T> CompletionStage<Boolean> readAndTake(Supplier<CompletionStage<T>> reading, Consumer<T> taking) {
        long asOf;
        synchronized (blocking) {
            asOf = blocksChangedHere;
        }
        return reading.get().thenCompose(found -> {
            synchronized (blocking) {
                if (asOf == blocksChangedHere) {
                    taking.accept(found);
                    return CompletableFuture.completedFuture(true);
                }
            }
            return readAndTake(reading, taking);
        });
    }

    private void changeHere(Runnable change) {
        synchronized (blocking) {
            blocksChangedHere++;
            change.run();
        }
    }

    private CompletionStage<Boolean> readAll() {
        return readAndTake(() -> readAll("", new HashMap<>()), memory::blockOnly)
                .thenCombine(revokedTokens.all(), (_, tokens) -> {
                    tokens.forEach(memory::revokeToken);
                    return true;
                })
                .thenCombine(signedOut.all(), (_, users) -> {
                    keys.forgetCached();
                    tell(new RightsChange.Any());
                    users.forEach((user, sinceMs) -> {
                        if (memory.signOut(user, sinceMs)) {
                            tell(new RightsChange.SignedOut(user));
                        }
                    });
                    return true;
                })
                .thenCombine(deletedRooms.all(), (_, rooms) -> {
                    rooms.forEach((name, atMs) -> {
                        TopicName room = new TopicName(name);
                        if (isRoomNewlyDeleted(room, atMs)) {
                            tell(new RightsChange.OfRoom(room));
                        }
                    });
                    return true;
                });
    }

    private CompletionStage<Map<String, Long>> readAll(String after, Map<String, Long> found) {
        return store.scan(BlockedUser.PARTITION, "", after, PAGE).thenCompose(page -> {
            for (StateRecord record : page.records()) {
                found.put(record.key(), BlockedUser.decode(record).untilMs());
            }
            return page.isLast() ? CompletableFuture.completedFuture(found) : readAll(page.after(), found);
        });
    }

    private void tell(RightsChange change) {
        for (Consumer<RightsChange> listener : listeners) {
            try {
                listener.accept(change);
            } catch (RuntimeException e) {
                // The rights have ended all the same, and the other listeners have to hear of it.
                LOG.log(System.Logger.Level.ERROR, "a listener failed at a change of rights", e);
            }
        }
    }
}
