package io.topicstream.testkit;

import io.topicstream.log.AppendResult;
import io.topicstream.log.AppendResult.Appended;
import io.topicstream.log.Extent;
import io.topicstream.log.Message;
import io.topicstream.log.Page;
import io.topicstream.log.TopicExtent;
import io.topicstream.log.TopicLog;
import io.topicstream.log.TopicName;
import java.util.List;

/// The engine of a test, and short ways to append to it and to read from it. [LogContractFixture] has them; the
/// parts of a contract only use them, so that an engine's test can be made of several.
interface ShortWays {
    /// The engine, opened for this test.
    LogUnderTest engine();

    /// Its log.
    TopicLog log();

    /// The lane that the short ways append on.
    RecordingLane lane();

    /// Another lane, which is closed after the test.
    RecordingLane newLane();

    /// Hands the append over and waits for its answer.
    AppendResult answerTo(RecordingAppend append);

    /// Hands the append over, again and again as long as the queue is full.
    void submit(RecordingAppend append);

    /// Hands the append over and waits for the messages to be stored.
    Appended stored(RecordingAppend append);

    /// Stores the texts, one append each.
    void store(TopicName topic, String... json);

    /// Stores the numbers 1 to `count` as messages, in few appends.
    void storeNumbers(TopicName topic, int count);

    /// A page of any size from the offset on.
    Page forward(TopicName topic, long from, int maxMessages);

    /// A page of any size up to the offset.
    Page backward(TopicName topic, long from, int maxMessages);

    /// Every message that is kept.
    List<Message> all(TopicName topic);

    /// What is kept of the topic.
    Extent extent(TopicName topic);

    /// All topics.
    List<TopicExtent> topics();
}
