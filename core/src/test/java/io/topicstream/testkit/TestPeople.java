package io.topicstream.testkit;

import io.topicstream.log.Signals;
import io.topicstream.log.TopicLog;
import io.topicstream.people.Memberships;
import io.topicstream.people.People;
import io.topicstream.people.Presence;
import io.topicstream.people.Receipts;
import io.topicstream.policy.TopicPolicies;
import io.topicstream.state.StateStore;

/// What a front door without a memory knows of people: acks are stored at once.
public final class TestPeople {
    private TestPeople() {}

    /// Over these ports.
    public static People of(
            StateStore store, TopicLog log, Signals signals, Memberships memberships, Presence presence) {
        Receipts receipts = new Receipts(store, log, signals, presence, TopicPolicies.DEFAULT);
        return new People(memberships, presence, receipts, receipts);
    }
}
