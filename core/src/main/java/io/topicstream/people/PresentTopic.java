package io.topicstream.people;

import io.topicstream.log.TopicName;
import io.topicstream.policy.PresencePolicy;
import io.topicstream.protocol.Query;
import io.topicstream.signal.Signal;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// One topic in which connections of this node are: its own members, and beside them what it knows of those of other
/// nodes. Owned by the thread of the presence.
///
/// A member is in the topic as long as one node has it. What changed since it was last told is kept until it is told;
/// only what is another than before is told then, so one who leaves and comes in between is not.
final class PresentTopic {
    /// Up to so many users each is told of by name.
    static final int MOST_BY_NAME = 200;
    /// Beyond that the number is told, at most once in so many milliseconds.
    static final long COUNT_EVERY_MS = 1_000;

    private static final long NEVER = Long.MIN_VALUE;
    private static final int NOT_TOLD = -1;

    /// What another node has in it.
    static final class Neighbour {
        private final NavigableMap<String, PresenceEntry> entries = new TreeMap<>();
        /// The last of its changes that is in the entries; 0 for none.
        private long change;
        /// What its index said of that when it was last compared.
        private long expected;
        /// Whether there was a sign of it since the last comparison.
        private boolean isSeen = true;
    }

    /// What is read of another node.
    record Found(NavigableMap<String, PresenceEntry> entries, long change) {}

    /// How a member was when it was last told.
    private record Before(boolean isIn, @Nullable String name) {}

    private final TopicName name;
    private PresencePolicy policy;
    /// Whether what its owner has said of it is being looked up: until then nothing is told.
    private boolean isPolicyAsked;
    private @Nullable HeldEvents held;
    private final NavigableMap<String, PresenceEntry> own = new TreeMap<>();
    private final Map<String, Neighbour> neighbours = new HashMap<>(0);
    private int connections;
    private long connectionsElsewhere;
    private int users;

    // What is to be told.
    private final Map<String, Before> changed = new LinkedHashMap<>(0);
    private boolean countChanged;
    private long countedAtMs = NEVER;
    private int toldCount;
    private boolean isToBeTold;

    // What is to be written: of the writer.
    private final Set<String> toWrite = new LinkedHashSet<>(0);
    boolean isWaitingToBeWritten;
    boolean isBeingWritten;
    boolean isIndexed;
    long lastChange;
    int failedWrites;

    // What is to be read: of the reader.
    /// Whether those of other nodes have not been read since it follows them.
    private boolean isUnread;
    /// Whether nobody here knew it before, so that those who are read first are no news.
    private boolean isFresh;
    private final List<Runnable> whenRead = new ArrayList<>(0);
    boolean isWaitingToBeRead;
    boolean isBeingRead;
    int failedReads;

    @Nullable
    PresenceEar ear;

    PresentTopic(TopicName name, PresencePolicy policy) {
        this.name = name;
        this.policy = policy;
    }

    TopicName name() {
        return name;
    }

    /// What holds for it is being looked up.
    void askPolicy() {
        isPolicyAsked = true;
    }

    /// What holds for it from now on. Then those are told of that it holds ([#tellHeld]).
    void take(PresencePolicy now) {
        isPolicyAsked = false;
        if (now != policy) {
            policy = now;
            // Where names were told and are no more, or are again, the number says what others have to know.
            countChanged = true;
            toldCount = NOT_TOLD;
            countedAtMs = NEVER;
        }
    }

    /// Whether no connection of this node is in it.
    boolean isEmpty() {
        return own.isEmpty();
    }

    int users() {
        return users;
    }

    /// Whether it is told of its users by name, as far as that is known.
    private boolean namesItsUsers() {
        return !isPolicyAsked && (policy == PresencePolicy.NAMES || policy == PresencePolicy.ON_REQUEST);
    }

    // ---- its own members

