package io.topicstream.connection;

import io.topicstream.log.Backoff;
import io.topicstream.log.Timers;
import io.topicstream.state.StateStore;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.HexFormat;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/// The tag of a node: a number that no other node has at the moment, leased and renewed for as long as it lives.
/// Tags stand in connection ids and name the topic on which a node is spoken to. Thread-safe.
///
/// | partition | key | value |
/// | --- | --- | --- |
/// | `nodes` | the tag, 4 hexadecimal digits | which node has it: 16 random ones, in the store of what dies with a node
/// |
///
/// A lease that was not renewed in time, since the node or the store stood still, is taken again. If another node
/// has the tag by then the node keeps it all the same, and says so: its connections bear it. What is asked of them
/// from elsewhere is then asked of the other node, which does not know them.
public final class NodeTag {
    /// How long a lease lasts, in milliseconds: after so long a node that died counts as gone.
    static final long LEASE_MS = 30_000;

    private static final System.Logger LOGGER = System.getLogger(NodeTag.class.getName());
    private static final String PARTITION = "nodes";
    private static final long RENEW_MS = LEASE_MS / 3;
    /// Of 65,536, so that no node of a large cluster finds none.
    private static final int MAX_TRIES = 64;

    private final StateStore leases;
    private final InstantSource clock;
    private final RandomGenerator random;
    private final int tag;
    private final byte[] node;
    private volatile boolean ended;

    // Of the one renewal that is under way.
    private volatile long version;

    private NodeTag(
            StateStore leases, InstantSource clock, RandomGenerator random, int tag, byte[] node, long version) {
        this.leases = leases;
        this.clock = clock;
        this.random = random;
        this.tag = tag;
        this.node = node;
        this.version = version;
    }

    /// Leases a tag. Fails where all that it tries are taken.
    ///
    /// @param leases the store of what dies with a node
    public static CompletionStage<NodeTag> lease(StateStore leases, InstantSource clock, RandomGenerator random) {
        byte[] node = HexFormat.of().toHexDigits(random.nextLong()).getBytes(StandardCharsets.US_ASCII);
        return lease(leases, clock, random, node, MAX_TRIES);
    }

    private static CompletionStage<NodeTag> lease(
            StateStore leases, InstantSource clock, RandomGenerator random, byte[] node, int tries) {
        if (tries == 0) {
            return CompletableFuture.failedFuture(new IllegalStateException("no tag for this node was free"));
        }
        int tag = random.nextInt(1 << 16);
        return leases.put(PARTITION, key(tag), node.clone(), StateStore.ABSENT, clock.millis() + LEASE_MS)
                .thenCompose(version -> version == 0
                        ? lease(leases, clock, random, node, tries - 1)
                        : CompletableFuture.completedFuture(new NodeTag(leases, clock, random, tag, node, version)));
    }

    /// The tag, 0 to 65,535.
    public int tag() {
        return tag;
    }

    /// Renews the lease from now on.
    ///
    /// @param timers of any thread
    public void keep(Timers timers) {
        timers.schedule(() -> renew(timers, 0), RENEW_MS);
    }

    private void renew(Timers timers, int failures) {
        if (ended) {
            return;
        }
        var _ = put(version)
                .thenCompose(renewed -> renewed != 0 || ended ? done(renewed) : put(StateStore.ABSENT))
                .whenComplete((renewed, failure) -> {
                    if (ended) {
                        // It was given back meanwhile, under the version of before.
                        giveBack(renewed);
                        return;
                    }
                    if (failure != null) {
                        timers.schedule(() -> renew(timers, failures + 1), Backoff.delayMs(failures + 1, random));
                        return;
                    }
                    if (renewed == 0) {
                        LOGGER.log(
                                System.Logger.Level.WARNING,
                                "another node has this one's tag: this one's connections cannot be asked of there");
                    } else {
                        version = renewed;
                    }
                    keep(timers);
                });
    }

    private static CompletionStage<Long> done(long version) {
        return CompletableFuture.completedFuture(version);
    }

    private CompletionStage<Long> put(long ifVersion) {
        return leases.put(PARTITION, key(tag), node.clone(), ifVersion, clock.millis() + LEASE_MS);
    }

    /// Gives the tag back. Without effect the second time.
    public void end() {
        ended = true;
        giveBack(version);
    }

    /// @param leased the version of the lease; null or 0 where there is no lease
    private void giveBack(@Nullable Long leased) {
        if (leased != null && leased != 0) {
            var _ = leases.delete(PARTITION, key(tag), leased);
        }
    }

    /// Whether a node has the tag.
    CompletionStage<Boolean> isHeld(int other) {
        return leases.get(PARTITION, key(other)).thenApply(record -> record != null);
    }

    private static String key(int tag) {
        return HexFormat.of().toHexDigits((short) tag);
    }
}
