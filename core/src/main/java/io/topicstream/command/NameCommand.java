package io.topicstream.command;

import io.topicstream.people.Names;
import io.topicstream.protocol.ClientFrame;
import io.topicstream.protocol.ErrorCode;
import io.topicstream.protocol.ServerFrame;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletionStage;

/// Claims a display name for the caller's connection. Thread-safe.
final class NameCommand {
    private final Names names;

    NameCommand(Names names) {
        this.names = names;
    }

    /// The name, which is the connection's until it is given back, or why not.
    CompletionStage<Result<ServerFrame.Named>> run(Caller caller, ClientFrame.Name frame) {
        String connectionId = caller.connectionId();
        if (connectionId == null) {
            return Result.refused(new Refusal(ErrorCode.BAD_FRAME, "a name is claimed on a connection", null));
        }
        String compared = Names.compared(frame.name());
        if (compared.getBytes(StandardCharsets.UTF_8).length > Names.MAX_COMPARED_BYTES) {
            // There are letters that stand for whole sentences.
            return Result.refused(new Refusal(
                    ErrorCode.BAD_FRAME,
                    "a name has at most " + Names.MAX_COMPARED_BYTES + " bytes, its letters written out",
                    null));
        }
        if (compared.isEmpty()) {
            return Result.refused(new Refusal(ErrorCode.BAD_FRAME, "a name has a character that is seen", null));
        }
        return Result.then(
                Result.of(names.claim(frame.name(), caller.identity().user(), connectionId), null),
                outcome -> switch (outcome) {
                    case CLAIMED -> new Result.Success<>(new ServerFrame.Named(frame.id(), frame.name()));
                    case TAKEN -> refused(ErrorCode.CONFLICT, "somebody who is online has this name");
                    case TOO_OFTEN ->
                        refused(
                                ErrorCode.LIMIT_EXCEEDED,
                                "a name is claimed on at most " + Names.MAX_CONNECTIONS + " connections of a user");
                    case CONTENDED -> refused(ErrorCode.OVERLOADED, "too many want this name at once; come again");
                });
    }

    /// Claims for the caller's connection the name that it had. Answered as [Names#claim] is.
    CompletionStage<Names.Outcome> again(Caller caller, String name, String connectionId) {
        return names.claim(name, caller.identity().user(), connectionId);
    }

    /// The connection has the name no longer.
    void giveBack(String name, String connectionId) {
        var _ = names.free(name, connectionId);
    }

    private static Result<ServerFrame.Named> refused(ErrorCode code, String reason) {
        return new Result.Refused<>(new Refusal(code, reason, null));
    }
}