    /// A connection of the member comes.
    ///
    /// @param events told where that is news
    void come(String member, @Nullable String shown, long nowMs, PresenceEvents events) {
        if (find(member) == null) {
            tell(member, true, events);
        }
        PresenceEntry entry = own.get(member);
        PresenceEntry now = entry == null
                ? new PresenceEntry(shown, 1, nowMs)
                : new PresenceEntry(shown == null ? entry.name() : shown, entry.connections() + 1, entry.since());
        connections++;
        set(own, member, now);
    }

    /// A connection of the member goes.
    ///
    /// @param events told where the member is gone by that
    void go(String member, PresenceEvents events) {
        PresenceEntry entry = own.get(member);
        if (entry != null) {
            connections--;
            set(own, member, entry.connections() == 1 ? null : entry.with(entry.connections() - 1));
            if (find(member) == null) {
                tell(member, false, events);
            }
        }
    }

    private void tell(String member, boolean hasJoined, PresenceEvents events) {
        String user = PresenceRecords.user(member);
        if (user == null) {
            return;
        }
        if (isPolicyAsked) {
            if (held == null) {
                held = new HeldEvents();
            }
            held.add(user, hasJoined);
        } else if (namesItsUsers()) {
            if (hasJoined) {
                events.joined(name, user);
            } else {
                events.left(name, user);
            }
        }
    }

    /// Whether somebody is to be told of those who joined and left, once it is known what holds for it.
    boolean holdsEvents() {
        return held != null;
    }

    /// Tells of those who joined and left while it was not known what holds for it.
    void tellHeld(PresenceEvents events) {
        if (held != null && namesItsUsers()) {
            held.tell(name, events);
        }
        held = null;
    }

    /// The member is shown by another name.
    ///
    /// @return false where that changes nothing
    boolean rename(String member, @Nullable String shown) {
        PresenceEntry entry = own.get(member);
        if (entry == null || Objects.equals(entry.name(), shown)) {
            return false;
        }
        own.put(member, entry.with(shown));
        return true;
    }

    @SuppressWarnings("ReferenceEquality") // Whose map it is.
    private void set(NavigableMap<String, PresenceEntry> of, String member, @Nullable PresenceEntry entry) {
        PresenceEntry before = find(member);
        PresenceEntry replaced = entry == null ? of.remove(member) : of.put(member, entry);
        if (of != own) {
            connectionsElsewhere +=
                    (entry == null ? 0 : entry.connections()) - (replaced == null ? 0 : replaced.connections());
        }
        boolean isIn = entry != null || find(member) != null;
        if (isIn == (before != null)) {
            return;
        }
        users += isIn ? 1 : -1;
        if (tellsNumbers()) {
            countChanged = true;
        } else {
            changed.putIfAbsent(member, new Before(before != null, before == null ? null : before.name()));
        }
    }

    private @Nullable PresenceEntry find(String member) {
        PresenceEntry entry = own.get(member);
        if (entry == null && !neighbours.isEmpty()) {
            for (Neighbour neighbour : neighbours.values()) {
                entry = neighbour.entries.get(member);
                if (entry != null) {
                    return entry;
                }
            }
        }
        return entry;
    }

    // ---- what is to be written of them

    /// Notes that the member's entry is to be written.
    void noteToWrite(String member) {
        toWrite.add(member);
    }

    /// Notes all of them.
    void noteAllToWrite() {
        toWrite.addAll(own.keySet());
    }

    boolean hasToWrite() {
        return !toWrite.isEmpty();
    }

    /// Takes some of what is to be written, as it is now.
    List<PresenceRecords.Change> takeToWrite(int most) {
        List<PresenceRecords.Change> taken = new ArrayList<>(Math.min(most, toWrite.size()));
        for (var members = toWrite.iterator(); taken.size() < most && members.hasNext(); ) {
            String member = members.next();
            members.remove();
            taken.add(new PresenceRecords.Change(member, own.get(member)));
        }
        return taken;
    }

