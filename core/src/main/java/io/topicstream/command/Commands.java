package io.topicstream.command;

import io.topicstream.access.Authenticator;
import io.topicstream.access.Credentials;
import io.topicstream.log.Append;
import io.topicstream.log.Draft;
import io.topicstream.log.Page;
import io.topicstream.log.Signals;
import io.topicstream.log.TopicLog;
import io.topicstream.log.TopicName;
import io.topicstream.people.Memberships;
import io.topicstream.people.Names;
import io.topicstream.people.People;
import io.topicstream.people.PresencePolicies;
import io.topicstream.people.Progress;
import io.topicstream.people.Receipts;
import io.topicstream.policy.TopicPolicies;
import io.topicstream.protocol.ClientFrame;
import io.topicstream.protocol.ErrorCode;
import io.topicstream.protocol.Query;
import io.topicstream.protocol.ServerFrame;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/// The commands of a node, made once and used by all of its front doors. All that is asked for comes through here,
/// and before anything is run the caller's [Quota] is asked, here and nowhere else. Thread-safe, but for commands of
/// a [LiveCaller], which are run on its thread.
public final class Commands {
    private final PublishCommand publish;
    private final SubscribeCommand subscribe;
    private final UnsubscribeCommand unsubscribe;
    private final ReadCommand read;
    private final FoldCommand fold;
    private final TopicsCommand topics;
    private final SignalCommand signal;
    private final AuthenticateCommand authenticate;
    private final MoveCommand move;
    private final TellCommand tell;
    private final ActiveRoomsCommand activeRooms;
    private final SendCommand send;
    private final AckCommand ack;
    private final CursorsCommand cursors;
    private final Receipts receipts;
    private final NotReceivedCommand notReceived;
    private final MembersCommand members;
    private final OnlineCommand online;
    private final NameCommand name;
    private final PutRoomCommand putRoom;
    private final DeleteRoomCommand deleteRoom;
    private final RedactCommand redact;
    private final RoomsCommand rooms;

    /// Makes all commands over the ports of a node.
    public Commands(
            TopicLog log,
            Signals signals,
            People people,
            Authenticator authenticator,
            TopicPolicies policies,
            CommandLimits limits) {
        Memberships memberships = people.memberships();
        PresencePolicies presencePolicies = new PresencePolicies(policies, people.rooms());
        publish = new PublishCommand(log, policies);
        subscribe = new SubscribeCommand(memberships, presencePolicies, limits);
        unsubscribe = new UnsubscribeCommand(memberships);
        read = new ReadCommand(log);
        fold = new FoldCommand(read, log);
        topics = new TopicsCommand(log, memberships);
        signal = new SignalCommand(signals);
        authenticate = new AuthenticateCommand(authenticator);
        send = new SendCommand(publish, memberships, people.presence(), log.durability());
        ack = new AckCommand(people.acks());
        cursors = new CursorsCommand(log, memberships, people.receipts(), people.acks());
        receipts = people.receipts();
        notReceived = new NotReceivedCommand(people.receipts(), people.presence());
        move = new MoveCommand(people.notices(), presencePolicies);
        tell = new TellCommand(people.presence(), (caller, frame) -> Result.map(send.run(caller, frame), sent -> sent));
        activeRooms = new ActiveRoomsCommand(people.presence());
        members = new MembersCommand(people.presence(), presencePolicies);
        online = new OnlineCommand(people.presence());
        name = new NameCommand(people.names());
        putRoom = new PutRoomCommand(people.rooms(), policies);
        deleteRoom = new DeleteRoomCommand(people.rooms(), people.deletions());
        redact = new RedactCommand(log, people.rooms(), people.redactions());
        rooms = new RoomsCommand(people.rooms(), people.presence());
    }

    /// See [PublishCommand].
    public PublishCommand.Outcome publish(Caller caller, Append append) {
        return isBounded(caller) && !caller.quota().take(caller, append.payloadBytes())
                ? new PublishCommand.Outcome.Refused(Refusal.rateLimited(append.topic()))
                : publish.run(caller, append);
    }

    /// Whether a message may be published that is about an earlier one; see [AboutCheck]. To be asked
    /// first, and then [#publishChecked]. The stage completes on any thread.
    public CompletionStage<Result<Boolean>> checkAbout(Caller caller, TopicName topic, Draft draft) {
        return isBounded(caller) && !caller.quota().take(caller, draft.sizeBytes())
                ? usedUp(topic)
                : publish.checkAbout(caller, topic, draft);
    }

    /// As [#publish], of what [#checkAbout] allowed; the quota has counted it.
    public PublishCommand.Outcome publishChecked(Caller caller, Append append) {
        return publish.run(caller, append);
    }

