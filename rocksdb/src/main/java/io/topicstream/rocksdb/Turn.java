package io.topicstream.rocksdb;

import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/// What one turn of the writer makes: a group, its rows, and questions for the readers; and the life that it is for.
///
/// The parts of the writer are handed it and do not know the writer. There is one, used again for each turn: a turn
/// makes no object for itself.
///
/// Owned by the writer. Only answers come from elsewhere, through a queue.
final class Turn {
    static final int MAX_MESSAGES = 1024;
    static final int MAX_BYTES = 1 << 20;

    private final SubmitQueue queue;
    private final Ring<Group> spare;
    private final LogSync sync;
    private final Lives lives;
    private final Executor lookups;
    private final Wake wake;
    private final InstantSource clock;
    private final List<Question> questions = new ArrayList<>();
    private final Queue<Found> found = new ConcurrentLinkedQueue<>();
    private int asked;
    private long lastGroup;

    final InHand inHand = new InHand();
    Life life;
    CommitBatch rows;
    Group group;
    long nowMs;

    Turn(
            SubmitQueue queue,
            Ring<Group> spare,
            LogSync sync,
            Lives lives,
            Executor lookups,
            Wake wake,
            InstantSource clock) {
        this.queue = queue;
        this.spare = spare;
        this.sync = sync;
        this.lives = lives;
        this.lookups = lookups;
        this.wake = wake;
        this.clock = clock;
        this.life = lives.current();
        this.rows = new CommitBatch(life.store.handles());
        this.group = new Group(queue);
    }

    /// Goes over to the next life, in which nothing was asked yet.
    void begin(Life next) {
        life = next;
        sync.life = next;
        questions.clear();
        found.clear();
        asked = 0;
    }

    // ---- the group

    /// Begins a group.
    void start() {
        group.number = lastGroup + 1;
        group.refusal = null;
        group.outage = null;
        readClock();
    }

    /// Reads what time it is. Again where something was taken from the queue that may not have been there before: it
    /// must
    /// not be dated before it was asked for, however long this thread stood still in between.
    void readClock() {
        nowMs = clock.millis();
    }

    /// Whether the group may grow.
    boolean hasRoom() {
        return group.messages < MAX_MESSAGES && group.heldBytes < MAX_BYTES;
    }

    /// Takes the group out, to be handed over, and puts an empty one in its place.
    ///
    /// @return null where there is nothing in it
    @Nullable
    Group take() {
        Group full = group;
        if (full.isEmpty() && !full.written) {
            return null;
        }
        lastGroup = full.number;
        Group next = spare.poll();
        group = next == null ? new Group(queue) : next;
        return full;
    }

    /// Whether everybody was told of the group with this number.
    boolean isTold(long number) {
        return number <= sync.completedGroup;
    }

    /// Whether everybody was told of all groups that were handed over.
    boolean isAllTold() {
        return lastGroup == sync.completedGroup;
    }

    // ---- commands that are not done

    /// Lets a command be that nobody waits for.
    void drop(Command command) {
        queue.release(queue.bytesOf(command));
    }

    /// Refuses a command now, whatever becomes of the group.
    void refuse(Command command, String reason) {
        lookups.execute(() -> command.refuse(reason));
        drop(command);
    }

    /// Puts a command into a group that is refused as a whole.
    void refuseWithGroup(Command command) {
        switch (command) {
            case Command.Unfollow _, Command.Signal _ -> drop(command);
            case Command.Follow _,
                    Command.Trim _,
                    Command.Redact _,
                    Command.DropBatches _,
                    Command.Retain _,
                    Command.LookedAtAll _,
                    Command.OfRecord _,
                    Command.Barrier<?> _,
                    Command.Checkpoint _,
                    Command.Then _ -> group.command(command);
        }
    }

    // ---- questions

    /// Asks a reader, as soon as the group is written.
    void ask(Question question) {
        asked++;
        questions.add(question);
    }

    /// Sends the questions to the readers, now that all that they may ask about is written.
    void submitQuestions() {
        for (int i = 0; i < questions.size(); i++) {
            Question question = questions.get(i);
            lives.execute(lookups, life, () -> answer(question));
        }
        questions.clear();
    }

    /// Runs on a reader.
    private void answer(Question question) {
        found.add(question.answer());
        wake.signal();
    }

    /// The next answer; null where there is none. What was asked in another life is not answered any more.
    @Nullable
    Found nextAnswer() {
        Found answer = found.poll();
        while (answer != null && answer.life() != life) {
            answer = found.poll();
        }
        if (answer != null) {
            asked--;
        }
        return answer;
    }

    /// Puts an answer back, of which not all could be made use of in this turn.
    void putBack(Found answer) {
        asked++;
        found.add(answer);
    }

    boolean hasAnswers() {
        return !found.isEmpty();
    }

    /// Whether an answer is there, or still to come.
    boolean hasAsked() {
        return asked != 0;
    }
}