    /// What the node says of its part.
    PresenceRecords.Index index(long change) {
        return new PresenceRecords.Index(own.size(), connections, change);
    }

    // ---- those of other nodes

    /// Another node tells a change.
    ///
    /// @param after the change before it
    /// @return false where something between was missed
    boolean hear(String node, long after, long change, List<PresenceRecords.Change> changes) {
        Neighbour neighbour = neighbours.computeIfAbsent(node, _ -> new Neighbour());
        neighbour.isSeen = true;
        if (change <= neighbour.change) {
            return true;
        }
        boolean isNext = after <= neighbour.change;
        neighbour.change = change;
        for (PresenceRecords.Change each : changes) {
            set(neighbour.entries, each.member(), each.entry());
        }
        return isNext;
    }

    /// It follows what other nodes say from now on, and has not read what they said before.
    ///
    /// @param fresh whether nobody here knew it before
    void beginFollowing(boolean fresh) {
        isUnread = true;
        isFresh = fresh;
    }

    /// Whether it waits for the first reading, or for what holds for it, before anything is told.
    boolean waits() {
        return isFresh || isPolicyAsked;
    }

    /// It waits no longer.
    void waitNoLonger() {
        isFresh = false;
    }

    /// Runs the task when those of other nodes have been read; at once if they have.
    void whenRead(Runnable task) {
        if (isUnread) {
            whenRead.add(task);
        } else {
            task.run();
        }
    }

    private void endReading() {
        isUnread = false;
        isFresh = false;
        List<Runnable> tasks = List.copyOf(whenRead);
        whenRead.clear();
        tasks.forEach(Runnable::run);
    }

    /// Takes what was read as the truth.
    ///
    /// @param found by node, of all that live
    void replace(Map<String, Found> found) {
        boolean isNoNews = isFresh;
        for (String node : Set.copyOf(neighbours.keySet())) {
            if (!found.containsKey(node)) {
                forget(node);
            }
        }
        found.forEach((node, read) -> {
            Neighbour neighbour = neighbours.computeIfAbsent(node, _ -> new Neighbour());
            neighbour.isSeen = true;
            neighbour.change = read.change();
            for (String member : List.copyOf(neighbour.entries.keySet())) {
                if (!read.entries().containsKey(member)) {
                    set(neighbour.entries, member, null);
                }
            }
            read.entries().forEach((member, entry) -> {
                set(neighbour.entries, member, entry);
                if (isNoNews) {
                    changed.remove(member);
                }
            });
        });
        endReading();
    }

    /// The node has nothing in it any more.
    ///
    /// @return whether it had
    boolean forget(String node) {
        Neighbour neighbour = neighbours.get(node);
        if (neighbour == null) {
            return false;
        }
        for (String member : List.copyOf(neighbour.entries.keySet())) {
            set(neighbour.entries, member, null);
        }
        return neighbours.remove(node) != null;
    }

    /// Those of all other nodes are not kept any more, since nobody here hears of them.
    void forgetOthers() {
        List.copyOf(neighbours.keySet()).forEach(this::forget);
        endReading();
    }

    /// Compares what is known with what a node's index says.
    ///
    /// @return whether changes were missed: they were not here when this was last compared either
    boolean misses(String node, long change) {
        Neighbour neighbour = neighbours.computeIfAbsent(node, _ -> new Neighbour());
        neighbour.isSeen = true;
        boolean missed = neighbour.change < neighbour.expected;
        neighbour.expected = change;
        return missed;
    }

    /// Forgets nodes of which there was no sign since this was called last.
    void forgetUnseen() {
        List<String> unseen = new ArrayList<>(0);
        neighbours.forEach((node, neighbour) -> {
            if (!neighbour.isSeen) {
                unseen.add(node);
            }
            neighbour.isSeen = false;
        });
        unseen.forEach(this::forget);
    }