    /// See [SubscribeCommand].
    public void subscribe(LiveCaller caller, ClientFrame.Subscribe frame, SubscribeCommand.Answer answer) {
        if (takes(caller, frame)) {
            subscribe.run(caller, frame, answer);
        } else {
            answer.onRefused(Refusal.rateLimited(frame.topic()));
        }
    }

    /// Does of a `subscribe` what is more than a matter of its connection, which has ended. Nobody is answered.
    public void subscribeAfterEnd(Caller caller, ClientFrame.Subscribe frame) {
        if (takes(caller, frame)) {
            subscribe.runAfterEnd(caller, frame);
        }
    }

    /// See [UnsubscribeCommand].
    public CompletionStage<Result<ServerFrame.Unsubscribed>> unsubscribe(
            LiveCaller caller, ClientFrame.Unsubscribe frame) {
        return takes(caller, frame) ? unsubscribe.run(caller, frame) : usedUp(frame.topic());
    }

    /// Does of an `unsubscribe` what is more than a matter of its connection, which has ended. Nobody is answered.
    public void unsubscribeAfterEnd(Caller caller, ClientFrame.Unsubscribe frame) {
        if (takes(caller, frame)) {
            unsubscribe.runAfterEnd(caller, frame);
        }
    }

    /// See [SignalCommand].
    public CompletionStage<Result<SignalCommand.Said>> signal(Caller caller, ClientFrame.Signal frame) {
        return takes(caller, frame) ? signal.run(caller, frame) : usedUp(frame.topic());
    }

    /// See [AuthenticateCommand].
    ///
    /// @param credentials what the frame shows
    public CompletionStage<Result<AuthenticateCommand.Outcome>> authenticate(
            Caller caller, ClientFrame.Authenticate frame, Credentials credentials) {
        return takes(caller, frame) ? authenticate.run(caller, credentials) : usedUp(null);
    }

    /// Does what a request asks for.
    public CompletionStage<Result<ServerFrame.Reply>> carryOut(Caller caller, ClientFrame.Request request) {
        if (!takes(caller, request)) {
            return usedUp(null);
        }
        return switch (request) {
            case ClientFrame.Send asked -> Result.map(send.run(caller, asked), sent -> sent);
            case ClientFrame.Ack asked -> Result.map(ack.run(caller, asked), done -> done);
            case ClientFrame.Name asked -> Result.map(name.run(caller, asked), named -> named);
            case ClientFrame.PutRoom asked -> Result.map(putRoom.run(caller, asked), room -> room);
            case ClientFrame.DeleteRoom asked -> Result.map(deleteRoom.run(caller, asked), done -> done);
            case ClientFrame.Redact asked -> Result.map(redact.run(caller, asked), done -> done);
            case ClientFrame.Move frame ->
                caller instanceof LiveCaller live
                        ? move.run(live, frame)
                        : Result.refused(new Refusal(ErrorCode.FORBIDDEN, "only a connection is in a room", null));
            case ClientFrame.Tell frame -> tell.run(caller, frame);
        };
    }

    /// Claims again the name that the caller's connection had, which somebody else may have now.
    public CompletionStage<Names.Outcome> claimNameAgain(Caller caller, String claimed, String connectionId) {
        return name.again(caller, claimed, connectionId);
    }

    /// The connection that has claimed the name has it no longer. Nobody is answered.
    public void giveBackName(String claimed, String connectionId) {
        name.giveBack(claimed, connectionId);
    }

    /// Asks what a query asks for.
    ///
    /// @param maxBytes about how long the answer may become
    public CompletionStage<Result<Query.Answer>> ask(Caller caller, Query query, int maxBytes) {
        if (!takes(caller, query)) {
            return usedUp(null);
        }
        return switch (query) {
            case Query.Read asked ->
                asked.fold()
                        ? Result.map(fold.run(caller, asked, maxBytes), page -> page)
                        : Result.map(read.run(caller, asked, maxBytes), page -> asked.answer(page, maxBytes));
            case Query.Topics asked -> Result.map(topics.run(caller, asked, maxBytes), list -> list);
            case Query.ActiveRooms asked -> Result.map(activeRooms.run(caller, asked, maxBytes), list -> list);
            case Query.Members asked -> Result.map(members.run(caller, asked, maxBytes), list -> list);
            case Query.Online asked -> Result.map(online.run(caller, asked), list -> list);
            case Query.Rooms asked -> Result.map(rooms.run(caller, asked, maxBytes), list -> list);
            case Query.Cursors asked -> Result.map(cursors.run(caller, asked, maxBytes), list -> list);
        };
    }

