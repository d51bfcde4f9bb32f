package io.topicstream.log;

import java.util.List;
import java.util.concurrent.CompletionStage;

/// The port to the log: append, read, find, trim, redact, list, and what is about a message. Implementations:
/// memory, rocksdb, valkey, aws; each passes `TopicLogContract` of the test kit.
///
/// ## What every engine promises
///
/// - Offsets of a topic are 1, 2, 3 …, without holes and never used twice: (topic, epoch, offset)
///   names one message for ever. A refused append uses none up.
/// - Offset *n* is visible to anyone only if 1 … *n*−1 are (or were, before a trim).
/// - Nothing is answered, read or handed to a follower before it is as durable as [#durability]
///   says; what was seen once is never taken back.
/// - Appends of one lane to one topic take their places in the order of the calls.
/// - A repeated message id (same topic, same scope, within 24 hours) stores nothing and is answered
///   as the first one was, when the first one is durable; with another payload, kind or content type it
///   is refused ([RepeatRule]). It is looked for before the expected offset.
/// - Timestamps never go back within a topic, whatever the clock does.
/// - Messages end from the front, by the [RetentionRules] that the engine is handed: by age a little late and never
///   early, by count and bytes so that no less is kept than they say, and at most one commit more, as soon as the
///   engine has looked. What is above holds afterwards too: offsets go on, and ids are known.
///
/// ## Threads
///
/// No method blocks: each accepts or refuses at once and answers later, exactly once. Appends are
/// answered through their lane; stages complete on any thread of the engine (or are complete
/// already), so the caller moves the answer to its own thread. Work that was accepted is answered
/// even when the engine closes: with the outcome, or with [AppendResult.Unavailable]; stages then
/// fail with [LogUnavailableException].
public interface TopicLog {
    /// Takes an append into the queue, or refuses it. On [Admission#REFUSED] no answer follows.
    Admission append(Append append);

    /// Reads consecutive messages.
    ///
    /// [Direction#FORWARD]: the first kept message at or after `from` comes first. A `from` at or
    /// past the tail gives an empty page. [Direction#BACKWARD]: the last message at or before
    /// `from` comes last; a `from` past the tail counts as the tail.
    ///
    /// @param maxMessages at least 1; 0 gives an empty page, with its extent
    /// @param maxBytes counted by [Message#sizeBytes]; the first message comes whatever its size
    CompletionStage<Page> read(TopicName topic, long from, Direction direction, int maxMessages, int maxBytes);

    /// The first kept offset whose message was committed at or after the time; the next offset
    /// where there is none.
    ///
    /// @param timestamp epoch milliseconds
    CompletionStage<Long> offsetAt(TopicName topic, long timestamp);

    /// The last offset that was written in the epoch or an earlier one; 0 where there is none. A
    /// position (epoch, n) that a client brings holds exactly when n is at or below this.
    CompletionStage<Long> lastOffsetIn(TopicName topic, long epoch);

    /// Which kept messages are about the messages from `from` up to but not including `to` ([About]). Of
    /// each of these the last `most` of every [Reference.Group]; ascending by the message that is meant,
    /// then by group, then by their own offset. A message that was redacted since may be named.
    ///
    /// @param most at least 1
    CompletionStage<List<Reference>> references(TopicName topic, long from, long to, int most);

    /// What is kept of the topic. Naming a topic that does not exist is no error and stores nothing.
    CompletionStage<Extent> extent(TopicName topic);

    /// Lets go of every message before the offset (at most up to the next one), for good. Offsets go
    /// on as before. Answers what is kept afterwards.
    CompletionStage<Extent> trim(TopicName topic, long before);

    /// Takes messages back, for good: each keeps its place and becomes [Message.Kind#REDACTED]. What goes and what
    /// stays is said by [Redaction].
    ///
    /// Answers, when it is as durable as an append, with the offsets of those that are kept, and so are taken back
    /// now, also where they were before; the others were trimmed or never written. Where it fails, some may
    /// be taken back: asking again does no harm. A read may show it a moment before it is answered. Followers
    /// are not told.
    ///
    /// A message id that stays is known as before: a repeat of what it stood for is answered as the first one was,
    /// another payload is refused.
    CompletionStage<List<Long>> redact(TopicName topic, Redaction redaction);

    /// Topics that have been written to, in the order of their names (by byte).
    ///
    /// @param prefix that the names start with; may be empty
    /// @param after names come strictly after this one; empty to begin at the front
    /// @param limit at least 1; a shorter list is the last
    CompletionStage<List<TopicExtent>> topics(String prefix, String after, int limit);

    /// How safe a message is when it is acknowledged.
    Durability durability();

    /// How much has gone through it. May be called on any thread, at any time.
    LogFigures figures();
}
