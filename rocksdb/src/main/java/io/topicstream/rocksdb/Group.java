package io.topicstream.rocksdb;

import io.topicstream.log.Append;
import io.topicstream.log.AppendResult;
import io.topicstream.log.Batch;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What one turn of the writer hands to [LogSync]: the answers it owes, and what happened to which topic.
///
/// Used again for another turn. Owned by the writer until it is handed over, then by the round of [LogSync] that takes
/// it.
final class Group {
    private final SubmitQueue queue;

    /// From 1, rising by one, over all lives.
    long number;

    /// Whether anything was written, so that it must be synced before it is told.
    boolean written;

    /// Why nothing of it is done; null where all went well.
    @Nullable
    String refusal;

    /// Why the store takes no writes now, so that its commands are refused and all else of it is told; null where
    /// it takes them.
    @Nullable
    String outage;

    /// Whether all followers are to be told that their feed is lost, because the life ends.
    boolean endsLife;

    /// The sequence number of its last change.
    long sequence;

    /// Bytes of its appends and commands, given back to the queue when they are answered.
    long heldBytes;

    int messages;

    final List<Append> answered = new ArrayList<>();
    final List<AppendResult> results = new ArrayList<>();

    /// What happened, in order and in parallel lists, so that a batch takes no object here: the topic, its next
    /// offset where that moved (else 0), the batch that its followers hear (null where nobody listens), and else
    /// what happened to it.
    final List<TopicEntry> entries = new ArrayList<>();

    long[] nexts = new long[16];
    final List<@Nullable Batch> batches = new ArrayList<>();
    final List<@Nullable Event> events = new ArrayList<>();

    /// Who is told that it is done, after everything else.
    final List<Command> commands = new ArrayList<>();

    /// @param queue in which its appends and commands hold bytes
    Group(SubmitQueue queue) {
        this.queue = queue;
    }

    void answer(Append append, AppendResult result) {
        answered.add(append);
        results.add(result);
        heldBytes += queue.bytesOf(append);
    }

    /// Adds a command that is told whether it was done.
    void command(Command command) {
        commands.add(command);
        holds(command);
    }

    /// Adds what is run when the group is done. It holds no bytes.
    void afterwards(Command.Then then) {
        commands.add(then);
    }

    /// Gives back the bytes of a command that [#happened].
    void holds(Command command) {
        heldBytes += queue.bytesOf(command);
    }

    /// Whether this append was the last one to be answered.
    @SuppressWarnings("ReferenceEquality") // an append is no other one
    boolean endsWith(Append append) {
        return !answered.isEmpty() && answered.getLast() == append;
    }

    /// Whether this command was the last one to be added.
    @SuppressWarnings("ReferenceEquality") // a command is no other one
    boolean endsWith(Command command) {
        return !commands.isEmpty() && commands.getLast() == command;
    }

    /// Messages were written.
    ///
    /// @param next the offset after the last of them
    /// @param batch the messages; null where nobody listens
    void committed(TopicEntry entry, long next, @Nullable Batch batch) {
        happened(entry, next, batch, null);
    }

    /// Something else happened to the topic.
    void happened(TopicEntry entry, Event event) {
        happened(entry, 0, null, event);
    }

    private void happened(TopicEntry entry, long next, @Nullable Batch batch, @Nullable Event event) {
        int place = entries.size();
        if (place == nexts.length) {
            nexts = Arrays.copyOf(nexts, 2 * place);
        }
        nexts[place] = next;
        entries.add(entry);
        batches.add(batch);
        events.add(event);
        entry.lastGroup = number;
    }

    boolean isEmpty() {
        return answered.isEmpty() && entries.isEmpty() && commands.isEmpty() && !endsLife;
    }

    void clear() {
        number = 0;
        written = false;
        refusal = null;
        outage = null;
        endsLife = false;
        sequence = 0;
        heldBytes = 0;
        messages = 0;
        answered.clear();
        results.clear();
        entries.clear();
        batches.clear();
        events.clear();
        commands.clear();
    }
}
