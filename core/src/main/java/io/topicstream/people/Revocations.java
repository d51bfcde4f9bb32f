package io.topicstream.people;

import io.topicstream.access.ApiKeys;
import io.topicstream.access.EndedRights;
import io.topicstream.access.Identity;
import io.topicstream.access.RightsChange;
import io.topicstream.log.Batch;
import io.topicstream.log.Extent;
import io.topicstream.signal.Following;
import io.topicstream.signal.Signal;
import io.topicstream.signal.SystemTopics;
import java.util.LinkedHashSet;
import java.util.Set;

/// What ends the connections of one lane whose rights have ended, and the lane's ear on what other nodes say of that.
/// Owned by the lane's thread.
///
/// What is heard here is handed to the node's [EndedRights], which tells all lanes. A key that was revoked while
/// nothing was heard, by a node that does not note it, is found by asking for those in use.
public final class Revocations extends Following {
    private static final int AT_ONCE = 16;

    private final ApiKeys keys;
    private final EndedRights rights;
    private final LaneUsers users;
    private final Set<String> toCheck = new LinkedHashSet<>();
    private int checking;
    private int failures;

    public Revocations(ApiKeys keys, EndedRights rights, LaneUsers users) {
        super(users.source, SystemTopics.CREDENTIALS);
        this.keys = keys;
        this.rights = rights;
        this.users = users;
    }

    /// Rights have changed: ends the connections that have none any more.
    public void onChanged(RightsChange change) {
        for (UserConnection connection : users.connections()) {
            if (change.concerns(connection.identity())) {
                connection.onRightsChanged(change);
            }
        }
        if (change instanceof RightsChange.Any) {
            checkKeysInUse();
        }
    }

    @Override
    protected void onFollowing(Extent extent) {
        keys.forgetCached();
        checkKeysInUse();
    }

    private void checkKeysInUse() {
        for (UserConnection connection : users.connections()) {
            String credentialId = connection.identity().credentialId();
            if (credentialId != null && connection.identity().credential() == Identity.Credential.API_KEY) {
                toCheck.add(credentialId);
            }
        }
        checkNext();
    }

    private void checkNext() {
        while (checking < AT_ONCE && !toCheck.isEmpty()) {
            String credentialId = toCheck.iterator().next();
            toCheck.remove(credentialId);
            checking++;
            users.deadlines.within(keys.exists(credentialId), (exists, failure) -> {
                if (exists == null) {
                    toCheck.add(credentialId);
                    failures++;
                    users.later(failures, () -> {
                        checking--;
                        checkNext();
                    });
                    return;
                }
                failures = 0;
                checking--;
                if (!exists) {
                    rights.enqueueRevoked(credentialId);
                }
                checkNext();
            });
        }
    }

    @Override
    public void onCommitted(Batch batch) {
        // Nothing is kept there.
    }

    @Override
    public void onSignal(byte[] signal) {
        switch (Signal.decode(signal)) {
            case Signal.Revoked(String credentialId) -> rights.enqueueRevoked(credentialId);
            case Signal.RightsChanged(long number) -> rights.enqueueChanged(number);
            case null, default -> {}
        }
    }
}
