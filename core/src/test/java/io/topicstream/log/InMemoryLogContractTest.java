package io.topicstream.log;

import io.topicstream.testkit.LogUnderTest;
import io.topicstream.testkit.TopicLogContract;

/// The memory engine keeps the promises of [TopicLog].
final class InMemoryLogContractTest extends TopicLogContract {
    @Override
    protected LogUnderTest open() {
        return new MemoryLogUnderTest();
    }
}