    /// See [ReadCommand].
    public CompletionStage<Result<Page>> read(Caller caller, Query.Read query, int maxBytes) {
        return takes(caller, query) ? read.run(caller, query, maxBytes) : usedUp(query.topic());
    }

    /// A page with what was said about its messages; see [FoldCommand].
    public CompletionStage<Result<Query.FoldedPage>> readFolded(Caller caller, Query.Read query, int maxBytes) {
        return takes(caller, query) ? fold.run(caller, query, maxBytes) : usedUp(query.topic());
    }

    /// The first kept offset of a topic whose message was committed at a time, epoch milliseconds, or later; else
    /// the next one.
    public CompletionStage<Result<Long>> find(Caller caller, TopicName topic, long time) {
        return isBounded(caller) && !caller.quota().take(caller, 0) ? usedUp(topic) : read.find(caller, topic, time);
    }

    /// See [TopicsCommand].
    public CompletionStage<Result<Query.TopicList>> topics(Caller caller, Query.Topics query, int maxBytes) {
        return takes(caller, query) ? topics.run(caller, query, maxBytes) : usedUp(null);
    }

    /// See [SendCommand].
    public CompletionStage<Result<ServerFrame.Sent>> send(Caller caller, ClientFrame.Send frame) {
        return takes(caller, frame) ? send.run(caller, frame) : usedUp(null);
    }

    /// How far a user has come; see [CursorsCommand].
    public CompletionStage<Result<Query.CursorList>> cursors(
            Caller caller, String user, Query.Cursors query, int maxBytes) {
        return takes(caller, query) ? cursors.runFor(caller, user, query, maxBytes) : usedUp(null);
    }

    /// How far a user has come in a chat, for the other one of the chat; 0 for nothing. No quota counts it.
    public CompletionStage<Progress> progress(String user, TopicName chat) {
        return receipts.find(user, chat);
    }

    /// Who has not received a message; see [NotReceivedCommand].
    ///
    /// @param query of whom, and how many; the members of the topic
    public CompletionStage<Result<Receipts.BehindPage>> notReceived(Caller caller, Query.Members query, long offset) {
        return takes(caller, query)
                ? notReceived.run(caller, query.topic(), offset, query.limit(), query.startAfter())
                : usedUp(query.topic());
    }

    /// See [MembersCommand].
    public CompletionStage<Result<Query.MemberList>> members(Caller caller, Query.Members query, int maxBytes) {
        return takes(caller, query) ? members.run(caller, query, maxBytes) : usedUp(query.topic());
    }

    /// See [PutRoomCommand].
    public CompletionStage<Result<ServerFrame.RoomPut>> putRoom(Caller caller, ClientFrame.PutRoom frame) {
        return takes(caller, frame) ? putRoom.run(caller, frame) : usedUp(frame.topic());
    }

    /// See [DeleteRoomCommand].
    public CompletionStage<Result<ServerFrame.RoomDeleted>> deleteRoom(Caller caller, ClientFrame.DeleteRoom frame) {
        return takes(caller, frame) ? deleteRoom.run(caller, frame) : usedUp(frame.topic());
    }

    /// See [RedactCommand].
    public CompletionStage<Result<ServerFrame.TakenBack>> redact(Caller caller, ClientFrame.Redact frame) {
        return takes(caller, frame) ? redact.run(caller, frame) : usedUp(frame.topic());
    }

    /// See [RoomsCommand].
    public CompletionStage<Result<Query.RoomList>> rooms(Caller caller, Query.Rooms query, int maxBytes) {
        return takes(caller, query) ? rooms.run(caller, query, maxBytes) : usedUp(null);
    }

    // ---- quotas

    /// Whether a frame that no command answers is within what its caller may ask for. A ping always is: by it clients
    /// judge whether their connection lives.
    public boolean permits(Caller caller, ClientFrame.Aside aside) {
        return aside instanceof ClientFrame.Ping || takes(caller, aside);
    }

    private static <T> CompletionStage<Result<T>> usedUp(@Nullable TopicName topic) {
        return Result.refused(Refusal.rateLimited(topic));
    }

    private static boolean takes(Caller caller, ClientFrame frame) {
        // Who goes because the room ends has not asked for it.
        boolean isAskedFor = !(frame instanceof ClientFrame.Move move) || move.onlyFrom() == null;
        return !isBounded(caller) || !isAskedFor || caller.quota().take(caller, frame.payloadBytes());
    }

    /// Most callers are not, and need not be asked about.
    @SuppressWarnings("ReferenceEquality") // It is one object.
    private static boolean isBounded(Caller caller) {
        return caller.quota() != Quota.UNLIMITED;
    }
}
