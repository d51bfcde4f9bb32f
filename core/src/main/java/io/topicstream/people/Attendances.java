package io.topicstream.people;

import io.topicstream.access.Identity;
import io.topicstream.access.Permission;
import io.topicstream.log.Deadlines;
import io.topicstream.log.TopicName;
import io.topicstream.policy.PresencePolicy;
import io.topicstream.topic.Attendance;
import io.topicstream.topic.Audience;
import io.topicstream.topic.Listener;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Who is seen in a topic, and who hears of the others: what the topic's policy says, and what is asked for.
public final class Attendances {
    private static final int LOOK_UPS = 3;

    private Attendances() {}

    /// The attendance of somebody who subscribes.
    ///
    /// @param wants what is asked for; null where nothing is said, so that the policy decides
    public static Attendance of(PresencePolicy policy, Identity who, TopicName topic, @Nullable Boolean wants) {
        boolean attends = switch (policy) {
            case OFF -> false;
            case ON_REQUEST -> wants != null && wants;
            case COUNTS, NAMES -> wants == null || wants;
        };
        if (!attends) {
            return Attendance.NONE;
        }
        return who.may(Permission.PRESENCE, topic) ? Attendance.HEARING : Attendance.SEEN;
    }

    /// Lets a connection that asked for nothing be seen in the topic, and hear of the others, as the policy
    /// says: at once where that is known.
    ///
    /// @param then run after it, or after the policy could not be found out; then it is not seen there
    public static void attend(
            PresencePolicies policies,
            Deadlines deadlines,
            Audience audience,
            UserConnection connection,
            TopicName topic,
            Runnable then) {
        PresencePolicy known = policies.known(topic);
        if (known != null) {
            audience.attend(connection.listener(), topic, of(known, connection.identity(), topic, null));
            then.run();
            return;
        }
        whenKnown(policies, deadlines, topic, LOOK_UPS, policy -> {
            if (policy != null) {
                audience.attend(connection.listener(), topic, of(policy, connection.identity(), topic, null));
            }
            then.run();
        });
    }

    /// Finds out what holds for the topic.
    ///
    /// @param then told it; or null where that does not come, though it is tried a few times
    private static void whenKnown(
            PresencePolicies policies,
            Deadlines deadlines,
            TopicName topic,
            int tries,
            Consumer<@Nullable PresencePolicy> then) {
        deadlines.within(policies.of(topic), (policy, _) -> {
            if (policy == null && tries > 1) {
                whenKnown(policies, deadlines, topic, tries - 1, then);
            } else {
                then.accept(policy);
            }
        });
    }

    /// The rights of the listener's client have changed: it hears who comes and goes only where it still may.
    public static void renew(Audience audience, Listener listener, Identity who) {
        for (TopicName topic : listener.topics()) {
            if (listener.hears(topic) && !who.may(Permission.PRESENCE, topic)) {
                audience.attend(listener, topic, Attendance.SEEN);
            }
        }
    }
}
