package io.topicstream.access;

import io.topicstream.log.TopicName;
import java.util.ArrayDeque;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/// What a node knows of rights that have ended. Thread-safe: it is asked at every frame and request, and waits for
/// nobody then.
final class RightsMemory {
    /// How many revoked credentials are remembered; the oldest goes. The store does not know them either by then.
    private static final int MAX_REVOKED = 10_000;
    /// From how many deleted rooms on those are looked for that need not be remembered.
    private static final int MANY_ROOMS = 10_000;

    /// Until when, by user.
    private final Map<String, Long> blocked = new ConcurrentHashMap<>();
    /// Since when credentials must have been issued, by user.
    private final Map<String, Long> signedOut = new ConcurrentHashMap<>();
    /// Tokens that others have issued, and until when they would hold.
    private final Map<String, Long> revokedTokens = new ConcurrentHashMap<>();
    /// When each was deleted last.
    private final Map<TopicName, Long> deletedRooms = new ConcurrentHashMap<>();
    private final Set<String> revoked = ConcurrentHashMap.newKeySet();
    /// The same in the order in which they came. Guarded by itself.
    private final ArrayDeque<String> revokedInOrder = new ArrayDeque<>();

    /// How the rights have ended, or null where they have not.
    @Nullable
    RightsEnd endOf(Identity who, long nowMs) {
        if (who.isExpired(nowMs)) {
            return RightsEnd.EXPIRED;
        }
        String credentialId = who.credentialId();
        if (credentialId != null && (revoked.contains(credentialId) || revokedTokens.containsKey(credentialId))) {
            return RightsEnd.REVOKED;
        }
        String user = who.user();
        if (user == null) {
            return null;
        }
        if (isBlocked(user, nowMs)) {
            return RightsEnd.BLOCKED;
        }
        Long since = signedOut.get(user);
        return since != null && who.issuedAtMs() != Identity.UNKNOWN && who.issuedAtMs() < since
                ? RightsEnd.SIGNED_OUT
                : null;
    }

    private boolean isBlocked(String user, long nowMs) {
        Long until = blocked.get(user);
        return until != null && nowMs < until;
    }

    /// Whether this user may be blocked where so many may be at once: who is blocked already takes no room.
    boolean hasRoomToBlock(String user, int most, long nowMs) {
        return hasRoom(blocked, user, most, until -> nowMs >= until);
    }

    private static boolean hasRoom(Map<String, Long> ended, String one, int most, Predicate<Long> isOver) {
        if (ended.size() < most || ended.containsKey(one)) {
            return true;
        }
        ended.values().removeIf(isOver);
        return ended.size() < most;
    }

    void block(BlockedUser block) {
        blocked.put(block.user(), block.untilMs());
    }

    void unblock(String user) {
        blocked.remove(user);
    }

    /// These are blocked and no others.
    void blockOnly(Map<String, Long> users) {
        // In this order, so that nobody who is blocked is let in meanwhile.
        blocked.putAll(users);
        blocked.keySet().retainAll(users.keySet());
    }

    /// Whether this user may be signed out where so many may be.
    ///
    /// @param keptMs since when it is remembered
    boolean hasRoomToSignOut(String user, int most, long keptMs) {
        return hasRoom(signedOut, user, most, since -> since < keptMs);
    }

    /// Since when the user's credentials must have been issued; [Identity#UNKNOWN] where he was not
    /// signed out.
    long signedOutSince(String user) {
        return signedOut.getOrDefault(user, Identity.UNKNOWN);
    }

    /// Forgets what is over.
    ///
    /// @param keptMs since when it is remembered that users were signed out
    void forgetEnded(long nowMs, long keptMs) {
        blocked.values().removeIf(until -> nowMs >= until);
        revokedTokens.values().removeIf(until -> nowMs >= until);
        signedOut.values().removeIf(since -> since < keptMs);
    }

    /// How many ends are known, but for revoked keys.
    int size() {
        return blocked.size() + revokedTokens.size() + signedOut.size();
    }

    /// Whether that was not known before. A later sign-out holds, whichever is told last.
    boolean signOut(String user, long sinceMs) {
        Long before = signedOut.get(user);
        signedOut.merge(user, sinceMs, Math::max);
        return before == null || before < sinceMs;
    }

    /// Whether this token may be revoked where so many may be.
    boolean hasRoomToRevoke(String credentialId, int most, long nowMs) {
        return hasRoom(revokedTokens, credentialId, most, until -> nowMs >= until);
    }

    /// Whether that was not known before.
    boolean revokeToken(String credentialId, long untilMs) {
        return revokedTokens.put(credentialId, untilMs) == null;
    }

    /// Whether that was not known before.
    ///
    /// @param keptMs since when it is remembered
    boolean deleteRoom(TopicName room, long atMs, long keptMs) {
        if (deletedRooms.size() >= MANY_ROOMS) {
            deletedRooms.values().removeIf(at -> at < keptMs);
        }
        Long before = deletedRooms.put(room, atMs);
        return before == null || before < atMs;
    }

    /// Whether that was not known before.
    boolean revoke(String credentialId) {
        synchronized (revokedInOrder) {
            if (!revoked.add(credentialId)) {
                return false;
            }
            revokedInOrder.add(credentialId);
            if (revokedInOrder.size() > MAX_REVOKED) {
                revoked.remove(revokedInOrder.remove());
            }
            return true;
        }
    }
}
