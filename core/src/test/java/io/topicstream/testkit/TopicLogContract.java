package io.topicstream.testkit;

/// What every [TopicLog] promises, one part a promise and one sentence a test. An engine's own test extends
/// this and says how the engine is opened. What is heard live stands in [TopicFeedContract].
public abstract class TopicLogContract extends LogContractFixture
        implements AppendContract,
                ContentContract,
                RepeatContract,
                ReadContract,
                TrimContract,
                RetentionContract,
                ReferenceContract,
                RedactContract,
                NamesContract,
                SeenContract,
                LivesContract {}
