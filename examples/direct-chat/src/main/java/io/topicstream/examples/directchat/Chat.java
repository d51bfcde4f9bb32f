package io.topicstream.examples.directchat;

import io.topicstream.examples.backend.Callbacks;
import io.topicstream.examples.backend.Journal;
import io.topicstream.examples.backend.RecordsException;
import io.topicstream.examples.backend.Reply;
import io.topicstream.json.JsonWriter;
import java.util.List;

/// What the chat does for each of its five requests. Thread-safe; waits for the register and the gateway.
final class Chat {
    private final Register register;
    private final Callbacks callbacks;

    Chat(Register register, Callbacks callbacks) {
        this.register = register;
        this.callbacks = callbacks;
    }

    /// Somebody has connected. A register that fails does not turn him away: he can be heard, but not be found.
    Reply connect(Request request) {
        if (!Register.isKey(request.connectionId())) {
            return Reply.refused("could not initiate connection. 'connectionId' required");
        }
        try {
            register.connect(request.connectionId());
        } catch (RecordsException e) {
            Journal.warn(String.valueOf(e.getMessage()));
            return Reply.ok("could not initiate connection");
        }
        return Reply.ok("connected user with connection id: " + request.connectionId());
    }

    /// Somebody has left. His name was once to be in the answer, and is missing there.
    Reply disconnect(Request request) {
        try {
            if (Register.isKey(request.connectionId())) {
                register.disconnect(request.connectionId());
            }
        } catch (RecordsException e) {
            return failed("could not disconnect", e);
        }
        return Reply.ok("disconnected user: ");
    }

    /// Somebody takes a name.
    Reply username(Request request) {
        if (request.connectionId().isEmpty() || request.username().isEmpty()) {
            return Reply.refused("could not set username. 'connectionId' and 'username' required");
        }
        try {
            if (!Register.isKey(request.connectionId())
                    || !Register.isKey(request.username())
                    || !register.claim(request.connectionId(), request.username())) {
                return Reply.refused("could not set username");
            }
        } catch (RecordsException e) {
            return failed("could not set username", e);
        }
        return Reply.ok(
                "assigned username: " + request.username() + " to connection id: " + request.connectionId() + "\n");
    }

    /// Somebody asks who is there. The list is posted to his connection, as a message from a sender without a name.
    Reply online(Request request) {
        try {
            if (!Register.isKey(request.connectionId()) || register.usernameOf(request.connectionId()) == null) {
                return Reply.refused("could not obtain username");
            }
        } catch (RecordsException e) {
            return failed("could not obtain username", e);
        }
        String others;
        try {
            others = json(register.all().stream()
                    .filter(entry -> !entry.connectionId().equals(request.connectionId()))
                    .toList());
        } catch (RecordsException e) {
            return failed("could not find users", e);
        }
        return callbacks.post(request.url(), request.connectionId(), ": " + others) == Callbacks.Outcome.SENT
                ? Reply.ok(others)
                : Reply.refused("could not push message via WebSocket");
    }

    private static String json(List<Register.Entry> entries) {
        JsonWriter json = new JsonWriter().raw('[');
        for (Register.Entry entry : entries) {
            json.raw(JsonWriter.ascii(json.length() == 1 ? "{\"connectionId\":" : ",{\"connectionId\":"))
                    .string(entry.connectionId())
                    .raw(JsonWriter.ascii(",\"username\":"))
                    .string(entry.username())
                    .raw('}');
        }
        return json.raw(']').toString();
    }

    /// Somebody writes to somebody. The target is looked for first, then the name of who wrote.
    Reply message(Request request) {
        if (request.connectionId().isEmpty()
                || request.username().isEmpty()
                || request.url().isEmpty()) {
            return Reply.refused("could not initiate connection. 'connectionId', 'username', and 'url' required");
        }
        String target;
        try {
            target = Register.isKey(request.username()) ? register.connectionOf(request.username()) : null;
        } catch (RecordsException e) {
            return failed("could not get target connectionId", e);
        }
        if (target == null) {
            return Reply.refused("could not get target connectionId");
        }
        String sender;
        try {
            sender = Register.isKey(request.connectionId()) ? register.usernameOf(request.connectionId()) : null;
        } catch (RecordsException e) {
            return failed("could not get source username", e);
        }
        if (sender == null) {
            return Reply.refused("could not get source username");
        }
        return switch (callbacks.post(request.url(), target, sender + ": " + request.message())) {
            case SENT -> Reply.ok("sent message: " + request.message() + "\nto: " + request.username());
            case GONE -> {
                forget(target);
                yield Reply.refused("could not send message");
            }
            case TRY_AGAIN, REFUSED -> Reply.refused("could not send message");
        };
    }

    /// Frees the name of a connection that is gone though nobody said so: the gateway tells of an end once, and the
    /// back end may have been down then.
    private void forget(String connectionId) {
        try {
            register.disconnect(connectionId);
        } catch (RecordsException e) {
            Journal.warn(String.valueOf(e.getMessage()));
        }
    }

    private static Reply failed(String text, RecordsException e) {
        Journal.warn(String.valueOf(e.getMessage()));
        return Reply.refused(text);
    }
}
