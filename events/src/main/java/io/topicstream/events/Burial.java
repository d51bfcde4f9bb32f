package io.topicstream.events;

import io.topicstream.log.Append;
import io.topicstream.log.AppendResult;
import io.topicstream.log.Details;
import io.topicstream.log.Draft;
import io.topicstream.log.Lane;
import io.topicstream.log.TopicName;
import java.util.List;

/// Puts an event with the dead letters of a sink, once. It stays its author's message there, so that it goes with all
/// that is his when he is erased.
public abstract class Burial extends Append {
    /// @param topic of the event
    protected Burial(SinkDefinition sink, CloudEvents.Event event, TopicName topic) {
        super(
                sink.deadLetters(),
                List.of(new Draft(event.body(), event.id(), Details.NONE.withKey(topic.value()))),
                event.from(),
                "sinks",
                ANY_OFFSET,
                Lane.DIRECT);
    }

    @Override
    public final void onAnswered(AppendResult result) {
        onBuried(result instanceof AppendResult.Appended || result instanceof AppendResult.IdConflict);
    }

    /// Called once, on any thread.
    ///
    /// @param isBuried whether it is there
    protected abstract void onBuried(boolean isBuried);
}
