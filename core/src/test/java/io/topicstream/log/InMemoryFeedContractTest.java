package io.topicstream.log;

import io.topicstream.testkit.LogUnderTest;
import io.topicstream.testkit.TopicFeedContract;

/// The memory engine keeps the promises of [TopicFeed].
final class InMemoryFeedContractTest extends TopicFeedContract {
    @Override
    protected LogUnderTest open() {
        return new MemoryLogUnderTest();
    }
}
