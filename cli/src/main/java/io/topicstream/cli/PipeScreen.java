package io.topicstream.cli;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// A chat without a terminal: each line of the input is one that was typed, each line of the output one that is
/// shown.
final class PipeScreen implements Screen {
    private final Surroundings surroundings;
    private final Consumer<CommandFailure> onUnheard;
    private final BufferedReader in;

    /// @param onUnheard told when the output takes no more
    PipeScreen(Surroundings surroundings, Consumer<CommandFailure> onUnheard) {
        this.surroundings = surroundings;
        this.onUnheard = onUnheard;
        this.in = new BufferedReader(new InputStreamReader(
                surroundings.in(),
                StandardCharsets.UTF_8
                        .newDecoder()
                        .onMalformedInput(CodingErrorAction.REPORT)
                        .onUnmappableCharacter(CodingErrorAction.REPORT)));
    }

    @Override
    public boolean isTerminal() {
        return false;
    }

    @Override
    public void show(ChatLine line) {
        if (line.kind() == ChatLine.Kind.TROUBLE) {
            Main.tell(surroundings, line.text());
            return;
        }
        try {
            synchronized (surroundings) {
                surroundings.out().println(line.plain());
            }
        } catch (CommandFailure failure) {
            onUnheard.accept(failure);
        }
    }

    @Override
    public void standing(String text) {
        // Nobody types here.
    }

    @Override
    public @Nullable String read() {
        try {
            return in.readLine();
        } catch (CharacterCodingException e) {
            throw new CommandFailure(ExitCodes.USAGE, "the standard input is not UTF-8");
        } catch (IOException e) {
            throw new CommandFailure(ExitCodes.USAGE, "the standard input cannot be read: " + e.getMessage());
        }
    }

    @Override
    public String ask(String question, String byDefault) {
        return byDefault;
    }

    @Override
    public void close() {
        // The streams are the process's own.
    }
}
