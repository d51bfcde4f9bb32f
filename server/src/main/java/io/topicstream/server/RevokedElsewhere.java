package io.topicstream.server;

import io.topicstream.access.ApiKeys;
import io.topicstream.log.Batch;
import io.topicstream.log.Extent;
import io.topicstream.log.Follower;
import io.topicstream.log.HandOver;
import io.topicstream.log.Lane;
import io.topicstream.log.TopicFeed;
import io.topicstream.session.LaneSessions;
import java.nio.charset.StandardCharsets;

/// Tells this node's keys which of them were revoked on another one, so that no cached answer outlives
/// them. It is its own lane, because a lane has one follower of a topic, and servers that share an engine
/// must not take each other's place.
final class RevokedElsewhere implements Follower, Lane {
    private final TopicFeed feed;
    private final ApiKeys keys;

    RevokedElsewhere(TopicFeed feed, ApiKeys keys) {
        this.feed = feed;
        this.keys = keys;
    }

    /// Begins to listen.
    void start() {
        feed.follow(LaneSessions.REVOCATIONS, this, this);
    }

    /// Ends it.
    void stop() {
        feed.unfollow(LaneSessions.REVOCATIONS, this, this);
    }

    @Override
    public void enqueue(HandOver handOver) {
        handOver.run();
    }

    @Override
    public void onFollowed(Extent extent) {
        // What was revoked before is no longer in the store.
    }

    @Override
    public void onCommitted(Batch batch) {
        // Nothing is kept there.
    }

    @Override
    public void onSignal(byte[] signal) {
        keys.enqueueRevokedElsewhere(new String(signal, StandardCharsets.UTF_8));
    }

    @Override
    public void onLost() {
        // Answers are cached for seconds only, so what is missed meanwhile acts a little later.
        start();
    }
}
