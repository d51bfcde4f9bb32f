package io.topicstream.topic;

import org.jspecify.annotations.Nullable;

/// One listener's cursor on one topic. Owned by the thread of its lane.
///
/// It is live while the offset it wants is the one the lane will deliver next; it is then in the
/// topic's array of live listeners and `next` is not kept up to date: it is the lane's position.
/// Otherwise it is catching up, and `next` says from where.
final class Subscription {
    enum State {
        /// Its position is being found; nothing is delivered.
        JOINING,
        /// Gets every batch as it is delivered.
        LIVE,
        /// Gets pages of the log until it has reached the lane's position.
        CATCHING_UP,
        /// Begins at an offset that the lane has not reached: another lane was told of a commit a
        /// moment sooner.
        AHEAD,
        /// Left, or was replaced: what still arrives for it is dropped.
        ENDED
    }

    private static final int MEMBERSHIP = 1;
    private static final int PUT_OFF = 2;
    private static final int SEEN = 4;
    private static final int HEARING = 8;
    private static final int WANTS_PRESENCE = 16;
    private static final int WANTS_NO_PRESENCE = 32;

    final Listener listener;
    final LaneTopic topic;
    State state = State.JOINING;
    /// The offset it wants next; meaningful unless live.
    long next;
    /// The number of the log's life in which `next` holds, as its topic counts them; meaningful once there
    /// is one.
    short life;
    /// What is marked of it, a bit each: there may be very many of these objects.
    private byte marks;
    /// How many signals of redactions it was told of, of those of its topic; the lowest eight bits.
    byte redactionsTold;
    /// Its place among the topic's live listeners of its encoding; meaningful while live.
    int index;

    Subscription(Listener listener, LaneTopic topic) {
        this.listener = listener;
        this.topic = topic;
        this.redactionsTold = topic.redactions();
    }

    /// It takes the place of another one, and is what that was.
    void replace(Subscription before) {
        marks = (byte) (before.marks & ~PUT_OFF);
        redactionsTold = before.redactionsTold;
        // Its end is not the listener's leaving.
        before.attend(Attendance.NONE);
    }

    /// Whether the listener is in because the topic belongs to its user.
    boolean isMembership() {
        return is(MEMBERSHIP);
    }

    void markMembership() {
        mark(MEMBERSHIP, true);
    }

    /// Whether the log could not be read for it, and is read again a little later.
    boolean isPutOff() {
        return is(PUT_OFF);
    }

    void putOff(boolean isPutOff) {
        mark(PUT_OFF, isPutOff);
    }

    /// Whether the listener is seen in the topic by others.
    boolean isSeen() {
        return is(SEEN);
    }

    /// Whether the listener hears who comes and goes.
    boolean isHearing() {
        return is(HEARING);
    }

    void attend(Attendance attendance) {
        mark(SEEN, attendance != Attendance.NONE);
        mark(HEARING, attendance == Attendance.HEARING);
    }

    /// What its client asked for, null where it said nothing.
    @Nullable
    Boolean presenceWish() {
        return is(WANTS_PRESENCE) ? Boolean.TRUE : is(WANTS_NO_PRESENCE) ? Boolean.FALSE : null;
    }

    void wishPresence(boolean wants) {
        mark(WANTS_PRESENCE, wants);
        mark(WANTS_NO_PRESENCE, !wants);
    }

    private boolean is(int mark) {
        return (marks & mark) != 0;
    }

    private void mark(int mark, boolean is) {
        marks = (byte) (is ? marks | mark : marks & ~mark);
    }
}
