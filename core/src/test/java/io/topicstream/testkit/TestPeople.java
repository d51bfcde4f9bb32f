package io.topicstream.testkit;

import io.topicstream.log.Admission;
import io.topicstream.log.Signals;
import io.topicstream.log.TopicLog;
import io.topicstream.log.TopicName;
import io.topicstream.people.Memberships;
import io.topicstream.people.Names;
import io.topicstream.people.Notices;
import io.topicstream.people.People;
import io.topicstream.people.Presence;
import io.topicstream.people.PresencePolicies;
import io.topicstream.people.Receipts;
import io.topicstream.people.Redactions;
import io.topicstream.people.RoomDeletions;
import io.topicstream.people.Rooms;
import io.topicstream.policy.TopicPolicies;
import io.topicstream.state.InMemoryStateStore;
import io.topicstream.state.StateStore;
import java.time.InstantSource;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;

/// What a front door without a memory knows of people: acks are stored at once.
public final class TestPeople {
    private TestPeople() {}

    private static CompletionStage<Boolean> nobodyListens(TopicName room) {
        return CompletableFuture.completedFuture(true);
    }

    /// What is configured by default, where nobody has made a room.
    public static PresencePolicies policies() {
        return policies(TopicPolicies.DEFAULT);
    }

    /// What is configured so, where nobody has made a room.
    public static PresencePolicies policies(TopicPolicies configured) {
        StateStore store = new InMemoryStateStore(InstantSource.system(), Runnable::run);
        return new PresencePolicies(configured, new Rooms(store, (_, _) -> Admission.ACCEPTED, InstantSource.system()));
    }

    /// Over these ports, where every connection that has claimed a name is open.
    public static People of(
            StateStore store, TopicLog log, Signals signals, Memberships memberships, Presence presence) {
        return of(store, log, signals, memberships, presence, InstantSource.system());
    }

    /// The same at this clock.
    public static People of(
            StateStore store,
            TopicLog log,
            Signals signals,
            Memberships memberships,
            Presence presence,
            InstantSource clock) {
        Names names = new Names(store, _ -> CompletableFuture.completedFuture(true));
        return of(
                store,
                log,
                signals,
                memberships,
                presence,
                names,
                new Notices(signals, clock),
                TestPeople::nobodyListens,
                clock);
    }

    /// The same with these notices.
    public static People of(
            StateStore store,
            TopicLog log,
            Signals signals,
            Memberships memberships,
            Presence presence,
            Notices notices) {
        Names names = new Names(store, _ -> CompletableFuture.completedFuture(true));
        return of(
                store,
                log,
                signals,
                memberships,
                presence,
                names,
                notices,
                TestPeople::nobodyListens,
                InstantSource.system());
    }

    /// The same with these names, at this clock.
    ///
    /// @param endListening tells those who listen to a room that it is deleted
    public static People of(
            StateStore store,
            TopicLog log,
            Signals signals,
            Memberships memberships,
            Presence presence,
            Names names,
            Notices notices,
            Function<TopicName, ? extends CompletionStage<?>> endListening,
            InstantSource clock) {
        Rooms rooms = new Rooms(store, signals, clock);
        Receipts receipts =
                new Receipts(store, log, signals, presence, new PresencePolicies(TopicPolicies.DEFAULT, rooms));
        return new People(
                memberships,
                presence,
                receipts,
                receipts,
                names,
                rooms,
                notices,
                new Redactions(log, signals),
                new RoomDeletions(log, memberships, receipts, rooms, endListening, clock));
    }
}
