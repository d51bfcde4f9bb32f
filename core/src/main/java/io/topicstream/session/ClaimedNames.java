package io.topicstream.session;

import io.topicstream.command.Commands;
import io.topicstream.log.Backoff;
import io.topicstream.log.Deadlines;
import io.topicstream.people.Names;
import io.topicstream.protocol.ErrorCode;
import io.topicstream.protocol.ServerFrame;
import io.topicstream.signal.Following;
import java.util.ArrayDeque;
import java.util.LinkedHashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// The sessions of a lane that have claimed a name, to claim it again when their node was not heard of for a while: in
/// that time somebody else may have taken it. Owned by the lane's thread.
///
/// They are gone through one after the other, each once more for as long as the store does not answer.
final class ClaimedNames {
    private final Commands commands;
    private final Following.Source source;
    private final Deadlines deadlines;
    private final Set<Session> named = new LinkedHashSet<>();
    private final ArrayDeque<Session> again = new ArrayDeque<>();
    private boolean isUnderWay;
    private int failures;

    ClaimedNames(Commands commands, Following.Source source, Deadlines deadlines) {
        this.commands = commands;
        this.source = source;
        this.deadlines = deadlines;
    }

    /// The session has claimed a name, or has lost the one that it had.
    void renamed(Session session) {
        if (ClaimedName.of(session.record()) == null) {
            named.remove(session);
        } else {
            named.add(session);
        }
    }

    void closed(Session session) {
        named.remove(session);
    }

    /// Claims all names again. What is under way begins anew.
    void claimAgain() {
        again.clear();
        again.addAll(named);
        if (!isUnderWay) {
            claimNext();
        }
    }

    private void claimNext() {
        Session session = again.poll();
        String name = session == null ? null : ClaimedName.of(session.record());
        while (session != null && (session.isEnded() || name == null)) {
            session = again.poll();
            name = session == null ? null : ClaimedName.of(session.record());
        }
        isUnderWay = session != null;
        if (session != null && name != null) {
            claim(session, name);
        }
    }

    private void claim(Session session, String name) {
        String connectionId = session.connectionId();
        deadlines.within(commands.claimNameAgain(session, name, connectionId), (outcome, _) -> {
            boolean isStillIts = !session.isEnded() && ClaimedName.isSame(ClaimedName.of(session.record()), name);
            if (!isStillIts) {
                // It has ended or claimed another one meanwhile, and gave this one back too soon.
                commands.giveBackName(name, connectionId);
                failures = 0;
                claimNext();
                return;
            }
            onAnswered(session, name, outcome);
        });
    }

    private void onAnswered(Session session, String name, Names.@Nullable Outcome outcome) {
        switch (outcome) {
            case CLAIMED -> failures = 0;
            case TAKEN, TOO_OFTEN -> {
                failures = 0;
                session.rename(ClaimedName.lost(session.record()));
                session.answer(new ServerFrame.Error(
                        null,
                        ErrorCode.CONFLICT,
                        "somebody else has claimed the name \"" + name
                                + "\" while this server was not heard of: it is yours no longer",
                        null,
                        null));
            }
            case CONTENDED -> tryLater(session);
            case null -> tryLater(session);
        }
        if (failures == 0) {
            claimNext();
        }
    }

    private void tryLater(Session session) {
        again.addFirst(session);
        failures++;
        source.timers().schedule(this::claimNext, Backoff.delayMs(failures, source.random()));
    }
}
