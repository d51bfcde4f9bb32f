package io.topicstream.command;

import io.topicstream.access.Identity;
import io.topicstream.access.SourceAddress;
import java.time.InstantSource;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// How many requests callers may make: one connection, one user over all of its connections and requests, and all that
/// use one stage. Each is a bucket of its own, and a request passes where all of them let it.
///
/// A user is who showed a credential; guests are told apart by their addresses, of which IPv6 ones count by their /64.
/// The user's bucket is asked before the stage's, so what a user is refused takes nothing from the others on the
/// stage. Requests over HTTP belong to no connection and no stage. All of it is this node's: on several nodes a user
/// has as many buckets.
///
/// Thread-safe; does not block.
public final class RateLimits implements Quota {
    /// How many users a node counts at once.
    static final int MAX_USERS = 100_000;

    private final @Nullable Buckets connections;
    private final @Nullable Buckets users;
    private final Map<String, TokenBucket> stages;
    private final LongAdder refusedByConnection = new LongAdder();
    private final LongAdder refusedByUser = new LongAdder();
    private final LongAdder refusedByStage = new LongAdder();

    private RateLimits(@Nullable Buckets connections, @Nullable Buckets users, Map<String, TokenBucket> stages) {
        this.connections = connections;
        this.users = users;
        this.stages = stages;
    }

    /// The limits of a node; [Quota#UNLIMITED] where nothing is limited, which costs nothing.
    ///
    /// @param connection what one connection may, or null for no limit
    /// @param user what one user may, or null for no limit
    /// @param stages what all on a stage may, by the stage's name; those that are not in it have no limit
    /// @param mostConnections how many there may be on this node
    public static Quota of(
            @Nullable Rate connection,
            @Nullable Rate user,
            Map<String, Rate> stages,
            int mostConnections,
            InstantSource clock) {
        return connection == null && user == null && stages.isEmpty()
                ? UNLIMITED
                : new RateLimits(
                        connection == null ? null : new Buckets(connection, mostConnections, clock),
                        user == null ? null : new Buckets(user, MAX_USERS, clock),
                        stages.entrySet().stream()
                                .collect(Collectors.toUnmodifiableMap(
                                        Map.Entry::getKey, stage -> new TokenBucket(stage.getValue(), clock))));
    }

    @Override
    public boolean take(Caller caller, int payloadBytes) {
        String connectionId = caller.connectionId();
        TokenBucket connection = connections == null || connectionId == null ? null : connections.of(connectionId);
        if (!TokenBucket.take(connection)) {
            refusedByConnection.increment();
            return false;
        }
        TokenBucket user = users == null ? null : users.of(user(caller));
        if (!TokenBucket.take(user)) {
            TokenBucket.giveBack(connection);
            refusedByUser.increment();
            return false;
        }
        TokenBucket stage = connectionId == null ? null : stages.get(caller.stage());
        if (!TokenBucket.take(stage)) {
            TokenBucket.giveBack(user);
            TokenBucket.giveBack(connection);
            refusedByStage.increment();
            return false;
        }
        return true;
    }

    @Override
    public Refusals refusals() {
        return new Refusals(refusedByConnection.sum(), refusedByUser.sum(), refusedByStage.sum());
    }

    /// Ids that guests give themselves tell nobody apart.
    private static Object user(Caller caller) {
        Identity who = caller.identity();
        String user = who.user();
        return user == null || who.credential() == Identity.Credential.NONE ? SourceAddress.of(caller.address()) : user;
    }
}
