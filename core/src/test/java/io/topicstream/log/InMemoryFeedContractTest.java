package io.topicstream.log;

import io.topicstream.testkit.LocalFeedContract;
import io.topicstream.testkit.LogUnderTest;

/// The memory engine keeps the promises of [TopicFeed].
final class InMemoryFeedContractTest extends LocalFeedContract {
    @Override
    protected LogUnderTest open() {
        return new MemoryLogUnderTest();
    }
}
