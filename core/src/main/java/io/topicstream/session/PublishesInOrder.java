package io.topicstream.session;

import io.topicstream.command.PublishCommand;
import io.topicstream.command.Refusal;
import io.topicstream.command.Result;
import io.topicstream.log.Append;
import io.topicstream.log.AppendResult;
import io.topicstream.log.Draft;
import io.topicstream.log.Lane;
import io.topicstream.protocol.ClientFrame;
import io.topicstream.protocol.ErrorCode;
import io.topicstream.protocol.ServerFrame;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The publishes of one session that are not answered yet, oldest first. They follow each other into the log
/// without waiting; their answers are sent in the order of their frames, in whatever order they came. Owned
/// by the session's thread.
final class PublishesInOrder {
    private final Session session;
    private final Node node;
    private final Lane lane;
    private final Outbound outbound;
    private @Nullable Publish oldest;
    private @Nullable Publish newest;
    private boolean checking;
    private @Nullable Runnable afterCheck;

    /// @param lane the session's thread
    PublishesInOrder(Session session, Node node, Lane lane, Outbound outbound) {
        this.session = session;
        this.node = node;
        this.lane = lane;
        this.outbound = outbound;
    }

    /// Whether all are answered.
    boolean isEmpty() {
        return oldest == null;
    }

    /// Hands one to the log, or first asks it of the message that it is about. Then the frames behind it
    /// wait.
    void run(ClientFrame.Publish frame) {
        if (frame.draft().about() == null) {
            Publish publish = add(frame);
            took(publish, node.commands().publish(session, publish));
            return;
        }
        Publish publish = add(frame);
        checking = true;
        session.takesEffect();
        Result.await(
                session.deadlines(),
                node.commands()
                        .checkAbout(session, frame.topic(), publish.drafts().getFirst()),
                frame.topic(),
                answer -> {
                    took(
                            publish,
                            switch (answer) {
                                case Result.Success<Boolean> _ ->
                                    node.commands().publishChecked(session, publish);
                                case Result.Refused<Boolean>(Refusal refusal) ->
                                    new PublishCommand.Outcome.Refused(refusal);
                            });
                    checked();
                });
    }

    private void checked() {
        checking = false;
        session.tookEffect();
        Runnable next = afterCheck;
        afterCheck = null;
        if (next != null) {
            next.run();
        }
    }

    /// Whether one is not with the log yet, because it is asked first what the publish is about.
    ///
    /// @param then run when that is over, if it is so
    boolean isChecking(Runnable then) {
        if (checking) {
            afterCheck = then;
        }
        return checking;
    }

    private Publish add(ClientFrame.Publish frame) {
        Publish publish = new Publish(this, frame);
        if (newest == null) {
            oldest = publish;
        } else {
            newest.next = publish;
        }
        newest = publish;
        return publish;
    }

    private void took(Publish publish, PublishCommand.Outcome outcome) {
        switch (outcome) {
            case PublishCommand.Outcome.Accepted.ACCEPTED -> {}
            case PublishCommand.Outcome.Accepted.SLOW_DOWN -> {
                publish.slows = true;
                session.stopReading(Session.SLOWED_DOWN);
            }
            case PublishCommand.Outcome.Refused(Refusal refusal) -> {
                publish.refusal = refusal;
                answer();
            }
        }
    }

    private void onPublished(Publish publish, AppendResult result) {
        publish.result = result;
        if (publish.slows) {
            session.readOn(Session.SLOWED_DOWN);
        }
        answer();
    }

    /// Sends the answers that are due: those before which none is missing.
    private void answer() {
        while (oldest != null && oldest.isAnswered()) {
            Publish answered = oldest;
            oldest = answered.next;
            if (oldest == null) {
                newest = null;
            }
            if (!session.isEnded()) {
                send(answered);
            }
        }
    }

    private void send(Publish answered) {
        try {
            answered.send(outbound, node);
        } catch (RuntimeException | Error e) {
            // This reply is lost, and behind it the client would wait for all others.
            outbound.close(ErrorCode.INTERNAL.closeCode(), "a reply could not be made");
            throw e;
        }
    }

    /// A publish on its way through the log; a link of the chain of those that are not answered yet.
    private static final class Publish extends Append {
        private final PublishesInOrder publishes;
        private final byte @Nullable [] id;
        private @Nullable Publish next;
        private @Nullable AppendResult result;
        private @Nullable Refusal refusal;
        private boolean slows;

        Publish(PublishesInOrder publishes, ClientFrame.Publish frame) {
            super(
                    frame.topic(),
                    List.of(draft(frame, publishes.session)),
                    publishes.session.identity().user(),
                    frame.draft().messageId() == null ? "" : PublishCommand.idScope(publishes.session),
                    frame.expectedOffset(),
                    publishes.lane);
            this.publishes = publishes;
            this.id = frame.id();
        }

        private static Draft draft(ClientFrame.Publish frame, Session session) {
            Draft signed = PublishCommand.signed(session, frame.draft());
            return frame.echo() ? signed : signed.withheldFrom(session.origin());
        }

        @Override
        public void onAnswered(AppendResult answer) {
            publishes.onPublished(this, answer);
        }

        boolean isAnswered() {
            return result != null || refusal != null;
        }

        void send(Outbound outbound, Node node) {
            Refusal refused = refusal;
            if (refused == null && result != null) {
                if (result instanceof AppendResult.Appended appended) {
                    if (id != null) {
                        outbound.send(new ServerFrame.Published(
                                id,
                                topic(),
                                appended.epoch(),
                                appended.firstOffset(),
                                appended.timestamp(),
                                node.log().durability()));
                    }
                    return;
                }
                refused = PublishCommand.refusal(topic(), result);
            }
            if (refused != null) {
                outbound.send(refused.frame(id));
            }
        }
    }
}
