package io.topicstream.aws.dynamo;

import io.topicstream.aws.s3.LocalS3;
import io.topicstream.log.Admission;
import io.topicstream.log.Append;
import io.topicstream.log.Direction;
import io.topicstream.log.Durability;
import io.topicstream.log.Extent;
import io.topicstream.log.LogFigures;
import io.topicstream.log.Page;
import io.topicstream.log.Redaction;
import io.topicstream.log.Reference;
import io.topicstream.log.RetentionRules;
import io.topicstream.log.TopicExtent;
import io.topicstream.log.TopicFeed;
import io.topicstream.log.TopicLog;
import io.topicstream.log.TopicName;
import io.topicstream.testkit.LogUnderTest;
import io.topicstream.testkit.ManualClock;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import org.assertj.core.api.Assertions;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;

/// A log of which everything but the newest batch is archived before each question, and whose rows are then deleted
/// where no repeat needs them: so what is answered comes from segments.
final class ArchivedLogUnderTest implements LogUnderTest, TopicLog {
    private final DynamoTable table = Dynoxide.get().table();
    private final DynamoLogUnderTest under;
    private final Archiver archiver;
    private final Set<TopicName> topics = ConcurrentHashMap.newKeySet();
    /// A few at once, for there are tests of many readers.
    private final Semaphore turns = new Semaphore(2);

    ArchivedLogUnderTest(int messages) {
        DynamoOptions options = DynamoOptions.DEFAULTS.withArchive(LocalS3.get().objects());
        this.under = new DynamoLogUnderTest(table, given -> options.withClock(given.clock()));
        ArchiveOptions usual = ArchiveOptions.DEFAULTS;
        this.archiver = new Archiver(
                table,
                options.withClock(under.clock()),
                new ArchiveOptions(messages, usual.bytes(), usual.age(), usual.rowsKept()));
    }

    private void archive(TopicName topic) {
        if (!topics.contains(topic) || !turns.tryAcquire()) {
            return;
        }
        try {
            // Where something is taken back all the time, it may give up; the next one goes on.
            Assertions.assertThat(archiver.seal(List.of(topic))).allMatch(Archiver.Failure::mayHelp);
            deleteRows(topic);
        } finally {
            turns.release();
        }
    }

    /// As the time to live will; earlier, where a row has no ids.
    private void deleteRows(TopicName topic) {
        LogRows rows = new LogRows(table, DynamoOptions.DEFAULTS);
        for (Slot slot : rows.from(topic.value(), 1, 1_000).slots()) {
            boolean hasIds = slot.hasEnded()
                    && rows.value(slot).messages().stream().anyMatch(message -> message.messageId() != null);
            Map<String, AttributeValue> row = slot.item(topic.value());
            if (slot.hasEnded()
                    && !hasIds
                    && slot.last() < rows.view(topic.value()).archived()) {
                table.client()
                        .deleteItem(delete -> delete.tableName(table.name())
                                .key(Slot.key(topic.value(), slot.first()))
                                .conditionExpression("attribute_not_exists(pk) OR w = :w")
                                .expressionAttributeValues(Map.of(":w", row.get(Slot.MARK))));
            }
        }
    }

    @Override
    public TopicLog log() {
        return this;
    }

    @Override
    public Admission append(Append append) {
        topics.add(append.topic());
        return under.log().append(append);
    }

    @Override
    public CompletionStage<Page> read(TopicName topic, long from, Direction direction, int maxMessages, int maxBytes) {
        archive(topic);
        return under.log().read(topic, from, direction, maxMessages, maxBytes);
    }

    @Override
    public CompletionStage<Long> offsetAt(TopicName topic, long timestamp) {
        archive(topic);
        return under.log().offsetAt(topic, timestamp);
    }

    @Override
    public CompletionStage<Long> lastOffsetIn(TopicName topic, long epoch) {
        archive(topic);
        return under.log().lastOffsetIn(topic, epoch);
    }

    @Override
    public CompletionStage<List<Reference>> references(TopicName topic, long from, long to, int most) {
        archive(topic);
        return under.log().references(topic, from, to, most);
    }

    @Override
    public CompletionStage<Extent> extent(TopicName topic) {
        archive(topic);
        return under.log().extent(topic);
    }

    @Override
    public CompletionStage<Extent> trim(TopicName topic, long before) {
        archive(topic);
        return under.log().trim(topic, before);
    }

    @Override
    public CompletionStage<List<Long>> redact(TopicName topic, Redaction redaction) {
        archive(topic);
        return under.log().redact(topic, redaction);
    }

    @Override
    public CompletionStage<List<TopicExtent>> topics(String prefix, String after, int limit) {
        return under.log().topics(prefix, after, limit);
    }

    @Override
    public Durability durability() {
        return under.log().durability();
    }

    @Override
    public LogFigures figures() {
        return under.log().figures();
    }

    @Override
    public TopicFeed feed() {
        return under.feed();
    }

    @Override
    public ManualClock clock() {
        return under.clock();
    }

    @Override
    public boolean survivesReopen() {
        return under.survivesReopen();
    }

    @Override
    public void shutDown() {
        under.shutDown();
    }

    @Override
    public void reopen() {
        under.reopen();
    }

    @Override
    public void reopenKeeping(RetentionRules rules) {
        under.reopenKeeping(rules);
    }

    @Override
    public void beginEpoch() {
        under.beginEpoch();
    }

    @Override
    public void close() {
        under.close();
    }
}
