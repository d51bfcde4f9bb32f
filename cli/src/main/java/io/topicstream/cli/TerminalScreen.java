package io.topicstream.cli;

import java.io.IOException;
import java.util.Objects;
import org.jline.reader.EndOfFileException;
import org.jline.reader.LineReader;
import org.jline.reader.UserInterruptException;
import org.jline.reader.impl.DefaultParser;
import org.jline.reader.impl.LineReaderImpl;
import org.jline.terminal.Terminal;
import org.jline.terminal.TerminalBuilder;
import org.jline.utils.AttributedStringBuilder;
import org.jline.utils.AttributedStyle;
import org.jspecify.annotations.Nullable;

/// A chat at a terminal: what is typed stays at the bottom, and what comes is shown above it.
final class TerminalScreen implements Screen {
    private static final int[] COLOURS_OF_USERS = {
        AttributedStyle.CYAN,
        AttributedStyle.GREEN,
        AttributedStyle.YELLOW,
        AttributedStyle.BLUE,
        AttributedStyle.MAGENTA
    };

    private final Terminal terminal;
    private final Typing typing;
    private final boolean hasColours;
    private boolean isRaw;
    private volatile boolean isClosed;

    private TerminalScreen(Terminal terminal, Typing typing, boolean hasColours) {
        this.terminal = terminal;
        this.typing = typing;
        this.hasColours = hasColours;
    }

    /// Takes over the terminal of this process.
    static TerminalScreen open(Surroundings surroundings, Acquaintances acquaintances) {
        try {
            // Else JLine makes two interrupts of one Ctrl-C: the character, and a signal at any time around it.
            System.setProperty(TerminalBuilder.PROP_SOFTWARE_SIGNALS, "false");
            // Without the library that others unpack into the folder for temporary files.
            Terminal terminal = TerminalBuilder.builder()
                    .name("topicstream")
                    .system(true)
                    .jni(false)
                    .graphemeCluster(false)
                    .build();
            Typing typing = new Typing(terminal);
            DefaultParser words = new DefaultParser();
            words.setQuoteChars(new char[0]);
            words.setEscapeChars(new char[0]);
            typing.setParser(words);
            typing.setCompleter(new ChatCompleter(acquaintances));
            typing.setOpt(LineReader.Option.DISABLE_EVENT_EXPANSION);
            typing.setVariable(LineReader.SECONDARY_PROMPT_PATTERN, "");
            boolean hasColours = surroundings.variable("NO_COLOR", "").isEmpty()
                    && !terminal.getType().startsWith(Terminal.TYPE_DUMB);
            return new TerminalScreen(terminal, typing, hasColours);
        } catch (IOException e) {
            throw new CommandFailure(ExitCodes.DATA, "the terminal cannot be used: " + e.getMessage());
        }
    }

    @Override
    public boolean isTerminal() {
        return true;
    }

    @Override
    public void show(ChatLine line) {
        if (isClosed) {
            return;
        }
        if (!hasColours) {
            typing.printAbove(line.plain());
            return;
        }
        AttributedStringBuilder text = new AttributedStringBuilder();
        AttributedStyle plain = AttributedStyle.DEFAULT;
        String who = line.who();
        switch (line.kind()) {
            case NOTICE -> text.styled(plain.faint(), line.plain());
            case TROUBLE -> text.styled(plain.foreground(AttributedStyle.RED), line.plain());
            case SAID, OWN, PRIVATE -> {
                boolean isPrivate = line.kind() == ChatLine.Kind.PRIVATE;
                text.styled(isPrivate ? plain.foreground(AttributedStyle.MAGENTA) : plain.faint(), line.where() + " ");
                if (who != null) {
                    text.styled(
                            line.kind() == ChatLine.Kind.OWN
                                    ? plain.bold()
                                    : plain.foreground(colourOf(who)).bold(),
                            who);
                    text.append(": ");
                }
                text.append(line.text());
            }
        }
        typing.printAbove(text.toAttributedString());
    }

    private static int colourOf(String who) {
        return COLOURS_OF_USERS[Math.floorMod(who.hashCode(), COLOURS_OF_USERS.length)];
    }

    @Override
    public void standing(String text) {
        typing.standing(text + "> ");
    }

    @Override
    public @Nullable String read() {
        if (!isRaw) {
            // Between two lines too Ctrl-C is a character: as a signal it ended the process, or took away what was
            // typed behind it.
            isRaw = true;
            terminal.enterRawMode();
        }
        // What was typed comes back as what was said, and is not shown twice.
        typing.setOpt(LineReader.Option.ERASE_LINE_ON_FINISH);
        while (true) {
            try {
                return typing.readLine();
            } catch (UserInterruptException e) {
                // Ctrl-C takes back what was typed, or ends the chat where that is nothing. A reader that was
                // interrupted otherwise ends too.
                if (!typing.isTakenBack()
                        || Objects.requireNonNullElse(e.getPartialLine(), "").isEmpty()) {
                    return null;
                }
            } catch (EndOfFileException e) {
                return null;
            }
        }
    }

    @Override
    public String ask(String question, String byDefault) {
        typing.standing(question + " [" + byDefault + "]: ");
        try {
            String answer = typing.readLine().strip();
            return answer.isEmpty() ? byDefault : answer;
        } catch (UserInterruptException | EndOfFileException e) {
            throw new CommandFailure(ExitCodes.OK, "");
        } finally {
            typing.standing("> ");
        }
    }

    @Override
    public void close() {
        isClosed = true;
        try {
            terminal.close();
        } catch (IOException e) {
            throw new CommandFailure(ExitCodes.DATA, "the terminal cannot be left in order: " + e.getMessage());
        }
    }

    /// The line that is being typed, with something in front of it that may change meanwhile.
    private static final class Typing extends LineReaderImpl {
        private volatile String inFront = "";
        private boolean isTakenBack;

        Typing(Terminal terminal) throws IOException {
            super(terminal, "topicstream");
        }

        /// Any thread.
        void standing(String text) {
            lock.lock();
            try {
                inFront = text;
                if (reading) {
                    setPrompt(text);
                    redisplay();
                }
            } finally {
                lock.unlock();
            }
        }

        /// Whether Ctrl-C ended the last line. The thread that reads.
        boolean isTakenBack() {
            return isTakenBack;
        }

        @Override
        public String readLine() {
            isTakenBack = false;
            return super.readLine();
        }

        @Override
        protected boolean interrupt() {
            isTakenBack = true;
            return super.interrupt();
        }

        /// Each line begins with what is to stand in front of it by then.
        @Override
        public void setPrompt(String ignored) {
            // A percent sign begins a pattern there.
            super.setPrompt(inFront.replace("%", "%%"));
        }
    }
}
