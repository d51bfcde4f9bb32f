package io.topicstream.http;

import static io.topicstream.json.JsonWriter.ascii;

import io.topicstream.command.PublishCommand;
import io.topicstream.command.Refusal;
import io.topicstream.log.Append;
import io.topicstream.log.AppendResult;
import io.topicstream.log.AppendResult.Appended;
import io.topicstream.log.AppendResult.Conflict;
import io.topicstream.log.Draft;
import io.topicstream.log.Extent;
import io.topicstream.log.TopicName;
import io.topicstream.protocol.ErrorCode;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// One produce on its way through the log, and back to the exchange that waits for it. Answered on the thread of
/// that exchange, together with all others of the same commit.
final class ProduceAppend extends Append {
    private static final byte[] TOPIC = ascii("{\"topic\":");
    private static final byte[] OFFSET = ascii(",\"offset\":");

    private final Exchange exchange;
    private final byte[] durabilityLine;

    /// @param durabilityLine the header `Topic-Durability`, encoded
    ProduceAppend(
            Exchange exchange,
            byte[] durabilityLine,
            TopicName topic,
            Draft draft,
            @Nullable String from,
            String idScope,
            long expectedOffset) {
        super(topic, List.of(draft), from, idScope, expectedOffset, exchange.lane().lane);
        this.exchange = exchange;
        this.durabilityLine = durabilityLine;
    }

    @Override
    public void onAnswered(AppendResult result) {
        try {
            switch (result) {
                case Appended appended -> onAppended(appended);
                case Conflict conflict -> onConflict(conflict);
                case AppendResult.IdConflict _, AppendResult.Unavailable _ -> refuse(result);
            }
        } catch (RuntimeException e) {
            exchange.lane().onFault(exchange, e);
        }
    }

    private void onAppended(Appended appended) {
        long firstOffset = appended.repeated()
                ? FirstOffsets.UNKNOWN
                : exchange.lane().firstOffsets.find(topic(), appended.epoch());
        if (firstOffset != FirstOffsets.UNKNOWN) {
            answer(appended, appended.epoch(), firstOffset, appended.lastOffset() + 1);
            return;
        }
        exchange.whenComplete(exchange.lane().firstOffsets.ask(topic()), (extent, failure) -> {
            if (extent == null) {
                // It is stored, and that is what was asked for: the topic is described as far as that goes.
                answer(appended, appended.epoch(), appended.firstOffset(), appended.lastOffset() + 1);
                return;
            }
            exchange.lane().firstOffsets.keep(topic(), extent);
            answer(appended, extent.epoch(), extent.firstOffset(), extent.nextOffset());
        });
    }

    private void answer(Appended appended, long epoch, long firstOffset, long nextOffset) {
        AnswerWriter answer =
                exchange.lane().answer().begin().line(durabilityLine).extent(epoch, firstOffset, nextOffset);
        answer.body()
                .raw(TOPIC)
                .string(topic().value())
                .raw(OFFSET)
                .number(appended.firstOffset())
                .raw('}');
        answer.send(exchange, 200);
    }

    private void onConflict(Conflict conflict) {
        exchange.whenComplete(exchange.lane().firstOffsets.ask(topic()), (extent, failure) -> {
            Extent known = extent == null
                    ? new Extent(conflict.epoch(), conflict.nextOffset(), conflict.nextOffset())
                    : extent;
            Refusal refusal = PublishCommand.refusal(topic(), conflict);
            if (refusal != null) {
                exchange.lane().answer().refuse(exchange, refusal, known, durabilityLine);
            }
        });
    }

    private void refuse(AppendResult result) {
        Refusal refusal = PublishCommand.refusal(topic(), result);
        if (refusal == null) {
            exchange.refuse(ErrorCode.INTERNAL, "internal error");
        } else {
            exchange.refuse(refusal);
        }
    }
}
