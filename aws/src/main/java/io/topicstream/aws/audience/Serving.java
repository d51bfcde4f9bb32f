package io.topicstream.aws.audience;

import static io.topicstream.aws.audience.Waits.await;

import io.topicstream.aws.audience.AudienceRows.Row;
import io.topicstream.aws.audience.AudienceRows.Way;
import io.topicstream.aws.audience.Callbacks.Answer;
import io.topicstream.log.Message;
import io.topicstream.log.Page;
import io.topicstream.log.TopicLog;
import io.topicstream.log.TopicName;
import io.topicstream.protocol.ServerFrame;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// One page on its way to a shard: to those who are served together, and to those who join them. Blocks; serves many
/// at once.
final class Serving {
    private final FanOut fanOut;
    private final AudienceRows rows;
    private final Delivery delivery;
    private final TopicName topic;
    private final int shard;
    private final List<Message> messages;
    /// What those are told first who are served together; null for nothing.
    private final @Nullable ServerFrame notice;

    private final long epoch;
    /// From where those get messages who are served together.
    private final long next;
    /// Up to where this goes, exclusive.
    private final long end;

    /// @param page that was read from where the turn stands
    Serving(FanOut fanOut, AudienceRows rows, Delivery delivery, TopicName topic, int shard, Place place, Page page) {
        this.fanOut = fanOut;
        this.rows = rows;
        this.delivery = delivery;
        this.topic = topic;
        this.shard = shard;
        this.epoch = page.extent().epoch();
        this.notice = place.notice();
        this.next = place.next();
        this.messages = place.messages();
        this.end = messages.isEmpty() ? next : messages.getLast().offset() + 1;
    }

    /// What of a page goes to somebody who stands somewhere.
    ///
    /// @param next from where messages come
    /// @param notice what is told first; null for nothing
    record Place(long next, @Nullable ServerFrame notice, List<Message> messages) {
        /// What goes to whom the page was read for, in the log as it is now.
        ///
        /// @param epoch the life of the log in which the offset holds
        static Place of(TopicLog log, TopicName topic, long epoch, long next, Page page) {
            long now = page.extent().epoch();
            if (now != epoch) {
                // The log has begun another life: what both share is where it goes on.
                long common = await(log.lastOffsetIn(topic, epoch));
                return next > common + 1
                        // What comes there is on another page.
                        ? new Place(common + 1, new ServerFrame.Reset(topic, now, common), List.of())
                        : new Place(next, null, page.messages());
            }
            long first = page.extent().firstOffset();
            return first > next
                    ? new Place(first, new ServerFrame.Truncated(topic, now, first), page.messages())
                    : new Place(next, null, page.messages());
        }
    }

    long epoch() {
        return epoch;
    }

    /// Up to where this goes, exclusive.
    long end() {
        return end;
    }

    void serve(Row row) {
        switch (row.way()) {
            case NONE -> {}
            case ALONE -> join(row);
            case TOGETHER -> post(row, next, notice);
        }
    }

    /// From here on it is served with the others, if it stands where they do.
    private void join(Row row) {
        if (fanOut.isHeld(row)) {
            return;
        }
        if (row.epoch() != epoch || row.next() < next) {
            fanOut.catchUp(topic, shard, row.connectionId());
        } else if (row.next() <= end) {
            Row joined = await(rows.put(topic, shard, row.by(Way.TOGETHER)));
            if (joined != null) {
                post(joined, row.next(), null);
            }
        }
    }

    private void post(Row row, long from, @Nullable ServerFrame told) {
        if (fanOut.endsWithoutRights(topic, shard, row)) {
            return;
        }
        Answer answer = told == null ? Answer.DONE : delivery.frame(row, told);
        long posted = from;
        if (answer == Answer.DONE && end > from) {
            Delivery.Posted outcome = delivery.messages(
                    row,
                    messages.stream()
                            .filter(message -> message.offset() >= from)
                            .toList(),
                    from,
                    end);
            answer = outcome.answer();
            posted = outcome.next();
        }
        switch (answer) {
            case DONE, TOO_LARGE -> {}
            case GONE -> fanOut.clear(topic, shard, row.connectionId());
            // It takes nothing. What was posted of the page is not posted again.
            case BUSY -> fanOut.leaveBehind(topic, shard, row.at(epoch, posted));
        }
    }
}