    /// Whether nothing is known of other nodes.
    boolean isAlone() {
        return neighbours.isEmpty();
    }

    // ---- what is told

    private boolean tellsNumbers() {
        return policy == PresencePolicy.COUNTS || users > MOST_BY_NAME;
    }

    /// Notes that it is to be told.
    ///
    /// @return false if it was noted
    boolean noteToTell() {
        if (isToBeTold) {
            return false;
        }
        isToBeTold = true;
        return true;
    }

    /// It is told later, when there is something again.
    void skipTelling() {
        isToBeTold = false;
    }

    /// What those who listen here are to be told now, as signals.
    ///
    /// @param out takes them
    /// @return after how many milliseconds there is more to tell; 0 where there is not
    long tell(long nowMs, Collection<byte[]> out) {
        isToBeTold = false;
        if (policy == PresencePolicy.OFF) {
            // Those who are still in it are about to be taken out.
            countChanged = false;
            changed.clear();
            return 0;
        }
        if (tellsNumbers()) {
            countChanged |= !changed.isEmpty();
            changed.clear();
            return countChanged ? tellNumber(nowMs, out) : 0;
        }
        if (countChanged) {
            // Some were not told of by name, so the others would not make a list of it.
            countChanged = false;
            countedAtMs = NEVER;
            changed.clear();
            toldCount = users;
            out.add(new Signal.Presence(null, null, null, users).encode());
            return 0;
        }
        int count = toldNumber();
        for (Map.Entry<String, Before> each : changed.entrySet()) {
            PresenceEntry now = find(each.getKey());
            Before before = each.getValue();
            if (before.isIn() != (now != null)) {
                count += now == null ? -1 : 1;
                out.add(new Signal.Presence(
                                now != null,
                                PresenceRecords.user(each.getKey()),
                                now == null ? before.name() : now.name(),
                                count)
                        .encode());
            }
        }
        changed.clear();
        toldCount = users;
        return 0;
    }

    /// How many there were before the changes that are about to be told.
    private int toldNumber() {
        int count = users;
        for (Map.Entry<String, Before> each : changed.entrySet()) {
            boolean isIn = find(each.getKey()) != null;
            if (isIn != each.getValue().isIn()) {
                count += isIn ? -1 : 1;
            }
        }
        return count;
    }

    private long tellNumber(long nowMs, Collection<byte[]> out) {
        long nextMs = countedAtMs == NEVER ? nowMs : countedAtMs + COUNT_EVERY_MS;
        if (nowMs < nextMs && nextMs - nowMs <= COUNT_EVERY_MS) {
            return nextMs - nowMs;
        }
        countChanged = false;
        if (users != toldCount) {
            countedAtMs = nowMs;
            toldCount = users;
            out.add(new Signal.Presence(null, null, null, users).encode());
        }
        return 0;
    }

    // ---- what is asked

    Presence.Members members(String after, int limit) {
        List<Query.Member> page = new ArrayList<>();
        String last = after;
        while (page.size() < limit) {
            String member = next(last);
            if (member == null) {
                return new Presence.Members(page, users, null);
            }
            page.add(describe(member));
            last = member;
        }
        return new Presence.Members(page, users, next(last) == null ? null : last);
    }

    private @Nullable String next(String after) {
        String next = own.higherKey(after);
        for (Neighbour neighbour : neighbours.values()) {
            String other = neighbour.entries.higherKey(after);
            if (other != null && (next == null || other.compareTo(next) < 0)) {
                next = other;
            }
        }
        return next;
    }

    private Query.Member describe(String member) {
        MemberOfNodes all = new MemberOfNodes(member);
        all.add(own.get(member));
        neighbours.values().forEach(neighbour -> all.add(neighbour.entries.get(member)));
        return all.member();
    }

    /// How many are in it, over all nodes.
    Presence.Crowd crowd() {
        return new Presence.Crowd(name, users, connections + connectionsElsewhere);
    }
}
