package io.topicstream.people;

import io.topicstream.access.ApiKeys;
import io.topicstream.access.Identity;
import io.topicstream.log.Batch;
import io.topicstream.log.Extent;
import io.topicstream.signal.Following;
import io.topicstream.signal.Signal;
import io.topicstream.signal.SystemTopics;
import java.util.LinkedHashSet;
import java.util.Set;

/// The ear of one lane on revoked credentials, which ends their connections. A credential that was revoked
/// while nothing was heard is found by asking for those in use. Owned by the lane's thread.
public final class Revocations extends Following {
    private static final int AT_ONCE = 16;

    private final ApiKeys keys;
    private final LaneUsers users;
    private final Set<String> toCheck = new LinkedHashSet<>();
    private int checking;
    private int failures;

    public Revocations(ApiKeys keys, LaneUsers users) {
        super(users.source, SystemTopics.CREDENTIALS);
        this.keys = keys;
        this.users = users;
    }

    @Override
    protected void onFollowing(Extent extent) {
        keys.forgetCached();
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
                    onRevoked(credentialId);
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
        if (Signal.decode(signal) instanceof Signal.Revoked(String credentialId)) {
            onRevoked(credentialId);
        }
    }

    private void onRevoked(String credentialId) {
        // So that no cached answer of this node outlives it, wherever it was revoked.
        keys.enqueueRevokedElsewhere(credentialId);
        for (UserConnection connection : users.connections()) {
            connection.onRevoked(credentialId);
        }
    }
}
